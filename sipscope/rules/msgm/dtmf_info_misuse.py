"""Digits that are sent by INFO arrive twice, or not at all.

What it finds
    In a call, INFOs with a digit in an `application/dtmf-relay` or `application/dtmf` body: as the same party sends the
    same digit as an RTP event within half a second; or as they are answered 415 or 469. As information: such an INFO
    whose body names no digit. Told once for each party and fault. An INFO that is refused with 405 or 501 against Allow
    is told by MSGM-006.
Why it matters
    Menus and conference PINs get each digit twice, or none: "1234" is read as "11223344".
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        10.0  alice -> bob  INFO
              Content-Type: application/dtmf-relay
              | Signal=5
              | Duration=160
        10.1  bob -> alice  415
              Accept: application/dtmf
        20    alice -> bob  BYE
        20.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        10.0  alice -> bob  INFO
              Content-Type: application/dtmf-relay
              | Signal=5
              | Duration=160
        10.1  bob -> alice  200
        20    alice -> bob  BYE
        20.1  bob -> alice  200
What to check
    - Choose one way for digits on all devices and trunks of the path, and turn the other one off.
    - Does a border controller turn RTP events into INFO, and pass the events on as well?
    - Which type of body does the peer take: its Accept in the 415, or the manual, tells.
Sources
    RFC 6086 §3; RFC 6086 §4.2.1; RFC 3261 §21.4.13
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.stream import Digit
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.values import dataclass

TOGETHER: Duration = SECOND // 2
"""Two ways of one key press are no further apart."""

BODIES = frozenset({"dtmf-relay", "dtmf"})
"""Subtypes of `application` in which devices send digits; no standard has them."""

DIGITS = {**{symbol: symbol for symbol in "0123456789*#ABCD"}, "10": "*", "11": "#"}
"""Digits as RTP events name them, by what stands in a body."""

REFUSED = frozenset({415, 469})
"""Unsupported Media Type and Bad Info Package."""

EXAMPLES = 3
"""How many digits are shown."""


class _Fault(StrEnum):
    """What is wrong with digits by INFO, in words."""

    TWICE = "sent as RTP events as well"
    REFUSED = "not taken"
    EMPTY = "no digit is in the body"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Press:
    """A key press by INFO: its INFO, the digit as RTP events name it, the fault, and the event beside it."""

    transaction: Transaction
    request: Request
    symbol: str
    fault: _Fault
    event: Digit | None = None


@rule("MSGM-004", name="dtmf-info-misuse", severity=WARNING, since="0.1", subject=Dialog, needs=("INFO",))
def dtmf_info_misuse(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Digits go one way and in a body that the peer takes (RFC 6086 §3)."""
    if not dialog.is_invite:
        return
    found: dict[tuple[Side, _Fault], list[_Press]] = {}
    for transaction in dialog.transactions:
        request = transaction.request
        if transaction.method != "INFO" or request is None or not _carries_digits(request):
            continue
        side = dialog.sender_of(request)
        press = None if side is None else _judged(dialog, trace, transaction, request, side)
        if side is not None and press is not None:
            found.setdefault((side, press.fault), []).append(press)
    for (side, fault), presses in found.items():
        yield _hit(dialog, side, fault, presses)


def _carries_digits(request: Request) -> bool:
    content = request.content_type
    return content is not None and content.type == "application" and content.subtype in BODIES


def _judged(dialog: Dialog, trace: Trace, transaction: Transaction, request: Request, side: Side) -> _Press | None:
    body = request.body[:200].decode("ascii", errors="replace")
    symbol = _symbol(body)
    events = [
        digit
        for stream in guards.streams_towards(trace, dialog.id, side.other)
        for digit in stream.digits
        if digit.symbol == symbol and abs(digit.at - request.at) <= TOGETHER
    ]
    if events:
        return _Press(transaction=transaction, request=request, symbol=symbol, fault=_Fault.TWICE, event=events[0])
    if transaction.final_status in REFUSED:
        return _Press(transaction=transaction, request=request, symbol=symbol, fault=_Fault.REFUSED)
    empty = not body.strip() or body.strip().lower() == "signal="
    if empty and not request.defects:
        return _Press(transaction=transaction, request=request, symbol=symbol, fault=_Fault.EMPTY)
    return None


def _symbol(body: str) -> str:
    """The digit of `Signal=5` or of a body that is the digit; empty for a hook flash and what else devices send."""
    text = body
    for line in body.splitlines():
        name, equals, value = line.partition("=")
        if equals and name.strip().lower() == "signal":
            text = value
            break
    return DIGITS.get(text.strip().upper(), "")


def _hit(dialog: Dialog, side: Side, fault: _Fault, presses: Sequence[_Press]) -> Hit:
    evidence = []
    for press in presses[:EXAMPLES]:
        evidence.append(Evidence(frame=press.request.frames[-1], note=f"INFO {press.symbol or 'without a digit'}"))
        if press.event is not None:
            evidence.append(Evidence(frame=press.event.first_frame, note=f"RTP event {press.event.symbol}"))
        final = press.transaction.final
        if final is not None and fault is _Fault.REFUSED:
            evidence.append(Evidence(frame=final.frames[-1], note=final.label))
    final = presses[0].transaction.final
    ending = f", but answered {final.label}" if final is not None and fault is _Fault.REFUSED else ""
    many = "One INFO" if len(presses) == 1 else f"{len(presses)} INFOs"
    return Hit(
        text=f"{many} of the {side} for digits: {fault}{ending}.",
        evidence=tuple(evidence),
        at=presses[0].request.at,
        severity=INFO if fault is _Fault.EMPTY else None,
        identity=(dialog.id, side, fault),
    )
