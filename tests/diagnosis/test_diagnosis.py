"""One sentence for every call: how it went, its root cause, and what to try."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.diagnosis.conftest import Diagnose, finding

PARTIES = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
proxy 192.0.2.1 proxy
"""

RINGING = """
0.0  alice -> bob  INVITE
0.2  bob -> alice  180
"""

ANSWERED = (
    RINGING
    + """
3.0  bob -> alice  200
3.1  alice -> bob  ACK
"""
)

ENDED = ANSWERED + "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"

REFUSED = """
0.0  alice -> bob  INVITE
0.2  bob -> alice  {status}
     {header}
0.3  alice -> bob  ACK
"""

CANCELLED = """
4.0  alice -> bob  CANCEL
     {header}
4.1  bob -> alice  200
4.2  bob -> alice  487
4.3  alice -> bob  ACK
"""

GIVEN_UP = """
 0.0  alice -> proxy  INVITE
 0.1  proxy -> bob    INVITE
 0.2  bob -> proxy    180
 0.3  proxy -> alice  180
20.2  proxy -> alice  408
20.3  alice -> proxy  ACK
"""

REFERRED = """
4.0  bob -> alice    REFER
     Refer-To: <sip:carol@192.0.2.30>
4.1  alice -> bob    {status}
"""

SENTENCES = [
    ("answered, ended by the caller", ENDED, "Answered and lasted 6.0 s, ended by the caller."),
    ("ended by the callee", ANSWERED + "9 bob -> alice BYE\n9.1 alice -> bob 200\n",
     "Answered and lasted 6.0 s, ended by the callee."),
    ("longer than a minute", ANSWERED + "128.4 bob -> alice BYE\n128.5 alice -> bob 200\n",
     "Answered and lasted 2 min 5 s, ended by the callee."),
    ("still open", ANSWERED, "Answered; the capture doesn't show its end."),
    ("busy", REFUSED.format(status=486, header="Subject: x"), "Refused with 486: the callee is busy."),
    ("refused with a reason",
     REFUSED.format(status=503, header='Reason: Q.850;cause=34;text="No circuit available"'),
     "Refused with 503: the service is unavailable (Q.850 cause 34, No circuit available)."),
    ("refused with a reason without a cause", REFUSED.format(status=603, header='Reason: SIP;text="No thanks"'),
     "Refused with 603: the callee declined (SIP, No thanks)."),
    ("refused with a warning", REFUSED.format(status=488, header='Warning: 305 bob "Incompatible media format"'),
     "Refused with 488: the offer is not acceptable (Warning 305: Incompatible media format)."),
    ("challenged and given up",
     REFUSED.format(status=407, header='Proxy-Authenticate: Digest realm="x", nonce="n"') + "9 end\n",
     "Refused with 407: a proxy asks for credentials, and got none that it accepts."),
    ("unknown failure", REFUSED.format(status=499, header="Subject: x"),
     "Refused with 499: an uncommon status, to be read as 400 (the request was not understood)."),
    ("cancelled while ringing", RINGING + CANCELLED.format(header="Subject: x"),
     "Cancelled by the caller after 4.0 s of ringing."),
    ("cancelled before it rang",
     "0 alice -> bob INVITE\n0.1 bob -> alice 100\n" + CANCELLED.format(header="Subject: x"),
     "Cancelled by the caller after 4.2 s, before it rang."),
    ("cancelled with a reason",
     RINGING + CANCELLED.format(header='Reason: SIP;cause=200;text="Call completed elsewhere"'),
     "Cancelled by the caller after 4.0 s of ringing (SIP cause 200, Call completed elsewhere)."),
    ("cancelled out of view", RINGING + "4.2 bob -> alice 487\n4.3 alice -> bob ACK\n",
     "Cancelled after 4.0 s of ringing."),
    ("cancelled and no 487", RINGING + "4 alice -> bob CANCEL\n4.1 bob -> alice 200\n", "Cancelled by the caller."),
    ("cut off behind a redirection", REFUSED.format(status=302, header="Contact: <sip:carol@192.0.2.30>"),
     "Undecided: the capture ends 0.1 s behind the 302 Moved Temporarily, too soon to see another attempt."),
    ("redirected", REFUSED.format(status=302, header="Contact: <sip:carol@192.0.2.30>") + "9 end\n",
     "Redirected with 302 to sip:carol@192.0.2.30; no further attempt has this Call-ID."),
    ("redirected nowhere", REFUSED.format(status=302, header="Subject: x"),
     "Redirected with 302; no further attempt has this Call-ID."),
    ("silence", "0 alice -> bob INVITE\n40 end\n", "Not answered: no final response came."),
    ("timed out downstream", REFUSED.format(status=408, header="Subject: x"),
     "Not answered, 408: something downstream did not answer in time."),
    ("rang and was not answered", GIVEN_UP, "Rang for 20.0 s and was not answered (408)."),
    ("capture ends too early", RINGING + "5 end\n",
     "Undecided: the capture ends before the call was answered or refused."),
    ("capture begins and ends inside", "0 alice -> bob INFO cseq=9 to-tag=b1\n0.1 bob -> alice 200\n",
     "Already going on when the capture begins, and still when it ends."),
    ("capture begins inside and shows the end", "0 alice -> bob BYE cseq=9 to-tag=b1\n0.1 bob -> alice 200\n",
     "Already going on when the capture begins; its end is in it."),
    ("refused transfer", ANSWERED + REFERRED.format(status=603),
     "Answered; the capture doesn't show its end. A transfer (blind) to sip:carol@192.0.2.30 was refused."),
]  # fmt: skip


@pytest.mark.parametrize(("script", "sentence"), [row[1:] for row in SENTENCES], ids=[row[0] for row in SENTENCES])
def test_story(diagnose: Diagnose, script: str, sentence: str) -> None:
    (diagnosis,) = diagnose(PARTIES + script)
    assert diagnosis.headline == sentence


@pytest.mark.parametrize("script", [row[1] for row in SENTENCES], ids=[row[0] for row in SENTENCES])
def test_nobody_is_blamed_without_a_finding(diagnose: Diagnose, script: str) -> None:
    (diagnosis,) = diagnose(PARTIES + script)
    assert (diagnosis.causes, diagnosis.confidence) == ((), Confidence.CERTAIN)


def test_transfer_is_told_by_the_call_it_was_asked_in_and_not_by_the_one_it_made(diagnose):
    transfer = REFERRED.format(status=202) + "4.2 alice -> carol INVITE\n     Referred-By: <sip:bob@192.0.2.20>\n"
    first, second = diagnose(PARTIES + ANSWERED + transfer + "4.5 carol -> alice 486\n4.6 alice -> carol ACK\n")
    assert "A transfer (blind) to sip:carol@192.0.2.30 failed." in first.headline
    assert second.headline == "Refused with 486: the callee is busy."


# -- steps


def test_refusal_says_what_to_check_first(diagnose):
    (diagnosis,) = diagnose(PARTIES + REFUSED.format(status=404, header="Subject: x"))
    assert diagnosis.next_steps == ("Compare the digits sent with the format expected.",)


def test_call_without_a_fault_gives_nothing_to_do(diagnose):
    (diagnosis,) = diagnose(PARTIES + ENDED)
    assert diagnosis.next_steps == ()


def test_cause_brings_its_own_steps(diagnose):
    (diagnosis,) = diagnose(PARTIES + ENDED, finding("RTP-002"))
    assert diagnosis.next_steps == ("Mend RTP-002.",)


# -- root cause


def test_root_cause_follows_the_story(diagnose):
    (diagnosis,) = diagnose(PARTIES + ENDED, finding("RTP-002"))
    assert diagnosis.headline == "Answered and lasted 6.0 s, ended by the caller. RTP-002 was found."


def test_diagnosis_is_as_sure_as_its_root_cause(diagnose):
    (diagnosis,) = diagnose(PARTIES + ENDED, finding("RTP-002", confidence=Confidence.LIKELY))
    assert diagnosis.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    "doubtful",
    [finding("RTP-002", severity=Severity.INFO), finding("RTP-002", confidence=Confidence.POSSIBLE)],
    ids=["remark", "possible"],
)
def test_remarks_and_possible_findings_are_no_root_cause(diagnose, doubtful):
    (diagnosis,) = diagnose(PARTIES + ENDED, doubtful)
    assert (diagnosis.headline, diagnosis.causes) == ("Answered and lasted 6.0 s, ended by the caller.", ())


@pytest.mark.parametrize(
    ("first", "second", "root"),
    [
        (finding("TXN-001", 1, severity=Severity.WARNING), finding("DLG-001", 2, at=5), "f2"),
        (finding("TXN-001", 1, confidence=Confidence.LIKELY), finding("DLG-001", 2, at=5), "f2"),
        (finding("TXN-001", 1, at=5), finding("DLG-001", 2, at=1), "f2"),
        (finding("TXN-001", 1, severity=Severity.WARNING), finding("DLG-001", 2, confidence=Confidence.LIKELY), "f2"),
        (finding("RTP-002", 1, at=1), finding("SDP-012", 2, severity=Severity.WARNING, at=5), "f2"),
    ],
    ids=["graver", "surer", "earlier", "graver before surer", "cause before consequence"],
)
def test_root_is_what_is_not_explained_then_the_gravest_the_surest_the_first(diagnose, first, second, root):
    (diagnosis,) = diagnose(PARTIES + ENDED, first, second)
    assert diagnosis.causes[0] == root


def test_causes_are_the_root_its_consequences_and_then_the_rest(diagnose):
    found = [finding("TXN-001", 1, at=9), finding("RTP-002", 2, at=2), finding("SDP-012", 3, at=1)]
    (diagnosis,) = diagnose(PARTIES + ENDED, *found)
    assert diagnosis.causes == ("f3", "f2", "f1")


def test_consequences_of_consequences_are_among_the_causes(diagnose):
    found = [finding("PRK-001", 1), finding("OA-015", 2, at=1), finding("RTP-001", 3, at=2)]
    (diagnosis,) = diagnose(PARTIES + ENDED, *found)
    assert diagnosis.causes == ("f1", "f2", "f3")


def test_findings_of_another_call_or_of_none_blame_nobody(diagnose):
    (diagnosis,) = diagnose(PARTIES + ENDED, finding("RTP-002", call_id=2), finding("RTP-001", 2, call_id=None))
    assert diagnosis.causes == ()


def test_every_call_has_its_diagnosis(diagnose):
    found = diagnose(PARTIES + ENDED + "10 alice -> bob INVITE call=2\n10.1 bob -> alice 486\n10.2 alice -> bob ACK\n")
    assert [item.call_id for item in found] == [1, 2]


def test_capture_without_calls_has_no_diagnosis(diagnose):
    assert diagnose(PARTIES + "0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n") == ()
