"""A dialog is Call-ID and both tags; a leg is a dialog on one hop (RFC 3261 §12)."""

from collections.abc import Callable

import pytest

from sipscope.model.dialog import DialogState, ReleaseKind, Side
from sipscope.model.trace import Trace

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\nproxy 192.0.2.1 proxy record-route\n"

TraceOf = Callable[[str], Trace]


def test_answered_call_is_one_confirmed_dialog(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 180\n0.2 bob -> alice 200\n0.3 alice -> bob ACK\n"
    )
    (dialog,) = trace.dialogs
    assert dialog.state is DialogState.CONFIRMED
    assert dialog.early_at is not None
    assert dialog.caller.tag == "alice-1"


def test_bye_ends_the_dialog_and_tells_who_released_it(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE\n0.2 bob -> alice 200\n0.3 alice -> bob ACK\n5 bob -> alice BYE\n"
        + "5.1 alice -> bob 200\n"
    )
    (dialog,) = trace.dialogs
    assert dialog.state is DialogState.TERMINATED
    assert dialog.released_by is Side.CALLEE


def test_two_to_tags_make_two_dialogs_that_know_each_other(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE\n0.1 bob -> alice 180 tag=one\n0.2 bob -> alice 180 tag=two\n"
        + "0.3 bob -> alice 200 tag=two\n"
    )
    assert [dialog.key.callee_tag for dialog in trace.dialogs] == ["one", "two"]
    assert trace.dialogs[0].forked_with == (trace.dialogs[1].id,)


def test_proxy_adds_a_leg_and_no_dialog(trace_of: TraceOf) -> None:
    trace = trace_of(
        PROXIED
        + "0 alice -> proxy INVITE to=bob\n0.1 proxy -> bob INVITE\n0.2 bob -> proxy 200\n0.3 proxy -> alice 200\n"
        + "0.4 alice -> proxy ACK\n0.5 proxy -> bob ACK\n"
    )
    (dialog,) = trace.dialogs
    assert [(leg.caller_node, leg.callee_node) for leg in dialog.legs] == [
        ("192.0.2.10", "192.0.2.1"),
        ("192.0.2.1", "192.0.2.20"),
    ]


def test_direct_ack_behind_a_proxy_is_a_leg_of_its_own(trace_of: TraceOf) -> None:
    trace = trace_of(
        PROXIED.replace(" record-route", "")
        + "0 alice -> proxy INVITE to=bob\n0.1 proxy -> bob INVITE\n0.2 bob -> proxy 200\n0.3 proxy -> alice 200\n"
        + "0.4 alice -> bob ACK\n"
    )
    (dialog,) = trace.dialogs
    assert len(dialog.legs) == 3
    assert dialog.legs[2].caller_node == "192.0.2.10"


def test_refused_invite_makes_no_dialog(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 486\n0.2 alice -> bob ACK\n")
    assert trace.dialogs == ()


def test_failure_after_ringing_ends_the_early_dialog(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 180\n9 bob -> alice 486\n9.1 alice -> bob ACK\n"
    )
    (dialog,) = trace.dialogs
    assert dialog.state is DialogState.TERMINATED
    assert dialog.confirmed_at is None


def test_capture_that_starts_in_a_call_says_so(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + "5 bob -> alice BYE to-tag=a from-tag=b\n5.1 alice -> bob 200\n")
    (dialog,) = trace.dialogs
    assert not dialog.started_in_capture


def test_request_of_the_callee_belongs_to_the_same_dialog(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES
        + "0 alice -> bob INVITE\n0.2 bob -> alice 200\n0.3 alice -> bob ACK\n2 bob -> alice INVITE\n"
        + "2.1 alice -> bob 200\n2.2 bob -> alice ACK\n"
    )
    (dialog,) = trace.dialogs
    assert [item.method for item in dialog.transactions] == ["INVITE", "ACK", "INVITE", "ACK"]


def test_frame_captured_twice_changes_nothing(trace_of: TraceOf) -> None:
    script = PARTIES + "0 alice -> bob INVITE ip-id=7\n0.001 alice -> bob INVITE again ip-id=7\n0.1 bob -> alice 200\n"
    trace = trace_of(script)
    assert trace.message_copies == 1
    assert len(trace.messages) == 2
    assert trace.transactions[0].copies == 0


TIMED = "0 alice -> bob INVITE\n0.1 bob -> alice 200\n      Session-Expires: 90;refresher=uac\n0.2 alice -> bob ACK\n"
ANSWERED = "0 alice -> bob INVITE\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n"
RINGING = "0 alice -> bob INVITE\n0.1 bob -> alice 180\n"
RELEASES = {
    "BYE of the callee": (ANSWERED + "5 bob -> alice BYE\n5.1 alice -> bob 200\n", Side.CALLEE, ReleaseKind.BYE),
    "nobody refreshed for 60 of 90 s": (TIMED + "60.1 bob -> alice BYE\n", Side.CALLEE, ReleaseKind.TIMER),
    "BYE long before the timer": (TIMED + "40 bob -> alice BYE\n", Side.CALLEE, ReleaseKind.BYE),
    "BYE of the refresher itself": (TIMED + "60.1 alice -> bob BYE\n", Side.CALLER, ReleaseKind.BYE),
    "CANCEL": (
        RINGING + "2 alice -> bob CANCEL\n2.1 bob -> alice 200 CANCEL\n2.2 bob -> alice 487 INVITE\n",
        Side.CALLER,
        ReleaseKind.CANCEL,
    ),
    "refusal": (RINGING + "2 bob -> alice 486\n2.1 alice -> bob ACK\n", Side.CALLEE, ReleaseKind.REFUSAL),
}


@pytest.mark.parametrize(("script", "side", "kind"), RELEASES.values(), ids=RELEASES.keys())
def test_release_tells_who_and_how(trace_of: TraceOf, script: str, side: Side, kind: ReleaseKind) -> None:
    release = trace_of(PARTIES + script).dialogs[0].release
    assert release is not None
    assert (release.by, release.kind) == (side, kind)


def test_release_tells_why(trace_of: TraceOf) -> None:
    script = ANSWERED + '5 bob -> alice BYE\n      Reason: Q.850;cause=16;text="Normal call clearing"\n'
    release = trace_of(PARTIES + script).dialogs[0].release
    assert release is not None
    assert release.reason is not None
    assert (release.reason.value, release.reason.parameters.get("cause")) == ("Q.850", "16")


def test_open_dialog_has_no_release(trace_of: TraceOf) -> None:
    assert trace_of(PARTIES + ANSWERED).dialogs[0].release is None


def test_ack_to_a_failure_makes_no_dialog_under_a_branch_of_its_own(trace_of: TraceOf) -> None:
    trace = trace_of(
        PARTIES + "0 alice -> bob INVITE\n0.1 bob -> alice 407 tag=f1\n0.2 alice -> bob ACK branch=z9hG4bKother\n"
    )
    assert trace.dialogs == ()
