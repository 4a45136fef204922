"""What the rules about transfers say of broken flows, and that they stay silent about legitimate ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.trace_script import capture_of

Findings = Callable[[str], list[Finding]]

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
CALL = """
0.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
0.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
0.2   alice -> bob  ACK
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
TRYING_LONG = """
2.2   bob -> alice  NOTIFY call=1 sipfrag=100 state=active;expires=300
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
LEAVES = """
3.0   alice -> bob  BYE call=1
3.1   bob -> alice  200
"""
END = "60 end\n"
REFERRED = PARTIES + CALL + REFER


def told(status: int, at: float = 2.7) -> str:
    return f"{at} bob -> alice NOTIFY call=1 sipfrag={status}\n{at + 0.1:.2f} alice -> bob 200\n"


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    """The findings of the XFER family in a trace script, but for the story that each transfer has."""

    def run(script: str) -> list[Finding]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        found = sipscope.analyze(str(path)).findings
        return [item for item in found if item.rule.startswith("XFER-") and item.rule != "XFER-012"]

    return run


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


def refer(*lines: str, answer: str = "2.1 bob -> alice 202\n") -> str:
    fields = "".join(f"      {line}\n" for line in lines)
    return f"2.0 alice -> bob REFER call=1\n      Refer-To: <sip:carol@192.0.2.30>\n{fields}{answer}"


CONSULTED = (
    PARTIES
    + """
0.5   alice -> carol INVITE call=c
      m=audio 4002 RTP/AVP 0
0.6   carol -> alice 200 tag=c9
      m=audio 6002 RTP/AVP 0
0.7   alice -> carol ACK
"""
)
SWAPPED = "Replaces: c@192.0.2.10;to-tag=alice-c;from-tag=c9"
RIGHT = "Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c"


def replacing(replaces: str, status: int = 481) -> str:
    answer = f"2.5 carol -> bob {status} call=2\n2.6 bob -> carol ACK call=2\n"
    return f"2.4 bob -> carol INVITE call=2\n      m=audio 5002 RTP/AVP 0\n      {replaces}\n{answer}"


EVENTS_AT = "2.1 bob -> alice 200\n      Refer-Events-At: <sip:bob@192.0.2.20;gr=1>\n"
REFUSED_NOTIFY = {
    "refused": REFERRED + "2.2 bob -> alice NOTIFY call=1 sipfrag=100\n2.3 alice -> bob 481\n" + INVITE + ANSWER + END,
    "never answered": REFERRED + "2.2 bob -> alice NOTIFY call=1 sipfrag=100\n" + INVITE + ANSWER + END,
}

LEGITIMATE = {
    "blind transfer": REFERRED + TRYING + INVITE + ANSWER + told(200) + LEAVES + END,
    "200 instead of 202": PARTIES + CALL + refer(answer="2.1 bob -> alice 200\n") + TRYING + told(200) + END,
    "notify before the 2xx": PARTIES
    + CALL
    + "2.0 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n"
    + "2.02 bob -> alice NOTIFY call=1 sipfrag=100\n2.04 alice -> bob 200 NOTIFY\n2.1 bob -> alice 202 REFER\n"
    + INVITE
    + ANSWER
    + told(200)
    + END,
    "capture ends 3.9 s after the 2xx": REFERRED + "6.0 end\n",
    "capture ends 3.9 s after the answer": REFERRED + TRYING + INVITE + ANSWER + "6.4 end\n",
    "capture ends before the answer to the refer": PARTIES + CALL + refer(answer="") + "30 end\n",
    "refer-sub false": PARTIES
    + CALL
    + refer("Refer-Sub: false", "Supported: norefersub", answer="2.1 bob -> alice 202\n      Refer-Sub: false\n")
    + INVITE
    + ANSWER
    + LEAVES
    + END,
    "refer-sub false in capitals": PARTIES
    + CALL
    + refer("Refer-Sub: FALSE", answer="2.1 bob -> alice 202\n      Refer-Sub: FALSE\n")
    + END,
    "require nosub": PARTIES + CALL + refer("Require: nosub", answer="2.1 bob -> alice 200\n") + END,
    "require explicitsub": PARTIES + CALL + refer("Require: explicitsub", answer=EVENTS_AT) + END,
    "approval denied after the 202": REFERRED
    + "2.2 bob -> alice NOTIFY call=1 sipfrag=603 state=terminated;reason=rejected\n2.3 alice -> bob 200\n"
    + END,
    "subscription expired before the answer": REFERRED
    + "2.2 bob -> alice NOTIFY call=1 sipfrag=100 state=active;expires=5\n2.3 alice -> bob 200\n"
    + INVITE
    + "12 carol -> bob 200 call=2\n12.1 bob -> carol ACK call=2\n"
    + END,
    "unsubscribed": REFERRED
    + TRYING
    + "2.35 alice -> bob SUBSCRIBE call=1\n  Event: refer\n  Expires: 0\n2.37 bob -> alice 200\n"
    + INVITE
    + ANSWER
    + END,
    "target still rings": REFERRED + TRYING + INVITE + "2.5 carol -> bob 180 call=2\n" + "100 end\n",
    "failure reported by another status of its class": REFERRED + TRYING + INVITE + BUSY + told(503) + END,
    "triggered invite challenged": REFERRED
    + TRYING
    + INVITE
    + "2.42 carol -> bob 407 call=2\n2.43 bob -> carol ACK call=2\n"
    + INVITE.replace("2.4 ", "2.45")
    + ANSWER
    + told(200)
    + END,
    "triggered invite tried again under another call-id": REFERRED
    + TRYING
    + INVITE
    + "2.42 carol -> bob 503 call=2\n2.43 bob -> carol ACK call=2\n"
    + INVITE.replace("2.4 ", "2.45").replace("call=2", "call=3 new")
    + ANSWER.replace("call=2", "call=3")
    + told(200)
    + END,
    "triggered invite redirected out of view": REFERRED
    + TRYING
    + INVITE
    + "2.42 carol -> bob 302 call=2\n2.43 bob -> carol ACK call=2\n"
    + told(200)
    + END,
    "cancelled and reported so": REFERRED
    + TRYING
    + INVITE
    + "2.42 carol -> bob 180 call=2\n2.5 bob -> carol CANCEL call=2\n2.52 carol -> bob 200 CANCEL\n"
    + "2.54 carol -> bob 487 INVITE call=2\n2.56 bob -> carol ACK call=2\n"
    + told(487)
    + END,
    "pbx carries out the transfer and reports for itself": REFERRED
    + TRYING
    + "pbx 192.0.2.5\n2.4 pbx -> carol INVITE call=2\n  From: <sip:bob@192.0.2.20>;tag=p\n"
    + "2.5 carol -> pbx 486 call=2\n2.6 pbx -> carol ACK call=2\n"
    + told(200)
    + END,
    "challenged refer that is tried again": PARTIES
    + CALL
    + "1.8 alice -> bob REFER call=1\n  Refer-To: <sip:carol@192.0.2.30>\n1.9 bob -> alice 401\n"
    + refer('Authorization: Digest username="a", realm="r", nonce="n", uri="sip:b", response="0"')
    + told(200)
    + END,
    "challenged refer at the end of the capture": PARTIES + CALL + refer(answer="2.1 bob -> alice 407\n") + "2.4 end\n",
    "refer outside a dialog": PARTIES
    + "2 alice -> bob REFER call=9\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 202\n"
    + "2.2 bob -> alice NOTIFY call=9 sipfrag=200\n2.3 alice -> bob 200\n"
    + END,
    "sipfrag without version": REFERRED
    + "2.2 bob -> alice NOTIFY call=1 sipfrag=200\n  Content-Type: message/sipfrag\n2.3 alice -> bob 200\n"
    + END,
    "empty notify after a time-out": REFERRED
    + TRYING
    + "20 bob -> alice NOTIFY call=1\n  Event: refer\n  Subscription-State: terminated;reason=timeout\n"
    + "20.1 alice -> bob 200\n"
    + END,
    "transfer through a proxy": """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
proxy 192.0.2.1 proxy record-route
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
2.2   bob -> proxy  NOTIFY call=1 sipfrag=100
2.25  proxy -> alice NOTIFY
2.3   alice -> proxy 200
2.35  proxy -> bob  200
2.4   bob -> carol  INVITE call=2
2.5   carol -> bob  200 call=2
2.6   bob -> carol  ACK call=2
2.7   bob -> proxy  NOTIFY call=1 sipfrag=200
2.75  proxy -> alice NOTIFY
2.8   alice -> proxy 200
2.85  proxy -> bob  200
60    end
""",
    "attended transfer": CONSULTED
    + CALL
    + "2.0 alice -> bob REFER call=1\n"
    + "  Refer-To: <sip:carol@192.0.2.30?Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c>\n"
    + "2.1 bob -> alice 202\n"
    + TRYING
    + replacing(RIGHT, 200)
    + "2.65 carol -> alice BYE call=c\n2.67 alice -> carol 200\n"
    + told(200)
    + LEAVES
    + END,
    "replaces accepted whatever its tags": CONSULTED
    + replacing(SWAPPED, 200)
    + "2.7 carol -> alice BYE call=c\n2.8 alice -> carol 200\n"
    + END,
    "replaces of a call that was never seen": PARTIES
    + replacing("Replaces: far@198.51.100.1;to-tag=1;from-tag=2")
    + END,
    "right replaces refused for another reason": CONSULTED + replacing(RIGHT, 486) + END,
    "replaces that is challenged": CONSULTED + replacing(SWAPPED, 407) + END,
    "replaces refused by one device and accepted by the other": """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
desk  192.0.2.31
proxy 192.0.2.1 proxy
0.5   alice -> carol INVITE call=c
0.6   carol -> alice 200 tag=c9
0.7   alice -> carol ACK
2.4   bob -> proxy   INVITE to=carol call=2
      Replaces: c@192.0.2.10;to-tag=other;from-tag=side
2.42  proxy -> desk  INVITE
2.43  proxy -> carol INVITE
2.45  desk -> proxy  481 tag=d1
2.5   carol -> proxy 200 tag=c2
2.55  proxy -> bob   200
2.6   bob -> carol   ACK
60    end
""",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(findings: Findings, script: str) -> None:
    assert [(item.rule, item.text) for item in findings(script)] == []


# XFER-002


@pytest.mark.parametrize(
    ("status", "cause"),
    [
        (400, "the request was not understood"),
        (403, "policy forbids it"),
        (405, "the method is not allowed there"),
        (420, "an extension that it requires is not supported"),
        (481, "the dialog is unknown there"),
        (501, "the method is not implemented there"),
        (603, "it was declined"),
    ],
)
def test_refused_refer_is_told_with_its_cause(findings: Findings, status: int, cause: str) -> None:
    finding = only(findings(PARTIES + CALL + refer(answer=f"2.1 bob -> alice {status}\n") + END), "XFER-002")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.CERTAIN)
    assert finding.frames == (4, 5)
    assert cause in finding.text


def test_challenge_that_nobody_meets_is_a_refusal(findings: Findings) -> None:
    found = findings(PARTIES + CALL + refer(answer="2.1 bob -> alice 401\n") + END)
    assert only(found, "XFER-002").frames == (4, 5)


def test_refer_without_any_answer_is_told_after_32_s(findings: Findings) -> None:
    copies = "2.5 alice -> bob REFER again\n3.5 alice -> bob REFER again\n5.5 alice -> bob REFER again\n"
    finding = only(findings(PARTIES + CALL + refer(answer="") + copies + END), "XFER-002")
    assert finding.frames == (4, 5, 6, 7)
    assert finding.confidence is Confidence.CERTAIN


def test_refusal_seen_on_two_hops_is_one_finding(findings: Findings) -> None:
    script = """
alice 192.0.2.10
bob   192.0.2.20
proxy 192.0.2.1 proxy record-route
0.0   alice -> proxy INVITE to=bob call=1
0.05  proxy -> bob  INVITE
0.1   bob -> proxy  200
0.15  proxy -> alice 200
0.2   alice -> proxy ACK
0.25  proxy -> bob  ACK
2.0   alice -> proxy REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
2.05  proxy -> bob  REFER
2.1   bob -> proxy  603
2.15  proxy -> alice 603
"""
    assert only(findings(script), "XFER-002").rule == "XFER-002"


# XFER-004


def test_missing_first_notify_is_an_error(findings: Findings) -> None:
    finding = only(findings(REFERRED + END), "XFER-004")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (4, 5)


def test_late_first_notify_is_told_with_its_delay(findings: Findings) -> None:
    finding = only(findings(REFERRED + told(200, at=10.1) + END), "XFER-004")
    assert "the first came after 8.0 s" in finding.text


def test_missing_notify_to_a_transferor_that_left_is_information(findings: Findings) -> None:
    finding = only(findings(REFERRED + LEAVES + "20 end\n"), "XFER-004")
    assert (finding.severity, finding.frames) == (Severity.INFO, (4, 5, 6))


def test_missing_notify_outside_a_dialog_is_merely_possible(findings: Findings) -> None:
    script = PARTIES + "2 alice -> bob REFER call=9\n  Refer-To: <sip:carol@192.0.2.30>\n2.1 bob -> alice 202\n" + END
    finding = only(findings(script), "XFER-004")
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.guards


def test_notify_with_a_foreign_id_is_progress_all_the_same(findings: Findings) -> None:
    notify = "2.2 bob -> alice NOTIFY call=1 sipfrag=200\n  Event: refer;id=999\n2.3 alice -> bob 200\n"
    assert only(findings(REFERRED + notify + END), "XFER-008").severity is Severity.WARNING


# XFER-005


def test_missing_final_notify_is_an_error(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING + INVITE + ANSWER + END), "XFER-005")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (4, 5, 6, 9)


def test_failure_that_is_not_told_is_an_error_too(findings: Findings) -> None:
    assert "got 486" in only(findings(REFERRED + TRYING + INVITE + BUSY + END), "XFER-005").text


def test_late_final_notify_is_told_with_its_delay(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING + INVITE + ANSWER + told(200, at=10.5) + END), "XFER-005")
    assert "8.0 s" in finding.text
    assert finding.frames == (4, 5, 6, 9, 11)


def test_missing_final_notify_to_a_transferor_that_left_is_information(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING + INVITE + ANSWER + LEAVES + END), "XFER-005")
    assert finding.severity is Severity.INFO
    assert 11 in finding.frames


def test_transfer_of_which_nothing_is_seen_for_120_s_is_possible(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING_LONG + "122.2 end\n"), "XFER-005")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.POSSIBLE)


def test_transfer_of_which_nothing_is_seen_for_less_than_120_s_is_open(findings: Findings) -> None:
    assert findings(REFERRED + TRYING_LONG + "122.0 end\n") == []


def test_transfer_of_which_nothing_is_seen_is_over_with_its_subscription(findings: Findings) -> None:
    assert findings(REFERRED + TRYING + "200 end\n") == []


def test_transfer_whose_notifier_keeps_no_state_owes_no_final_notify(findings: Findings) -> None:
    at_once = "2.2 bob -> alice NOTIFY call=1 sipfrag=100 state=terminated;reason=noresource\n2.3 alice -> bob 200\n"
    assert "XFER-005" not in {item.rule for item in findings(REFERRED + at_once + INVITE + ANSWER + END)}


@pytest.mark.parametrize("script", REFUSED_NOTIFY.values(), ids=REFUSED_NOTIFY.keys())
def test_transfer_whose_notify_was_refused_owes_no_final_notify(findings: Findings, script: str) -> None:
    assert only(findings(script), "XFER-021").severity is Severity.WARNING


# XFER-006


@pytest.mark.parametrize(
    ("lines", "severity"),
    [
        (["Content-Type: text/plain", "| 200 OK"], Severity.ERROR),
        (["Content-Type: message/sipfrag", "| 200 OK"], Severity.ERROR),
        (["Content-Type: message/sipfrag", "| INVITE sip:carol@192.0.2.30 SIP/2.0"], Severity.ERROR),
        (["Content-Type: message/sipfrag", "| SIP/2.0 200"], Severity.WARNING),
        (["Content-Type: message/sipfrag", "| SIP/2.0 200 OK", "| To: <sip:a@b"], Severity.WARNING),
        ([], Severity.ERROR),
    ],
)
def test_unreadable_notify_is_told_at_its_level(findings: Findings, lines: list[str], severity: Severity) -> None:
    body = "".join(f"  {line}\n" for line in lines)
    notify = "2.2 bob -> alice NOTIFY call=1\n  Event: refer\n  Subscription-State: terminated;reason=noresource\n"
    finding = only(findings(REFERRED + notify + body + "2.3 alice -> bob 200\n" + END), "XFER-006")
    assert (finding.severity, finding.frames) == (severity, (6,))


# XFER-009


def test_success_told_of_a_failure_is_an_error(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING + INVITE + BUSY + told(200) + END), "XFER-009")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert finding.frames == (4, 5, 9, 11)


def test_failure_told_of_a_success_is_an_error(findings: Findings) -> None:
    finding = only(findings(REFERRED + TRYING + INVITE + ANSWER + told(486) + END), "XFER-009")
    assert finding.severity is Severity.ERROR


def test_success_told_of_a_cancelled_call_is_an_error(findings: Findings) -> None:
    cancelled = (
        "2.42 carol -> bob 180 call=2\n2.5 bob -> carol CANCEL call=2\n2.52 carol -> bob 200 CANCEL\n"
        "2.54 carol -> bob 487 INVITE call=2\n2.56 bob -> carol ACK call=2\n"
    )
    assert (
        only(findings(REFERRED + TRYING + INVITE + cancelled + told(200) + END), "XFER-009").severity is Severity.ERROR
    )


def test_success_told_too_soon_is_a_warning(findings: Findings) -> None:
    answer = "3.2 carol -> bob 200 call=2\n3.3 bob -> carol ACK call=2\n"
    finding = only(findings(REFERRED + INVITE + told(200) + answer + END), "XFER-009")
    assert finding.severity is Severity.WARNING
    assert "500 ms before" in finding.text


# XFER-014


def test_swapped_tags_are_an_error(findings: Findings) -> None:
    finding = only(findings(CONSULTED + replacing(SWAPPED) + END), "XFER-014")
    assert (finding.severity, finding.confidence) == (Severity.ERROR, Confidence.CERTAIN)
    assert "tags swapped" in finding.text
    assert finding.frames == (1, 4, 5)


def test_foreign_tags_are_an_error(findings: Findings) -> None:
    finding = only(findings(CONSULTED + replacing("Replaces: c@192.0.2.10;to-tag=x;from-tag=y") + END), "XFER-014")
    assert "its tags x and y are not" in finding.text


def test_half_a_pair_of_tags_is_an_error(findings: Findings) -> None:
    finding = only(findings(CONSULTED + replacing("Replaces: c@192.0.2.10;to-tag=c9;from-tag=y") + END), "XFER-014")
    assert "from-tag=y doesn't belong to to-tag=c9" in finding.text


@pytest.mark.parametrize("status", [481, 603])
def test_dialog_that_ended_before_is_a_warning(findings: Findings, status: int) -> None:
    ended = "2 alice -> carol BYE call=c\n2.1 carol -> alice 200\n"
    finding = only(findings(CONSULTED + ended + replacing(RIGHT, status) + END), "XFER-014")
    assert finding.severity is Severity.WARNING
    assert "already ended" in finding.text


def test_swapped_tags_behind_a_proxy_are_told_once(findings: Findings) -> None:
    proxied = f"""
proxy 192.0.2.1 proxy
2.4   bob -> proxy   INVITE to=carol call=2
      {SWAPPED}
2.42  proxy -> carol INVITE
2.45  carol -> proxy 481
2.46  proxy -> carol ACK
2.5   proxy -> bob   481
2.6   bob -> proxy   ACK
"""
    assert "tags swapped" in only(findings(CONSULTED + proxied + END), "XFER-014").text


def test_tags_of_a_branch_out_of_view_are_no_fault(findings: Findings) -> None:
    ringing = PARTIES + "0.5 alice -> carol INVITE call=c\n0.6 carol -> alice 180 tag=other\n"
    assert findings(ringing + replacing("Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c") + END) == []
