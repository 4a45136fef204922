"""When and how often a message may be sent again (RFC 3261 §17.1.1.2, §17.1.2.2, §17.2.1)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.message import Message
from sipscope.model.network import Transport
from sipscope.model.transaction import Transaction
from sipscope.pipeline import Options, reconstruct
from sipscope.rules.txn.retransmission_not_allowed import retransmission_not_allowed
from tests.rules.conftest import Judged
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
INVITE = "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
OPTIONS = "0 alice -> bob OPTIONS\n"
END = "120 end\n"
FAMILY = {"TXN-008", "TXN-009", "TXN-010", "TXN-011"}


def again(request: str, *seconds: float) -> str:
    return "".join(f"{at} {request} again\n" for at in seconds)


def refused(at: float) -> str:
    return f"{at} bob -> alice 486 INVITE\n{at + 0.1} alice -> bob ACK\n"


ANSWERED = "1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
SPACED = (1.5, 2.5, 4.5, 8.5, 12.5, 16.5)
"""When a 200 of second 1 is repeated: doubling up to T2."""

LEGITIMATE = {
    "100 at once": INVITE + "0.1 bob -> alice 100\n" + refused(5),
    "100 behind one copy": INVITE + again("alice -> bob INVITE", 0.5) + "1.2 bob -> alice 100\n" + refused(5),
    "100 right behind the second copy": INVITE
    + again("alice -> bob INVITE", 0.5, 1.5)
    + "1.6 bob -> alice 100\n"
    + refused(5),
    "intervals double": INVITE + again("alice -> bob INVITE", 0.5, 1.5, 3.5, 7.5) + refused(7.6),
    "intervals double from another base": INVITE + again("alice -> bob INVITE", 1, 3, 7, 15) + refused(15.1),
    "intervals double with a copy missing": INVITE + again("alice -> bob INVITE", 0.5, 3.5, 7.5) + refused(7.6),
    "even intervals of T2": OPTIONS + again("alice -> bob OPTIONS", 4, 8, 12, 16) + "16.1 bob -> alice 200\n",
    "three even copies": OPTIONS + again("alice -> bob OPTIONS", 1, 2) + "2.1 bob -> alice 200\n",
    "200 repeated by its timer": INVITE + ANSWERED + again("bob -> alice 200", *SPACED) + "17 alice -> bob ACK\n",
    "200 repeated as the INVITE is": INVITE
    + ANSWERED
    + "".join(f"{at} alice -> bob INVITE again\n{at + 0.1} bob -> alice 200 again\n" for at in (2, 3, 4, 5))
    + "5.5 alice -> bob ACK\n",
    "INVITE repeated to keep a binding": INVITE
    + "0.1 bob -> alice 180\n"
    + "".join(f"{at} alice -> bob INVITE again\n{at}.1 bob -> alice 180 again\n" for at in (20, 40, 60, 80))
    + refused(90),
    "INVITE that crosses its 100": INVITE
    + "0.1 bob -> alice 100\n0.5 alice -> bob INVITE again\n0.51 bob -> alice 100 again\n"
    + refused(5),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_retransmission_by_the_timers_is_no_fault(judged: Judged, script: str) -> None:
    found = [item for item in judged(PARTIES + script + END, "TXN") if item.rule in FAMILY - {"TXN-009"}]
    assert [(item.rule, item.text) for item in found] == []


HEARD = "".join(f"{at} alice -> bob INVITE again\n{at + 0.01} bob -> alice 180 again\n" for at in (1.5, 3.5, 7.5))
BROKEN = {
    "100 late": (
        INVITE + again("alice -> bob INVITE", 0.5, 1.5) + "2.9 bob -> alice 100\n" + refused(5),
        "TXN-008",
        (1, 2, 3, 4),
        "took up to 2.9 s, in which the INVITE was sent 2 more times",
    ),
    "final response late": (
        INVITE + again("alice -> bob INVITE", 0.5, 1.5, 3.5) + refused(5.5),
        "TXN-008",
        (1, 2, 3, 4, 5),
        "took up to 5.5 s",
    ),
    "INVITE every second": (
        INVITE + again("alice -> bob INVITE", 1, 2, 3) + refused(3.1),
        "TXN-010",
        (1, 2, 3, 4),
        "repeated INVITE 3 times at a fixed interval of 1.0 s",
    ),
    "OPTIONS every half second": (
        OPTIONS + again("alice -> bob OPTIONS", 0.5, 1, 1.5, 2) + "2.1 bob -> alice 200\n",
        "TXN-010",
        (1, 2, 3, 4, 5),
        "fixed interval of 0.5 s",
    ),
    "200 every second": (
        INVITE + ANSWERED + again("bob -> alice 200", 2, 3, 4) + "4.1 alice -> bob ACK\n",
        "TXN-010",
        (2, 3, 4, 5),
        "repeated 200 OK to INVITE 3 times",
    ),
    "INVITE behind a 180 that is repeated": (
        INVITE + "0.1 bob -> alice 180\n" + HEARD + refused(9),
        "TXN-011",
        (2, 3, 5, 7),
        "behind the 180 Ringing to INVITE that 192.0.2.20 sent",
    ),
}


@pytest.mark.parametrize(("script", "rule", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_retransmission_out_of_time_is_told_by_one_rule(
    judged: Judged, script: str, rule: str, frames: tuple[int, ...], words: str
) -> None:
    found = [item for item in judged(PARTIES + script + END, "TXN") if item.rule in FAMILY]
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, Severity.WARNING, frames)]
    assert words in found[0].text


def test_next_hop_is_late_and_not_the_proxy_that_waits_for_it(judged: Judged) -> None:
    copies = "".join(f"{at} alice -> proxy INVITE again\n{at + 0.01} proxy -> bob INVITE again\n" for at in (0.5, 1.5))
    script = (
        PROXIED
        + "0 alice -> proxy INVITE to=bob\n      m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
        + copies
        + "2.9 bob -> proxy 486\n2.91 proxy -> alice 486\n3 alice -> proxy ACK\n3.01 proxy -> bob ACK\n"
    )
    (found,) = judged(script + END, "TXN-008")
    assert found.text.startswith("192.0.2.20 was late")


def test_late_response_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    script = INVITE + again("alice -> bob INVITE", 0.5, 1.5) + "2.9 bob -> alice 100\n" + refused(5)
    (found,) = judged(PARTIES + script + END, "TXN-008", lossy_at=1.0)
    assert found.confidence is Confidence.POSSIBLE


def over_tcp(transaction: Transaction) -> Transaction:
    """The same transaction on a connection."""

    def moved(message: Message) -> Any:
        return replace(message, hop=replace(message.hop, transport=Transport.TCP))

    parts = {
        name: tuple(moved(item) for item in getattr(transaction, name))
        for name in ("request_copies", "responses", "response_copies", "ack_copies")
    }
    request, ack = (None if item is None else moved(item) for item in (transaction.request, transaction.ack))
    hop = replace(transaction.hop, transport=Transport.TCP)
    return replace(transaction, hop=hop, request=request, ack=ack, **parts)


STREAMS = {
    "request": (OPTIONS + again("alice -> bob OPTIONS", 0.5) + "0.6 bob -> alice 200\n", [(1, 2)]),
    "refusal of an INVITE": (
        INVITE + "0.1 bob -> alice 486\n" + again("bob -> alice 486", 0.6, 1.6) + "1.7 alice -> bob ACK\n",
        [(2, 3, 4)],
    ),
    "2xx to INVITE": (INVITE + ANSWERED + again("bob -> alice 200", 1.5) + "1.7 alice -> bob ACK\n", []),
    "nothing": (OPTIONS + "0.6 bob -> alice 200\n", []),
}


@pytest.mark.parametrize(("script", "frames"), STREAMS.values(), ids=STREAMS.keys())
def test_over_a_stream_only_a_2xx_to_invite_is_repeated(
    script: str, frames: list[tuple[int, ...]], tmp_path: Path
) -> None:
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(PARTIES + script + END))
    trace = reconstruct(str(path), Options())
    moved = replace(trace, transactions=tuple(map(over_tcp, trace.transactions)))
    hits = list(retransmission_not_allowed.check(moved, moved))
    assert [tuple(item.frame for item in hit.evidence) for hit in hits] == frames
