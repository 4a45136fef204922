"""A request that comes too early from the same side isn't refused with 500 and Retry-After.

What it finds
    A second INVITE inside a dialog while the first of the same party has no final response, or a second UPDATE while
    the first has none and one of them has an offer, that is answered otherwise than 500 with a Retry-After of 0 to
    10 s. A first request that is answered within 200 ms may have been over when the second one came, and a response
    that has a reason of its own (401, 403, 407, 408, 481, 503) is let be. Who sends too early is told by OA-020 or
    TXN-023.
Why it matters
    Without 500 and Retry-After the sender doesn't know that it may try again, and usually clears the call; a second
    offer that is accepted is matched with the wrong answer.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  UPDATE cseq=2
        5.1   alice -> bob  UPDATE cseq=3
              m=audio 4002 RTP/AVP 0
        5.2   bob -> alice  491
        6.0   bob -> alice  200 UPDATE cseq=2
        9.0   alice -> bob  BYE cseq=4
        9.1   bob -> alice  200 BYE
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  UPDATE cseq=2
        5.1   alice -> bob  UPDATE cseq=3
              m=audio 4002 RTP/AVP 0
        5.2   bob -> alice  500
              Retry-After: 4
        6.0   bob -> alice  200 UPDATE cseq=2
        9.0   alice -> bob  BYE cseq=4
        9.1   bob -> alice  200 BYE
What to check
    - The product that answered: 500 with `Retry-After`, a random value of 0 to 10 s, is due; 491 is for glare.
    - Let the sender hold a request back until the one before it is over.
Sources
    RFC 3261 §14.2; RFC 3311 §5.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.request_times import RequestTimes
from sipscope.model.time import MILLISECOND, SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

RACE: Duration = 200 * MILLISECOND
"""Within this time two messages may have crossed on their way."""

TIMEOUT: Duration = 32 * SECOND
"""64·T1: a request without a response is over (RFC 3261 §17.1.1.2, §17.1.2.2)."""

LONGEST_RETRY_S = 10

_OWN_REASON = frozenset({401, 403, 407, 408, 481, 503})
_METHODS = frozenset({"INVITE", "UPDATE"})


@rule(
    "OA-022",
    name="overlapping-request-not-500",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=(("INVITE in dialog", "UPDATE in dialog"),),
)
def overlapping_request_not_500(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """Who gets a second one before it has answered the first says 500 (RFC 3261 §14.2, RFC 3311 §5.2)."""
    for leg in dialog.legs:
        if not leg.both_directions:
            continue
        requests = [item for item in leg.transactions if item.method in _METHODS and _is_of(item, dialog)]
        if len(requests) < 2:
            continue
        times = RequestTimes(requests)
        for second in requests:
            final = second.final
            first = _open_before(requests, times, second, leg)
            if first is not None and final is not None and final.status not in _OWN_REASON and not _is_due(final):
                yield _hit(dialog, first, second, final)


def _is_of(transaction: Transaction, dialog: Dialog) -> bool:
    request = transaction.request
    return request is not None and dialog.sender_of(request) is not None and request.cseq is not None


def _open_before(requests: list[Transaction], times: RequestTimes, second: Transaction, leg: Leg) -> Transaction | None:
    """An earlier request of the same method and side without a final response when the second one came."""
    later = second.request
    if later is None or later.to_tag is None:
        return None
    for first in requests[times.since(later.at - TIMEOUT) : times.before(later.at)]:
        request = first.request
        if request is None or first.method != second.method or request.from_tag != later.from_tag:
            continue
        offers = first.method == "INVITE" or request.description is not None or later.description is not None
        overlaps = request.at < later.at <= request.at + TIMEOUT and request.cseq != later.cseq
        same_side = leg.side_of(request) is leg.side_of(later)
        if offers and overlaps and same_side and _was_open(first, later, second.final):
            return first
    return None


def _was_open(first: Transaction, later: Request, answer: Response | None) -> bool:
    """Whether the first was unanswered when the second came and when it was answered, races left out."""
    if answer is None or first.final is None:
        return False
    return first.final.at > later.at + RACE and first.final.at > answer.at


def _is_due(final: Response) -> bool:
    """500 with a Retry-After of 0 to 10 s."""
    stated = None if final.retry_after is None else final.retry_after.value
    return final.status == 500 and stated is not None and stated.isdecimal() and int(stated) <= LONGEST_RETRY_S


def _hit(dialog: Dialog, first: Transaction, second: Transaction, final: Response) -> Hit:
    retry = "" if final.retry_after is None else f", Retry-After {final.retry_after.value}"
    lacks = f"{final.label}{retry or (', no Retry-After' if final.status == 500 else '')}"
    return Hit(
        text=(
            f"The {second.method} came while the {first.method} before it from the same side was unanswered, and was "
            f"answered {lacks}; 500 with Retry-After 0–10 is due."
        ),
        evidence=(
            Evidence(frame=first.first.frames[-1], note=f"{first.method}, CSeq {_number(first)}, unanswered"),
            Evidence(frame=second.first.frames[-1], note=f"{second.method}, CSeq {_number(second)}"),
            Evidence(frame=final.frames[-1], note=lacks),
        ),
        at=final.at,
        identity=(dialog.key, second.first.cseq, second.first.from_tag),
    )


def _number(transaction: Transaction) -> int:
    return 0 if transaction.first.cseq is None else transaction.first.cseq.number
