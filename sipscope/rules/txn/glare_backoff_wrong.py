"""After 491, a party tries the same change again at the wrong time.

What it finds
    The same offer again in re-INVITE or UPDATE, behind its 491: from the owner of the Call-ID less than 2.1 s later,
    which is a warning; later than the 4 s of the owner, or the 2 s of the other side, within 10 s, which is
    information. Requests of the other side that succeed or are still open meanwhile excuse every delay, and another
    offer is no retry. Elements that bridge two dialogs of one call pass the delay of others on and are left out. Never
    to try again is allowed.
Why it matters
    The two windows don't overlap, so that the two sides can't meet again. Where one side ignores them, 491 follows 491,
    and hold, transfer or a change of codec doesn't come about.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        5.1   bob -> alice  491
        5.2   alice -> bob  ACK
        5.3   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        5.4   bob -> alice  491
        5.5   alice -> bob  ACK
        30    alice -> bob  BYE
        30.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        5.1   bob -> alice  491
        5.2   alice -> bob  ACK
        8.1   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        8.2   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        8.3   alice -> bob  ACK
        30    alice -> bob  BYE
        30.1  bob -> alice  200
What to check
    - Who generated the Call-ID waits 2.1 to 4 s, the other side up to 2 s, each time by chance.
    - Does a timer of the application try again by itself, beside the one of the SIP stack?
Sources
    RFC 3261 §14.1; RFC 3311 §5.3
"""

from collections.abc import Iterator

from sipscope.model.comparison import differences
from sipscope.model.defects import Severity
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.series import AttemptReason, RequestSeries
from sipscope.model.time import MILLISECOND, SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules.api import INFO, WARNING, Hit, rule

OWNER: tuple[Duration, Duration] = (2_100 * MILLISECOND, 4 * SECOND)
"""When the owner of the Call-ID tries again (RFC 3261 §14.1)."""

OTHER: tuple[Duration, Duration] = (0, 2 * SECOND)
"""When the other side does."""

EARLY_TOLERANCE: Duration = 100 * MILLISECOND
"""Timers are coarse; the way to the tap and back only makes the delay longer."""

LATE_TOLERANCE: Duration = 500 * MILLISECOND
"""The 491 has to reach its client, and the retry the tap."""

LATEST: Duration = 10 * SECOND
"""What comes later is another attempt of the user."""


@rule(
    "TXN-022",
    name="glare-backoff-wrong",
    severity=WARNING,
    since="0.1",
    subject=RequestSeries,
    needs=("several attempts", ("INVITE", "UPDATE")),
)
def glare_backoff_wrong(series: RequestSeries, trace: Trace) -> Iterator[Hit]:
    """Who gets 491 waits for a time by chance, from a window that tells the two sides apart (RFC 3261 §14.1)."""
    if len(series.attempts) < 2 or not series.in_dialog or series.method not in {"INVITE", "UPDATE"}:
        return
    for before, attempt in zip(series.attempts, series.attempts[1:], strict=False):
        refusal, retry = before.final, attempt.first
        if attempt.reason is AttemptReason.GLARE and refusal is not None and isinstance(retry, Request):
            dialog = _dialog_of(retry, trace)
            if dialog is None or not _judged(dialog, before.first, retry, trace):
                continue
            hit = _judge(dialog, before.first, refusal, retry)
            if hit is not None:
                yield hit


def _dialog_of(request: Request, trace: Trace) -> Dialog | None:
    tags = {request.from_tag, request.to_tag}
    found = trace.index.dialogs_of_call_id.get(request.call_id or "", ())
    return next((item for item in found if {item.key.caller_tag, item.key.callee_tag} == tags), None)


def _judged(dialog: Dialog, first: Message, retry: Request, trace: Trace) -> bool:
    """Whether it is the same request of a user agent that decides about its own delay."""
    if not dialog.started_in_capture or len(retry.vias) != 1 or not _same_offer(first, retry):
        return False
    call = trace.index.calls.get(trace.index.call_of_dialog.get(dialog.id, 0))
    others = () if call is None else (item for item in call.dialogs if item.id != dialog.id)
    sender = retry.hop.source.address
    return all(sender not in {leg.caller.address, leg.callee.address} for item in others for leg in item.legs)


def _same_offer(first: Message, retry: Message) -> bool:
    one, other = first.description, retry.description
    if one is None or other is None:
        return one is other
    return not differences(one, other)


def _judge(dialog: Dialog, first: Message, refusal: Response, retry: Request) -> Hit | None:
    sender = dialog.sender_of(retry)
    if sender is None or _peer_was_busy(dialog, sender, first, retry):
        return None
    earliest, latest = OWNER if sender is Side.CALLER else OTHER
    waited = retry.at - refusal.at
    if not waited:
        # Nobody is that fast: it is a log that tells no times.
        return None
    if waited < earliest - EARLY_TOLERANCE:
        return _hit(dialog, (refusal, retry), WARNING, (earliest, latest))
    if latest + LATE_TOLERANCE < waited <= LATEST:
        return _hit(dialog, (refusal, retry), INFO, (earliest, latest))
    return None


def _peer_was_busy(dialog: Dialog, sender: Side, first: Message, retry: Request) -> bool:
    """Whether a request of the other side was open when the retry was sent, or succeeded behind the first attempt."""
    for item in dialog.transactions:
        request = item.request
        if request is None or item.method not in {"INVITE", "UPDATE"} or dialog.sender_of(request) is sender:
            continue
        if request.at >= retry.at:
            continue
        final = item.final
        if final is None or final.at >= retry.at or (final.is_success and final.at >= first.at):
            return True
    return False


def _hit(
    dialog: Dialog, messages: tuple[Response, Request], severity: Severity, window: tuple[Duration, Duration]
) -> Hit:
    refusal, retry = messages
    owns = dialog.sender_of(retry) is Side.CALLER
    who = "the owner of the Call-ID" if owns else "the side that doesn't own the Call-ID"
    waited = in_seconds(retry.at - refusal.at)
    return Hit(
        text=(
            f"Behind 491, {who} sent the same {retry.method} again after {waited:.2f} s; it should have come after "
            f"{in_seconds(window[0]):.1f} to {in_seconds(window[1]):.1f} s."
        ),
        evidence=(
            Evidence(frame=refusal.frames[-1], note=f"{refusal.label} to {retry.method}"),
            Evidence(frame=retry.frames[-1], note=f"{retry.method} again after {waited:.2f} s"),
        ),
        at=retry.at,
        severity=severity,
        identity=(dialog.id, owns, severity),
    )
