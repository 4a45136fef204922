"""RTCP packets from bytes (RFC 3550 §6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.rtp import (
    Goodbye,
    OtherRtcp,
    ReceiverReport,
    SenderReport,
    SourceDescription,
    SourceDescriptionItem,
    parse_rtcp,
)

BLOCK = bytes.fromhex("00001234 40fffffe 00010203 00000010 b7052000 00054000")
SENDER = bytes.fromhex("81c8000c 0000aaaa b44db705 20000000 00000064 00000005 00000320") + BLOCK
RECEIVER = bytes.fromhex("81c90007 0000bbbb") + BLOCK
NAMES = bytes.fromhex("81ca0003 0000aaaa 0104 61406263 0000")


def test_sender_report():
    (report,), defects = parse_rtcp(SENDER)
    assert isinstance(report, SenderReport)
    assert (report.ssrc, report.packet_count, report.octet_count, defects) == (0xAAAA, 5, 800, ())


def test_middle_of_the_ntp_time_is_what_receivers_return():
    (report,), _ = parse_rtcp(SENDER)
    assert isinstance(report, SenderReport)
    assert report.middle_ntp_time == 0xB7052000


def test_report_block():
    (report,), _ = parse_rtcp(RECEIVER)
    assert isinstance(report, ReceiverReport)
    (block,) = report.blocks
    assert (block.ssrc, block.fraction_lost, block.highest_sequence, block.jitter_rtp_units) == (
        0x1234,
        0.25,
        0x00010203,
        16,
    )


def test_cumulative_loss_may_be_negative():
    (report,), _ = parse_rtcp(RECEIVER)
    assert isinstance(report, ReceiverReport)
    assert report.blocks[0].cumulative_lost == -2


def test_canonical_name():
    (names,), _ = parse_rtcp(NAMES)
    assert names == SourceDescription(items=(SourceDescriptionItem(ssrc=0xAAAA, kind=1, text="a@bc"),))


def test_goodbye_with_reason():
    (bye,), _ = parse_rtcp(bytes.fromhex("81cb0003 0000aaaa 0464 6f6e65 000000"))
    assert bye == Goodbye(sources=(0xAAAA,), reason="done")


def test_goodbye_without_reason():
    assert parse_rtcp(bytes.fromhex("81cb0001 0000aaaa"))[0] == (Goodbye(sources=(0xAAAA,)),)


def test_other_types_are_kept_as_they_came():
    (feedback,), _ = parse_rtcp(bytes.fromhex("81ce0002 0000aaaa 0000bbbb"))
    assert feedback == OtherRtcp(packet_type=206, count=1, ssrc=0xAAAA, content=bytes.fromhex("0000aaaa0000bbbb"))


def test_compound_packets_one_behind_the_other():
    packets, defects = parse_rtcp(SENDER + NAMES + RECEIVER + NAMES)
    assert [type(packet) for packet in packets] == [SenderReport, SourceDescription, ReceiverReport, SourceDescription]
    assert defects == ()


def test_padding_of_the_last_packet_is_taken_off():
    packets, defects = parse_rtcp(bytes.fromhex("a1cb0002 0000aaaa 00000004"))
    assert (packets, defects) == ((Goodbye(sources=(0xAAAA,)),), ())


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\x80\xc8", "rtcp-truncated"),
        (bytes.fromhex("00c80000"), "rtcp-header"),
        (bytes.fromhex("80c8ffff") + bytes(24), "rtcp-length"),
        (bytes.fromhex("85c90001 0000bbbb"), "rtcp-content-length"),
        (RECEIVER + bytes.fromhex("80000001 12345678"), "rtcp-trailing-bytes"),
        (bytes.fromhex("a1cb0001 0000aaaf"), "rtcp-content-length"),
        (bytes.fromhex("81ca0002 0000aaaa 01ff6162"), "rtcp-content-length"),
    ],
)
def test_broken_bytes_are_a_defect(payload: bytes, code: str):
    _, defects = parse_rtcp(payload)
    assert [defect.code for defect in defects] == [code]


def test_packets_before_the_broken_one_are_kept():
    packets, _ = parse_rtcp(RECEIVER + b"\x80")
    assert len(packets) == 1


@given(st.binary(max_size=120))
def test_nothing_raises(payload: bytes):
    packets, defects = parse_rtcp(payload)
    assert packets or defects or not payload


@given(st.binary(min_size=20, max_size=100))
def test_encrypted_bytes_behind_a_plain_header_give_a_defect_or_nothing_typed(encrypted: bytes):
    # SRTCP: eight plain bytes whose length is right for the plain packet, then ciphertext, index and tag.
    packets, _ = parse_rtcp(bytes.fromhex("80c90001 0000bbbb") + encrypted)
    assert isinstance(packets[0], ReceiverReport)
    assert packets[0].blocks == ()
