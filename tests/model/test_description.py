"""Small statements of a description about itself (RFC 8866)."""

import pytest

from sipscope.model.defects import Span
from sipscope.model.description import DescriptionLine, Direction, MediaDescription, RtpFormat, SessionDescription
from sipscope.sdp import parse_description


@pytest.mark.parametrize(
    ("direction", "sends", "receives", "mirrored"),
    [
        ("sendrecv", True, True, "sendrecv"),
        ("sendonly", True, False, "recvonly"),
        ("recvonly", False, True, "sendonly"),
        ("inactive", False, False, "inactive"),
    ],
)
def test_a_direction_is_seen_from_its_writer(direction: str, sends: bool, receives: bool, mirrored: str) -> None:
    found = Direction(direction)
    assert (found.sends, found.receives, str(found.mirrored)) == (sends, receives, mirrored)


@pytest.mark.parametrize(
    ("rtp_format", "text"),
    [
        (RtpFormat(payload_type=8, encoding="PCMA", clock_rate_hz=8000), "PCMA/8000"),
        (RtpFormat(payload_type=111, encoding="opus", clock_rate_hz=48000, channels=2), "opus/48000/2"),
        (RtpFormat(payload_type=96, encoding="x"), "x"),
        (RtpFormat(payload_type=96), "96"),
    ],
)
def test_a_format_is_printed_with_what_is_known(rtp_format: RtpFormat, text: str) -> None:
    assert str(rtp_format) == text


def test_formats_are_compared_without_case_and_payload_type() -> None:
    one = RtpFormat(payload_type=96, encoding="iLBC", clock_rate_hz=8000)
    other = RtpFormat(payload_type=97, encoding="ILBC", clock_rate_hz=8000, parameters="mode=20")
    assert one.key == other.key


def test_a_section_without_lines_makes_up_its_media_line() -> None:
    assert MediaDescription(index=0, kind="audio", port=4000, protocol="RTP/AVP").media_line == "m=audio 4000 RTP/AVP"


def test_lines_are_told_as_texts() -> None:
    line = DescriptionLine(1, "v", "0", Span(0, 3))
    assert SessionDescription(lines=(line,)).texts == parse_description(b"v=0").texts == ("v=0",)


def test_equal_descriptions_have_equal_hashes() -> None:
    one, other = (SessionDescription(content=bytes([118])), SessionDescription(content=b"v"))
    assert (one == other, hash(one) == hash(other)) == (True, True)
