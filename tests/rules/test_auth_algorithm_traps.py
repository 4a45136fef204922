"""Schemes and algorithms that servers offer and clients answer (RFC 3261 §22, §22.3)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"


def challenge(*algorithms: str, realms: tuple[str, ...] = ("r", "r", "r"), nonces: str = "abc") -> str:
    values = ", ".join(
        f'Digest realm="{realm}", nonce="{nonce}", algorithm={algorithm}'
        for algorithm, realm, nonce in zip(algorithms, realms, nonces, strict=False)
    )
    return f"0.0 alice -> reg REGISTER call=1\n0.1 reg -> alice 401\n      WWW-Authenticate: {values}\n"


def answer(algorithm: str, nonce: str = "a", at: float = 0.2) -> str:
    return (
        f'{at} alice -> reg REGISTER call=1\n      Authorization: Digest username="al", realm="r", nonce="{nonce}", '
        f'uri="sip:192.0.2.1", algorithm={algorithm}\n{at + 0.1} reg -> alice 200\n'
    )


LEGITIMATE = {
    "MD5 alone": challenge("MD5") + answer("MD5"),
    "best first": challenge("SHA-512-256", "SHA-256", "MD5") + answer("SHA-512-256"),
    "best first, the other way": challenge("SHA-256", "SHA-512-256", "MD5") + answer("SHA-256"),
    "client that knows MD5 alone": challenge("SHA-256", "MD5") + answer("MD5", "b"),
    "two realms": challenge("MD5", "SHA-256", realms=("r", "s")) + answer("MD5"),
    "two servers of one realm": challenge("MD5", "MD5", nonces="ab") + answer("MD5"),
    "AKA before MD5": challenge("AKAv1-MD5", "MD5") + answer("MD5", "b"),
    "unknown algorithm behind": challenge("MD5", "X-NEW") + answer("MD5"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_algorithms_as_they_should_be_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script, "AUTH-010")] == []


BASIC = '0.0 alice -> reg REGISTER\n0.1 reg -> alice 401\n      WWW-Authenticate: Basic realm="r"\n'

BROKEN = {
    "Basic offered": (BASIC, Severity.ERROR, (2,)),
    "Basic offered beside Digest": (
        BASIC.rstrip() + ', Digest realm="r", nonce="a"\n',
        Severity.ERROR,
        (2,),
    ),
    "Basic used": (
        "0.0 alice -> reg REGISTER\n      Authorization: Basic YWw6c2VjcmV0\n0.1 reg -> alice 200\n",
        Severity.ERROR,
        (1,),
    ),
    "MD5 first": (challenge("MD5", "SHA-256") + answer("MD5"), Severity.WARNING, (2,)),
    "MD5-sess first": (challenge("MD5-sess", "SHA-512-256") + answer("MD5-sess"), Severity.WARNING, (2,)),
    "twice the same": (challenge("MD5", "MD5", nonces="aa") + answer("MD5"), Severity.WARNING, (2,)),
    "weaker answered by a client that knows better": (
        challenge("SHA-256", "MD5") + answer("MD5", "b") + answer("SHA-256", "a", 9.0),
        Severity.INFO,
        (2, 3),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_weak_choice_is_told(judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]) -> None:
    found = judged(PARTIES + script, "AUTH-010")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]


def test_password_of_basic_is_in_no_finding(judged: Judged) -> None:
    script = f"{PARTIES}0.0 alice -> reg REGISTER\n      Authorization: Basic YWw6c2VjcmV0\n0.1 reg -> alice 200\n"
    found = judged(script, "AUTH-010")
    assert "YWw6c2VjcmV0" not in " ".join([found[0].text, *(item.note for item in found[0].evidence)])
