"""XFER-003, XFER-008, XFER-022: the code that accepts a REFER, whose result a NOTIFY tells, and how often."""

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged
from tests.transfer_script import CALL, END, PARTIES, REFER, told


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


# XFER-003


def accepted(status: int, *lines: str) -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return f"{PARTIES}{CALL}{REFER}2.1 bob -> alice {status}\n{fields}{END}"


@pytest.mark.parametrize("option", ["gruu", "tdialog", "explicitsub"])
def test_202_of_a_peer_that_knows_better_is_information(judged: Judged, option: str) -> None:
    finding = only(judged(accepted(202, f"Supported: replaces, {option}"), "XFER-003"), "XFER-003")
    assert (finding.severity, finding.frames) == (Severity.INFO, (4, 5))


def test_202_of_a_peer_with_a_gruu_is_information(judged: Judged) -> None:
    only(judged(accepted(202, "Contact: <sip:bob@192.0.2.20;gr=1>"), "XFER-003"), "XFER-003")


@pytest.mark.parametrize(
    "script", [accepted(202), accepted(202, "Supported: replaces, timer"), accepted(200, "Supported: gruu")]
)
def test_code_that_fits_the_peer_is_let_be(judged: Judged, script: str) -> None:
    assert judged(script, "XFER-003") == []


# XFER-008


def second(*, at: float = 6, number: int = 93) -> str:
    return (
        f"{at} alice -> bob REFER call=1 cseq={number}\n      Refer-To: <sip:dave@192.0.2.40>\n"
        f"{at + 0.1:.2f} bob -> alice 202\n"
    )


def notify(at: float, event: str = "refer") -> str:
    return f"{at} bob -> alice NOTIFY call=1 sipfrag=486\n      Event: {event}\n{at + 0.05:.2f} alice -> bob 200\n"


FIRST = PARTIES + CALL + REFER + "2.1 bob -> alice 202\n"
PLAIN = {
    "one refer": FIRST + told(486),
    "one refer with an id": FIRST + notify(2.3, "refer;id=2"),
    "two with ids": FIRST + told(486) + second() + notify(6.2, "refer;id=93"),
    "the first one still open": FIRST + second(at=4) + notify(4.2) + notify(4.5, "refer;id=93"),
    "the first one refused": PARTIES + CALL + REFER + "2.1 bob -> alice 603\n" + second() + notify(6.2),
    "the first one challenged": PARTIES + CALL + REFER + "2.1 bob -> alice 401\n" + second() + notify(6.2),
    "dialog from before the capture": PARTIES
    + CALL.replace("call=1", "call=1 unseen")
    .replace("200\n", "200 unseen\n")
    .replace("200 tag=b1", "200 tag=b1 unseen")
    + REFER
    + "2.1 bob -> alice 202\n"
    + notify(2.3, "refer;id=77"),
}


@pytest.mark.parametrize("script", PLAIN.values(), ids=PLAIN.keys())
def test_notify_that_tells_its_refer_is_let_be(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script + END, "XFER-008")] == []


def test_second_refer_without_an_id_is_told(judged: Judged) -> None:
    finding = only(judged(FIRST + told(486) + second() + notify(6.2) + END, "XFER-008"), "XFER-008")
    assert (finding.severity, finding.frames) == (Severity.WARNING, (4, 8, 10))


def test_id_of_no_refer_is_told(judged: Judged) -> None:
    finding = only(judged(FIRST + notify(2.3, "refer;id=77") + END, "XFER-008"), "XFER-008")
    assert "id=77 is the CSeq number of no REFER" in finding.text


# XFER-022


def series(*statuses: int, step: float = 0.2, start: float = 2.2) -> str:
    lines = [FIRST]
    for place, status in enumerate(statuses):
        at = start + place * step
        lines.append(f"{at:.3f} bob -> alice NOTIFY call=1 sipfrag={status}\n{at + 0.05:.3f} alice -> bob 200\n")
    return "".join(lines)


@pytest.mark.parametrize(
    "script",
    [
        series(100, 180, 200),
        series(100, 180, 180, 180, 180, 200, step=1.5),
        series(100, 180, 183, 180, 183, 180, 200, step=1.5),
        series(100, 180, 181, 200, step=0.4),
    ],
)
def test_notifies_that_follow_the_call_are_let_be(judged: Judged, script: str) -> None:
    assert judged(script + END, "XFER-022") == []


def test_many_notifies_within_a_second_are_information(judged: Judged) -> None:
    finding = only(judged(series(100, 180, 180, 180, 180, 486) + END, "XFER-022"), "XFER-022")
    assert finding.severity is Severity.INFO
    assert finding.text == "6 NOTIFYs about one REFER came within a second."


def test_one_status_told_over_and_over_is_information(judged: Judged) -> None:
    finding = only(judged(series(100, 180, 180, 180, 180, 180, 200, step=1.5) + END, "XFER-022"), "XFER-022")
    assert finding.text == "The status 180 was told 5 times one behind the other."
