"""Digits that a party pressed, in order: by INFO and as telephone events (RFC 4733).

Other telephone events, the tones of faxes and modems for one, are no digits and told by their numbers.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.call import Call, Service
from sipscope.model.dialog import Side
from sipscope.model.message import Message
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.values import dataclass

PAUSE: Duration = 5 * SECOND
"""Digits further apart are two entries."""

_PLAIN = frozenset("0123456789*#ABCDabcd")


@dataclass(frozen=True, slots=True)
class _Press:
    at: Instant
    side: Side | None
    way: str
    symbol: str
    frames: tuple[int, ...]

    @property
    def is_digit(self) -> bool:
        return self.symbol in _PLAIN


def digits_of(call: Call, streams: Sequence[RtpStream]) -> Iterator[Service]:
    """Runs of digits, each by one party and in one way."""
    presses = [*_by_info(call), *_by_events(streams)]
    if not presses:
        return
    presses.sort(key=lambda press: (press.at, press.frames))
    runs: dict[tuple[Side | None, str, bool], list[_Press]] = {}
    for press in presses:
        run = runs.setdefault((press.side, press.way, press.is_digit), [])
        if run and press.at - run[-1].at > PAUSE:
            yield _service(run)
            run.clear()
        run.append(press)
    for run in runs.values():
        yield _service(run)


def _service(run: Sequence[_Press]) -> Service:
    return Service(
        name="digits" if run[0].is_digit else "telephone-event",
        at=run[0].at,
        until=run[-1].at if len(run) > 1 else None,
        by=run[0].side,
        frames=tuple(frame for press in run for frame in press.frames),
        detail=f"{('' if run[0].is_digit else ', ').join(press.symbol for press in run)} by {run[0].way}",
    )


def _by_info(call: Call) -> Iterator[_Press]:
    for dialog in call.caller_dialogs:
        for item in dialog.transactions:
            if item.method == "INFO" and item.request is not None:
                symbol = _symbol(item.request)
                if symbol is not None:
                    yield _Press(item.started_at, dialog.sender_of(item.request), "INFO", symbol, item.request.frames)


def _symbol(message: Message) -> str | None:
    """The digit in a body of the usual types: `Signal=5` of dtmf-relay, or the digit alone."""
    content = message.content_type
    if content is None or (content.type, content.subtype) not in _TYPES:
        return None
    text = message.body[:200].decode("ascii", errors="replace")
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip().lower() in {"signal", "d"}:
            text = value
            break
    symbol = text.strip()[:1]
    return symbol if symbol in _PLAIN else None


_TYPES = frozenset(
    {
        ("application", "dtmf-relay"),
        ("application", "dtmf"),
        ("audio", "telephone-event"),
        ("application", "vnd.nortelnetworks.digits"),
    }
)


def _by_events(streams: Sequence[RtpStream]) -> Iterator[_Press]:
    for stream in streams:
        side = None if stream.binding is None else stream.binding.receiver.other
        for digit in stream.digits:
            yield _Press(digit.at, side, "RTP events", digit.symbol, (digit.first_frame,))
