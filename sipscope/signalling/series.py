"""Puts the attempts of one intent together: challenge and retry, redirect, corrections, fail-over.

A series is followed at the client that began it, so a proxy's own retries behind it are not attempts of its user.
"""

from collections.abc import Iterator, Sequence

from sipscope.model.message import Request
from sipscope.model.series import Attempt, AttemptReason, RequestSeries
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction

LONGEST_PAUSE: Duration = 180 * SECOND
"""A request that comes later than this after a failure is a new intent: long enough for typing a password."""

_PARTS_OF_OTHERS = frozenset({"ACK", "CANCEL"})

_REASONS = {
    401: AttemptReason.CREDENTIALS,
    407: AttemptReason.CREDENTIALS,
    408: AttemptReason.FAILOVER,
    412: AttemptReason.CONDITION,
    413: AttemptReason.CONTENT,
    415: AttemptReason.CONTENT,
    420: AttemptReason.EXTENSION,
    421: AttemptReason.EXTENSION,
    422: AttemptReason.SESSION_INTERVAL,
    423: AttemptReason.EXPIRY,
    488: AttemptReason.DESCRIPTION,
    491: AttemptReason.GLARE,
    606: AttemptReason.DESCRIPTION,
}
"""Final responses that a client answers with the same request, corrected (RFC 3261 §8.1.3.5, §14.1, §22,
RFC 4028 §7.4, RFC 3903 §4). 3xx and 5xx belong to ranges."""


def series_of(transactions: Sequence[Transaction]) -> tuple[RequestSeries, ...]:
    """All series by time."""
    found = [series for requests in _requests_of_clients(transactions) for series in _chained(requests)]
    found.sort(key=_place_of)
    return tuple([_series(number, attempts) for number, attempts in enumerate(found, start=1)])


def _place_of(attempts: Sequence[Attempt]) -> tuple[Instant, tuple[int, ...]]:
    first = attempts[0].first
    return first.at, first.frames


def _requests_of_clients(transactions: Sequence[Transaction]) -> Iterator[list[list[Transaction]]]:
    """For each client and intent its requests by time; each as the transactions on the hop nearest to the client.

    From tags are left out of the key: some clients choose a new one for the retry with credentials.
    """
    intents: dict[tuple[object, ...], dict[tuple[object, ...], list[Transaction]]] = {}
    for item in transactions:
        if item.method in _PARTS_OF_OTHERS:
            continue
        first = item.first
        from_ = first.from_
        sender = "" if from_ is None else from_.uri.address_of_record
        key = (first.call_id, sender, _dialog_tag(item), item.method)
        cseq = first.cseq
        number = None if cseq is None else (cseq.number, cseq.method)
        requests = intents.get(key)
        if requests is None:
            intents[key] = {(first.from_tag, number): [item]}
            continue
        branches = requests.setdefault((first.from_tag, number), [])
        if not branches or branches[0].key.client == item.key.client:
            branches.append(item)
    for found in intents.values():
        yield list(found.values())


def _dialog_tag(transaction: Transaction) -> str | None:
    """To tag of the request: what tells a dialog's requests from those that begin one."""
    request = transaction.request
    return None if request is None else request.to_tag


def _chained(requests: list[list[Transaction]]) -> Iterator[list[Attempt]]:
    """Requests of one intent cut into series."""
    if len(requests) == 1 and len(requests[0]) == 1:
        yield [Attempt(reason=AttemptReason.FIRST, transactions=tuple(requests[0]))]
        return
    series: list[Attempt] = []
    for branches in requests:
        for attempt in _attempts(branches):
            reason = _reason(series[-1], attempt) if series else None
            if reason is None:
                if series:
                    yield series
                series = [attempt]
            else:
                series.append(Attempt(reason=reason, transactions=attempt.transactions))
    if series:
        yield series


def _attempts(branches: list[Transaction]) -> Iterator[Attempt]:
    """Branches of one request: those that began before the others failed are a fork, later ones a fail-over."""
    together: list[Transaction] = []
    for item in branches:
        if together and all(_failed_before(other, item.started_at) for other in together):
            yield Attempt(reason=AttemptReason.FIRST, transactions=tuple(together))
            together = []
        together.append(item)
    yield Attempt(reason=AttemptReason.FIRST, transactions=tuple(together))


def _failed_before(transaction: Transaction, at: Instant) -> bool:
    final = transaction.final
    if final is not None:
        return final.at <= at and not final.is_success
    # A client that sends the request elsewhere has given this one up, unless it had a provisional response.
    return not transaction.responses and bool(transaction.request_copies) and transaction.request_copies[-1].at <= at


def _reason(before: Attempt, attempt: Attempt) -> AttemptReason | None:
    """Why `attempt` follows `before`; None when it is an intent of its own."""
    final = before.final
    since = before.transactions[-1].started_at if final is None else final.at
    if attempt.first.at - since > LONGEST_PAUSE or attempt.first.at < since:
        return None
    if before.first.cseq == attempt.first.cseq:
        return AttemptReason.FAILOVER
    reason = None if final is None else _reason_of_status(final.status)
    fits = {
        AttemptReason.CREDENTIALS: _has_credentials(attempt),
        AttemptReason.FAILOVER: _server_differs(before, attempt),
    }
    return reason if reason is not None and fits.get(reason, True) else None


def _reason_of_status(status: int) -> AttemptReason | None:
    if 300 <= status < 400:
        return AttemptReason.REDIRECT
    return AttemptReason.FAILOVER if 500 <= status < 600 else _REASONS.get(status)


def _server_differs(before: Attempt, attempt: Attempt) -> bool:
    return before.transactions[-1].key.server != attempt.transactions[0].key.server


def _has_credentials(attempt: Attempt) -> bool:
    request = attempt.first
    return not isinstance(request, Request) or bool(request.credentials)


def _series(number: int, attempts: Sequence[Attempt]) -> RequestSeries:
    first = attempts[0].transactions[0]
    return RequestSeries(
        id=f"q{number}",
        method=first.method,
        call_id=first.first.call_id,
        in_dialog=_dialog_tag(first) is not None,
        client=first.key.client,
        attempts=tuple(attempts),
    )
