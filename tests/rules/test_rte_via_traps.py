"""Via fields on their way there and back (RFC 3261 §16.6, §16.7)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
CHAIN = "alice 192.0.2.10\nbox 192.0.2.1\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
ASKED = "0 alice -> bob OPTIONS branch=z9hG4bKa\n"
OWN = "      Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKa\n"
MORE = "      Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKp\n"
NONE = "      Via:\n"
TWO = ASKED + MORE
END = "20 end\n"
ONWARD = (
    "0 alice -> box OPTIONS branch=z9hG4bKa call=1\n"
    "0.1 box -> bob OPTIONS branch=z9hG4bKa call=2\n      Via:\n"
    + OWN
    + "      From: <sip:alice@192.0.2.10>;tag=alice-1\n"
    "      Call-ID: {call_id}\n      CSeq: 1 OPTIONS\n      Max-Forwards: {hops}\n"
)

LEGITIMATE = {
    "mirrored": PARTIES + ASKED + "0.1 bob -> alice 200\n",
    "with received and rport": PARTIES
    + ASKED
    + "0.1 bob -> alice 200\n"
    + NONE
    + OWN.replace(";branch", ";received=198.51.100.7;rport=1024;branch"),
    "host written anew": PARTIES + ASKED + "0.1 bob -> alice 200\n" + NONE + OWN.replace("192.0.2.10", "10.0.0.1"),
    "through a proxy": PROXIED
    + "0 alice -> proxy OPTIONS to=bob\n0.1 proxy -> bob OPTIONS\n0.2 bob -> proxy 200\n0.3 proxy -> alice 200\n",
    "100 with the topmost Via alone": PARTIES + TWO + "4 bob -> alice 100\n" + NONE + OWN + "5 bob -> alice 200\n",
    "unreadable Via below": PARTIES + ASKED + "0.1 bob -> alice 200\n      Via: nonsense\n",
    "another response of the call": PARTIES
    + ASKED
    + "0.1 bob -> alice 200\n1 alice -> bob OPTIONS branch=z9hG4bKb unseen\n1.1 bob -> alice 200\n"
    + NONE
    + MORE
    + OWN.replace("bKa", "bKb"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_via_values_that_lead_back_give_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script + END, "RTE-003")] == []


BROKEN = {
    "own Via on top": (ASKED + "0.1 bob -> alice 200\n" + NONE + MORE + OWN, (1, 2)),
    "one too many below": (ASKED + "0.1 bob -> alice 200\n" + MORE, (1, 2)),
    "one too few": (TWO + "0.1 bob -> alice 200\n" + NONE + OWN, (1, 2)),
    "another order": (TWO + "0.1 bob -> alice 200\n" + NONE + MORE + OWN, (1, 2)),
    "final response alone": (ASKED + "4 bob -> alice 100\n5 bob -> alice 200\n" + MORE, (1, 3)),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_response_with_other_via_values_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    (found,) = judged(PARTIES + script + END, "RTE-003")
    assert (found.severity, found.confidence, found.frames) == (Severity.ERROR, Confidence.CERTAIN, frames)


@pytest.mark.parametrize(("hops", "codes"), [("69", ["RTE-003"]), ("70", [])])
def test_request_sent_on_without_a_via_is_told_of_a_proxy_and_not_of_an_address_translation(
    judged: Judged, hops: str, codes: list[str]
) -> None:
    script = CHAIN + ONWARD.format(hops=hops, call_id="1@192.0.2.10") + END
    assert [item.rule for item in judged(script, "RTE-003")] == codes
