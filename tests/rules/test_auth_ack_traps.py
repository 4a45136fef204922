"""ACKs to 2xx with and without the credentials of their INVITE (RFC 3261 §13.2.2.4, §22.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nproxy 192.0.2.1 proxy record-route\n"
PROXY = (
    '      Proxy-Authorization: Digest username="al", realm="p", nonce="a", uri="sip:bob@192.0.2.20", response="0"\n'
)
SERVER = '      Authorization: Digest username="al", realm="s", nonce="b", uri="sip:bob@192.0.2.20", response="0"\n'
END = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"


def call(invite: str, ack: str, copies: int = 3, options: str = "") -> str:
    again = "".join(
        f"{at} bob -> alice 200 again\n{at + 0.1} alice -> bob ACK again\n" for at in (0.8, 1.8, 3.8)[:copies]
    )
    return (
        f"0.0 alice -> bob INVITE\n{invite}      m=audio 4000 RTP/AVP 0\n"
        "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
        f"0.2 alice -> bob ACK{options}\n{ack}{again}{END}"
    )


LEGITIMATE = {
    "with the same credentials": call(PROXY, PROXY),
    "with both": call(PROXY + SERVER, PROXY + SERVER),
    "without, and it works": call(PROXY, "", copies=0),
    "without, and one copy crossed or was late": call(PROXY, "", copies=1),
    "no credentials at all": call("", ""),
    "ACK to another place": call(PROXY, "", options=" uri=sip:bob@example.com"),
    "credentials in a later ACK": (
        f"0.0 alice -> bob INVITE\n{PROXY}      m=audio 4000 RTP/AVP 0\n"
        "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
        f"0.2 alice -> bob ACK\n0.8 bob -> alice 200 again\n1.8 bob -> alice 200 again\n"
        f"1.9 alice -> bob ACK\n{PROXY}{END}"
    ),
    "behind the proxy that took them": (
        "0.0 alice -> proxy INVITE unseen\n      m=audio 4000 RTP/AVP 0\n"
        f"0.1 proxy -> bob INVITE\n{PROXY}"
        "0.2 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.3 proxy -> alice 200 unseen\n"
        "0.4 alice -> proxy ACK unseen\n0.5 proxy -> bob ACK\n"
        "1.1 bob -> proxy 200 again\n2.1 bob -> proxy 200 again\n4.1 bob -> proxy 200 again\n"
    ),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_ack_that_is_taken_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(PARTIES + script, "AUTH")] == []


BROKEN = {
    "for the proxy": (call(PROXY, ""), "Proxy-Authorization for realm “p”"),
    "for the server": (call(SERVER, ""), "Authorization for realm “s”"),
    "one of two": (call(PROXY + SERVER, PROXY), "Authorization for realm “s”"),
}


@pytest.mark.parametrize(("script", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_ack_without_credentials_and_effect_is_told(judged: Judged, script: str, words: str) -> None:
    found = judged(PARTIES + script, "AUTH")
    assert [(item.rule, item.severity, item.frames) for item in found] == [
        ("AUTH-012", Severity.WARNING, (1, 3, 4, 6, 8)),
    ]
    assert f"lacks {words}, which" in found[0].text
