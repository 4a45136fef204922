"""Credentials aren't what the password that was given makes of them.

What it finds
    Only where passwords are given with `--credentials`: Digest credentials of such a user and realm whose response
    differs from the one that the password makes, by MD5 or SHA-256, with qop auth, auth-int or none. The password is
    never shown. The session variants of the algorithms, user names that are hashed, and messages that are cut aren't
    checked; nor are ACK and CANCEL, which repeat the credentials of their INVITE.
Why it matters
    It tells a wrong password from a server that rejects a right one: with a response that is wrong, the client has
    another password, or hashes another user, realm or method; without this finding, look at the server.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS uri=sip:z
          Authorization: Digest username="a",realm="z",nonce="n",uri="sip:z",response="a7b4a8928a9e488f1c1956aa627dbd52"
        0.1   reg -> alice  200
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  OPTIONS uri=sip:z
          Authorization: Digest username="a",realm="z",nonce="n",uri="sip:z",response="5f16e8a5faf38e601ab82f76bc6279dc"
        0.1   reg -> alice  200
What to check
    - Is the password that was given the one of this user in this realm?
    - Does the client have an old password, or another one for its authentication user?
    - Does it hash the method that it sends, and the uri that it writes into the credentials?
Sources
    RFC 3261 §22.4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.header_values import AuthenticationValue
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.digest import SPELT, is_digest, realm_of
from sipscope.rules.digest_response import response_due
from sipscope.rules.exchanges import is_cut

_REPEATING = frozenset({"ACK", "CANCEL"})
"""Requests with the credentials of their INVITE (RFC 3261 §22.1)."""


@rule(
    "AUTH-013",
    name="digest-recomputed-wrong",
    severity=INFO,
    since="0.1",
    subject=Transaction,
    needs=("request", ("authorization", "proxy-authorization")),
)
def digest_recomputed_wrong(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """The response of credentials follows from the password (RFC 3261 §22.4)."""
    if not trace.passwords:
        return
    request = transaction.request
    if request is None or transaction.method in _REPEATING or not request.credentials or is_cut(request):
        return
    for value in request.credentials:
        user = value.parameters.get("username") or ""
        password = trace.passwords.of(realm_of(value), user)
        if password is not None and is_digest(value) and _is_wrong(value, request, password):
            yield _hit(transaction, request, value, user)


def _is_wrong(value: AuthenticationValue, request: Request, password: str) -> bool:
    """Whether it differs. What isn't of the right length is told by AUTH-009; a proxy may change a body on the way."""
    given = (value.parameters.get("response") or "").lower()
    if (value.parameters.get("qop") or "").lower() == "auth-int" and len(request.vias) != 1:
        return False
    due = response_due(value.parameters, request.method, request.body, password)
    return due is not None and len(given) == len(due) and given != due


def _hit(transaction: Transaction, request: Request, value: AuthenticationValue, user: str) -> Hit:
    answer = "" if transaction.final is None else f"; it was answered {transaction.final.label}"
    algorithm, qop = value.parameters.get("algorithm") or "MD5", value.parameters.get("qop") or "none"
    evidence = [
        Evidence(
            frame=request.frames[-1], note=f"{SPELT[value.header]} of {user}, algorithm {algorithm}, qop {qop}: differs"
        )
    ]
    if transaction.final is not None:
        evidence.append(Evidence(frame=transaction.final.frames[-1], note=transaction.final.label))
    return Hit(
        text=(
            f"The {SPELT[value.header]} of {user} in the {request.method} from {request.hop.source} isn't what the "
            f"given password makes of it{answer}."
        ),
        evidence=tuple(evidence),
        at=request.at,
        identity=(transaction.key.client, value.header, realm_of(value), user),
    )
