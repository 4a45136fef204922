"""What one party says of one m-line, in a few words each, with what decides whether it is the same by meaning."""

from collections.abc import Iterator

from sipscope.model.description import Direction, MediaDescription, RtpFormat
from sipscope.model.dialog import Side
from sipscope.model.offer_answer import NegotiatedMedia
from sipscope.values import dataclass

_CODECS_SHOWN = 12
_NOT_SPEECH = frozenset({"TELEPHONE-EVENT", "CN", "RED", "ULPFEC", "FLEXFEC-03", "RTX"})
_USUAL_CLOCKS = {"audio": 8000, "video": 90000}


@dataclass(frozen=True, slots=True)
class Fact:
    """One property of a section.

    Attributes:
        name: What it is, such as `codecs`.
        text: How it is shown.
        meaning: What is compared: equal for texts that mean the same.
    """

    name: str
    text: str
    meaning: str


def facts_of(section: MediaDescription, agreed: RtpFormat | None = None) -> tuple[Fact, ...]:
    """The properties of a section, those it doesn't have left out.

    Args:
        section: What one party wrote for one m-line.
        agreed: The codec that both sides came to; it is shown in brackets.
    """
    if is_refused(section):
        return (Fact("media", f"{section.kind} port 0", f"{section.kind} refused"),)
    found = (
        Fact("media", f"{section.kind} {section.protocol}", f"{section.kind} {section.protocol.upper()}"),
        Fact("receives at", _target(section), _target(section)),
        _codecs(section, agreed),
        _plain("parameters", "; ".join(_parameters(section))),
        Fact("direction", section.direction.value, section.direction.value),
        _plain("packet time", _packet_time(section)),
        _plain("keys", "; ".join(_keys(section))),
        _plain("ICE", _ice(section)),
        _plain("resources", "; ".join(_resources(section))),
    )
    return tuple(fact for fact in found if fact.text)


def is_refused(section: MediaDescription) -> bool:
    """Whether port 0 says that the stream is refused or removed (RFC 3264 §6, §8.2; RFC 9143 §6 for bundles)."""
    return section.port == 0 and not section.is_bundle_only


def agreed_codec(media: NegotiatedMedia) -> RtpFormat | None:
    """The first format both sides can use that carries the medium itself; None where there is none, or no stream."""
    if not media.is_accepted:
        return None
    return next((item for item in media.formats if item.key[0] not in _NOT_SPEECH), None)


def agreed_words(media: NegotiatedMedia, offerer: Side) -> str:
    """What the exchange came to in one m-line; empty while the answer is out."""
    if media.offer is None or media.answer is None:
        return ""
    if is_refused(media.offer):
        return "not used"
    if is_refused(media.answer):
        return "refused"
    codec = agreed_codec(media)
    flow = "" if media.direction is None else flow_words(media.direction, offerer)
    if not media.answer.is_rtp:
        return flow
    return ", ".join(
        word for word in ("no codec in common" if codec is None else name_of(codec, media.offer.kind), flow) if word
    )


def flow_words(direction: Direction, of: Side) -> str:
    """Who may send in the end."""
    if direction is Direction.SENDRECV:
        return "both send"
    if direction is Direction.INACTIVE:
        return "nobody sends"
    return f"only {(of if direction is Direction.SENDONLY else of.other).value} sends"


def name_of(item: RtpFormat, kind: str = "audio") -> str:
    """A codec without the clock that is usual for its medium: `PCMA`, `opus/48000/2`."""
    clock = _USUAL_CLOCKS.get(kind)
    return str(item).removesuffix(f"/{clock}") if clock is not None else str(item)


def digest_of(secret: str) -> str:
    """A few digits by which equal keys are told from others, and from which no key can be had."""
    from hashlib import sha256

    return sha256(secret.encode(errors="surrogateescape")).hexdigest()[:6]


def _plain(name: str, text: str) -> Fact:
    return Fact(name, text, text)


def _target(section: MediaDescription) -> str:
    address = section.address or "no address"
    return f"[{address}]:{section.port}" if ":" in address else f"{address}:{section.port}"


def _codecs(section: MediaDescription, agreed: RtpFormat | None) -> Fact:
    if not section.rtp_formats:
        return _plain("codecs", " ".join(section.formats))
    marked = None if agreed is None else _place_of(agreed, section)
    shown = [_codec(item, section.kind, is_agreed=item is marked) for item in section.rtp_formats[:_CODECS_SHOWN]]
    rest = len(section.rtp_formats) - _CODECS_SHOWN
    meaning = " ".join(f"{item.payload_type} {item.key}" for item in section.rtp_formats)
    return Fact("codecs", " ".join([*shown, *([f"+{rest}"] if rest > 0 else [])]), meaning)


def _place_of(agreed: RtpFormat, section: MediaDescription) -> RtpFormat | None:
    """The format of a section that the agreed one is: of several, the one of its payload type or its parameters."""
    equal = [item for item in section.rtp_formats if item.key == agreed.key]
    same_number = (item for item in equal if item.payload_type == agreed.payload_type)
    same_parameters = (item for item in equal if item.parameters == agreed.parameters)
    return next(same_number, None) or next(same_parameters, None) or next(iter(equal), None)


def _codec(item: RtpFormat, kind: str, *, is_agreed: bool) -> str:
    text = str(item.payload_type) if item.encoding is None else f"{item.payload_type}={name_of(item, kind)}"
    return f"[{text}]" if is_agreed else text


def _parameters(section: MediaDescription) -> Iterator[str]:
    """Format parameters by payload type, names in lower case and sorted: their order means nothing."""
    for item in section.rtp_formats:
        parts = [part.strip() for part in (item.parameters or "").split(";") if part.strip()]
        pairs = (part.partition("=") for part in parts)
        if parts:
            yield f"{item.payload_type}: " + ", ".join(
                sorted(name.lower() + sign + value for name, sign, value in pairs)
            )


def _packet_time(section: MediaDescription) -> str:
    words = []
    if section.ptime_ms is not None:
        words.append(f"{section.ptime_ms:g} ms")
    if section.maxptime_ms is not None:
        words.append(f"at most {section.maxptime_ms:g} ms")
    return ", ".join(words)


def _keys(section: MediaDescription) -> Iterator[str]:
    for line in section.crypto:
        yield f"SDES {line.tag} {line.suite} key {digest_of(line.key_parameters)}"
    if section.fingerprint is not None:
        yield f"DTLS {section.setup or 'no setup'} certificate {digest_of(section.fingerprint.lower())}"


def _ice(section: MediaDescription) -> str:
    fragment, password = section.ice_credentials
    if not section.ice_candidates and fragment is None:
        return ""
    count = len(section.ice_candidates)
    words = f"{count} candidate" if count == 1 else f"{count} candidates"
    listed = digest_of("\n".join(section.ice_candidates)) if count else ""
    known = f", credentials {digest_of(f'{fragment} {password}')}" if fragment is not None else ""
    return f"{words} {listed}".strip() + known


def _resources(section: MediaDescription) -> Iterator[str]:
    """`qos local none of mandatory sendrecv`: what is reserved of what is wished for (RFC 3312 §4)."""
    lines = [(value or "").split() for value in section.attribute_values("curr")]
    current = {tuple(words[:2]): words[2] for words in lines if len(words) == 3}
    for value in section.attribute_values("des"):
        words = (value or "").split()
        if len(words) == 4:
            kind, strength, segment, wished = words
            yield f"{kind} {segment} {current.get((kind, segment), 'unknown')} of {strength} {wished}"
