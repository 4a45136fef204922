"""OA-009 and OA-010: payload types that change their meaning or differ by direction, and what only looks like it."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, BYE, PARTIES, call, refused, reinvite, sdp

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def audio(*mappings: str, port: int = 4000) -> tuple[str, ...]:
    """A section with PCMU and one dynamic type a mapping: `96 opus/48000/2`."""
    numbers = " ".join(item.split()[0] for item in mappings)
    return (f"m=audio {port} RTP/AVP 0 {numbers}", *(f"a=rtpmap:{item}" for item in mappings))


OPUS, AMR, EVENTS = audio("96 opus/48000/2"), audio("96 AMR-WB/16000"), audio("96 telephone-event/8000")
REFUSED_VIDEO = "m=video 0 RTP/AVP 99"
VIDEO = "m=video 4002 RTP/AVP 99"

LEGITIMATE = {
    "the same number for the same codec": call(OPUS, (ANSWER,), reinvite(5.0, OPUS, (ANSWER,))),
    "another number for another codec": call(OPUS, (ANSWER,), reinvite(5.0, audio("97 AMR-WB/16000"), (ANSWER,))),
    "two numbers for one codec": call(
        OPUS, (ANSWER,), reinvite(5.0, audio("96 opus/48000/2", "97 opus/48000/2"), (ANSWER,))
    ),
    "each side with a number of its own": call(OPUS, audio("97 opus/48000/2", port=5000)),
    "each side with a meaning of its own": call(
        audio("96 opus/48000/2", "97 AMR-WB/16000"),
        audio("96 AMR-WB/16000", "97 opus/48000/2", port=5000),
        reinvite(5.0, audio("96 opus/48000/2", "97 AMR-WB/16000"), (ANSWER,)),
    ),
    "name in another case, parameters in another order": call(
        (*audio("96 OPUS/48000/2"), "a=fmtp:96 useinbandfec=1;stereo=0"),
        (ANSWER,),
        reinvite(5.0, (*OPUS, "a=fmtp:96 stereo=0; useinbandfec=1"), (ANSWER,)),
    ),
    "parameters that leave the packing alone": call(
        (*AMR, "a=fmtp:96 mode-set=0,1,2"), (ANSWER,), reinvite(5.0, (*AMR, "a=fmtp:96 mode-set=8"), (ANSWER,))
    ),
    "packing stated that was implied": call(
        AMR, (ANSWER,), reinvite(5.0, (*AMR, "a=fmtp:96 octet-align=0"), (ANSWER,))
    ),
    "position refused and used anew": call(
        (AUDIO, VIDEO, "a=rtpmap:99 H264/90000"),
        (ANSWER, REFUSED_VIDEO),
        reinvite(5.0, (AUDIO, REFUSED_VIDEO), (ANSWER, REFUSED_VIDEO)),
        reinvite(9.0, (AUDIO, VIDEO, "a=rtpmap:99 VP8/90000"), (ANSWER, REFUSED_VIDEO)),
    ),
    "the same number in two positions": call(
        (*OPUS, "m=audio 4002 RTP/AVP 96", "a=rtpmap:96 AMR-WB/16000"), (ANSWER, "m=audio 0 RTP/AVP 96")
    ),
    "attempt after a challenge": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*OPUS)
    + "0.1 bob -> alice 401\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE\n"
    + sdp(*AMR)
    + "0.4 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.5 alice -> bob ACK\n"
    + BYE,
    "number without rtpmap in between": call(
        OPUS, (ANSWER,), reinvite(5.0, ("m=audio 4000 RTP/AVP 0 96",), (ANSWER,)), reinvite(9.0, OPUS, (ANSWER,))
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "OA-009")] == []


PACKED = (*AMR, "a=fmtp:96 octet-align=1")
REMAPPED = {
    "another codec": (call(OPUS, (ANSWER,), reinvite(5.0, AMR, (ANSWER,))), ERROR, (1, 4)),
    "another clock": (
        call(EVENTS, (ANSWER,), reinvite(5.0, audio("96 telephone-event/48000"), (ANSWER,))),
        ERROR,
        (1, 4),
    ),
    "another packing": (call(AMR, (ANSWER,), reinvite(5.0, PACKED, (ANSWER,))), ERROR, (1, 4)),
    "answer, then offer of the same side": (
        call(
            OPUS,
            audio("96 opus/48000/2", port=5000),
            reinvite(5.0, audio("96 telephone-event/8000", port=5000), (AUDIO,), sender="bob"),
        ),
        ERROR,
        (2, 4),
    ),
    "changed and changed back": (
        call(OPUS, (ANSWER,), reinvite(5.0, AMR, (ANSWER,)), reinvite(9.0, OPUS, (ANSWER,))),
        ERROR,
        (1, 4),
    ),
    "meaning of a refused offer": (
        call((AUDIO,), (ANSWER,), refused(5.0, OPUS, 491), reinvite(9.0, AMR, (ANSWER,))),
        WARNING,
        (4, 7),
    ),
    "spliced session": (
        call(OPUS, (ANSWER,), reinvite(5.0, ("o=music 77 1 IN IP4 192.0.2.99", *AMR), (ANSWER,))),
        WARNING,
        (1, 4),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), REMAPPED.values(), ids=REMAPPED.keys())
def test_changed_meaning_is_told_once_with_both_lines(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "OA-009")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]
    assert all("a=rtpmap:96 " in item.note for item in found[0].evidence)


TOLD_101 = ("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000")
TOLD_96 = ("m=audio 5000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000")
SYMMETRIC = {
    "number of the offer": call(TOLD_101, ("m=audio 5000 RTP/AVP 0 101", TOLD_101[1])),
    "one of several numbers": call(audio("96 opus/48000/2", "97 opus/48000/2"), audio("97 opus/48000/2", port=5000)),
    "static type under a dynamic number": call(audio("97 PCMU/8000"), (ANSWER,)),
    "codec that was not offered": call((AUDIO,), audio("96 opus/48000/2", port=5000)),
    "refused section": call(TOLD_101, ("m=audio 0 RTP/AVP 96", TOLD_96[1])),
    "another clock": call(TOLD_101, audio("96 telephone-event/48000", port=5000)),
    "number without rtpmap": call(TOLD_101, ("m=audio 5000 RTP/AVP 0 96",)),
}


@pytest.mark.parametrize("script", SYMMETRIC.values(), ids=SYMMETRIC.keys())
def test_symmetric_numbers_are_not_told(judged: Judged, script: str) -> None:
    assert judged(script, "OA-010") == []


def test_asymmetric_number_is_told_with_both_mappings(judged: Judged) -> None:
    (found,) = judged(call(TOLD_101, TOLD_96))
    assert (found.rule, found.severity, found.frames) == ("OA-010", WARNING, (1, 2))
    assert [item.note for item in found.evidence] == [
        "offer: a=rtpmap:101 telephone-event/8000",
        "answer: a=rtpmap:96 telephone-event/8000",
    ]


OPUS_111 = ("m=audio 5000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2")
OPUS_96 = ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2")


@pytest.mark.parametrize(
    ("caller", "callee", "severity"), [(111, 96, Severity.INFO), (96, 96, WARNING), (111, 111, WARNING)]
)
def test_numbers_used_as_told_make_it_a_remark(judged: Judged, caller: int, callee: int, severity: Severity) -> None:
    script = call(OPUS_96, OPUS_111) + f"0.2-9 alice => bob OPUS pt={caller}\n0.2-9 bob => alice OPUS pt={callee}\n"
    assert [item.severity for item in judged(script, "OA-010")] == [severity]
