"""Sessions for early media alone: which description answers which (RFC 3959 §4)."""

from collections.abc import Callable

import pytest

from sipscope.model.trace import Trace

TraceOf = Callable[[str], Trace]

INVITE = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n"
FINAL = "9.0 bob -> alice 200 INVITE\n9.1 alice -> bob ACK\n"
ACKNOWLEDGED = "1.2 bob -> alice 200 PRACK\n"


def early(port: int, *, version: int = 1) -> str:
    """A body that holds a description for the early session alone."""
    lines = ("v=0", f"o=- {port} {version} IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0")
    body = "".join(f"  | {line}\n" for line in (*lines, f"m=audio {port} RTP/AVP 0"))
    return "  Content-Type: application/sdp\n  Content-Disposition: early-session\n" + body


OFFER = "1.0 bob -> alice 183 rseq=1\n" + early(5100)
ANSWER = "1.1 alice -> bob PRACK rack=1\n" + early(4100)
EMPTY = "1.1 alice -> bob PRACK rack=1\n"
MOVED = "2.0 bob -> alice UPDATE\n" + early(5200)


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        (OFFER + ANSWER + ACKNOWLEDGED + FINAL, ["callee 183/PRACK answered"]),
        (OFFER + EMPTY + ACKNOWLEDGED + FINAL, ["callee 183/PRACK broken"]),
        (OFFER, ["callee 183/PRACK pending"]),
        (OFFER + FINAL, ["callee 183/PRACK superseded"]),
        (
            OFFER + ANSWER + ACKNOWLEDGED + MOVED + "2.1 alice -> bob 200 UPDATE\n" + early(4200),
            ["callee 183/PRACK answered", "callee UPDATE/200 answered"],
        ),
        (
            OFFER + ANSWER + ACKNOWLEDGED + MOVED + "2.1 alice -> bob 488 UPDATE\n" + FINAL,
            ["callee 183/PRACK answered", "callee UPDATE/200 rejected"],
        ),
        (OFFER + ANSWER + ACKNOWLEDGED + "2.0 bob -> alice 180 rseq=2\n" + early(5100), ["callee 183/PRACK answered"]),
        ("1.0 bob -> alice 183\n" + FINAL, []),
    ],
    ids=["answered", "PRACK without", "cut", "overtaken", "changed", "change refused", "said again", "none"],
)
def test_exchanges_of_an_early_session_are_told_by_their_carriers(
    trace_of: TraceOf, events: str, expected: list[str]
) -> None:
    (ledger,) = trace_of(INVITE + events).ledgers
    assert [f"{item.offerer} {item.pattern} {item.outcome}" for item in ledger.early_exchanges] == expected


def test_early_session_is_none_of_the_exchanges_of_the_call(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(INVITE + OFFER + ANSWER + ACKNOWLEDGED + FINAL).ledgers
    (exchange,) = ledger.early_exchanges
    assert [item.offer.media[0].port for item in ledger.exchanges] == [4000]
    assert (exchange.offer.media[0].port, exchange.media[0].answer and exchange.media[0].answer.port) == (5100, 4100)


def test_later_exchange_knows_what_was_agreed_before(trace_of: TraceOf) -> None:
    events = OFFER + ANSWER + ACKNOWLEDGED + MOVED + "2.1 alice -> bob 200 UPDATE\n" + early(4200)
    (ledger,) = trace_of(INVITE + events).ledgers
    first, second = ledger.early_exchanges
    assert (first.is_initial, second.is_initial) == (True, False)
    assert second.previous_offerer is not None
    assert second.previous_offerer.media[0].port == 5100


def test_each_branch_of_a_fork_has_an_early_session_of_its_own(trace_of: TraceOf) -> None:
    branches = "1.0 bob -> alice 183 tag=a rseq=1\n" + early(5100) + "1.5 bob -> alice 183 tag=b rseq=9\n" + early(5300)
    trace = trace_of(INVITE + branches)
    ports = [[item.offer.media[0].port for item in ledger.early_exchanges] for ledger in trace.ledgers]
    assert ports == [[5100], [5300]]
