"""What the rules about requests that are sent again share: whether a copy is a retransmission or another request."""

from sipscope.model.message import Request
from sipscope.model.transaction import Transaction


def altered(request: Request, copy: Request) -> tuple[str, ...]:
    """Header fields in which a request isn't the one with the same branch before it; a retransmission has none.

    Fields that an element may write anew, such as Date or Timestamp, prove nothing and are left out.
    """
    if request.payload == copy.payload:
        return ()
    pairs: dict[str, tuple[object, object]] = {
        "CSeq": (request.cseq, copy.cseq),
        "Request-URI": (request.request_uri_text, copy.request_uri_text),
        "Require": (request.require, copy.require),
        "Proxy-Require": (request.proxy_require, copy.proxy_require),
        "credentials": (_credentials(request), _credentials(copy)),
        "Expires": (request.expires, copy.expires),
        "Session-Expires": (_value(request), _value(copy)),
        "body": (request.body, copy.body),
    }
    return tuple(name for name, (one, other) in pairs.items() if one != other)


def _credentials(request: Request) -> tuple[str | None, ...]:
    return tuple(item.parameters.get("nonce") for item in request.credentials)


def _value(request: Request) -> str | None:
    return None if request.session_expires is None else request.session_expires.value


def altered_retry(transaction: Transaction) -> tuple[Request, tuple[str, ...]] | None:
    """The first request behind a refusal that reuses its branch and is another one, with what differs."""
    request, final = transaction.request, transaction.final
    if request is None or final is None or final.status < 300:
        return None
    for copy in transaction.request_copies:
        if copy.at > final.at and copy.hop == request.hop and (fields := altered(request, copy)):
            return copy, fields
    return None
