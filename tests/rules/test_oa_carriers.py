"""OA-016, OA-018, OA-020: previews that differ, offers that are missing, offers that overlap; and legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import ANSWER, AUDIO, BYE, HELD, HOLD, PARTIES, PROXIED, RELIABLE, call, sdp

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
OFFER = PARTIES + "0.0 alice -> bob INVITE\n"
DELAYED = PARTIES + "0.0 alice -> bob INVITE\n" + sdp("Supported: 100rel")
MOVED = "m=audio 7000 RTP/AVP 0"
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"


def previewed(preview: tuple[str, ...], answer: tuple[str, ...], offer: tuple[str, ...] = (AUDIO,)) -> str:
    """A 183 with SDP in frame 2, the 200 in frame 3, both under one To tag."""
    return (
        OFFER
        + sdp(*offer)
        + "0.1 bob -> alice 183 tag=x\n"
        + sdp(*preview)
        + "2.0 bob -> alice 200 tag=x\n"
        + sdp(*answer)
        + "2.1 alice -> bob ACK\n"
        + BYE
    )


ORIGIN = "o=- 5 1 IN IP4 192.0.2.20"
PREVIEWS = {
    "the same SDP in both": previewed((ANSWER,), (ANSWER,)),
    "the same SDP with attributes in another order": previewed(
        (ORIGIN, ANSWER, "a=ptime:20", "a=sendrecv"), (ORIGIN, ANSWER, "a=sendrecv", "a=ptime:20")
    ),
    "another To tag for the callee": OFFER
    + sdp(AUDIO)
    + "0.1 bob -> alice 183 tag=x\n"
    + sdp("c=IN IP4 192.0.2.50", ANSWER)
    + "2.0 bob -> alice 200 tag=y\n"
    + sdp(MOVED)
    + "2.1 alice -> bob ACK\n"
    + BYE,
    "answer in a reliable 183 equal to the unreliable one": OFFER
    + sdp(AUDIO, "Supported: 100rel")
    + "0.1 bob -> alice 183\n"
    + sdp(ANSWER)
    + "0.2 bob -> alice 183 rseq=1\n"
    + sdp(ANSWER)
    + "0.3 alice -> bob PRACK\n0.4 bob -> alice 200 PRACK\n2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n"
    + BYE,
    "moved by an UPDATE before the 200": RELIABLE
    + "0.5 bob -> alice UPDATE\n"
    + sdp(MOVED)
    + "0.6 alice -> bob 200 UPDATE\n"
    + sdp(AUDIO)
    + "2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n"
    + BYE,
    "call refused behind early media": OFFER
    + sdp(AUDIO)
    + "0.1 bob -> alice 183\n"
    + sdp(ANSWER)
    + "5.0 bob -> alice 486 INVITE\n5.1 alice -> bob ACK\n",
}
DELAYS = {
    "offer in the 200": DELAYED + "0.1 bob -> alice 200\n" + sdp(ANSWER) + "0.2 alice -> bob ACK\n" + sdp(AUDIO) + BYE,
    "unreliable 180 before the offer": DELAYED
    + "0.1 bob -> alice 180\n1.0 bob -> alice 200\n"
    + sdp(ANSWER)
    + "1.1 alice -> bob ACK\n"
    + sdp(AUDIO)
    + BYE,
    "offer in a reliable 183": DELAYED
    + "0.1 bob -> alice 183 rseq=1\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob PRACK\n"
    + sdp(AUDIO)
    + "0.3 bob -> alice 200 PRACK\n1.0 bob -> alice 180 rseq=2\n1.1 alice -> bob PRACK\n1.2 bob -> alice 200 PRACK\n"
    + "2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n"
    + BYE,
    "refused": DELAYED + "0.1 bob -> alice 488\n0.2 alice -> bob ACK\n",
    "session without SDP": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp("Content-Type: application/csta+xml", "| <RequestSystemStatus/>")
    + "0.1 bob -> alice 200\n"
    + sdp("Content-Type: application/csta+xml", "| <RequestSystemStatusResponse/>")
    + "0.2 alice -> bob ACK\n"
    + BYE,
    "body of another kind in the response": DELAYED
    + "0.1 bob -> alice 200\n"
    + sdp("Content-Type: application/pkcs7-mime", "| secret")
    + "0.2 alice -> bob ACK\n"
    + BYE,
    "reliable 183 with the offer not captured": DELAYED
    + "0.1 bob -> alice 183 rseq=1 unseen\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob PRACK\n"
    + "0.3 bob -> alice 200 PRACK\n2.0 bob -> alice 200 INVITE\n2.1 alice -> bob ACK\n"
    + BYE,
}
PENDING = "5.0 alice -> bob UPDATE\n" + sdp(*HOLD)
OVERLAPS = {
    "second UPDATE behind the answer of the first": call(
        (AUDIO,),
        (ANSWER,),
        PENDING + "5.1 bob -> alice 200 UPDATE\n" + sdp(*HELD),
        "5.11 alice -> bob UPDATE\n" + sdp(AUDIO) + "5.2 bob -> alice 200 UPDATE\n" + sdp(ANSWER),
    ),
    "second UPDATE behind the refusal of the first": call(
        (AUDIO,),
        (ANSWER,),
        PENDING + "5.1 bob -> alice 500 UPDATE\n" + sdp("Retry-After: 3"),
        "5.11 alice -> bob UPDATE\n" + sdp(AUDIO) + "5.2 bob -> alice 200 UPDATE\n" + sdp(ANSWER),
    ),
    "UPDATE sent again": call(
        (AUDIO,), (ANSWER,), PENDING + "5.5 alice -> bob UPDATE again\n5.6 bob -> alice 200 UPDATE\n" + sdp(*HELD)
    ),
    "UPDATE without SDP behind one with": call(
        (AUDIO,),
        (ANSWER,),
        PENDING + "5.05 alice -> bob UPDATE\n5.1 bob -> alice 200\n5.2 bob -> alice 200 UPDATE\n" + sdp(*HELD),
    ),
    "UPDATE that crosses the 200 with the offer": DELAYED
    + "0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.15 bob -> alice UPDATE\n"
    + sdp("Supported: timer")
    + "0.2 alice -> bob ACK\n"
    + sdp(AUDIO)
    + "0.25 alice -> bob 200 UPDATE\n"
    + BYE,
    "UPDATE a minute behind one that got no answer": call(
        (AUDIO,), (ANSWER,), PENDING, "40.0 alice -> bob UPDATE\n" + sdp(*HOLD)
    ).replace("30.", "60."),
}
LEGITIMATE = {**PREVIEWS, **DELAYS, **OVERLAPS}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    found = judged(script, "OA-0")
    assert [(item.rule, item.text) for item in found if item.rule in {"OA-016", "OA-018", "OA-020"}] == []


BROKEN = {
    "address and port": (
        previewed(("c=IN IP4 192.0.2.50", "m=audio 6000 RTP/AVP 0"), ("c=IN IP4 192.0.2.60", MOVED)),
        ERROR,
    ),
    "port": (previewed((ANSWER,), (MOVED,)), ERROR),
    "first codec": (
        previewed(("m=audio 5000 RTP/AVP 8 0",), ("m=audio 5000 RTP/AVP 0 8",), offer=("m=audio 4000 RTP/AVP 0 8",)),
        ERROR,
    ),
    "keys": (
        previewed(
            ("m=audio 5000 RTP/SAVP 0", KEY + "A" * 40),
            ("m=audio 5000 RTP/SAVP 0", KEY + "B" * 40),
            offer=("m=audio 4000 RTP/SAVP 0", KEY + "C" * 40),
        ),
        ERROR,
    ),
    "direction": (previewed((ANSWER, "a=sendonly"), (ANSWER,)), WARNING),
    "packet time": (previewed((ANSWER, "a=ptime:20"), (ANSWER, "a=ptime:30")), WARNING),
    "version alone": (previewed((ORIGIN, ANSWER), ("o=- 5 2 IN IP4 192.0.2.20", ANSWER)), INFO),
    "unknown attribute": (previewed((ANSWER,), (ANSWER, "a=content:main")), INFO),
}


@pytest.mark.parametrize(("script", "severity"), BROKEN.values(), ids=BROKEN.keys())
def test_answer_that_differs_from_the_preview_is_told_by_what_changed(
    judged: Judged, script: str, severity: Severity
) -> None:
    found = judged(script, "OA")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-016", severity, (2, 3))]


def test_keys_are_not_shown(judged: Judged) -> None:
    (found,) = judged(BROKEN["keys"][0], "OA")
    assert "AAAA" not in found.text + "".join(item.note for item in found.evidence)


def test_media_that_follows_the_answer_makes_it_a_warning(judged: Judged) -> None:
    script = previewed((ANSWER,), (MOVED,)) + "0.2-2 alice => bob PCMU\n2.1-9 alice => bob PCMU ssrc=9\n"
    found = [item for item in judged(script, "OA") if item.rule == "OA-016"]
    assert [(item.severity, "followed" in item.text) for item in found] == [(WARNING, True)]


def test_media_that_stays_with_the_preview_is_an_error(judged: Judged) -> None:
    script = previewed((ANSWER,), (MOVED,)) + "0.2-9 alice => bob PCMU to=192.0.2.20:5000\n"
    found = [item for item in judged(script, "OA") if item.rule == "OA-016"]
    assert [(item.severity, "followed" in item.text) for item in found] == [(ERROR, False)]


def test_two_previews_that_differ_are_a_warning_where_the_answer_repeats_the_first(judged: Judged) -> None:
    script = (
        OFFER
        + sdp(AUDIO)
        + "0.1 bob -> alice 183 tag=x\n"
        + sdp(ORIGIN, ANSWER)
        + "0.5 bob -> alice 180 tag=x\n"
        + sdp(MOVED)
        + "2.0 bob -> alice 200 tag=x\n"
        + sdp(ORIGIN, ANSWER)
        + "2.1 alice -> bob ACK\n"
        + BYE
    )
    found = judged(script, "OA")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-016", WARNING, (2, 3))]


def test_preview_fault_seen_on_both_hops_of_a_proxy_is_one_finding(judged: Judged) -> None:
    script = (
        PROXIED
        + "0.0 alice -> proxy INVITE to=bob\n"
        + sdp(AUDIO)
        + "0.01 proxy -> bob INVITE\n0.1 bob -> proxy 183\n"
        + sdp(ANSWER)
        + "0.11 proxy -> alice 183\n1.0 bob -> proxy 200\n"
        + sdp(MOVED)
        + "1.01 proxy -> alice 200\n1.1 alice -> proxy ACK\n1.11 proxy -> bob ACK\n"
        + "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n"
    )
    assert [(item.rule, item.frames) for item in judged(script)] == [("OA-016", (3, 4, 5, 6))]


MISSING = {
    "200": (DELAYED + "0.1 bob -> alice 200\n0.2 alice -> bob ACK\n" + BYE, ERROR, (1, 2)),
    "reliable 183 before a 200 with SDP": (
        DELAYED
        + "0.1 bob -> alice 183 rseq=1\n0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
        + "1.0 bob -> alice 200 INVITE\n"
        + sdp(ANSWER)
        + "1.1 alice -> bob ACK\n"
        + sdp(AUDIO)
        + BYE,
        ERROR,
        (1, 2),
    ),
    "200 of a re-INVITE": (
        call((AUDIO,), (ANSWER,), "5.0 alice -> bob INVITE\n5.1 bob -> alice 200\n5.2 alice -> bob ACK\n"),
        ERROR,
        (4, 5),
    ),
    "SDP in an unreliable 183 is a remark": (
        DELAYED
        + "0.1 bob -> alice 183\n"
        + sdp(ANSWER)
        + "1.0 bob -> alice 200\n"
        + sdp(ANSWER)
        + "1.1 alice -> bob ACK\n"
        + sdp(AUDIO)
        + BYE,
        INFO,
        (1, 2),
    ),
    "SDP in an unreliable 183 alone": (
        DELAYED + "0.1 bob -> alice 183\n" + sdp(ANSWER) + "1.0 bob -> alice 200\n1.1 alice -> bob ACK\n" + BYE,
        ERROR,
        (1, 3),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), MISSING.values(), ids=MISSING.keys())
def test_missing_offer_is_told_once(judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]) -> None:
    found = judged(script)
    assert [(item.rule, item.severity, item.frames) for item in found] == [("OA-018", severity, frames)]


def test_missing_offer_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(MISSING["200"][0], "OA", lossy_at=0.5)
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [("OA-018", Confidence.POSSIBLE, 1)]


def test_second_update_while_the_first_waits_is_told_with_both_offers(judged: Judged) -> None:
    script = call(
        (AUDIO,),
        (ANSWER,),
        PENDING + "5.05 alice -> bob UPDATE\n" + sdp(AUDIO) + "5.1 bob -> alice 500 UPDATE\n" + sdp("Retry-After: 2"),
        "5.2 bob -> alice 200 UPDATE\n" + sdp(*HELD),
    )
    found = [item for item in judged(script, "OA") if item.rule == "OA-020"]
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(ERROR, Confidence.CERTAIN, (4, 5, 7))]


def test_second_update_without_any_answer_in_view_is_merely_likely(judged: Judged) -> None:
    script = call((AUDIO,), (ANSWER,), PENDING + "6.0 alice -> bob UPDATE\n" + sdp(AUDIO))
    found = [item for item in judged(script, "OA") if item.rule == "OA-020"]
    assert [(item.confidence, item.frames) for item in found] == [(Confidence.LIKELY, (4, 5))]


def test_update_while_the_offer_of_the_200_waits_for_its_ack_is_told(judged: Judged) -> None:
    script = (
        DELAYED
        + "0.1 bob -> alice 200\n"
        + sdp(ANSWER)
        + "1.0 alice -> bob UPDATE\n"
        + sdp(AUDIO)
        + "1.1 bob -> alice 491 UPDATE\n1.2 alice -> bob ACK\n"
        + sdp(AUDIO)
        + BYE
    )
    found = [item for item in judged(script, "OA") if item.rule == "OA-020"]
    assert [(item.severity, item.frames) for item in found] == [(ERROR, (2, 3, 5))]


def test_update_that_crosses_the_offer_of_the_200_is_not_told(judged: Judged) -> None:
    script = (
        DELAYED
        + "0.1 bob -> alice 200\n"
        + sdp(ANSWER)
        + "0.15 alice -> bob UPDATE\n"
        + sdp(AUDIO)
        + "0.2 bob -> alice 491 UPDATE\n0.3 alice -> bob ACK\n"
        + sdp(AUDIO)
        + BYE
    )
    assert [item.rule for item in judged(script, "OA") if item.rule == "OA-020"] == []
