"""What the rules about offers and answers say of broken exchanges, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
BYE = "30.0 alice -> bob BYE\n30.1 bob -> alice 200\n"
AUDIO = "m=audio 4000 RTP/AVP 0"
ANSWER = "m=audio 5000 RTP/AVP 0"


def sdp(*lines: str) -> str:
    """Indented lines that belong to the message above them."""
    return "".join(f"      {line}\n" for line in lines)


def call(offer: tuple[str, ...], answer: tuple[str, ...], *then: str) -> str:
    """A call of frames 1 to 3: INVITE, 200, ACK; then whatever follows, and its release."""
    return (
        PARTIES
        + "0.0 alice -> bob INVITE\n"
        + sdp(*offer)
        + "0.1 bob -> alice 200\n"
        + sdp(*answer)
        + "0.2 alice -> bob ACK\n"
        + "".join(then)
        + BYE
    )


def reinvite(at: float, offer: tuple[str, ...], answer: tuple[str, ...], *, sender: str = "alice") -> str:
    """A re-INVITE that is accepted."""
    peer = "bob" if sender == "alice" else "alice"
    return (
        f"{at} {sender} -> {peer} INVITE\n"
        + sdp(*offer)
        + f"{at + 0.1:.2f} {peer} -> {sender} 200\n"
        + sdp(*answer)
        + f"{at + 0.2:.2f} {sender} -> {peer} ACK\n"
    )


def refused(at: float, offer: tuple[str, ...], status: int, *, sender: str = "alice") -> str:
    """A re-INVITE that is refused."""
    peer = "bob" if sender == "alice" else "alice"
    return (
        f"{at} {sender} -> {peer} INVITE\n"
        + sdp(*offer)
        + f"{at + 0.1:.2f} {peer} -> {sender} {status} INVITE\n"
        + f"{at + 0.2:.2f} {sender} -> {peer} ACK\n"
    )


QUIET = {"TRN-008", "TXN-009", "OA-012", "OA-014", "OA-026", "OA-027", "OA-029", "OA-030", "OA-033", "TXN-027"}
"""What is out of view, what was sent again, who held at the end, who forked, why an offer was refused, which codec the
callee prefers, what became of a fax, what crossed: these accuse nobody. Hold by the null address and calls without any
medium have tests of their own."""


def accusing(found: list[Finding]) -> list[Finding]:
    """Findings that say somebody broke a rule of offers and answers; keys of media have tests of their own."""
    return [item for item in found if item.rule not in QUIET and not item.rule.startswith("MSEC")]


def update(at: float, offer: tuple[str, ...], answer: tuple[str, ...], *, sender: str = "alice") -> str:
    """An UPDATE with an offer."""
    peer = "bob" if sender == "alice" else "alice"
    return (
        f"{at} {sender} -> {peer} UPDATE\n" + sdp(*offer) + f"{at + 0.1:.2f} {peer} -> {sender} 200 UPDATE\n"
    ) + sdp(*answer)


TWO = (AUDIO, "m=video 4002 RTP/AVP 31")
TWO_REFUSED = (ANSWER, "m=video 0 RTP/AVP 31")
HOLD = (AUDIO, "a=sendonly")
HELD = (ANSWER, "a=recvonly")
T38 = "m=image 4010 udptl t38"
MAPPED_101 = ("m=audio 4000 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000")
SAVP = ("m=audio 4000 RTP/SAVP 0", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + "A" * 40)

REJECTED_LINES = {
    "section refused with port 0": call(TWO, TWO_REFUSED),
    "every section refused and the call kept": call((AUDIO,), ("m=audio 0 RTP/AVP 0",)),
    "refused section with another transport": call(SAVP, ("m=audio 0 RTP/AVP 0",)),
    "refused section without a common codec": call(("m=audio 4000 RTP/AVP 18",), ("m=audio 0 RTP/AVP 0",)),
    "refused section without a direction": call((*TWO, "a=sendonly"), TWO_REFUSED),
    "offer with a section at port 0": call((AUDIO, "m=video 0 RTP/AVP 31"), TWO_REFUSED),
}
CODECS = {
    "extra formats in the answer": call((AUDIO,), ("m=audio 5000 RTP/AVP 0 8 18",)),
    "answer in another order": call(("m=audio 4000 RTP/AVP 0 8",), ("m=audio 5000 RTP/AVP 8 0",)),
    "static type with and without rtpmap": call(
        ("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000"), ("m=audio 5000 RTP/AVP 0",)
    ),
    "static codec under a dynamic number": call(
        ("m=audio 4000 RTP/AVP 97", "a=rtpmap:97 PCMU/8000"), ("m=audio 5000 RTP/AVP 0",)
    ),
    "channels stated on one side only": call(
        ("m=audio 4000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000/1"), ("m=audio 5000 RTP/AVP 0", "a=rtpmap:0 PCMU/8000")
    ),
    "encoding name in another case": call(
        ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 ILBC/8000"), ("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 iLBC/8000")
    ),
    "section for digits alone": call(
        (AUDIO, "m=audio 4002 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
        (ANSWER, "m=audio 5002 RTP/AVP 101", "a=rtpmap:101 telephone-event/8000"),
    ),
}
TRANSPORTS = {
    "udptl in another case": call((AUDIO,), (ANSWER,), reinvite(5.0, (T38,), ("m=image 5010 UDPTL t38",))),
    "potential configuration taken": call(
        (AUDIO, "a=tcap:1 RTP/SAVP", "a=pcfg:1 t=1"), ("m=audio 5000 RTP/SAVP 0", "a=acfg:1 t=1")
    ),
    "audio changed to fax in the same position": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, (T38,), ("m=image 5010 udptl t38",))
    ),
    "secure media offered in the clear afterwards": call(
        SAVP, ("m=audio 0 RTP/SAVP 0",), reinvite(5.0, (AUDIO,), (ANSWER,))
    ),
}
DIRECTIONS = {
    "hold and resume": call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, HELD), reinvite(9.0, (AUDIO,), (ANSWER,))),
    "hold answered inactive": call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, (ANSWER, "a=inactive"))),
    "both sides hold": call(
        (AUDIO,),
        (ANSWER,),
        reinvite(5.0, HOLD, HELD),
        reinvite(6.0, (ANSWER, "a=inactive"), (AUDIO, "a=inactive"), sender="bob"),
    ),
    "sendrecv answered with less": call((AUDIO,), (ANSWER, "a=sendonly")),
    "hold at session level": call((AUDIO,), (ANSWER,), reinvite(5.0, ("a=sendonly", AUDIO), ("a=recvonly", ANSWER))),
    "hold by the null address": call((AUDIO,), (ANSWER,), reinvite(5.0, ("c=IN IP4 0.0.0.0", AUDIO), (ANSWER,))),
    "hold by the null address and sendonly": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, ("c=IN IP4 0.0.0.0", *HOLD), HELD)
    ),
    "hold by inactive": call((AUDIO,), (ANSWER,), reinvite(5.0, (AUDIO, "a=inactive"), (ANSWER, "a=inactive"))),
    "fax section without a direction": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, ("a=sendonly", T38), ("m=image 5010 udptl t38",))
    ),
    "multicast stream with equal direction": call(
        ("m=audio 4000 RTP/AVP 0", "c=IN IP4 239.1.2.3/127", "a=recvonly"),
        ("m=audio 4000 RTP/AVP 0", "c=IN IP4 239.1.2.3/127", "a=recvonly"),
    ),
    "hold in an update": call((AUDIO,), (ANSWER,), update(5.0, HOLD, HELD)),
}
COUNTS = {
    "section appended": call(
        (AUDIO,), (ANSWER,), reinvite(5.0, TWO, (ANSWER, "m=video 5002 RTP/AVP 31")), reinvite(9.0, TWO, TWO_REFUSED)
    ),
    "refused position kept": call(
        TWO, TWO_REFUSED, reinvite(5.0, (AUDIO, "a=sendonly", "m=video 0 RTP/AVP 31"), (*HELD, "m=video 0 RTP/AVP 31"))
    ),
    "refused position reused for another stream": call(
        TWO, TWO_REFUSED, reinvite(5.0, (AUDIO, "m=audio 4004 RTP/AVP 0"), (ANSWER, "m=audio 0 RTP/AVP 0"))
    ),
    "larger offer refused with 488, then the agreed one": call(
        (AUDIO,), (ANSWER,), refused(5.0, TWO, 488), reinvite(9.0, HOLD, HELD)
    ),
    "larger offer refused with 491, then the agreed one": call(
        (AUDIO,), (ANSWER,), refused(5.0, TWO, 491), reinvite(9.0, HOLD, HELD)
    ),
    "failed INVITE sent again with fewer sections": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*TWO)
    + "0.1 bob -> alice 488\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE\n"
    + sdp(AUDIO)
    + "0.4 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.5 alice -> bob ACK\n"
    + BYE,
    "capture begins in the call": PARTIES
    + "0.0 alice -> bob INVITE unseen\n"
    + sdp(*TWO)
    + "0.1 bob -> alice 200 unseen\n"
    + sdp(*TWO_REFUSED)
    + "0.2 alice -> bob ACK unseen\n"
    + reinvite(5.0, (AUDIO,), (ANSWER,))
    + BYE,
    "offer of the other side in between": call(
        TWO, TWO_REFUSED, reinvite(5.0, TWO_REFUSED, (AUDIO, "m=video 0 RTP/AVP 31"), sender="bob")
    ),
}
RELIABLE = (
    PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(AUDIO, "Supported: 100rel")
    + "0.1 bob -> alice 183 rseq=1\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n"
)
CARRIERS = {
    "answer in a reliable 183 only": RELIABLE + "0.4 bob -> alice 200 INVITE\n0.5 alice -> bob ACK\n" + BYE,
    "answer in a reliable 183, repeated in the 200": RELIABLE
    + "0.4 bob -> alice 200 INVITE\n"
    + sdp(ANSWER)
    + "0.5 alice -> bob ACK\n"
    + BYE,
    "offer in the PRACK": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(AUDIO, "Supported: 100rel")
    + "0.1 bob -> alice 183 rseq=1\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob PRACK\n"
    + sdp(*HOLD)
    + "0.3 bob -> alice 200 PRACK\n"
    + sdp(*HELD)
    + "0.4 bob -> alice 200 INVITE\n0.5 alice -> bob ACK\n"
    + BYE,
    "offer in a reliable 183, answer in its PRACK": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp("Supported: 100rel")
    + "0.1 bob -> alice 183 rseq=1\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob PRACK\n"
    + sdp(AUDIO)
    + "0.3 bob -> alice 200 PRACK\n0.4 bob -> alice 200 INVITE\n0.5 alice -> bob ACK\n"
    + BYE,
    "update before the answer": RELIABLE
    + update(0.35, HOLD, HELD)
    + "0.5 bob -> alice 200 INVITE\n0.6 alice -> bob ACK\n"
    + BYE,
    "update without SDP": call(
        (AUDIO,), (ANSWER,), "5.0 alice -> bob UPDATE\n5.1 bob -> alice 200\n", reinvite(9.0, HOLD, HELD)
    ),
    "crossing re-INVITEs refused with 491": call(
        (AUDIO,),
        (ANSWER,),
        "5.0 alice -> bob INVITE\n",
        sdp(*HOLD),
        "5.01 bob -> alice INVITE\n",
        sdp(ANSWER, "a=sendonly"),
        "5.1 bob -> alice 491 INVITE\n5.11 alice -> bob 491 INVITE\n5.2 alice -> bob ACK\n5.21 bob -> alice ACK\n",
        reinvite(8.0, HOLD, HELD),
    ),
    "offer refused with 488": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 488\n0.2 alice -> bob ACK\n",
    "offer cancelled": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 180\n2.0 alice -> bob CANCEL\n2.1 bob -> alice 200 CANCEL\n"
    + "2.2 bob -> alice 487 INVITE\n2.3 alice -> bob ACK\n",
    "delayed offer": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK\n"
    + sdp(AUDIO)
    + BYE,
    "delayed offer refused with every port 0": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK\n"
    + sdp("m=audio 0 RTP/AVP 0")
    + "0.3 alice -> bob BYE\n0.4 bob -> alice 200\n",
    "delayed offer, ACK repeated without SDP by another element": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK\n"
    + sdp(AUDIO)
    + "0.6 bob -> alice 200 again\n0.7 alice -> bob ACK again\n"
    + BYE,
    "delayed re-INVITE refused": call(
        (AUDIO,), (ANSWER,), "5.0 alice -> bob INVITE\n5.1 bob -> alice 488 INVITE\n5.2 alice -> bob ACK\n"
    ),
    "capture ends before the ACK": PARTIES + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200\n" + sdp(ANSWER),
    "capture ends before the answer": PARTIES + "0.0 alice -> bob INVITE\n" + sdp(AUDIO) + "0.1 bob -> alice 180\n",
}
VANTAGES = {
    "both hops of a proxy": PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n"
    + sdp(*TWO)
    + "0.01 proxy -> bob INVITE\n0.1 bob -> proxy 200\n"
    + sdp(*TWO_REFUSED)
    + "0.11 proxy -> alice 200\n0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    + "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n",
    "B2BUA whose legs speak different codecs": "alice 192.0.2.10\npbx 192.0.2.1\nbob 192.0.2.20\n"
    "0.0 alice -> pbx INVITE call=1\n"
    + sdp("m=audio 4000 RTP/AVP 18")
    + "0.05 pbx -> bob INVITE call=2\n"
    + sdp(*TWO)
    + "0.1 bob -> pbx 200 call=2\n"
    + sdp(*TWO_REFUSED)
    + "0.12 pbx -> bob ACK call=2\n0.15 pbx -> alice 200 call=1\n"
    + sdp("m=audio 6000 RTP/AVP 18")
    + "0.2 alice -> pbx ACK call=1\n9.0 alice -> pbx BYE call=1\n9.1 pbx -> alice 200 call=1\n"
    + "9.2 pbx -> bob BYE call=2\n9.3 bob -> pbx 200 call=2\n",
    "forks that answer differently": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*TWO)
    + "0.1 bob -> alice 183 tag=b1\n"
    + sdp(ANSWER, "m=video 5002 RTP/AVP 31")
    + "0.2 bob -> alice 183 tag=b2\n"
    + sdp("m=audio 6000 RTP/AVP 0", "m=video 0 RTP/AVP 31")
    + "2.0 bob -> alice 200 tag=b2\n"
    + sdp("m=audio 6000 RTP/AVP 0", "m=video 0 RTP/AVP 31")
    + "2.1 alice -> bob ACK\n"
    + BYE,
    "only the requests were captured": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*TWO)
    + "0.1 bob -> alice 200 unseen\n"
    + sdp(*TWO_REFUSED)
    + "0.2 alice -> bob ACK\n"
    + "5.0 alice -> bob INVITE\n"
    + sdp(*HOLD, "m=video 0 RTP/AVP 31")
    + "5.1 bob -> alice 200 unseen\n"
    + sdp(*HELD, "m=video 0 RTP/AVP 31")
    + "5.2 alice -> bob ACK\n",
    "only the responses were captured": PARTIES
    + "0.0 alice -> bob INVITE unseen\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK unseen\n9.0 alice -> bob BYE unseen\n9.1 bob -> alice 200\n",
    "every frame captured twice": PARTIES
    + "0.0 alice -> bob INVITE ip-id=7\n"
    + sdp(*TWO)
    + "0.001 alice -> bob INVITE again ip-id=7\n0.1 bob -> alice 200 ip-id=8\n"
    + sdp(*TWO_REFUSED)
    + "0.101 bob -> alice 200 again ip-id=8\n0.2 alice -> bob ACK ip-id=9\n0.201 alice -> bob ACK again ip-id=9\n",
    "retransmitted INVITE and 200": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*TWO)
    + "0.5 alice -> bob INVITE again\n0.6 bob -> alice 200\n"
    + sdp(*TWO_REFUSED)
    + "1.1 bob -> alice 200 again\n1.2 alice -> bob ACK\n"
    + BYE,
    "peer of RFC 2543 without tags": PARTIES
    + "0.0 alice -> bob INVITE branch=old1\n"
    + sdp(AUDIO)
    + "0.1 bob -> alice 200\n"
    + sdp(ANSWER, "To: <sip:bob@192.0.2.20>")
    + "0.2 alice -> bob ACK branch=old2 to-tag=\n"
    + "9.0 alice -> bob BYE branch=old3 to-tag=\n9.1 bob -> alice 200\n",
}
LEGITIMATE = {**REJECTED_LINES, **CODECS, **TRANSPORTS, **DIRECTIONS, **COUNTS, **CARRIERS, **VANTAGES}


def test_format_without_a_mapping_proves_no_missing_codec(judged: Judged) -> None:
    script = call(("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"), ("m=audio 5000 RTP/AVP 97",))
    assert judged(script, "OA") == []


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in accusing(judged(script))] == []


ERROR, WARNING = Severity.ERROR, Severity.WARNING
EVENTS_ONLY = ("m=audio 5000 RTP/AVP 8 101", "a=rtpmap:101 telephone-event/8000")
PREVIEWED = (
    PARTIES
    + "0.0 alice -> bob INVITE\n"
    + sdp(*TWO)
    + "0.1 bob -> alice 183\n"
    + sdp(ANSWER)
    + "0.2 bob -> alice 200\n"
)

BROKEN = {
    "answer with fewer sections": (call(TWO, (ANSWER,)), "OA-001", ERROR, (1, 2)),
    "answer with more sections": (call((AUDIO,), TWO_REFUSED), "OA-001", ERROR, (1, 2)),
    "answer without any section": (call((AUDIO,), ("a=sendrecv",)), "OA-001", ERROR, (1, 2)),
    "answer of a re-INVITE with fewer sections": (
        call(TWO, TWO_REFUSED, reinvite(5.0, (AUDIO, "m=video 0 RTP/AVP 31"), (ANSWER,))),
        "OA-001",
        ERROR,
        (4, 5),
    ),
    "answer of an UPDATE with fewer sections": (
        call(TWO, TWO_REFUSED, update(5.0, (AUDIO, "m=video 0 RTP/AVP 31"), (ANSWER,))),
        "OA-001",
        ERROR,
        (4, 5),
    ),
    "another media type": (call((AUDIO,), ("m=video 5000 RTP/AVP 31",)), "OA-002", ERROR, (1, 2)),
    "another media type at port 0": (call(TWO, (ANSWER, "m=image 0 udptl t38")), "OA-002", ERROR, (1, 2)),
    "secure offer answered in the clear": (call(SAVP, (ANSWER,)), "OA-002", ERROR, (1, 2)),
    "clear offer answered securely": (call((AUDIO,), ("m=audio 5000 RTP/SAVP 0", SAVP[1])), "OA-002", ERROR, (1, 2)),
    "capabilities offered and none taken": (
        call((AUDIO, "a=tcap:1 RTP/SAVP", "a=pcfg:1 t=1"), ("m=audio 5000 RTP/SAVP 0",)),
        "OA-002",
        ERROR,
        (1, 2),
    ),
    "fax over UDP answered over TCP": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, (T38,), ("m=image 5010 TCP t38",))),
        "OA-002",
        ERROR,
        (4, 5),
    ),
    "feedback profile added": (call((AUDIO,), ("m=audio 5000 RTP/AVPF 0",)), "OA-002", WARNING, (1, 2)),
    "secure feedback profile removed": (
        call(("m=audio 4000 RTP/SAVPF 0", SAVP[1]), ("m=audio 5000 RTP/SAVP 0", SAVP[1])),
        "OA-002",
        WARNING,
        (1, 2),
    ),
    "alias of the DTLS profile": (
        call(("m=audio 4000 UDP/TLS/RTP/SAVPF 0",), ("m=audio 5000 RTP/SAVPF 0",)),
        "OA-002",
        WARNING,
        (1, 2),
    ),
    "section dropped": (call(TWO, TWO_REFUSED, reinvite(5.0, (AUDIO,), (ANSWER,))), "OA-003", ERROR, (1, 4)),
    "section dropped and refused": (call(TWO, TWO_REFUSED, refused(5.0, HOLD, 491)), "OA-003", ERROR, (1, 4)),
    "section dropped by the other side": (
        call(TWO, TWO_REFUSED, reinvite(5.0, (ANSWER,), (AUDIO,), sender="bob")),
        "OA-003",
        ERROR,
        (2, 4),
    ),
    "section dropped in an UPDATE": (call(TWO, TWO_REFUSED, update(5.0, HOLD, HELD)), "OA-003", ERROR, (1, 4)),
    "sections changed places": (
        call(TWO, (ANSWER, "m=video 5002 RTP/AVP 31"), refused(5.0, (TWO[1], TWO[0]), 491)),
        "OA-003",
        ERROR,
        (1, 4),
    ),
    "no common codec": (call(("m=audio 4000 RTP/AVP 18",), (ANSWER,)), "OA-008", ERROR, (1, 2)),
    "equal names at other clock rates": (
        call(
            ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 speex/8000"),
            ("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 speex/16000"),
        ),
        "OA-008",
        ERROR,
        (1, 2),
    ),
    "equal number, another codec": (
        call(
            ("m=audio 4000 RTP/AVP 96", "a=rtpmap:96 opus/48000/2"),
            ("m=audio 5000 RTP/AVP 96", "a=rtpmap:96 iLBC/8000"),
        ),
        "OA-008",
        ERROR,
        (1, 2),
    ),
    "nothing in common but digits": (
        call(("m=audio 4000 RTP/AVP 18 101", "a=rtpmap:101 telephone-event/8000"), EVENTS_ONLY),
        "OA-008",
        WARNING,
        (1, 2),
    ),
    "nothing in common but comfort noise": (
        call(("m=audio 4000 RTP/AVP 18 13",), ("m=audio 5000 RTP/AVP 0 13",)),
        "OA-008",
        WARNING,
        (1, 2),
    ),
    "digits alone answered with a codec": (call(MAPPED_101, ("m=audio 5000 RTP/AVP 0",)), "OA-008", ERROR, (1, 2)),
    "hold answered by default": (call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, (ANSWER,))), "OA-011", ERROR, (4, 5)),
    "hold answered sendonly": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, (ANSWER, "a=sendonly"))),
        "OA-011",
        ERROR,
        (4, 5),
    ),
    "recvonly answered recvonly": (call((AUDIO, "a=recvonly"), (ANSWER, "a=recvonly")), "OA-011", ERROR, (1, 2)),
    "inactive answered recvonly": (call((AUDIO, "a=inactive"), (ANSWER, "a=recvonly")), "OA-011", ERROR, (1, 2)),
    "hold by address and sendonly answered by default": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, ("c=IN IP4 0.0.0.0", *HOLD), (ANSWER,))),
        "OA-011",
        ERROR,
        (4, 5),
    ),
    "session level overridden by the section": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, ("a=recvonly", ANSWER, "a=sendrecv"))),
        "OA-011",
        ERROR,
        (4, 5),
    ),
    "200 without the answer": (call((AUDIO,), ()), "OA-015", ERROR, (1, 2)),
    "answer in an unreliable 183 alone": (
        PARTIES
        + "0.0 alice -> bob INVITE\n"
        + sdp(AUDIO)
        + "0.1 bob -> alice 183\n"
        + sdp(ANSWER)
        + "0.2 bob -> alice 200\n0.3 alice -> bob ACK\n"
        + BYE,
        "OA-015",
        WARNING,
        (1, 2, 3),
    ),
    "200 of a re-INVITE without the answer": (
        call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, ())),
        "OA-015",
        ERROR,
        (4, 5),
    ),
    "200 of an UPDATE without the answer": (call((AUDIO,), (ANSWER,), update(5.0, HOLD, ())), "OA-015", ERROR, (4, 5)),
    "200 of a PRACK without the answer": (
        RELIABLE.replace("0.2 alice -> bob PRACK\n", "0.2 alice -> bob PRACK\n" + sdp(*HOLD))
        + "0.4 bob -> alice 200 INVITE\n0.5 alice -> bob ACK\n"
        + BYE,
        "OA-015",
        ERROR,
        (3, 4),
    ),
    "ACK without the answer": (call((), (ANSWER,)), "OA-019", ERROR, (2, 3)),
    "PRACK without the answer": (
        PARTIES
        + "0.0 alice -> bob INVITE\n"
        + sdp("Supported: 100rel")
        + "0.1 bob -> alice 183 rseq=1\n"
        + sdp(ANSWER)
        + "0.2 alice -> bob PRACK\n0.3 bob -> alice 200 PRACK\n5.0 bob -> alice 486 INVITE\n5.1 alice -> bob ACK\n",
        "OA-019",
        ERROR,
        (2, 3),
    ),
    "ACK of a delayed re-INVITE without the answer": (
        call(
            (AUDIO,),
            (ANSWER,),
            "5.0 alice -> bob INVITE\n5.1 bob -> alice 200\n",
            sdp(ANSWER),
            "5.2 alice -> bob ACK\n",
        ),
        "OA-019",
        ERROR,
        (5, 6),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = accusing(judged(script))
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, severity, frames)]
    assert found[0].confidence is Confidence.CERTAIN


PROXIED_COUNT = (
    PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n"
    + sdp(*TWO)
    + "0.01 proxy -> bob INVITE\n0.1 bob -> proxy 200\n"
    + sdp(ANSWER)
    + "0.11 proxy -> alice 200\n0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    + "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n"
)


def test_fault_seen_on_two_hops_is_one_finding_with_the_frames_of_both(judged: Judged) -> None:
    found = judged(PROXIED_COUNT)
    assert [(item.rule, item.frames) for item in found] == [("OA-001", (1, 2, 3, 4))]


def test_preview_with_fewer_sections_is_told_beside_its_difference_from_the_answer(judged: Judged) -> None:
    found = judged(PREVIEWED + sdp(*TWO_REFUSED) + "0.3 alice -> bob ACK\n" + BYE)
    assert [(item.rule, item.frames) for item in found] == [("OA-001", (1, 2)), ("OA-016", (2, 3))]


def test_each_broken_exchange_of_a_dialog_is_told(judged: Judged) -> None:
    script = call((AUDIO,), (ANSWER,), reinvite(5.0, HOLD, (ANSWER,)), reinvite(9.0, HOLD, (ANSWER,)))
    assert [(item.rule, item.frames) for item in accusing(judged(script))] == [
        ("OA-011", (4, 5)),
        ("OA-011", (7, 8)),
    ]


@pytest.mark.parametrize("port", [0, 6000])
def test_removed_section_must_stay_removed_in_the_answer(judged: Judged, port: int) -> None:
    script = call((AUDIO, "m=video 0 RTP/AVP 31"), (ANSWER, f"m=video {port} RTP/AVP 31"))
    assert [(item.rule, item.frames) for item in judged(script)] == ([("OA-004", (1, 2))] if port else [])


def test_bundled_section_at_port_0_may_be_answered_with_a_port(judged: Judged) -> None:
    offer = ("a=group:BUNDLE 1 2", AUDIO, "a=mid:1", "m=video 0 RTP/AVP 31", "a=mid:2", "a=bundle-only")
    answer = ("a=group:BUNDLE 1 2", ANSWER, "a=mid:1", "m=video 5000 RTP/AVP 31", "a=mid:2")
    assert judged(call(offer, answer), "OA-004") == []


def test_each_broken_section_of_an_answer_is_told(judged: Judged) -> None:
    script = call(("m=audio 4000 RTP/AVP 18", "m=audio 4002 RTP/AVP 18"), (ANSWER, "m=audio 5002 RTP/AVP 8"))
    assert [item.rule for item in judged(script)] == ["OA-008", "OA-008"]


def test_only_the_fork_that_answers_wrongly_is_accused(judged: Judged) -> None:
    script = (
        PARTIES
        + "0.0 alice -> bob INVITE\n"
        + sdp(*TWO)
        + "0.1 bob -> alice 200 tag=b1\n"
        + sdp(*TWO_REFUSED)
        + "0.15 bob -> alice 200 tag=b2\n"
        + sdp("m=audio 6000 RTP/AVP 0")
        + "0.2 alice -> bob ACK to-tag=b1\n0.21 alice -> bob ACK to-tag=b2\n"
    )
    assert [(item.rule, item.frames) for item in judged(script)] == [("OA-001", (1, 3))]


def test_position_reused_and_a_dropped_one_is_still_a_drop(judged: Judged) -> None:
    three = (*TWO, "m=audio 4004 RTP/AVP 0")
    answer = (ANSWER, "m=video 0 RTP/AVP 31", "m=audio 5004 RTP/AVP 0")
    script = call(three, answer, refused(5.0, (AUDIO, "m=audio 4004 RTP/AVP 0"), 491))
    assert [item.rule for item in judged(script)] == ["OA-003"]


def test_drop_by_a_spliced_session_is_merely_likely(judged: Judged) -> None:
    other = "o=music 77 1 IN IP4 192.0.2.99"
    script = call(TWO, TWO_REFUSED, reinvite(5.0, (other, AUDIO), (ANSWER,)))
    found = [item for item in judged(script) if item.rule == "OA-003"]
    assert [(item.confidence, bool(item.guards)) for item in found] == [(Confidence.LIKELY, True)]


@pytest.mark.parametrize(
    ("script", "rule"), [(call((AUDIO,), ()), "OA-015"), (call((), (ANSWER,)), "OA-019")], ids=["200", "ACK"]
)
def test_missing_answer_is_merely_possible_where_the_capture_lost_packets(
    judged: Judged, script: str, rule: str
) -> None:
    found = judged(script, lossy_at=0.5)
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [(rule, Confidence.POSSIBLE, 1)]


def test_loss_far_from_the_missing_answer_casts_no_doubt(judged: Judged) -> None:
    found = judged(call((AUDIO,), ()), lossy_at=10.0)
    assert [(item.rule, item.confidence) for item in found] == [("OA-015", Confidence.CERTAIN)]
