"""What the rules about transactions say of silence, and when silence proves nothing."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR = Severity.ERROR
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
SEEN = "0.0 bob -> alice OPTIONS call=ping\n0.1 alice -> bob 200 call=ping\n"
"""Shows that packets from bob to alice pass the tap."""
END = "120 end\n"
PACE = (1.5, 2.5, 4.5, 8.5, 16.5, 32.5)
"""When a request of second 1 is repeated: intervals from T1, doubling (RFC 3261 §17.1.1.2)."""


def repeated(request: str, *seconds: float) -> str:
    return "".join(f"{at} {request} again\n" for at in seconds)


INVITE = "1.0 alice -> bob INVITE call=1\n"
OPTIONS = "1.0 alice -> bob OPTIONS call=1\n"
COPIES = repeated("alice -> bob INVITE", *PACE)

INVITES = {
    "provisional response and nothing else": PARTIES + SEEN + INVITE + "1.1 bob -> alice 100\n" + END,
    "response at the last moment": PARTIES
    + SEEN
    + INVITE
    + COPIES
    + "32.9 bob -> alice 486\n33.0 alice -> bob ACK\n"
    + END,
    "capture ends before Timer B": PARTIES + SEEN + INVITE + COPIES + "32.9 end\n",
    "capture ends soon": PARTIES + SEEN + INVITE + repeated("alice -> bob INVITE", 1.5) + "5 end\n",
    "fail-over to another server that answers": PARTIES
    + SEEN
    + "0.2 carol -> alice OPTIONS call=pong\n0.3 alice -> carol 200 call=pong\n"
    + INVITE
    + repeated("alice -> bob INVITE", 1.5, 2.5)
    + "5.0 alice -> carol INVITE to=bob call=1 cseq=1\n5.1 carol -> alice 486\n5.2 alice -> carol ACK to=bob\n"
    + END,
    "fail-over to another server that rings": PARTIES
    + SEEN
    + INVITE
    + repeated("alice -> bob INVITE", 1.5, 2.5)
    + "5.0 alice -> carol INVITE to=bob call=1 cseq=1\n5.1 carol -> alice 180\n"
    + END,
    "only the caller's direction was captured": PARTIES
    + "1.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n1.1 bob -> alice 200 unseen\n"
    + "      m=audio 5000 RTP/AVP 0\n1.2 alice -> bob ACK\n9.0 alice -> bob BYE\n9.1 bob -> alice 200 unseen\n"
    + END,
    "refusal out of view, its ACK in view": PARTIES
    + SEEN
    + INVITE
    + repeated("alice -> bob INVITE", 1.5)
    + "1.6 bob -> alice 486 unseen\n1.7 alice -> bob ACK\n"
    + END,
    "answer out of view, its ACK in view": PARTIES
    + SEEN
    + INVITE
    + "1.6 bob -> alice 200 unseen\n1.7 alice -> bob ACK\n"
    + END,
    "proxy answers for a target that is silent for a while": PROXIED
    + "1.0 alice -> proxy INVITE to=bob\n1.01 proxy -> alice 100\n1.02 proxy -> bob INVITE\n"
    + "1.52 proxy -> bob INVITE again\n2.52 proxy -> bob INVITE again\n3.0 bob -> proxy 486\n3.01 proxy -> alice 486\n"
    + "3.1 alice -> proxy ACK\n3.11 proxy -> bob ACK\n"
    + END,
    "captured twice, and answered": PARTIES
    + "1.0 alice -> bob INVITE ip-id=5\n1.001 alice -> bob INVITE again ip-id=5\n1.1 bob -> alice 486 ip-id=6\n"
    + "1.101 bob -> alice 486 again ip-id=6\n1.2 alice -> bob ACK\n"
    + END,
    "peer of RFC 2543 that answers": PARTIES
    + "1.0 alice -> bob INVITE branch=1\n1.5 alice -> bob INVITE again\n1.6 bob -> alice 486\n"
    + "1.7 alice -> bob ACK\n"
    + END,
}
REQUESTS = {
    "answered after retransmissions": PARTIES
    + OPTIONS
    + repeated("alice -> bob OPTIONS", 1.5, 2.5)
    + "2.6 bob -> alice 200\n"
    + END,
    "refused": PARTIES + OPTIONS + "1.1 bob -> alice 405\n" + END,
    "capture ends before Timer F": PARTIES + SEEN + OPTIONS + repeated("alice -> bob OPTIONS", *PACE) + "32.9 end\n",
    "only the client's direction was captured": PARTIES + OPTIONS + "1.1 bob -> alice 200 unseen\n" + END,
    "only the server's direction was captured": PARTIES
    + OPTIONS.replace("call=1", "call=1 unseen")
    + "1.1 bob -> alice 200\n"
    + END,
    "ACK is never answered": PARTIES
    + "1.0 alice -> bob INVITE\n1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n1.2 alice -> bob ACK\n"
    + "      m=audio 4000 RTP/AVP 0\n"
    + END,
    "CANCEL answered": PARTIES
    + "1.0 alice -> bob INVITE\n1.1 bob -> alice 180\n5.0 alice -> bob CANCEL\n5.1 bob -> alice 200 CANCEL\n"
    + "5.2 bob -> alice 487 INVITE\n5.3 alice -> bob ACK\n"
    + END,
    "fail-over of a request": PARTIES
    + SEEN
    + OPTIONS
    + repeated("alice -> bob OPTIONS", 1.5, 2.5)
    + "5.0 alice -> carol OPTIONS to=bob call=1 cseq=1\n5.1 carol -> alice 200\n"
    + END,
}


def answered(*copies: float) -> str:
    """A call answered in second 1 whose 200 is repeated; SDP both ways."""
    return (
        "1.0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n"
        "1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n" + repeated("bob -> alice 200", *copies)
    )


BYE_ALICE = "50.0 alice -> bob BYE\n50.1 bob -> alice 200\n"
GIVES_UP = "33.2 bob -> alice BYE\n33.3 alice -> bob 200\n"
ACKS = {
    "acknowledged at once": PARTIES + answered() + "1.2 alice -> bob ACK\n" + BYE_ALICE + END,
    "acknowledged after repetitions": PARTIES + answered(1.6, 2.6, 4.6) + "4.7 alice -> bob ACK\n" + BYE_ALICE + END,
    "controller that holds the ACK back": PARTIES
    + "1.0 alice -> bob INVITE\n1.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
    + repeated("bob -> alice 200", 1.6, 2.6, 4.6, 8.6, 12.6, 16.6)
    + "18.0 alice -> bob ACK\n      m=audio 4000 RTP/AVP 0\n"
    + BYE_ALICE
    + END,
    "capture ends before 64 times T1": PARTIES + answered(1.6, 2.6, 4.6, 8.6) + "12 end\n",
    "one repetition on a slow path": PARTIES + answered(1.6) + END,
    "repetition ceases early, so that the ACK went by another way": PARTIES + answered(1.6, 2.6, 4.6) + END,
    "repetition ceases early, and the caller hangs up": PARTIES + answered(1.6, 2.6) + BYE_ALICE + END,
    "ACK on another hop": PROXIED.replace(" record-route", "")
    + "1.0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n1.01 proxy -> bob INVITE\n"
    + "1.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n1.11 proxy -> alice 200\n"
    + "1.6 bob -> proxy 200 again\n1.61 proxy -> alice 200 again\n2.6 bob -> proxy 200 again\n"
    + "2.61 proxy -> alice 200 again\n2.7 alice -> bob ACK\n"
    + END,
    "each fork acknowledged": PARTIES
    + "1.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
    + "1.1 bob -> alice 200 tag=b1\n      m=audio 5000 RTP/AVP 0\n"
    + "1.2 bob -> alice 200 tag=b2\n      m=audio 6000 RTP/AVP 0\n"
    + "1.7 bob -> alice 200 again\n2.7 bob -> alice 200 again\n"
    + "2.8 alice -> bob ACK to-tag=b1\n2.9 alice -> bob ACK to-tag=b2\n"
    + END,
    "re-INVITE acknowledged": PARTIES
    + answered()
    + "1.2 alice -> bob ACK\n5.0 bob -> alice INVITE\n      m=audio 5000 RTP/AVP 0\n"
    + "5.1 alice -> bob 200\n      m=audio 4000 RTP/AVP 0\n5.6 alice -> bob 200 again\n6.6 alice -> bob 200 again\n"
    + "6.7 bob -> alice ACK\n"
    + END,
}
LEGITIMATE = {**INVITES, **REQUESTS, **ACKS}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    # TRN-008 may say what is out of view, TXN-009 that something was sent again, TXN-008 that an answer took long.
    quiet = {"TRN-008", "TXN-008", "TXN-009"}
    assert [(item.rule, item.text) for item in judged(script) if item.rule not in quiet] == []


LOUD = (1.6, 2.6, 4.6, 8.6, 12.6, 16.6, 20.6, 24.6, 28.6, 32.6)
"""When a 200 of second 1.1 is repeated: from T1, doubling up to T2 (RFC 3261 §13.3.1.4)."""
DEAD = (
    PROXIED
    + "0.0 bob -> proxy OPTIONS call=ping\n0.1 proxy -> bob 200\n"
    + "0.2 proxy -> alice OPTIONS call=pong to=alice\n0.3 alice -> proxy 200\n"
)

BROKEN = {
    "INVITE without any response": (
        PARTIES + SEEN + INVITE + COPIES + END,
        "TXN-001",
        CERTAIN,
        (3, 4, 5, 6, 7, 8, 9),
    ),
    "INVITE to a peer that never sent anything": (
        PARTIES + INVITE + COPIES + END,
        "TXN-001",
        LIKELY,
        (1, 2, 3, 4, 5, 6, 7),
    ),
    "INVITE that was sent once": (PARTIES + SEEN + INVITE + END, "TXN-001", POSSIBLE, (3,)),
    "fail-over to a server as silent": (
        PARTIES
        + SEEN
        + "0.2 carol -> alice OPTIONS call=pong\n0.3 alice -> carol 200 call=pong\n"
        + INVITE
        + repeated("alice -> bob INVITE", 1.5, 2.5)
        + "5.0 alice -> carol INVITE to=bob call=1 cseq=1\n5.5 alice -> carol INVITE again\n"
        + END,
        "TXN-001",
        CERTAIN,
        (5, 6, 7, 8, 9),
    ),
    "request without any response": (
        PARTIES + SEEN + OPTIONS + repeated("alice -> bob OPTIONS", *PACE) + END,
        "TXN-002",
        CERTAIN,
        (3, 4, 5, 6, 7, 8, 9),
    ),
    "request with a provisional response alone": (
        PARTIES
        + OPTIONS
        + repeated("alice -> bob OPTIONS", 1.5, 2.5, 4.5)
        + "4.9 bob -> alice 100\n8.9 alice -> bob OPTIONS again\n"
        + END,
        "TXN-002",
        CERTAIN,
        (1, 2, 3, 4, 6),
    ),
    "request in a call": (
        PARTIES
        + answered()
        + "1.2 alice -> bob ACK\n5.0 alice -> bob INFO\n"
        + repeated("alice -> bob INFO", 5.5, 6.5)
        + BYE_ALICE
        + END,
        "TXN-002",
        CERTAIN,
        (4, 5, 6),
    ),
    "200 without ACK until the callee gives up": (
        PARTIES + answered(*LOUD) + GIVES_UP + END,
        "TXN-004",
        CERTAIN,
        (*range(2, 14),),
    ),
    "200 without ACK": (PARTIES + answered(*LOUD) + END, "TXN-004", LIKELY, (*range(2, 13),)),
    "200 without ACK, and the caller hangs up": (
        PARTIES + answered(1.6, 2.6) + "4.0 alice -> bob BYE\n4.1 bob -> alice 200\n" + END,
        "TXN-004",
        LIKELY,
        (2, 3, 4),
    ),
    "one fork without ACK": (
        PARTIES
        + "1.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
        + "1.05 bob -> alice 200 tag=b1\n      m=audio 5000 RTP/AVP 0\n1.06 alice -> bob ACK to-tag=b1\n"
        + "1.1 bob -> alice 200 INVITE tag=b2\n      m=audio 6000 RTP/AVP 0\n"
        + repeated("bob -> alice 200", *LOUD)
        + END,
        "TXN-004",
        LIKELY,
        (*range(4, 15),),
    ),
    "200 without ACK where one direction was captured": (
        PARTIES + answered(*LOUD).replace("INVITE call=1", "INVITE call=1 unseen") + END,
        "TXN-004",
        LIKELY,
        (*range(1, 12),),
    ),
}


@pytest.mark.parametrize(("script", "rule", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script, "TXN")
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, ERROR, frames)]
    assert found[0].confidence is confidence


@pytest.mark.parametrize("method", ["INVITE", "OPTIONS"])
def test_last_hop_without_an_answer_is_to_blame(judged: Judged, method: str) -> None:
    script = (
        DEAD
        + f"1.0 alice -> proxy {method} to=bob call=1\n1.01 proxy -> bob {method}\n"
        + "".join(
            f"{at} alice -> proxy {method} again\n{at + 0.01} proxy -> bob {method} again\n" for at in (1.5, 2.5, 4.5)
        )
        + END
    )
    found = judged(script)
    assert [item.text.split(" ")[0] for item in found] == ["192.0.2.20:5060"]
    assert found[0].frames == (6, 8, 10, 12)


def test_proxy_that_keeps_an_answer_to_itself_is_to_blame(judged: Judged) -> None:
    script = (
        DEAD
        + "1.0 alice -> proxy OPTIONS to=bob call=1\n1.01 proxy -> bob OPTIONS\n1.02 bob -> proxy 200\n"
        + repeated("alice -> proxy OPTIONS", 1.5, 2.5, 4.5)
        + END
    )
    assert [item.text.split(" ")[0] for item in judged(script)] == ["192.0.2.1:5060"]


LOSSY = {
    "TXN-001": PARTIES + SEEN + INVITE + COPIES + END,
    "TXN-002": PARTIES + SEEN + OPTIONS + repeated("alice -> bob OPTIONS", *PACE) + END,
    "TXN-004": PARTIES + answered(*LOUD) + END,
}


@pytest.mark.parametrize(("rule", "script"), LOSSY.items(), ids=LOSSY.keys())
def test_silence_is_merely_possible_where_the_capture_lost_packets(judged: Judged, rule: str, script: str) -> None:
    found = judged(script, lossy_at=20.0)
    assert [(item.rule, item.confidence) for item in found] == [(rule, POSSIBLE)]
    assert "lost packets" in found[0].guards[-1]
