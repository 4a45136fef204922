"""OPTIONS probes: peers that live, and peers that don't."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"


def probes(*answers: str, period: float = 30) -> str:
    """OPTIONS at a steady period, each with the answer given; an empty one is none."""
    lines = []
    for number, answer in enumerate(answers):
        at = number * period
        lines.append(f"{at} alice -> bob OPTIONS call={number} new")
        lines += [f"{at + 0.1} bob -> alice {answer}"] if answer else []
    return PARTIES + "\n".join(lines) + f"\n{len(answers) * period + 60} end\n"


LEGITIMATE = {
    "all is well": probes("200", "200", "200", "200"),
    "refusals show that the peer lives": probes("404", "405", "501", "401", "403", "486"),
    "one failure": probes("200", "503", "200", "200"),
    "too few for a period": probes("503", "503", "503"),
    "no steady period": PARTIES
    + "".join(f"{at} alice -> bob OPTIONS call={at} new\n{at}.1 bob -> alice 503\n" for at in (0, 2, 50, 51, 300, 310)),
    "OPTIONS inside a call": PARTIES
    + "0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n"
    + "      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
    + "".join(f"{at} alice -> bob OPTIONS call=1\n{at}.1 bob -> alice 503\n" for at in (30, 60, 90, 120, 150)),
    "the peer's direction isn't in the capture": probes("", "", "", "", ""),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_probes_give_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "MSGM")] == []


BROKEN = {
    "overloaded for two probes": (probes("200", "503", "503", "200"), (3, 4, 5, 6, 7, 8), "30.0 s", "until 90.0 s"),
    "never answered again": (probes("200", "200", "", "", ""), (5, 6, 7), "60.0 s", "to the end"),
    "408 from a proxy": (probes("408", "408", "408", "408"), (1, 2, 3, 4, 5, 6, 7, 8), "0.0 s", "to the end"),
}


@pytest.mark.parametrize(("script", "frames", "down", "up"), BROKEN.values(), ids=BROKEN.keys())
def test_failing_probes_are_told_with_their_times(
    judged: Judged, script: str, frames: tuple[int, ...], down: str, up: str
) -> None:
    (found,) = judged(script, "MSGM")
    assert (found.rule, found.severity) == ("MSGM-005", Severity.WARNING)
    assert set(found.frames) <= set(frames)
    assert f"down from {down}" in found.text
    assert found.text.endswith(f"{up}.")
