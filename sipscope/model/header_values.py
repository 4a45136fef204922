"""The values that SIP header fields hold, typed. Made by the parser, read by everybody above it.

Each value keeps `text`, the bytes as they came (decoded with `surrogateescape`), wherever a finding may have to
quote it.
"""

from collections.abc import Iterator
from dataclasses import field
from functools import lru_cache
from typing import TypedDict

from sipscope.values import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """Parameters behind semicolons or commas, in order, repeats kept, names compared without regard to case.

    Attributes:
        items: Pairs of name as it came and value; the value is None for a parameter without `=`, and has its quotes
            and escapes removed where it was a quoted string.
    """

    items: tuple[tuple[str, str | None], ...] = ()

    def get(self, name: str) -> str | None:
        """Value of the first parameter of that name; None when absent or without a value."""
        lowered = name.lower()
        for key, value in self.items:
            if key == lowered or key.lower() == lowered:
                return value
        return None

    def __contains__(self, name: object) -> bool:
        """Whether a parameter of that name is present, with or without a value."""
        if self.items and isinstance(name, str):
            lowered = name.lower()
            for key, _ in self.items:
                if key == lowered or key.lower() == lowered:
                    return True
        return False

    def __iter__(self) -> Iterator[tuple[str, str | None]]:
        """The pairs in order."""
        return iter(self.items)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uri:
    """A SIP, SIPS, TEL or any other URI (RFC 3261 §19.1, RFC 3966).

    Attributes:
        text: As it came.
        scheme: Lower-case, without the colon.
        user: Unescaped user part, or the number of a `tel` URI; None when absent.
        password: None when absent.
        host: Lower-case; IPv6 without brackets; empty for schemes that have none.
        port: None when absent.
        parameters: URI parameters.
        headers: Headers behind the question mark, names as they came, values unescaped.
    """

    text: str
    scheme: str
    user: str | None = None
    password: str | None = None
    host: str = ""
    port: int | None = None
    parameters: Parameters = Parameters()
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def address_of_record(self) -> str:
        """`scheme:user@host` without port, parameters and headers: who, not where."""
        user = f"{self.user}@" if self.user is not None else ""
        return f"{self.scheme}:{user}{self.host}" if self.host else f"{self.scheme}:{self.user or ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A name-addr or addr-spec with header parameters: From, To, Contact, Route, Refer-To (RFC 3261 §20.10).

    Attributes:
        text: As it came.
        display_name: Unquoted; None when absent.
        uri: The URI.
        parameters: Parameters of the header field, behind the closing bracket.
        bracketed: Whether the URI stood in angle brackets. Without them, everything behind the first semicolon
            belongs to the header field, not to the URI (RFC 3261 §20).
        tag: The tag parameter (RFC 3261 §19.3).
    """

    text: str
    display_name: str | None = None
    uri: Uri
    parameters: Parameters = Parameters()
    bracketed: bool = True
    tag: str | None = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[str | None]:
        """The tag: everybody asks for it."""
        return (self.parameters.get("tag") if self.parameters.items else None,)

    @property
    def lifetime_s(self) -> int | None:
        """The expires parameter of a Contact in seconds (RFC 3261 §20.10); None when absent or no number."""
        text = self.parameters.get("expires")
        return int(text[:12]) if text is not None and text.isascii() and text.isdigit() else None


_SECURE = frozenset({"TLS", "TLS-SCTP", "WSS"})
"""Transports of SIP over TLS."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Via:
    """One Via value (RFC 3261 §20.42).

    Attributes:
        text: As it came.
        transport: As it came, upper-cased.
        host: Sent-by host, lower-case, IPv6 without brackets.
        port: Sent-by port, None when absent.
        parameters: All parameters.
        branch: The branch parameter; only with the magic cookie is it a transaction id (RFC 3261 §8.1.1.7).
        sent_by: `host` or `host:port`, lower-case.
        sent_by_with_port: `host:port`, with the default port of the transport where none is written (RFC 3261
            §18.1.1).
    """

    text: str
    transport: str
    host: str
    port: int | None = None
    parameters: Parameters = Parameters()
    branch: str | None = field(init=False, repr=False, compare=False)
    sent_by: str = field(init=False, repr=False, compare=False)
    sent_by_with_port: str = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[str | None, str, str]:
        """What every look-up of a transaction asks for."""
        host, port, items = self.host, self.port, self.parameters.items
        # The branch stands first in nearly all.
        branch = items[0][1] if items and items[0][0] == "branch" else self.parameters.get("branch")
        if port is None:
            return branch, host, _sent_by(host, 5061 if self.transport in _SECURE else 5060)
        sent_by = _sent_by(host, port)
        return branch, sent_by, sent_by

    @property
    def received(self) -> str | None:
        """The source address a server saw (RFC 3261 §18.2.1)."""
        return self.parameters.get("received")


@lru_cache(maxsize=1024)
def _sent_by(host: str, port: int) -> str:
    """The text of a sent-by, one for all Via values of an element."""
    return f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class CSeq:
    """Sequence number and method (RFC 3261 §20.16)."""

    number: int
    method: str


@dataclass(frozen=True, slots=True)
class RAck:
    """What a PRACK acknowledges: RSeq, CSeq number and method (RFC 3262 §7.2)."""

    rseq: int
    cseq_number: int
    method: str


@dataclass(frozen=True, slots=True)
class Parametrised:
    """A token or other short value with parameters: Event, Subscription-State, Session-Expires, Reason, Accept."""

    value: str
    parameters: Parameters = Parameters()


@dataclass(frozen=True, slots=True)
class MediaType:
    """Content-Type: type, subtype, parameters (RFC 3261 §20.15). Type and subtype are lower-case."""

    type: str
    subtype: str
    parameters: Parameters = Parameters()

    def __str__(self) -> str:
        """`type/subtype`."""
        return f"{self.type}/{self.subtype}"


@dataclass(frozen=True, slots=True)
class AuthenticationValue:
    """A challenge or credentials (RFC 3261 §20.7, §20.27, §20.28, §20.44).

    Attributes:
        header: Canonical header name, such as `proxy-authorization`.
        scheme: As it came, usually `Digest`.
        parameters: realm, nonce, uri, response …
    """

    header: str
    scheme: str
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class DialogReference:
    """A dialog named from outside: Replaces (RFC 3891 §6.1), Join (RFC 3911 §7.1), Target-Dialog (RFC 4538 §7).

    Attributes:
        call_id: The Call-ID.
        to_tag: For Replaces and Join: the tag local to the UA that receives it. For Target-Dialog: `local-tag`.
        from_tag: The remote tag of the receiver; for Target-Dialog `remote-tag`.
        early_only: Replaces with `early-only`.
        text: As it came.
    """

    call_id: str
    to_tag: str | None
    from_tag: str | None
    early_only: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class WarningValue:
    """A Warning value (RFC 3261 §20.43)."""

    code: int
    agent: str
    text: str


HeaderValues = TypedDict(
    "HeaderValues",
    {
        "via": tuple[Via, ...],
        "from": Address,
        "to": Address,
        "call-id": str,
        "cseq": CSeq,
        "contact": tuple[Address, ...],
        "max-forwards": int,
        "route": tuple[Address, ...],
        "record-route": tuple[Address, ...],
        "path": tuple[Address, ...],
        "service-route": tuple[Address, ...],
        "require": tuple[str, ...],
        "proxy-require": tuple[str, ...],
        "unsupported": tuple[str, ...],
        "supported": tuple[str, ...],
        "allow": tuple[str, ...],
        "allow-events": tuple[str, ...],
        "accept": tuple[Parametrised, ...],
        "recv-info": tuple[str, ...],
        "content-type": MediaType,
        "content-length": int,
        "content-disposition": Parametrised,
        "expires": int,
        "min-expires": int,
        "retry-after": Parametrised,
        "session-expires": Parametrised,
        "min-se": int,
        "rseq": int,
        "rack": RAck,
        "date": str,
        "timestamp": str,
        "event": Parametrised,
        "subscription-state": Parametrised,
        "sip-etag": str,
        "sip-if-match": str,
        "info-package": str,
        "refer-to": Address,
        "refer-to-replaces": DialogReference,
        "referred-by": Address,
        "refer-sub": str,
        "replaces": DialogReference,
        "join": DialogReference,
        "target-dialog": DialogReference,
        "p-asserted-identity": tuple[Address, ...],
        "p-preferred-identity": tuple[Address, ...],
        "privacy": tuple[str, ...],
        "history-info": tuple[Address, ...],
        "diversion": tuple[Address, ...],
        "session-id": Parametrised,
        "www-authenticate": tuple[AuthenticationValue, ...],
        "proxy-authenticate": tuple[AuthenticationValue, ...],
        "authorization": tuple[AuthenticationValue, ...],
        "proxy-authorization": tuple[AuthenticationValue, ...],
        "reason": tuple[Parametrised, ...],
        "warning": tuple[WarningValue, ...],
        "p-early-media": tuple[str, ...],
        "user-agent": str,
        "server": str,
        "subject": str,
    },
    total=False,
)
"""The values of a message by canonical name; a field that may appear once has one value, any other a tuple of all."""
