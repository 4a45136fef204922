"""What the rules about retransmissions share: which copies were sent again, and which of them got no answer.

A frame captured twice and a message on its next hop are no retransmissions; the capture layer and the transactions
leave them out, but for mirrors that shift a copy by some milliseconds.
"""

import itertools
from collections.abc import Sequence
from typing import TypeVar

from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Transport
from sipscope.model.time import MILLISECOND, SECOND, Duration
from sipscope.model.transaction import Transaction
from sipscope.rules.retries import altered_retry
from sipscope.rules.unanswered import DEADLINE
from sipscope.values import dataclass

M = TypeVar("M", bound=Message)

NEAREST: Duration = 100 * MILLISECOND
"""Copies so near to each other are more likely one packet captured twice."""

ANSWERED_WITHIN: Duration = SECOND // 2
"""How long a server that repeats its answer may take for it."""

SERIES = 3
"""Intervals that show how a sender repeats."""

LONGEST_FIXED: Duration = 3 * SECOND
"""Longer intervals may be T2, which requests other than INVITE and responses keep to (RFC 3261 §17.1.2.2, §17.2.1)."""

ENOUGH = 2
"""Copies without an answer that are no chance: one of them, or one answer, may have been lost on its way."""

LATE: Duration = 3 * SECOND // 2
"""When an INVITE is sent for the third time (RFC 3261 §17.1.1.2)."""

AT_ONCE: Duration = 300 * MILLISECOND
"""A response so near behind a copy may answer it: a server has 200 ms for its 100 (RFC 3261 §17.2.1)."""

KEEP_ALIVE: Duration = 15 * SECOND
"""Copies of an INVITE this far apart keep a NAT binding open."""


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


def late_first_response(transaction: Transaction) -> Response | None:
    """The first response to an INVITE over UDP, where it is so late that the client had repeated the request twice.

    A response right behind a copy may answer that one, and the request before it have been lost: it isn't late.
    """
    request = transaction.request
    if transaction.method != "INVITE" or request is None or not transaction.responses:
        return None
    first = transaction.responses[0]
    if request.hop.transport is not Transport.UDP or first.at - request.at < LATE:
        return None
    copies = [copy for copy in true_copies(request, transaction.request_copies) if copy.at < first.at]
    if len(copies) < ENOUGH or first.at - copies[-1].at < AT_ONCE:
        return None
    return first


def repeated_behind_provisional(transaction: Transaction) -> tuple[Response, tuple[Request, ...]] | None:
    """An INVITE over UDP that goes on being repeated although a provisional response passed, with the copies.

    The response may be on its way for half a second, and copies far apart keep a NAT binding open. A server that is
    silent to the copies is another fault: see `unrepeated_answer`.
    """
    request = transaction.request
    if transaction.method != "INVITE" or len(transaction.request_copies) < ENOUGH or request is None:
        return None
    first = transaction.responses[0] if transaction.responses else None
    if first is None or not first.is_provisional or request.hop.transport is not Transport.UDP:
        return None
    copies: list[Request] = []
    before = request
    for copy in true_copies(request, transaction.request_copies):
        if copy.at - first.at > ANSWERED_WITHIN and copy.at - before.at < KEEP_ALIVE:
            copies.append(copy)
        before = copy
    final = transaction.final
    pending = tuple(copy for copy in copies if final is None or copy.at < final.at)
    return (first, pending) if len(pending) >= ENOUGH and unrepeated_answer(transaction) is None else None


def fixed_interval(original: Message, copies: Sequence[Message]) -> Duration | None:
    """The interval at which a message was sent again and again, where it neither doubles nor is T2; None otherwise."""
    times = [original.at, *(copy.at for copy in true_copies(original, copies))]
    intervals = [later - earlier for earlier, later in itertools.pairwise(times)]
    if len(intervals) < SERIES or max(intervals) > LONGEST_FIXED:
        return None
    mean = sum(intervals) // len(intervals)
    # Timers of common stacks are exact to some milliseconds; RFC 3261 §17.1.1.2 doubles each of them.
    even = all(abs(interval - mean) * 4 < mean for interval in intervals)
    return mean if even else None


def repeated_evenly(transaction: Transaction) -> tuple[Message, tuple[Message, ...], Duration] | None:
    """What a party of a transaction sent at a fixed interval over UDP: the message, its copies, and the interval.

    Counted are requests until their first response, and final responses to INVITE until their ACK.
    """
    request, final = transaction.request, transaction.final
    if transaction.hop.transport is not Transport.UDP or transaction.method == "ACK":
        return None
    if request is not None and len(transaction.request_copies) >= SERIES:
        until = transaction.responses[0].at if transaction.responses else None
        copies = tuple(copy for copy in transaction.request_copies if until is None or copy.at < until)
        interval = fixed_interval(request, copies)
        if interval is not None and altered_retry(transaction) is None:
            return request, copies, interval
    if final is not None and transaction.method == "INVITE" and len(transaction.response_copies) >= SERIES:
        answers = transaction.copies_of(final)
        interval = fixed_interval(final, answers)
        if interval is not None and not _asked_for(transaction, answers):
            return final, answers, interval
    return None


def _asked_for(transaction: Transaction, answers: Sequence[Message]) -> bool:
    """Whether copies of a response follow copies of the request, which ask for them."""
    return any(0 <= answer.at - copy.at < ANSWERED_WITHIN for answer in answers for copy in transaction.request_copies)


def is_told_otherwise(transaction: Transaction) -> bool:
    """Whether the retransmissions of a transaction have a reason that a rule of its own tells."""
    return (
        unrepeated_answer(transaction) is not None
        or late_first_response(transaction) is not None
        or repeated_behind_provisional(transaction) is not None
        or repeated_evenly(transaction) is not None
    )
