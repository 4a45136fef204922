"""What SST-003 says of session intervals, and that it stays silent about those that were negotiated well."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
TIMER = "Supported: timer"


def fields(*lines: str) -> str:
    return "".join(f"      {line}\n" for line in lines)


def answered(asked: tuple[str, ...], given: tuple[str, ...]) -> str:
    """Frames 1 to 3: an INVITE with some header fields, a 200 with others, and the ACK."""
    return (
        f"{PARTIES}0.0 alice -> bob INVITE\n{fields(*asked)}{OFFER}"
        f"0.1 bob -> alice 200\n{fields(*given)}{ANSWER}0.2 alice -> bob ACK\n"
    )


def refused(asked: tuple[str, ...], given: tuple[str, ...], *then: str) -> str:
    """Frames 1 to 3: an INVITE, a 422 and its ACK; then the next attempt."""
    script = (
        f"{PARTIES}0.0 alice -> bob INVITE\n{fields(*asked)}{OFFER}"
        f"0.1 bob -> alice 422\n{fields(*given)}0.2 alice -> bob ACK\n"
    )
    if then:
        script += f"0.3 alice -> bob INVITE\n{fields(*then)}{OFFER}0.4 bob -> alice 200\n{ANSWER}0.5 alice -> bob ACK\n"
    return script


LEGITIMATE = {
    "copied": answered((TIMER, "Session-Expires: 1800"), ("Session-Expires: 1800;refresher=uac",)),
    "lowered": answered((TIMER, "Session-Expires: 1800"), ("Session-Expires: 90;refresher=uac",)),
    "lowered to Min-SE": answered((TIMER, "Session-Expires: 1800", "Min-SE: 600"), ("Session-Expires: 600",)),
    "asked for by the callee alone": answered((TIMER,), ("Session-Expires: 1800;refresher=uas",)),
    "no timer at all": answered((), ()),
    "not a number": answered((TIMER, "Session-Expires: soon"), ("Session-Expires: 1800",)),
    "tried again with what the 422 asked for": refused(
        (TIMER, "Session-Expires: 300"), ("Min-SE: 600",), TIMER, "Session-Expires: 600", "Min-SE: 600"
    ),
    "tried again with more": refused(
        (TIMER, "Session-Expires: 300"), ("Min-SE: 600",), TIMER, "Session-Expires: 1800", "Min-SE: 900"
    ),
    "tried again without asking for a timer": refused(
        (TIMER, "Session-Expires: 300"), ("Min-SE: 600",), TIMER, "Min-SE: 600"
    ),
    "422 behind a proxy that lowered the interval": refused((TIMER, "Session-Expires: 1800"), ("Min-SE: 600",)),
    "given up behind the 422": refused((TIMER, "Session-Expires: 300"), ("Min-SE: 600",)),
    "another call behind the 422": refused((TIMER, "Session-Expires: 300"), ("Min-SE: 600",))
    + f"9.0 alice -> bob INVITE call=2\n{OFFER}9.1 bob -> alice 200\n{ANSWER}9.2 alice -> bob ACK\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_negotiation_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "SST-003")] == []


BROKEN = {
    "2xx raises the interval": (
        answered((TIMER, "Session-Expires: 600"), ("Session-Expires: 1800;refresher=uac",)),
        ERROR,
        (1, 2),
    ),
    "2xx raises it for a caller without timers": (
        answered(("Session-Expires: 600",), ("Session-Expires: 1800;refresher=uas",)),
        INFO,
        (1, 2),
    ),
    "2xx falls below Min-SE": (
        answered((TIMER, "Session-Expires: 1800", "Min-SE: 600"), ("Session-Expires: 300",)),
        ERROR,
        (1, 2),
    ),
    "2xx falls below 90 s": (answered((TIMER, "Session-Expires: 1800"), ("Session-Expires: 60",)), ERROR, (1, 2)),
    "request asks for less than 90 s": (
        answered((TIMER, "Session-Expires: 60"), ("Session-Expires: 60;refresher=uac",)),
        ERROR,
        (1,),
    ),
    "request asks for less than its Min-SE": (
        answered((TIMER, "Session-Expires: 300", "Min-SE: 600"), ("Session-Expires: 300",)),
        ERROR,
        (1,),
    ),
    "request with a Min-SE below 90 s": (answered((TIMER, "Min-SE: 60"), ()), WARNING, (1,)),
    "422 without Min-SE": (refused((TIMER, "Session-Expires: 300"), ()), ERROR, (1, 2)),
    "422 with a Min-SE below 90 s": (refused((TIMER, "Session-Expires: 300"), ("Min-SE: 30",)), ERROR, (1, 2)),
    "422 to an interval that was long enough": (
        refused((TIMER, "Session-Expires: 1800", "Min-SE: 600"), ("Min-SE: 600",)),
        ERROR,
        (1, 2),
    ),
    "422 to a caller without timers": (refused(("Session-Expires: 300",), ("Min-SE: 600",)), WARNING, (1, 2)),
    "tried again without Min-SE": (
        refused((TIMER, "Session-Expires: 300"), ("Min-SE: 600",), TIMER, "Session-Expires: 600"),
        ERROR,
        (2, 4),
    ),
    "tried again with too small a Min-SE": (
        refused((TIMER, "Session-Expires: 300"), ("Min-SE: 600",), TIMER, "Session-Expires: 600", "Min-SE: 300"),
        ERROR,
        (2, 4),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_negotiation_gives_one_finding(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "SST-003")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]


def test_interval_raised_to_min_se_is_information(judged: Judged) -> None:
    script = answered((TIMER, "Session-Expires: 300", "Min-SE: 600"), ("Session-Expires: 600;refresher=uac",))
    found = judged(script, "SST-003")
    assert [(item.severity, item.frames) for item in found] == [(ERROR, (1,)), (INFO, (1, 2))]


def test_text_names_both_intervals(judged: Judged) -> None:
    found = judged(BROKEN["2xx raises the interval"][0], "SST-003")
    assert found[0].text == (
        "The session interval is negotiated badly: the 200 OK raises the interval from 600 s to 1800 s."
    )
