"""A call ends while one side still holds it.

What it finds
    A dialog that is released with BYE while a party that put a stream on hold has not taken the hold back. Calls in
    which a transfer was asked for are left alone. It accuses nobody.
Why it matters
    It may be all right, because users hang up on hold; or it is the end of a failed transfer or of a call that was
    forgotten. It tells the support desk that and how long somebody was left waiting.
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
        90.0  bob -> alice  BYE
        90.1  alice -> bob  200
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
        20.0  alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        20.1  bob -> alice  200
              m=audio 5000 RTP/AVP 0
        20.2  alice -> bob  ACK
        90.0  bob -> alice  BYE
        90.1  alice -> bob  200
What to check
    - Did the user of the side that held hang up, or the one who was waiting?
    - Was a transfer or a park tried by other means, such as feature codes of a PBX?
Sources
    RFC 3264 §8.4
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.offer_answer import Ledger
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import anchor, direction_words, label_of, party_words
from sipscope.rules.hold import HoldStep, expresses_hold, hold_steps, positions_of


@rule("OA-014", name="hold-never-released", severity=INFO, since="0.1", subject=Dialog, needs=("several exchanges",))
def hold_never_released(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A stream stays on hold until the party that asked for it offers otherwise (RFC 3264 §8.4)."""
    if dialog.released_by is None or dialog.ended_at is None:
        return
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        found = None if ledger is None else _last_hold(ledger)
        if found is not None and not any(transfer.dialog_id == dialog.id for transfer in trace.transfers):
            yield _hit(dialog, trace, *found)


def _last_hold(ledger: Ledger) -> tuple[HoldStep, Side] | None:
    """The exchange that began the hold in which the ledger ends, and who holds; the first position that has one."""
    if not expresses_hold(ledger):
        return None
    for index in range(positions_of(ledger)):
        began: dict[Side, HoldStep] = {}
        for step in hold_steps(ledger, index):
            began = {side: began.get(side, step) for side in step.holding}
        if began:
            side = min(began, key=lambda item: began[item].at)
            return began[side], side
    return None


def _hit(dialog: Dialog, trace: Trace, step: HoldStep, side: Side) -> Hit:
    ended_at, ended_by = dialog.ended_at or step.at, trace.index.messages.get(dialog.ended_by or "")
    message = step.exchange.offer_message if side is step.exchange.offerer else step.exchange.answer_message
    section = step.section_of(side)
    evidence = [] if message is None else [Evidence(frame=anchor(message), note=f"hold: {direction_words(section)}")]
    if ended_by is not None:
        evidence.append(Evidence(frame=anchor(ended_by), note=label_of(ended_by)))
    seconds = in_seconds(ended_at - step.at)
    later = f"{seconds:.0f} s later" if seconds >= 1 else "at once"
    return Hit(
        text=(
            f"The call ended on hold: {party_words(step.exchange, trace, side)} held it, and "
            f"{_release_words(dialog, side)} {later}."
        ),
        evidence=tuple(evidence),
        at=ended_at,
        identity=(dialog.key,),
    )


def _release_words(dialog: Dialog, holder: Side) -> str:
    if dialog.released_by is None:
        return "it was released"
    return "released it" if dialog.released_by == holder else f"the {dialog.released_by} released it"
