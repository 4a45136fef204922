"""What became of both old dialogs of a transfer: who hung up and when, a hold left behind, a caller left alone."""

from collections.abc import Iterator, Sequence

from sipscope.calls.holds import holds_of
from sipscope.calls.session_changes import settled_exchanges
from sipscope.model.aftermath import Fate, OldDialog, TransferParty
from sipscope.model.call import Service
from sipscope.model.dialog import Dialog, Side
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferOutcome

DIRECT_SCORE = 70
"""From this score on, the triggered request is told by direct evidence."""


def aftermath_of(transfer: Transfer, trace: Trace) -> tuple[OldDialog, ...]:
    """The dialog with the transferee, then the one with the target, where they are in view."""
    return tuple(_old_dialogs(transfer, trace))


def result_at(transfer: Transfer, trace: Trace) -> Instant | None:
    """When it was decided: by the target, else by what was told of it, else by the refusal of the REFER.

    The target's answer counts from the first hop that shows it.
    """
    triggered = transfer.triggered
    if triggered is not None and triggered.final is not None and transfer.triggered_score >= DIRECT_SCORE:
        finals = [item.final for item in trace.index.same_request(triggered) if item.final is not None]
        return min((item.at for item in finals if item.status == triggered.final_status), default=triggered.final.at)
    told = next((report.at for report in reversed(transfer.reports) if report.is_final), None)
    if told is not None:
        return told
    answer = transfer.refer.final
    return answer.at if answer is not None and answer.status >= 300 else None


def succeeded_otherwise(transfer: Transfer, dialog_id: str, trace: Trace) -> bool:
    """Whether another REFER brought the parties of a dialog together with somebody else, so nobody was left behind."""
    return any(
        other.outcome is TransferOutcome.SUCCEEDED and dialog_id in {other.dialog_id, other.consultation_dialog_id}
        for other in trace.transfers
        if other.id != transfer.id
    )


def _old_dialogs(transfer: Transfer, trace: Trace) -> Iterator[OldDialog]:
    first = _invite_dialog(transfer.dialog_id, trace)
    if first is not None and transfer.transferor_side is not None:
        yield _old_dialog(transfer, first, transfer.transferor_side, TransferParty.TRANSFEREE, trace)
    consultation = _invite_dialog(transfer.consultation_dialog_id, trace)
    if consultation is not None and consultation is not first:
        side = _transferor_side(transfer, first, consultation)
        yield _old_dialog(transfer, consultation, side, TransferParty.TARGET, trace)


def _invite_dialog(dialog_id: str | None, trace: Trace) -> Dialog | None:
    dialog = None if dialog_id is None else trace.index.dialogs.get(dialog_id)
    return dialog if dialog is not None and dialog.is_invite else None


def _transferor_side(transfer: Transfer, first: Dialog | None, consultation: Dialog) -> Side | None:
    """By the host that the transferor has in the other dialog, else by the address in From; None where both fit."""
    if first is not None and transfer.transferor_side is not None:
        host = first.party(transfer.transferor_side).endpoint.address
        found = [side for side in Side if consultation.party(side).endpoint.address == host]
        if len(found) == 1:
            return found[0]
    own = None if transfer.transferor is None else transfer.transferor.uri.address_of_record
    addresses = {side: consultation.party(side).address for side in Side}
    named = [side for side, item in addresses.items() if item is not None and item.uri.address_of_record == own]
    return named[0] if len(named) == 1 else None


def _old_dialog(
    transfer: Transfer, dialog: Dialog, side: Side | None, partner: TransferParty, trace: Trace
) -> OldDialog:
    changes = () if side is None else _changes_by(side, dialog, trace)
    held_at = next((item.at for item in changes if item.name == "hold" and item.until is None), None)
    fate, at, by = _fate(transfer, dialog, side, partner, trace, changes)
    if fate is Fate.OPEN and held_at is not None:
        fate, at, by = Fate.ON_HOLD, held_at, TransferParty.TRANSFEROR
    return OldDialog(dialog_id=dialog.id, partner=partner, fate=fate, at=at, by=by, on_hold=held_at is not None)


def _fate(
    transfer: Transfer,
    dialog: Dialog,
    side: Side | None,
    partner: TransferParty,
    trace: Trace,
    changes: Sequence[Service],
) -> tuple[Fate, Instant | None, TransferParty | None]:
    """A dialog that was taken back counts as that, whenever it ended after.

    A target hangs up the dialog that is replaced as soon as it accepts the new one (RFC 3891 §3), so its BYE may pass
    the tap in front of its own 200.
    """
    decided, ended = result_at(transfer, trace), dialog.ended_at
    failed = transfer.outcome in {TransferOutcome.FAILED, TransferOutcome.REFUSED}
    if failed and decided is not None:
        resumed = next((item.at for item in changes if item.name == "resume" and item.at >= decided), None)
        if resumed is not None:
            return Fate.TAKEN_BACK, resumed, TransferParty.TRANSFEROR
    if ended is None:
        return Fate.OPEN, None, None
    by = _releaser(dialog, side, partner)
    early = ended >= transfer.started_at and (decided is None or ended < decided)
    if early and by is not TransferParty.TARGET:
        left = by is TransferParty.TRANSFEROR and partner is TransferParty.TRANSFEREE
        alone = left and transfer.outcome is TransferOutcome.FAILED
        orphaned = alone and not succeeded_otherwise(transfer, dialog.id, trace)
        return Fate.ORPHANED if orphaned else Fate.RELEASED_EARLY, ended, by
    return Fate.RELEASED, ended, by


def _changes_by(side: Side, dialog: Dialog, trace: Trace) -> tuple[Service, ...]:
    keys = ((leg.id, dialog.id) for leg in dialog.legs)
    ledgers = [trace.index.ledgers[key] for key in keys if key in trace.index.ledgers]
    answered = [item for item in settled_exchanges(dialog.id, ledgers) if item.answer is not None]
    return tuple(item for item in holds_of(answered) if item.by is side)


def _releaser(dialog: Dialog, side: Side | None, partner: TransferParty) -> TransferParty | None:
    if side is None or dialog.released_by is None:
        return None
    return TransferParty.TRANSFEROR if dialog.released_by is side else partner
