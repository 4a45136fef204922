"""A client asks again before the time that Retry-After told.

What it finds
    Behind 500 or 503 with Retry-After, the same request of the same client to the same server before that time is over;
    behind 503 any other new request too, but OPTIONS. It is a warning, or information where the server took the
    early one. Behind 404, 413, 480, 486, 600 and 603 the value is advice to a person, so that the same request is
    information. BYE, requests to another server and those that may have crossed the refusal are let be, and so is what
    a proxy passes on. One finding tells of all between two elements.
Why it matters
    An overload that would pass becomes an outage, and some servers then lock the client out.
Example
    Bad:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  MESSAGE
        0.1   reg -> alice  503
              Retry-After: 120
        2.1   alice -> reg  MESSAGE
        2.2   reg -> alice  503
              Retry-After: 120
        200   end
    Good:
        alice 192.0.2.10
        reg   192.0.2.1
        0.0   alice -> reg  MESSAGE
        0.1   reg -> alice  503
              Retry-After: 120
        121   alice -> reg  MESSAGE
        121.1 reg -> alice  200
        200   end
What to check
    - Does the client read Retry-After, or repeat at a pace of its own?
    - Has it another server to turn to meanwhile?
Sources
    RFC 3261 §14.2; RFC 3261 §20.33; RFC 3261 §21.5.4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import MILLISECOND, SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, WARNING, Hit, rule
from sipscope.values import dataclass

UNAVAILABLE = {500, 503}
"""Retry-After tells how long the service is expected to be unavailable."""

ADVISING = {404, 413, 480, 486, 600, 603}
"""Retry-After tells when the called party is expected to be back (RFC 3261 §20.33)."""

LET_BE = {"ACK", "BYE", "CANCEL", "OPTIONS", "PRACK"}
"""What ends or goes on with something that exists already, and probes."""

CROSSING: Duration = 200 * MILLISECOND
"""Another request so near behind the refusal may have crossed it."""

TOLERANCE: Duration = SECOND // 2
"""Half of the unit in which the delay is told."""

SHOWN = 3
"""How many early requests are shown."""

Link = tuple[str, str, str]
"""Client, server, and the sent-by that tells clients of one address from each other."""


@dataclass(frozen=True, slots=True)
class _Early:
    """A request that came before the time that a refusal told."""

    refusal: Response
    until: Instant
    retry: Transaction


@rule("TXN-021", name="retry-after-ignored", severity=WARNING, since="0.1", subject=Trace, needs=("retry-after",))
def retry_after_ignored(trace: Trace, _: Trace) -> Iterator[Hit]:
    """A client doesn't ask again for as long as the server said (RFC 3261 §20.33, §21.5.4)."""
    refused: dict[Link, list[tuple[Transaction, Response, Instant]]] = {}
    for transaction in trace.transactions:
        until = _until(transaction)
        if until is not None and transaction.final is not None:
            refused.setdefault(_link(transaction), []).append((transaction, transaction.final, until))
    if not refused:
        return
    early: dict[tuple[Link, bool], list[_Early]] = {}
    for transaction in trace.transactions:
        for before, refusal, until in refused.get(_link(transaction), ()):
            if refusal.at < transaction.started_at < until - TOLERANCE and _counts(before, refusal, transaction):
                harmful = refusal.status in UNAVAILABLE and not transaction.is_accepted
                found = _Early(refusal, until, transaction)
                early.setdefault((_link(transaction), harmful), []).append(found)
                break
    for (_link_of, harmful), items in early.items():
        yield _hit(items, harmful)


def _link(transaction: Transaction) -> Link:
    key = transaction.key
    return (key.client, key.server, key.sent_by)


def _until(transaction: Transaction) -> Instant | None:
    """Until when the client was asked to wait; None when it wasn't, or is a proxy that passes on what it gets."""
    status, request = transaction.final_status, transaction.request
    if status is None or not (status in UNAVAILABLE or status in ADVISING):
        return None
    final = transaction.final
    if final is None or request is None or final.retry_after is None or len(request.vias) != 1:
        return None
    seconds = final.retry_after.value.strip()
    if not (seconds.isascii() and seconds.isdigit()) or len(seconds) > 9:
        return None
    return final.at + int(seconds) * SECOND


def _counts(before: Transaction, refusal: Response, later: Transaction) -> bool:
    """Whether the refusal asked not to send this one."""
    one, other = before.request, later.request
    if one is None or other is None or len(other.vias) != 1:
        return False
    if _intent(one) == _intent(other):
        return later.method not in {"ACK", "BYE", "CANCEL"}
    if refusal.status != 503 or later.method in LET_BE or other.to_tag is not None:
        return False
    return later.started_at >= refusal.at + CROSSING


def _intent(request: Request) -> tuple[object, ...]:
    """What makes two requests the same to the server: method, target and sender, and the dialog inside one."""
    sender = "" if request.from_ is None else request.from_.uri.address_of_record
    dialog = None if request.to_tag is None else (request.call_id, request.to_tag)
    return (request.method, request.request_uri_text, sender, dialog)


def _hit(items: list[_Early], harmful: bool) -> Hit:
    first = items[0]
    waited = in_seconds(first.retry.started_at - first.refusal.at)
    told = in_seconds(first.until - first.refusal.at)
    evidence = []
    for item in items[:SHOWN]:
        asked = in_seconds(item.until - item.refusal.at)
        after = in_seconds(item.retry.started_at - item.refusal.at)
        evidence.append(Evidence(frame=item.refusal.frames[-1], note=f"{item.refusal.label}, Retry-After {asked:.0f}"))
        evidence.append(Evidence(frame=item.retry.first.frames[-1], note=f"{item.retry.method} after {after:.1f} s"))
    more = "" if len(items) == 1 else f" It did so {len(items)} times."
    return Hit(
        text=(
            f"{first.refusal.hop.source} answered {first.refusal.label} and asked to wait {told:.0f} s; the client "
            f"sent {first.retry.method} after {waited:.1f} s.{more}"
        ),
        evidence=tuple(evidence),
        at=first.retry.started_at,
        severity=WARNING if harmful else INFO,
    )
