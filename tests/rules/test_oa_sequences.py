"""Sequences of offers and answers, legal and broken, and which rules of the family speak of each.

A sequence is written in words: `INV`, `183`, `rel` (a reliable 183), `PR` and its `2PR`, `UP@U` and `UP@V` (UPDATE by
the caller and the callee), `2UP`, `xUP`, `2` (2xx to INVITE), `x` (its refusal with ACK), `ACK`. `+` has SDP, `-` has
none, and `+p` names a description other than the usual one.
"""

import pytest

from tests.rules.conftest import Judged
from tests.rules.test_oa_traps import PARTIES, sdp

PORTS = {"": 5000, "b": 5008, "p": 6000, "q": 7000, "z": 8000}
LABELS = {"183": "183 INVITE", "2": "200 INVITE", "2PR": "200 PRACK", "2UP": "200 UPDATE", "xUP": "500 UPDATE"}
REQUESTS = {"INV": "INVITE", "PR": "PRACK", "UP": "UPDATE", "ACK": "ACK"}


def script_of(sequence: str) -> str:
    """The trace script of a sequence, one message every 0.3 s, released 20 s behind the last."""
    lines, at, reliable, updater = [PARTIES], 0.0, 0, "U"
    for word in sequence.split():
        name, described, variant = word.removesuffix("-").partition("+")
        name, _, side = name.partition("@")
        updater = side or updater
        caller_sends = name in {"INV", "PR", "ACK"} or (name, updater) in {("UP", "U"), ("2UP", "V"), ("xUP", "V")}
        arrow = "alice -> bob" if caller_sends else "bob -> alice"
        label = REQUESTS.get(name) or LABELS.get(name, name)
        if name == "rel":
            reliable += 1
            label = f"183 INVITE rseq={reliable}"
        lines.append(f"{at:.1f} {arrow} {label if name != 'x' else '486 INVITE'}\n")
        if name == "INV":
            lines.append(sdp("Supported: 100rel"))
        if described:
            lines.append(sdp(f"m=audio {4000 if caller_sends else PORTS[variant]} RTP/AVP 0"))
        at += 0.3
        if name == "x":
            lines.append(f"{at:.1f} alice -> bob ACK\n")
    if "ACK" in sequence:
        lines.append(f"{at + 20:.1f} alice -> bob BYE\n{at + 20.1:.1f} bob -> alice 200\n")
    return "".join(lines)


LEGAL = {
    "offer in INVITE, answer in 2xx": "INV+ 2+ ACK-",
    "offer in 2xx, answer in ACK": "INV- 2+ ACK+",
    "answer in reliable 1xx": "INV+ 183+ rel- PR- 2PR- rel+ PR- 2PR- rel- PR- 2PR- 2- ACK-",
    "offer in reliable 1xx, answer in PRACK": "INV- rel+ PR+ 2PR- rel- PR- 2PR- 2- ACK-",
    "offer in PRACK": "INV+ rel+ PR+ 2PR+ 2- ACK-",
    "UPDATE both ways before the 2xx": "INV+ rel+ PR- 2PR- UP@U+ 2UP+ UP@V+ 2UP+ 2- ACK-",
    "answer repeated in the 2xx": "INV+ rel+ PR- 2PR- 2+ ACK-",
    "re-INVITE": "INV+ 2+ ACK- INV+ 2+b ACK-",
    "re-INVITE refused": "INV+ 2+ ACK- INV+ x",
    "UPDATE refused": "INV+ 2+ ACK- UP@V+ xUP",
}
BROKEN = {
    "no answer": ("INV+ 2- ACK-", {"OA-015"}),
    "preview alone": ("INV+ 183+ 2- ACK-", {"OA-015"}),
    "preview differs": ("INV+ 183+p 2+q ACK-", {"OA-016"}),
    "no delayed offer": ("INV- 2- ACK-", {"OA-018"}),
    "ACK without answer": ("INV- 2+ ACK-", {"OA-019"}),
    "reliable 1xx without offer": ("INV- rel- PR- 2PR- 2+ ACK+", {"OA-018"}),
    "PRACK without answer": ("INV- rel+ PR-", {"OA-019"}),
    "second SDP in a reliable 1xx": ("INV+ rel+ PR- 2PR- rel+z PR- 2PR-", {"OA-017"}),
    "other SDP in the 2xx": ("INV+ rel+ PR- 2PR- 2+z ACK-", {"OA-017"}),
    "failure behind an executed change": ("INV+ 2+ ACK- INV+ rel+b PR- 2PR- x", {"OA-025"}),
    "offer in PRACK unanswered": ("INV+ rel+ PR+ 2PR- 2- ACK-", {"OA-015"}),
    "SDP in the ACK": ("INV+ 2+ ACK+", {"OA-017"}),
    "SDP before the offer": ("INV- 183+ 2+ ACK+", {"OA-018"}),
    "UPDATE unanswered": ("INV+ 2+ ACK- UP@U+ 2UP-", {"OA-015"}),
    "second UPDATE while one is pending": ("INV+ 2+ ACK- UP@U+ UP@U+", {"OA-020"}),
    "UPDATE while the offer of the 2xx is pending": ("INV- 2+ UP@U+", {"OA-020"}),
}


@pytest.mark.parametrize("sequence", LEGAL.values(), ids=LEGAL.keys())
def test_legal_sequence_gives_no_finding(judged: Judged, sequence: str) -> None:
    assert [(item.rule, item.text) for item in judged(script_of(sequence), "OA")] == []


@pytest.mark.parametrize(("sequence", "codes"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_sequence_gives_its_finding(judged: Judged, sequence: str, codes: set[str]) -> None:
    assert {item.rule for item in judged(script_of(sequence), "OA")} == codes
