"""XFER-007, XFER-010, XFER-021: the subscription that a REFER makes, or doesn't."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged
from tests.transfer_script import ACCEPTED, ANSWER, BUSY, CALL, END, INVITE, LEAVES, PARTIES, REFER, told


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


def notify(status: int, state: str = "", *, at: float = 3.1, answer: int = 200, options: str = "") -> str:
    stated = f" state={state}" if state else ""
    sent = f"{at} bob -> alice NOTIFY call=1 sipfrag={status}{stated} {options}\n"
    return sent + (f"{at + 0.1:.2f} alice -> bob {answer}\n" if answer else "")


REFERRED = PARTIES + CALL + REFER + "2.1 bob -> alice 202\n"
FIRST = notify(100, "active;expires=60", at=2.2)

# XFER-007

FITTING = {
    "as it should be": REFERRED + FIRST + INVITE + ANSWER + told(200),
    "several provisional ones": REFERRED + FIRST + notify(180, "active;expires=50", at=2.6) + told(200),
    "pending at first": REFERRED + notify(100, "pending;expires=60", at=2.2) + told(200),
    "later one without expires": REFERRED + FIRST + notify(180, "active", at=2.6) + told(200),
    "approval denied": REFERRED + FIRST + notify(603, "terminated;reason=rejected;retry-after=60"),
    "result told at once": REFERRED + notify(200, at=2.2),
    "ended by time without a body": REFERRED
    + FIRST
    + "20 bob -> alice NOTIFY call=1\n  Event: refer\n  Subscription-State: terminated;reason=timeout\n"
    + "20.1 alice -> bob 200\n",
    "final one challenged and sent again": REFERRED + FIRST + notify(200, answer=401) + notify(200, at=3.5),
    "overtaken on its way": REFERRED
    + FIRST
    + "3.1 bob -> alice NOTIFY call=1 sipfrag=200 cseq=9\n3.2 alice -> bob 200\n"
    + "3.3 bob -> alice NOTIFY call=1 sipfrag=180 cseq=8\n3.4 alice -> bob 200\n",
    "of the next refer, without an id": REFERRED
    + FIRST
    + told(486)
    + "6 alice -> bob REFER call=1\n  Refer-To: <sip:dave@192.0.2.40>\n6.1 bob -> alice 202\n"
    + notify(100, at=6.2)
    + notify(200, at=6.5),
}


@pytest.mark.parametrize("script", FITTING.values(), ids=FITTING.keys())
def test_subscription_state_that_fits_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script + "25 end\n", "XFER-007")] == []


@pytest.mark.parametrize(
    ("series", "severity", "words", "frames"),
    [
        (
            FIRST + notify(200, "active;expires=50"),
            Severity.WARNING,
            "tells 200 OK has Subscription-State active, and a final status must terminate",
            (8,),
        ),
        (
            FIRST + notify(200, "terminated"),
            Severity.WARNING,
            "terminates the subscription without a reason, and the reason must be noresource",
            (8,),
        ),
        (
            FIRST + notify(200, "terminated;reason=timeout"),
            Severity.WARNING,
            "terminates the subscription with reason timeout",
            (8,),
        ),
        (
            FIRST + notify(180, "terminated;reason=noresource"),
            Severity.WARNING,
            "tells 180 Ringing terminates the subscription before there is a result",
            (8,),
        ),
        (
            notify(100, "terminated;reason=noresource", at=2.2),
            Severity.INFO,
            "ends the subscription at once, so that the result is never told",
            (6,),
        ),
        (
            notify(100, "active", at=2.2) + told(200),
            Severity.INFO,
            "is the first, and its Subscription-State is active without expires",
            (6,),
        ),
        (
            FIRST + told(200) + notify(200, at=4),
            Severity.ERROR,
            "tells 200 OK comes behind the one that ended the subscription",
            (8, 10),
        ),
    ],
)
def test_subscription_state_that_does_not_fit_is_told(
    judged: Judged, series: str, severity: Severity, words: str, frames: tuple[int, ...]
) -> None:
    finding = only(judged(REFERRED + series + "25 end\n", "XFER-007"), "XFER-007")
    assert (finding.severity, finding.frames) == (severity, frames)
    assert words in finding.text


def test_notify_without_subscription_state_is_told(judged: Judged) -> None:
    bare = "2.2 bob -> alice NOTIFY call=1 sipfrag=100\n  Subscription-State:\n2.3 alice -> bob 200\n"
    finding = only(judged(REFERRED + bare + told(200), "XFER-007"), "XFER-007")
    assert finding.text == "The NOTIFY that tells 100 Trying has no Subscription-State."


# XFER-010


def refer(*fields: str, answer: str = "", status: int = 202) -> str:
    asked = "".join(f"      {line}\n" for line in fields)
    granted = f"      {answer}\n" if answer else ""
    return f"{PARTIES}{CALL}{REFER}{asked}2.1 bob -> alice {status}\n{granted}"


SILENT = "Refer-Sub: false"
EVENTS_AT = "Refer-Events-At: <sip:bob@192.0.2.20;gr=1>"

AGREED = {
    "granted and silent": refer(SILENT, answer=SILENT) + INVITE + ANSWER,
    "not granted and told": refer(SILENT) + FIRST + told(200),
    "granted as true and told": refer(SILENT, answer="Refer-Sub: true") + FIRST + told(200),
    "nosub and silent": refer("Require: nosub", status=200) + INVITE + ANSWER,
    "explicitsub with a place to subscribe": refer("Require: explicitsub", answer=EVENTS_AT, status=200),
    "refused": refer(SILENT, status=603),
    "not granted, capture ends": refer(SILENT) + "6 end\n",
    "not granted, transferor leaves": refer(SILENT) + LEAVES,
    "not granted, told under another id": refer(SILENT)
    + "2.2 bob -> alice NOTIFY call=1 sipfrag=200\n  Event: refer;id=77\n2.3 alice -> bob 200\n",
}


@pytest.mark.parametrize("script", AGREED.values(), ids=AGREED.keys())
def test_subscription_that_is_as_agreed_is_let_be(judged: Judged, script: str) -> None:
    end = "" if script.endswith("end\n") else END
    assert [item.text for item in judged(script + end, "XFER-010")] == []


@pytest.mark.parametrize(
    ("script", "words", "frames"),
    [
        (refer(SILENT, answer=SILENT) + FIRST + told(200), "Refer-Sub: false was granted", (4, 5, 6, 8)),
        (refer("Require: nosub", status=200) + FIRST, "nosub was accepted", (4, 5, 6)),
        (refer("Require: explicitsub", status=200), "the 2xx has no Refer-Events-At", (4, 5)),
        (refer(SILENT), "isn't repeated in the 2xx, so there is a subscription, and no NOTIFY came", (4, 5)),
    ],
)
def test_subscription_that_is_not_as_agreed_is_told(
    judged: Judged, script: str, words: str, frames: tuple[int, ...]
) -> None:
    finding = only(judged(script + END, "XFER-010"), "XFER-010")
    assert (finding.severity, finding.frames) == (Severity.WARNING, frames)
    assert words in finding.text


def test_refer_that_asked_for_silence_lacks_no_progress(judged: Judged) -> None:
    assert judged(refer(SILENT) + END, "XFER-004") == []


def test_notify_that_a_lossy_capture_lacks_is_merely_possible(judged: Judged) -> None:
    finding = only(judged(refer(SILENT) + END, "XFER-010", lossy_at=3), "XFER-010")
    assert finding.confidence is Confidence.POSSIBLE


# XFER-021

RIGHTLY_REFUSED = {
    "accepted": REFERRED + FIRST + told(200),
    "challenged": REFERRED + notify(100, at=2.2, answer=401) + notify(100, at=2.5) + told(200),
    "behind the end": REFERRED + FIRST + told(200) + notify(200, at=4, answer=481),
    "behind its expiry": REFERRED + notify(100, "active;expires=5", at=2.2) + notify(200, at=9, answer=481),
    "behind an unsubscription": REFERRED
    + FIRST
    + "2.5 alice -> bob SUBSCRIBE call=1\n  Event: refer\n  Expires: 0\n2.6 bob -> alice 200\n"
    + notify(200, answer=481),
    "never subscribed": refer(SILENT, answer=SILENT) + notify(200, answer=481),
    "capture ends": REFERRED + notify(100, at=2.2, answer=0) + "30 end\n",
}


@pytest.mark.parametrize("script", RIGHTLY_REFUSED.values(), ids=RIGHTLY_REFUSED.keys())
def test_notify_that_is_rightly_refused_is_let_be(judged: Judged, script: str) -> None:
    end = "" if script.endswith("end\n") else END
    assert [item.text for item in judged(script + end, "XFER-021")] == []


@pytest.mark.parametrize("status", [405, 481, 489, 500])
def test_refused_notify_is_told(judged: Judged, status: int) -> None:
    finding = only(judged(REFERRED + notify(100, at=2.2, answer=status) + END, "XFER-021"), "XFER-021")
    assert (finding.severity, finding.frames) == (Severity.WARNING, (4, 5, 6, 7))
    assert f"refused with {status}" in finding.text


def test_notify_that_is_never_answered_is_told_after_32_s(judged: Judged) -> None:
    copies = "2.7 bob -> alice NOTIFY again\n3.7 bob -> alice NOTIFY again\n5.7 bob -> alice NOTIFY again\n"
    finding = only(judged(REFERRED + notify(100, at=2.2, answer=0) + copies + END, "XFER-021"), "XFER-021")
    assert "never answered" in finding.text


def test_notify_refused_behind_a_bye_is_information(judged: Judged) -> None:
    script = REFERRED + FIRST + INVITE + BUSY + LEAVES + notify(486, at=4, answer=481) + END
    assert only(judged(script, "XFER-021"), "XFER-021").severity is Severity.INFO


def test_notifies_refused_one_behind_the_other_are_one_finding(judged: Judged) -> None:
    script = REFERRED + notify(100, at=2.2, answer=481) + notify(200, answer=481) + END
    assert only(judged(script, "XFER-021"), "XFER-021").frames == (4, 5, 6, 7)


def test_accepted_script_of_the_others_is_silent(judged: Judged) -> None:
    script = PARTIES + CALL + REFER + ACCEPTED + INVITE + ANSWER + told(200) + LEAVES + END
    assert [item.rule for item in judged(script, "XFER") if item.rule != "XFER-012"] == []
