"""Texts by MESSAGE: what they may carry, and one at a time (RFC 3428 §4, §7, §8)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
CONTACT = "Contact: <sip:alice@192.0.2.10>"


def text(at: float, call: str, *fields: str, answer: float | None = None, told: str = "", more: str = "") -> str:
    """A MESSAGE of alice to bob, and the 200 that answers it where a time is given."""
    lines = "".join(f"      {field}\n" for field in (*fields, "| Hello")) + ""
    reply = "" if answer is None else f"{answer} bob -> alice 200 call={call}\n" + (f"      {told}\n" if told else "")
    return f"{at} alice -> bob MESSAGE call={call} {more}\n{lines}{reply}"


IN_CALL = (
    "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
    "0.2 alice -> bob ACK\n"
)
SILENT = {
    "nothing but the text": text(0, "1", answer=0.1),
    "Contact inside a call": f"{IN_CALL}1 alice -> bob MESSAGE\n      {CONTACT}\n      | Hello\n1.1 bob -> alice 200\n",
    "Contact in a mobile network": text(0, "1", CONTACT, "P-Access-Network-Info: 3GPP-UTRAN-TDD", answer=0.1),
    "Contact beside a mobile network's content": text(
        0, "1", CONTACT, "Content-Type: application/vnd.3gpp.sms", answer=0.1
    ),
    "Expires with Date": text(0, "1", "Expires: 60", "Date: Sat, 13 Nov 2010 23:29:00 GMT", answer=0.1),
    "Expires of nought": text(0, "1", "Expires: 0", answer=0.1),
    "refusal with a Contact": f"0 alice -> bob MESSAGE\n      | Hello\n0.1 bob -> alice 302\n      {CONTACT}\n",
    "one behind the other": text(0, "1", answer=0.1) + text(0.2, "2", answer=0.3),
    "answer that crosses the next text": text(0, "1", answer=0.11) + text(0.1, "2", answer=0.2),
    "another URI meanwhile": text(0, "1", answer=0.5) + text(0.2, "2", answer=0.6, more="uri=sip:carol@192.0.2.20"),
    "another sender meanwhile": text(0, "1", answer=0.5)
    + text(0.2, "2", "From: <sip:carol@192.0.2.10>;tag=c", answer=0.6),
    "answers out of view": text(0, "1") + text(0.2, "2") + "60 end\n",
    "given up before": text(0, "1") + text(40, "2", answer=40.1),
    "retransmission": text(0, "1") + "0.5 alice -> bob MESSAGE call=1 again\n0.6 bob -> alice 200\n",
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_texts_that_may_go_so_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script, "MSGM-002")] == []


def test_answer_lost_by_the_capture_proves_no_pending_text(judged: Judged) -> None:
    script = PARTIES + text(0, "1") + text(1, "2", answer=1.1)
    assert [item.text for item in judged(script, "MSGM-002", lossy_at=0.5)] == []


HOPS = (
    f"0 alice -> proxy MESSAGE to=bob\n      {CONTACT}\n      | Hello\n0.01 proxy -> bob MESSAGE\n"
    "0.1 bob -> proxy 200\n0.11 proxy -> alice 200\n"
)
FAULTS = {
    "Contact": (text(0, "1", CONTACT, answer=0.1), (1,), "192.0.2.10:5060 sent a MESSAGE with a Contact."),
    "Contact twice": (
        text(0, "1", CONTACT, answer=0.1) + text(1, "2", CONTACT, answer=1.1),
        (1, 3),
        "sent a MESSAGE with a Contact; 2 texts in all.",
    ),
    "Contact seen on two hops": (
        HOPS,
        (1, 2),
        "192.0.2.10:5060 sent a MESSAGE with a Contact.",
    ),
    "Expires without Date": (text(0, "1", "Expires: 60", answer=0.1), (1,), "with an Expires but no Date."),
    "2xx with a Contact": (
        text(0, "1", answer=0.1, told="Contact: <sip:bob@192.0.2.20>"),
        (2,),
        "192.0.2.20:5060 answered a MESSAGE 200 OK with a Contact.",
    ),
    "2xx with a body": (text(0, "1", answer=0.1, told="| Hello yourself"), (2,), "200 OK with a body."),
    "next text too early": (
        text(0, "1", answer=0.5) + text(0.2, "2", answer=0.6),
        (1, 2, 3),
        "began a MESSAGE to sip:bob@192.0.2.20 while another one to it was pending, which was answered in frame 3 only",
    ),
    "next text behind one without an answer": (
        text(0, "1") + text(1, "2", answer=1.1) + "60 end\n",
        (1, 2),
        "which had no final response.",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_texts_that_break_the_rules_are_told(judged: Judged, script: str, frames: tuple[int, ...], words: str) -> None:
    (found,) = judged(PARTIES + script, "MSGM-002")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
    assert words in found.text
