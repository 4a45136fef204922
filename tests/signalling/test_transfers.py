"""A REFER is followed to its end: what it triggered, what was told, what happened (RFC 3515, RFC 5589)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.dialog import Side
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferKind, TransferOutcome, TransferState
from sipscope.pipeline import reconstruct

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
CALL = """
0.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
"""
HOLD = """
1.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
      a=sendonly
1.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
      a=recvonly
1.2   alice -> bob  ACK
"""
REFER = """
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
"""
TRYING = """
2.2   bob -> alice  NOTIFY call=1 sipfrag=100
2.3   alice -> bob  200
"""
INVITE = """
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Referred-By: <sip:alice@192.0.2.10>
"""
ANSWER = """
2.5   carol -> bob  200 call=2
      m=audio 6000 RTP/AVP 0
2.6   bob -> carol  ACK call=2
"""
BUSY = """
2.5   carol -> bob  486 call=2
2.6   bob -> carol  ACK call=2
"""
TOLD_SUCCESS = """
2.7   bob -> alice  NOTIFY call=1 sipfrag=200
2.8   alice -> bob  200
"""
TOLD_FAILURE = """
2.7   bob -> alice  NOTIFY call=1 sipfrag=486
2.8   alice -> bob  200
"""
ALICE_LEAVES = """
3.0   alice -> bob  BYE call=1
3.1   bob -> alice  200
"""
RESUME = """
5.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
5.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
5.2   alice -> bob  ACK
"""
END = "40 end\n"
BLIND = PARTIES + CALL + HOLD + REFER + TRYING + INVITE + ANSWER + TOLD_SUCCESS


def only(trace: Trace) -> Transfer:
    (transfer,) = trace.transfers
    return transfer


def codes(transfer: Transfer) -> list[str]:
    return [anomaly.code for anomaly in transfer.anomalies]


# The scenarios of the catalogue.


def test_blind_transfer_succeeds_and_completes(trace_of: TraceOf) -> None:
    transfer = only(trace_of(BLIND + ALICE_LEAVES + END))
    assert (transfer.kind, transfer.outcome, transfer.state) == (
        TransferKind.BLIND,
        TransferOutcome.SUCCEEDED,
        TransferState.COMPLETE,
    )
    assert codes(transfer) == []


def test_missing_final_notify_is_an_anomaly_of_the_machine(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + HOLD + REFER + TRYING + INVITE + ANSWER + END))
    assert codes(transfer) == ["XFER-005"]


def test_failed_transfer_that_is_resumed_is_recovered(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + HOLD + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE + RESUME + END))
    assert (transfer.outcome, transfer.state) == (TransferOutcome.FAILED, TransferState.RECOVERED)
    assert codes(transfer) == []


def test_recovery_stays_a_recovery_when_the_call_ends_later(trace_of: TraceOf) -> None:
    flow = PARTIES + CALL + HOLD + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE + RESUME
    transfer = only(trace_of(flow + "30 alice -> bob BYE call=1\n30.1 bob -> alice 200\n"))
    assert transfer.state is TransferState.RECOVERED


def test_success_told_of_a_failure_is_a_contradiction(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + HOLD + REFER + TRYING + INVITE + BUSY + TOLD_SUCCESS + RESUME + END))
    assert codes(transfer) == ["XFER-009"]
    assert (transfer.reported_status, transfer.observed_status) == (200, 486)


def test_observed_result_outweighs_the_reported_one(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + REFER + TRYING + INVITE + BUSY + TOLD_SUCCESS))
    assert transfer.outcome is TransferOutcome.FAILED


def test_leaving_before_a_failure_orphans_the_transferee(trace_of: TraceOf) -> None:
    leaves = "2.2 alice -> bob BYE call=1\n2.3 bob -> alice 200\n"
    transfer = only(trace_of(PARTIES + CALL + REFER + leaves + INVITE + BUSY))
    assert (transfer.state, codes(transfer)) == (TransferState.ABANDONED, ["XFER-018"])


def test_leaving_before_the_refer_is_answered_orphans_no_less(trace_of: TraceOf) -> None:
    refer = "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n"
    leaves = "2.05 alice -> bob BYE call=1\n2.1 bob -> alice 202 REFER\n2.15 bob -> alice 200 BYE\n"
    transfer = only(trace_of(PARTIES + CALL + refer + leaves + INVITE + BUSY))
    assert codes(transfer) == ["XFER-018"]


def test_leaving_before_a_success_is_a_legal_style(trace_of: TraceOf) -> None:
    leaves = "2.2 alice -> bob BYE call=1\n2.3 bob -> alice 200\n"
    transfer = only(trace_of(PARTIES + CALL + REFER + leaves + INVITE + ANSWER))
    assert (transfer.state, codes(transfer)) == (TransferState.COMPLETE, [])


def test_leaving_with_the_target_out_of_view_decides_nothing(trace_of: TraceOf) -> None:
    leaves = "2.2 alice -> bob BYE call=1\n2.3 bob -> alice 200\n"
    transfer = only(trace_of(PARTIES + CALL + REFER + leaves))
    assert (transfer.state, transfer.outcome) == (TransferState.RELEASED, TransferOutcome.UNKNOWN)


ATTENDED = (
    PARTIES
    + CALL
    + HOLD
    + """
1.3   alice -> carol INVITE call=consult
      m=audio 4002 RTP/AVP 0
1.4   carol -> alice 200 tag=c9
      m=audio 6000 RTP/AVP 0
1.5   alice -> carol ACK
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30?Replaces=consult%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-consult>
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY call=1 sipfrag=100
2.3   alice -> bob  200
2.4   bob -> carol  INVITE call=2
      m=audio 5002 RTP/AVP 0
      Replaces: consult@192.0.2.10;to-tag=c9;from-tag=alice-consult
"""
)


def test_attended_transfer_knows_its_consultation(trace_of: TraceOf) -> None:
    release = "2.65 carol -> alice BYE call=consult\n2.68 alice -> carol 200\n"
    trace = trace_of(ATTENDED + ANSWER + release + TOLD_SUCCESS + ALICE_LEAVES + END)
    transfer = only(trace)
    consultation = next(dialog for dialog in trace.dialogs if dialog.key.call_id == "consult@192.0.2.10")
    assert transfer.kind is TransferKind.ATTENDED
    assert transfer.consultation_dialog_id == consultation.id
    assert (transfer.state, codes(transfer)) == (TransferState.COMPLETE, [])


def test_refused_replaces_fails_the_transfer(trace_of: TraceOf) -> None:
    refused = "2.5 carol -> bob 481 call=2\n2.6 bob -> carol ACK call=2\n"
    told = "2.7 bob -> alice NOTIFY call=1 sipfrag=481\n2.8 alice -> bob 200\n"
    transfer = only(trace_of(ATTENDED + refused + told + RESUME))
    assert (transfer.outcome, transfer.state) == (TransferOutcome.FAILED, TransferState.RECOVERED)


def test_notify_in_spite_of_a_refused_subscription_is_an_anomaly(trace_of: TraceOf) -> None:
    refer = """
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
      Refer-Sub: false
2.1   bob -> alice  202
      Refer-Sub: false
"""
    assert codes(only(trace_of(PARTIES + CALL + refer + TRYING))) == ["XFER-010"]


def test_refer_sub_of_the_request_alone_refuses_nothing(trace_of: TraceOf) -> None:
    refer = (
        "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n  Refer-Sub: false\n2.1 bob -> alice 202\n"
    )
    transfer = only(trace_of(PARTIES + CALL + refer + TRYING))
    assert (transfer.state, codes(transfer)) == (TransferState.ACTIVE, [])


# Traps.


def test_notify_before_the_2xx_counts(trace_of: TraceOf) -> None:
    early = """
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.05  bob -> alice  NOTIFY call=1 sipfrag=100
2.08  alice -> bob  200 NOTIFY
2.1   bob -> alice  202 REFER
"""
    transfer = only(trace_of(PARTIES + CALL + early + END))
    assert (transfer.state, codes(transfer)) == (TransferState.ACTIVE, [])


def test_timers_do_not_run_beyond_the_capture(trace_of: TraceOf) -> None:
    assert codes(only(trace_of(PARTIES + CALL + REFER + "6.0 end\n"))) == []


def test_first_notify_is_due_four_seconds_after_the_acceptance(trace_of: TraceOf) -> None:
    assert codes(only(trace_of(PARTIES + CALL + REFER + "6.2 end\n"))) == ["XFER-004"]


def test_failure_without_hold_asks_for_no_recovery(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE + END))
    assert codes(transfer) == []


def test_failure_on_hold_asks_for_recovery_within_15_s(trace_of: TraceOf) -> None:
    flow = PARTIES + CALL + HOLD + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE
    assert codes(only(trace_of(flow + END))) == ["XFER-017"]
    assert codes(only(trace_of(flow + "17 end\n"))) == []


def test_second_refer_is_an_act_of_recovery(trace_of: TraceOf) -> None:
    again = "6.0 alice -> bob REFER call=1\n  Refer-To: <sip:dave@192.0.2.40>\n6.1 bob -> alice 202\n"
    trace = trace_of(PARTIES + CALL + HOLD + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE + again + END)
    assert codes(trace.transfers[0]) == []


def test_refused_refer_is_a_failed_transfer(trace_of: TraceOf) -> None:
    refused = "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 603\n"
    transfer = only(trace_of(PARTIES + CALL + refused))
    assert (transfer.outcome, transfer.state) == (TransferOutcome.REFUSED, TransferState.REPORTED_FAILURE)


def test_unanswered_refer_is_refused_by_silence(trace_of: TraceOf) -> None:
    refer = "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n"
    transfer = only(trace_of(PARTIES + CALL + refer + END))
    assert (transfer.outcome, transfer.state) == (TransferOutcome.REFUSED, TransferState.REPORTED_FAILURE)


def test_unanswered_refer_at_the_end_of_the_capture_is_open(trace_of: TraceOf) -> None:
    refer = "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n"
    transfer = only(trace_of(PARTIES + CALL + refer + "20 end\n"))
    assert (transfer.outcome, transfer.state, codes(transfer)) == (TransferOutcome.UNKNOWN, TransferState.SENT, [])


def test_challenged_refer_and_its_retry_are_one_transfer(trace_of: TraceOf) -> None:
    challenged = """
1.8   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
1.9   bob -> alice  401
      WWW-Authenticate: Digest realm="r", nonce="n"
2.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
      Authorization: Digest username="alice", realm="r", nonce="n", uri="sip:bob@192.0.2.20", response="0"
2.1   bob -> alice  202
"""
    transfer = only(trace_of(PARTIES + CALL + challenged + TRYING + INVITE + ANSWER + TOLD_SUCCESS))
    assert transfer.refer.final_status == 202
    assert transfer.outcome is TransferOutcome.SUCCEEDED


def test_challenged_triggered_invite_counts_with_its_last_attempt(trace_of: TraceOf) -> None:
    challenged = """
2.4   bob -> carol  INVITE call=2
      Referred-By: <sip:alice@192.0.2.10>
2.42  carol -> bob  407 call=2
2.43  bob -> carol  ACK call=2
2.45  bob -> carol  INVITE call=2
      Referred-By: <sip:alice@192.0.2.10>
"""
    transfer = only(trace_of(PARTIES + CALL + REFER + TRYING + challenged + ANSWER + TOLD_SUCCESS))
    assert transfer.observed_status == 200


def test_failed_over_invite_counts_with_its_last_attempt(trace_of: TraceOf) -> None:
    failed_over = """
2.4   bob -> carol  INVITE call=2
      Referred-By: <sip:alice@192.0.2.10>
2.42  carol -> bob  503 call=2
2.43  bob -> carol  ACK call=2
2.45  bob -> carol  INVITE call=3 new
      Referred-By: <sip:alice@192.0.2.10>
2.5   carol -> bob  200 call=3
2.6   bob -> carol  ACK call=3
"""
    transfer = only(trace_of(PARTIES + CALL + REFER + TRYING + failed_over + TOLD_SUCCESS))
    assert (transfer.observed_status, codes(transfer)) == (200, [])


def test_later_call_to_the_target_is_no_attempt_of_a_transfer_that_ended(trace_of: TraceOf) -> None:
    redial = """
9.0   bob -> carol  INVITE call=3 new
9.1   carol -> bob  200 call=3
9.2   bob -> carol  ACK call=3
"""
    transfer = only(trace_of(PARTIES + CALL + REFER + TRYING + INVITE + BUSY + TOLD_FAILURE + redial))
    assert transfer.observed_status == 486


def test_two_refers_in_one_dialog_are_two_transfers_with_their_own_reports(trace_of: TraceOf) -> None:
    second = """
6.0   alice -> bob  REFER call=1 cseq=77
      Refer-To: <sip:dave@192.0.2.40>
6.1   bob -> alice  202
6.2   bob -> alice  NOTIFY call=1 sipfrag=200
      Event: refer;id=77
6.3   alice -> bob  200
"""
    trace = trace_of(PARTIES + CALL + REFER + TRYING + TOLD_FAILURE + second)
    assert [[report.status for report in transfer.reports] for transfer in trace.transfers] == [[100, 486], [200]]


def test_missing_id_of_the_second_refer_does_not_hide_its_report(trace_of: TraceOf) -> None:
    second = """
6.0   alice -> bob  REFER call=1 cseq=77
      Refer-To: <sip:dave@192.0.2.40>
6.1   bob -> alice  202
6.2   bob -> alice  NOTIFY call=1 sipfrag=200
6.3   alice -> bob  200
"""
    trace = trace_of(PARTIES + CALL + REFER + TRYING + TOLD_FAILURE + second)
    assert [[report.status for report in transfer.reports] for transfer in trace.transfers] == [[100, 486], [200]]


def test_transfer_through_a_proxy_is_one_transfer(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + """proxy 192.0.2.1 proxy record-route
0.0   alice -> proxy INVITE to=bob call=1
0.05  proxy -> bob  INVITE
0.1   bob -> proxy  200
0.15  proxy -> alice 200
0.2   alice -> proxy ACK
0.25  proxy -> bob  ACK
2.0   alice -> proxy REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.05  proxy -> bob  REFER
2.1   bob -> proxy  202
2.15  proxy -> alice 202
2.2   bob -> proxy  NOTIFY call=1 sipfrag=200
2.25  proxy -> alice NOTIFY
2.3   alice -> proxy 200
2.35  proxy -> bob  200
"""
    )
    transfer = only(trace)
    assert [report.status for report in transfer.reports] == [200]
    assert transfer.transferor_side is Side.CALLER


def test_transferee_may_be_the_caller(trace_of: TraceOf) -> None:
    refer = "2.0 bob -> alice REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 alice -> bob 202\n"
    transfer = only(trace_of(PARTIES + CALL + refer))
    assert transfer.transferor_side is Side.CALLEE


def test_resulting_dialog_is_the_one_of_the_triggered_call(trace_of: TraceOf) -> None:
    trace = trace_of(BLIND)
    resulting = next(dialog for dialog in trace.dialogs if dialog.key.call_id == "2@192.0.2.20")
    assert only(trace).resulting_dialog_id == resulting.id


@pytest.mark.parametrize(
    ("refer_to", "kind"),
    [
        ("<sip:carol@192.0.2.30>", TransferKind.BLIND),
        ("<sip:carol@192.0.2.30;method=INVITE>", TransferKind.BLIND),
        ("<sip:carol@192.0.2.30;method=BYE>", TransferKind.OTHER),
        ("<sip:carol@192.0.2.30;method=SUBSCRIBE?Event=dialog>", TransferKind.OTHER),
        ("<sip:room@192.0.2.30>;isfocus", TransferKind.CONFERENCE),
        ("<sip:carol@192.0.2.30?Replaces=x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2>", TransferKind.ATTENDED),
    ],
)
def test_kind_is_told_by_refer_to(trace_of: TraceOf, refer_to: str, kind: TransferKind) -> None:
    refer = f"2.0 alice -> bob REFER call=1\n  Refer-To: {refer_to}\n2.1 bob -> alice 202\n"
    assert only(trace_of(PARTIES + CALL + refer)).kind is kind


def test_transfer_to_a_target_that_still_rings_is_semi_attended(trace_of: TraceOf) -> None:
    ringing = """
1.3   alice -> carol INVITE call=consult
1.4   carol -> alice 180
1.6   alice -> carol CANCEL call=consult
1.7   carol -> alice 200 CANCEL
1.75  carol -> alice 487 INVITE call=consult
1.8   alice -> carol ACK call=consult
"""
    assert only(trace_of(PARTIES + CALL + ringing + REFER)).kind is TransferKind.SEMI_ATTENDED


def test_answered_consultation_without_replaces_is_still_blind(trace_of: TraceOf) -> None:
    consulted = """
1.3   alice -> carol INVITE call=consult
1.4   carol -> alice 200
1.5   alice -> carol ACK
1.6   alice -> carol BYE call=consult
1.7   carol -> alice 200
"""
    transfer = only(trace_of(PARTIES + CALL + consulted + REFER))
    assert transfer.kind is TransferKind.BLIND
    assert transfer.consultation_dialog_id is not None


def test_refer_outside_a_dialog_makes_a_transfer_of_its_own_kind(trace_of: TraceOf) -> None:
    refer = """
2.0   alice -> bob  REFER call=9
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY call=9 sipfrag=200
2.3   alice -> bob  200
"""
    transfer = only(trace_of(PARTIES + refer))
    assert transfer.kind is TransferKind.OUT_OF_DIALOG
    assert [report.status for report in transfer.reports] == [200]


def test_refer_of_a_real_capture_is_seen_refused_on_both_hops(shared: Path) -> None:
    trace = reconstruct(str(shared / "captures" / "sipcapture__heplify__erspan_sip_ipv4_udp.pcapng"))
    assert [(item.kind, item.outcome, item.refer.final_status) for item in trace.transfers] == [
        (TransferKind.ATTENDED, TransferOutcome.REFUSED, 488),
        (TransferKind.ATTENDED, TransferOutcome.REFUSED, 488),
    ]


def test_refer_without_refer_to_is_still_a_transfer(trace_of: TraceOf) -> None:
    transfer = only(trace_of(PARTIES + CALL + "2.0 alice -> bob REFER call=1\n2.1 bob -> alice 400\n"))
    assert (transfer.target, transfer.outcome) == (None, TransferOutcome.REFUSED)


def test_refer_for_another_method_triggers_no_invite(trace_of: TraceOf) -> None:
    script = (
        PARTIES + CALL + REFER.replace("192.0.2.30>", "192.0.2.30;method=BYE>") + TRYING + INVITE + BUSY + TOLD_SUCCESS
    )
    transfer = only(trace_of(script + END))
    assert (transfer.kind, transfer.triggered) == (TransferKind.OTHER, None)
    assert transfer.outcome is TransferOutcome.SUCCEEDED
