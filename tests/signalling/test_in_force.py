"""What each party wants to receive, from when until when (RFC 3264 §5.1, §8.3.1)."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given

from sipscope.model.dialog import Side
from sipscope.model.offer_answer import Basis, Ledger
from sipscope.model.trace import Trace
from sipscope.pipeline import reconstruct
from sipscope.signalling.in_force import InForce, in_force_of
from tests.signalling.offer_answer_sequences import PARTIES, script_of
from tests.signalling.random_messages import SEQUENCES, Shape, capture_of_shapes
from tests.trace_script import BASE

TraceOf = Callable[[str], Trace]
TENTH = 100_000_000
CALLER, CALLEE = Side.CALLER, Side.CALLEE


def tenths(at: int | None) -> int | None:
    """Tenths of a second since the script began: the number of the message, counted from 0."""
    return None if at is None else round((at - BASE) / TENTH)


def intervals(ledger: Ledger, side: Side, index: int = 0) -> list[tuple[int | None, int | None, int, str]]:
    """From, until, port and basis of everything in force for one party."""
    return [(tenths(i.since), tenths(i.until), i.media.port, str(i.basis)) for i in ledger.sections(side, index)]


@pytest.mark.parametrize(
    ("sequence", "caller", "callee"),
    [
        pytest.param(
            "INV+ 1xx- 2+ ACK-",
            [(0, 2, 4000, "offer"), (2, None, 4000, "offer")],
            [(2, None, 5000, "answer")],
            id="answer in the success",
        ),
        pytest.param(
            "INV+ 1xx+=a 2+=a ACK-",
            [(0, 2, 4000, "offer"), (2, None, 4000, "offer")],
            [(1, 2, 5002, "preview"), (2, None, 5002, "answer")],
            id="preview until the answer",
        ),
        pytest.param(
            "INV- 2+ ACK+",
            [(2, None, 4000, "answer")],
            [(1, 2, 5000, "offer"), (2, None, 5000, "offer")],
            id="delayed offer",
        ),
        pytest.param("INV+ 1xx-", [(0, None, 4000, "offer")], [], id="no answer yet"),
        pytest.param(
            "INV+ 2+ INV+=a 1xx- 2+=b",
            [(0, 1, 4000, "offer"), (1, 4, 4000, "offer"), (2, 4, 4002, "offer"), (4, None, 4002, "offer")],
            [(1, 4, 5000, "answer"), (4, None, 5004, "answer")],
            id="both generations during a change",
        ),
        pytest.param(
            "INV+ 2+ ACK- INV+=a x",
            [(0, 1, 4000, "offer"), (1, None, 4000, "offer"), (3, 4, 4002, "offer")],
            [(1, None, 5000, "answer")],
            id="refused change leaves the earlier generation",
        ),
        pytest.param(
            "INV+ 2+ ACK- UP+@V=a",
            [(0, 1, 4000, "offer"), (1, None, 4000, "offer")],
            [(1, None, 5000, "answer"), (3, None, 5002, "offer")],
            id="change that waits",
        ),
        pytest.param(
            "INV+ 2+ ACK- BYE",
            [(0, 1, 4000, "offer"), (1, 3, 4000, "offer")],
            [(1, 3, 5000, "answer")],
            id="until the release",
        ),
        pytest.param(
            "INV+ 1xx+ x",
            [(0, 2, 4000, "offer")],
            [(1, 2, 5000, "preview")],
            id="refused call",
        ),
        pytest.param(
            "INV+ 2- ACK- INV+=a 2+=a",
            [(0, 4, 4000, "offer"), (3, 4, 4002, "offer"), (4, None, 4002, "offer")],
            [(4, None, 5002, "answer")],
            id="unanswered offer until the next answer",
        ),
        pytest.param(
            "INV+ 1xx+ 2- ACK-",
            [(0, 1, 4000, "offer"), (1, None, 4000, "offer")],
            [(1, None, 5000, "answer")],
            id="preview taken for the answer counts from when it was sent",
        ),
        pytest.param(
            "INV+ rel+ PR- 2PR- UP+@U=a 2UP+=b 2- ACK-",
            [(0, 1, 4000, "offer"), (1, 5, 4000, "offer"), (4, 5, 4002, "offer"), (5, None, 4002, "offer")],
            [(1, 5, 5000, "answer"), (5, None, 5004, "answer")],
            id="early change before the call is answered",
        ),
        pytest.param(
            "INV+ 1xx- 2+! ACK- INV+=a 2+=a ACK-",
            [(0, 5, 4000, "offer"), (4, 5, 4002, "offer"), (5, None, 4002, "offer")],
            [(5, None, 5002, "answer")],
            id="offer whose answer was not captured until the next answer",
        ),
    ],
)
def test_sections_are_in_force_for_these_intervals(
    trace_of: TraceOf,
    sequence: str,
    caller: list[tuple[int | None, int | None, int, str]],
    callee: list[tuple[int | None, int | None, int, str]],
) -> None:
    (ledger,) = trace_of(script_of(sequence)).ledgers
    assert (intervals(ledger, CALLER), intervals(ledger, CALLEE)) == (caller, callee)


def test_an_interval_holds_its_beginning_but_not_its_end(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(script_of("INV+ 1xx- 2+ ACK-")).ledgers
    first = ledger.sections(CALLER, 0)[0]
    assert [first.covers(BASE), first.covers(BASE + 2 * TENTH - 1), first.covers(BASE + 2 * TENTH)] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("at", "port"), [(-1, None), (0, 4000), (1, 4000), (2, 4002), (3, 4002), (4, 4002), (100, 4002)]
)
def test_the_newest_generation_is_what_a_party_wants_at_an_instant(
    trace_of: TraceOf, at: int, port: int | None
) -> None:
    (ledger,) = trace_of(script_of("INV+ 2+ INV+=a 1xx- 2+=b")).ledgers
    found = ledger.negotiated(BASE + at * TENTH, CALLER, 0)
    assert (None if found is None else found.media.port) == port


def test_nothing_is_in_force_in_a_position_nobody_described(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(script_of("INV+ 2+ ACK-")).ledgers
    assert ledger.negotiated(BASE + 5 * TENTH, CALLER, 1) is None


def test_an_unanswered_section_has_no_remote(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(script_of("INV+ 2+ ACK-")).ledgers
    assert [item.remote is None for item in ledger.sections(CALLER, 0)] == [True, False]


def test_every_interval_names_its_exchange(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(script_of("INV+ 2+ ACK- UP+@U=a 2UP+")).ledgers
    assert [item.exchange_id for item in ledger.sections(CALLER, 0)] == ["e1", "e1", "e2", "e2"]


HOLD = (
    PARTIES + "0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n"
    "0.2 alice -> bob ACK\n0.3 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n  a=sendonly\n"
    "0.4 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n  a=recvonly\n0.5 alice -> bob ACK\n"
)


@pytest.mark.parametrize(
    ("side", "directions"),
    [(CALLER, ["sendrecv", "sendrecv", "sendonly", "sendonly"]), (CALLEE, ["sendrecv", "recvonly"])],
)
def test_direction_is_seen_from_the_party_itself(trace_of: TraceOf, side: Side, directions: list[str]) -> None:
    (ledger,) = trace_of(HOLD).ledgers
    assert [item.direction for item in ledger.sections(side, 0)] == directions


def test_each_early_dialog_has_the_offer_in_force_for_itself(trace_of: TraceOf) -> None:
    trace = trace_of(
        "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
        "0.0 alice -> proxy INVITE\n  m=audio 4000 RTP/AVP 0\n"
        "0.1 proxy -> alice 183 tag=one\n  m=audio 5000 RTP/AVP 0\n"
        "0.2 proxy -> alice 183 tag=two\n  m=audio 6000 RTP/AVP 0\n"
    )
    found = [(intervals(item, CALLER), intervals(item, CALLEE)) for item in trace.ledgers]
    assert found == [
        ([(0, None, 4000, "offer")], [(1, None, 5000, "preview")]),
        ([(0, None, 4000, "offer")], [(2, None, 6000, "preview")]),
    ]


def test_a_position_that_only_one_party_has_is_in_force_without_a_remote(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n  m=video 4002 RTP/AVP 34\n"
        "0.1 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
    )
    last = trace.ledgers[0].sections(CALLER, 1)[-1]
    assert (last.basis, last.remote) == (Basis.OFFER, None)


def test_intervals_are_ordered_by_side_position_and_time(trace_of: TraceOf) -> None:
    (ledger,) = trace_of(
        HOLD.replace("m=audio 4000 RTP/AVP 0\n", "m=audio 4000 RTP/AVP 0\n  m=video 4002 RTP/AVP 34\n")
    ).ledgers
    keys = [(item.side, item.media.index, item.since) for item in ledger.in_force]
    assert keys == sorted(keys)


def test_in_force_reads_like_a_tuple(trace_of: TraceOf) -> None:
    """It is worked out when somebody asks; whatever is asked, that is the same as if it had been made at once."""
    trace = trace_of(script_of("INV+ 1xx- 2+ ACK-"))
    (ledger,), (dialog,) = trace.ledgers, trace.dialogs
    once = in_force_of(ledger.exchanges, dialog.ended_at)
    assert len(once) == 3
    assert ledger.in_force == once
    assert ledger.in_force == InForce(ledger.exchanges, dialog.ended_at)
    assert (len(ledger.in_force), ledger.in_force[0], ledger.in_force[1:]) == (3, once[0], once[1:])
    assert (repr(ledger.in_force), hash(ledger.in_force)) == (repr(once), hash(once))


@given(SEQUENCES)
def test_only_what_was_written_is_in_force(shapes: list[Shape]) -> None:
    """The rule about addresses out of reach relies on it to spare itself the question when."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.pcap"
        path.write_bytes(capture_of_shapes(shapes))
        ledgers = reconstruct(str(path)).ledgers
    for ledger in ledgers:
        exchanges = {exchange.id: exchange for exchange in ledger.exchanges}
        for item in ledger.in_force:
            exchange = exchanges[item.exchange_id]
            offered = item.side is exchange.offerer
            written = [exchange.offer] if offered else [exchange.answer, exchange.preview]
            assert any(item.media is section for each in written if each is not None for section in each.media)
