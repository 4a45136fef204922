"""A call was held and resumed, and the other side keeps the stream restricted.

What it finds
    A stream that was two-way, that one party held and offered to resume; and the other party, which never held it,
    answers that offer with recvonly or inactive, or later offers so itself, while nobody holds any more. It is told
    where the stream stays so for 10 s or until the release. recvonly is an error, inactive a warning, because a
    party may hold that way. Streams that were restricted from the first exchange on are left alone.
Why it matters
    Both users believe that they are talking, and one hears nothing. It is a usual bug behind session refreshes and
    third-party call control: offers are derived from the last answer instead of the party's own wish.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        9.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        9.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        9.2   alice -> bob  ACK
        60.0  alice -> bob  BYE
        60.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        3.2   alice -> bob  ACK
        9.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        9.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        9.2   alice -> bob  ACK
        60.0  alice -> bob  BYE
        60.1  bob -> alice  200
What to check
    - The product that keeps the restriction must keep its own wish to hold apart from what it last answered.
    - Does the version in the o= line of the resuming offer rise? Some products ignore an offer whose version they
      know.
    - As a workaround, hold and resume once more from the side that is stuck.
Sources
    RFC 3264 §6.1; RFC 3264 §8.4
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.description import Direction
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import Ledger
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, direction_words, label_of, origin_changed, party_words
from sipscope.rules.hold import HoldStep, expresses_hold, hold_steps, is_held, is_null, positions_of

_RESTRICTED = frozenset({Direction.RECVONLY, Direction.INACTIVE})

FEWEST_EXCHANGES = 3
"""One that agrees on media both ways, one that holds it, and one that takes that back."""


@rule("OA-013", name="stuck-on-hold", severity=ERROR, since="0.1", subject=Dialog, needs=("several exchanges",))
def stuck_on_hold(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Hold ends when the party that asked for it takes it back (RFC 3264 §8.4)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is None or len(ledger.exchanges) < FEWEST_EXCHANGES or not ledger.exchanges[0].history_complete:
            continue
        for index in range(positions_of(ledger) if expresses_hold(ledger) else 0):
            yield from _of_position(dialog, ledger, index, trace)


def _of_position(dialog: Dialog, ledger: Ledger, index: int, trace: Trace) -> Iterator[Hit]:
    steps = tuple(hold_steps(ledger, index))
    first = next((number for number, step in enumerate(steps) if step.direction is Direction.SENDRECV), len(steps))
    holds: dict[Side, HoldStep] = {}
    for number, step in enumerate(steps[first + 1 :], start=first + 1):
        for holder in tuple(holds):
            if holder.other not in holds and _keeps_restriction(step, holder):
                hit = _hit(dialog, trace, holds[holder], step, steps[number + 1 :], holder)
                if hit is not None:
                    yield hit
                    return
        for side in step.holding - step.holding_before:
            holds.setdefault(side, step)


def _keeps_restriction(step: HoldStep, holder: Side) -> bool:
    """Whether the other party keeps a stream restricted that its holder resumes, or has resumed."""
    peer = holder.other
    written = step.section_of(peer)
    if step.holding_before & {peer} or written.direction not in _RESTRICTED or is_null(written):
        return False
    if step.exchange.offerer is holder:
        return step.offered.direction is Direction.SENDRECV and not is_held(step.offered)
    return not step.holding_before and not step.holding


def _hit(
    dialog: Dialog, trace: Trace, held: HoldStep, step: HoldStep, later: Sequence[HoldStep], holder: Side
) -> Hit | None:
    ended = _ends(later, dialog.ended_at)
    patience = trace.policy.duration("hold_stuck_s")
    lasts = ended is None or ended >= step.at + patience
    released = ended is not None and ended == dialog.ended_at
    if not (lasts and guards.capture_continues(trace, step.at, patience)) and not released:
        return None
    written = step.section_of(holder.other)
    messages = [message for message in (step.exchange.offer_message, step.exchange.answer_message) if message]
    before, after = held.exchange.description_of(holder.other), step.exchange.description_of(holder.other)
    spliced = before is not None and after is not None and origin_changed(before, after)
    return Hit(
        text=(
            f"m-line {written.index + 1} was held by the {holder} and resumed, but "
            f"{party_words(step.exchange, trace, holder.other)}, which never held it, "
            f"{_verb(step, holder)} {written.direction}: media in both directions isn't resumed."
        ),
        evidence=(
            Evidence(frame=anchor(held.exchange.offer_message), note=f"hold: {_line(held, holder)}"),
            *(Evidence(frame=anchor(item), note=_note(item, step)) for item in messages),
        ),
        at=step.at,
        severity=ERROR if written.direction is Direction.RECVONLY else WARNING,
        confidence=Confidence.LIKELY if spliced or not lasts else Confidence.CERTAIN,
        guards=("The o= line names another session: an element in between may have spliced two.",) if spliced else (),
        identity=(dialog.key, step.exchange.offer_message.cseq, written.index),
    )


def _ends(later: Sequence[HoldStep], ended_at: Instant | None) -> Instant | None:
    """When the stream becomes two-way or is held again, or the dialog ends; None when it stays as it is."""
    for step in later:
        if step.direction is Direction.SENDRECV or step.holding:
            return step.at
    return ended_at


def _verb(step: HoldStep, holder: Side) -> str:
    return "answers" if step.exchange.offerer is holder else "offers"


def _line(step: HoldStep, side: Side) -> str:
    section = step.section_of(side)
    return f"{section.media_line}, {direction_words(section)}"


def _note(message: Message, step: HoldStep) -> str:
    side = step.exchange.offerer if message is step.exchange.offer_message else step.exchange.offerer.other
    return f"{label_of(message)}: {_line(step, side)}"
