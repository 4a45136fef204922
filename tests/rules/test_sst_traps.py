"""What the rules about session timers say of broken flows, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
TIMED = "Session-Expires: 90;refresher=uac\n      Require: timer"
BY_CALLEE = "Session-Expires: 90;refresher=uas\n      Require: timer"


def invite(asked: str = "Supported: timer", answered: str = TIMED) -> str:
    """A call of frames 1 to 3."""
    request = "".join(f"      {line}\n" for line in asked.splitlines() if line)
    return (
        PARTIES
        + f"0.0 alice -> bob INVITE\n{request}"
        + "      m=audio 4000 RTP/AVP 0\n"
        + f"0.1 bob -> alice 200\n      {answered}\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
    )


def refresh(at: float, status: int = 200, sender: str = "alice", answered: str = TIMED) -> str:
    peer = "bob" if sender == "alice" else "alice"
    return (
        f"{at} {sender} -> {peer} UPDATE\n      Supported: timer\n"
        f"{at + 0.1:.1f} {peer} -> {sender} {status} UPDATE\n" + (f"      {answered}\n" if status == 200 else "")
    )


def bye(at: float, sender: str = "alice") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} BYE\n{at + 0.1:.1f} {peer} -> {sender} 200 BYE\n"


LEGITIMATE = {
    "refreshed at half the interval": invite() + refresh(45) + refresh(90) + bye(120),
    "refreshed by re-INVITE for another purpose": invite()
    + "50 alice -> bob INVITE\n      Supported: timer\n      m=audio 4000 RTP/AVP 0\n      a=sendonly\n"
    + f"50.1 bob -> alice 200\n      {TIMED}\n      m=audio 5000 RTP/AVP 0\n      a=recvonly\n50.2 alice -> bob ACK\n"
    + bye(120),
    "refreshed by the side that need not": invite()
    + refresh(45, sender="bob", answered="Session-Expires: 90;refresher=uac\n      Require: timer")
    + bye(80),
    "released before": invite() + bye(30),
    "released by the refresher itself": invite() + bye(60.1),
    "capture ends before the expiry": invite() + "80 end\n",
    "turned off by a 2xx without Session-Expires": invite() + refresh(45, answered="Subject: off") + "300 end\n",
    "refresher on a path out of view": "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
    "0.0 alice -> proxy INVITE to=bob\n      Supported: timer\n      m=audio 4000 RTP/AVP 0\n"
    "0.01 proxy -> bob INVITE\n"
    f"0.1 bob -> proxy 200\n      {TIMED}\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n300 end\n",
    "refresh whose answer is out of view": invite() + "45 alice -> bob UPDATE\n45.1 bob -> alice 200 UPDATE unseen\n"
    "45.5 alice -> bob INFO\n45.6 bob -> alice 200 INFO\n200 end\n",
    "callee names itself for a caller without timers": invite(
        "Supported: replaces", "Session-Expires: 1800;refresher=uas"
    )
    + bye(9),
    "callee copies the choice of the caller": invite(
        "Supported: timer\nSession-Expires: 1800;refresher=uac",
        "Require: timer\n      Session-Expires: 1800;refresher=uac",
    )
    + bye(9),
    "callee chooses where the caller didn't": invite(
        "Supported: timer\nSession-Expires: 1800", "Require: timer\n      Session-Expires: 1800;refresher=uas"
    )
    + bye(9),
    "no timer asked and none given": invite("Supported: timer", "Subject: none") + bye(9),
    "timer asked and none given": invite("Supported: timer\nSession-Expires: 1800", "Subject: none") + bye(9),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "SST")] == []


BROKEN = {
    "callee gives up where nobody refreshed": (invite() + bye(60.1, "bob"), "SST-001", ERROR, CERTAIN, (2, 4)),
    "caller gives up where the callee was to refresh": (
        invite(answered=BY_CALLEE) + "20 bob -> alice INFO\n20.1 alice -> bob 200 INFO\n" + bye(60.1),
        "SST-001",
        ERROR,
        CERTAIN,
        (2, 6),
    ),
    "callee gives up at the expiry itself": (invite() + bye(90, "bob"), "SST-001", ERROR, CERTAIN, (2, 4)),
    "expiry without BYE": (invite() + "200 end\n", "SST-001", ERROR, LIKELY, (2,)),
    "refresh refused": (invite() + refresh(45, 500) + bye(60.1, "bob"), "SST-001", ERROR, CERTAIN, (2, 4, 6)),
    "first refresh succeeds and the second never comes": (
        invite() + refresh(45) + bye(105.1, "bob"),
        "SST-001",
        ERROR,
        CERTAIN,
        (5, 6),
    ),
    "no refresher named": (
        invite("Supported: timer", "Require: timer\n      Session-Expires: 1800") + bye(9),
        "SST-002",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "choice of the caller overridden": (
        invite(
            "Supported: timer\nSession-Expires: 1800;refresher=uac",
            "Require: timer\n      Session-Expires: 1800;refresher=uas",
        )
        + bye(9),
        "SST-002",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "caller without timers made the refresher": (
        invite("Supported: 100rel", "Require: timer\n      Session-Expires: 1800;refresher=uac") + bye(9),
        "SST-002",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "caller made the refresher without Require": (
        invite("Supported: timer", "Session-Expires: 1800;refresher=uac") + bye(9),
        "SST-002",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "callee refreshes without Require": (
        invite("Supported: timer", "Session-Expires: 1800;refresher=uas") + bye(9),
        "SST-002",
        WARNING,
        CERTAIN,
        (1, 2),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script, "SST")
    assert [(item.rule, item.severity, item.confidence, item.frames) for item in found] == [
        (rule, severity, confidence, frames)
    ]


def test_missed_refresh_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(invite() + bye(60.1, "bob"), "SST", lossy_at=45.0)
    assert [(item.rule, item.confidence) for item in found] == [("SST-001", POSSIBLE)]
