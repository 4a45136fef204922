"""Calls that switch to fax by T.38: what became of the offer."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str], list[Finding]]

UP = (
    "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 8\n"
    "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 8\n0.2 alice -> bob ACK\n"
)
FAX = "      m=image 6000 udptl t38\n      a=T38FaxVersion:0\n      a=T38FaxRateManagement:transferredTCF\n"
TAKEN = FAX.replace("6000", "4000")
AUDIO_BESIDE = "      m=audio 5000 RTP/AVP 8\n" + FAX


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of OA-033 in a trace script."""
    return lambda script: [item for item in judged(script, "OA") if item.rule == "OA-033"]


def switched(answer: str, *, offer: str = FAX, between: str = "", bye: float = 60.0) -> str:
    return (
        UP
        + f"5.0 bob -> alice INVITE\n{offer}5.1 alice -> bob {answer}\n5.2 bob -> alice ACK\n{between}"
        + f"{bye:.1f} bob -> alice BYE\n{bye + 0.1:.1f} alice -> bob 200 BYE\n"
    )


@pytest.mark.parametrize(
    ("script", "severity", "words"),
    [
        pytest.param(switched(f"200\n{TAKEN}"), Severity.INFO, "that was accepted.", id="accepted"),
        pytest.param(switched("488"), Severity.INFO, "the call goes on", id="refused, call goes on"),
        pytest.param(switched("488", bye=7.0), Severity.ERROR, "a BYE follows 1.9 s later", id="refused, then BYE"),
        pytest.param(switched("415", bye=7.0), Severity.ERROR, "refused with 415", id="another refusal"),
        pytest.param(
            switched("200\n      m=image 0 udptl t38\n"), Severity.WARNING, "was answered without it", id="port 0"
        ),
        pytest.param(
            switched(f"200\n{TAKEN.replace('FaxVersion:0', 'FaxVersion:3')}"),
            Severity.WARNING,
            "T38FaxVersion from 0 to 3",
            id="version raised",
        ),
        pytest.param(
            switched(f"200\n{TAKEN.replace('transferredTCF', 'localTCF')}"),
            Severity.WARNING,
            "t38faxratemanagement from transferredTCF to localTCF",
            id="rate management changed",
        ),
    ],
)
def test_outcome_of_the_switch_is_told(spoken: Spoken, script: str, severity: Severity, words: str) -> None:
    (finding,) = spoken(script)
    assert (finding.severity, finding.frames[:2]) == (severity, (4, 5))
    assert words in finding.text


AUDIO_AGAIN = (
    "6.0 bob -> alice INVITE\n      m=audio 5000 RTP/AVP 8\n6.1 alice -> bob 200\n      m=audio 4000 RTP/AVP 8\n"
    "6.2 bob -> alice ACK\n"
)


def test_refusal_with_another_offer_behind_it_is_no_failure(spoken: Spoken) -> None:
    (finding,) = spoken(switched("488", between=AUDIO_AGAIN, bye=9.0))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(switched("491"), id="glare"),
        pytest.param(
            switched("200\n      m=audio 4000 RTP/AVP 8\n      m=image 0 udptl t38\n", offer=AUDIO_BESIDE),
            id="audio chosen of both",
        ),
        pytest.param(
            "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n"
            + TAKEN
            + "0.1 bob -> alice 488\n0.2 alice -> bob ACK\n",
            id="fax from the start",
        ),
        pytest.param(UP + "20 bob -> alice BYE\n20.1 alice -> bob 200 BYE\n", id="no fax at all"),
    ],
)
def test_what_is_no_switch_to_fax_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script) == []


def test_refresh_of_a_fax_session_is_told_once(spoken: Spoken) -> None:
    again = f"9.0 bob -> alice INVITE\n{FAX}9.1 alice -> bob 200\n{TAKEN}9.2 bob -> alice ACK\n"
    assert len(spoken(switched(f"200\n{TAKEN}", between=again))) == 1
