"""What the rules about dialogs say of broken flows, and that they stay silent about legitimate ones."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
CERTAIN, LIKELY, POSSIBLE = Confidence.CERTAIN, Confidence.LIKELY, Confidence.POSSIBLE

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
END = "120 end\n"


def call(*then: str, number: int = 10) -> str:
    """A call of frames 1 to 3 whose INVITE has the CSeq number 10; then whatever follows."""
    return (
        PARTIES
        + f"0.0 alice -> bob INVITE cseq={number}\n      m=audio 4000 RTP/AVP 0\n"
        + "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
        + "".join(then)
        + END
    )


def info(at: float, options: str = "", status: int = 200, *, sender: str = "alice") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} INFO {options}\n{at + 0.1:.2f} {peer} -> {sender} {status} INFO\n"


def bye(at: float, options: str = "", status: int = 200, *, sender: str = "alice") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} BYE {options}\n{at + 0.1:.2f} {peer} -> {sender} {status} BYE\n"


def silence(at: float, *copies: float, sender: str = "alice") -> str:
    """A BYE without an answer."""
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} BYE\n" + "".join(f"{later} {sender} -> {peer} BYE again\n" for later in copies)


NUMBERS = {
    "rising by one": call(info(5.0, "cseq=11"), bye(9.0, "cseq=12")),
    "gap": call(info(5.0, "cseq=14"), bye(9.0, "cseq=40")),
    "each side counts on its own": call(info(5.0, "cseq=3", sender="bob"), info(7.0), bye(9.0, "cseq=4", sender="bob")),
    "retransmission": call(
        "5.0 alice -> bob INFO cseq=11\n5.5 alice -> bob INFO again\n5.6 bob -> alice 200\n", bye(9.0)
    ),
    "ACK and CANCEL carry the number of the INVITE": PARTIES
    + "0.0 alice -> bob INVITE cseq=10\n      m=audio 4000 RTP/AVP 0\n      Supported: 100rel\n"
    + "0.1 bob -> alice 180 rseq=1\n"
    + "0.2 alice -> bob PRACK cseq=11\n0.3 bob -> alice 200 PRACK\n1.0 alice -> bob CANCEL\n"
    + "1.1 bob -> alice 200 CANCEL\n1.2 bob -> alice 487 INVITE\n1.3 alice -> bob ACK\n"
    + END,
    "ACK behind a later request": PARTIES
    + "0.0 alice -> bob INVITE cseq=10\n      m=audio 4000 RTP/AVP 0\n"
    + "      Supported: 100rel\n0.1 bob -> alice 180 rseq=1\n"
    + "0.2 alice -> bob PRACK cseq=11\n0.3 bob -> alice 200 PRACK\n"
    + "1.0 bob -> alice 200 INVITE\n      m=audio 5000 RTP/AVP 0\n1.1 alice -> bob ACK cseq=10\n"
    + bye(9.0, "cseq=12")
    + END,
    "requests that changed places on the way": call(info(5.0, "cseq=12"), info(5.02, "cseq=11"), bye(9.0, "cseq=13")),
    "capture begins in the call": PARTIES
    + "0.0 alice -> bob INVITE cseq=50 unseen\n0.1 bob -> alice 200 unseen\n0.2 alice -> bob ACK unseen\n"
    + info(5.0, "cseq=51")
    + bye(9.0, "cseq=52", sender="bob")
    + END,
    "challenged and sent again": PARTIES
    + "0.0 alice -> bob INVITE cseq=10\n0.1 bob -> alice 407\n0.2 alice -> bob ACK\n"
    + "0.3 alice -> bob INVITE cseq=11\n      m=audio 4000 RTP/AVP 0\n0.4 bob -> alice 200\n"
    + "      m=audio 5000 RTP/AVP 0\n0.5 alice -> bob ACK\n"
    + bye(9.0)
    + END,
    "fail-over of a request under another branch": call(
        "5.0 alice -> bob INFO cseq=11\n5.1 bob -> alice 503\n7.0 alice -> bob INFO cseq=11\n7.1 bob -> alice 200\n",
        bye(9.0),
    ),
    "fork that sends one request twice": PARTIES
    + "0.0 alice -> bob INVITE cseq=10 branch=z9hG4bKone\n0.01 alice -> bob INVITE cseq=10 branch=z9hG4bKtwo new\n"
    + "0.1 bob -> alice 486\n0.2 alice -> bob ACK\n0.3 bob -> alice 486\n0.4 alice -> bob ACK branch=z9hG4bKone\n"
    + END,
    "both hops of a proxy": PROXIED
    + "0.0 alice -> proxy INVITE to=bob cseq=10\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
    + "0.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
    + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    + "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n"
    + END,
    "B2BUA that counts each leg on its own": "alice 192.0.2.10\npbx 192.0.2.1\nbob 192.0.2.20\n"
    "0.0 alice -> pbx INVITE call=1 cseq=900\n      m=audio 4000 RTP/AVP 0\n"
    "0.01 pbx -> bob INVITE call=2 cseq=1\n      m=audio 6000 RTP/AVP 0\n"
    "0.1 bob -> pbx 200 call=2\n      m=audio 5000 RTP/AVP 0\n0.11 pbx -> bob ACK call=2\n"
    "0.12 pbx -> alice 200 call=1\n      m=audio 6002 RTP/AVP 0\n0.2 alice -> pbx ACK call=1\n"
    "9.0 alice -> pbx BYE call=1\n9.01 pbx -> alice 200 call=1\n9.1 pbx -> bob BYE call=2\n"
    "9.2 bob -> pbx 200 call=2\n" + END,
    "captured twice": PARTIES
    + "0.0 alice -> bob INVITE ip-id=1\n      m=audio 4000 RTP/AVP 0\n0.001 alice -> bob INVITE again ip-id=1\n"
    + "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
    + "9.0 alice -> bob BYE ip-id=2\n9.001 alice -> bob BYE again ip-id=2\n9.1 bob -> alice 200\n"
    + END,
}
BYES = {
    "released by the caller": call(bye(9.0)),
    "released by the callee": call(bye(9.0, sender="bob")),
    "challenged and sent again": call(bye(9.0, status=407), bye(9.5)),
    "challenged where the capture ends": call(bye(9.0, status=407)).replace(END, "9.5 end\n"),
    "both hang up at once": call(
        "9.0 alice -> bob BYE\n9.01 bob -> alice BYE\n9.1 bob -> alice 481 BYE\n9.11 alice -> bob 481 BYE\n"
    ),
    "both hang up at once and agree": call(
        "9.0 alice -> bob BYE\n9.01 bob -> alice BYE\n9.1 bob -> alice 200 BYE\n9.11 alice -> bob 200 BYE\n"
    ),
    "refused at first, then accepted": call(bye(9.0, status=503), bye(10.0)),
    "unanswered at first, then accepted": call(silence(9.0, 9.5, 10.5), bye(60.0)),
    "answered after retransmissions": call(silence(9.0, 9.5, 10.5), "11.0 bob -> alice 200\n"),
    "capture ends before Timer F": call(silence(9.0, 9.5, 10.5, 12.5)).replace(END, "40 end\n"),
    "only the caller's direction was captured": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 200 unseen\n0.2 alice -> bob ACK\n9.0 alice -> bob BYE\n"
    + "9.1 bob -> alice 200 unseen\n"
    + END,
    "the other one hung up before": call(bye(9.0), bye(9.5, status=481, sender="bob")),
    "BYE on one hop of two": PROXIED
    + "0.0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
    + "0.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
    + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    + "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200 unseen\n9.11 proxy -> alice 200\n"
    + END,
    "no BYE in the capture": call(),
    "peer of RFC 2543 without tags": PARTIES
    + "0.0 alice -> bob INVITE branch=1\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    + "      m=audio 5000 RTP/AVP 0\n      To: <sip:bob@192.0.2.20>\n0.2 alice -> bob ACK branch=2 to-tag=\n"
    + "9.0 alice -> bob BYE branch=3 to-tag=\n9.1 bob -> alice 200\n"
    + END,
}
LEGITIMATE = [*NUMBERS.items(), *BYES.items()]


@pytest.mark.parametrize("script", [item[1] for item in LEGITIMATE], ids=[item[0] for item in LEGITIMATE])
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    # TRN-008 may say what is out of view, TXN-009 what was sent again, TXN-027 what crossed: these accuse nobody.
    quiet = {"TRN-008", "TXN-009", "TXN-027"}
    assert [(item.rule, item.text) for item in judged(script) if item.rule not in quiet] == []


BROKEN = {
    "lower number": (call(info(5.0, "cseq=9", 500), bye(9.0, "cseq=11")), "DLG-001", ERROR, CERTAIN, (1, 4)),
    "equal number of another method": (
        call(
            info(5.0, "cseq=11"), info(6.5, "cseq=12"), "8.0 alice -> bob UPDATE cseq=12\n8.1 bob -> alice 500\n"
        ).replace(END, "")
        + bye(9.0, "cseq=13")
        + END,
        "DLG-001",
        ERROR,
        CERTAIN,
        (6, 8),
    ),
    "number of the INVITE again": (
        call("5.0 alice -> bob INFO cseq=10\n5.1 bob -> alice 500\n", bye(9.0, "cseq=11")),
        "DLG-001",
        ERROR,
        CERTAIN,
        (1, 4),
    ),
    "lower number of the callee": (
        call(info(5.0, "cseq=70", sender="bob"), info(7.0, "cseq=69", 500, sender="bob"), bye(9.0)),
        "DLG-001",
        ERROR,
        CERTAIN,
        (4, 6),
    ),
    "number used again long after": (
        call(info(5.0, "cseq=11"), info(60.0, "cseq=11", 500), bye(70.0, "cseq=12")),
        "DLG-001",
        ERROR,
        CERTAIN,
        (4, 6),
    ),
    "lower number where the beginning is out of view": (
        PARTIES
        + "0.0 alice -> bob INVITE unseen\n0.1 bob -> alice 200 unseen\n0.2 alice -> bob ACK unseen\n"
        + info(5.0, "cseq=51")
        + info(7.0, "cseq=12", 500)
        + bye(9.0, "cseq=52")
        + END,
        "DLG-001",
        ERROR,
        LIKELY,
        (1, 3),
    ),
    "BYE refused": (call(bye(9.0, status=500)), "DLG-009", WARNING, CERTAIN, (4, 5)),
    "BYE timed out by a proxy": (call(bye(9.0, status=408)), "DLG-009", WARNING, CERTAIN, (4, 5)),
    "BYE challenged and given up": (call(bye(9.0, status=407)), "DLG-009", WARNING, CERTAIN, (4, 5)),
    "BYE for a call that the peer forgot": (call(bye(9.0, status=481)), "DLG-009", INFO, CERTAIN, (4, 5)),
    "BYE never answered": (call(silence(9.0, 9.5, 10.5, 12.5)), "DLG-009", WARNING, CERTAIN, (4, 5, 6, 7)),
    "BYE of the callee never answered": (
        call(silence(9.0, 9.5, 10.5, 12.5, sender="bob")),
        "DLG-009",
        WARNING,
        CERTAIN,
        (4, 5, 6, 7),
    ),
    "BYE sent once and never answered": (call(silence(9.0)), "DLG-009", WARNING, POSSIBLE, (4,)),
    "second BYE fails as well": (
        call(bye(9.0, status=503), bye(12.0, status=503)),
        "DLG-009",
        WARNING,
        CERTAIN,
        (6, 7),
    ),
    "BYE never answered behind a proxy": (
        PROXIED
        + "0.0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
        + "0.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
        + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n"
        + "9.5 alice -> proxy BYE again\n9.51 proxy -> bob BYE again\n"
        + END,
        "DLG-009",
        WARNING,
        CERTAIN,
        (8, 10),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "confidence", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, confidence: Confidence, frames: tuple[int, ...]
) -> None:
    found = judged(script)
    assert [(item.rule, item.severity, item.confidence, item.frames) for item in found] == [
        (rule, severity, confidence, frames)
    ]


def test_lower_number_on_both_hops_is_one_finding(judged: Judged) -> None:
    script = (
        PROXIED
        + "0.0 alice -> proxy INVITE to=bob cseq=10\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
        + "0.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
        + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n5.0 alice -> proxy INFO cseq=9\n5.01 proxy -> bob INFO\n"
        + "5.1 bob -> proxy 500\n5.11 proxy -> alice 500\n"
        + END
    )
    assert [(item.rule, item.frames) for item in judged(script)] == [("DLG-001", (1, 2, 7, 8))]


def test_refused_request_with_a_lower_number_names_the_refusal(judged: Judged) -> None:
    found = judged(call(info(5.0, "cseq=9", 500), bye(9.0, "cseq=11")))
    assert found[0].text.endswith("It was answered 500.")


def test_unanswered_bye_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    found = judged(call(silence(9.0, 9.5, 10.5, 12.5)), lossy_at=20.0)
    assert [(item.rule, item.confidence, len(item.guards)) for item in found] == [("DLG-009", POSSIBLE, 1)]
