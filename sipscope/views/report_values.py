"""Plain values that several parts of the report share."""

import math
import re
from collections.abc import Iterable

from sipscope.model.header_values import Address
from sipscope.model.message import Message
from sipscope.model.time import MILLISECOND, Duration, Instant, iso8601

_SECRET = re.compile(
    r"(?P<name>inline:|^k=(?:clear|base64|uri):|\bice-pwd:)[^\s|;\"]+",
    re.MULTILINE,
)
"""Keys that a description carries: the base64 behind `inline:` up to lifetime and MKI (RFC 4568 §6.1), the `k=` line
of old (RFC 4566 §5.12), and the ICE password."""


def time_of(at: Instant | None) -> str | None:
    """An instant in ISO 8601; None when there is none."""
    return None if at is None else iso8601(at)


def milliseconds_of(duration: Duration | None) -> float | None:
    """A duration in milliseconds, to the microsecond."""
    return None if duration is None else round(duration / MILLISECOND, 3)


def rounded(number: float | None, digits: int = 3) -> float | None:
    """A measurement without meaningless digits; None where it is absent or not finite."""
    return None if number is None or not math.isfinite(number) else round(number, digits)


def who(address: Address | None) -> str | None:
    """The address of record; None when no message shows one."""
    return None if address is None else address.uri.address_of_record


def text_or_none(text: str | None) -> str | None:
    """An empty text means that nothing was seen."""
    return text or None


def frames_of(messages: Iterable[Message]) -> list[int]:
    """Frames of messages, ascending, each once."""
    frames = [frame for message in messages for frame in message.frames]
    return frames if len(frames) < 2 else sorted(set(frames))


def number_of(identifier: str) -> tuple[int, str]:
    """Sort key of an id such as `t12`: by its number, then by its text."""
    digits = identifier.lstrip("abcdefghijklmnopqrstuvwxyz")
    return (int(digits) if digits.isascii() and digits.isdigit() else 0, identifier)


def masked(text: str) -> str:
    """Text that may quote SDP, without the keys in it."""
    if "inline:" in text or "k=" in text or "ice-pwd:" in text:
        return _SECRET.sub(r"\g<name>(masked)", text)
    return text
