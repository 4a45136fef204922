"""Values of lines and attributes, typed; what can't be read is None (RFC 8866 §5, §6)."""

import pytest

from sipscope.model.description import Attribute, Connection, Crypto, Direction, Origin
from sipscope.sdp.values import (
    attribute_of,
    connection_of,
    crypto_of,
    direction_of,
    milliseconds_of,
    number_of,
    origin_of,
    rtcp_of,
    rtp_formats_of,
)


def attributes(*values: str) -> list[Attribute]:
    return [attribute_of(value, number) for number, value in enumerate(values, start=1)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("18446744073709551615", 2**64 - 1),
        ("9" * 20, 10**20 - 1),
        ("9" * 21, None),
        ("9" * 5000, None),
        ("", None),
        ("-1", None),
        ("+1", None),
        ("1.0", None),
        ("0x10", None),
        (" 1", None),
        ("1_000", None),
        ("٣", None),
        ("²", None),
    ],
)
def test_a_number_is_up_to_twenty_ascii_digits(text: str, number: int | None) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("- 1 2 IN IP4 192.0.2.1", Origin("-", "1", "2", "IN", "IP4", "192.0.2.1")),
        ("-  1  2 IN IP4 host.example", Origin("-", "1", "2", "IN", "IP4", "host.example")),
        ("John Doe 1 2 IN IP6 2001:db8::1", Origin("John Doe", "1", "2", "IN", "IP6", "2001:db8::1")),
        ("- today 1 IN IP4 192.0.2.1", Origin("-", "today", "1", "IN", "IP4", "192.0.2.1")),
        ("- 1 2 IN IP4", None),
        ("", None),
    ],
)
def test_an_origin_is_a_name_and_five_fields(value: str, expected: Origin | None) -> None:
    assert origin_of(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("IN IP4 192.0.2.1", Connection("IN", "IP4", "192.0.2.1")),
        ("IN IP6 2001:DB8::1", Connection("IN", "IP6", "2001:db8::1")),
        ("IN IP6 [2001:db8::1]", Connection("IN", "IP6", "2001:db8::1")),
        ("IN IP4 224.2.1.1/127/3", Connection("IN", "IP4", "224.2.1.1")),
        ("IN IP6 FF15::101/3", Connection("IN", "IP6", "ff15::101")),
        ("IN IP4 Media.Example", Connection("IN", "IP4", "media.example")),
        ("IN IP4", None),
        ("", None),
    ],
)
def test_a_connection_is_its_address_without_scope_and_count(value: str, expected: Connection | None) -> None:
    assert connection_of(value) == expected


@pytest.mark.parametrize(
    ("value", "name", "content"),
    [
        ("sendrecv", "sendrecv", None),
        ("rtpmap:0 PCMU/8000", "rtpmap", "0 PCMU/8000"),
        ("RTPMAP:0 PCMU/8000", "rtpmap", "0 PCMU/8000"),
        ("candidate:1 1 UDP 1 2001:db8::1 9 typ host", "candidate", "1 1 UDP 1 2001:db8::1 9 typ host"),
        ("x-unknown:", "x-unknown", ""),
        ("", "", None),
        (":", "", ""),
    ],
)
def test_an_attribute_is_split_at_its_first_colon(value: str, name: str, content: str | None) -> None:
    assert attribute_of(value, 7) == Attribute(name, content, 7)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["sendonly"], Direction.SENDONLY),
        (["SendRecv"], Direction.SENDRECV),
        (["ptime:20", "inactive", "sendrecv"], Direction.INACTIVE),
        (["sendonly:1"], None),
        ([], None),
    ],
)
def test_the_first_direction_counts(values: list[str], expected: Direction | None) -> None:
    assert direction_of(attributes(*values)) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20", 20.0),
        ("2.5", 2.5),
        ("0", 0.0),
        ("20 ", 20.0),
        ("20ms", None),
        ("-20", None),
        (".5", None),
        ("9" * 30, None),
    ],
)
def test_a_packet_time_is_a_number_of_milliseconds(value: str, expected: float | None) -> None:
    assert milliseconds_of(attributes(f"ptime:{value}"), "ptime") == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("4001", (4001, None)),
        ("53020 IN IP4 126.16.64.4", (53020, "126.16.64.4")),
        ("53020 IN IP6 2001:DB8::211", (53020, "2001:db8::211")),
        ("port", (None, None)),
        ("", (None, None)),
    ],
)
def test_rtcp_has_a_port_and_perhaps_an_address(value: str, expected: tuple[int | None, str | None]) -> None:
    assert rtcp_of(attributes(f"rtcp:{value}")) == expected


def test_crypto_lines_keep_their_order_and_session_parameters() -> None:
    lines = attributes(
        "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJD|2^20|1:32 KDR=1 UNENCRYPTED_SRTCP",
        "crypto:2 AES_CM_128_HMAC_SHA1_32 inline:REVG",
        "crypto:3 too-short",
    )
    assert crypto_of(lines) == (
        Crypto("1", "AES_CM_128_HMAC_SHA1_80", "inline:QUJD|2^20|1:32", "KDR=1 UNENCRYPTED_SRTCP"),
        Crypto("2", "AES_CM_128_HMAC_SHA1_32", "inline:REVG"),
    )


@pytest.mark.parametrize(
    ("payload_type", "lines", "text", "stated"),
    [
        ("0", [], "PCMU/8000", False),
        ("9", [], "G722/8000", False),
        ("10", [], "L16/44100/2", False),
        ("8", ["rtpmap:8 PCMA/8000"], "PCMA/8000", True),
        ("8", ["rtpmap:8 G726-32/8000"], "G726-32/8000", True),
        ("111", ["rtpmap:111 opus/48000/2"], "opus/48000/2", True),
        ("96", ["rtpmap:96 opus/48000/2", "rtpmap:96 iLBC/8000"], "opus/48000/2", True),
        ("96", ["rtpmap:96  iLBC / 8000 / 1"], "iLBC/8000", True),
        ("96", ["rtpmap:96 iLBC"], "iLBC", True),
        ("96", ["rtpmap:96 iLBC/fast"], "iLBC", True),
        ("96", ["rtpmap:96 iLBC/0"], "iLBC", True),
        ("96", ["rtpmap:96"], "96", False),
        ("96", ["rtpmap:97 iLBC/8000"], "96", False),
        ("96", ["rtpmap:x iLBC/8000"], "96", False),
        ("96", [], "96", False),
    ],
)
def test_a_format_is_named_by_its_rtpmap_or_its_static_type(
    payload_type: str, lines: list[str], text: str, stated: bool
) -> None:
    (found,) = rtp_formats_of([payload_type], attributes(*lines))
    assert (str(found), found.stated) == (text, stated)


def test_format_parameters_belong_to_their_payload_type() -> None:
    found = rtp_formats_of(
        ["0", "101"], attributes("fmtp:101 0-15", "rtpmap:101 telephone-event/8000", "fmtp:101 0-11")
    )
    assert [item.parameters for item in found] == [None, "0-15"]


def test_formats_that_are_no_payload_types_are_left_out() -> None:
    assert [item.payload_type for item in rtp_formats_of(["0", "t38", "128", "127", "-1"], [])] == [0, 127]
