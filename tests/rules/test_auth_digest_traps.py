"""How credentials and challenges must be written, and what is let be (RFC 3261 §22.4, §25.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
HASH = "6629fae49393a05397450978507c4ef1"
OFFER = 'Digest realm="r", nonce="a", qop="auth,auth-int"'
BARE = 'Digest realm="r", nonce="a"'
GIVEN = f'Digest username="al", realm="r", nonce="a", uri="sip:bob@192.0.2.20", response="{HASH}"'
WITH_QOP = ', qop=auth, nc=00000001, cnonce="c"'


def call(challenge: str, credentials: str, status: int = 486) -> str:
    return (
        f"{PARTIES}0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
        f"0.1 bob -> alice 407 INVITE\n      Proxy-Authenticate: {challenge}\n0.11 alice -> bob ACK\n"
        f"0.2 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n      Proxy-Authorization: {credentials}\n"
        f"0.3 bob -> alice {status} INVITE\n0.31 alice -> bob ACK\n60 end\n"
    )


LEGITIMATE = {
    "qop offered and taken": call(OFFER, GIVEN + WITH_QOP),
    "the other qop taken": call(OFFER, GIVEN + ', qop=auth-int, nc=00000001, cnonce="c"'),
    "neither offered nor sent": call(BARE, GIVEN),
    "qop in capitals": call(OFFER, GIVEN + ', qop=AUTH, nc=00000001, cnonce="c"'),
    "nonce that looks like parameters": call(
        'Digest realm="r", nonce="a, qop=auth, uri=x"', GIVEN.replace('nonce="a"', 'nonce="a, qop=auth, uri=x"')
    ),
    "escaped quotation mark": call(BARE, GIVEN.replace('"al"', r'"a\", uri=l"')),
    "longer hash of SHA-256": call(
        BARE + ", algorithm=SHA-256", GIVEN.replace(HASH, HASH + HASH) + ", algorithm=SHA-256"
    ),
    "response taken out of the capture": call(BARE, GIVEN.replace(HASH, "xxxxxxxxxxxxxxxxxxxx")),
    "algorithm that nobody knows": call(BARE + ", algorithm=X-9", GIVEN.replace(HASH, HASH[:24]) + ", algorithm=X-9"),
    "IMS client with empty values": call(
        BARE.replace('"a"', '"z"') + ", algorithm=AKAv1-MD5",
        'Digest username="al", realm="r", nonce="", uri="sip:r", response=""',
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_well_written_credentials_give_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script) if item.rule == "AUTH-009"] == []


BROKEN = {
    "qop offered and left out": (call(OFFER, GIVEN, 403), ERROR, "qop is absent, offered was “auth, auth-int”"),
    "qop left out and accepted": (call(OFFER, GIVEN), WARNING, "qop is absent, offered was “auth, auth-int”"),
    "qop that was not offered": (
        call(OFFER, GIVEN + ', qop=auth-conf, nc=00000001, cnonce="c"', 400),
        ERROR,
        "qop is “auth-conf”, offered was “auth, auth-int”",
    ),
    "qop without the rest": (call(OFFER, GIVEN + ", qop=auth", 400), ERROR, "qop stands without cnonce and nc"),
    "cnonce without qop": (call(BARE, GIVEN + ', cnonce="c"', 400), ERROR, "cnonce stands without qop"),
    "uri without quotation marks": (
        call(BARE, GIVEN.replace('"sip:bob@192.0.2.20"', "sip:bob@192.0.2.20"), 400),
        ERROR,
        "uri isn't in quotation marks",
    ),
    "nc and qop in quotation marks": (
        call(OFFER, GIVEN + ', qop="auth", nc="00000001", cnonce="c"', 400),
        WARNING,
        "qop is in quotation marks; nc is in quotation marks",
    ),
    "algorithm in quotation marks": (call(BARE, GIVEN + ', algorithm="MD5"'), INFO, "algorithm is in quotation marks"),
    "hash too short for SHA-256": (
        call(BARE + ", algorithm=SHA-256", GIVEN + ", algorithm=SHA-256", 403),
        ERROR,
        "response has 32 digits, SHA-256 makes 64",
    ),
}


@pytest.mark.parametrize(("script", "severity", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_badly_written_credentials_give_one_finding(
    judged: Judged, script: str, severity: Severity, words: str
) -> None:
    found = [(item.severity, item.frames, item.text) for item in judged(script) if item.rule == "AUTH-009"]
    text = f"Proxy-Authorization in INVITE of 192.0.2.10 is malformed: {words}."
    assert found == [(severity, (2, 4, 5), text)]


CHALLENGES = {
    "nonce without quotation marks": ('Digest realm="r", nonce=a', ERROR, "nonce isn't in quotation marks"),
    "qop without quotation marks": (BARE + ", qop=auth", WARNING, "qop isn't in quotation marks"),
    "stale in quotation marks": (BARE + ', stale="false"', INFO, "stale is in quotation marks"),
}


@pytest.mark.parametrize(("challenge", "severity", "words"), CHALLENGES.values(), ids=CHALLENGES.keys())
def test_badly_written_challenge_is_told_of_the_server(
    judged: Judged, challenge: str, severity: Severity, words: str
) -> None:
    script = call(challenge, GIVEN + WITH_QOP)
    found = [(item.severity, item.frames, item.text) for item in judged(script) if item.rule == "AUTH-009"]
    label = "407 Proxy Authentication Required"
    assert found == [(severity, (2,), f"Proxy-Authenticate in the {label} is malformed: {words}.")]


def test_device_that_writes_every_request_badly_is_told_once(judged: Judged) -> None:
    credentials = GIVEN.replace('"sip:bob@192.0.2.20"', "sip:bob@192.0.2.20")
    script = f"{PARTIES}" + "".join(
        f"{at} alice -> bob OPTIONS call={at}\n      Authorization: {credentials}\n{at}.1 bob -> alice 200\n"
        for at in (1, 2, 3)
    )
    found = [(item.severity, item.frames) for item in judged(script) if item.rule == "AUTH-009"]
    assert found == [(WARNING, (1, 2, 3, 4, 5, 6))]
