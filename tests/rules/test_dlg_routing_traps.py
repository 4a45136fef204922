"""What the rules about unknown dialogs and routing say of broken flows, and that they let legitimate ones be."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
MOVED = "5 alice -> bob UPDATE\n      Contact: <sip:alice@192.0.2.99>\n5.1 bob -> alice 200\n"


def call(*then: str) -> str:
    """A call of frames 1 to 3."""
    return (
        PARTIES
        + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
        + "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
        + "".join(then)
        + "120 end\n"
    )


def proxied(*then: str, answer: str = "") -> str:
    """A call of frames 1 to 6 through a proxy that stays in the path."""
    return (
        PROXIED
        + "0.0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
        + f"0.1 bob -> proxy 200\n{answer}      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
        + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
        + "".join(then)
        + "120 end\n"
    )


def exchange(at: float, method: str, status: int, sender: str = "alice", *, lines: str = "", options: str = "") -> str:
    peer = "bob" if sender == "alice" else "alice"
    return f"{at} {sender} -> {peer} {method} {options}\n{lines}{at + 0.1:.1f} {peer} -> {sender} {status} {method}\n"


LEGITIMATE = {
    "BYE refused: another rule's": call(exchange(9, "BYE", 481)),
    "request behind the release": call(exchange(9, "BYE", 200), exchange(10, "INFO", 481)),
    "request that crossed the release": call("9 bob -> alice BYE\n9.01 alice -> bob INFO\n9.1 bob -> alice 481 INFO\n")
    + "9.11 alice -> bob 200 BYE\n",
    "release sent before the answer arrived": call("9 alice -> bob INFO\n9.05 bob -> alice BYE\n")
    + "9.1 bob -> alice 481 INFO\n9.2 alice -> bob 200 BYE\n",
    "capture begins in the call": PARTIES
    + "0.0 alice -> bob INVITE unseen\n0.1 bob -> alice 200 unseen\n0.2 alice -> bob ACK unseen\n"
    + exchange(5, "INFO", 481),
    "Replaces that matches nothing": call(
        exchange(5, "INVITE", 481, lines="      Replaces: x;to-tag=1;from-tag=2\n"), "5.2 alice -> bob ACK\n"
    ),
    "session interval is over": call(exchange(100, "INFO", 481)).replace(
        "      m=audio 5000", "      Session-Expires: 90;refresher=uas\n      m=audio 5000"
    ),
    "record route mirrored": proxied(),
    "no record route to mirror": call(),
    "refused refresh leaves the target": call(
        MOVED.replace("200", "500"),
        exchange(9, "BYE", 200, "bob"),
    ),
    "request under way while the target changed": call(
        MOVED,
        exchange(5.5, "INFO", 200, "bob"),
    ),
    "request to the new target": call(
        MOVED,
        exchange(9, "BYE", 200, "bob", options="uri=sip:alice@192.0.2.99"),
    ),
    "sender works round NAT": call(exchange(9, "BYE", 200, options="uri=sip:x@192.0.2.20:5999")),
    "parameters of the target left out": call(exchange(9, "BYE", 200, options="uri=sip:bob@192.0.2.20:5060")).replace(
        "      m=audio 5000", "      Contact: <sip:bob@192.0.2.20;transport=udp>\n      m=audio 5000"
    ),
    "target that is resolved elsewhere": call(exchange(9, "BYE", 200, options="uri=sip:bob@example.com")).replace(
        "      m=audio 5000", "      Contact: <sip:bob@example.org;gr=1>\n      m=audio 5000"
    ),
    "B2BUA that records itself in its own INVITE": call(exchange(9, "BYE", 200)).replace(
        "      m=audio", "      Record-Route: <sip:192.0.2.10;lr>\n      m=audio"
    ),
    "strict route": call(exchange(9, "BYE", 200, options="uri=sip:192.0.2.7")).replace(
        "      m=audio 5000", "      Record-Route: <sip:192.0.2.7>\n      m=audio 5000"
    ),
    "route set taken from both hops": proxied(
        "9.0 alice -> proxy BYE\n9.01 proxy -> bob BYE\n9.1 bob -> proxy 200\n9.11 proxy -> alice 200\n"
    ),
    "route set of the callee": proxied(
        "9.0 bob -> proxy BYE\n9.01 proxy -> alice BYE\n9.1 alice -> proxy 200\n9.11 proxy -> bob 200\n"
    ),
    "route set where the capture begins in the call": PROXIED
    + "0.0 alice -> proxy INVITE to=bob unseen\n0.01 proxy -> bob INVITE unseen\n0.1 bob -> proxy 200 unseen\n"
    + "0.11 proxy -> alice 200 unseen\n0.2 alice -> bob ACK\n9.0 alice -> bob BYE\n9.1 bob -> alice 200\n120 end\n",
}


def test_proxy_behind_this_hop_may_stand_on_top(judged: Judged) -> None:
    script = proxied(answer="      Record-Route: <sip:192.0.2.7;lr>, <sip:192.0.2.1:5060;lr=on>\n")
    assert judged(script, "DLG-006") == []


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(judged: Judged, script: str) -> None:
    found = [(item.rule, item.text) for item in judged(script, "DLG") if item.rule not in {"DLG-001", "DLG-009"}]
    assert found == []


BROKEN = {
    "INFO": (call(exchange(9, "INFO", 481)), "DLG-002", ERROR, (2, 4, 5)),
    "UPDATE of the callee": (call(exchange(9, "UPDATE", 481, "bob")), "DLG-002", ERROR, (2, 4, 5)),
    "re-INVITE": (
        call(exchange(9, "INVITE", 481, lines="      m=audio 4000 RTP/AVP 0\n"), "9.2 alice -> bob ACK\n"),
        "DLG-002",
        ERROR,
        (2, 4, 5),
    ),
    "released because of it": (call(exchange(9, "INFO", 481), exchange(9.2, "BYE", 200)), "DLG-002", ERROR, (2, 4, 5)),
    "told once though asked again": (
        call(exchange(9, "INFO", 481), exchange(20, "INFO", 481)),
        "DLG-002",
        ERROR,
        (2, 4, 5),
    ),
    "record route lost": (proxied(answer="      Record-Route:\n"), "DLG-006", ERROR, (2, 3)),
    "record route of another": (
        proxied(answer="      Record-Route: <sip:192.0.2.7;lr>\n"),
        "DLG-006",
        ERROR,
        (2, 3),
    ),
    "address-of-record refused": (
        call(exchange(9, "INFO", 404, options="uri=sip:bob@example.com")),
        "DLG-004",
        ERROR,
        (2, 4),
    ),
    "address-of-record accepted": (
        call(exchange(9, "INFO", 200, options="uri=sip:bob@example.com")),
        "DLG-004",
        WARNING,
        (2, 4),
    ),
    "address-of-record of the caller": (
        call(exchange(9, "INFO", 404, "bob", options="uri=sip:alice@example.com")),
        "DLG-004",
        ERROR,
        (1, 4),
    ),
    "old target refused": (
        call(
            MOVED,
            exchange(9, "INFO", 404, "bob"),
        ),
        "DLG-008",
        ERROR,
        (4, 6),
    ),
    "old target of the callee, whose 2xx named another": (
        call(
            "5 alice -> bob UPDATE\n5.1 bob -> alice 200\n      Contact: <sip:bob@192.0.2.99>\n",
            exchange(9, "INFO", 404),
        ),
        "DLG-008",
        ERROR,
        (5, 6),
    ),
    "no route of the caller": (proxied(exchange(9, "BYE", 200)), "DLG-005", ERROR, (4, 7)),
    "no route of the callee": (proxied(exchange(9, "BYE", 200, "bob")), "DLG-005", ERROR, (2, 7)),
    "outbound proxy on top": (
        proxied(
            exchange(9, "BYE", 200, lines="      Route: <sip:192.0.2.9;lr>, <sip:192.0.2.1:5060;lr>\n"),
        ),
        "DLG-005",
        WARNING,
        (4, 7),
    ),
    "route out of nowhere": (
        call(exchange(9, "BYE", 200, lines="      Route: <sip:192.0.2.9;lr>\n")),
        "DLG-005",
        WARNING,
        (2, 4),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "DLG")
    assert [(item.rule, item.severity, item.frames) for item in found if item.rule == rule] == [
        (rule, severity, frames)
    ]
