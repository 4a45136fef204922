"""Which URI credentials are made for, and how their nonce is counted (RFC 3261 §22.4)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nedge 192.0.2.2 proxy\nbob 192.0.2.20\n"


def given(count: str, nonce: str = "a", uri: str = "sip:192.0.2.1", user: str = "al") -> str:
    return (
        f'      Authorization: Digest username="{user}", realm="r", nonce="{nonce}", uri="{uri}", response="0", '
        f'qop=auth, nc={count}, cnonce="c"\n'
    )


def probe(at: float, credentials: str, status: int = 200) -> str:
    more = '      WWW-Authenticate: Digest realm="r", nonce="z"\n' if status == 401 else ""
    asked = f"{at} alice -> reg OPTIONS call={at}\n{credentials}"
    return f"{asked}{at + 0.1} reg -> alice {status} OPTIONS\n{more}"


COUNTED = {
    "count that rises": probe(0, given("00000001")) + probe(5, given("00000002")),
    "count that leaves numbers out": probe(0, given("00000001")) + probe(5, given("0000000a")),
    "new nonce, new count": probe(0, given("00000007")) + probe(5, given("00000001", nonce="b")),
    "two users with one nonce": probe(0, given("00000001")) + probe(5, given("00000001", user="bo")),
    "changed places": probe(0, given("00000002")) + probe(0.5, given("00000001")),
    "sent again": "0 alice -> reg OPTIONS\n"
    + given("00000001")
    + "2 alice -> reg OPTIONS again\n2.1 reg -> alice 200\n",
    "ACK and CANCEL with the count of their INVITE": "0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
    + given("00000001", uri="sip:bob@192.0.2.20")
    + "0.1 bob -> alice 180\n3 alice -> bob CANCEL\n"
    + given("00000001", uri="sip:bob@192.0.2.20")
    + "3.1 bob -> alice 200 CANCEL\n3.2 bob -> alice 487 INVITE\n3.3 alice -> bob ACK\n",
    "same request on the next hop": "0 alice -> edge OPTIONS to=bob\n"
    + given("00000001")
    + "2 edge -> bob OPTIONS\n2.1 bob -> edge 200\n2.2 edge -> alice 200\n",
    "nothing came back the first time": "0 alice -> reg OPTIONS call=1\n"
    + given("00000001")
    + probe(40, given("00000001")),
}


@pytest.mark.parametrize("script", COUNTED.values(), ids=COUNTED.keys())
def test_nonce_that_is_counted_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "90 end\n", "AUTH-006")] == []


MISCOUNTED = {
    "repeated and let pass": (probe(0, given("00000001")) + probe(5, given("00000001")), WARNING, (1, 3)),
    "repeated and challenged": (probe(0, given("00000001")) + probe(5, given("00000001"), 401), ERROR, (1, 3)),
    "falls": (probe(0, given("00000005")) + probe(5, given("00000004")), WARNING, (1, 3)),
    "falls below the highest": (
        probe(0, given("00000005")) + probe(5, given("00000006")) + probe(9, given("00000006")),
        WARNING,
        (3, 5),
    ),
    "not eight digits": (probe(0, given("1")), WARNING, (1,)),
    "no hexadecimal digits": (probe(0, given("0000000g"), 401), ERROR, (1,)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), MISCOUNTED.values(), ids=MISCOUNTED.keys())
def test_nonce_that_is_not_counted_gives_one_finding(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(PARTIES + script + "90 end\n", "AUTH-006")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]


def call(uri: str, hashed: str, status: int, more: str = "") -> str:
    return (
        f"0 alice -> bob INVITE uri={uri}\n      m=audio 4000 RTP/AVP 0\n{given('00000001', uri=hashed)}"
        f"0.1 bob -> alice {status} INVITE\n{more}0.2 alice -> bob ACK\n"
    )


STALE = '      WWW-Authenticate: Digest realm="r", nonce="b", stale=true\n'
REFUSED = '      WWW-Authenticate: Digest realm="r", nonce="b"\n'
OTHER_REALM = '      WWW-Authenticate: Digest realm="q", nonce="b"\n'

FITTING = {
    "same URI, rejected": call("sip:100@r", "sip:100@r", 403),
    "other URI, busy": call("sip:100@r;transport=udp", "sip:100@r", 486),
    "other URI, stale nonce": call("sip:100@r;transport=udp", "sip:100@r", 401, STALE),
    "other URI, challenged for another realm": call("sip:100@r;transport=udp", "sip:100@r", 401, OTHER_REALM),
    "other URI, accepted": "0 alice -> reg REGISTER\n" + given("00000001", uri="sip:r") + "0.1 reg -> alice 200\n",
    "rewritten by a proxy that is out of view": "0 alice -> bob INVITE uri=sip:100@r\n"
    "      Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bKtop\n"
    "      Via: SIP/2.0/UDP 10.0.0.9:5060;branch=z9hG4bKbelow\n"
    "      m=audio 4000 RTP/AVP 0\n" + given("00000001", uri="sip:200@r") + "0.1 bob -> alice 403 INVITE\n",
    "the server accepts other URIs": "0 alice -> reg REGISTER call=1\n"
    + given("00000001", uri="sip:r")
    + "0.1 reg -> alice 200\n5 alice -> reg REGISTER call=2\n"
    + given("00000001", uri="sip:r", user="bo")
    + "5.1 reg -> alice 403\n",
    "IMS client with an empty nonce": call("sip:100@r", "sip:200@r", 401, REFUSED).replace('nonce="a"', 'nonce=""'),
}


@pytest.mark.parametrize("script", FITTING.values(), ids=FITTING.keys())
def test_other_uri_that_was_not_what_failed_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script + "9 end\n", "AUTH-008")] == []


MISFIT = {
    "parameter left out, and challenged again": (
        call("sip:100@r;transport=udp", "sip:100@r", 401, REFUSED),
        Confidence.LIKELY,
    ),
    "number rewritten, and forbidden": (call("sip:00100@r", "sip:100@r", 403), Confidence.POSSIBLE),
    "address of the server, and a bad request": (call("sip:100@r", "sip:100@192.0.2.20", 400), Confidence.POSSIBLE),
}


def test_what_one_realm_accepts_says_nothing_of_another(judged: Judged) -> None:
    accepted = "0 alice -> reg REGISTER call=1\n" + given("00000001", uri="sip:r") + "0.1 reg -> alice 200\n"
    refused = given("00000001", uri="sip:r").replace('realm="r"', 'realm="other"')
    script = f"{PARTIES}{accepted}5 alice -> reg REGISTER call=2\n{refused}5.1 reg -> alice 403\n9 end\n"
    assert [item.frames for item in judged(script, "AUTH-008")] == [(3, 4)]


@pytest.mark.parametrize(("script", "confidence"), MISFIT.values(), ids=MISFIT.keys())
def test_other_uri_of_a_rejected_request_is_told(judged: Judged, script: str, confidence: Confidence) -> None:
    found = judged(PARTIES + script + "9 end\n", "AUTH-008")
    assert [(item.severity, item.confidence, item.frames) for item in found] == [(WARNING, confidence, (1, 2))]
