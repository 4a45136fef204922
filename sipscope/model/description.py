"""Session descriptions: lossless lines plus typed fields (RFC 8866)."""

from collections.abc import Iterator, Sequence
from dataclasses import field
from enum import StrEnum

from sipscope.model.defects import Defect, Span
from sipscope.values import dataclass


class Direction(StrEnum):
    """Which way media may flow, seen from the party that writes it (RFC 8866 §6.7)."""

    SENDRECV = "sendrecv"
    SENDONLY = "sendonly"
    RECVONLY = "recvonly"
    INACTIVE = "inactive"

    @property
    def sends(self) -> bool:
        """Whether the writer sends media."""
        return self in {Direction.SENDRECV, Direction.SENDONLY}

    @property
    def receives(self) -> bool:
        """Whether the writer wants to receive media."""
        return self in {Direction.SENDRECV, Direction.RECVONLY}

    @property
    def mirrored(self) -> "Direction":
        """The same flow seen by the other party."""
        return _MIRROR[self]


_MIRROR = {
    Direction.SENDRECV: Direction.SENDRECV,
    Direction.SENDONLY: Direction.RECVONLY,
    Direction.RECVONLY: Direction.SENDONLY,
    Direction.INACTIVE: Direction.INACTIVE,
}


@dataclass(frozen=True, slots=True)
class DescriptionLine:
    """One line of a description.

    Attributes:
        number: Counted from 1.
        type: The letter before `=`; empty when the line has not that form.
        value: What stands behind `=` without blanks at the end, or the whole line.
        span: Bytes of the line inside the body, line end excluded.
    """

    number: int
    type: str
    value: str
    span: Span

    def __str__(self) -> str:
        """The line without blanks at its end."""
        return f"{self.type}={self.value}" if self.type else self.value


class TextLines(Sequence[DescriptionLine]):
    """Lines that can be told as texts without any of them being made."""

    __slots__ = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as `str` tells them."""
        return tuple([str(line) for line in self])


@dataclass(frozen=True, slots=True)
class Origin:
    """The `o=` line (RFC 8866 §5.2). Session id and version are kept as text: they may be no numbers."""

    username: str
    session_id: str
    session_version: str
    network_type: str
    address_type: str
    address: str


@dataclass(frozen=True, slots=True)
class Connection:
    """A `c=` line (RFC 8866 §5.7); the address without TTL and count."""

    network_type: str
    address_type: str
    address: str

    @property
    def is_null(self) -> bool:
        """0.0.0.0 or ::, the old way of hold (RFC 3264 §8.4)."""
        return self.address in {"0.0.0.0", "::", "0:0:0:0:0:0:0:0"}  # noqa: S104


@dataclass(frozen=True, slots=True)
class Attribute:
    """An `a=` line: name, and value or None for a flag (RFC 8866 §5.13)."""

    name: str
    value: str | None
    line_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RtpFormat:
    """A payload type with its mapping: from `a=rtpmap`, or the static table of RFC 3551 §6.

    Attributes:
        payload_type: 0–127 as listed on the `m=` line.
        encoding: Name as it came; None for a dynamic type without rtpmap.
        clock_rate_hz: RTP clock; None when unknown. It is not always the sampling rate: G722 has 8000.
        channels: 1 where the rtpmap says nothing.
        parameters: The `a=fmtp` value; None when there is none.
        stated: True when an rtpmap line gave the mapping, False when the static table did.
    """

    payload_type: int
    encoding: str | None = None
    clock_rate_hz: int | None = None
    channels: int = 1
    parameters: str | None = None
    stated: bool = True

    @property
    def key(self) -> tuple[str, int | None, int]:
        """What two formats are compared by: upper-case name, clock, channels (RFC 3264 §6.1)."""
        return ((self.encoding or "").upper(), self.clock_rate_hz, self.channels)

    def __str__(self) -> str:
        """`PCMA/8000`, or the bare number when nothing is known."""
        if self.encoding is None:
            return str(self.payload_type)
        rate = "" if self.clock_rate_hz is None else f"/{self.clock_rate_hz}"
        return f"{self.encoding}{rate}" + (f"/{self.channels}" if self.channels != 1 else "")


@dataclass(frozen=True, slots=True)
class Crypto:
    """An `a=crypto` line (RFC 4568 §4). `key_parameters` is secret: never shown whole."""

    tag: str
    suite: str
    key_parameters: str
    session_parameters: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class SectionForm:
    """What sections that differ in port, address and `c=` alone have in common: one object for all of them.

    So what is said of a section without regard to its port, connection and lines is said of its form.

    Attributes:
        attribute_names: Names of the section's own attributes.
    """

    attribute_names: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaDescription:
    """One `m=` section with what it inherits from session level already applied.

    Attributes:
        index: Position, counted from 0. Streams are matched by position (RFC 3264 §6).
        kind: `audio`, `video`, `image`, `message`, `application` …, lower-case.
        port: 0 means refused or removed (RFC 3264 §6, §8.2).
        port_count: Behind a slash, usually 1.
        protocol: As it came, such as `RTP/AVP`.
        formats: The format list as it came.
        connection: The `c=` that applies: its own, or the session's; None when neither exists.
        has_own_connection: Whether `c=` stands in this section.
        direction: The one that applies: stated in the section, stated for the session, or sendrecv (RFC 3264 §5.1).
        direction_stated: Where it was stated: `media`, `session` or None for the default.
        rtp_formats: For RTP profiles: one entry a listed payload type, in order.
        ptime_ms: `a=ptime`, None when absent or no number.
        maxptime_ms: `a=maxptime`.
        rtcp_port: Port of `a=rtcp` (RFC 3605), else None.
        rtcp_address: Address of `a=rtcp`, else None.
        rtcp_mux: `a=rtcp-mux` (RFC 5761).
        mid: `a=mid` (RFC 5888).
        crypto: SDES lines (RFC 4568).
        fingerprint: `a=fingerprint` that applies (RFC 8122), else None.
        setup: `a=setup` that applies (RFC 4145), else None.
        ice_candidates: Values of `a=candidate` (RFC 8839).
        ice_credentials: `a=ice-ufrag` and `a=ice-pwd` that apply (RFC 8839 §5.4), None where absent.
        attributes: The section's own attributes in order.
        lines: The section's lines, `m=` first.
        form: What it shares with others like it; None where no parser made it. A changed copy has none.
        address: Address that media is to be sent to; None when no `c=` applies.
        is_rtp: Whether the transport is an RTP profile (RTP/AVP, RTP/SAVPF, UDP/TLS/RTP/SAVP …).
    """

    index: int
    kind: str
    port: int
    port_count: int = 1
    protocol: str
    formats: tuple[str, ...] = ()
    connection: Connection | None = None
    has_own_connection: bool = False
    direction: Direction = Direction.SENDRECV
    direction_stated: str | None = None
    rtp_formats: tuple[RtpFormat, ...] = ()
    ptime_ms: float | None = None
    maxptime_ms: float | None = None
    rtcp_port: int | None = None
    rtcp_address: str | None = None
    rtcp_mux: bool = False
    mid: str | None = None
    crypto: tuple[Crypto, ...] = ()
    fingerprint: str | None = None
    setup: str | None = None
    ice_candidates: tuple[str, ...] = ()
    ice_credentials: tuple[str | None, str | None] = (None, None)
    attributes: tuple[Attribute, ...] = ()
    lines: Sequence[DescriptionLine] = ()

    form: SectionForm | None = field(default=None, init=False, repr=False, compare=False)
    address: str | None = field(init=False, repr=False, compare=False)
    is_rtp: bool = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[None, str | None, bool]:
        """No form, and what is asked again and again."""
        return None, None if self.connection is None else self.connection.address, "RTP/" in self.protocol.upper()

    @property
    def attribute_names(self) -> frozenset[str]:
        """Names of its own attributes."""
        if self.form is None:
            return frozenset([attribute.name for attribute in self.attributes])
        return self.form.attribute_names

    @property
    def is_bundle_only(self) -> bool:
        """`a=bundle-only`: port 0 then is no refusal (RFC 9143 §6)."""
        return "bundle-only" in self.attribute_names

    def format_of(self, payload_type: int) -> RtpFormat | None:
        """The format listed under a payload type."""
        for rtp_format in self.rtp_formats:
            if rtp_format.payload_type == payload_type:
                return rtp_format
        return None

    def attribute_values(self, name: str) -> Iterator[str | None]:
        """Values of all attributes of that name, in order."""
        if name not in self.attribute_names:
            return iter(())
        return (attribute.value for attribute in self.attributes if attribute.name == name)

    @property
    def media_line(self) -> str:
        """The `m=` line as it came."""
        return str(self.lines[0]) if self.lines else f"m={self.kind} {self.port} {self.protocol}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDescription:
    """A whole description.

    Attributes:
        content: The bytes it was parsed from.
        lines: All lines in order.
        origin: None when absent or malformed.
        session_name: Value of `s=`; None when absent.
        connection: Session-level `c=`.
        timing: Values of the `t=` lines.
        attributes: Session-level attributes in order.
        media: The `m=` sections in order.
        defects: What is wrong with it.
    """

    content: bytes = b""
    lines: Sequence[DescriptionLine] = ()
    origin: Origin | None = None
    session_name: str | None = None
    connection: Connection | None = None
    timing: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    media: tuple[MediaDescription, ...] = ()
    defects: tuple[Defect, ...] = ()

    def __hash__(self) -> int:
        """That of its bytes: two that are equal have the same."""
        return hash(self.content)

    @property
    def texts(self) -> tuple[str, ...]:
        """All lines as texts, without blanks at their ends."""
        return self.lines.texts if isinstance(self.lines, TextLines) else tuple([str(line) for line in self.lines])
