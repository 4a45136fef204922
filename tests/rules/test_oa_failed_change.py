"""OA-024: media that follows a refused change, and media that has nothing to do with it."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, PARTIES, call, refused, reinvite, sdp

ERROR, WARNING = Severity.ERROR, Severity.WARNING
MOVED = ("m=audio 6000 RTP/AVP 0",)
CODEC = ("m=audio 4000 RTP/AVP 0 8",)
TALK = "0.2-28 alice => bob PCMU to=192.0.2.20:5000 from=192.0.2.10:4000\n"
HEARD = "0.2-28 bob => alice PCMU to=192.0.2.10:4000\n"
FIRST_HALF = "0.2-5.1 bob => alice PCMU to=192.0.2.10:4000\n"


def moved(start: float, end: float) -> str:
    return f"{start}-{end} bob => alice PCMU to=192.0.2.10:6000 ssrc=77\n"


LEGITIMATE = {
    "media stays": call((AUDIO,), (ANSWER,), refused(5.0, MOVED, 500), TALK, HEARD),
    "no media in view": call((AUDIO,), (ANSWER,), refused(5.0, MOVED, 500)),
    "media on its way when the refusal came": call(
        (AUDIO,),
        (ANSWER,),
        refused(5.0, MOVED, 500),
        TALK,
        FIRST_HALF,
        moved(5.05, 5.6),
        "5.7-28 bob => alice PCMU to=192.0.2.10:4000 ssrc=78\n",
    ),
    "the same offer accepted soon after": call(
        (AUDIO,), (ANSWER,), refused(5.0, MOVED, 491), reinvite(6.0, MOVED, (ANSWER,)), TALK, FIRST_HALF, moved(6.1, 28)
    ),
    "the same offer accepted after a challenge": call(
        (AUDIO,), (ANSWER,), refused(5.0, MOVED, 401), reinvite(5.3, MOVED, (ANSWER,)), TALK, FIRST_HALF, moved(5.4, 28)
    ),
    "dialog is gone": call((AUDIO,), (ANSWER,), refused(5.0, MOVED, 481), TALK, FIRST_HALF, moved(5.2, 28)),
    "refused offer with the same place": call(
        (AUDIO,), (ANSWER,), refused(5.0, (AUDIO, "a=sendonly"), 500), TALK, HEARD
    ),
    "payload type of the other side's own list": call(
        (AUDIO,),
        ("m=audio 5000 RTP/AVP 0 8",),
        refused(5.0, CODEC, 500),
        TALK,
        "0.2-28 bob => alice PCMA to=192.0.2.10:4000\n",
    ),
    "talker who pauses": call(
        (AUDIO,), (ANSWER,), refused(5.0, MOVED, 500), TALK, "0.2-3 bob => alice PCMU to=192.0.2.10:4000\n"
    ),
    "stream that goes on under another SSRC": call(
        (AUDIO,),
        (ANSWER,),
        refused(5.0, MOVED, 500),
        TALK,
        "0.2-5.05 bob => alice PCMU to=192.0.2.10:4000\n5.1-28 bob => alice PCMU to=192.0.2.10:4000 ssrc=99\n",
    ),
    "capture begins in the call": PARTIES
    + "0.0 alice -> bob INVITE unseen\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 200 unseen\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK unseen\n"
    + refused(5.0, MOVED, 500)
    + moved(1.0, 28),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "OA-024")] == []


APPLIED = {
    "new port": (
        call((AUDIO,), (ANSWER,), refused(5.0, MOVED, 500), TALK, FIRST_HALF, moved(5.2, 28)),
        "goes to 192.0.2.10:6000",
    ),
    "new port refused with 488": (
        call((AUDIO,), (ANSWER,), refused(5.0, MOVED, 488), TALK, FIRST_HALF, moved(5.2, 28)),
        "goes to 192.0.2.10:6000",
    ),
    "new codec": (
        call(
            (AUDIO,),
            (ANSWER,),
            refused(5.0, CODEC, 500),
            TALK,
            FIRST_HALF + "5.2-28 bob => alice PCMA to=192.0.2.10:4000 ssrc=78\n",
        ),
        "has payload type 8",
    ),
}


@pytest.mark.parametrize(("script", "words"), APPLIED.values(), ids=APPLIED.keys())
def test_media_by_the_refused_offer_is_told_with_offer_refusal_and_packet(
    judged: Judged, script: str, words: str
) -> None:
    (found,) = judged(script, "OA-024")
    assert (found.severity, found.confidence, len(found.frames)) == (ERROR, Confidence.CERTAIN, 3)
    assert words in found.text


def test_stream_that_stops_with_the_refusal_is_a_warning(judged: Judged) -> None:
    script = call((AUDIO,), (ANSWER,), "0.2-5.5 bob => alice PCMU to=192.0.2.10:4000\n", refused(5.2, MOVED, 500), TALK)
    found = judged(script, "OA-024")
    assert [(item.severity, item.confidence) for item in found] == [(WARNING, Confidence.LIKELY)]
