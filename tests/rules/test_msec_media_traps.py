"""What is said of media in the clear where SRTP was agreed."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10:5060\nbob 192.0.2.10:5070\n"
SUITE = "AES_CM_128_HMAC_SHA1_80"
ALICE = f"a=crypto:1 {SUITE} inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
BOB = f"a=crypto:1 {SUITE} inline:NzB4d1BINUAvLEw6UzF3WSJ+PSdFcGdUJShpX1Zj"


def call(*media: str, parameters: str = "", profile: str = "RTP/SAVP") -> str:
    """A call with SDES keys and that media."""
    offer = f"      m=audio 4000 {profile} 0 8 18\n      {ALICE}{parameters}\n"
    answer = f"      m=audio 5000 {profile} 0 8 18\n      {BOB}{parameters}\n"
    script = (
        PARTIES + "0.0 alice -> bob INVITE\n" + offer + "0.1 bob -> alice 200\n" + answer + "0.2 alice -> bob ACK\n"
    )
    return script + "".join(f"{line}\n" for line in media) + "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"


@pytest.mark.parametrize("codec", ["PCMU", "PCMA"])
def test_packets_without_room_for_the_tag_are_told_by_stream(judged: Judged, codec: str) -> None:
    script = call(f"0.3-8 alice => bob {codec}", f"0.3-8 bob => alice {codec}")
    found = judged(script, "MSEC-004")
    assert [(item.severity, item.frames) for item in found] == [(Severity.ERROR, (1, 4)), (Severity.ERROR, (1, 5))]


@pytest.mark.parametrize(
    "script",
    [
        call("0.3-8 alice => bob PCMU ptime=21.25 step=160"),
        call("0.3-8 alice => bob PCMU ptime=20.5 step=160"),
        call("0.3-1 alice => bob PCMU"),
        call("0.3-8 alice => bob G729"),
        call("0.3-8 alice => bob PCMU", parameters=" UNENCRYPTED_SRTP"),
        call("0.3-8 alice => bob PCMU", profile="RTP/AVP"),
    ],
    ids=["80-bit tag", "32-bit tag", "few packets", "other codec", "agreed in the clear", "clear profile"],
)
def test_media_that_is_encrypted_or_need_not_be_is_no_fault(judged: Judged, script: str) -> None:
    assert judged(script, "MSEC-004") == []


CLEAR = ("m=audio 4000 RTP/AVP 0", "m=audio 5000 RTP/AVP 0")


def clear_call(*media: str, attributes: tuple[str, str] = ("", "")) -> str:
    """A call that agrees on RTP/AVP, and that media."""
    offer, answer = (f"      {line}\n{more}" for line, more in zip(CLEAR, attributes, strict=True))
    script = (
        PARTIES + "0.0 alice -> bob INVITE\n" + offer + "0.1 bob -> alice 200\n" + answer + "0.2 alice -> bob ACK\n"
    )
    return script + "".join(f"{line}\n" for line in media) + "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"


@pytest.mark.parametrize("ptime", ["20.5", "21.25"], ids=["32-bit tag", "80-bit tag"])
def test_tags_of_srtp_where_none_was_agreed_may_be_a_fault(judged: Judged, ptime: str) -> None:
    (found,) = judged(clear_call(f"0.3-8 alice => bob PCMU ptime={ptime} step=160"), "MSEC-004")
    assert (found.severity, found.confidence, found.frames) == (Severity.WARNING, Confidence.POSSIBLE, (1, 4))


@pytest.mark.parametrize(
    "script",
    [
        clear_call("0.3-8 alice => bob PCMU"),
        clear_call("0.3-8 alice => bob PCMU ptime=22 step=160"),
        clear_call("0.3-1 alice => bob PCMU ptime=21.25 step=160"),
        clear_call("0.3-8 alice => bob PCMU ptime=21.25 step=160", attributes=(f"      {ALICE}\n", f"      {BOB}\n")),
        clear_call("0.3-8 alice => bob PCMU ptime=21.25 step=160", attributes=("      a=zrtp-hash:1.10 ab\n", "")),
    ],
    ids=["plain", "other length", "few packets", "keys beside the profile", "ZRTP"],
)
def test_media_without_a_tag_or_with_keys_is_no_reverse(judged: Judged, script: str) -> None:
    assert judged(script, "MSEC-004") == []
