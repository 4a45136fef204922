"""Parameters of codecs that both sides must hold the same: G.729 Annex B, AMR, H.264."""

from collections.abc import Callable

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

Spoken = Callable[[str, str], list[Finding]]


@pytest.fixture
def spoken(judged: Judged) -> Spoken:
    """The findings of one rule in a trace script."""
    return lambda script, code: [item for item in judged(script, "OA") if item.rule == code]


def call(offer: str, answer: str, *, kind: str = "audio") -> str:
    """A call whose offer and answer have these lines, separated by bars: format list, then attributes."""
    lines = [
        "".join(f"      {line}\n" for line in (f"m={kind} {port} RTP/AVP {text.split('|')[0]}", *text.split("|")[1:]))
        for port, text in ((4000, offer), (5000, answer))
    ]
    return (
        f"alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n{lines[0]}0.1 bob -> alice 200\n{lines[1]}"
        "0.2 alice -> bob ACK\n9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"
    )


# OA-031

G729 = "18|a=rtpmap:18 G729/8000"
NO, YES = G729 + "|a=fmtp:18 annexb=no", G729 + "|a=fmtp:18 annexb=yes"


@pytest.mark.parametrize(
    ("answer", "words"),
    [(G729, "without annexb, which means yes"), (YES, "with annexb=yes"), ("18", "without annexb, which means yes")],
)
def test_answer_that_allows_comfort_noise_which_the_offer_rules_out_is_told(
    spoken: Spoken, answer: str, words: str
) -> None:
    (finding,) = spoken(call(NO, answer), "OA-031")
    assert finding.severity is Severity.WARNING
    assert words in finding.text
    assert [item.frame for item in finding.evidence] == [1, 2]


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        pytest.param(NO, NO, id="both rule it out"),
        pytest.param(NO, G729 + "|a=fmtp:18 AnnexB=NO", id="case"),
        pytest.param(G729, NO, id="answer rules it out"),
        pytest.param(YES, G729, id="both allow it"),
        pytest.param("0 " + NO, "0", id="G.729 was not taken"),
    ],
)
def test_comfort_noise_that_is_agreed_on_is_not_told(spoken: Spoken, offer: str, answer: str) -> None:
    assert spoken(call(offer, answer), "OA-031") == []


# OA-032

OCTETS = "104|a=rtpmap:104 AMR-WB/16000|a=fmtp:104 octet-align=1"
BITS = "104|a=rtpmap:104 AMR-WB/16000"
BOTH = "104 105|a=rtpmap:104 AMR-WB/16000|a=fmtp:104 octet-align=1|a=rtpmap:105 AMR-WB/16000"


def amr(parameters: str) -> str:
    return f"96|a=rtpmap:96 AMR/8000|a=fmtp:96 {parameters}"


def h264(parameters: str) -> str:
    return f"97|a=rtpmap:97 H264/90000|a=fmtp:97 {parameters}"


@pytest.mark.parametrize(
    ("offer", "answer", "kind"),
    [
        pytest.param(OCTETS, BITS, "audio", id="octet-align dropped"),
        pytest.param(BITS, OCTETS, "audio", id="octet-align added"),
        pytest.param(amr("octet-align=1; crc=1"), amr("octet-align=1"), "audio", id="crc dropped"),
        pytest.param(amr("mode-set=0,2,4,7"), amr("mode-set=7"), "audio", id="other modes"),
        pytest.param(
            h264("profile-level-id=640028;packetization-mode=1"),
            h264("profile-level-id=42e01f;packetization-mode=1"),
            "video",
            id="other profile",
        ),
        pytest.param(
            h264("profile-level-id=42e01f;packetization-mode=1"),
            h264("profile-level-id=42e01f"),
            "video",
            id="packetization-mode dropped",
        ),
    ],
)
def test_configuration_that_was_not_offered_is_told(spoken: Spoken, offer: str, answer: str, kind: str) -> None:
    (finding,) = spoken(call(offer, answer, kind=kind), "OA-032")
    assert finding.severity is Severity.ERROR
    assert [item.frame for item in finding.evidence] == [1, 2]


@pytest.mark.parametrize(
    ("offer", "answer", "kind"),
    [
        pytest.param(BOTH, "105|a=rtpmap:105 AMR-WB/16000", "audio", id="the other variant"),
        pytest.param(BOTH, BITS, "audio", id="the other variant under the first number"),
        pytest.param(amr("crc=1"), amr("octet-align=1;crc=1"), "audio", id="crc implies octets"),
        pytest.param(amr("mode-set=0,2,4,7"), "96|a=rtpmap:96 AMR/8000", "audio", id="answer names no modes"),
        pytest.param("96|a=rtpmap:96 AMR/8000", amr("mode-set=0"), "audio", id="answer restricts the modes"),
        pytest.param(amr("mode-set=0,2,4,7"), amr("mode-set=7, 4, 2, 0"), "audio", id="order of modes"),
        pytest.param(
            h264("profile-level-id=42e01f;packetization-mode=1"),
            h264("packetization-mode=1;profile-level-id=42C00D"),
            "video",
            id="lower level, order, constraints and case",
        ),
        pytest.param(
            "111|a=rtpmap:111 opus/48000/2|a=fmtp:111 useinbandfec=1;stereo=1",
            "111|a=rtpmap:111 opus/48000/2",
            "audio",
            id="Opus",
        ),
    ],
)
def test_configuration_that_interworks_is_not_told(spoken: Spoken, offer: str, answer: str, kind: str) -> None:
    assert spoken(call(offer, answer, kind=kind), "OA-032") == []
