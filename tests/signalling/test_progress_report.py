"""What a NOTIFY of the refer event says (RFC 3515 §2.4.5, RFC 3420 §2)."""

from collections.abc import Callable

import pytest

from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport

TraceOf = Callable[[str], Trace]

REFER = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
0.1   bob -> alice  200
0.2   alice -> bob  ACK
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  202
2.2   bob -> alice  NOTIFY
      Event: refer
      Subscription-State: Active;expires=60
"""


def reported(trace_of: TraceOf, *lines: str) -> ProgressReport:
    trace = trace_of(REFER + "".join(f"      {line}\n" for line in lines) + "2.3 alice -> bob 200\n")
    (report,) = trace.transfers[0].reports
    return report


@pytest.mark.parametrize(
    ("lines", "status", "phrase"),
    [
        (["| SIP/2.0 100 Trying"], 100, "Trying"),
        (["| SIP/2.0 200 OK"], 200, "OK"),
        (["| SIP/2.0 603 Declined"], 603, "Declined"),
        (["| SIP/2.0 486 Busy Here", '| Warning: 399 carol "busy"'], 486, "Busy Here"),
        (["| SIP/2.0 699 Anything"], 699, "Anything"),
    ],
)
def test_status_line_is_read_whole(trace_of: TraceOf, lines: list[str], status: int, phrase: str) -> None:
    report = reported(trace_of, "Content-Type: message/sipfrag", *lines)
    assert (report.status, report.reason_phrase, report.problem) == (status, phrase, None)


@pytest.mark.parametrize(
    "content_type",
    [
        "message/sipfrag",
        "message/sipfrag;version=2.0",
        "message/sipfrag; version=2.0; charset=utf-8",
        "Message/SipFrag",
        "message/sipfrag;version=1.0",
    ],
)
def test_type_of_a_fragment_needs_no_version_and_has_no_case(trace_of: TraceOf, content_type: str) -> None:
    report = reported(trace_of, f"Content-Type: {content_type}", "| SIP/2.0 200 OK")
    assert (report.status, report.problem) == (200, None)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ([], "it has no body"),
        (["Content-Type: text/plain", "| 200 OK"], "its body is text/plain, not message/sipfrag"),
        (["| SIP/2.0 200 OK"], "its body is of no stated type, not message/sipfrag"),
        (["Content-Type: message/sip", "| SIP/2.0 200 OK"], "its body is message/sip, not message/sipfrag"),
        (
            ["Content-Type: message/sipfrag", "| INVITE sip:carol@192.0.2.30 SIP/2.0"],
            "its sipfrag begins with a request line",
        ),
        (["Content-Type: message/sipfrag", "| 200 OK"], "its sipfrag doesn't begin with a status line"),
        (["Content-Type: message/sipfrag", "| To: <sip:x@y>"], "its sipfrag doesn't begin with a status line"),
        (["Content-Type: message/sipfrag", "| SIP/2.0 99 Low"], "its sipfrag doesn't begin with a status line"),
        (["Content-Type: message/sipfrag", "| SIP/2.0 700 High"], "its sipfrag doesn't begin with a status line"),
        (["Content-Type: message/sipfrag", "| SIP/2.0 OK"], "its sipfrag doesn't begin with a status line"),
    ],
)
def test_body_without_status_tells_why(trace_of: TraceOf, lines: list[str], problem: str) -> None:
    report = reported(trace_of, *lines)
    assert (report.status, report.problem) == (None, problem)
    assert not report.is_final


def test_malformed_fragment_keeps_its_status(trace_of: TraceOf) -> None:
    report = reported(trace_of, "Content-Type: message/sipfrag", "| SIP/3.0 200 OK")
    assert report.status == 200
    assert report.problem is not None


def test_status_line_without_the_blank_behind_the_status_keeps_its_status(trace_of: TraceOf) -> None:
    # "Status-Line = SIP-Version SP Status-Code SP Reason-Phrase CRLF" (RFC 3261 §25.1).
    report = reported(trace_of, "Content-Type: message/sipfrag", "| SIP/2.0 200")
    assert report.status == 200
    assert report.problem == "its status line ends behind the status, without the blank that belongs there"


def test_empty_reason_phrase_behind_a_blank_is_complete(trace_of: TraceOf) -> None:
    # A blank at the end of a script's line is lost, so a tail of a length that cuts the body behind it stands in.
    report = reported(trace_of, "Content-Type: message/sipfrag", "Content-Length: 12", "| SIP/2.0 200 cut")
    assert (report.status, report.reason_phrase, report.problem) == (200, "", None)


def test_fragment_may_stand_in_one_part_of_several(trace_of: TraceOf) -> None:
    report = reported(
        trace_of,
        "Content-Type: multipart/mixed;boundary=cut",
        "| --cut",
        "| Content-Type: text/plain",
        "|",
        "| busy, sorry",
        "| --cut",
        "| Content-Type: message/sipfrag",
        "|",
        "| SIP/2.0 486 Busy Here",
        "| --cut--",
    )
    assert (report.status, report.problem) == (486, None)


def test_state_is_told_in_lower_case(trace_of: TraceOf) -> None:
    assert reported(trace_of, "Content-Type: message/sipfrag", "| SIP/2.0 100 Trying").state == "active"


@pytest.mark.parametrize(("status", "final"), [(100, False), (199, False), (200, True), (302, True), (603, True)])
def test_status_from_200_on_is_final(trace_of: TraceOf, status: int, final: bool) -> None:
    assert reported(trace_of, "Content-Type: message/sipfrag", f"| SIP/2.0 {status} X").is_final is final
