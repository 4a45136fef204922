"""What servers and clients make of nonces that grew old (RFC 3261 §22.1, §25.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nspare 192.0.2.2\n"


def send(at: float, nonce: str, *, call: int, method: str = "MESSAGE", to: str = "reg", more: str = "") -> str:
    parameters = f'username="al", realm="r", nonce="{nonce}", uri="sip:reg@192.0.2.1", response="0"{more}'
    return f"{at} alice -> {to} {method} call={call}\n      Authorization: Digest {parameters}\n"


def accept(at: float, by: str = "reg") -> str:
    return f"{at} {by} -> alice 200\n"


def challenge(at: float, nonce: str, more: str = "", by: str = "reg") -> str:
    return f'{at} {by} -> alice 401\n      WWW-Authenticate: Digest realm="r", nonce="{nonce}"{more}\n'


ONCE = send(0, "a", call=1) + accept(0.1)
TWICE = ONCE + send(10, "a", call=2) + accept(10.1)
STALE = ", stale=true"

LEGITIMATE = {
    "stale, and sent again": TWICE
    + send(99, "a", call=3)
    + challenge(99.1, "b", STALE)
    + send(99.2, "b", call=3)
    + accept(99.3),
    "stale, and sent in another request": TWICE
    + send(99, "a", call=3)
    + challenge(99.1, "b", STALE)
    + send(101, "b", call=4)
    + accept(101.1),
    "each nonce once": ONCE + send(9, "a", call=2) + challenge(9.1, "b") + send(9.2, "b", call=2) + accept(9.3),
    "nonce from before the capture": send(0, "a", call=1) + challenge(0.1, "b") + send(0.2, "b", call=1) + accept(0.3),
    "nonce of another server": TWICE
    + send(99, "a", call=3, to="spare")
    + challenge(99.1, "b", by="spare")
    + send(99.2, "b", call=3, to="spare")
    + accept(99.3, by="spare"),
    "count that doesn't rise": send(0, "a", call=1, more=", nc=00000001")
    + accept(0.1)
    + send(10, "a", call=2, more=", nc=00000002")
    + accept(10.1)
    + send(99, "a", call=3, more=", nc=00000002")
    + challenge(99.1, "b")
    + send(99.2, "b", call=3, more=", nc=00000001")
    + accept(99.3),
    "wrong password": TWICE
    + send(99, "a", call=3)
    + challenge(99.1, "b")
    + send(99.2, "b", call=3)
    + challenge(99.3, "c"),
    "capture ends behind the challenge": ONCE + send(99, "a", call=3) + challenge(99.1, "b", STALE) + "110 end\n",
    "probe left alone": send(0, "a", call=1, method="OPTIONS") + challenge(0.1, "b", STALE),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_nonce_that_is_renewed_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else "200 end\n"
    assert [item.text for item in judged(PARTIES + script + end, "AUTH-007")] == []


BROKEN = {
    "client gives up although stale": (ONCE + send(99, "a", call=3) + challenge(99.1, "b", STALE), (3, 4)),
    "client gives up an old nonce of the capture": (ONCE + send(99, "a", call=3) + challenge(99.1, "b"), (1, 3, 4)),
    "server doesn't say stale": (
        TWICE + send(99, "a", call=3) + challenge(99.1, "b") + send(99.2, "b", call=3) + accept(99.3),
        (3, 5, 6),
    ),
}


@pytest.mark.parametrize(("script", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_nonce_that_is_not_renewed_gives_one_finding(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script + "200 end\n", "AUTH")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("AUTH-007", Severity.WARNING, frames)]
