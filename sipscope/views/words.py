"""Short words for people: parties, descriptions, durations, counts. No layout and no escaping."""

from collections.abc import Iterator, Mapping

from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.header_values import Address, Uri
from sipscope.model.network import Endpoint
from sipscope.model.time import MILLISECOND, SECOND, Duration, Instant, iso8601

_SHORT_CODECS = {"TELEPHONE-EVENT": "tel-ev"}
_LISTED_CODECS = 8


def party_of(address: Address | None, names: Mapping[str, str]) -> str | None:
    """Who: the user part, else the host by its name among `names`, else the URI as it came; None for nobody."""
    return None if address is None else user_of(address.uri, names)


def user_of(uri: Uri, names: Mapping[str, str]) -> str:
    """The user part of a URI, else its host, by its name where it has one, else its text."""
    return uri.user or (names.get(uri.host, uri.host) if uri.host else uri.text)


def endpoint_of(endpoint: Endpoint, names: Mapping[str, str]) -> str:
    """An endpoint, behind its name where it has one: `SBC 192.0.2.1:5060`."""
    name = names.get(str(endpoint)) or names.get(endpoint.address)
    return f"{name} {endpoint}" if name else str(endpoint)


def product_of(user_agent: str | None) -> str | None:
    """The first product of a User-Agent or Server value with its version (RFC 3261 §20.41); None when absent."""
    if user_agent is None or not user_agent.strip():
        return None
    words = user_agent.split()
    name = words[0]
    versioned = "/" in name or len(words) == 1 or words[1].startswith("(")
    return name if versioned else f"{name} {words[1]}"


def duration_of(duration: Duration) -> str:
    """A duration in the unit that reads best: `0.4 ms`, `380 ms`, `12.3 s`, `2:05 min`, `1:02:03`."""
    if 0 < abs(duration) < 10 * MILLISECOND:
        return f"{duration / MILLISECOND:.1f} ms"
    if abs(duration) < SECOND:
        return f"{duration / MILLISECOND:.0f} ms"
    if abs(duration) < 120 * SECOND:
        return f"{duration / SECOND:.1f} s"
    minutes, seconds = divmod(duration // SECOND, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d} min"


def clock_of(at: Instant) -> str:
    """Date and time of day in UTC with milliseconds: `2026-05-01 10:00:00.123`."""
    text = iso8601(at)
    return f"{text[:10]} {text[11:23]}" if text.endswith("Z") else text


def time_of_day_of(at: Instant) -> str:
    """Time of day in UTC with milliseconds, for tables whose date stands elsewhere: `10:00:00.123`."""
    return clock_of(at).rpartition(" ")[2]


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 packet`, `2 packets`."""
    return f"{number} {singular}" if number == 1 else f"{number} {plural or singular + 's'}"


def frame_nouns(engine: str) -> tuple[str, str]:
    """What is counted as frames, one and several of them: logs have lines, captures packets."""
    if engine == "text":
        return "line", "lines"
    return ("packet or line", "packets and lines") if engine.endswith("+text") else ("packet", "packets")


def media_lines_of(description: SessionDescription, sender_address: str | None) -> Iterator[str]:
    """One line a media section: kind, where to, codecs, direction."""
    if not description.media:
        yield "no media section"
    for section in description.media:
        yield _media_line(section, sender_address)


def _media_line(section: MediaDescription, sender_address: str | None) -> str:
    if section.port == 0 and not section.is_bundle_only:
        return f"{section.kind} refused (port 0)"
    words = [section.kind, _target(section, sender_address), *_codecs(section)]
    if section.crypto or section.fingerprint is not None:
        words.append("SRTP")
    words.append(section.direction.value)
    return " ".join(words)


def _target(section: MediaDescription, sender_address: str | None) -> str:
    """The port, with the address where it isn't the one the message came from."""
    address = section.address
    if address is None or address == sender_address:
        return str(section.port)
    return f"[{address}]:{section.port}" if ":" in address else f"{address}:{section.port}"


def _codecs(section: MediaDescription) -> list[str]:
    names = [item.encoding or str(item.payload_type) for item in section.rtp_formats] or list(section.formats)
    short = list(dict.fromkeys(_SHORT_CODECS.get(name.upper(), name) for name in names))
    return short if len(short) <= _LISTED_CODECS else [*short[:_LISTED_CODECS], f"+{len(short) - _LISTED_CODECS}"]


def number_text(number: int | None) -> str:
    """A number as a cell shows it; empty where there is none."""
    return "" if number is None else str(number)
