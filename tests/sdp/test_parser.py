"""A whole description: session, sections, and what sections inherit (RFC 8866 §5)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipscope.model.description import Connection, Direction, MediaDescription, SessionDescription
from sipscope.sdp import parse_description

HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=call", "c=IN IP4 192.0.2.1", "t=0 0"]
AUDIO = "m=audio 4000 RTP/AVP 0"


def described(*lines: str) -> SessionDescription:
    return parse_description("".join(f"{line}\r\n" for line in lines).encode())


def section(*lines: str) -> MediaDescription:
    """The first section of a description with a usual head."""
    return described(*HEAD, *lines).media[0]


def test_session_level_is_what_stands_before_the_first_media_line() -> None:
    found = described(*HEAD, "a=group:BUNDLE a", AUDIO, "a=mid:a", "t=1 1")
    assert (found.session_name, found.timing, [item.name for item in found.attributes]) == ("call", ("0 0",), ["group"])


def test_a_description_without_media_has_no_sections() -> None:
    assert described(*HEAD).media == ()


@pytest.mark.parametrize("missing", range(5))
def test_a_missing_session_line_leaves_the_rest_readable(missing: int) -> None:
    found = described(*(line for number, line in enumerate(HEAD) if number != missing), AUDIO)
    assert found.media[0].port == 4000


def test_lines_out_of_order_are_read_all_the_same() -> None:
    found = described("t=0 0", "c=IN IP4 192.0.2.1", "s=call", "o=- 1 1 IN IP4 192.0.2.1", "v=0", AUDIO)
    assert (found.session_name, found.connection, found.timing) == (
        "call",
        Connection("IN", "IP4", "192.0.2.1"),
        ("0 0",),
    )


def test_the_bytes_are_kept() -> None:
    assert parse_description(b"v=0\r\nx\xff").content == b"v=0\r\nx\xff"


def test_a_section_has_all_its_lines() -> None:
    found = described(*HEAD, AUDIO, "a=unknown:x", "garbage", "m=video 0 RTP/AVP 34")
    assert [[str(line) for line in item.lines] for item in found.media] == [
        [AUDIO, "a=unknown:x", "garbage"],
        ["m=video 0 RTP/AVP 34"],
    ]


def test_unknown_attributes_are_kept_in_order() -> None:
    names = [(item.name, item.value) for item in section(AUDIO, "a=x-one:1", "a=x-two", "a=x-one:2").attributes]
    assert names == [("x-one", "1"), ("x-two", None), ("x-one", "2")]


@pytest.mark.parametrize(
    ("line", "kind", "port", "count", "protocol", "formats"),
    [
        ("m=audio 4000 RTP/AVP 0 8", "audio", 4000, 1, "RTP/AVP", ("0", "8")),
        ("m=AUDIO 4000 rtp/avp 0", "audio", 4000, 1, "rtp/avp", ("0",)),
        ("m=video 4000/2 RTP/SAVPF 96", "video", 4000, 2, "RTP/SAVPF", ("96",)),
        ("m=image 4000 udptl t38", "image", 4000, 1, "udptl", ("t38",)),
        ("m=message 2855 TCP/MSRP *", "message", 2855, 1, "TCP/MSRP", ("*",)),
        (
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "application",
            9,
            1,
            "UDP/DTLS/SCTP",
            ("webrtc-datachannel",),
        ),
        ("m=audio 0 RTP/AVP 0", "audio", 0, 1, "RTP/AVP", ("0",)),
        ("m=audio 70000 RTP/AVP 0", "audio", 70000, 1, "RTP/AVP", ("0",)),
        ("m=audio port RTP/AVP 0", "audio", 0, 1, "RTP/AVP", ("0",)),
        ("m=audio 99999999999999999999999 RTP/AVP 0", "audio", 0, 1, "RTP/AVP", ("0",)),
        ("m=audio 4000", "audio", 4000, 1, "", ()),
        ("m=", "", 0, 1, "", ()),
    ],
)
def test_a_media_line_is_kind_port_protocol_and_formats(
    line: str, kind: str, port: int, count: int, protocol: str, formats: tuple[str, ...]
) -> None:
    found = section(line)
    assert (found.kind, found.port, found.port_count, found.protocol, found.formats) == (
        kind, port, count, protocol, formats,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("protocol", "is_rtp"),
    [
        ("RTP/AVP", True),
        ("RTP/SAVPF", True),
        ("UDP/TLS/RTP/SAVPF", True),
        ("rtp/avp", True),
        ("udptl", False),
        ("TCP/MSRP", False),
        ("", False),
    ],
)
def test_payload_types_exist_in_rtp_profiles_only(protocol: str, is_rtp: bool) -> None:
    found = section(f"m=audio 4000 {protocol} 0")
    assert (found.is_rtp, bool(found.rtp_formats)) == (is_rtp, is_rtp)


def test_sections_are_counted_from_zero() -> None:
    found = described(*HEAD, AUDIO, "m=video 4002 RTP/AVP 34", "m=audio 0 RTP/AVP 8")
    assert [(item.index, item.kind) for item in found.media] == [(0, "audio"), (1, "video"), (2, "audio")]


@pytest.mark.parametrize(
    ("session", "own", "address", "is_own"),
    [
        (["c=IN IP4 192.0.2.1"], [], "192.0.2.1", False),
        (["c=IN IP4 192.0.2.1"], ["c=IN IP4 192.0.2.2"], "192.0.2.2", True),
        ([], ["c=IN IP6 2001:DB8::2"], "2001:db8::2", True),
        ([], ["c=IN IP4 224.2.1.1/127", "c=IN IP4 224.2.1.2/127"], "224.2.1.1", True),
        (["c=IN IP4 192.0.2.1"], ["c=IN"], "192.0.2.1", False),
        ([], [], None, False),
    ],
)
def test_the_nearest_connection_applies(session: list[str], own: list[str], address: str | None, is_own: bool) -> None:
    (found,) = described("v=0", *session, AUDIO, *own).media
    assert (found.address, found.has_own_connection) == (address, is_own)


@pytest.mark.parametrize(
    ("session", "own", "direction", "stated"),
    [
        ([], [], "sendrecv", None),
        (["a=inactive"], [], "inactive", "session"),
        (["a=inactive"], ["a=sendonly"], "sendonly", "media"),
        ([], ["a=recvonly"], "recvonly", "media"),
    ],
)
def test_the_nearest_direction_applies(session: list[str], own: list[str], direction: str, stated: str | None) -> None:
    (found,) = described(*HEAD, *session, AUDIO, *own).media
    assert (found.direction, found.direction_stated) == (Direction(direction), stated)


@pytest.mark.parametrize(
    ("session", "own", "expected"),
    [
        (["a=fingerprint:sha-256 AA", "a=setup:actpass"], [], ("sha-256 AA", "actpass")),
        (["a=fingerprint:sha-256 AA"], ["a=fingerprint:sha-256 BB", "a=setup:active"], ("sha-256 BB", "active")),
        ([], [], (None, None)),
    ],
)
def test_the_nearest_fingerprint_and_setup_apply(
    session: list[str], own: list[str], expected: tuple[str | None, str | None]
) -> None:
    (found,) = described(*HEAD, *session, AUDIO, *own).media
    assert (found.fingerprint, found.setup) == expected


def test_the_nearest_ice_credentials_apply() -> None:
    (found,) = described(*HEAD, "a=ice-ufrag:session", "a=ice-pwd:secret", AUDIO, "a=ice-ufrag:own").media
    assert found.ice_credentials == ("own", "secret")


def test_attributes_of_one_section_are_not_those_of_another() -> None:
    one, two = described(*HEAD, AUDIO, "a=ptime:20", "a=mid:a", "a=rtcp-mux", "m=audio 4002 RTP/AVP 8").media
    assert [(item.ptime_ms, item.mid, item.rtcp_mux) for item in (one, two)] == [(20.0, "a", True), (None, None, False)]


def test_a_section_knows_its_transport_attributes() -> None:
    found = section(
        "m=audio 4000 RTP/SAVP 0",
        "a=rtcp:4005 IN IP4 192.0.2.3",
        "a=maxptime:40.5",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJD",
        "a=candidate:1 1 UDP 2130706431 192.0.2.1 4000 typ host",
        "a=candidate:2 1 UDP 1694498815 198.51.100.1 4000 typ srflx raddr 192.0.2.1 rport 4000",
    )
    assert (found.rtcp_port, found.rtcp_address, found.maxptime_ms, len(found.crypto), len(found.ice_candidates)) == (
        4005, "192.0.2.3", 40.5, 1, 2,
    )  # fmt: skip


def test_bundle_only_is_told_from_a_refusal() -> None:
    assert [section("m=audio 0 RTP/AVP 0", *more).is_bundle_only for more in (["a=bundle-only"], [])] == [True, False]


@pytest.mark.parametrize(
    ("address", "is_null"),
    [
        ("IP4 0.0.0.0", True),
        ("IP6 ::", True),
        ("IP6 0:0:0:0:0:0:0:0", True),
        ("IP4 192.0.2.1", False),
        ("IP6 ::1", False),
    ],
)
def test_the_null_address_is_the_old_way_of_hold(address: str, is_null: bool) -> None:
    connection = section(AUDIO, f"c=IN {address}").connection
    assert connection is not None
    assert connection.is_null is is_null


def test_attribute_values_stand_in_order() -> None:
    found = section(AUDIO, "a=ssrc:1 a", "a=ptime:20", "a=ssrc:2 b")
    assert list(found.attribute_values("ssrc")) == ["1 a", "2 b"]


def test_a_format_is_found_by_its_payload_type() -> None:
    found = section("m=audio 4000 RTP/AVP 0 8")
    assert [str(found.format_of(number)) for number in (8, 18)] == ["PCMA/8000", "None"]


SDP_LIKE = st.text("vosctmak=:/ \r\n0128RTPAVIN.\x00é", max_size=200).map(str.encode)


@given(st.binary(max_size=400) | SDP_LIKE)
@example(b"m=\r\nm=\r\nc=\r\na=\r\no=\r\n")
@example(b"m=audio 4000 RTP/AVP 0\r\na=rtpmap:\r\na=fmtp:\r\na=rtcp:\r\na=crypto:\r\na=ptime:.\r\n")
@example(b"o=" + b" " * 10 + b"9" * 5000)
@example(b"c=IN IP6 fe80::1%eth0\r\nm=audio 1 RTP/AVP 0")
def test_no_bytes_raise_and_none_are_lost(body: bytes) -> None:
    found = parse_description(body)
    assert found.content == body
    assert sum(len(item.lines) for item in found.media) <= len(found.lines)
