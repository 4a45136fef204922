"""OA-026: why an offer may have been refused."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, PARTIES, PROXIED, SAVP, T38, call, sdp

WARNING, INFO = Severity.WARNING, Severity.INFO
WARNS = 'Warning: 302 bob "Incompatible transport protocol"'


def refusal(offer: tuple[str, ...], *lines: str, status: int = 488) -> str:
    """A refused INVITE behind a call in which bob answered PCMU over RTP/AVP."""
    return (
        PARTIES
        + "0.0 alice -> bob INVITE call=1\n"
        + sdp(AUDIO)
        + "0.1 bob -> alice 200 call=1\n"
        + sdp(ANSWER)
        + "0.2 alice -> bob ACK call=1\n1.0 alice -> bob BYE call=1\n1.1 bob -> alice 200 call=1\n"
        + "5.0 alice -> bob INVITE call=2\n"
        + sdp(*offer)
        + f"5.1 bob -> alice {status} call=2\n"
        + sdp(*lines)
        + "5.2 alice -> bob ACK call=2\n"
    )


V6 = ("c=IN IP6 2001:db8::10", AUDIO)
REASONS = {
    "transport": (refusal(SAVP), WARNING, "RTP/SAVP was offered, and that side has shown RTP/AVP alone"),
    "media type": (refusal(("m=video 4000 RTP/AVP 31",)), WARNING, "video was offered, and that side has shown audio"),
    "address family": (refusal(V6), WARNING, "IP6 was offered, and that side has shown IP4 alone"),
    "codec": (
        refusal(("m=audio 4000 RTP/AVP 18 3",)),
        WARNING,
        "G729/8000, GSM/8000 was offered, and that side has shown PCMU/8000 alone",
    ),
    "no rtpmap": (refusal(("m=audio 4000 RTP/AVP 99",)), WARNING, "no payload type of m-line 1 has an rtpmap"),
    "nothing to be seen": (refusal((AUDIO,)), WARNING, "doesn't say why"),
    "Warning": (refusal(SAVP, WARNS), INFO, "its Warning says “302 Incompatible transport protocol”"),
    "606 without Warning": (refusal(SAVP, status=606), INFO, "RTP/SAVP was offered"),
    "415": (refusal((AUDIO,), "Accept: text/plain", status=415), INFO, "doesn't say why"),
    "capabilities in the refusal": (
        refusal(("m=audio 4000 RTP/AVP 0",), "m=audio 0 RTP/AVP 8"),
        WARNING,
        "doesn't say why",
    ),
}


@pytest.mark.parametrize(("script", "severity", "words"), REASONS.values(), ids=REASONS.keys())
def test_refusal_is_told_with_its_probable_reason(judged: Judged, script: str, severity: Severity, words: str) -> None:
    (found,) = judged(script, "OA")
    assert (found.rule, found.severity) == ("OA-026", severity)
    assert {6, 7} <= set(found.frames)
    assert words in found.text


@pytest.mark.parametrize("section", [T38, "m=video 4002 RTP/AVP 31"], ids=["fax", "video"])
def test_refused_change_to_fax_or_video_is_a_remark(judged: Judged, section: str) -> None:
    script = call(
        (AUDIO,),
        (ANSWER,),
        "5.0 alice -> bob INVITE\n" + sdp(AUDIO, section) + "5.1 bob -> alice 488 INVITE\n5.2 alice -> bob ACK\n",
    )
    found = [(item.rule, item.severity, item.frames) for item in judged(script) if item.rule != "OA-033"]
    assert found == [("OA-026", INFO, (2, 4, 5))]


@pytest.mark.parametrize("status", [480, 486, 491, 500, 603])
def test_other_refusals_are_not_told(judged: Judged, status: int) -> None:
    assert [item.rule for item in judged(refusal(SAVP, status=status), "OA-026")] == []


def test_refusal_without_an_offer_is_not_told(judged: Judged) -> None:
    script = PARTIES + "0.0 alice -> bob INVITE\n0.1 bob -> alice 488\n0.2 alice -> bob ACK\n"
    assert judged(script, "OA") == []


def test_refusal_over_two_hops_is_told_once_by_the_side_that_refused(judged: Judged) -> None:
    script = (
        PROXIED
        + "0.0 alice -> proxy INVITE to=bob\n"
        + sdp(AUDIO)
        + "0.01 proxy -> bob INVITE\n0.1 bob -> proxy 488\n0.11 proxy -> bob ACK\n0.12 proxy -> alice 488\n"
        + "0.2 alice -> proxy ACK\n"
    )
    (found,) = [item for item in judged(script) if item.rule == "OA-026"]
    assert found.frames == (2, 3)
    assert found.text.startswith("192.0.2.20:5060 refused")
