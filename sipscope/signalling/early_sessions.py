"""Sessions for early media alone: offers and answers of disposition `early-session` (RFC 3959 §4).

They are a negotiation of their own beside that of the call, with the carriers that come before the final response. What
may live here: which of their descriptions answers which. What may not: whether that is legal.
"""

from collections.abc import Sequence

from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import ExchangeOutcome, OfferAnswerExchange
from sipscope.model.transaction import Transaction
from sipscope.signalling.offer_answer_draft import Draft, differ
from sipscope.signalling.offer_answer_messages import begins_here
from sipscope.signalling.offer_answer_table import Event

_CARRIERS = {"INVITE": Event.INVITE_SDP, "PRACK": Event.PRACK_SDP, "UPDATE": Event.UPDATE_BY_UAC}


def early_exchanges_of(
    dialog: Dialog, leg: Leg, messages: Sequence[tuple[Message, Transaction]]
) -> tuple[OfferAnswerExchange, ...]:
    """The exchanges of the early session of a dialog on a leg; none where nobody speaks of one.

    Args:
        dialog: The dialog.
        leg: The leg.
        messages: Of the leg, each with its transaction, by time.
    """
    if not _are_spoken_of(messages):
        return ()
    drafts = _drafts(leg, [pair for pair in messages if _is_own(dialog, pair[0])])
    complete = begins_here(dialog, leg)
    return tuple(_frozen(draft, number, dialog, leg, complete=complete) for number, draft in enumerate(drafts, start=1))


def _are_spoken_of(messages: Sequence[tuple[Message, Transaction]]) -> bool:
    for message, _ in messages:
        # Nearly all bodies are the description of the session, and nothing else.
        plain = len(message.parts) == 1 and message.description is not None
        if message.parts and not plain and message.early_description is not None:
            return True
    return False


def _frozen(draft: Draft, number: int, dialog: Dialog, leg: Leg, *, complete: bool) -> OfferAnswerExchange:
    draft.id = f"{dialog.id} {leg.id} early {number}"
    return draft.frozen(number, dialog_id=dialog.id, leg_id=leg.id, history_complete=complete)


def _is_own(dialog: Dialog, message: Message) -> bool:
    if not isinstance(message, Response) or message.status >= 300:
        return True
    return (message.to_tag or "") in {dialog.key.caller_tag, dialog.key.callee_tag}


def _drafts(leg: Leg, pairs: Sequence[tuple[Message, Transaction]]) -> list[Draft]:
    drafts: list[Draft] = []
    for message, transaction in pairs:
        pending = drafts[-1] if drafts and drafts[-1].outcome is ExchangeOutcome.PENDING else None
        side = leg.side_of(message)
        if pending is not None and _may_answer(message, transaction, pending):
            _settle(pending, message)
        elif pending is not None and isinstance(message, Response) and _ends(message):
            pending.outcome = ExchangeOutcome.SUPERSEDED
        elif message.early_description is not None and not _says_again(drafts, message, side):
            if pending is not None:
                pending.outcome = ExchangeOutcome.SUPERSEDED
            drafts.append(_draft(drafts, message, transaction, side))
    return drafts


def _may_answer(message: Message, transaction: Transaction, pending: Draft) -> bool:
    """Whether a message is the one that carries the answer: the PRACK of a response, the response of a request."""
    offer = pending.offer_message
    if isinstance(offer, Response):
        acknowledged = message.rack.rseq if isinstance(message, Request) and message.rack is not None else None
        return acknowledged is not None and acknowledged == offer.rseq
    if transaction is not pending.transaction or not isinstance(message, Response):
        return False
    return message.early_description is not None or (message.is_final and transaction.method != "INVITE")


def _settle(pending: Draft, message: Message) -> None:
    if isinstance(message, Response) and message.status >= 300:
        pending.answer_message, pending.outcome = message, ExchangeOutcome.REJECTED
        return
    if message.early_description is None:
        pending.outcome = ExchangeOutcome.BROKEN
        return
    pending.answer_message, pending.answer = message, message.early_description
    pending.outcome = ExchangeOutcome.ANSWERED


def _ends(response: Response) -> bool:
    """Whether the early session is over: with the final response to the INVITE (RFC 3959 §5)."""
    return response.method == "INVITE" and response.is_final


def _says_again(drafts: Sequence[Draft], message: Message, side: Side) -> bool:
    """Whether the party said the same before in the early session."""
    stated = message.early_description
    for draft in reversed(drafts):
        written = draft.written_by(side)
        if stated is not None and written is not None and not differ(written[1], stated):
            draft.repeats.append(message)
            return True
    return False


def _draft(drafts: Sequence[Draft], message: Message, transaction: Transaction, side: Side) -> Draft:
    offer = message.early_description
    if offer is None:
        raise ValueError("a message without a description for an early session offers none")
    before = next((draft for draft in reversed(drafts) if draft.answer is not None), None)
    previous = {}
    if before is not None and before.answer is not None:
        previous = {before.offerer: before.offer, before.offerer.other: before.answer}
    carrier = Event.RELIABLE_SDP if isinstance(message, Response) else _CARRIERS.get(transaction.method, Event.ACK_SDP)
    return Draft(
        offerer=side,
        carrier=carrier,
        offer_message=message,
        offer=offer,
        previous=previous,
        is_initial=not previous,
        transaction=transaction,
        invite=None,
    )
