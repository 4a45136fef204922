"""A request that comes before the one of the same side is answered gets 500 and Retry-After (RFC 3261 §14.2)."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str], list[Finding]]

OFFER = "      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
UP = (
    "alice 192.0.2.10\nbob 192.0.2.20\n"
    f"0.0 alice -> bob INVITE\n{OFFER}0.1 bob -> alice 200\n{SDP}0.2 alice -> bob ACK\n"
)
FIRST = "5.0 alice -> bob UPDATE cseq=2\n"
END = "9.0 alice -> bob BYE cseq=9\n9.1 bob -> alice 200 BYE\n"


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of OA-022 in a trace script."""
    return lambda script: [item for item in judged(script, "OA") if item.rule == "OA-022"]


def updates(answer: str, *, offer: str = OFFER, first_answered: float = 6.0, second: float = 5.1) -> str:
    return (
        UP
        + FIRST
        + f"{second} alice -> bob UPDATE cseq=3\n{offer}{second + 0.1:.1f} bob -> alice {answer}\n"
        + f"{first_answered} bob -> alice 200 UPDATE cseq=2\n"
        + END
    )


def invites(answer: str) -> str:
    return (
        UP
        + f"5.0 alice -> bob INVITE cseq=2\n{OFFER}5.05 bob -> alice 100\n5.3 alice -> bob INVITE cseq=3\n{OFFER}"
        + f"5.4 bob -> alice {answer}\n5.5 alice -> bob ACK cseq=3\n6.0 bob -> alice 488 INVITE cseq=2\n"
        + "6.1 alice -> bob ACK cseq=2\n"
        + END
    )


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("491", "answered 491 Request Pending;"),
        ("500", "answered 500 Server Internal Error, no Retry-After;"),
        ("500\n      Retry-After: 60", "answered 500 Server Internal Error, Retry-After 60;"),
        (f"200\n{SDP}".rstrip(), "answered 200 OK;"),
    ],
)
def test_second_update_that_is_not_sent_back_properly_is_told(spoken: Spoken, answer: str, words: str) -> None:
    (finding,) = spoken(updates(answer))
    assert finding.severity is Severity.WARNING
    assert words in finding.text
    assert finding.frames == (4, 5, 6)


def test_second_invite_that_is_not_sent_back_properly_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(invites("491"))
    assert "The INVITE came while the INVITE before it" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(updates("500\n      Retry-After: 0"), id="500 with Retry-After 0"),
        pytest.param(updates("500\n      Retry-After: 10 (later)"), id="comment behind it"),
        pytest.param(updates("491", offer=""), id="no offer in either"),
        pytest.param(updates("481"), id="a reason of its own"),
        pytest.param(updates("491", first_answered=5.25), id="may have crossed the answer"),
        pytest.param(updates("491", first_answered=5.05), id="answered before"),
        pytest.param(invites("500\n      Retry-After: 5"), id="INVITE sent back properly"),
        pytest.param(
            UP + f"5.0 alice -> bob UPDATE\n{OFFER}5.1 bob -> alice UPDATE\n{SDP}5.2 alice -> bob 491\n"
            f"5.3 bob -> alice 200 UPDATE\n{SDP}" + END,
            id="glare",
        ),
        pytest.param(
            UP + f"5.0 alice -> bob UPDATE\n{OFFER}5.5 alice -> bob UPDATE again\n5.6 bob -> alice 491\n" + END,
            id="retransmission",
        ),
    ],
)
def test_proper_refusals_races_and_retransmissions_are_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script) == []


def crossing(*, media: str, versions: tuple[int, int] = (2, 3)) -> str:
    """Both sides offer by UPDATE at once; bob's is refused, and he answers alice's behind that, with that media."""
    asked, answered = (
        f"      o=bob 7 {version} IN IP4 192.0.2.20\n      m=audio {port} RTP/AVP 0\n"
        for version, port in zip(versions, (6000, 6000), strict=True)
    )
    first = UP.replace(SDP, "      o=bob 7 1 IN IP4 192.0.2.20\n" + SDP)
    return (
        first
        + f"5.0 alice -> bob UPDATE cseq=2\n      m=audio 4010 RTP/AVP 0\n5.1 bob -> alice UPDATE\n{asked}"
        + f"5.2 alice -> bob 491 UPDATE\n5.3 bob -> alice 200 UPDATE cseq=2\n{answered}"
        + media
        + END
    )


MOVED = "0.2-8.9 bob => alice PCMU\n0.2-5.2 alice => bob PCMU\n5.3-8.9 alice => bob PCMU to=192.0.2.20:6000 ssrc=9\n"


def test_refused_side_of_glare_may_answer_with_what_it_asked_for(judged: Judged) -> None:
    assert [(item.rule, item.text) for item in judged(crossing(media=MOVED), "OA") if item.severity != "info"] == []


def test_versions_of_a_refused_offer_and_the_answer_behind_it_rise_in_the_order_they_were_sent(judged: Judged) -> None:
    assert judged(crossing(media=""), "OA-006") == []
    (found,) = judged(crossing(media="", versions=(3, 2)), "OA-006")
    assert "falls from 3 to 2" in found.text
