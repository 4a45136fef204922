"""Frames of WebSocket: their headers, masks and compression."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.capture.native.websocket import (
    LARGEST_MESSAGE,
    Inflater,
    frame_header,
    is_small_frame,
    is_websocket,
    names_sip,
    unmasked,
)
from tests.capture.builders import OPTIONS, RINGING
from tests.capture.websockets import Deflater, frame

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: sip.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: sip\r\n\r\n"
)


def test_example_of_a_masked_text_is_read():
    # RFC 6455 §5.7: "A single-frame masked text message", which says Hello.
    data = bytes.fromhex("818537fa213d7f9f4d5158")
    header = frame_header(data, 0)
    assert header is not None
    assert (header.opcode, header.is_final, header.size, header.length) == (1, True, 6, 5)
    assert unmasked(data[header.size :], header.mask) == b"Hello"


@pytest.mark.parametrize(
    ("data", "size", "length"),
    [
        (b"\x82\x7d", 2, 125),
        (b"\x82\x7e\x01\x00", 4, 256),
        (b"\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10, 65536),
        (b"\x82\xfe\x01\x00abcd", 8, 256),
    ],
)
def test_length_of_a_payload_has_three_forms(data, size, length):
    header = frame_header(data, 0)
    assert header is not None
    assert (header.size, header.length) == (size, length)


@pytest.mark.parametrize("data", [b"", b"\x82", b"\x82\x7e\x01", b"\x82\x7f\0\0\0\0\0\x01\0", b"\x82\x85abc"])
def test_header_that_is_cut_is_none(data):
    assert frame_header(data, 0) is None


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_mask_taken_twice_leaves_the_payload(payload, mask):
    assert unmasked(unmasked(payload, mask), mask) == payload


def test_compressed_example_is_read():
    # RFC 7692 §7.2.3.1: Hello in one block; §7.2.3.2: the same again, by referring to the first.
    inflater = Inflater()
    assert inflater.inflate(bytes.fromhex("f248cdc9c90700")) == b"Hello"
    assert inflater.inflate(bytes.fromhex("f200110000")) == b"Hello"


def test_block_that_says_it_is_the_last_is_not():
    # RFC 7692 §7.2.3.4: a block with BFINAL set; what follows may still refer to it.
    inflater = Inflater()
    assert inflater.inflate(bytes.fromhex("f348cdc9c9070000")) == b"Hello"
    assert inflater.inflate(bytes.fromhex("f200110000")) == b"Hello"


def test_message_that_refers_to_missing_bytes_is_none():
    inflater = Inflater()
    assert inflater.inflate(bytes.fromhex("f200110000")) is None
    assert inflater.inflate(bytes.fromhex("f248cdc9c90700")) == b"Hello"


def test_message_that_grows_without_end_is_none():
    bomb = Deflater()(bytes(LARGEST_MESSAGE + 1))
    assert Inflater().inflate(bomb) is None


@pytest.mark.parametrize("takes_over", [True, False])
def test_messages_are_inflated_whether_the_context_is_taken_over_or_not(takes_over):
    deflater, inflater = Deflater(takes_over=takes_over), Inflater()
    assert [inflater.inflate(deflater(text)) for text in (OPTIONS, RINGING, OPTIONS)] == [OPTIONS, RINGING, OPTIONS]


@given(st.binary(max_size=64))
def test_any_bytes_are_inflated_or_none(payload):
    content = Inflater().inflate(payload)
    assert content is None or len(content) <= LARGEST_MESSAGE


@pytest.mark.parametrize(
    "data",
    [
        UPGRADE,
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nUPGRADE: WebSocket\r\n\r\n",
        frame(OPTIONS),
        frame(RINGING, mask=b"abcd"),
        frame(RINGING)[:60],
        frame(Deflater()(OPTIONS), first=0xC1),
    ],
)
def test_handshake_and_frames_with_sip_are_recognised(data):
    assert is_websocket(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        OPTIONS,
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nUpgrade: websocket",
        b"HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n",
        frame(b'{"json": 1}'),
        frame(b"\x16\x03\x01" + bytes(40)),
        frame(OPTIONS, first=0xB1),
        zlib.compress(OPTIONS),
    ],
)
def test_other_streams_are_not_websocket(data):
    assert not is_websocket(data)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (frame(b"", first=0x89), True),
        (frame(b"\r\n\r\n", mask=b"abcd"), True),
        (frame(OPTIONS), False),
        (frame(b"", first=0x89) + b"x", False),
        (b"", False),
    ],
)
def test_pings_and_keep_alives_are_small_frames(data, expected):
    assert is_small_frame(data) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(b"sip", True), (b"msrp, SIP", True), (b"sip,xmpp", True), (b"sipx", False), (b"x-sip", False), (b"", False)],
)
def test_subprotocol_sip_is_found_among_others(value, expected):
    assert names_sip(b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: " + value + b"\r\n") is expected
