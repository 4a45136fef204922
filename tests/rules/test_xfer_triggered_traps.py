"""XFER-011: the INVITE that a REFER triggers is what Refer-To asks for, or not."""

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from tests.rules.conftest import Judged
from tests.transfer_script import ACCEPTED, ANSWER, CALL, CONSULTATION, END, PARTIES, told

EMBEDDED = "Replaces=c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c"
RIGHT = "Replaces: c@192.0.2.10;to-tag=c9;from-tag=alice-c"
BY_ALICE = "Referred-By: <sip:alice@192.0.2.10>"


def transfer(
    target: str, *fields: str, refer: str = "", uri: str = "sip:carol@192.0.2.30", to: str = "", sender: str = "bob"
) -> str:
    lines = "".join(f"      {line}\n" for line in ([f"To: <{to or uri}>", *fields]))
    asked = f"      {refer}\n" if refer else ""
    return (
        f"{PARTIES}{CALL}{CONSULTATION}2.0 alice -> bob REFER call=1\n      Refer-To: {target}\n{asked}{ACCEPTED}"
        f"2.4 {sender} -> carol INVITE call=2 uri={uri}\n{lines}"
        f"{ANSWER.replace('bob', sender)}{told(200)}{END}"
    )


def found(judged: Judged, script: str) -> list[Finding]:
    return judged(script, "XFER-011")


LEGITIMATE = {
    "as asked": transfer("<sip:carol@192.0.2.30>", BY_ALICE),
    "replaces as asked": transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", RIGHT, BY_ALICE),
    "replaces with other order and early-only": transfer(
        f"<sip:carol@192.0.2.30?{EMBEDDED}>", "Replaces: c@192.0.2.10;from-tag=alice-c;early-only;to-tag=c9", BY_ALICE
    ),
    "replaces translated by a b2bua": transfer(
        f"<sip:carol@192.0.2.30?{EMBEDDED}>", "Replaces: other@192.0.2.20;to-tag=x;from-tag=y", BY_ALICE
    ),
    "other order of parameters": transfer(
        "<sip:carol@192.0.2.30;user=phone;transport=udp>", BY_ALICE, uri="sip:carol@192.0.2.30;transport=udp;user=phone"
    ),
    "method and header of the uri aren't copied": transfer("<sip:carol@192.0.2.30;method=INVITE>", BY_ALICE),
    "tel dialled as sip": transfer("<tel:+4930123456>", BY_ALICE, uri="sip:+4930123456@192.0.2.30;user=phone"),
    "request-uri rewritten but to as asked": transfer(
        "<sip:carol@example.com>", BY_ALICE, uri="sip:carol@192.0.2.30", to="sip:carol@example.com"
    ),
    "address that the transferee serves itself": transfer(
        "<sip:200@192.0.2.20>", BY_ALICE, "From: <sip:bob@192.0.2.20>;tag=z", uri="sip:carol@192.0.2.30"
    ),
    "dangerous headers left out": transfer(
        f"<sip:carol@192.0.2.30?{EMBEDDED}&Route=%3Csip:x%3E&From=%3Csip:e%40x%3E&Call-ID=1&Allow=INVITE>",
        RIGHT,
        BY_ALICE,
    ),
    "seen behind the next proxy only": "hop 192.0.2.9\n"
    + transfer("<sip:dave@192.0.2.30>", BY_ALICE, "From: <sip:bob@192.0.2.20>;tag=z", sender="hop"),
    "redirected": "dave 192.0.2.40\n"
    + transfer("<sip:carol@192.0.2.30>", BY_ALICE).replace(
        ANSWER,
        f"2.5 carol -> bob 302 call=2\n      Contact: <sip:dave@192.0.2.40>\n2.6 bob -> carol ACK call=2\n"
        f"2.7 bob -> dave INVITE call=3 uri=sip:dave@192.0.2.40 from-tag=bob-2\n      {BY_ALICE}\n"
        "      Call-ID: 2@192.0.2.20\n      CSeq: 2 INVITE\n2.8 dave -> bob 200 call=3\n2.9 bob -> dave ACK call=3\n",
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_invite_that_does_as_asked_is_let_be(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in found(judged, script)] == []


FAULTS = {
    "no replaces": (
        transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", BY_ALICE),
        Severity.ERROR,
        "it has no Replaces, and Refer-To carries c@192.0.2.10;to-tag=c9;from-tag=alice-c",
    ),
    "replaces with swapped tags": (
        transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", "Replaces: c@192.0.2.10;to-tag=alice-c;from-tag=c9", BY_ALICE),
        Severity.ERROR,
        "the tags in its Replaces are swapped against those of Refer-To",
    ),
    "replaces with other tags": (
        transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", "Replaces: c@192.0.2.10;to-tag=c9;from-tag=q", BY_ALICE),
        Severity.ERROR,
        "the tags in its Replaces are not those of Refer-To",
    ),
    "replaces still encoded": (
        transfer(
            f"<sip:carol@192.0.2.30?{EMBEDDED}>",
            "Replaces: c%40192.0.2.10%3Bto-tag%3Dc9%3Bfrom-tag%3Dalice-c",
            BY_ALICE,
        ),
        Severity.ERROR,
        "its Replaces is still percent-encoded",
    ),
    "another user": (
        transfer(
            "<sip:dave@192.0.2.30>",
            BY_ALICE,
            "From: <sip:bob@192.0.2.20>;tag=z",
            "User-Agent: phone",
        ).replace("0.1   bob -> alice  200 tag=b1\n", "0.1   bob -> alice  200 tag=b1\n      Server: phone\n"),
        Severity.ERROR,
        "it is sent to sip:carol@192.0.2.30, not to sip:dave@192.0.2.30",
    ),
    "another host": (
        transfer("<sip:carol@192.0.2.99>", BY_ALICE),
        Severity.WARNING,
        "it is sent to sip:carol@192.0.2.30, to another host than sip:carol@192.0.2.99 has",
    ),
    "another spelling of the number, at another host": (
        transfer(f"<sip:+4930123456@192.0.2.99?{EMBEDDED}>", RIGHT, BY_ALICE, uri="sip:030123456@192.0.2.30"),
        Severity.WARNING,
        "it is sent to sip:030123456@192.0.2.30, to another host than sip:+4930123456@192.0.2.99 has",
    ),
    "sips dialled as sip": (
        transfer("<sips:carol@192.0.2.30>", BY_ALICE),
        Severity.ERROR,
        "it is sent to sip:carol@192.0.2.30, although Refer-To asks for SIPS",
    ),
    "referred-by left out": (
        transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", RIGHT, refer=BY_ALICE),
        Severity.WARNING,
        "it lacks the Referred-By of the REFER, sip:alice@192.0.2.10",
    ),
    "referred-by altered": (
        transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}>", RIGHT, "Referred-By: <sip:bob@192.0.2.20>", refer=BY_ALICE),
        Severity.WARNING,
        "its Referred-By is sip:bob@192.0.2.20, that of the REFER sip:alice@192.0.2.10",
    ),
    "another header left out": (
        transfer("<sip:carol@192.0.2.30?Subject=hello&Priority=urgent>", BY_ALICE, "Priority: urgent"),
        Severity.INFO,
        "it lacks Subject, which Refer-To carries",
    ),
}


@pytest.mark.parametrize(("script", "severity", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_invite_that_differs_is_told(judged: Judged, script: str, severity: Severity, words: str) -> None:
    findings = found(judged, script)
    assert [(item.rule, item.severity) for item in findings] == [("XFER-011", severity)]
    assert findings[0].text == f"The INVITE that the REFER triggered isn't what Refer-To asked for: {words}."


def test_refer_its_answer_and_the_invite_are_the_evidence(judged: Judged) -> None:
    assert found(judged, FAULTS["no replaces"][0])[0].frames == (7, 8, 11)


def test_several_differences_are_one_finding_of_the_worst_level(judged: Judged) -> None:
    script = transfer(f"<sip:carol@192.0.2.30?{EMBEDDED}&Subject=x>", "Referred-By: <sip:x@192.0.2.10>", refer=BY_ALICE)
    (finding,) = found(judged, script)
    assert finding.severity is Severity.ERROR
    assert finding.text.count(";") >= 3


def test_invite_that_is_only_probably_triggered_is_not_judged(judged: Judged) -> None:
    script = "pbx 192.0.2.5\n" + transfer("<sip:carol@192.0.2.30>", refer=BY_ALICE, sender="pbx")
    assert found(judged, script) == []
