"""Which messages of a leg the offer/answer machine sees, and what one of them can be.

What may live here: choices that need no state. What may not: events and exchanges.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.dialog import Dialog, Leg
from sipscope.model.message import Message, Request, Response
from sipscope.model.transaction import Transaction

_NEGOTIATING = frozenset({"INVITE", "ACK", "PRACK", "UPDATE"})


def negotiates(dialog: Dialog) -> bool:
    """Whether a method shows the INVITE usage; the INVITE itself may be older than the capture."""
    return any(transaction.method in _NEGOTIATING for transaction in dialog.transactions)


def begins_here(dialog: Dialog, leg: Leg) -> bool:
    """Whether this leg shows the INVITE that created the dialog; without it the machine knows no history."""
    if dialog.started_in_capture and dialog.is_invite:
        for transaction in leg.transactions:
            if transaction.is_dialog_creating_invite:
                return True
    return False


def messages_of(leg: Leg) -> Sequence[tuple[Message, Transaction]]:
    """Every message once, by time, with its transaction."""
    pairs = [(message, transaction) for transaction in _once(leg.transactions) for message in transaction.messages]
    before = None
    for message, _ in pairs:
        if before is not None and message.at <= before:
            # Transactions overlap, as PRACK lies within its INVITE.
            pairs.sort(key=lambda pair: (pair[0].at, pair[0].frames))
            break
        before = message.at
    return pairs


def _once(transactions: tuple[Transaction, ...]) -> Iterator[Transaction]:
    """Every request once: a spiral shows it again between the same two hosts, under another branch (RFC 3261 §6)."""
    seen: dict[tuple[str, object, str | None], Transaction] = {}
    for transaction in transactions:
        request = transaction.request
        if request is None or request.cseq is None:
            yield transaction
            continue
        first = seen.setdefault((transaction.method, request.cseq.number, request.from_tag), transaction)
        if first is transaction or _finished_before(first, request):
            yield transaction


def _finished_before(transaction: Transaction, request: Request) -> bool:
    """Whether a transaction was over when a request of equal CSeq came: a sender that doesn't count its retries."""
    return any(response.is_final and response.at < request.at for response in transaction.responses)


def acknowledges(ack: Request, invite: Transaction) -> bool:
    """Whether an ACK has the CSeq number of an INVITE (RFC 3261 §13.2.2.4); unreadable ones may have."""
    opened = invite.first.cseq
    return ack.cseq is None or (opened is not None and opened.number == ack.cseq.number)


def may_answer(response: Response) -> bool:
    """Whether a response to an INVITE can be the answer: SDP in a 2xx or a reliable 1xx (RFC 3262 §5)."""
    return response.description is not None and (response.is_success or response.is_reliable_provisional)
