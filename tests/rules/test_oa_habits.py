"""Habits of answers that rarely hurt: codecs in another order, other times."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str, str], list[Finding]]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
END = "20.0 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n"


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of one rule in a trace script."""
    return lambda script, code: [item for item in judged(script, "OA") if item.rule == code]


# OA-030 and OA-034


def call(offer: str, answer: str, media: str = "", *, time: str = "") -> str:
    stated = f"      t={time}\n" if time else ""
    return (
        PARTIES
        + f"0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP {offer}\n0.1 bob -> alice 200\n{stated}"
        + f"      m=audio 5000 RTP/AVP {answer}\n0.2 alice -> bob ACK\n{media}"
        + END
    )


BOTH_PCMU = "0.3-9 alice => bob PCMU\n0.3-9 bob => alice PCMU\n"
CROSSED = "0.3-9 alice => bob PCMU\n0.3-9 bob => alice PCMA\n"


@pytest.mark.parametrize(
    ("media", "severity"), [("", Severity.INFO), (BOTH_PCMU, Severity.INFO), (CROSSED, Severity.WARNING)]
)
def test_other_preference_is_told_by_what_came_of_it(spoken: Spoken, media: str, severity: Severity) -> None:
    (finding,) = spoken(call("8 0", "0 8", media), "OA-030")
    assert finding.severity is severity
    assert "with PCMA/8000 before PCMU/8000" in finding.text


@pytest.mark.parametrize(
    ("offer", "answer"),
    [("8 0", "8 0"), ("8 0", "0"), ("18 8 0", "8 0"), ("13 8", "8 13")],
    ids=["same order", "one codec", "first one left out", "comfort noise"],
)
def test_order_of_the_offer_is_not_told(spoken: Spoken, offer: str, answer: str) -> None:
    assert spoken(call(offer, answer), "OA-030") == []


@pytest.mark.parametrize(("time", "told"), [("3900000000 0", 1), ("0 0", 0), ("0  0", 0)])
def test_time_other_than_that_of_the_offer_is_information(spoken: Spoken, time: str, told: int) -> None:
    found = spoken(call("0", "0", time=time), "OA-034")
    assert [item.severity for item in found] == [Severity.INFO] * told
