"""Publications: flows that must stay silent, and every variation of a fault that must speak (RFC 3903)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PARTIES = "alice 192.0.2.10\npa 192.0.2.1\ncarol 192.0.2.30\n"


def publish(
    at: float,
    *,
    tag: str = "",
    given: str = "",
    asked: int | None = 600,
    granted: int | None = 600,
    body: bool = False,
    answer: str = "200",
    took: float = 0.1,
    event: str = "presence",
    who: str = "alice",
) -> str:
    """A PUBLISH with its answer."""
    lines = [f"{at} {who} -> pa PUBLISH new call={who}{at} uri=sip:alice@example.org"]
    lines += [f"      Event: {event}"] if event else []
    lines += [f"      Expires: {asked}"] if asked is not None else []
    lines += [f"      SIP-If-Match: {tag}"] if tag else []
    lines += ["      Content-Type: application/pidf+xml", "      | <presence/>"] if body else []
    lines += [f"{at + took} pa -> {who} {answer}"] if answer else []
    lines += [f"      SIP-ETag: {given}"] if given else []
    lines += [f"      Expires: {granted}"] if granted is not None and answer == "200" else []
    return "\n".join(lines) + "\n"


FIRST = PARTIES + publish(0, given="a1", body=True)

LEGITIMATE = {
    "begun, refreshed, changed, removed": FIRST
    + publish(10, tag="a1", given="a2")
    + publish(20, tag="a2", given="a3", body=True)
    + publish(30, tag="a3", given="a4", asked=0, granted=0),
    "removal answered with the same tag, without Expires": FIRST
    + publish(10, tag="a1", given="a1", asked=0, granted=None),
    "removal answered without a tag": FIRST + publish(10, tag="a1", asked=0, granted=0),
    "the compositor picks the time": PARTIES + publish(0, given="a1", asked=None, granted=3600, body=True),
    "the compositor grants less": PARTIES + publish(0, given="a1", granted=60, body=True),
    "first publication without a body that is accepted": PARTIES + publish(0, given="a1"),
    "412, then afresh": FIRST + publish(10, tag="a1", answer="412") + publish(11, given="b1", body=True),
    "two devices of one user": FIRST
    + publish(5, given="b1", body=True, who="carol")
    + publish(10, tag="a1", given="a2")
    + publish(15, tag="b1", given="b2", who="carol"),
    "two events at once": PARTIES
    + publish(0, given="a1", body=True, took=1)
    + publish(0.5, given="b1", body=True, event="dialog", took=1),
    "begun before the capture": PARTIES + publish(0, tag="x1", given="x2") + publish(10, tag="x2", given="x3"),
    "a 2xx that the client may not have": FIRST
    + "10 alice -> pa PUBLISH new call=r uri=sip:alice@example.org\n      Event: presence\n      SIP-If-Match: a1\n"
    + "10.5 alice -> pa PUBLISH again\n10.6 pa -> alice 200\n      SIP-ETag: a2\n      Expires: 60\n"
    + publish(20, tag="a1", answer="412"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_publication_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "EVT-01")] == []


BROKEN = {
    "no Event": (PARTIES + publish(0, body=True, event="", answer="489"), "EVT-014", ERROR, (1, 2)),
    "neither tag nor body": (PARTIES + publish(0, answer="400"), "EVT-014", ERROR, (1, 2)),
    "several tags": (PARTIES + publish(0, tag="a1, a2", answer="400"), "EVT-014", ERROR, (1, 2)),
    "Expires 0 without a tag": (PARTIES + publish(0, body=True, asked=0, answer="400"), "EVT-014", ERROR, (1, 2)),
    "removal with a body, refused": (
        FIRST + publish(10, tag="a1", asked=0, body=True, answer="400"),
        "EVT-014",
        ERROR,
        (3, 4),
    ),
    "removal with a body, accepted": (
        FIRST + publish(10, tag="a1", asked=0, granted=0, body=True),
        "EVT-014",
        WARNING,
        (3, 4),
    ),
    "the next before the answer": (
        PARTIES + publish(0, given="a1", body=True, took=1) + publish(0.5, given="b1", body=True, took=1),
        "EVT-014",
        WARNING,
        (1, 2, 4),
    ),
    "the same tag behind 412": (
        FIRST + publish(10, tag="a1", answer="412") + publish(20, tag="a1", answer="412"),
        "EVT-015",
        ERROR,
        (3, 4, 5, 6),
    ),
    "a tag that was replaced": (
        FIRST + publish(10, tag="a1", given="a2") + publish(20, tag="a1", answer="412"),
        "EVT-015",
        ERROR,
        (3, 4, 5, 6),
    ),
    "2xx without a tag": (PARTIES + publish(0, body=True), "EVT-015", ERROR, (1, 2)),
    "2xx without Expires": (PARTIES + publish(0, given="a1", granted=None, body=True), "EVT-015", ERROR, (1, 2)),
    "more time than asked": (PARTIES + publish(0, given="a1", granted=900, body=True), "EVT-015", ERROR, (1, 2)),
    "the same tag for a refresh": (FIRST + publish(10, tag="a1", given="a1"), "EVT-015", ERROR, (3, 4)),
    "the same tag for another publication": (
        FIRST + publish(10, given="a1", body=True, who="carol"),
        "EVT-015",
        ERROR,
        (3, 4),
    ),
}


@pytest.mark.parametrize(("script", "code", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_publication_is_told_once(
    judged: Judged, script: str, code: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    (found,) = judged(script, "EVT-01")
    assert (found.rule, found.severity, found.frames) == (code, severity, frames)
