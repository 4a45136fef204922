"""What the rules about retransmissions share: which copies were sent again, and which of them got no answer.

A frame captured twice and a message on its next hop are no retransmissions; the capture layer and the transactions
leave them out, but for mirrors that shift a copy by some milliseconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Transport
from sipscope.model.time import MILLISECOND, SECOND, Duration
from sipscope.model.transaction import Transaction
from sipscope.rules.retries import altered_retry
from sipscope.rules.unanswered import DEADLINE

M = TypeVar("M", bound=Message)

NEAREST: Duration = 100 * MILLISECOND
"""Copies so near to each other are more likely one packet captured twice."""

ANSWERED_WITHIN: Duration = SECOND // 2
"""How long a server that repeats its answer may take for it."""

ENOUGH = 2
"""Copies without an answer that are no chance: one of them, or one answer, may have been lost on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrepeated:
    """An answer that its server didn't give again.

    Attributes:
        answer: What the server had answered.
        copies: Retransmissions of the request behind it that got nothing.
    """

    answer: Response
    copies: tuple[Request, ...]


def true_copies(original: M, copies: Sequence[M]) -> list[M]:
    """Copies on the same path, far enough from the one before to be no packet captured twice."""
    found: list[M] = []
    before: Message = original
    for copy in copies:
        if copy.hop == original.hop and copy.at - before.at > NEAREST:
            found.append(copy)
        before = copy
    return found


def unrepeated_answer(transaction: Transaction) -> Unrepeated | None:
    """The answer over UDP that was due again and didn't come, as a request was repeated behind it; None for none.

    A server repeats its newest provisional response and its refusal of an INVITE, and the final response to any other
    request (RFC 3261 §17.2.1, §17.2.2). Copies of an INVITE behind its 2xx or its ACK are absorbed (RFC 6026 §7.1).
    """
    request = transaction.request
    if len(transaction.request_copies) < ENOUGH or request is None or not transaction.responses:
        return None
    if request.hop.transport is not Transport.UDP or altered_retry(transaction) is not None:
        return None
    copies = true_copies(request, transaction.request_copies)
    final = transaction.final
    if final is not None and (transaction.method != "INVITE" or final.status >= 300):
        silent = _behind(transaction, final, copies)
        if len(silent) >= ENOUGH:
            return Unrepeated(answer=final, copies=silent)
    provisional = transaction.responses[0]
    if transaction.method == "INVITE" and provisional.is_provisional:
        silent = _pending(transaction, provisional, copies)
        if len(silent) >= ENOUGH:
            return Unrepeated(answer=provisional, copies=silent)
    return None


def _behind(transaction: Transaction, final: Response, copies: Sequence[Request]) -> tuple[Request, ...]:
    """Copies behind a final response, while the server must remember it, that nothing followed."""
    last = max(item.at for item in (*transaction.responses, *transaction.response_copies))
    ack = transaction.ack
    until = final.at + DEADLINE if ack is None else min(final.at + DEADLINE, ack.at)
    return tuple(copy for copy in copies if last < copy.at < until)


def _pending(transaction: Transaction, provisional: Response, copies: Sequence[Request]) -> tuple[Request, ...]:
    """Copies of an INVITE behind a provisional response that had no response within the time of one."""
    final = transaction.final
    responses = [item.at for item in (*transaction.responses, *transaction.response_copies)]
    return tuple(
        copy
        for copy in copies
        if provisional.at < copy.at
        and (final is None or copy.at < final.at)
        and not any(copy.at <= at <= copy.at + ANSWERED_WITHIN for at in responses)
    )
