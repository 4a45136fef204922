"""What one party says of one m-line, in words."""

import pytest

from sipscope.model.description import Direction, RtpFormat
from sipscope.model.dialog import Side
from sipscope.sdp import parse_description
from sipscope.views.negotiation_words import digest_of, facts_of, flow_words

HEAD = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"


def facts(*lines: str) -> dict[str, str]:
    """The facts of the first section of a description of these lines."""
    description = parse_description((HEAD + "\r\n".join(lines) + "\r\n").encode())
    return {fact.name: fact.text for fact in facts_of(description.media[0])}


def meanings(*lines: str) -> dict[str, str]:
    description = parse_description((HEAD + "\r\n".join(lines) + "\r\n").encode())
    return {fact.name: fact.meaning for fact in facts_of(description.media[0])}


@pytest.mark.parametrize(
    ("name", "lines", "text"),
    [
        ("media", ["m=audio 4000 RTP/AVP 0"], "audio RTP/AVP"),
        ("media", ["m=video 0 RTP/AVP 96"], "video port 0"),
        ("receives at", ["m=audio 4000 RTP/AVP 0"], "192.0.2.1:4000"),
        ("receives at", ["m=audio 4000 RTP/AVP 0", "c=IN IP6 2001:db8::1"], "[2001:db8::1]:4000"),
        ("codecs", ["m=audio 4000 RTP/AVP 0 101", "a=rtpmap:101 telephone-event/8000"], "0=PCMU 101=telephone-event"),
        ("codecs", ["m=audio 4000 RTP/AVP 111", "a=rtpmap:111 opus/48000/2"], "111=opus/48000/2"),
        ("codecs", ["m=video 4000 RTP/AVP 97", "a=rtpmap:97 H264/90000"], "97=H264"),
        ("codecs", ["m=audio 4000 RTP/AVP 99"], "99"),
        ("codecs", ["m=image 4000 udptl t38"], "t38"),
        ("parameters", ["m=audio 4000 RTP/AVP 18", "a=fmtp:18 annexb=no"], "18: annexb=no"),
        ("packet time", ["m=audio 4000 RTP/AVP 0", "a=ptime:20", "a=maxptime:60"], "20 ms, at most 60 ms"),
        ("direction", ["m=audio 4000 RTP/AVP 0", "a=inactive"], "inactive"),
    ],
)
def test_fact_is_told_in_words(name, lines, text):
    assert facts(*lines)[name] == text


def test_property_that_is_not_stated_is_left_out():
    assert list(facts("m=audio 4000 RTP/AVP 0")) == ["media", "receives at", "codecs", "direction"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["a=rtpmap:0 PCMU/8000"], []),
        (["a=rtpmap:0 pcmu/8000"], ["a=rtpmap:0 PCMU/8000"]),
        (["a=fmtp:0 B=1;A=2"], ["a=fmtp:0 a=2; b=1"]),
        (["a=sendrecv"], []),
    ],
    ids=["static mapping said aloud", "case of a codec", "order of parameters", "default direction said aloud"],
)
def test_same_meaning_in_other_words_is_equal(one, other):
    assert meanings("m=audio 4000 RTP/AVP 0", *one) == meanings("m=audio 4000 RTP/AVP 0", *other)


@pytest.mark.parametrize(
    ("direction", "side", "words"),
    [
        (Direction.SENDRECV, Side.CALLER, "both send"),
        (Direction.SENDONLY, Side.CALLER, "only caller sends"),
        (Direction.SENDONLY, Side.CALLEE, "only callee sends"),
        (Direction.RECVONLY, Side.CALLER, "only callee sends"),
        (Direction.INACTIVE, Side.CALLEE, "nobody sends"),
    ],
)
def test_flow_names_who_sends(direction, side, words):
    assert flow_words(direction, side) == words


def test_digest_is_the_same_for_equal_keys_alone():
    assert digest_of("inline:a") == digest_of("inline:a") != digest_of("inline:b")


def test_certificate_is_the_same_in_other_case():
    lines = ["m=audio 4000 UDP/TLS/RTP/SAVPF 0", "a=setup:actpass"]
    assert facts(*lines, "a=fingerprint:sha-256 AB:CD")["keys"] == facts(*lines, "a=fingerprint:sha-256 ab:cd")["keys"]


def test_ice_password_shows_only_as_a_digest():
    shown = facts("m=audio 4000 RTP/AVP 0", "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg")["ICE"]
    assert shown.startswith("0 candidates, credentials ")
    assert "asd88" not in shown


@pytest.mark.parametrize(
    ("agreed", "shown"),
    [
        (101, "100=AMR [101=AMR]"),
        (100, "[100=AMR] 101=AMR"),
        (99, "[100=AMR] 101=AMR"),
    ],
    ids=["same number", "other number", "number of neither"],
)
def test_one_payload_type_of_the_agreed_codec_is_marked(agreed, shown):
    text = HEAD + "m=audio 4000 RTP/AVP 100 101\r\na=rtpmap:100 AMR/8000\r\na=rtpmap:101 AMR/8000\r\n"
    (section,) = parse_description(text.encode()).media
    codec = RtpFormat(payload_type=agreed, encoding="AMR", clock_rate_hz=8000)
    assert next(fact.text for fact in facts_of(section, codec) if fact.name == "codecs") == shown


def test_preconditions_are_shown_as_what_is_reserved_of_what_is_wished_for():
    lines = ("a=curr:qos local none", "a=des:qos mandatory local sendrecv", "a=des:qos none remote sendrecv", "a=des:x")
    shown = facts("m=audio 4000 RTP/AVP 0", *lines)["resources"]
    assert shown == "qos local none of mandatory sendrecv; qos remote unknown of none sendrecv"
