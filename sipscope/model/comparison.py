"""When two descriptions say the same, and which formats two sections share (RFC 3264 §6.1, §8).

Attribute order inside a section, the case of encoding names, the order of fmtp parameters, synthesised rtpmaps of
static types and session-level inheritance make no difference. The `o=` line is compared apart.
"""

from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter

from sipscope.model.description import Attribute, Direction, MediaDescription, RtpFormat, SessionDescription
from sipscope.values import dataclass

_TYPED = frozenset(
    {"rtpmap", "fmtp", "sendrecv", "sendonly", "recvonly", "inactive", "ptime", "maxptime", "crypto", "fingerprint"}
    | {"setup", "candidate", "ice-ufrag", "ice-pwd"}
)
_COSMETIC = frozenset({"tool", "ts-refclk", "charset", "type"})


class DifferenceKind(StrEnum):
    """What differs, most severe first."""

    MEDIA_COUNT = "mcount"
    KIND = "kind"
    ADDRESS = "addr"
    PORT = "port"
    PROTOCOL = "proto"
    KEYS = "keys"
    FORMATS = "codec-set"
    FIRST_FORMAT = "first-codec"
    PAYLOAD_TYPES = "pt-map"
    DIRECTION = "direction"
    PACKET_TIME = "ptime"
    FORMAT_PARAMETERS = "fmtp"
    ICE = "ice"
    COSMETIC = "cosmetic"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two descriptions.

    Attributes:
        kind: What differs.
        index: Media position; None where it is not one position's.
        first: How the one says it.
        second: How the other says it.
    """

    kind: DifferenceKind
    index: int | None
    first: str
    second: str

    def __str__(self) -> str:
        """`port of m-line 1: 4000, then 5000`."""
        place = "" if self.index is None else f" of m-line {self.index + 1}"
        return f"{self.kind}{place}: {self.first}, then {self.second}"


def differences(first: SessionDescription, second: SessionDescription) -> tuple[Difference, ...]:
    """Everything that differs but the `o=` line; position by position, most severe first within one."""
    found: list[Difference] = []
    if first is second:
        # As on every hop where no element touched it.
        return ()
    if len(first.media) != len(second.media):
        count = Difference(DifferenceKind.MEDIA_COUNT, None, str(len(first.media)), str(len(second.media)))
        found.append(count)
    for one, other in zip(first.media, second.media, strict=False):
        found.extend(_of_section(one, other))
    return tuple(found)


def _of_section(one: MediaDescription, other: MediaDescription) -> list[Difference]:
    # Descriptions of one form share their parts, and words are made only for those that differ.
    views = [(kind, view(one), view(other)) for kind, parts, view in _VIEWS if parts(one) != parts(other)]
    return [Difference(kind, one.index, first, second) for kind, first, second in views if first != second]


def _format_set(section: MediaDescription) -> str:
    if not section.rtp_formats:
        return " ".join(section.formats)
    return " ".join(sorted(_name(item) for item in section.rtp_formats))


def _first_format(section: MediaDescription) -> str:
    return _name(section.rtp_formats[0]) if section.rtp_formats else " ".join(section.formats[:1])


def _name(item: RtpFormat) -> str:
    """`AMR-WB/16000`, `OPUS/48000/2`: upper-case, with what is known and isn't taken for granted."""
    name, clock, channels = item.key
    rate = "" if clock is None else f"/{clock}"
    return f"{name or item.payload_type}{rate}" + ("" if channels == 1 else f"/{channels}")


def _packet_time(section: MediaDescription) -> str:
    times = (("", section.ptime_ms), ("at most ", section.maxptime_ms))
    return ", ".join(f"{words}{value:g} ms" for words, value in times if value is not None) or "not stated"


def _payload_types(section: MediaDescription) -> str:
    return " ".join(f"{item.payload_type}={_name(item)}" for item in sorted_formats(section))


def sorted_formats(section: MediaDescription) -> list[RtpFormat]:
    """Formats of a section by payload type."""
    return sorted(section.rtp_formats, key=lambda item: item.payload_type)


def _format_parameters(section: MediaDescription) -> str:
    return " ".join(f"{item.payload_type}:{_parameters(item.parameters)}" for item in sorted_formats(section))


def _parameters(text: str | None) -> str:
    """Format parameters with lower-case names, sorted; values stay."""
    parts = [part.strip() for part in (text or "").split(";") if part.strip()]
    pairs = [
        (name.strip().lower(), equals + value.strip()) for name, equals, value in (p.partition("=") for p in parts)
    ]
    return ";".join(name + value for name, value in sorted(pairs))


def _keys(section: MediaDescription) -> str:
    crypto = ",".join(f"{item.tag} {item.suite} {item.key_parameters}" for item in section.crypto)
    return f"{crypto}|{(section.fingerprint or '').lower()}|{section.setup or ''}"


def _ice(section: MediaDescription) -> str:
    return "|".join((*section.ice_candidates, *(value or "" for value in section.ice_credentials)))


def _others(section: MediaDescription) -> str:
    return "\n".join(sorted(_text(item) for item in section.attributes if _counts(item)))


def _counts(attribute: Attribute) -> bool:
    return attribute.name not in _TYPED | _COSMETIC and not attribute.name.startswith("x-")


def _text(attribute: Attribute) -> str:
    return attribute.name if attribute.value is None else f"{attribute.name}:{attribute.value}"


_FORMATS = attrgetter("rtp_formats", "formats")

_View = tuple[DifferenceKind, Callable[[MediaDescription], object], Callable[[MediaDescription], str]]

_VIEWS: tuple[_View, ...] = (
    (DifferenceKind.KIND, attrgetter("kind"), lambda section: section.kind),
    (DifferenceKind.ADDRESS, attrgetter("address"), lambda section: section.address or "none"),
    (DifferenceKind.PORT, attrgetter("port"), lambda section: str(section.port)),
    (DifferenceKind.PROTOCOL, attrgetter("protocol"), lambda section: section.protocol.upper()),
    (DifferenceKind.KEYS, attrgetter("crypto", "fingerprint", "setup"), _keys),
    (DifferenceKind.FORMATS, _FORMATS, _format_set),
    (DifferenceKind.FIRST_FORMAT, _FORMATS, _first_format),
    (DifferenceKind.PAYLOAD_TYPES, _FORMATS, _payload_types),
    (DifferenceKind.DIRECTION, attrgetter("direction"), lambda section: str(section.direction)),
    (DifferenceKind.PACKET_TIME, attrgetter("ptime_ms", "maxptime_ms"), _packet_time),
    (DifferenceKind.FORMAT_PARAMETERS, _FORMATS, _format_parameters),
    (DifferenceKind.ICE, attrgetter("ice_candidates", "ice_credentials"), _ice),
    (DifferenceKind.COSMETIC, attrgetter("attributes"), _others),
)
"""What is compared: how a section says it, behind the parts of the section that this is made of."""


def common_formats(offered: MediaDescription, answered: MediaDescription) -> tuple[RtpFormat, ...]:
    """Formats of the answer that the offer has too, by name, clock and channels, in the answer's order."""
    # Descriptions of one form share their list of formats, and telling the formats themselves apart takes longer.
    one, other = offered.rtp_formats, answered.rtp_formats
    known = _COMMON.get((id(one), id(other)))
    if known is None:
        keys = {item.key for item in one if item.encoding is not None}
        known = (one, other, tuple([item for item in other if item.key in keys]))
        if len(_COMMON) >= _MOST:
            _COMMON.clear()
        _COMMON[id(one), id(other)] = known
    return known[2]


_Formats = tuple[RtpFormat, ...]

_COMMON: dict[tuple[int, int], tuple[_Formats, _Formats, _Formats]] = {}
"""Common formats of two lists, by the identity of both; as the lists are kept, nothing else gets their identity."""

_MOST = 1024
"""How many pairs are remembered."""


def effective_direction(own: MediaDescription, other: MediaDescription) -> Direction:
    """What the writer of the first section may do in the end (RFC 3264 §6.1): both must agree to each direction."""
    if own.port == 0 or other.port == 0:
        return Direction.INACTIVE
    return _AGREED[own.direction, other.direction]


def _agreed(own: Direction, other: Direction) -> Direction:
    sends = own.sends and other.receives
    receives = own.receives and other.sends
    if sends:
        return Direction.SENDRECV if receives else Direction.SENDONLY
    return Direction.RECVONLY if receives else Direction.INACTIVE


_AGREED = {(own, other): _agreed(own, other) for own in Direction for other in Direction}
