"""A peer that is probed by OPTIONS doesn't answer, or answers that it fails.

What it finds
    A node that sends OPTIONS outside a dialog to a peer at a steady period, four times or more, and two probes in a row
    that got no answer, 408, or 5xx save 501. Each time when the peer went down and came back is told. Any other
    final response, 404 or a challenge too, shows that the peer lives.
Why it matters
    Trunks are taken out of service by it; it explains bursts of 503 and calls that went another way.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0     alice -> bob  OPTIONS call=1 new
        0.1   bob -> alice  200
        30    alice -> bob  OPTIONS call=2 new
        30.1  bob -> alice  503
        60    alice -> bob  OPTIONS call=3 new
        60.1  bob -> alice  503
        90    alice -> bob  OPTIONS call=4 new
        90.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0     alice -> bob  OPTIONS call=1 new
        0.1   bob -> alice  200
        30    alice -> bob  OPTIONS call=2 new
        30.1  bob -> alice  404
        60    alice -> bob  OPTIONS call=3 new
        60.1  bob -> alice  404
        90    alice -> bob  OPTIONS call=4 new
        90.1  bob -> alice  200
What to check
    - Is the peer up and not overloaded, and is the path to it open at these times?
    - Which statuses does the prober take as alive? Both sides have to agree.
Sources
    RFC 3261 §11.1; RFC 3261 §11.2; RFC 3261 §17.1.2.2
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sipscope.model.finding import Evidence
from sipscope.model.time import Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule

_FEWEST = 4
"""Probes from which a period is told."""
_IN_A_ROW = 2
"""Failures in a row that make a peer count as down."""


@rule("MSGM-005", name="options-ping-failing", severity=WARNING, since="0.1", subject=Trace, needs=("OPTIONS",))
def options_ping_failing(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """The response to OPTIONS tells whether a peer can take calls (RFC 3261 §11.2)."""
    probes: dict[tuple[str, str], list[Transaction]] = {}
    for transaction in trace.transactions:
        if transaction.method == "OPTIONS" and transaction.request is not None and transaction.request.to_tag is None:
            probes.setdefault((transaction.key.client, transaction.key.server), []).append(transaction)
    for (client, server), items in probes.items():
        period = _period(items)
        downs = [] if period is None else _downs(items, trace)
        if downs and period is not None:
            yield _hit(client, server, items, downs, period)


def _period(items: Sequence[Transaction]) -> float | None:
    """Seconds between two probes, where most gaps are about the same; None where they aren't."""
    if len(items) < _FEWEST:
        return None
    from statistics import median

    gaps = [in_seconds(after.started_at - before.started_at) for before, after in pairwise(items)]
    middle = median(gaps)
    steady = sum(abs(gap - middle) <= middle / 2 for gap in gaps)
    return middle if middle >= 1 and steady * 3 >= len(gaps) * 2 else None


def _downs(items: Sequence[Transaction], trace: Trace) -> list[tuple[list[Transaction], Transaction | None]]:
    """Failures in a row, each row with the probe that succeeded behind it."""
    found: list[tuple[list[Transaction], Transaction | None]] = []
    row: list[Transaction] = []
    for item in items:
        failed = _failed(item, trace)
        if failed:
            row.append(item)
        elif failed is False:
            if len(row) >= _IN_A_ROW:
                found.append((row, item))
            row = []
    if len(row) >= _IN_A_ROW:
        found.append((row, None))
    return found


def _failed(item: Transaction, trace: Trace) -> bool | None:
    """Whether a probe failed; None where that can't be known."""
    final = item.final
    if final is not None:
        return final.status == 408 or (500 <= final.status < 600 and final.status != 501)
    visible = item.request is not None and guards.answers_visible(trace, item.request)
    lossy = guards.capture_lossy_near(trace, item.started_at)
    return True if item.state is TransactionState.TIMED_OUT and visible and not lossy else None


def _hit(
    client: str,
    server: str,
    items: Sequence[Transaction],
    downs: Sequence[tuple[list[Transaction], Transaction | None]],
    period: float,
) -> Hit:
    start = items[0].started_at
    failures = sum(len(row) for row, _ in downs)
    times = "; ".join(_words(row, up, start) for row, up in downs)
    return Hit(
        text=(
            f"{server} failed {failures} of {len(items)} OPTIONS that {client} sent about every {period:.0f} s, "
            f"in a row: {times}."
        ),
        evidence=tuple(
            Evidence(frame=item.first.frames[-1], note=f"OPTIONS: {_answer(item)}")
            for row, up in downs
            for item in (*row, *([] if up is None else [up]))
        ),
        at=downs[0][0][0].started_at,
        identity=(client, server),
    )


def _words(row: Sequence[Transaction], up: Transaction | None, start: Instant) -> str:
    down_at = in_seconds(row[0].started_at - start)
    back = "to the end" if up is None else f"until {in_seconds(up.started_at - start):.1f} s"
    return f"down from {down_at:.1f} s behind the first {back}"


def _answer(item: Transaction) -> str:
    return "no answer" if item.final is None else item.final.label
