"""Subscribers that come back, and the first state that they get (RFC 6665 §4.1.3, RFC 4235 §3.7)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"


def round_of(at: float, call: int, state: str, *, expires: int = 600, answer: str = "200") -> str:
    """A new subscription with the one NOTIFY that it gets."""
    return (
        f"{at} alice -> bob SUBSCRIBE call={call} new\n      Event: dialog\n      Expires: {expires}\n"
        f"{at + 0.1} bob -> alice 200\n      Expires: {expires}\n"
        f"{at + 0.2} bob -> alice NOTIFY call={call}\n      Event: dialog\n      Subscription-State: {state}\n"
        f"{at + 0.3} alice -> bob {answer}\n"
    )


ACTIVE = "active;expires=600"
REJECTED, NORESOURCE = "terminated;reason=rejected", "terminated;reason=noresource"
PROBATION = "terminated;reason=probation;retry-after=30"

OBEDIENT = {
    "deactivated, at once": round_of(0, 1, "terminated;reason=deactivated") + round_of(1, 2, ACTIVE),
    "timeout, at once": "".join(round_of(at, at, "terminated;reason=timeout") for at in (0, 1, 2)),
    "no reason, at once": "".join(round_of(at, at, "terminated") for at in (0, 1, 2)),
    "a user who tries once more": round_of(0, 1, REJECTED) + round_of(5, 2, REJECTED),
    "rejected, far apart": "".join(round_of(at, at, REJECTED) for at in (0, 100, 200, 300)),
    "polls": "".join(round_of(at, at, NORESOURCE, expires=0) for at in (0, 1, 2, 3)),
    "probation, waited for": round_of(0, 1, PROBATION) + round_of(31, 2, ACTIVE),
    "giveup without a time": round_of(0, 1, "terminated;reason=giveup") + round_of(1, 2, ACTIVE),
    "retry-after means nothing for timeout": round_of(0, 1, "terminated;reason=timeout;retry-after=30")
    + round_of(1, 2, ACTIVE),
    "the end wasn't taken": round_of(0, 1, PROBATION, answer="481") + round_of(1, 2, ACTIVE),
}


@pytest.mark.parametrize("script", OBEDIENT.values(), ids=OBEDIENT.keys())
def test_subscriber_that_follows_the_reason_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(PARTIES + script, "EVT-008")] == []


STUBBORN = {
    "rejected thrice": (round_of(0, 1, REJECTED) + round_of(5, 2, REJECTED) + round_of(10, 3, REJECTED), (3, 5, 7, 9)),
    "before probation is over": (round_of(0, 1, PROBATION) + round_of(10, 2, ACTIVE), (3, 5)),
    "before giveup is over": (
        round_of(0, 1, "terminated;reason=giveup;retry-after=60") + round_of(10, 2, ACTIVE),
        (3, 5),
    ),
}


@pytest.mark.parametrize(("script", "frames"), STUBBORN.values(), ids=STUBBORN.keys())
def test_subscriber_that_comes_back_too_early_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    (found,) = judged(PARTIES + script, "EVT-008")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)


def subscribe(at: float) -> str:
    return (
        f"{at} alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 600\n"
        f"{at + 0.1} bob -> alice 200\n      Expires: 600\n"
    )


def document(at: float, version: int, state: str = "", *, root: str = "dialog-info") -> str:
    """A NOTIFY with a document, or without where the state is empty."""
    body = f'      Content-Type: application/{root}+xml\n      | <{root} version="{version}" state="{state}"/>\n'
    return (
        f"{at} bob -> alice NOTIFY call=1\n      Event: dialog\n      Subscription-State: {ACTIVE}\n"
        f"{body if state else ''}{at + 0.1} alice -> bob 200\n"
    )


WHOLE = {
    "full, then partial": subscribe(0) + document(0.2, 0, "full") + document(5, 1, "partial"),
    "no body first": subscribe(0) + document(0.2, 0) + document(5, 0, "partial"),
    "begun before the capture": document(0.2, 7, "partial") + document(5, 8, "partial"),
    "a NOTIFY that crossed the refresh": subscribe(0)
    + document(0.2, 0, "full")
    + "5.00 alice -> bob SUBSCRIBE call=1\n      Event: dialog\n      Expires: 600\n"
    + "5.01 bob -> alice NOTIFY call=1\n      Event: dialog\n      Subscription-State: active;expires=600\n"
    + '      Content-Type: application/dialog-info+xml\n      | <dialog-info version="1" state="partial"/>\n'
    + "5.02 alice -> bob 200 NOTIFY\n5.03 bob -> alice 200 SUBSCRIBE\n      Expires: 600\n"
    + document(5.2, 2, "full"),
    "another package": subscribe(0) + document(0.2, 0, "partial", root="conference-info"),
}


@pytest.mark.parametrize("script", WHOLE.values(), ids=WHOLE.keys())
def test_state_that_begins_whole_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(PARTIES + script, "EVT-013")] == []


PARTS = {
    "the first": (subscribe(0) + document(0.2, 0, "partial") + document(5, 1, "full"), (1, 3)),
    "behind a refresh": (
        subscribe(0) + document(0.2, 0, "full") + subscribe(10) + document(10.2, 1, "partial"),
        (5, 7),
    ),
}


@pytest.mark.parametrize(("script", "frames"), PARTS.values(), ids=PARTS.keys())
def test_state_that_begins_with_a_part_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    (found,) = judged(PARTIES + script, "EVT-013")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
