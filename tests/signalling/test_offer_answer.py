"""Offers, their answers and what became of them, message by message (RFC 3264, RFC 6337)."""

from collections.abc import Callable

import pytest

from sipscope.model.offer_answer import Ledger
from sipscope.model.offer_answer import MachineState as S
from sipscope.model.trace import Trace
from tests.signalling.offer_answer_sequences import PARTIES, script_of

TraceOf = Callable[[str], Trace]


def told(ledger: Ledger) -> list[str]:
    """Codes of every anomaly, those of the exchanges first."""
    anomalies = [item for exchange in ledger.exchanges for item in exchange.anomalies] + list(ledger.anomalies)
    return [item.code + (f" {item.variant}" if item.variant else "") for item in anomalies]


def exchanges_of(ledger: Ledger) -> list[str]:
    """`caller INVITE/200 answered`, one an exchange."""
    return [f"{item.offerer} {item.pattern} {item.outcome}" for item in ledger.exchanges]


def ledger_of(trace: Trace) -> Ledger:
    (ledger,) = trace.ledgers
    return ledger


VECTORS = [
    pytest.param("INV+ 2+ ACK-", S.STABLE, ["caller INVITE/200 answered"], [], id="V1"),
    pytest.param("INV- 2+ ACK+", S.STABLE, ["callee 200/ACK answered"], [], id="V2"),
    pytest.param(
        "INV+ 1xx+ rel- PR- 2PR- rel+ PR- 2PR- rel- PR- 2PR- 2- ACK-",
        S.STABLE,
        ["caller INVITE/183-PRACK answered"],
        [],
        id="V3",
    ),
    pytest.param("INV- rel+ PR+ 2PR- rel- PR- 2PR- 2- ACK-", S.STABLE, ["callee 183/PRACK answered"], [], id="V4"),
    pytest.param(
        "INV+ rel+ PR+ 2PR+ 2- ACK-",
        S.STABLE,
        ["caller INVITE/183-PRACK answered", "caller PRACK/200 answered"],
        [],
        id="V5",
    ),
    pytest.param(
        "INV+ rel+ PR- 2PR- UP+@U 2UP+ UP+@V 2UP+ 2- ACK-",
        S.STABLE,
        ["caller INVITE/183-PRACK answered", "caller UPDATE/200 answered", "callee UPDATE/200 answered"],
        [],
        id="V6",
    ),
    pytest.param("INV+ rel+ PR- 2PR- 2+ ACK-", S.STABLE, ["caller INVITE/183-PRACK answered"], [], id="V7"),
    pytest.param(
        "INV+ 2+ ACK- INV+ 2+=b ACK-",
        S.STABLE,
        ["caller INVITE/200 answered", "caller re-INVITE/200 answered"],
        [],
        id="V8",
    ),
    pytest.param(
        "INV+ 2+ ACK- INV+ x",
        S.STABLE,
        ["caller INVITE/200 answered", "caller re-INVITE/200 rejected"],
        [],
        id="V9",
    ),
    pytest.param(
        "INV+ 2+ ACK- UP+@V xUP",
        S.STABLE,
        ["caller INVITE/200 answered", "callee UPDATE/200 rejected"],
        [],
        id="V10",
    ),
    pytest.param("INV+ 2- ACK-", S.BROKEN, ["caller INVITE/200 broken"], ["OA-015"], id="B1"),
    pytest.param("INV+ 1xx+ 2- ACK-", S.STABLE, ["caller INVITE/200 answered"], ["OA-015 unreliable-only"], id="B2"),
    pytest.param("INV+ 1xx+=p 2+=q ACK-", S.STABLE, ["caller INVITE/200 answered"], ["OA-016"], id="B3"),
    pytest.param("INV- 2- ACK-", S.BROKEN, [], ["OA-018"], id="B4"),
    pytest.param("INV- 2+ ACK-", S.BROKEN, ["callee 200/ACK broken"], ["OA-019"], id="B5"),
    pytest.param("INV- rel- PR- 2PR- 2+ ACK+", S.STABLE, ["callee 200/ACK answered"], ["OA-018"], id="B6"),
    pytest.param("INV- rel+ PR-", S.BROKEN, ["callee 183/PRACK broken"], ["OA-019"], id="B7"),
    pytest.param("INV+ 1xx+ UP+@U", S.PREVIEWED, ["caller INVITE/200 pending"], ["UPD-002"], id="B8"),
    pytest.param(
        "INV+ rel+ UP+@V",
        S.EARLY_UPDATE_CALLEE,
        ["caller INVITE/183-PRACK answered", "callee UPDATE/200 pending"],
        ["UPD-002 before-prack"],
        id="B9",
    ),
    pytest.param(
        "INV+ rel+ PR- 2PR- rel+=z PR- 2PR-",
        S.EARLY_COMPLETE,
        ["caller INVITE/183-PRACK answered"],
        ["OA-017"],
        id="B10",
    ),
    pytest.param("INV+ rel+ PR- 2PR- 2+=z ACK-", S.STABLE, ["caller INVITE/183-PRACK answered"], ["OA-017"], id="B11"),
    pytest.param("INV+ rel+ 2- PR- 2PR- ACK-", S.STABLE, ["caller INVITE/183-PRACK answered"], ["PRK-009"], id="B12"),
    pytest.param("INV+ rel- PR+ 2PR-", S.OFFERED, ["caller INVITE/200 pending"], ["PRK-011"], id="B13"),
    pytest.param(
        "INV+ 2+ ACK- UP+@U UP+@V",
        S.UPDATE_CALLER,
        ["caller INVITE/200 answered", "caller UPDATE/200 pending"],
        ["OA-021"],
        id="B14",
    ),
    pytest.param(
        "INV+ 2+ ACK- UP+@U UP+@U",
        S.UPDATE_CALLER,
        ["caller INVITE/200 answered", "caller UPDATE/200 pending"],
        ["OA-020"],
        id="B15",
    ),
    pytest.param(
        "INV+ 2+ ACK- INV+ rel+=b PR- 2PR- x",
        S.STABLE,
        ["caller INVITE/200 answered", "caller re-INVITE/183-PRACK answered"],
        ["OA-025"],
        id="B16",
    ),
    pytest.param(
        "INV+ rel+ PR+ 2PR- 2- ACK-",
        S.STABLE,
        ["caller INVITE/183-PRACK answered", "caller PRACK/200 broken"],
        ["OA-015"],
        id="B17",
    ),
    pytest.param("INV+ 2+ ACK+", S.STABLE, ["caller INVITE/200 answered"], ["OA-017"], id="B18"),
    pytest.param("INV- 1xx+ 2+ ACK+", S.STABLE, ["callee 200/ACK answered"], ["OA-018 hint"], id="B19"),
    pytest.param(
        "INV+ 2+ ACK- UP+@U 2UP-",
        S.STABLE,
        ["caller INVITE/200 answered", "caller UPDATE/200 broken"],
        ["OA-015"],
        id="B20",
    ),
    pytest.param("INV- 2+ UP+@U", S.ACK_DUE, ["callee 200/ACK pending"], ["OA-020"], id="B21"),
]


@pytest.mark.parametrize(("sequence", "state", "exchanges", "anomalies"), VECTORS)
def test_sequence_of_messages_makes_these_exchanges(
    trace_of: TraceOf, sequence: str, state: S, exchanges: list[str], anomalies: list[str]
) -> None:
    ledger = ledger_of(trace_of(script_of(sequence)))
    assert (ledger.state, exchanges_of(ledger), told(ledger)) == (state, exchanges, anomalies)


INITIAL = "caller INVITE/200 answered"


@pytest.mark.parametrize(
    ("sequence", "state", "exchanges", "anomalies"),
    [
        pytest.param("INV+ x", None, [], [], id="a refused INVITE without tags makes no dialog"),
        pytest.param("INV+ 1xx- x", S.ENDED, ["caller INVITE/200 rejected"], [], id="initial offer refused"),
        pytest.param("INV+ 1xx- BYE", S.ENDED, ["caller INVITE/200 superseded"], [], id="early dialog released"),
        pytest.param(
            "INV+ rel+ PR- 2PR- x",
            S.ENDED,
            ["caller INVITE/183-PRACK answered"],
            [],
            id="refused after an early answer",
        ),
        pytest.param("INV- 1xx- 2+ ACK+", S.STABLE, ["callee 200/ACK answered"], [], id="ringing before delayed offer"),
        pytest.param("INV+ 1xx+ 1xx+ 2+ ACK-", S.STABLE, [INITIAL], [], id="preview said twice, then the same answer"),
        pytest.param(
            "INV+ 1xx+=p 1xx+=q 2+=q ACK-",
            S.STABLE,
            [INITIAL],
            ["OA-016 previews", "OA-016"],
            id="two previews that differ, and the first one counts",
        ),
        pytest.param(
            "INV+ 1xx+=p rel+=q PR- 2PR- 2- ACK-",
            S.STABLE,
            ["caller INVITE/183-PRACK answered"],
            ["OA-016"],
            id="reliable answer differs from the preview",
        ),
        pytest.param(
            "INV+ rel+ PR+ xPR 2- ACK-",
            S.STABLE,
            ["caller INVITE/183-PRACK answered", "caller PRACK/200 rejected"],
            ["PRK-007"],
            id="offer in PRACK refused",
        ),
        pytest.param(
            "INV+ rel+ PR- 2PR- UP+@U xUP UP+@U 2UP+ 2- ACK-",
            S.STABLE,
            ["caller INVITE/183-PRACK answered", "caller UPDATE/200 rejected", "caller UPDATE/200 answered"],
            [],
            id="early UPDATE refused, then another",
        ),
        pytest.param(
            "INV+ rel+ PR- 2PR- UP+@U 2- 2UP+ ACK-",
            S.STABLE,
            ["caller INVITE/183-PRACK answered", "caller UPDATE/200 answered"],
            [],
            id="2xx overtakes the answer of an UPDATE",
        ),
        pytest.param(
            "INV+ 2+ ACK- INV-@V 2+ ACK+",
            S.STABLE,
            [INITIAL, "caller 200/ACK answered"],
            [],
            id="delayed offer in a re-INVITE of the callee is the caller's",
        ),
        pytest.param(
            "INV+ 2+ ACK- INV+@V rel+ PR- 2PR- 2- ACK-",
            S.STABLE,
            [INITIAL, "callee re-INVITE/183-PRACK answered"],
            [],
            id="re-INVITE of the callee answered reliably",
        ),
        pytest.param(
            "INV+ 2+ ACK- UP-@U 2UP- UP+@V 2UP+",
            S.STABLE,
            [INITIAL, "callee UPDATE/200 answered"],
            [],
            id="UPDATE without SDP is no offer",
        ),
        pytest.param(
            "INV+ 2- ACK- INV+ 2+ ACK-",
            S.STABLE,
            ["caller INVITE/200 broken", "caller re-INVITE/200 answered"],
            ["OA-015"],
            id="call goes on after a missing answer",
        ),
        pytest.param("INV+ 2+ ACK- UP-@U 2UP+", S.STABLE, [INITIAL], ["OA-028"], id="SDP in the 200 to a bare UPDATE"),
    ],
)
def test_flow_beyond_the_patterns_makes_these_exchanges(
    trace_of: TraceOf, sequence: str, state: S | None, exchanges: list[str], anomalies: list[str]
) -> None:
    ledgers = trace_of(script_of(sequence)).ledgers
    assert [(item.state, exchanges_of(item), told(item)) for item in ledgers] == (
        [] if state is None else [(state, exchanges, anomalies)]
    )


@pytest.mark.parametrize(
    "sequence",
    [
        pytest.param("INV+ rel+ PR- 2PR- 1xx+ 2+ ACK-", id="answer again"),
        pytest.param("INV- rel+ PR+ 2PR- 1xx+ 2+ ACK-", id="offer of a reliable response again"),
        pytest.param("INV- rel+ 1xx+ PR+ 2PR- 2- ACK-", id="offer again before its answer"),
        pytest.param("INV+ rel+ PR- 2PR- UP+@V=c 2UP+ 2+=c ACK-", id="offer of the callee's UPDATE again"),
        pytest.param("INV+ rel+ PR- 2PR- UP+@U=c 2UP+=d 2+=d ACK-", id="answer to the caller's UPDATE again"),
        pytest.param("INV+ rel+ PR+=c 2+ 2PR+ ACK-", id="answer again while a PRACK offers"),
        pytest.param("INV+ rel+ PR- 2PR- UP+@U=c 1xx+ 2UP+ 2- ACK-", id="answer again while an UPDATE offers"),
        pytest.param("INV+ 2+ ACK- INV- rel+=b PR+ 2PR- 2+=b ACK-", id="offer again in a re-INVITE"),
        pytest.param("INV- rel+ PR+ xPR PR+ 2PR- 2- ACK-", id="answer again after a refused PRACK"),
        pytest.param("INV- 2+ ACK+ ACK+", id="ACK again under another branch"),
        pytest.param("INV+ 2+ ACK- BYE INV+@V x", id="re-INVITE that crosses the BYE"),
        pytest.param("INV+ rel+ PR+ 2PR+ UP+@U 2UP+ UP+@V 2UP+ 2- ACK- INV+ 2+ ACK-", id="all carriers in turn"),
    ],
)
def test_repetition_and_crossing_are_no_fault(trace_of: TraceOf, sequence: str) -> None:
    found = told(ledger_of(trace_of(script_of(sequence))))
    assert [code for code in found if code != "PRK-009"] == []


def test_said_again_is_kept_as_a_repeat_of_the_answer(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(script_of("INV+ rel+ PR- 2PR- 1xx+ 2+ ACK-"))).exchanges
    assert [message.frames for message in exchange.repeats] == [(5,), (6,)]


def test_offer_said_again_is_no_repeated_answer(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(script_of("INV- rel+ PR+ 2PR- 2+ ACK-"))).exchanges
    assert exchange.repeats == ()


@pytest.mark.parametrize(
    ("sequence", "state", "last"),
    [
        ("INV+ rel+ PR+ 2- ACK- 2PR+", S.STABLE, "caller PRACK/200 answered"),
        ("INV+ rel+ PR+ 2- ACK- 2PR-", S.STABLE, "caller PRACK/200 broken"),
        ("INV+ rel+ PR+ 2- ACK- xPR", S.STABLE, "caller PRACK/200 rejected"),
        ("INV+ rel+ PR+ 2- ACK- 2PR+ INV+ 2+", S.STABLE, "caller re-INVITE/200 answered"),
        ("INV- rel+ 2- ACK- PR+ 2PR-", S.STABLE, "callee 183/PRACK answered"),
        ("INV- rel+ 2- ACK- PR- 2PR-", S.BROKEN, "callee 183/PRACK broken"),
        ("INV- rel+ 2- ACK- PR+ 2PR- INV+ 2+", S.STABLE, "caller re-INVITE/200 answered"),
    ],
)
def test_prack_exchange_ends_in_a_stable_call_although_the_success_overtook_it(
    trace_of: TraceOf, sequence: str, state: S, last: str
) -> None:
    ledger = ledger_of(trace_of(script_of(sequence)))
    assert (ledger.state, exchanges_of(ledger)[-1]) == (state, last)


@pytest.mark.parametrize(
    ("sequence", "anomalies"),
    [
        pytest.param("INV- rel+ 2- PR+ 2PR- ACK-", ["PRK-009"], id="offer still without PRACK"),
        pytest.param("INV- rel+ 2+=z PR+ 2PR- ACK-", ["PRK-009", "OA-028"], id="and another offer in the 200"),
        pytest.param("INV+ rel- 2+ PR- 2PR- ACK-", [], id="a reliable response without SDP may wait"),
    ],
)
def test_success_before_the_prack_is_told_when_the_response_had_sdp(
    trace_of: TraceOf, sequence: str, anomalies: list[str]
) -> None:
    assert told(ledger_of(trace_of(script_of(sequence)))) == anomalies


@pytest.mark.parametrize(
    ("sequence", "anomalies"),
    [
        pytest.param("INV+ 2+ ACK- INV+@U INV+@U", ["OA-020"], id="same party, offer unanswered"),
        pytest.param("INV+ 2+ ACK- INV+@U INV+@V", ["OA-021"], id="both parties at once"),
        pytest.param("INV+ 2+ ACK- INV-@U INV-@V", [], id="both at once without any offer"),
        pytest.param("INV+ rel+ PR- 2PR- INV+@V", ["OA-021"], id="callee before the call is answered"),
        pytest.param("INV+ rel+ PR- 2PR- INV+@U", ["OA-022"], id="caller again before the call is answered"),
    ],
)
def test_invite_during_another_is_told_by_who_sent_it(trace_of: TraceOf, sequence: str, anomalies: list[str]) -> None:
    assert told(ledger_of(trace_of(script_of(sequence)))) == anomalies


@pytest.mark.parametrize(
    ("sequence", "reinvites"),
    [
        ("INV+@U=c INV+@V=d 2+@V=e", ["caller re-INVITE/200 pending", "callee re-INVITE/200 answered"]),
        ("INV+@U=c INV+@V=d 2+@V=e ACK- 2+@U=f", ["caller re-INVITE/200 answered", "callee re-INVITE/200 answered"]),
        ("INV+@U=c INV+@V=d 2+@V=e ACK- x@U", ["caller re-INVITE/200 rejected", "callee re-INVITE/200 answered"]),
        (
            "INV+@U=c INV+@V=d rel+@V=e 2-@V x@U",
            ["caller re-INVITE/200 rejected", "callee re-INVITE/183-PRACK answered"],
        ),
    ],
)
def test_invite_that_overlapped_and_was_accepted_is_an_exchange(
    trace_of: TraceOf, sequence: str, reinvites: list[str]
) -> None:
    ledger = ledger_of(trace_of(script_of(f"INV+ 2+ ACK- {sequence}")))
    assert exchanges_of(ledger) == [INITIAL, *reinvites]


def test_exchanges_of_a_sender_that_does_not_wait_stand_in_the_order_of_their_offers(trace_of: TraceOf) -> None:
    def offered(at: float, port: int) -> str:
        return f"{at} alice -> bob INVITE branch=z9hG4bK{port}\n  m=audio {port} RTP/AVP 0\n"

    def answered(at: float, port: int, cseq: int) -> str:
        head = f"{via(f'z9hG4bK{port}')}  CSeq: {cseq} INVITE\n"
        return f"{at} bob -> alice 200\n{head}  m=audio {port + 1000} RTP/AVP 0\n"

    trace = trace_of(
        script_of("INV+ 2+ ACK-")
        + offered(1.0, 4010)
        + offered(1.1, 4020)
        + answered(1.2, 4010, 2)
        + offered(1.3, 4030)
        + answered(1.4, 4020, 3)
        + answered(1.5, 4030, 4)
    )
    ports = [(e.number, e.offer.media[0].port, e.answer and e.answer.media[0].port) for e in ledger_of(trace).exchanges]
    assert ports == [(1, 4000, 5000), (2, 4010, 5010), (3, 4020, 5020), (4, 4030, 5030)]


def via(branch: str) -> str:
    """Header lines that make a response one to the request of that branch."""
    return f"  Via:\n  Via: SIP/2.0/UDP 192.0.2.10:5060;branch={branch}\n"


def test_invite_that_spirals_through_one_host_is_one_offer(trace_of: TraceOf) -> None:
    answer = "  m=audio 5000 RTP/AVP 0\n"
    trace = trace_of(
        PARTIES + "0.00 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n"
        "0.01 alice -> bob INVITE new cseq=1 branch=z9hG4bKother\n  m=audio 4000 RTP/AVP 0\n"
        f"0.20 bob -> alice 183 rseq=1\n{via('z9hG4bKother')}{answer}"
        f"0.21 bob -> alice 183 rseq=1\n{via('z9hG4bK0001')}{answer}"
        f"0.30 alice -> bob PRACK\n0.31 bob -> alice 200 PRACK\n"
        f"0.40 bob -> alice 200 INVITE\n{via('z9hG4bKother')}0.41 bob -> alice 200 INVITE\n{via('z9hG4bK0001')}"
    )
    found = ledger_of(trace)
    assert (exchanges_of(found), told(found)) == (["caller INVITE/183-PRACK answered"], [])


def test_update_that_spirals_through_one_host_is_one_offer(trace_of: TraceOf) -> None:
    update = "alice -> bob UPDATE cseq=2 branch=z9hG4bK"
    trace = trace_of(
        script_of("INV+ 2+ ACK-") + f"1.00 {update}one\n  m=audio 4002 RTP/AVP 0\n"
        f"1.01 {update}two\n  m=audio 4002 RTP/AVP 0\n"
        f"1.10 bob -> alice 200 UPDATE\n{via('z9hG4bKtwo')}  m=audio 5002 RTP/AVP 0\n"
        f"1.11 bob -> alice 200 UPDATE\n{via('z9hG4bKone')}  m=audio 5002 RTP/AVP 0\n"
    )
    found = ledger_of(trace)
    assert (exchanges_of(found), told(found)) == ([INITIAL, "caller UPDATE/200 answered"], [])


def test_both_refused_after_glare_leave_the_call_stable(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- INV+@U INV+@V x@V x@U INV+@U 2+@U ACK-")))
    refused = ["caller re-INVITE/200 rejected", "callee re-INVITE/200 rejected"]
    assert (ledger.state, exchanges_of(ledger)) == (S.STABLE, [INITIAL, *refused, "caller re-INVITE/200 answered"])


@pytest.mark.parametrize(
    "sequence",
    ["INV+@U=c INV+@V=d x@V 2+@U=e ACK@U", "UP+@U=c UP+@V=d xUP@V 2UP+@U=e", "UP+@U=c UP+@V=d 2UP+@U=e xUP@V"],
)
def test_crossing_offer_that_was_refused_is_an_exchange_that_changes_nothing(trace_of: TraceOf, sequence: str) -> None:
    ledger = ledger_of(trace_of(script_of(f"INV+ 2+ ACK- {sequence}")))
    _, accepted, refused = ledger.exchanges
    assert (accepted.outcome, refused.outcome, refused.answer) == ("answered", "rejected", None)
    # The callee's port before was 5000, what it offers in vain is 8 above; then it answers with 10 above.
    assert [item.media[0].port for item in (refused.previous_offerer, refused.offer) if item] == [5000, 5008]
    finally_ = {item.side: item.media.port for item in ledger.in_force if item.until is None}
    assert finally_ == {"caller": 4006, "callee": 5010}


def test_refused_offer_is_in_force_until_its_refusal(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- UP+@U=c UP+@V=d xUP@V 2UP+@U=e")))
    (item,) = (item for item in ledger.in_force if item.media.port == 5008)
    assert item.until == ledger.exchanges[2].answer_message.at  # type: ignore[union-attr]


def test_branch_of_an_invite_that_was_refused_is_no_exchange(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0.00 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n"
        "0.01 alice -> bob INVITE new cseq=1 branch=z9hG4bKother\n  m=audio 4000 RTP/AVP 0\n"
        f"0.10 bob -> alice 486 tag=b1\n{via('z9hG4bKother')}"
        f"0.20 bob -> alice 200 INVITE tag=b1\n{via('z9hG4bK0001')}  m=audio 5000 RTP/AVP 0\n"
    )
    assert [item.outcome for ledger in trace.ledgers for item in ledger.exchanges] == ["answered"]


def test_answer_to_a_crossing_update_does_not_answer_the_other(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- UP+@U=c UP+@V=d 2UP+@V=e 2UP+@U=f")))
    ports = [(item.offer.media[0].port, item.answer and item.answer.media[0].port) for item in ledger.exchanges]
    # c, d, e, f are 6, 8, 10 and 12 above the party's own port.
    assert ports == [(4000, 5000), (4006, 5012), (5008, 4010)]


def test_refused_crossing_update_leaves_the_other_pending(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- UP+@U UP+@V xUP@V")))
    outcomes = ["caller UPDATE/200 pending", "callee UPDATE/200 rejected"]
    assert (ledger.state, exchanges_of(ledger)[1:]) == (S.UPDATE_CALLER, outcomes)


@pytest.mark.parametrize(
    ("sequence", "outcomes"),
    [
        pytest.param("INV+ 1xx- 2+! ACK- INV+ 2+ ACK-", ["unknown", "answered"], id="success not captured"),
        pytest.param("INV+ 1xx- 2+! ACK- UP+@V 2UP+", ["unknown", "answered"], id="success not captured, then UPDATE"),
        pytest.param("INV+ 1xx- 2+ ACK-! INV+ 2+ ACK-", ["answered", "answered"], id="ACK not captured"),
        pytest.param("INV+ rel+ PR- 2PR- 2-! ACK- INV+ 2+", ["answered", "answered"], id="success without SDP missing"),
        pytest.param("INV-! 1xx- 2+ ACK+", [], id="begins after the INVITE: the ACK holds an answer to nothing seen"),
        pytest.param("INV-! 2+! ACK+ UP+@V 2UP+", ["answered"], id="begins with the ACK"),
        pytest.param("INV+! 2+! ACK-! INV+@V 2+ ACK-", ["answered"], id="begins with a re-INVITE"),
    ],
)
def test_messages_missing_from_the_capture_accuse_nobody(trace_of: TraceOf, sequence: str, outcomes: list[str]) -> None:
    ledger = ledger_of(trace_of(script_of(sequence)))
    assert ([str(item.outcome) for item in ledger.exchanges], told(ledger)) == (outcomes, [])


def test_history_before_an_unseen_answer_is_not_compared_with(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- INV+=c 1xx- 2+! ACK- INV+=d 2+ ACK-")))
    assert [item.previous_offerer is None for item in ledger.exchanges] == [True, False, True]


def test_previous_descriptions_are_those_of_the_last_completed_exchange(trace_of: TraceOf) -> None:
    last = ledger_of(trace_of(script_of("INV+ 2+ ACK- INV+=c x UP+@V=d 2UP+=e"))).exchanges[-1]
    before = (last.previous_offerer, last.previous_answerer)
    assert [item and item.media[0].port for item in before] == [5000, 4000]


def test_only_the_first_exchange_of_a_dialog_is_initial(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- INV+ 2+ ACK-")))
    assert [item.is_initial for item in ledger.exchanges] == [True, False]


def test_exchange_of_a_capture_that_begins_late_has_no_history(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(script_of("INV+! 2+! ACK-! INV+ 2+ ACK-"))).exchanges
    assert (exchange.history_complete, exchange.is_initial) == (False, False)


def test_faults_of_a_delayed_offer_are_not_charged_to_the_exchange_before(trace_of: TraceOf) -> None:
    ledger = ledger_of(trace_of(script_of("INV+ 2+ ACK- INV- rel- PR- 2PR- 2+ ACK+")))
    assert [item.code for item in ledger.anomalies] == ["OA-018"]


def test_anomaly_names_the_messages_that_make_it(trace_of: TraceOf) -> None:
    trace = trace_of(script_of("INV+ rel+ PR- 2PR- 2+=z ACK-"))
    ((anomaly,),) = [item.anomalies for item in ledger_of(trace).exchanges]
    assert [trace.index.messages[name].frames for name in anomaly.message_ids] == [(2,), (5,)]


FORKED = """alice 192.0.2.10
proxy 192.0.2.1 proxy
bob   192.0.2.20
0.0   alice -> proxy INVITE
      m=audio 4000 RTP/AVP 0
0.1   proxy -> alice 183 tag=one
      m=audio 5000 RTP/AVP 0
0.2   proxy -> alice 183 tag=two
      m=audio 6000 RTP/AVP 0
0.3   proxy -> alice 200 tag=two
      m=audio 6000 RTP/AVP 0
0.4   alice -> proxy ACK
"""


def test_each_fork_has_a_ledger_and_a_preview_of_its_own(trace_of: TraceOf) -> None:
    previews = [item.exchanges[0].preview for item in trace_of(FORKED).ledgers]
    assert [item and item.media[0].port for item in previews] == [5000, 6000]


def test_previews_of_two_forks_are_not_compared(trace_of: TraceOf) -> None:
    assert [told(item) for item in trace_of(FORKED).ledgers] == [[], []]


def test_success_answers_the_fork_of_its_tag_only(trace_of: TraceOf) -> None:
    assert [item.exchanges[0].answer is None for item in trace_of(FORKED).ledgers] == [True, False]


def test_each_hop_of_a_proxy_has_a_ledger_of_its_own(trace_of: TraceOf) -> None:
    trace = trace_of(
        "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
        "0.00 alice -> proxy INVITE to=bob\n  m=audio 4000 RTP/AVP 0\n0.01 proxy -> bob INVITE\n"
        "0.10 bob -> proxy 200\n  m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
        "0.20 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    )
    assert [(item.leg_id, exchanges_of(item)) for item in trace.ledgers] == [("l1", [INITIAL]), ("l2", [INITIAL])]


def test_exchanges_are_numbered_by_time_over_all_ledgers(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "carol 192.0.2.30\n"
        "0.0 alice -> bob   INVITE call=1\n  m=audio 4000 RTP/AVP 0\n"
        "0.1 carol -> bob   INVITE call=2\n  m=audio 4100 RTP/AVP 0\n"
        "0.2 bob   -> carol 200 call=2\n  m=audio 5100 RTP/AVP 0\n"
        "0.3 bob   -> alice 200 call=1\n  m=audio 5000 RTP/AVP 0\n"
        "0.4 alice -> bob   ACK call=1\n0.5 carol -> bob ACK call=2\n"
        "1.0 alice -> bob   INVITE call=1\n  m=audio 4002 RTP/AVP 0\n1.1 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n"
    )
    assert [[item.id for item in ledger.exchanges] for ledger in trace.ledgers] == [["e1", "e3"], ["e2"]]


def test_description_of_another_disposition_is_neither_offer_nor_answer(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n"
        "0.1 bob -> alice 183\n  Content-Disposition: early-session\n  m=audio 5002 RTP/AVP 0\n"
        "0.2 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n0.3 alice -> bob ACK\n"
    )
    (exchange,) = ledger_of(trace).exchanges
    assert (exchange.preview, told(ledger_of(trace))) == (None, [])


def test_body_of_a_refusal_is_no_answer(trace_of: TraceOf) -> None:
    trace = trace_of(script_of("INV+ 2+ ACK- INV+ x") + "      m=audio 0 RTP/AVP 8\n")
    assert ledger_of(trace).exchanges[-1].answer is None


def test_subscription_has_no_ledger(trace_of: TraceOf) -> None:
    assert trace_of(PARTIES + "0 alice -> bob SUBSCRIBE\n  Event: presence\n0.1 bob -> alice 200\n").ledgers == ()


TWO_STREAMS = (
    PARTIES + "0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0 8\n  m=video 4002 RTP/AVP 34\n"
    "0.1 bob -> alice 200\n  m=audio 5000 RTP/AVP 8 0\n  a=recvonly\n  m=video 0 RTP/AVP 34\n0.2 alice -> bob ACK\n"
)


def test_position_is_accepted_unless_a_port_is_zero(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(TWO_STREAMS)).exchanges
    assert [item.is_accepted for item in exchange.media] == [True, False]


def test_common_formats_stand_in_the_order_of_the_answer(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(TWO_STREAMS)).exchanges
    assert [str(item) for item in exchange.media[0].formats] == ["PCMA/8000", "PCMU/8000"]


def test_direction_of_a_position_is_what_the_offerer_may_do(trace_of: TraceOf) -> None:
    (exchange,) = ledger_of(trace_of(TWO_STREAMS)).exchanges
    assert [item.direction for item in exchange.media] == ["sendonly", "inactive"]


def test_position_that_only_the_answer_has_is_kept(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0.0 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0\n"
        "0.1 bob -> alice 200\n  m=audio 5000 RTP/AVP 0\n  m=video 5002 RTP/AVP 34\n0.2 alice -> bob ACK\n"
    )
    assert ledger_of(trace).exchanges[0].media[1].offer is None
