"""Requests that reach one user agent by two ways (RFC 3261 §8.2.2.2)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\ncarol 192.0.2.30\n"
FORKED = "0 alice -> proxy INVITE to=bob\n0.01 proxy -> bob INVITE\n0.02 proxy -> bob INVITE\n"
REFUSED = "0.1 bob -> proxy 482\n0.11 proxy -> bob ACK\n"
END = "0.2 bob -> proxy 486 INVITE\n0.21 proxy -> alice 486\n0.22 proxy -> bob ACK\n0.3 alice -> proxy ACK\n60 end\n"

LEGITIMATE = {
    "one way": PROXIED + FORKED.replace("0.02 proxy -> bob INVITE\n", "") + END,
    "both copies taken": PROXIED + FORKED + "0.1 bob -> proxy 486\n0.11 proxy -> bob ACK\n" + END,
    "two branches to two hosts": PROXIED
    + FORKED.replace("0.02 proxy -> bob", "0.02 proxy -> carol")
    + "0.1 carol -> proxy 482\n0.11 proxy -> carol ACK\n"
    + END,
    "retransmission": PROXIED
    + FORKED.replace("0.02 proxy -> bob INVITE\n", "0.51 proxy -> bob INVITE again\n")
    + "0.6 bob -> proxy 482\n0.61 proxy -> alice 482\n0.62 proxy -> bob ACK\n0.63 alice -> proxy ACK\n60 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_request_that_came_one_way_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-025")] == []


def test_second_way_is_told_with_the_place_where_the_ways_part(judged: Judged) -> None:
    (found,) = judged(PROXIED + FORKED + REFUSED + END, "TXN-025")
    assert (found.severity, found.frames) == (Severity.INFO, (2, 3, 4))
    assert found.text.endswith("The ways part at 192.0.2.1:5060.")
