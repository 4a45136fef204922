"""UPDATE that isn't taken, is answered late, or moves a Contact that the 2xx takes back."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str, str], list[Finding]]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER = "      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
END = "20.0 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n"


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of one rule in a trace script."""
    return lambda script, code: [item for item in judged(script) if item.rule == code]


def up(allow: str = "") -> str:
    stated = f"      Allow: {allow}\n" if allow else ""
    return PARTIES + f"0.0 alice -> bob INVITE\n{OFFER}0.1 bob -> alice 200\n{stated}{SDP}0.2 alice -> bob ACK\n"


def updated(answer: str, *, allow: str = "", at: float = 5.1, again: str = "") -> str:
    return up(allow) + f"5.0 alice -> bob UPDATE\n{OFFER}{again}{at} bob -> alice {answer}\n" + END


# UPD-001


@pytest.mark.parametrize("status", ["405", "501"])
@pytest.mark.parametrize(
    ("allow", "words"),
    [
        ("", "no Allow of the peer came before"),
        ("INVITE, ACK, BYE", "doesn't list it either"),
        ("INVITE, UPDATE", "lists it all the same"),
    ],
)
def test_update_that_is_not_taken_is_told_with_what_allow_said(
    spoken: Spoken, status: str, allow: str, words: str
) -> None:
    (finding,) = spoken(updated(status, allow=allow), "UPD-001")
    assert finding.severity is Severity.WARNING
    assert words in finding.text
    assert finding.frames[-2:] == (4, 5)


def test_one_rule_tells_that_update_is_not_taken(spoken: Spoken) -> None:
    assert spoken(updated("405", allow="INVITE, ACK, BYE"), "MSGM-006") == []


@pytest.mark.parametrize("answer", [f"200\n{SDP}", "488", "481", "500"])
def test_update_that_is_taken_or_refused_for_another_reason_is_not_told(spoken: Spoken, answer: str) -> None:
    assert spoken(updated(answer, allow="INVITE, ACK, BYE"), "UPD-001") == []


# UPD-003


def test_late_answer_to_an_update_is_information(spoken: Spoken) -> None:
    (finding,) = spoken(updated(f"200\n{SDP}", at=6.5), "UPD-003")
    assert finding.severity is Severity.INFO
    assert "answered 1.5 s later" in finding.text
    assert finding.frames == (4, 5)


def test_update_that_was_sent_three_times_is_told(spoken: Spoken) -> None:
    again = "5.3 alice -> bob UPDATE again\n5.6 alice -> bob UPDATE again\n"
    (finding,) = spoken(updated(f"200\n{SDP}", at=5.9, again=again), "UPD-003")
    assert "behind 2 retransmissions" in finding.text


PROXIED = PARTIES + "proxy 192.0.2.1 proxy record-route\n"
SLOW_BEHIND_PROXY = (
    PROXIED
    + f"0.0 alice -> proxy INVITE to=bob\n{OFFER}0.01 proxy -> bob INVITE\n0.1 bob -> proxy 200\n{SDP}"
    + "0.11 proxy -> alice 200\n0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    + f"5.0 alice -> proxy UPDATE\n{OFFER}5.01 proxy -> bob UPDATE\n7.0 bob -> proxy 200 UPDATE\n{SDP}"
    + "7.01 proxy -> alice 200 UPDATE\n20 alice -> proxy BYE\n20.1 proxy -> bob BYE\n20.2 bob -> proxy 200 BYE\n"
    + "20.3 proxy -> alice 200 BYE\n"
)


def test_slow_update_is_told_once_on_the_hop_of_who_is_slow(spoken: Spoken) -> None:
    (finding,) = spoken(SLOW_BEHIND_PROXY, "UPD-003")
    assert finding.frames == (8, 9)


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(updated(f"200\n{SDP}", at=5.9), id="900 ms"),
        pytest.param(updated("504", at=8.0), id="user was asked"),
        pytest.param(updated("200", at=8.0).replace("UPDATE\n" + OFFER, "UPDATE\n"), id="no offer"),
    ],
)
def test_prompt_and_other_answers_are_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "UPD-003") == []


# UPD-004

EARLY = (
    PARTIES
    + f"0.0 alice -> bob INVITE\n      Supported: 100rel\n{OFFER}0.1 bob -> alice 183 rseq=1\n{SDP}"
    + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
)
MOVES = "0.5 bob -> alice UPDATE\n      Contact: <sip:bob@192.0.2.21:5060>\n0.6 alice -> bob 200 UPDATE\n"
ANSWERS = "0.5 alice -> bob UPDATE\n0.6 bob -> alice 200 UPDATE\n      Contact: <sip:bob@192.0.2.21:5060>\n"
REFUSED = MOVES.replace("200 UPDATE", "488 UPDATE")


def answered(contact: str) -> str:
    return f"2.0 bob -> alice 200 INVITE\n      Contact: <{contact}>\n2.1 alice -> bob ACK\n" + END


@pytest.mark.parametrize("update", [MOVES, ANSWERS], ids=["its own UPDATE", "its 2xx to an UPDATE"])
@pytest.mark.parametrize("contact", ["sip:bob@192.0.2.20:5060", "sip:bob@192.0.2.22:5060"])
def test_contact_that_the_answer_takes_back_is_told(spoken: Spoken, update: str, contact: str) -> None:
    (finding,) = spoken(EARLY + update + answered(contact), "UPD-004")
    assert finding.severity is Severity.WARNING
    assert f"its 200 OK names {contact}" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(EARLY + MOVES + answered("sip:bob@192.0.2.21:5060"), id="repeated in the 2xx"),
        pytest.param(EARLY + MOVES + answered("sip:bob@192.0.2.21;gr=a"), id="default port and a parameter"),
        pytest.param(EARLY + REFUSED + answered("sip:bob@192.0.2.20:5060"), id="UPDATE was refused"),
        pytest.param(EARLY + answered("sip:bob@192.0.2.22:5060"), id="no UPDATE"),
    ],
)
def test_contact_that_stays_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "UPD-004") == []
