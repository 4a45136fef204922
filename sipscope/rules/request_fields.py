"""What a CANCEL or an ACK must have in common with the request it names (RFC 3261 §9.1, §13.2.2.4, §17.1.1.3)."""

from collections.abc import Sequence

from sipscope.model.header_values import Address, Uri
from sipscope.model.message import Request
from sipscope.values import dataclass

MAGIC_COOKIE = "z9hG4bK"
"""How a branch begins that is a transaction id; others are of peers of RFC 2543 (RFC 3261 §8.1.1.7)."""

DEFAULT_PORTS = {"sip": 5060, "sips": 5061}
"""Ports of URIs without one (RFC 3261 §19.1.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One field that differs.

    Attributes:
        field: Its name, as a person says it.
        expected: Value that was due.
        observed: Value that came.
    """

    field: str
    expected: str
    observed: str

    def __str__(self) -> str:
        """`CSeq is 3 CANCEL, due is 2 CANCEL`."""
        return f"{self.field} is {self.observed or 'absent'}, due is {self.expected or 'none'}"


def same_target(one: Uri | None, other: Uri | None) -> bool:
    """Whether two URIs lead to the same user, host and port; parameters are left out, and so are unreadable URIs."""
    if one is None or other is None or one.text == other.text:
        return True
    return one.text == other.text or _target(one) == _target(other)


def _target(uri: Uri) -> tuple[object, ...]:
    port = DEFAULT_PORTS.get(uri.scheme) if uri.port is None else uri.port
    return (uri.scheme, uri.user or "", uri.host.rstrip("."), port)


def uri_difference(original: Request, follower: Request) -> list[Difference]:
    """The Request-URI, where it leads elsewhere than that of the request it follows."""
    if original.request_uri_text == follower.request_uri_text:
        return []
    if same_target(original.request_uri, follower.request_uri):
        return []
    return [
        Difference(field="Request-URI", expected=original.request_uri_text, observed=follower.request_uri_text),
    ]


def via_difference(original: Request, follower: Request) -> list[Difference]:
    """Branch or sent-by of the topmost Via, where they differ and the branch is a transaction id."""
    if not original.vias or not follower.vias:
        return []
    due, seen = original.vias[0], follower.vias[0]
    if due.branch is None or not due.branch.startswith(MAGIC_COOKIE):
        return []
    if due.branch != seen.branch:
        return [Difference(field="Via branch", expected=due.branch, observed=seen.branch or "")]
    if due.sent_by_with_port != seen.sent_by_with_port:
        return [Difference(field="Via sent-by", expected=due.sent_by, observed=seen.sent_by)]
    return []


def route_difference(due: Sequence[Address], follower: Request) -> list[Difference]:
    """The Route, where it lacks a value that is due or has them in another order; values on top of these are let be."""
    if not due:
        return []
    if [route.uri.text for route in due] == [route.uri.text for route in follower.routes[-len(due) :]]:
        return []
    left = iter(follower.routes)
    if all(any(same_target(route.uri, seen.uri) for seen in left) for route in due):
        return []
    return [Difference(field="Route", expected=listed(due), observed=listed(follower.routes))]


def listed(addresses: Sequence[Address]) -> str:
    """URIs of a header field, comma between them."""
    return ", ".join(address.uri.text for address in addresses)


def in_words(differences: Sequence[Difference]) -> str:
    """Differences as a clause."""
    return "; ".join(str(item) for item in differences)
