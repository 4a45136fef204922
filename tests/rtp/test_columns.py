"""RTP headers as columns (RFC 3550 §5.1)."""

import numpy as np
import pytest

from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import HEAD_BYTES, DatagramColumns
from sipscope.rtp import RtpColumns, rtp_columns

FIXED = bytes.fromhex("8008 1234 000003e8 deadbeef")


def read(*datagrams: bytes) -> RtpColumns:
    head = b"".join(datagram[:HEAD_BYTES].ljust(HEAD_BYTES, b"\0") for datagram in datagrams)
    zeros = np.zeros(len(datagrams), dtype=np.int64)
    return rtp_columns(
        DatagramColumns(
            frame=zeros + 1,
            at=zeros,
            hop=zeros,
            hops=[Hop(Endpoint("192.0.2.1", 1), Endpoint("192.0.2.2", 2))],
            length=np.array([len(datagram) for datagram in datagrams]),
            dscp=zeros,
            identification=zeros,
            head=np.frombuffer(head, dtype=np.uint8).reshape(-1, HEAD_BYTES),
        )
    )


def test_fields_of_a_plain_header():
    found = read(FIXED + bytes(160))
    assert (found.valid[0], found.marker[0], found.payload_type[0]) == (True, False, 8)
    assert (found.sequence[0], found.timestamp[0], found.ssrc[0]) == (0x1234, 1000, 0xDEADBEEF)
    assert (found.payload_offset[0], found.payload_length[0]) == (12, 160)


def test_marker_is_the_upper_bit_of_the_second_byte():
    found = read(b"\x80\x88" + FIXED[2:])
    assert (found.marker[0], found.payload_type[0]) == (True, 8)


def test_contributing_sources_are_no_payload():
    assert read(b"\x82" + FIXED[1:] + bytes(8) + bytes(20)).payload_length[0] == 20


def test_header_extension_is_no_payload():
    found = read(b"\x90" + FIXED[1:] + bytes.fromhex("bede0001 10aa0000") + bytes(20))
    assert (found.payload_offset[0], found.payload_length[0]) == (20, 20)


def test_extension_behind_contributing_sources_is_read_too():
    assert read(b"\x91" + FIXED[1:] + bytes(4) + bytes.fromhex("bede0001 10aa0000") + bytes(20)).payload_length[0] == 20


def test_padding_within_reach_is_no_payload():
    assert read(b"\xa0" + FIXED[1:] + bytes(10) + b"\0\0\0\x04").payload_length[0] == 10


def test_padding_out_of_reach_counts_as_payload():
    assert read(b"\xa0" + FIXED[1:] + bytes(156) + b"\0\0\0\x04").payload_length[0] == 160


@pytest.mark.parametrize("payload_type", [72, 73, 74, 75, 76])
def test_types_that_look_like_rtcp_are_not_valid(payload_type: int):
    assert not read(bytes([0x80, payload_type]) + FIXED[2:] + bytes(20)).valid[0]


def test_other_versions_are_not_valid():
    assert not read(b"\x40" + FIXED[1:] + bytes(20)).valid[0]


@pytest.mark.parametrize(
    "datagram",
    [FIXED[:11], b"\x8f" + FIXED[1:] + bytes(20), b"\x90" + FIXED[1:] + bytes.fromhex("bede00ff") + bytes(20)],
    ids=["short", "sources", "extension"],
)
def test_datagram_shorter_than_its_header_is_not_valid(datagram: bytes):
    assert not read(datagram).valid[0]


def test_payload_words_are_read_where_they_are_kept():
    found = read(FIXED + bytes.fromhex("050a0320"), FIXED + b"\1", b"\x8f" + FIXED[1:] + bytes(60) + bytes(4))
    assert found.payload_words(np.arange(3)).tolist() == [0x050A0320, -1, -1]


def test_no_rows_give_no_rows():
    assert len(read().valid) == 0
