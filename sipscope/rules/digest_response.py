"""What the response parameter of Digest credentials has to be, given the password (RFC 3261 §22.4)."""

from sipscope.model.header_values import Parameters

ALGORITHMS = {"": "md5", "MD5": "md5", "SHA-256": "sha256"}
"""Hash functions by the algorithm parameter. The session variants hash a nonce that may be from before the capture."""


def response_due(parameters: Parameters, method: str, body: bytes, password: str) -> str | None:
    """The response in hexadecimal digits; None where a parameter is missing, or the way isn't known.

    Args:
        parameters: Of the credentials: username, realm, nonce, uri, qop, nc, cnonce, algorithm.
        method: Method of the request.
        body: Its body, for `qop=auth-int`.
        password: Of the user in the realm.
    """
    function = ALGORITHMS.get((parameters.get("algorithm") or "").upper())
    values = [parameters.get(name) for name in ("username", "realm", "nonce", "uri")]
    if function is None or not all(values) or parameters.get("userhash") == "true":
        return None
    import hashlib

    username, realm, nonce, uri = values

    def digest(*parts: str | None) -> str:
        return hashlib.new(function, ":".join(map(str, parts)).encode(), usedforsecurity=False).hexdigest()

    account = digest(username, realm, password)
    qop = (parameters.get("qop") or "").lower()
    if not qop:
        return digest(account, nonce, digest(method, uri))
    counted = (parameters.get("nc"), parameters.get("cnonce"))
    if not all(counted) or qop not in {"auth", "auth-int"}:
        return None
    content = [hashlib.new(function, body, usedforsecurity=False).hexdigest()] if qop == "auth-int" else []
    return digest(account, nonce, *counted, parameters.get("qop"), digest(method, uri, *content))
