"""What the rules about media say of broken flows, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
END = "60 end\n"
AUDIO = "m=audio 4000 RTP/AVP 0"
ANSWER = "m=audio 5000 RTP/AVP 0"
TALK = "20.2-39 alice => bob PCMU call=1\n20.2-39 bob => alice PCMU call=1\n"
TO_BOB = "20.2-39 alice => bob PCMU call=1\n"
TO_ALICE = "20.2-39 bob => alice PCMU call=1\n"


def sdp(*lines: str) -> str:
    return "".join(f"      {line}\n" for line in lines)


def call(
    *then: str, offer: tuple[str, ...] = (AUDIO,), answer: tuple[str, ...] = (ANSWER,), parties: str = PARTIES
) -> str:
    """A call from second 20 to 40, in frames 1 to 3 where no other call stands before it."""
    return (
        parties
        + "20.0 alice -> bob INVITE call=1\n"
        + sdp(*offer)
        + "20.1 bob -> alice 200 call=1\n"
        + sdp(*answer)
        + "20.2 alice -> bob ACK call=1\n"
        + "".join(then)
        + "40.0 alice -> bob BYE call=1\n40.1 bob -> alice 200 BYE call=1\n"
        + END
    )


def changed(at: float, offer: tuple[str, ...], answer: tuple[str, ...], *, sender: str = "alice") -> str:
    """A re-INVITE that is accepted."""
    peer = "bob" if sender == "alice" else "alice"
    return (
        f"{at} {sender} -> {peer} INVITE call=1\n"
        + sdp(*offer)
        + f"{at + 0.1:.2f} {peer} -> {sender} 200 INVITE call=1\n"
        + sdp(*answer)
        + f"{at + 0.2:.2f} {sender} -> {peer} ACK call=1\n"
    )


EARLIER = (
    "0.0 alice -> bob INVITE call=0\n      m=audio 4100 RTP/AVP 0\n"
    "0.1 bob -> alice 200 call=0\n      m=audio 5100 RTP/AVP 0\n0.2 alice -> bob ACK call=0\n"
    "0.2-8 alice => bob PCMU call=0\n0.2-8 bob => alice PCMU call=0\n"
    "8.0 alice -> bob BYE call=0\n8.1 bob -> alice 200 BYE call=0\n"
)
"""A call of about 780 packets that shows media of both hosts in both directions."""

B2BUA = "alice 192.0.2.10\npbx 192.0.2.1\nbob 192.0.2.20\n"


def bridged(first: str, second: str, *then: str) -> str:
    """Two legs of a B2BUA that shows each party the media address `first` and `second` of the other."""
    return (
        B2BUA
        + "20.0 alice -> pbx INVITE call=1\n"
        + sdp(AUDIO)
        + "20.05 pbx -> bob INVITE call=2\n"
        + sdp(*first.split("|"))
        + "20.1 bob -> pbx 200 call=2\n"
        + sdp(ANSWER)
        + "20.15 pbx -> bob ACK call=2\n20.2 pbx -> alice 200 call=1\n"
        + sdp(*second.split("|"))
        + "20.25 alice -> pbx ACK call=1\n"
        + "".join(then)
        + "40.0 alice -> pbx BYE call=1\n40.05 pbx -> alice 200 call=1\n"
        + "40.1 pbx -> bob BYE call=2\n40.15 bob -> pbx 200 call=2\n"
        + END
    )


DIRECT = ("c=IN IP4 192.0.2.10|m=audio 4000 RTP/AVP 0", "c=IN IP4 192.0.2.20|m=audio 5000 RTP/AVP 0")
RELAYED = ("m=audio 6000 RTP/AVP 0", "m=audio 6002 RTP/AVP 0")
CANDIDATES = (
    "a=candidate:1 1 UDP 2130706431 192.0.2.10 4000 typ host",
    "a=candidate:1 1 UDP 2130706431 192.0.2.20 5000 typ host",
)

SILENCES = {
    "media both ways": call(EARLIER, TALK),
    "tap that sees signalling only": call(),
    "call of four seconds": call(EARLIER).replace("40.0 alice", "24.0 alice").replace("40.1 bob", "24.1 bob"),
    "capture ends four seconds behind the answer": call(EARLIER)
    .replace(END, "24 end\n")
    .replace("40.0 alice -> bob BYE call=1\n40.1 bob -> alice 200 BYE call=1\n", ""),
    "inactive from the beginning": call(EARLIER, offer=(AUDIO, "a=inactive"), answer=(ANSWER, "a=inactive")),
    "held by the null address": call(EARLIER, offer=("c=IN IP4 0.0.0.0", AUDIO)),
    "section refused": call(EARLIER, answer=("m=audio 0 RTP/AVP 0",)),
    "fax": call(EARLIER, offer=("m=image 4000 udptl t38",), answer=("m=image 5000 udptl t38",)),
    "media that starts late": call(EARLIER, "35.0-39 alice => bob PCMU call=1\n35.0-39 bob => alice PCMU call=1\n"),
    "ICE that may have chosen another pair": call(
        EARLIER, offer=(AUDIO, CANDIDATES[0]), answer=(ANSWER, CANDIDATES[1])
    ),
    "ringing for long, then busy": PARTIES
    + EARLIER
    + "20.0 alice -> bob INVITE call=1\n"
    + sdp(AUDIO)
    + "20.1 bob -> alice 180 call=1\n40.0 bob -> alice 486 INVITE call=1\n40.1 alice -> bob ACK call=1\n",
    "media behind a NAT": call(
        EARLIER,
        TO_BOB.replace("call=1", "call=1 from=203.0.113.7:31000"),
        TO_ALICE.replace("call=1", "call=1 to=203.0.113.7:31000"),
        offer=("c=IN IP4 10.0.0.5", AUDIO),
    ),
    "direct media across a B2BUA": bridged(
        *DIRECT,
        "20.3-39 alice => bob PCMU call=1 to=192.0.2.20:5000\n20.3-39 bob => alice PCMU call=2 to=192.0.2.10:4000\n",
    ),
    "relayed media across a B2BUA": bridged(
        *RELAYED,
        "20.3-39 alice => pbx PCMU call=1\n20.3-39 pbx => alice PCMU call=1\n",
        "20.3-39 bob => pbx PCMU call=2\n20.3-39 pbx => bob PCMU call=2\n",
    ),
}
DIRECTIONS = {
    "hold with music": call(
        TALK.replace("-39", "-25"),
        changed(25.0, (AUDIO, "a=sendonly"), (ANSWER, "a=recvonly")),
        "25.2-39 alice => bob PCMU call=1 ssrc=7\n",
    ),
    "announcement": call(TO_ALICE, answer=(ANSWER, "a=sendonly")),
    "recorder": call(TO_BOB, offer=(AUDIO, "a=sendonly"), answer=(ANSWER, "a=recvonly")),
    "silence suppression with comfort noise": call(
        TO_BOB,
        "20.2-39 bob => alice CN call=1 ptime=1000 step=8000\n",
        offer=("m=audio 4000 RTP/AVP 0 13",),
        answer=("m=audio 5000 RTP/AVP 0 13",),
    ),
    "one side starts late": call(TO_BOB, "33.0-39 bob => alice PCMU call=1\n"),
    "few packets only": call("20.2-21 alice => bob PCMU call=1\n"),
    "stretch under five seconds": call(TO_BOB)
    .replace("40.0 alice", "25.0 alice")
    .replace("40.1 bob", "25.1 bob")
    .replace("-39", "-24.9"),
    "answer on unannounced ports": call(
        TO_BOB, "20.2-39 bob => alice PCMU call=1 from=192.0.2.20:7000 to=192.0.2.10:7002\n"
    ),
    "both describe one host, and media comes from another": call(
        "20.2-39 alice => bob PCMU call=1 to=192.0.2.20:4000\n20.2-39 bob => alice PCMU call=1 from=192.0.2.20:4000\n",
        answer=("c=IN IP4 192.0.2.10", "m=audio 4002 RTP/AVP 0"),
    ),
    "hold by the null address": call(
        TALK.replace("-39", "-25"),
        changed(25.0, ("c=IN IP4 0.0.0.0", AUDIO), (ANSWER,)),
        "25.2-39 alice => bob PCMU call=1 ssrc=7 from=192.0.2.10:4000\n",
    ),
    "direct media across a B2BUA, one leg unheard": bridged(*DIRECT),
}
ADDRESSES = {
    "latching": call(
        TO_BOB.replace("call=1", "call=1 from=203.0.113.7:31000"),
        TO_ALICE.replace("call=1", "call=1 to=203.0.113.7:31000"),
    ),
    "latching to a host that announced a private address": call(
        TO_BOB.replace("call=1", "call=1 from=203.0.113.7:31000"),
        TO_ALICE.replace("call=1", "call=1 to=203.0.113.7:31000"),
        offer=("c=IN IP4 10.0.0.5", AUDIO),
    ),
    "media moves with a re-INVITE": call(
        "20.2-30 alice => bob PCMU call=1\n20.2-30 bob => alice PCMU call=1\n",
        changed(30.0, ("m=audio 4010 RTP/AVP 0",), (ANSWER,)),
        "30.2-39 alice => bob PCMU call=1 ssrc=7 from=192.0.2.10:4010\n30.2-39 bob => alice PCMU call=1 ssrc=8\n",
    ),
    "old address for a second after the move": call(
        "20.2-30 alice => bob PCMU call=1\n20.2-31 bob => alice PCMU call=1 to=192.0.2.10:4000\n",
        changed(30.0, ("m=audio 4010 RTP/AVP 0",), (ANSWER,)),
        "30.2-39 alice => bob PCMU call=1 ssrc=7 from=192.0.2.10:4010\n31.0-39 bob => alice PCMU call=1 ssrc=8\n",
    ),
    "move that was refused": call(
        TALK,
        "30.0 alice -> bob INVITE call=1\n",
        sdp("m=audio 4010 RTP/AVP 0"),
        "30.1 bob -> alice 488 INVITE call=1\n30.2 alice -> bob ACK call=1\n",
    ),
    "RTCP port of its own": call(TALK, answer=(ANSWER, "a=rtcp:5333")),
    "stray packets for half a second": call(TALK, "20.2-20.7 alice => bob PCMU call=1 ssrc=9 to=192.0.2.66:7000\n"),
    "stray stream before the answer": call(TALK, "18.0-20.0 alice => bob PCMU call=1 ssrc=9 to=192.0.2.66:7000\n"),
    "capture begins in the call": call(TALK.replace("call=1", "call=1 to=192.0.2.66:7000"))
    .replace("INVITE call=1", "INVITE call=1 unseen")
    .replace("200 call=1", "200 call=1 unseen")
    .replace("ACK call=1", "ACK call=1 unseen"),
    "candidate of ICE": call(
        TALK,
        "20.2-39 alice => bob PCMU call=1 ssrc=9 to=192.0.2.66:7000\n",
        offer=(AUDIO, CANDIDATES[0]),
        answer=(ANSWER, CANDIDATES[1], "a=candidate:2 1 UDP 1694498815 192.0.2.66 7000 typ srflx"),
    ),
}
TYPES = {
    "each under the number of its receiver": call(
        TO_BOB.replace("PCMU", "opus pt=111 step=960"),
        TO_ALICE.replace("PCMU", "opus pt=96 step=960"),
        offer=("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"),
        answer=("m=audio 5000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2"),
    ),
    "each its own choice of two": call(
        TO_BOB.replace("PCMU", "PCMA"),
        TO_ALICE,
        offer=("m=audio 4000 RTP/AVP 0 8",),
        answer=("m=audio 5000 RTP/AVP 0 8",),
    ),
    "digits under the number of the receiver": call(
        TALK,
        "25.0-25.4 alice => bob event event=5 pt=101 ssrc=0x77 call=1\n",
        offer=("m=audio 4000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"),
        answer=("m=audio 5000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"),
    ),
    "comfort noise without being listed": call(TO_BOB, "20.2-39 bob => alice CN call=1 ptime=1000 step=8000\n"),
    "codec changed by a re-INVITE": call(
        "20.2-30 alice => bob PCMU call=1\n20.2-30 bob => alice PCMU call=1\n",
        changed(30.0, ("m=audio 4000 RTP/AVP 8",), ("m=audio 5000 RTP/AVP 8",)),
        "30.2-39 alice => bob PCMA call=1 ssrc=7\n30.2-39 bob => alice PCMA call=1 ssrc=8\n",
    ),
    "old codec for a second after the change": call(
        "20.2-31 alice => bob PCMU call=1\n20.2-31 bob => alice PCMU call=1\n",
        changed(30.0, ("m=audio 4000 RTP/AVP 8",), ("m=audio 5000 RTP/AVP 8",)),
        "31.0-39 alice => bob PCMA call=1 ssrc=7\n31.0-39 bob => alice PCMA call=1 ssrc=8\n",
    ),
    "capture begins in the call": call(TALK.replace("PCMU", "PCMA"))
    .replace("INVITE call=1", "INVITE call=1 unseen")
    .replace("200 call=1", "200 call=1 unseen")
    .replace("ACK call=1", "ACK call=1 unseen"),
    "early media before the answer": PARTIES
    + "20.0 alice -> bob INVITE call=1\n"
    + sdp("m=audio 4000 RTP/AVP 0 8")
    + "20.1 bob -> alice 183 call=1\n"
    + sdp("m=audio 5000 RTP/AVP 8")
    + "20.1-39 bob => alice PCMA call=1\n25.0 bob -> alice 200 call=1\n"
    + sdp("m=audio 5000 RTP/AVP 8")
    + "25.1 alice -> bob ACK call=1\n25.1-39 alice => bob PCMA call=1\n"
    + END,
}
QUALITY = {
    "duplicated frames": call(TALK, TALK),
    "less than one percent": call(TO_BOB.replace("call=1", "call=1 loss=0.5%"), TO_ALICE),
    "short stream that loses": call(
        "20.2-21.5 alice => bob PCMU call=1 loss=10%\n", "20.2-21.5 bob => alice PCMU call=1\n"
    ),
    "jitter of five milliseconds": call(TO_BOB.replace("call=1", "call=1 jitter=5ms"), TO_ALICE),
    "jitter of few packets": call(
        "20.2-21.5 alice => bob PCMU call=1 jitter=60ms\n20.2-21.5 bob => alice PCMU call=1\n"
    ),
    "wide-band codec with the clock of RFC 3551": call(
        TALK.replace("PCMU", "G722"), offer=("m=audio 4000 RTP/AVP 9",), answer=("m=audio 5000 RTP/AVP 9",)
    ),
    "unknown clock rate": PARTIES
    + "0.0-9 alice => bob x pt=77 jitter=60ms from=192.0.2.10:4000 to=192.0.2.20:5000\n"
    + END,
    "packets of thirty milliseconds": call(TALK.replace("call=1", "call=1 ptime=30")),
    "source that starts anew": call(
        "20.2-28 alice => bob PCMU call=1\n28.0-39 alice => bob PCMU call=1 ssrc=0x9999\n", TO_ALICE
    ),
}
LEGITIMATE = [
    (f"{name}: {flow}", script)
    for name, group in {
        "silence": SILENCES,
        "direction": DIRECTIONS,
        "address": ADDRESSES,
        "type": TYPES,
        "quality": QUALITY,
    }.items()
    for flow, script in group.items()
]


@pytest.mark.parametrize("script", [item[1] for item in LEGITIMATE], ids=[item[0] for item in LEGITIMATE])
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "RTP")] == []


BROKEN = {
    "no media at all": (call(EARLIER), "RTP-001", ERROR, LIKELY),
    "no media while one side may send": (
        call(EARLIER, offer=(AUDIO, "a=sendonly"), answer=(ANSWER, "a=recvonly")),
        "RTP-001",
        ERROR,
        LIKELY,
    ),
    "callee never sends": (call(TO_BOB), "RTP-002", ERROR, LIKELY),
    "caller never sends": (call(TO_ALICE), "RTP-002", ERROR, LIKELY),
    "callee never sends where its media was seen before": (call(EARLIER, TO_BOB), "RTP-002", ERROR, CERTAIN),
    "callee is silent after the hold": (
        call(
            TALK.replace("-39", "-25"),
            changed(25.0, (AUDIO, "a=sendonly"), (ANSWER, "a=recvonly")),
            changed(30.0, (AUDIO,), (ANSWER,)),
            "30.3-39 alice => bob PCMU call=1 ssrc=7\n",
        ),
        "RTP-002",
        ERROR,
        CERTAIN,
    ),
    "media to a foreign address": (
        call(TALK, TO_BOB.replace("call=1", "call=1 ssrc=9 to=192.0.2.66:7000")),
        "RTP-003",
        ERROR,
        LIKELY,
    ),
    "media to the old address": (
        call(
            "20.2-30 alice => bob PCMU call=1\n20.2-39 bob => alice PCMU call=1 to=192.0.2.10:4000\n",
            changed(30.0, ("m=audio 4010 RTP/AVP 0",), (ANSWER,)),
            "30.2-39 alice => bob PCMU call=1 ssrc=7 from=192.0.2.10:4010\n30.2-39 bob => alice PCMU call=1 ssrc=8\n",
        ),
        "RTP-003",
        ERROR,
        LIKELY,
    ),
    "own number instead of the peer's": (
        call(
            TO_BOB.replace("PCMU", "opus pt=96 step=960"),
            TO_ALICE.replace("PCMU", "opus pt=96 step=960"),
            offer=("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"),
            answer=("m=audio 5000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2"),
        ),
        "RTP-006",
        ERROR,
        CERTAIN,
    ),
    "codec that was never listed": (call(TO_BOB.replace("PCMU", "PCMA"), TO_ALICE), "RTP-006", ERROR, CERTAIN),
    "digits under the sender's number": (
        call(
            TALK,
            "25.0-25.1 alice => bob event event=5 pt=96 ssrc=0x77 call=1\n",
            offer=("m=audio 4000 RTP/AVP 0 96", "a=rtpmap:96 telephone-event/8000"),
            answer=("m=audio 5000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"),
        ),
        "RTP-006",
        ERROR,
        CERTAIN,
    ),
    "old codec long after the change": (
        call(
            "20.2-30 alice => bob PCMU call=1\n20.2-30 bob => alice PCMU call=1\n",
            changed(30.0, ("m=audio 4000 RTP/AVP 8",), ("m=audio 5000 RTP/AVP 8",)),
            "30.2-39 alice => bob PCMA call=1 ssrc=7\n30.2-33 bob => alice PCMA call=1 ssrc=8\n",
            "34.0-39 bob => alice PCMU call=1 ssrc=10\n",
        ),
        "RTP-006",
        INFO,
        CERTAIN,
    ),
    "two percent lost": (call(TO_BOB.replace("call=1", "call=1 loss=2%"), TO_ALICE), "RTP-018", WARNING, CERTAIN),
    "ten percent lost": (call(TO_BOB.replace("call=1", "call=1 loss=10%"), TO_ALICE), "RTP-018", ERROR, CERTAIN),
    "jitter of sixty milliseconds": (
        call(TO_BOB.replace("call=1", "call=1 jitter=60ms"), TO_ALICE),
        "RTP-020",
        WARNING,
        CERTAIN,
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "confidence"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, confidence: Confidence
) -> None:
    found = judged(script, "RTP")
    assert [(item.rule, item.severity, item.confidence) for item in found] == [(rule, severity, confidence)]


def test_users_word_makes_silence_a_finding(judged: Judged) -> None:
    assert [item.rule for item in judged(call(), "RTP", media_expected=True)] == ["RTP-001"]


@pytest.mark.parametrize(("flowing", "deaf"), [(TO_BOB, "caller"), (TO_ALICE, "callee")])
def test_party_that_hears_nothing_is_named(judged: Judged, flowing: str, deaf: str) -> None:
    found = judged(call(flowing), "RTP")
    assert [f"the {deaf} got no media" in item.text for item in found] == [True]


def test_silent_side_with_a_wrong_destination_is_told_where_it_sends(judged: Judged) -> None:
    script = call(TO_BOB, TO_ALICE.replace("call=1", "call=1 from=192.0.2.20:7000 to=192.0.2.66:9000"))
    found = [item for item in judged(script, "RTP") if item.rule == "RTP-002"]
    assert [item.text.endswith("It sends to 192.0.2.66:9000 instead.") for item in found] == [True]


def test_private_address_is_named_as_the_reason(judged: Judged) -> None:
    parties = "alice 192.0.2.10\nbob 8.8.4.4\n"
    script = call(
        "20.2-39 alice => bob PCMU call=1 from=8.8.8.8:4000\n", offer=("c=IN IP4 10.0.0.5", AUDIO), parties=parties
    )
    found = judged(script, "RTP")
    assert ["10.0.0.5 is a private address" in item.text for item in found if item.rule == "RTP-002"] == [True]


def test_calls_that_are_all_one_way_speak_of_the_tap(judged: Judged) -> None:
    peers = [f"p{number}" for number in range(3)]
    script = "alice 192.0.2.10\n" + "".join(f"{peer} 192.0.2.{30 + number}\n" for number, peer in enumerate(peers))
    for number, peer in enumerate(peers):
        script += (
            f"0.0 alice -> {peer} INVITE call={peer}\n      m=audio {4000 + 2 * number} RTP/AVP 0\n"
            f"0.1 {peer} -> alice 200 call={peer}\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> {peer} ACK call={peer}\n"
            f"0.2-9 alice => {peer} PCMU call={peer} ssrc={number}\n"
            f"9.0 alice -> {peer} BYE call={peer}\n9.1 {peer} -> alice 200 call={peer}\n"
        )
    found = judged(script, "RTP")
    assert [(item.rule, item.severity) for item in found] == [("RTP-002", INFO)] * 3


def test_stray_stream_without_media_to_its_sender_is_merely_possible(judged: Judged) -> None:
    script = call(TO_BOB.replace("call=1", "call=1 to=192.0.2.66:7000"))
    found = [item for item in judged(script, "RTP") if item.rule == "RTP-003"]
    assert [(item.confidence, len(item.guards)) for item in found] == [(POSSIBLE, 1)]


def test_video_one_way_is_merely_possible(judged: Judged) -> None:
    script = call(
        TALK,
        "20.2-39 alice => bob H261 pt=31 index=1 call=1 ssrc=9 step=1800\n",
        offer=(AUDIO, "m=video 4002 RTP/AVP 31"),
        answer=(ANSWER, "m=video 5002 RTP/AVP 31"),
    )
    found = judged(script, "RTP")
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [("RTP-002", POSSIBLE, 1)]


def test_one_way_call_beside_a_healthy_one_of_the_same_hosts_is_told(judged: Judged) -> None:
    healthy = (
        "19.0 alice -> bob INVITE call=2\n      m=audio 4200 RTP/AVP 0\n"
        "19.1 bob -> alice 200 call=2\n      m=audio 5200 RTP/AVP 0\n19.2 alice -> bob ACK call=2\n"
        "19.2-45 alice => bob PCMU call=2 ssrc=21\n19.2-45 bob => alice PCMU call=2 ssrc=22\n"
    )
    found = judged(call(healthy, TO_BOB), "RTP")
    assert [(item.rule, item.confidence) for item in found] == [("RTP-002", CERTAIN)]


def test_mute_audio_beside_video_both_ways_is_told(judged: Judged) -> None:
    script = call(
        TO_BOB,
        "20.2-39 alice => bob H261 pt=31 index=1 call=1 ssrc=9 step=1800\n",
        "20.2-39 bob => alice H261 pt=31 index=1 call=1 ssrc=10 step=1800\n",
        offer=(AUDIO, "m=video 4002 RTP/AVP 31"),
        answer=(ANSWER, "m=video 5002 RTP/AVP 31"),
    )
    assert [item.rule for item in judged(script, "RTP")] == ["RTP-002"]


LOSSY = {
    "RTP-001": call(EARLIER),
    "RTP-002": call(TO_BOB),
    "RTP-018": call(TO_BOB.replace("call=1", "call=1 loss=2%"), TO_ALICE),
}


@pytest.mark.parametrize(("rule", "script"), LOSSY.items(), ids=LOSSY.keys())
def test_absence_is_merely_possible_where_the_capture_lost_packets(judged: Judged, rule: str, script: str) -> None:
    found = judged(script, "RTP", lossy_at=30.0)
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [(rule, POSSIBLE, 1)]
