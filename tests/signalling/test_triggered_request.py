"""Which INVITE a REFER brought about is a matter of evidence, counted in points."""

from collections.abc import Callable

import pytest

from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.signalling.triggered_request import DIRECT, PROBABLE, series_of

TraceOf = Callable[[str], Trace]

REFERRED = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
pbx   192.0.2.5
0.0   alice -> bob  INVITE call=1
0.1   bob -> alice  200
0.2   alice -> bob  ACK
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
"""
REPLACING = REFERRED.replace(
    "<sip:carol@192.0.2.30>", "<sip:carol@192.0.2.30?Replaces=c%40x%3Bto-tag%3D9%3Bfrom-tag%3D1>"
)
OWN = "2.4 bob -> carol INVITE call=2\n"


def transfer_of(trace: Trace) -> Transfer:
    return trace.transfers[0]


# Address of Refer-To 30, transferee's address 25, transferee's From 15, within 5 s 10.
@pytest.mark.parametrize(
    ("script", "score"),
    [
        pytest.param(REFERRED + OWN, 80, id="plain"),
        pytest.param(REFERRED + OWN + "  Referred-By: <sip:alice@192.0.2.10>\n", 105, id="referred-by"),
        pytest.param(REFERRED + OWN + "  Referred-By: <sip:mallory@192.0.2.10>\n", 80, id="other-referrer"),
        pytest.param(REFERRED + OWN.replace("2.4", "8.0"), 70, id="later-than-5-s"),
        pytest.param(REFERRED + OWN + "  From: <sip:anonymous@anonymous.invalid>;tag=f\n", 65, id="anonymous"),
        pytest.param(REPLACING + OWN + "  Replaces: c@x;to-tag=9;from-tag=1\n", 125, id="replaces"),
        pytest.param(REPLACING + OWN + "  Replaces: c@x;to-tag=1;from-tag=9\n", 80, id="replaces-with-swapped-tags"),
        pytest.param(
            REFERRED + "2.4 bob -> carol INVITE call=2 uri=sip:carol@pbx.example\n  To: <sip:carol@pbx.example>\n",
            65,
            id="same-user-elsewhere",
        ),
        pytest.param(
            REFERRED + "2.4 bob -> carol INVITE call=2 uri=sip:dave@192.0.2.30\n  To: <sip:dave@192.0.2.30>\n",
            50,
            id="other-user",
        ),
    ],
)
def test_every_piece_of_evidence_has_its_points(trace_of: TraceOf, script: str, score: int) -> None:
    assert transfer_of(trace_of(script)).triggered_score == score


def test_evidence_is_told_in_words(trace_of: TraceOf) -> None:
    assert transfer_of(trace_of(REFERRED + OWN)).triggered_evidence == (
        "it is sent to the address of Refer-To",
        "it comes from the transferee's address",
        "its From is the transferee",
        "it left within 5 s of the acceptance",
    )


def test_invite_of_a_pbx_for_the_transferee_is_merely_probable(trace_of: TraceOf) -> None:
    pbx = "2.4 pbx -> carol INVITE call=2\n  From: <sip:bob@192.0.2.20>;tag=p\n"
    transfer = transfer_of(trace_of(REFERRED + pbx))
    assert transfer.triggered_score == 55
    assert PROBABLE <= transfer.triggered_score < DIRECT


@pytest.mark.parametrize(
    "stranger",
    [
        pytest.param("2.4 pbx -> carol INVITE call=2\n", id="somebody-elses-call-to-the-target"),
        pytest.param("2.4 bob -> pbx INVITE call=2\n  From: <sip:b@b.example>;tag=f\n", id="transferees-other-call"),
        pytest.param("1.5 bob -> carol INVITE call=2\n", id="call-from-before-the-refer"),
        pytest.param("33 bob -> carol INVITE call=2\n", id="call-30-s-after-the-acceptance"),
    ],
)
def test_unrelated_invite_is_not_taken_for_the_triggered_one(trace_of: TraceOf, stranger: str) -> None:
    assert transfer_of(trace_of(REFERRED + stranger)).triggered is None


def test_invite_just_before_the_refer_needs_more_than_an_address(trace_of: TraceOf) -> None:
    early = "1.9 bob -> carol INVITE call=2\n"
    assert transfer_of(trace_of(REFERRED + early)).triggered is None


def test_re_invite_is_no_triggered_request(trace_of: TraceOf) -> None:
    consulted = "2.4 bob -> alice INVITE call=1\n"
    assert transfer_of(trace_of(REFERRED.replace("carol@192.0.2.30", "alice@192.0.2.10") + consulted)).triggered is None


def test_refused_refer_triggers_nothing(trace_of: TraceOf) -> None:
    assert transfer_of(trace_of(REFERRED.replace("202", "603") + OWN)).triggered is None


def test_best_candidate_wins(trace_of: TraceOf) -> None:
    other = "2.3 bob -> pbx INVITE call=8\n"
    trace = trace_of(REFERRED + other + OWN)
    triggered = transfer_of(trace).triggered
    assert triggered is not None
    assert triggered.first.call_id == "2@192.0.2.20"


def test_earliest_of_equal_candidates_wins(trace_of: TraceOf) -> None:
    trace = trace_of(REFERRED + OWN + "2.6 bob -> carol INVITE call=3\n")
    triggered = transfer_of(trace).triggered
    assert triggered is not None
    assert triggered.first.call_id == "2@192.0.2.20"


def test_one_invite_serves_one_refer(trace_of: TraceOf) -> None:
    again = "2.5 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n2.6 bob -> alice 202\n"
    trace = trace_of(REFERRED + again + "2.7 bob -> carol INVITE call=2\n")
    assert [transfer.triggered is not None for transfer in trace.transfers] == [True, False]


def test_attempts_under_one_call_id_are_one_series(trace_of: TraceOf) -> None:
    challenged = OWN + "2.5 carol -> bob 407 call=2\n2.6 bob -> carol ACK call=2\n2.7 bob -> carol INVITE call=2\n"
    trace = trace_of(REFERRED + challenged)
    series = [item for item in series_of(trace.transactions) if item.first.first.call_id == "2@192.0.2.20"]
    assert [len(item.attempts) for item in series] == [2]
    assert series[0].last.started_at > series[0].first.started_at


def test_hops_of_one_attempt_count_with_the_first(trace_of: TraceOf) -> None:
    proxied = """
proxy 192.0.2.1 proxy
2.4   bob -> proxy   INVITE to=carol call=2
2.45  proxy -> carol INVITE
2.5   carol -> proxy 200
2.55  proxy -> bob   200
"""
    triggered = transfer_of(trace_of(REFERRED + proxied)).triggered
    assert triggered is not None
    assert triggered.hop.source.address == "192.0.2.20"


@pytest.mark.parametrize(
    ("at", "call_id"),
    [(2.6, "3@192.0.2.20"), (9.0, "2@192.0.2.20")],
    ids=["at-once-is-a-retry", "after-5-s-is-another-call"],
)
def test_fresh_call_id_after_a_failure_is_a_retry_if_prompt(trace_of: TraceOf, at: float, call_id: str) -> None:
    failed = OWN + "2.5 carol -> bob 503 call=2\n2.55 bob -> carol ACK call=2\n"
    triggered = transfer_of(trace_of(REFERRED + failed + f"{at} bob -> carol INVITE call=3 new\n")).triggered
    assert triggered is not None
    assert triggered.first.call_id == call_id
