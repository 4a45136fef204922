"""What the rule about retransmissions must say and must not say."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nproxy 192.0.2.1 proxy\nbob 192.0.2.20\n"
OPTIONS = "1.0 alice -> bob OPTIONS call=1 ip-id=5\n"
HEALTHY = "".join(f"{100 + n} alice -> bob OPTIONS call=h{n}\n{100 + n}.1 bob -> alice 200\n" for n in range(250))

LEGITIMATE = {
    "answered at once": PARTIES + OPTIONS + "1.1 bob -> alice 200\n",
    "captured twice": PARTIES + OPTIONS + "1.001 alice -> bob OPTIONS again ip-id=5\n1.1 bob -> alice 200\n",
    "the same request on the next hop": PARTIES
    + "1.0 alice -> proxy OPTIONS to=bob\n1.01 proxy -> bob OPTIONS\n1.1 bob -> proxy 200\n1.11 proxy -> alice 200\n",
    "never answered, which TXN-002 tells": PARTIES
    + OPTIONS
    + "1.5 alice -> bob OPTIONS again\n2.5 alice -> bob OPTIONS again\n4.5 alice -> bob OPTIONS again\n60 end\n",
    "INVITE that keeps a binding open": PARTIES
    + "1.0 alice -> bob INVITE\n1.1 bob -> alice 180\n21 alice -> bob INVITE again\n41 alice -> bob INVITE again\n"
    + "50 bob -> alice 486\n50.1 alice -> bob ACK\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_what_is_no_retransmission_is_not_counted(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "TXN-009")] == []


TOLD = {
    "one copy": (PARTIES + OPTIONS + "1.5 alice -> bob OPTIONS again\n1.6 bob -> alice 200\n", Severity.INFO, (1, 2)),
    "two copies": (
        PARTIES + OPTIONS + "1.5 alice -> bob OPTIONS again\n2.5 alice -> bob OPTIONS again\n2.6 bob -> alice 200\n",
        Severity.WARNING,
        (1, 2, 3),
    ),
    "two copies in 251 transactions": (
        PARTIES
        + OPTIONS
        + "1.5 alice -> bob OPTIONS again\n2.5 alice -> bob OPTIONS again\n2.6 bob -> alice 200\n"
        + HEALTHY,
        Severity.INFO,
        (1, 2, 3),
    ),
    "refusal repeated until its ACK": (
        PARTIES
        + "1.0 alice -> bob INVITE\n1.1 bob -> alice 486\n1.6 bob -> alice 486 again\n2.6 bob -> alice 486 again\n"
        + "2.7 alice -> bob ACK\n",
        Severity.WARNING,
        (2, 3, 4),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), TOLD.values(), ids=TOLD.keys())
def test_retransmissions_are_told_once_for_two_hosts(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    assert [(item.severity, item.frames) for item in judged(script, "TXN-009")] == [(severity, frames)]
