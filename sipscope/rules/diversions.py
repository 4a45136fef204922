"""Who diverted a call, as Diversion (RFC 5806) and History-Info (RFC 7044) name it."""

from sipscope.model.header_values import Address, Uri
from sipscope.model.message import Request

_UNKNOWN = frozenset({"anonymous", "unavailable", "unknown", "restricted", "private"})
_PUNCTUATION = str.maketrans("", "", "+-.() ")
_SHORTEST = 3
"""Digits of an extension that the end of a number is taken for."""


def named(entry: Address) -> bool:
    """Whether an entry tells who it is: neither private nor anonymous (RFC 5806 §4, RFC 7044 §10.1)."""
    uri = entry.uri
    hidden = (entry.parameters.get("privacy") or "off").lower() != "off"
    hidden = hidden or any(name.lower() == "privacy" and value.lower() != "none" for name, value in uri.headers)
    return not hidden and bool(uri.user) and (uri.user or "").lower() not in _UNKNOWN and "anonymous" not in uri.host


def same_uri(one: Uri, other: Uri) -> bool:
    """Whether two URIs name the same user at the same host and port."""
    return (one.user, one.host, one.port) == (other.user, other.host, other.port) and one.user is not None


def may_be_one_user(one: Uri, other: Uri) -> bool:
    """Whether two URIs may name one user: a number beside a name, or an extension beside its whole number."""
    first, second = _number(one), _number(other)
    if first.isdigit() != second.isdigit():
        return True
    if not first.isdigit():
        return first == second
    shortest = min(len(first), len(second))
    # A national number has a zero in front where the international one has a country code.
    first, second = first.lstrip("0") or first, second.lstrip("0") or second
    return shortest < _SHORTEST or first.endswith(second) or second.endswith(first)


def _number(uri: Uri) -> str:
    """The user without the parameters and the punctuation of a telephone number."""
    return (uri.user or "").partition(";")[0].translate(_PUNCTUATION).lower()


def last_in_history(request: Request) -> Address | None:
    """The last who diverted by History-Info; None where it isn't told (RFC 7044 §5, §10.3).

    The last entry must be the Request-URI of the request. From it the way goes back, by `rc`, `np` or one level up,
    to the entry that another user's was mapped from.
    """
    entries = {item.parameters.get("index") or "": item for item in request.history_info}
    target = request.request_uri
    if target is None or not request.history_info or "" in entries:
        return None
    current = request.history_info[-1]
    if (current.uri.user, current.uri.host) != (target.user, target.host):
        return None
    for _ in entries:
        mapped = current.parameters.get("mp")
        if mapped is not None:
            return entries.get(mapped)
        index = current.parameters.get("index") or ""
        back = current.parameters.get("rc") or current.parameters.get("np") or index.rpartition(".")[0]
        if back not in entries:
            return None
        current = entries[back]
    return None
