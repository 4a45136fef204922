"""What the rules about unknown dialogs and routing say of broken flows, and that they let legitimate ones be."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
MIRROR = "<sip:192.0.2.1:5060;lr>"


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
    "proxy behind this hop stands on top": call(exchange(9, "BYE", 200)).replace(
        "      m=audio 5000", "      Record-Route: <sip:192.0.2.7;lr>\n      m=audio 5000"
    ),
    "parameters of a value changed": proxied(answer="      Record-Route: <sip:192.0.2.1:5060;lr=on>\n"),
}


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
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_flow_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "DLG")
    assert [(item.rule, item.severity, item.frames) for item in found if item.rule == rule] == [
        (rule, severity, frames)
    ]
