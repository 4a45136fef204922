"""The ledger of offers and answers, leg by leg and dialog by dialog (RFC 3264, RFC 6337)."""

from collections.abc import Sequence

from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.offer_answer import Ledger, MachineState, OfferAnswerExchange
from sipscope.model.time import Instant
from sipscope.signalling.early_sessions import early_exchanges_of
from sipscope.signalling.in_force import InForce
from sipscope.signalling.offer_answer_draft import Draft
from sipscope.signalling.offer_answer_machine import Machine
from sipscope.signalling.offer_answer_messages import begins_here, messages_of, negotiates
from sipscope.values import dataclass


def ledgers_of(dialogs: Sequence[Dialog]) -> tuple[Ledger, ...]:
    """A ledger for each leg of each dialog with an INVITE usage; exchanges are numbered by time over all of them."""
    pages = [_page(dialog, leg) for dialog in dialogs if negotiates(dialog) for leg in dialog.legs]
    found = [(draft, page) for page in pages for draft in page.drafts]
    found.sort(key=_place_of)
    for number, (draft, _) in enumerate(found, start=1):
        draft.id = f"e{number}"
    return tuple([_ledger(page) for page in pages])


@dataclass(slots=True)
class _Page:
    """What the machine made of a leg, while its exchanges wait for their ids."""

    dialog: Dialog
    leg: Leg
    begins_here: bool
    drafts: list[Draft]
    early_exchanges: tuple[OfferAnswerExchange, ...]
    state: MachineState
    anomalies: list[Anomaly]


def _page(dialog: Dialog, leg: Leg) -> _Page:
    begins, messages = begins_here(dialog, leg), messages_of(leg)
    machine = Machine(dialog, leg, begins_here=begins)
    machine.run(messages)
    drafts = machine.drafts
    if len(drafts) > 1:
        drafts.sort(key=lambda draft: (draft.offer_message.at, draft.offer_message.frames))
    early = early_exchanges_of(dialog, leg, messages)
    return _Page(dialog, leg, begins, drafts, early, machine.state, machine.anomalies)


def _place_of(found: tuple[Draft, _Page]) -> tuple[Instant, tuple[int, ...], str, str]:
    draft, page = found
    return draft.offer_message.at, draft.offer_message.frames, page.leg.id, page.dialog.id


def _ledger(page: _Page) -> Ledger:
    dialog_id, leg_id = page.dialog.id, page.leg.id
    exchanges = tuple(
        [
            draft.frozen(number, dialog_id=dialog_id, leg_id=leg_id, history_complete=page.begins_here)
            for number, draft in enumerate(page.drafts, start=1)
        ]
    )
    return Ledger(
        leg_id=leg_id,
        dialog_id=dialog_id,
        exchanges=exchanges,
        in_force=InForce(exchanges, page.dialog.ended_at),
        state=page.state,
        anomalies=tuple(page.anomalies),
        early_exchanges=page.early_exchanges,
    )
