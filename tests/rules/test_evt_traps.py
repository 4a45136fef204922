"""Subscriptions: flows that must stay silent, and every variation of a fault that must speak."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE
ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
END = "60 end\n"
SUBSCRIBE = "0.0 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 600\n"
ACCEPTED = "0.1 bob -> alice 200\n      Expires: 600\n"
OPENED = PARTIES + SUBSCRIBE + ACCEPTED


def notify(
    at: float,
    version: int | None = None,
    *,
    event: str = "dialog",
    state: str | None = None,
    full: str = "full",
    answer: str = "200",
    options: str = "call=1",
    root: str = "dialog-info",
) -> str:
    """A NOTIFY with its answer, by default that of 500 s which remain; with a version it carries a document."""
    state = f"active;expires={500 - round(at)}" if state is None else state
    lines = [f"{at} bob -> alice NOTIFY {options}"]
    lines += [f"      Event: {event}"] if event else []
    lines += [f"      Subscription-State: {state}"] if state else []
    if version is not None:
        lines += [f"      Content-Type: application/{root}+xml"]
        lines += [f'      | <{root} version="{version}" state="{full}" entity="sip:bob@192.0.2.20"/>']
    lines += [f"{at + 0.1} alice -> bob {answer}"] if answer else []
    return "\n".join(lines) + "\n"


def of_event(event: str, script: str) -> str:
    """The same for another event package."""
    return script.replace("Event: dialog", f"Event: {event}")


UNSUBSCRIBE = (
    "5.0 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 0\n5.1 bob -> alice 200\n      Expires: 0\n"
)


def subscribe(at: float, answer: str, *, granted: int = 60, expires: int = 60) -> str:
    """A SUBSCRIBE of the first subscription with its answer."""
    return (
        f"{at} alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: {expires}\n"
        f"{at + 0.1} bob -> alice {answer}\n      Expires: {granted}\n"
    )


SHORT = PARTIES + subscribe(0.0, "200") + notify(0.2, state="active;expires=60")
OVER = notify(1.0, state="terminated;reason=noresource")

LEGITIMATE = {
    "shortened by the answer, then by a NOTIFY": OPENED.replace("Expires: 600\n0.1", "Expires: 900\n0.1")
    + notify(0.2, state="active;expires=100")
    + END,
    "told again within the margin": OPENED + notify(0.2, state="active;expires=604") + END,
    "the package's default": PARTIES
    + SUBSCRIBE.replace("      Expires: 600\n", "")
    + "0.1 bob -> alice 200\n      Expires: 3600\n"
    + notify(0.2, state="active;expires=3600")
    + END,
    "told before the answer to a refresh": SHORT
    + "50.0 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 60\n"
    + "50.1 bob -> alice NOTIFY call=1\n      Event: dialog\n      Subscription-State: active;expires=60\n"
    + "50.2 alice -> bob 200 NOTIFY\n50.3 bob -> alice 200 SUBSCRIBE\n      Expires: 60\n",
    "refreshed in time": SHORT + subscribe(50.0, "200") + notify(50.2, state="active;expires=60"),
    "refused before it expired": SHORT + subscribe(50.0, "481"),
    "late end by the subscriber": SHORT + subscribe(75.0, "481", expires=0),
    "refreshed behind the notifier's end": SHORT
    + notify(61.0, state="terminated;reason=timeout")
    + subscribe(75.0, "481"),
    "a NOTIFY that crosses the last one": OPENED + notify(0.2) + OVER + notify(1.9) + END,
    "started anew behind its end": OPENED + OVER + subscribe(5.0, "200", granted=600, expires=600) + notify(5.2) + END,
    "two subscriptions of one dialog, one of them over": OPENED
    + notify(0.2)
    + "0.5 alice -> bob SUBSCRIBE call=1\n      Event: presence\n      Expires: 600\n0.6 bob -> alice 200\n"
    + "      Expires: 600\n"
    + notify(1.0, event="presence", state="terminated;reason=noresource")
    + notify(9.0)
    + END,
    "notified before the 200": PARTIES
    + SUBSCRIBE
    + notify(0.05, options="call=1 from-tag=b9 to-tag=alice-1", answer="")
    + "0.07 alice -> bob 200 NOTIFY\n0.1 bob -> alice 200 SUBSCRIBE tag=b9\n      Expires: 600\n"
    + END,
    "204 owes no NOTIFY": PARTIES + SUBSCRIBE + "0.1 bob -> alice 204\n      Expires: 600\n" + END,
    "capture ends before Timer N": OPENED + "31.9 end\n",
    "SUBSCRIBE refused": PARTIES + SUBSCRIBE + "0.1 bob -> alice 489\n" + END,
    "pending, then active, then over": OPENED
    + notify(0.2, state="pending;expires=600")
    + notify(1.0)
    + notify(2.0, state="terminated;reason=timeout")
    + END,
    "state in capitals": OPENED + notify(0.2, state="Active;expires=600") + END,
    "challenged NOTIFY is sent again with its version": OPENED
    + notify(0.2, 0)
    + notify(1.0, 1, answer="401")
    + notify(1.3, 1)
    + notify(2.0, 2)
    + END,
    "NOTIFY answered 481 behind the subscriber's end": OPENED
    + notify(0.2)
    + UNSUBSCRIBE
    + notify(5.2, state="terminated;reason=timeout", answer="481")
    + END,
    "last NOTIFY answered 481": OPENED
    + notify(0.2)
    + notify(5.2, state="terminated;reason=timeout", answer="481")
    + END,
    "other parameters of Event": OPENED + notify(0.2, event="dialog;sla") + END,
    "versions that count up": OPENED + notify(0.2, 0) + notify(1.0, 1, full="partial") + notify(2.0, 2) + END,
    "reginfo may start anywhere": of_event(
        "reg", OPENED + notify(0.2, 7, root="reginfo") + notify(1.0, 8, root="reginfo") + END
    ),
    "NOTIFYs overtake each other": OPENED
    + notify(0.2, 0)
    + notify(1.0, 2, options="call=1 cseq=3")
    + notify(1.5, 1, options="call=1 cseq=2")
    + END,
    "conference document repeats its version": of_event(
        "conference",
        OPENED + notify(0.2, 4, root="conference-info") + notify(1.0, 4, root="conference-info") + END,
    ),
    "two resources in one subscription": OPENED
    + notify(0.2, 0)
    + notify(1.0, 0).replace("sip:bob@192.0.2.20", "sip:carol@192.0.2.20")
    + END,
    "a subscription that ended starts again": OPENED
    + notify(0.2, 0)
    + notify(1.0, 1, state="terminated;reason=deactivated")
    + "2.0 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 600\n2.1 bob -> alice 200\n"
    + "      Expires: 600\n"
    + notify(2.2, 0)
    + END,
    "document with entities is not read": OPENED
    + notify(0.2, 0)
    + notify(1.0, 0).replace("| <dialog-info", "| <!DOCTYPE d [<!ENTITY e 'x'>]><dialog-info")
    + END,
    "capture starts inside a subscription": PARTIES + notify(0.2, 5) + notify(1.0, 6) + END,
    "REFER is left to the rules about transfers": PARTIES
    + "0.0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    + "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n2.0 alice -> bob REFER\n"
    + "      Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 202\n"
    + "2.2 bob -> alice NOTIFY sipfrag=100\n2.3 alice -> bob 481\n"
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_subscription_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "EVT")] == []


BROKEN = {
    "200 without Expires": (
        PARTIES + SUBSCRIBE + "0.1 bob -> alice 200\n" + notify(0.2) + END,
        "EVT-003",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "granted more than asked for": (
        PARTIES + subscribe(0.0, "200", granted=90) + notify(0.2, state="active;expires=90") + "40 end\n",
        "EVT-003",
        ERROR,
        CERTAIN,
        (1, 2),
    ),
    "lengthened by a NOTIFY": (
        OPENED + notify(0.2) + notify(30.0, state="active;expires=600") + END,
        "EVT-003",
        ERROR,
        CERTAIN,
        (3, 5),
    ),
    "refreshed late": (SHORT + subscribe(75.0, "481"), "EVT-004", WARNING, CERTAIN, (3, 5, 6)),
    "shortened by a NOTIFY, refreshed late": (
        PARTIES
        + subscribe(0.0, "200", granted=600, expires=600)
        + notify(0.2, state="active;expires=20")
        + subscribe(40.0, "481"),
        "EVT-004",
        WARNING,
        CERTAIN,
        (3, 5, 6),
    ),
    "notified behind terminated": (
        OPENED + notify(0.2) + OVER + notify(9.0) + notify(19.0) + END,
        "EVT-007",
        ERROR,
        CERTAIN,
        (5, 7, 9),
    ),
    "accepted, then silence": (OPENED + END, "EVT-001", ERROR, LIKELY, (1, 2)),
    "refreshed, then silence": (
        OPENED
        + notify(0.2)
        + "50.0 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 600\n50.1 bob -> alice 200\n"
        + "      Expires: 600\n90 end\n",
        "EVT-001",
        ERROR,
        LIKELY,
        (5, 6),
    ),
    "ended by the subscriber, then silence": (
        OPENED + notify(0.2) + UNSUBSCRIBE + END,
        "EVT-009",
        WARNING,
        LIKELY,
        (5, 6),
    ),
    "no Subscription-State": (OPENED + notify(0.2, state="") + END, "EVT-002", ERROR, CERTAIN, (3,)),
    "no expires, twice": (
        OPENED + notify(0.2, state="active") + notify(1.0, state="active") + END,
        "EVT-002",
        WARNING,
        CERTAIN,
        (3, 5),
    ),
    "a state of its own": (OPENED + notify(0.2, state="suspended;expires=5") + END, "EVT-002", INFO, CERTAIN, (3,)),
    "terminated with expires": (
        OPENED + notify(0.2, state="terminated;expires=0") + END,
        "EVT-002",
        INFO,
        CERTAIN,
        (3,),
    ),
    "rejected with 481, again at once": (
        OPENED + notify(0.2, answer="481") + notify(1.0, answer="481") + END,
        "EVT-005",
        WARNING,
        CERTAIN,
        (3, 4, 5, 6),
    ),
    "rejected with 500": (OPENED + notify(0.2, answer="500") + END, "EVT-005", WARNING, CERTAIN, (3, 4)),
    "nobody subscribed": (
        PARTIES + notify(0.2, event="check-sync", answer="489", state="") + END,
        "EVT-005",
        INFO,
        CERTAIN,
        (1, 2),
    ),
    "id on one side only": (OPENED + notify(0.2, event="dialog;id=7") + END, "EVT-006", ERROR, CERTAIN, (1, 3)),
    "another package": (OPENED + notify(0.2, event="presence") + END, "EVT-006", ERROR, CERTAIN, (1, 3)),
    "package in other letters": (OPENED + notify(0.2, event="Dialog") + END, "EVT-006", ERROR, CERTAIN, (1, 3)),
    "no Event": (OPENED + notify(0.2, event="") + END, "EVT-006", ERROR, CERTAIN, (1, 3)),
    "version repeated": (OPENED + notify(0.2, 0) + notify(1.0, 0) + END, "EVT-012", ERROR, CERTAIN, (3, 5)),
    "version falls": (
        OPENED + notify(0.2, 0) + notify(1.0, 1) + notify(2.0, 0) + END,
        "EVT-012",
        ERROR,
        CERTAIN,
        (5, 7),
    ),
    "version jumps": (OPENED + notify(0.2, 0) + notify(1.0, 5) + END, "EVT-012", WARNING, CERTAIN, (3, 5)),
    "version and CSeq jump": (
        OPENED + notify(0.2, 0) + notify(1.0, 2, options="call=1 cseq=3") + END,
        "EVT-012",
        WARNING,
        POSSIBLE,
        (3, 5),
    ),
    "first version above zero": (OPENED + notify(0.2, 3) + END, "EVT-012", INFO, CERTAIN, (3,)),
    "conference version falls": (
        of_event(
            "conference",
            OPENED + notify(0.2, 4, root="conference-info") + notify(1.0, 3, root="conference-info") + END,
        ),
        "EVT-012",
        ERROR,
        CERTAIN,
        (3, 5),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_subscription_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = [(item.rule, item.severity, item.confidence, item.frames) for item in judged(script, "EVT")]
    assert found == [(rule, severity, confidence, frames)]


def test_notify_behind_one_that_was_never_answered_is_a_warning(judged: Judged) -> None:
    script = OPENED + notify(0.2, answer="") + notify(50.0) + "90 end\n"
    found = [(item.rule, item.severity, item.frames) for item in judged(script, "EVT")]
    assert found == [("EVT-007", WARNING, (3, 4))]


def test_notify_behind_a_481_is_an_error(judged: Judged) -> None:
    script = OPENED + notify(0.2, answer="481") + notify(30.0, answer="481") + END
    found = [(item.rule, item.severity, item.frames) for item in judged(script, "EVT")]
    assert found == [("EVT-005", WARNING, (3, 4, 5, 6)), ("EVT-007", ERROR, (3, 5))]
