"""Diversion, hop by hop and beside History-Info (RFC 5806, RFC 7044)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

BOB, DAVE = "<sip:bob@example.com>;reason=unconditional", "<sip:dave@example.com>;reason=no-answer"
TARGET = "sip:carol@192.0.2.30"
BY_DAVE = f"<sip:bob@example.com>;index=1, <sip:dave@example.com>;index=1.1;mp=1, <{TARGET}>;index=1.2;mp=1.1"


def sent(*fields: str, options: str = "") -> str:
    """An INVITE to carol with these fields, refused."""
    lines = "".join(f"      {field}\n" for field in fields)
    return (
        f"first 192.0.2.1\ncarol 192.0.2.30\n0 first -> carol INVITE {options}\n{lines}      m=audio 4000 RTP/AVP 0\n"
        "0.1 carol -> first 486\n0.11 first -> carol ACK\n"
    )


def forwarded(got: str, onward: str) -> str:
    """An INVITE as a proxy got it and as it sent it on."""
    return (
        "first 192.0.2.1\nnext 192.0.2.2 proxy\ncarol 192.0.2.30\n"
        f"0 first -> next INVITE to=carol\n      Diversion: {got}\n      m=audio 4000 RTP/AVP 0\n"
        f"0.01 next -> carol INVITE\n      Diversion: {onward}\n"
        "0.1 carol -> next 486\n0.11 next -> carol ACK\n0.12 next -> first 486\n0.13 first -> next ACK\n"
    )


def redirected(asked: str, told: str) -> str:
    """An INVITE and the redirection that answers it."""
    return (
        f"first 192.0.2.1\ncarol 192.0.2.30\n0 first -> carol INVITE\n      Diversion: {asked}\n"
        f"      m=audio 4000 RTP/AVP 0\n0.1 carol -> first 302\n      Contact: <sip:erin@example.com>\n"
        f"      Diversion: {told}\n0.11 first -> carol ACK\n"
    )


SILENT = {
    "newest on top": forwarded(BOB, f"{DAVE}, {BOB}"),
    "newest on top of a redirection": redirected(BOB, f"{DAVE}, {BOB}"),
    "redirection that tells its own alone": redirected(BOB, DAVE),
    "nothing added": forwarded(BOB, BOB),
    "one who diverts twice": forwarded(BOB, f"{BOB}, {BOB}"),
    "entries written anew": forwarded(BOB, f"<sip:bob@192.0.2.2>, {DAVE}"),
    "five by counter": sent("Diversion: <sip:dave@example.com>;counter=4, <sip:bob@example.com>;counter=1"),
    "more within the limit": sent("Diversion: <sip:dave@example.com>;counter=7;limit=10"),
    "counter that is no number": sent("Diversion: <sip:dave@example.com>;counter=many"),
    "mailbox of the same name elsewhere": sent("Diversion: <sip:carol@example.com>;reason=no-answer"),
    "same address, other port": sent("Diversion: <sip:carol@192.0.2.30:5080>;reason=no-answer"),
    "service for that user": sent(f"Diversion: <{TARGET}>;reason=no-answer", options=f"uri={TARGET};cause=408"),
    "both name the last": sent(f"Diversion: {DAVE}, {BOB}", f"History-Info: {BY_DAVE}"),
    "history of an earlier target": sent(
        f"Diversion: {BOB}", "History-Info: <sip:bob@example.com>;index=1, <sip:dave@example.com>;index=1.1;mp=1"
    ),
    "history without a mapping": sent(
        f"Diversion: {BOB}", f"History-Info: <sip:dave@example.com>;index=1, <{TARGET}>;index=1.1"
    ),
    "history without an index": sent(f"Diversion: {BOB}", f"History-Info: <sip:dave@example.com>, <{TARGET}>;mp=1"),
    "mapping that names no entry": sent(f"Diversion: {BOB}", f"History-Info: <{TARGET}>;index=1;mp=7"),
    "private diversion": sent(f"Diversion: {BOB};privacy=full", f"History-Info: {BY_DAVE}"),
    "anonymous diversion": sent("Diversion: <sip:anonymous@anonymous.invalid>", f"History-Info: {BY_DAVE}"),
    "private history": sent(
        f"Diversion: {BOB}", f"History-Info: {BY_DAVE.replace('dave@example.com', 'dave@example.com?Privacy=history')}"
    ),
    "number beside a name": sent("Diversion: <sip:+4930123456@example.com>", f"History-Info: {BY_DAVE}"),
    "extension beside its number": sent(
        "Diversion: <sip:+49-30-123456@example.com>", f"History-Info: {BY_DAVE.replace('dave', '030123456')}"
    ),
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_diversions_that_can_be_true_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "RTE-006")] == []


FAULTS = {
    "below the one it got": (forwarded(BOB, f"{BOB}, {DAVE}"), (1, 2), "by sip:dave@example.com below those"),
    "below in a redirection": (redirected(BOB, f"{BOB}, {DAVE}"), (1, 2), "by sip:dave@example.com below those"),
    "six by counter": (
        sent("Diversion: <sip:dave@example.com>;counter=5, <sip:bob@example.com>"),
        (1,),
        "diverted 6 times by its Diversion entries; more than 5",
    ),
    "six entries": (
        sent("Diversion: " + ", ".join(f"<sip:u{number}@example.com>" for number in range(6))),
        (1,),
        "diverted 6 times",
    ),
    "to the one who diverted": (sent(f"Diversion: <{TARGET}>"), (1,), "it is sent to the one who diverted"),
    "somebody else in the history": (
        sent(f"Diversion: {BOB}, {DAVE}", f"History-Info: {BY_DAVE}"),
        (1,),
        "Diversion says that sip:bob@example.com was the last to divert, History-Info says sip:dave@example.com.",
    ),
    "somebody else, one hop further": (
        sent(f"Diversion: {BOB}", f"History-Info: {BY_DAVE}, <{TARGET}>;index=1.2.1;np=1.2"),
        (1,),
        "History-Info says sip:dave@example.com.",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_diversions_that_contradict_themselves_are_told(
    judged: Judged, script: str, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(script, "RTE-006")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
    assert words in found.text
