"""Credentials held against passwords that the user gives."""

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.passwords import Passwords
from sipscope.rules.digest_response import response_due
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"
GIVEN = Passwords({("lab", "al"): "geheim"})
ACCOUNT = {"username": "al", "realm": "lab", "nonce": "n", "uri": "sip:lab"}


def registration(
    password: str, status: int, *, method: str = "REGISTER", hashed: str = "", body: str = "", **more: str
):
    """A request with credentials made from a password, and its answer."""
    parameters = {**ACCOUNT, **more}
    response = response_due(parameters, hashed or method, body.encode(), password) or "0" * 32
    values = ", ".join(f'{name}="{value}"' for name, value in (parameters | {"response": response}).items())
    content = f"      Content-Type: text/plain\n      | {body.rstrip()}\n" if body else ""
    return (
        f"{PARTIES}0 alice -> reg {method} uri=sip:lab\n      Authorization: Digest {values}\n{content}"
        f"0.1 reg -> alice {status}\n"
    )


COUNTED = {"qop": "auth", "nc": "00000001", "cnonce": "c"}

SILENT = {
    "right, accepted": registration("geheim", 200),
    "right, rejected all the same": registration("geheim", 403),
    "right, counted": registration("geheim", 200, **COUNTED),
    "right, SHA-256": registration("geheim", 200, algorithm="SHA-256", **COUNTED),
    "right, with the body": registration(
        "geheim", 200, method="MESSAGE", body="hello\r\n", **(COUNTED | {"qop": "auth-int"})
    ),
    "another user": registration("other", 403, username="bo"),
    "another realm": registration("other", 403, realm="elsewhere"),
    "a variant that isn't computed": registration("other", 403, algorithm="MD5-sess", **COUNTED),
    "nothing hashed yet": registration("geheim", 401).replace('nonce="n"', 'nonce=""'),
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_what_the_password_makes_or_says_nothing_about_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "AUTH-013", passwords=GIVEN)] == []


WRONG = {
    "another password": registration("other", 403),
    "another password, counted": registration("other", 403, **COUNTED),
    "another password, SHA-256": registration("other", 403, algorithm="SHA-256", **COUNTED),
    "another method": registration("geheim", 403, hashed="INVITE"),
}


@pytest.mark.parametrize("script", WRONG.values(), ids=WRONG.keys())
def test_a_response_that_the_password_does_not_make_is_told(judged: Judged, script: str) -> None:
    (found,) = judged(script, "AUTH-013", passwords=GIVEN)
    assert (found.severity, found.confidence, found.frames) == (Severity.INFO, Confidence.CERTAIN, (1, 2))


def test_nothing_is_said_without_passwords(judged: Judged) -> None:
    assert judged(registration("other", 403), "AUTH-013") == []


def test_a_finding_never_shows_the_password(judged: Judged) -> None:
    (found,) = judged(registration("other", 403), "AUTH-013", passwords=GIVEN)
    assert "geheim" not in repr(found)
