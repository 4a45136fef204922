"""Max-Forwards from hop to hop (RFC 3261 §16.6 item 3)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nedge 192.0.2.1 proxy\nbob 192.0.2.20\n"


def forwarded(got: str, onward: str) -> str:
    """A request as the proxy got it and as it sent it on."""
    return (
        f"{PARTIES}0 alice -> edge OPTIONS to=bob\n      Max-Forwards:{got}\n0.01 edge -> bob OPTIONS\n"
        f"      Max-Forwards:{onward}\n0.1 bob -> edge 200\n0.11 edge -> alice 200\n"
    )


SILENT = {
    "one less": forwarded(" 70", " 69"),
    "several less": forwarded(" 70", " 60"),
    "none before": forwarded("", " 70"),
    "none behind": forwarded(" 70", ""),
    "a request of its own": f"{PARTIES}0 alice -> edge OPTIONS to=bob call=1\n0.01 edge -> bob OPTIONS call=2\n"
    "0.1 bob -> edge 200 OPTIONS\n",
    "Via fields aren't those that it got": forwarded(" 70", " 70").replace(
        "0.1 bob", "      Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKown\n0.1 bob", 1
    ),
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_lower_or_incomparable_values_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "RTE-004")] == []


@pytest.mark.parametrize("onward", [" 70", " 71"], ids=["equal", "higher"])
def test_a_value_that_is_not_lowered_is_an_error(judged: Judged, onward: str) -> None:
    (found,) = judged(forwarded(" 70", onward), "RTE-004")
    assert (found.severity, found.frames) == (Severity.ERROR, (1, 2))
    assert f"with Max-Forwards{onward}; it had got it with 70, so that at most 69 is due." in found.text
