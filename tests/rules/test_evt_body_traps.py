"""Bodies of NOTIFY that were asked for and can be read, and others (RFC 6665 §4.1.2.1, §5.4.5)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PIDF, XPIDF = "application/pidf+xml", "application/xpidf+xml"
MWI = "application/simple-message-summary"


def subscribe(at: float, accept: str = "", event: str = "presence") -> str:
    line = f"      Accept: {accept}\n" if accept else ""
    return (
        f"{at} alice -> bob SUBSCRIBE call=1\n      Event: {event}\n      Expires: 600\n{line}"
        f"{at + 0.1} bob -> alice 200\n      Expires: 600\n"
    )


def notify(at: float, kind: str, *body: str, event: str = "presence", status: int = 200) -> str:
    line = f"      Content-Type: {kind}\n" if kind else ""
    return (
        f"{at} bob -> alice NOTIFY call=1\n      Event: {event}\n      Subscription-State: active;expires=500\n{line}"
        + "".join(f"      | {text}\n" for text in body)
        + f"{at + 0.1} alice -> bob {status}\n"
    )


def summary(*body: str) -> str:
    return subscribe(0, MWI, "message-summary") + notify(1, MWI, *body, event="message-summary")


LEGITIMATE = {
    "type of Accept": subscribe(0, PIDF) + notify(1, PIDF, "<presence/>"),
    "one of several": subscribe(0, f"{XPIDF}, {PIDF};q=0.9") + notify(1, PIDF, "<presence/>"),
    "in another case": subscribe(0, "Application/PIDF+xml") + notify(1, PIDF, "<presence/>"),
    "any of a kind": subscribe(0, "application/*") + notify(1, XPIDF, "<presence/>"),
    "anything": subscribe(0, "*/*") + notify(1, XPIDF, "<presence/>"),
    "default of the package": subscribe(0) + notify(1, PIDF, "<presence/>"),
    "package without a known default": subscribe(0, event="x-own") + notify(1, "text/plain", "on", event="x-own"),
    "no body": subscribe(0, PIDF) + notify(1, ""),
    "prefixes, comments and an encoding": subscribe(0)
    + notify(1, PIDF, '<?xml version="1.0" encoding="ISO-8859-1"?>', "<!-- x -->", '<p:presence xmlns:p="u"/>'),
    "document type declaration": subscribe(0) + notify(1, PIDF, "<!DOCTYPE presence>", "<presence/>"),
    "list": subscribe(0, PIDF) + notify(1, 'multipart/related;boundary="x"', "--x--"),
    "type of an Accept that a refresh left out": subscribe(0, XPIDF) + subscribe(5) + notify(6, XPIDF, "<presence/>"),
    "summary": summary("Messages-Waiting: yes", "Message-Account: sip:a@b", "Voice-Message: 2/8 (0/2)"),
    "summary in small letters": summary("messages-waiting: no", "none: 0/0"),
    "summary with a class of its own": summary("Messages-Waiting: yes", "X-Thing: many"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_body_that_was_asked_for_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "40 end\n", "EVT-010")] == []


BROKEN = {
    "refused type": (
        subscribe(0, PIDF) + notify(1, XPIDF, "<presence/>", status=415),
        Severity.ERROR,
        (1, 3, 4),
        "asked for was application/pidf+xml",
    ),
    "type that is taken": (
        subscribe(0, PIDF) + notify(1, XPIDF, "<presence/>"),
        Severity.WARNING,
        (1, 3, 4),
        "type application/xpidf+xml",
    ),
    "not the default": (
        subscribe(0) + notify(1, XPIDF, "<presence/>", status=406),
        Severity.ERROR,
        (1, 3, 4),
        "the default of the package",
    ),
    "not well-formed": (
        subscribe(0) + notify(1, PIDF, "<presence>", "<note>a & b</note></presence>"),
        Severity.ERROR,
        (3, 4),
        "isn't well-formed at line 2, column 10",
    ),
    "ends too early": (subscribe(0) + notify(1, PIDF, "<presence>"), Severity.ERROR, (3, 4), "isn't well-formed"),
    "another root": (subscribe(0) + notify(1, PIDF, "<reginfo/>"), Severity.ERROR, (3, 4), "root is <reginfo>"),
    "summary without its first line": (
        summary("Voice-Message: 2/8"),
        Severity.ERROR,
        (3, 4),
        "doesn't begin with “Messages-Waiting: yes”",
    ),
    "summary that says maybe": (summary("Messages-Waiting: maybe"), Severity.ERROR, (3, 4), "doesn't begin"),
    "summary that counts otherwise": (
        summary("Messages-Waiting: yes", "Voice-Message: 2"),
        Severity.ERROR,
        (3, 4),
        "“Voice-Message: 2” doesn't count",
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_body_that_was_not_asked_for_or_cannot_be_read_is_told(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...], words: str
) -> None:
    found = judged(PARTIES + script + "40 end\n", "EVT-010")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]
    assert words in found[0].text
