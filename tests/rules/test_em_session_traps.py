"""Early answers that may get lost, and sessions for early media that their peer can't follow."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
SUPPORTS = "      Supported: 100rel\n"
FINAL = "9.0 bob -> alice 200 INVITE\n" + ANSWER + "9.1 alice -> bob ACK\n"


def ringing(head: str, *, invite: str = SUPPORTS, final: str = FINAL) -> str:
    """An INVITE of frame 1, then a 183 of frame 2."""
    return PARTIES + "0.0 alice -> bob INVITE\n" + invite + OFFER + "1.0 bob -> alice 183 " + head + final


UNRELIABLE = {
    "told by itself": (ringing("\n" + SUPPORTS + ANSWER), (1, 2)),
    "told by a later response": (ringing("\n" + ANSWER, final=FINAL.replace(ANSWER, SUPPORTS + ANSWER)), (1, 2, 3)),
    "told once for each callee": (
        ringing("\n" + SUPPORTS + ANSWER, final="2.0 bob -> alice 183\n" + SUPPORTS + ANSWER + FINAL),
        (1, 2),
    ),
}


@pytest.mark.parametrize(("script", "frames"), UNRELIABLE.values(), ids=UNRELIABLE.keys())
def test_early_answer_that_could_be_reliable_is_information(
    judged: Judged, script: str, frames: tuple[int, ...]
) -> None:
    (found,) = judged(script, "EM-005")
    assert (found.severity, found.frames) == (Severity.INFO, frames)


SILENT = {
    "reliable": ringing("rseq=1\n" + SUPPORTS + ANSWER + "1.1 alice -> bob PRACK\n1.2 bob -> alice 200 PRACK\n"),
    "half reliable": ringing("\n      RSeq: 1\n" + SUPPORTS + ANSWER),
    "caller doesn't know it": ringing("\n" + SUPPORTS + ANSWER, invite=""),
    "callee doesn't know it": ringing("\n" + ANSWER),
    "no SDP": ringing("\n" + SUPPORTS),
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_early_answer_that_is_reliable_or_cannot_be_is_silent(judged: Judged, script: str) -> None:
    assert judged(script, "EM-005") == []


def part(disposition: str, port: int) -> str:
    """A part of a multipart body."""
    lines = ("--x", "Content-Type: application/sdp", f"Content-Disposition: {disposition}", "", "v=0")
    more = (f"o=- {port} 1 IN IP4 192.0.2.9", "s=-", "c=IN IP4 192.0.2.9", "t=0 0", f"m=audio {port} RTP/AVP 0")
    return "".join(f"      | {line}\n" for line in (*lines, *more))


def body(*parts: str) -> str:
    """A multipart body."""
    return "      Content-Type: multipart/mixed;boundary=x\n" + "".join(parts) + "      | --x--\n"


BOTH = body(part("session", 5000), part("early-session", 5100))
KNOWN = "      Supported: 100rel, early-session\n"
PRACK = "1.1 alice -> bob PRACK\n"
OK = "1.2 bob -> alice 200 PRACK\n"
REPLY = body(part("early-session", 4100))
CONNECTED = "9.0 bob -> alice 200 INVITE\n9.1 alice -> bob ACK\n"


def session(*, invite: str = KNOWN, offer: str = BOTH, reply: str = REPLY, final: str = CONNECTED) -> str:
    """A reliable 183 of frame 2 that offers an early session, and the PRACK of frame 3 that answers it."""
    return ringing("rseq=1\n" + offer + PRACK + reply + OK, invite=invite, final=final)


MISUSED = {
    "caller doesn't know it": (session(invite=SUPPORTS), (2,), "which the INVITE doesn't support"),
    "PRACK without an answer": (session(reply=""), (2,), "isn't answered by its last carrier"),
    "one port for both": (session(offer=body(part("session", 5000), part("early-session", 5000))), (2,), "where that"),
    "in the answer": (
        session(final="9.0 bob -> alice 200 INVITE\n" + body(part("early-session", 5300)) + "9.1 alice -> bob ACK\n"),
        (5,),
        "which is over then",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), MISUSED.values(), ids=MISUSED.keys())
def test_early_session_that_its_peer_cannot_follow_is_told(
    judged: Judged, script: str, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(script, "EM-011")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
    assert words in found.text


FOLLOWED = {
    "answered in the PRACK": session(),
    "call refused before the PRACK": ringing(
        "rseq=1\n" + BOTH, invite=KNOWN, final="2.0 bob -> alice 486 INVITE\n2.1 alice -> bob ACK\n"
    ),
    "capture ends": ringing("rseq=1\n" + BOTH, invite=KNOWN, final=""),
    "INVITE not captured": session(invite=SUPPORTS).replace(
        "0.0 alice -> bob INVITE", "0.0 alice -> bob INVITE unseen"
    ),
    "no early session": ringing("\n" + ANSWER),
}


@pytest.mark.parametrize("script", FOLLOWED.values(), ids=FOLLOWED.keys())
def test_early_session_that_is_negotiated_or_cut_is_silent(judged: Judged, script: str) -> None:
    assert judged(script, "EM-011") == []


def talk(end: float, *, back: str = "1.1-200", final: str = "200 INVITE\n" + ANSWER) -> str:
    """Media both ways from a 183 on; the final response comes at the end."""
    media = f"{back} bob => alice PCMU\n1.1-200 alice => bob PCMU\n"
    return ringing("\n" + ANSWER, final=f"{end} bob -> alice {final}{end + 0.1:.1f} alice -> bob ACK\n") + media


def test_conversation_without_an_answer_is_told_with_its_length(judged: Judged) -> None:
    (found,) = judged(talk(71.1), "EM-013")
    assert found.severity is Severity.INFO
    assert "for 70 s between" in found.text


@pytest.mark.parametrize(
    "script",
    [talk(61.0), talk(120.0, back="1.1-50"), talk(120.0, final="486 INVITE\n", back="70-200")],
    ids=["answered in time", "one direction later on", "one direction at first"],
)
def test_short_conversation_before_the_answer_is_silent(judged: Judged, script: str) -> None:
    assert judged(script, "EM-013") == []
