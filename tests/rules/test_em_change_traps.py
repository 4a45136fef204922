"""Early media in one direction where both are needed, and media that changes at the answer."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str, str], list[Finding]]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
ENDED = "20.0 alice -> bob BYE\n20.1 bob -> alice 200 BYE\n"


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of one rule in a trace script."""
    return lambda script, code: [item for item in judged(script, "EM") if item.rule == code]


# EM-006

SDP = "      m=audio 5000 RTP/AVP 0\n"
NAT = "      c=IN IP4 10.0.0.5\n"
PRIVATE = "      c=IN IP4 10.0.0.9\n"
FROM_BOB = "1.1-20 bob => alice PCMU to=192.0.2.10:4000\n"
LATER = "9.1-20 alice => bob PCMU from=192.0.2.10:4000\n"
KEYS = (
    "4.0 alice -> bob INFO\n      Content-Type: application/dtmf-relay\n      | Signal=5\n4.1 bob -> alice 200 INFO\n"
)


def early(*more: str, offer: str = "", progress: str = SDP) -> str:
    invite = PARTIES + f"0.0 alice -> bob INVITE\n{offer}      m=audio 4000 RTP/AVP 0\n"
    answer = f"9.0 bob -> alice 200 INVITE\n{SDP}9.05 alice -> bob ACK\n"
    return invite + f"1 bob -> alice 183\n{progress}" + "".join(more) + answer + ENDED


def test_caller_behind_nat_that_sends_nothing_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(early(FROM_BOB, LATER, offer=NAT), "EM-006")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert "the private address 10.0.0.5" in finding.text
    assert finding.frames[:3] == (1, 2, 3)


def test_service_that_waits_for_keys_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(early(FROM_BOB, LATER, KEYS), "EM-006")
    assert "pressed keys" in finding.text


def test_relay_at_another_address_is_possible(spoken: Spoken) -> None:
    elsewhere = "1.1-20 bob => alice PCMU from=192.0.2.60:7000\n"
    (finding,) = spoken(early(elsewhere, LATER), "EM-006")
    assert finding.confidence is Confidence.POSSIBLE


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(early(FROM_BOB, LATER), id="plain ring-back"),
        pytest.param(early(FROM_BOB, LATER.replace("9.1", "1.2"), offer=NAT), id="caller sends at once"),
        pytest.param(early(FROM_BOB.replace("-20", "-3.5"), LATER, offer=NAT), id="2.4 s"),
        pytest.param(early(FROM_BOB, offer=NAT), id="media of the caller is out of view"),
        pytest.param(early(FROM_BOB, LATER, offer=NAT, progress=SDP + "      a=sendonly\n"), id="announced one-way"),
        pytest.param(
            early(FROM_BOB.replace("to=", "from=10.0.0.9:5000 to="), LATER, offer=NAT, progress=PRIVATE + SDP),
            id="both in a private network",
        ),
    ],
)
def test_one_way_that_hurts_nobody_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "EM-006") == []


# EM-009

OFFER = PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 8 18\n"
BOTH = "      m=audio 5000 RTP/AVP 8 18\n"
MOVED = "      m=audio 7000 RTP/AVP 8 18\n"
EARLY = "1.05-9 bob => alice PCMA ssrc=1 from=192.0.2.20:5000\n"


def answered(*media: str, sdp: str = BOTH, tag: str = "") -> str:
    success = f"9.0 bob -> alice 200 INVITE{tag}\n{sdp}9.05 alice -> bob ACK\n"
    return OFFER + f"1 bob -> alice 183{tag}\n{BOTH}" + "".join(media) + success + ENDED


def test_codec_that_changes_without_new_sdp_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(answered(EARLY, "9.1-19 bob => alice G729 ssrc=2 from=192.0.2.20:5000\n"), "EM-009")
    assert finding.severity is Severity.WARNING
    assert "codec from PCMA to G729, without new SDP" in finding.text


def test_source_that_changes_without_new_sdp_is_told(spoken: Spoken) -> None:
    (finding,) = spoken(answered(EARLY, "9.1-19 bob => alice PCMA ssrc=2 from=192.0.2.60:7000\n"), "EM-009")
    assert "source from 192.0.2.20:5000 to 192.0.2.60:7000" in finding.text


def test_announced_move_with_a_pause_is_told(spoken: Spoken) -> None:
    later = "9.45-19 bob => alice PCMA ssrc=2 from=192.0.2.20:7000\n"
    (finding,) = spoken(answered(EARLY, later, sdp=MOVED), "EM-009")
    assert "with new SDP, and behind a pause of 480 ms" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(
            answered(EARLY, "9.1-19 bob => alice PCMA ssrc=2 from=192.0.2.20:5000\n"),
            id="new SSRC, same codec and place",
        ),
        pytest.param(answered(EARLY.replace("-9 ", "-19 ")), id="media that simply goes on"),
        pytest.param(
            answered(EARLY, "9.1-19 bob => alice PCMA ssrc=2 from=192.0.2.20:7000\n", sdp=MOVED), id="announced move"
        ),
        pytest.param(
            answered(EARLY.replace("-9 ", "-5 "), "9.1-19 bob => alice G729 ssrc=2 from=192.0.2.20:5000\n"),
            id="early media was over long before",
        ),
        pytest.param(
            OFFER
            + f"1 bob -> alice 183 tag=one\n{BOTH}2 bob -> alice 183 tag=two\n{MOVED}"
            + EARLY
            + "9.1-19 bob => alice G729 ssrc=2 from=192.0.2.20:7000\n"
            + f"9.0 bob -> alice 200 INVITE tag=two\n{MOVED}9.05 alice -> bob ACK\n"
            + ENDED,
            id="media of another early dialog",
        ),
    ],
)
def test_media_that_goes_on_as_it_should_is_not_told(spoken: Spoken, script: str) -> None:
    assert spoken(script, "EM-009") == []
