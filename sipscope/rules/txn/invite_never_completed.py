"""An INVITE gets provisional responses, and then nothing for more than three minutes.

What it finds
    An INVITE without a final response on any hop, where the capture goes on for more than three minutes behind the last
    provisional response above 100, or behind the INVITE where only a 100 came. Progress that is told again and again
    is no fault however long it lasts, nor is a call that still rings at the end of the capture. An INVITE that was
    cancelled is told by TXN-018.
Why it matters
    Channels and billing records stay open. A stateful proxy drops the transaction after three minutes and more, so
    that an answer that comes later is delivered to nobody.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  100
        1.2   bob -> alice  180
        240   end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  100
        1.2   bob -> alice  180
        61    bob -> alice  180 again
        121   bob -> alice  180 again
        150   bob -> alice  486
        150.1 alice -> bob  ACK
        400   end
What to check
    - A user agent that needs time tells its progress every minute; a proxy whose timer C fires sends CANCEL.
    - Is the final response lost between the two? Look for it on the server's side.
    - Did one of the two restart during the call?
Sources
    RFC 3261 §13.3.1.1; RFC 3261 §16.6; RFC 3261 §16.8
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.unanswered import answered_out_of_view

TIMER_C: Duration = 180 * SECOND
"""A proxy waits longer than this behind the last progress (RFC 3261 §16.6)."""

MARGIN: Duration = 5 * SECOND
"""How much longer the capture must last: the refresh may be late."""


@rule(
    "TXN-003",
    name="invite-never-completed",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "request", "no final"),
)
def invite_never_completed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A gap of three minutes between responses ends a transaction at a proxy (RFC 3261 §13.3.1.1)."""
    if transaction.method != "INVITE" or transaction.request is None or not transaction.responses:
        return
    if transaction.final is not None or transaction.cancelled_by is not None:
        return
    last = _last_progress(transaction)
    since = transaction.request.at if last is None else last.at
    if not guards.capture_continues(trace, since, TIMER_C + MARGIN) or _concluded(transaction, trace):
        return
    yield _hit(transaction, trace, last, since)


def _last_progress(invite: Transaction) -> Response | None:
    """The last response above 100, retransmissions included."""
    told = [item for item in (*invite.responses, *invite.response_copies) if item.status > 100]
    return max(told, key=lambda item: item.at, default=None)


def _concluded(invite: Transaction, trace: Trace) -> bool:
    """Whether a final response must have passed out of view, or another branch decided the request."""
    if answered_out_of_view(trace, invite):
        return True
    if any(item.final is not None or item.cancelled_by is not None for item in trace.index.same_request(invite)):
        return True
    tags = {item.to_tag for item in invite.provisionals if item.to_tag is not None}
    return any(
        dialog.byes or dialog.confirmed_at is not None
        for dialog in trace.index.dialogs_of_call_id.get(invite.first.call_id or "", ())
        if dialog.key.callee_tag in tags
    )


def _hit(invite: Transaction, trace: Trace, last: Response | None, since: Instant) -> Hit:
    request = invite.first
    silence = in_seconds((trace.ended_at or since) - since)
    confidence, doubts = _confidence(invite, trace, since)
    evidence = [Evidence(frame=request.frames[-1], note="INVITE")]
    if last is not None:
        evidence.append(Evidence(frame=last.frames[-1], note=f"{last.label}, the last progress"))
    return Hit(
        text=(
            f"The INVITE to {invite.hop.destination} got no final response: behind "
            f"{'the INVITE' if last is None else f'the {last.label}'} came no progress for {silence:.0f} s."
        ),
        evidence=tuple(evidence),
        at=since,
        confidence=confidence,
        guards=doubts,
        identity=(request.call_id, request.from_tag, request.cseq),
    )


def _confidence(invite: Transaction, trace: Trace, since: Instant) -> tuple[Confidence, tuple[str, ...]]:
    if guards.capture_lossy_near(trace, since, since + TIMER_C):
        return Confidence.POSSIBLE, ("The capture itself lost packets at that time.",)
    hop = invite.hop
    heard = trace.vantage.signalling_pairs.get((hop.destination.address, hop.source.address))
    if heard is None or heard < since + TIMER_C:
        return Confidence.LIKELY, ("The server wasn't heard again at all, so its answer may be out of view.",)
    return Confidence.CERTAIN, ()
