"""Nobody refreshes a session, so it ends when its interval is over.

What it finds
    The last 2xx to INVITE or UPDATE set a session interval and named a refresher, and no later refresh succeeded:
    the other side gives up with BYE shortly before the expiry, or the expiry passes without refresh and without BYE.
Why it matters
    Calls that always drop after the same time, often 15, 20 or 30 minutes.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 90
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Require: timer
              Session-Expires: 90;refresher=uac
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        60.1  bob -> alice  BYE
        60.2  alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: timer
              Session-Expires: 90
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Require: timer
              Session-Expires: 90;refresher=uac
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        45    alice -> bob  UPDATE
              Supported: timer
              Session-Expires: 90;refresher=uac
        45.1  bob -> alice  200
              Require: timer
              Session-Expires: 90;refresher=uac
        60.1  bob -> alice  BYE
        60.2  alice -> bob  200
What to check
    - Does the named refresher send UPDATE or re-INVITE at half the interval?
    - Was a refresh refused or lost on its way: compare its Request-URI and Route with Contact and Record-Route?
    - Did the refresher get the Session-Expires of the 2xx, or did an element in between take it out?
Sources
    RFC 4028 §7.2; RFC 4028 §10
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, ReleaseKind, SessionTimer
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.dialog_routing import requests_would_show

MARGIN: Duration = 5 * SECOND
"""How long after the expiry the capture must go on before silence tells anything."""

SHORTEST: Duration = 90 * SECOND
"""An interval below the least that RFC 4028 §5 allows isn't measured: the moment of the BYE would prove nothing."""


@rule("SST-001", name="session-refresh-missed", severity=ERROR, since="0.1", subject=Dialog, needs=("session-expires",))
def session_refresh_missed(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Only a 2xx to a refresh extends the session; the refresher must get one in time (RFC 4028 §7.2, §10)."""
    timer = dialog.session_timer
    if timer is None or timer.refresher is None or timer.interval < SHORTEST:
        return
    release = dialog.release
    if release is not None and release.kind is not ReleaseKind.TIMER:
        return
    if release is None and not guards.capture_continues(trace, timer.expires_at, MARGIN):
        return
    if not requests_would_show(dialog, timer.refresher) or _in_progress(dialog, timer):
        return
    yield _hit(dialog, trace, timer)


def _attempts(dialog: Dialog, timer: SessionTimer) -> list[Request]:
    """Refreshes tried since the timer was set; none succeeded, or it would have been set anew."""
    requests = [item.request for item in dialog.transactions if item.method in {"INVITE", "UPDATE"}]
    return [item for item in requests if item is not None and item.at > timer.message.at]


def _in_progress(dialog: Dialog, timer: SessionTimer) -> bool:
    """Whether an attempt has no answer in view: its success may have been missed."""
    return any(
        item.final is None
        for item in dialog.transactions
        if item.method in {"INVITE", "UPDATE"} and item.started_at > timer.message.at
    )


def _hit(dialog: Dialog, trace: Trace, timer: SessionTimer) -> Hit:
    attempts, release = _attempts(dialog, timer), dialog.release
    tried = f" {len(attempts)} attempts to refresh it failed." if attempts else ""
    seconds = f"{in_seconds(timer.interval):.0f} s"
    evidence = [
        Evidence(
            frame=timer.message.frames[-1],
            note=f"session interval {seconds}, refresher is the {timer.refresher}",
        )
    ]
    evidence += [Evidence(frame=item.frames[-1], note="refresh that failed") for item in attempts]
    ending = "and the session interval ran out without BYE."
    if release is not None:
        after = in_seconds(release.message.at - timer.message.at)
        ending = f"so the {release.by} gave up with BYE after {after:.0f} s."
        evidence.append(Evidence(frame=release.message.frames[-1], note=f"BYE after {after:.0f} s"))
    lossy = guards.capture_lossy_near(trace, timer.message.at, timer.expires_at)
    uncertain = Confidence.POSSIBLE if lossy else Confidence.LIKELY
    return Hit(
        text=f"The {timer.refresher} was to refresh the session within {seconds} and never did, {ending}{tried}",
        evidence=tuple(evidence),
        at=timer.message.at,
        confidence=uncertain if lossy or release is None or dialog.anomalies else Confidence.CERTAIN,
        guards=("The capture itself lost packets in that time.",) if lossy else (),
        identity=(dialog.id, timer.message.cseq),
    )
