"""JUnit XML against a schema, and as GitLab and Jenkins read it."""

from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from sipscope.render.junit import junit_pieces
from sipscope.views.audit import AuditCapture, AuditExpectation
from tests.render.audits import FINDING, HOSTILE, KNOWN, REMARK, UNSURE, capture_with

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit.xsd"))
UNREAD = AuditCapture(name="letter.pcap", status="unreadable", error="in no format that is known")


def document_of(*captures: AuditCapture) -> etree._Element:
    """The document, which the schema takes."""
    root = etree.fromstring("".join(junit_pieces(captures)).encode())
    SCHEMA.assertValid(root)
    return root


@pytest.mark.parametrize(
    "captures",
    [
        (),
        (capture_with(),),
        (capture_with(FINDING, REMARK), UNREAD),
        (capture_with(HOSTILE),),
        (capture_with(HOSTILE, call=None),),
    ],
    ids=["nothing", "quiet", "found-and-unread", "hostile-call", "hostile-capture"],
)
def test_a_document_follows_the_schema(captures: tuple[AuditCapture, ...]):
    assert len(document_of(*captures)) == len(captures)


def test_the_schema_refuses_what_is_wrong():
    root = document_of(capture_with(FINDING))
    root[0].set("failures", "many")
    assert not SCHEMA.validate(root)


def test_a_call_is_a_case_and_so_is_what_speaks_of_no_call():
    names = [case.get("name") for case in document_of(capture_with(FINDING)).iter("testcase")]
    assert names == ["capture", "call 3: sip:alice@example.com → sip:bob@example.com"]


def test_a_suite_counts_its_failures():
    (suite,) = document_of(capture_with(FINDING, FINDING))
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")


def test_a_failure_names_the_first_error_and_tells_all():
    second = replace(FINDING, rule="TXN-004", name="ack-missing-2xx")
    (failure,) = document_of(capture_with(FINDING, second)).iter("failure")
    assert failure.get("type") == "OA-003"
    assert failure.get("message") == (
        "OA-003 media-section-dropped: The offer drops the video line. (and 1 error more)"
    )
    assert "TXN-004 ack-missing-2xx (error, certain)" in failure.text


def test_a_failure_tells_frames_clause_advice_and_command():
    (failure,) = document_of(capture_with(FINDING)).iter("failure")
    assert failure.text.splitlines()[2:] == [
        "Frames: 7, 9",
        "Standards: RFC 3264 §8",
        "Try: Keep every line.",
        "sipscope show 'night/trunk 1.pcap' --call 3",
    ]


@pytest.mark.parametrize("finding", [REMARK, UNSURE, KNOWN], ids=["remark", "only-possible", "suppressed"])
def test_what_is_no_sure_error_fails_nothing_but_is_told(finding):
    root = document_of(capture_with(finding))
    assert not list(root.iter("failure"))
    assert finding.text in root.findall(".//system-out")[-1].text


def test_an_error_of_no_call_fails_the_case_of_the_capture():
    root = document_of(capture_with(FINDING, call=None))
    assert [case.get("name") for case in root.iter("testcase") if case.find("failure") is not None] == ["capture"]


def test_a_capture_that_was_not_read_is_an_error():
    (suite,) = document_of(UNREAD)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("1", "0", "1")
    (error,) = suite.iter("error")
    assert (error.get("type"), error.get("message")) == ("unreadable", "in no format that is known")


def test_what_a_capture_holds_stays_text():
    root = document_of(capture_with(HOSTILE))
    assert not list(root.iter("script"))
    assert "<script>alert(1)</script>" in root.find(".//failure").text


def test_the_reason_of_a_suppression_is_told():
    assert (
        "Suppressed: Carrier B plays no ringback" in document_of(capture_with(KNOWN)).findall(".//system-out")[-1].text
    )


def test_an_expectation_is_a_case():
    expectations = (
        AuditExpectation(number=1, name="a call is answered"),
        AuditExpectation(number=2, name="speech is good", failures=("mos is 3.2", "loss is 4 %")),
    )
    (suite,) = document_of(replace(capture_with(), expectations=expectations))
    assert (suite.get("tests"), suite.get("failures")) == ("4", "1")
    told = [(case.get("name"), case.find("failure") is not None) for case in suite[2:]]
    assert told == [("expectation 1: a call is answered", False), ("expectation 2: speech is good", True)]
    assert suite.find(".//failure").get("message") == "mos is 3.2; loss is 4 %"


def test_a_copy_of_another_capture_says_so():
    (output,) = document_of(AuditCapture(name="b.pcap", status="duplicate", same_as="a.pcap")).iter("system-out")
    assert output.text == "The same bytes as a.pcap, which counts for both."


def test_parties_of_a_call_stay_text():
    (call,) = capture_with().calls
    root = document_of(replace(capture_with(), calls=(replace(call, caller='<b>"\x1b', callee=None),)))
    assert root.findall(".//testcase")[-1].get("name") == 'call 3: <b>"\\x1b → unknown'
