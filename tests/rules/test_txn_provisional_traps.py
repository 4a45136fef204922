"""What a request other than INVITE may be answered before its final response (RFC 3261 §8.2.6.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
END = "60 end\n"
COPIES = "0.5 alice -> bob OPTIONS again\n1.5 alice -> bob OPTIONS again\n3.5 alice -> bob OPTIONS again\n"

LEGITIMATE = {
    "answered at once": PARTIES + "0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n" + END,
    "100 when Timer E has reached T2": PARTIES
    + "0 alice -> bob OPTIONS\n"
    + COPIES
    + "3.6 bob -> alice 100\n5 bob -> alice 200\n"
    + END,
    "100 behind copies of which the capture misses the first ones": PARTIES
    + "0 alice -> bob OPTIONS\n1 alice -> bob OPTIONS again\n3 alice -> bob OPTIONS again\n"
    + "3.1 bob -> alice 100\n5 bob -> alice 200\n"
    + END,
    "100 and 180 to INVITE": PARTIES
    + "0 alice -> bob INVITE\n0.01 bob -> alice 100\n0.1 bob -> alice 180\n1 bob -> alice 408\n1.1 alice -> bob ACK\n"
    + END,
    "408 to BYE, told by another rule": PARTIES
    + "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
    + "0.2 alice -> bob ACK\n5 alice -> bob BYE\n5.1 bob -> alice 408\n"
    + END,
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_answer_in_its_time_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-015")] == []


BROKEN = {
    "100 at once": ("0 alice -> bob OPTIONS\n0.01 bob -> alice 100\n0.2 bob -> alice 200\n", (1, 2), "before 3.5 s"),
    "183": ("0 alice -> bob OPTIONS\n0.01 bob -> alice 183\n0.2 bob -> alice 200\n", (1, 2), "other than 100"),
    "408": ("0 alice -> bob OPTIONS\n0.5 alice -> bob OPTIONS again\n0.6 bob -> alice 408\n", (1, 3), "with 408"),
    "two of a kind": (
        "0 alice -> bob OPTIONS call=1\n0.1 bob -> alice 408\n9 alice -> bob OPTIONS call=2\n9.1 bob -> alice 408\n",
        (1, 2, 3, 4),
        "2 requests (OPTIONS) with 408",
    ),
}


@pytest.mark.parametrize(("script", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_answer_out_of_place_is_told_once_for_its_server(
    judged: Judged, script: str, frames: tuple[int, ...], words: str
) -> None:
    (found,) = judged(PARTIES + script + END, "TXN-015")
    assert (found.severity, found.frames) == (Severity.WARNING, frames)
    assert words in found.text


def test_origin_of_a_408_is_told_and_not_the_proxy_that_passes_it_on(judged: Judged) -> None:
    script = (
        "0 alice -> proxy OPTIONS to=bob\n0.01 proxy -> bob OPTIONS\n0.1 bob -> proxy 408\n0.11 proxy -> alice 408\n"
    )
    (found,) = judged(PROXIED + script + END, "TXN-015")
    assert found.text.startswith("192.0.2.20 ")
