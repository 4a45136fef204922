"""Offers, their answers and what became of them, message by message (RFC 3264, RFC 6337)."""

from collections.abc import Callable

import pytest

from sipscope.model.offer_answer import Ledger
from sipscope.model.offer_answer import MachineState as S
from sipscope.model.trace import Trace
from tests.signalling.offer_answer_sequences import script_of

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
