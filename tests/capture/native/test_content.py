import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.capture.native.content import Likeness, is_sip, is_usual_sip, likeness, sip_start

SIP = [
    b"INVITE sip:b@example.net SIP/2.0\r\n\r\n",
    b"sip/2.0 200 OK\r\n",
    b"\0\0\0\0REGISTER sip:example.net SIP/2.0\r\n",
    b"\r\n\r\nOPTIONS sip:b SIP/2.0\r\n",
    b"INVITE1 sip:b@example.net SIP/2.0\r\n",
    b"INV\xc9TE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n",
    b"INVITE sip:b@example.net SIQ/2.0\r\nVia: SIQ/2.0/UDP a\r\n",
    b"SIP%s\x000 401 Unauthorized\r\nCall-ID: 1\r\nVia: SIP/2.0/UDP a\r\n",
    b"A" * 32768 + b" sip:b@example.net SIP/2.0\r\n",
]
OTHER = [
    b"",
    b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"<134>INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n",
    b"HEP3\x00\x80\x00\x00\x00\x07\x00\x01INVITE sip:b SIP/2.0\r\nVia: SIP/2.0/UDP a\r\n"[:12],
    b"NOTIFY * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n\r\n",
    b"M-SEARCH * HTTP/1.1\r\n",
    b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12),
    bytes(5000),
    b"A" * 5000,
]


@pytest.mark.parametrize("payload", SIP)
def test_sip_is_recognised_though_damaged(payload):
    assert is_sip(payload)


@pytest.mark.parametrize("payload", OTHER)
def test_other_text_is_not_taken_for_sip(payload):
    assert not is_sip(payload)


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (b"\x80\x00" + bytes(10), Likeness.MEDIA),
        (b"\xbf\xff" + bytes(10), Likeness.MEDIA),
        (b"\x80\x00" + bytes(9), Likeness.OTHER),
        (b"\x80\xc0\x00\x00", Likeness.CONTROL),
        (b"\x80\xdf\x00\x00", Likeness.CONTROL),
        (b"\x80\xe0" + bytes(10), Likeness.MEDIA),
        (b"\xc0\x00" + bytes(10), Likeness.OTHER),
        (b"\x7f\x00" + bytes(10), Likeness.OTHER),
        (b"\x80", Likeness.OTHER),
    ],
)
def test_first_two_bytes_tell_media_and_control(payload, kind):
    assert likeness(payload, 4000, 4002, len(payload)) is kind


def test_name_services_are_never_media():
    assert likeness(b"\x80\x00" + bytes(10), 53, 4000, 12) is Likeness.OTHER


def test_start_line_is_found_only_at_the_beginning_of_a_line():
    assert sip_start(b"x INVITE sip:b SIP/2.0\r\n") is None
    assert sip_start(b"tail\r\nBYE sip:b SIP/2.0\r\n") == 6


def test_long_token_without_end_is_searched_in_linear_time():
    assert sip_start(b"A" * 65536 + b"\n" + b"B " * 32768) is None


_PIECES = (b"SIP/2.0", b" ", b"INVITE", b"sip:b", b"200 OK", b"\r\n", b"\x00", b"\x80", b"HEP3", b"\t", b"A" * 4090)


@given(st.lists(st.sampled_from(_PIECES), max_size=7).map(b"".join))
def test_what_looks_usual_at_one_look_looks_like_sip_at_all_of_them(payload):
    assert is_usual_sip(payload) is None or likeness(payload, 5060, 5060, len(payload)) is Likeness.SIGNALLING


def test_usual_messages_are_known_at_one_look():
    assert is_usual_sip(b"SIP/2.0 200 OK\r\n")
    assert is_usual_sip(b"INVITE sip:b@example.net SIP/2.0\r\n")
