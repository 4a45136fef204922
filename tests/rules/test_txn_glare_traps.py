"""What the rules about INVITEs and UPDATEs that meet in one dialog must say and must not say."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
TALKING = (
    PARTIES + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
)
PORTS = {"alice": 4000, "bob": 5000}
PEER = {"alice": "bob", "bob": "alice"}
END = "60 alice -> bob BYE\n60.1 bob -> alice 200\n"


def offer(at: float, sender: str, method: str = "INVITE", direction: str = "sendonly") -> str:
    return f"{at} {sender} -> {PEER[sender]} {method}\n      m=audio {PORTS[sender]} RTP/AVP 0\n      a={direction}\n"


def refused(at: float, sender: str, method: str = "INVITE", status: int = 491) -> str:
    """A refusal of the request of `sender`, with its ACK."""
    answer = f"{at} {PEER[sender]} -> {sender} {status} {method}\n"
    return answer + (f"{at + 0.05:.2f} {sender} -> {PEER[sender]} ACK\n" if method == "INVITE" else "")


def accepted(at: float, sender: str, method: str = "INVITE", direction: str = "recvonly") -> str:
    """A 200 to the request of `sender`, with its ACK."""
    answer = f"{at} {PEER[sender]} -> {sender} 200 {method}\n      m=audio {PORTS[PEER[sender]]} RTP/AVP 0\n"
    ack = f"{at + 0.05:.2f} {sender} -> {PEER[sender]} ACK\n" if method == "INVITE" else ""
    return answer + f"      a={direction}\n" + ack


def retried(sender: str, delay: float, method: str = "INVITE") -> str:
    """A change that gets 491 in second 5.1, and comes again so much later."""
    again = round(5.1 + delay, 2)
    return (
        TALKING
        + offer(5.0, sender, method)
        + refused(5.1, sender, method)
        + offer(again, sender, method)
        + accepted(round(again + 0.1, 2), sender, method)
        + END
    )


BACKED_OFF = {
    "owner at the beginning of its window": retried("alice", 2.1),
    "owner with a coarse timer": retried("alice", 2.02),
    "owner at the end of its window": retried("alice", 4.0),
    "owner far from the tap": retried("alice", 4.4),
    "other side at once": retried("bob", 0.06),
    "other side at the end of its window": retried("bob", 2.0),
    "user tries again later": retried("alice", 20.0),
    "owner with UPDATE": retried("alice", 3.0, "UPDATE"),
    "another change": TALKING
    + offer(5.0, "alice")
    + refused(5.1, "alice")
    + offer(5.5, "alice", direction="inactive")
    + accepted(5.6, "alice", direction="inactive")
    + END,
    "never again": TALKING + offer(5.0, "alice") + refused(5.1, "alice") + END,
    "change of the other side got through meanwhile": TALKING
    + offer(5.0, "bob", direction="sendrecv")
    + offer(5.01, "alice")
    + refused(5.06, "alice")
    + accepted(5.12, "bob", direction="sendrecv")
    + offer(5.3, "alice")
    + accepted(5.4, "alice")
    + END,
    "dialog that began before the capture": retried("alice", 0.3).replace("INVITE\n", "INVITE unseen\n", 1),
}


@pytest.mark.parametrize("script", BACKED_OFF.values(), ids=BACKED_OFF.keys())
def test_retry_within_its_window_or_none_is_no_fault(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-022")] == []


HASTY = {
    "owner at once": (retried("alice", 0.2), WARNING, (5, 7)),
    "owner in the window of the other side": (retried("alice", 1.5), WARNING, (5, 7)),
    "owner with UPDATE": (retried("alice", 0.5, "UPDATE"), WARNING, (5, 6)),
    "owner late": (retried("alice", 6.0), INFO, (5, 7)),
    "other side in the window of the owner": (retried("bob", 3.0), INFO, (5, 7)),
    "both at once": (
        TALKING
        + offer(5.0, "alice")
        + offer(5.01, "bob")
        + refused(5.1, "alice")
        + refused(5.11, "bob")
        + offer(5.2, "alice")
        + END,
        WARNING,
        (6, 10),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), HASTY.values(), ids=HASTY.keys())
def test_retry_outside_its_window_is_told(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    assert [(item.severity, item.frames) for item in judged(script, "TXN-022")] == [(severity, frames)]


def test_491_upon_491_is_told_once(judged: Judged) -> None:
    rounds = "".join(offer(5.0 + at, "alice") + refused(5.1 + at, "alice") for at in (0, 0.5, 1.0, 1.5))
    found = judged(TALKING + rounds + END, "TXN-022")
    assert [(item.severity, len(item.evidence)) for item in found] == [(WARNING, 6)]


def bare(at: float, sender: str) -> str:
    return f"{at} {sender} -> {PEER[sender]} INVITE\n"


SERIAL = {
    "one behind the other": TALKING + bare(5.0, "alice") + refused(5.1, "alice") + bare(5.2, "alice") + END,
    "true crossing": TALKING
    + bare(5.0, "alice")
    + bare(5.02, "bob")
    + refused(5.1, "alice")
    + refused(5.12, "bob")
    + END,
    "final response out of view, its ACK in view": TALKING
    + bare(5.0, "alice")
    + "5.1 bob -> alice 488 unseen\n5.2 alice -> bob ACK\n"
    + bare(5.3, "alice")
    + refused(5.4, "alice", status=488)
    + END,
    "first one timed out": TALKING + bare(5.0, "alice") + bare(40, "alice") + refused(40.1, "alice", status=488) + END,
    "retransmission": TALKING
    + bare(5.0, "alice")
    + "5.5 alice -> bob INVITE again\n"
    + refused(5.6, "alice", status=488)
    + END,
    "offer upon an offer, told by OA-020": TALKING
    + offer(5.0, "alice")
    + offer(5.1, "alice", direction="sendrecv")
    + refused(5.2, "alice", status=500)
    + accepted(5.3, "alice")
    + END,
    "UPDATE beside an INVITE": TALKING
    + bare(5.0, "alice")
    + "5.1 bob -> alice 100\n5.2 alice -> bob UPDATE\n5.3 bob -> alice 200 UPDATE\n"
    + refused(5.4, "alice", status=488)
    + END,
    "challenged and sent again": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 407\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE new\n"
    + "0.4 bob -> alice 486\n0.5 alice -> bob ACK\n",
}


@pytest.mark.parametrize("script", SERIAL.values(), ids=SERIAL.keys())
def test_invites_one_behind_the_other_or_crossing_are_no_fault(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "TXN-023")] == []


OVERLAPPING = {
    "own one open, refused as it should be": (
        TALKING
        + bare(5.0, "alice")
        + bare(5.2, "alice")
        + refused(5.3, "alice", status=500)
        + "5.6 bob -> alice 488 INVITE\n5.7 alice -> bob ACK\n"
        + END,
        (4, 5, 6, 8),
    ),
    "that of the other side open, and answered provisionally": (
        TALKING
        + bare(5.0, "alice")
        + "5.05 bob -> alice 100\n"
        + bare(5.1, "bob")
        + "5.2 alice -> bob 491 INVITE\n5.25 bob -> alice ACK\n5.4 bob -> alice 488 INVITE\n5.5 alice -> bob ACK\n"
        + END,
        (4, 6, 7, 9),
    ),
    "that of the other side open for long": (
        TALKING
        + bare(5.0, "alice")
        + bare(7.0, "bob")
        + "7.1 alice -> bob 491 INVITE\n7.2 bob -> alice ACK\n7.4 bob -> alice 488 INVITE\n7.5 alice -> bob ACK\n"
        + END,
        (4, 5, 6, 8),
    ),
}


@pytest.mark.parametrize(("script", "frames"), OVERLAPPING.values(), ids=OVERLAPPING.keys())
def test_invite_upon_an_open_invite_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    assert [(item.severity, item.frames) for item in judged(script, "TXN-023")] == [(ERROR, frames)]
