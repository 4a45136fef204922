"""When two descriptions say the same, and which formats two sections share (RFC 3264 §6.1, §8)."""

import pytest

from sipscope.model.comparison import common_formats, differences, effective_direction
from sipscope.model.description import Direction, MediaDescription, SessionDescription
from sipscope.sdp import parse_description

HEAD = "v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|c=IN IP4 192.0.2.1|t=0 0"
AUDIO = "m=audio 4000 RTP/AVP 0 101|a=rtpmap:101 telephone-event/8000|a=fmtp:101 0-15"


def described(text: str) -> SessionDescription:
    """Lines separated by bars."""
    return parse_description("".join(f"{line}\r\n" for line in text.split("|")).encode())


def section(text: str) -> MediaDescription:
    return described(f"{HEAD}|{text}").media[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO}", id="equal"),
        pytest.param(f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO}".replace("- 1 1", "- 1 2"), id="another version"),
        pytest.param(f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO}".replace("s=-", "s=call"), id="another session name"),
        pytest.param(
            f"{HEAD}|{AUDIO}",
            f"{HEAD}|m=audio 4000 RTP/AVP 0 101|a=fmtp:101 0-15|a=rtpmap:101 telephone-event/8000",
            id="order of attributes",
        ),
        pytest.param(
            f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO}|a=rtpmap:0 PCMU/8000", id="static type with and without its rtpmap"
        ),
        pytest.param(
            f"{HEAD}|m=audio 4000 RTP/AVP 97|a=rtpmap:97 iLBC/8000",
            f"{HEAD}|m=audio 4000 RTP/AVP 97|a=rtpmap:97 ILBC/8000/1",
            id="case of the encoding, and one channel said or not",
        ),
        pytest.param(
            f"{HEAD}|m=audio 4000 RTP/AVP 97|a=rtpmap:97 AMR/8000|a=fmtp:97 octet-align=1; mode-set=0,7",
            f"{HEAD}|m=audio 4000 RTP/AVP 97|a=rtpmap:97 AMR/8000|a=fmtp:97 Mode-Set=0,7;octet-align=1",
            id="order, blanks and case of format parameters",
        ),
        pytest.param(f"{HEAD}|a=sendonly|{AUDIO}", f"{HEAD}|{AUDIO}|a=sendonly", id="level of the direction"),
        pytest.param(f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO}|a=sendrecv", id="direction that is the default"),
        pytest.param(
            f"{HEAD}|{AUDIO}",
            f"v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|t=0 0|{AUDIO}|c=IN IP4 192.0.2.1",
            id="level of the connection",
        ),
        pytest.param(
            f"{HEAD}|a=ice-ufrag:u|a=ice-pwd:p|{AUDIO}",
            f"{HEAD}|{AUDIO}|a=ice-pwd:p|a=ice-ufrag:u",
            id="level and order of ICE credentials",
        ),
        pytest.param(
            f"{HEAD}|a=fingerprint:sha-1 AB:CD|a=setup:active|{AUDIO}",
            f"{HEAD}|{AUDIO}|a=setup:active|a=fingerprint:SHA-1 ab:cd",
            id="level of keys, and case of a fingerprint",
        ),
        pytest.param(
            f"{HEAD}|{AUDIO}", f"{HEAD}|a=tool:x|{AUDIO}|a=X-nat:0|a=ts-refclk:ntp", id="attributes of no effect"
        ),
        pytest.param(f"{HEAD}|{AUDIO}", f"{HEAD}|{AUDIO} ".replace("0-15", "0-15  "), id="blanks at the end"),
    ],
)
def test_these_make_no_difference(first: str, second: str) -> None:
    assert differences(described(first), described(second)) == ()


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (AUDIO, f"{AUDIO}|m=video 4002 RTP/AVP 34", ["mcount: 1, then 2"]),
        (AUDIO, AUDIO.replace("audio", "video"), ["kind of m-line 1: audio, then video"]),
        (AUDIO, f"{AUDIO}|c=IN IP4 192.0.2.9", ["addr of m-line 1: 192.0.2.1, then 192.0.2.9"]),
        (AUDIO, AUDIO.replace("4000", "5000"), ["port of m-line 1: 4000, then 5000"]),
        (AUDIO, AUDIO.replace("RTP/AVP", "RTP/SAVP"), ["proto of m-line 1: RTP/AVP, then RTP/SAVP"]),
        (AUDIO, f"{AUDIO}|a=inactive", ["direction of m-line 1: sendrecv, then inactive"]),
        (f"{AUDIO}|a=ptime:20", f"{AUDIO}|a=ptime:30", ["ptime of m-line 1: 20 ms, then 30 ms"]),
        (f"{AUDIO}|a=maxptime:40", AUDIO, ["ptime of m-line 1: at most 40 ms, then not stated"]),
        (AUDIO, AUDIO.replace("0-15", "0-16"), ["fmtp of m-line 1: 0: 101:0-15, then 0: 101:0-16"]),
        (f"{AUDIO}|a=candidate:1", AUDIO, ["ice of m-line 1: 1||, then |"]),
        (AUDIO, f"{AUDIO}|a=mid:a", ["cosmetic of m-line 1: , then mid:a"]),
        (AUDIO, f"{AUDIO}|a=rtcp-mux", ["cosmetic of m-line 1: , then rtcp-mux"]),
        (AUDIO, f"{AUDIO}|a=setup:active", ["keys of m-line 1: ||, then ||active"]),
        (AUDIO, f"{AUDIO}|a=fingerprint:sha-1 AB", ["keys of m-line 1: ||, then |sha-1 ab|"]),
        (AUDIO, f"{AUDIO}|a=crypto:1 AEAD inline:k", ["keys of m-line 1: ||, then 1 AEAD inline:k||"]),
        (
            "m=audio 4000 RTP/AVP 0 8",
            "m=audio 4000 RTP/AVP 8 0",
            ["first-codec of m-line 1: PCMU/8000, then PCMA/8000"],
        ),
        (
            "m=audio 4000 RTP/AVP 97|a=rtpmap:97 AMR/8000",
            "m=audio 4000 RTP/AVP 98|a=rtpmap:98 AMR/8000",
            [
                "pt-map of m-line 1: 97=AMR/8000, then 98=AMR/8000",
                "fmtp of m-line 1: 97:, then 98:",
            ],
        ),
        (
            "m=image 4000 udptl t38",
            "m=image 4000 UDPTL t38|a=T38FaxVersion:0",
            ["cosmetic of m-line 1: , then t38faxversion:0"],
        ),
        (
            "m=message 4000 TCP/MSRP *",
            "m=message 4000 TCP/MSRP x",
            ["codec-set of m-line 1: *, then x", "first-codec of m-line 1: *, then x"],
        ),
    ],
)
def test_a_difference_says_what_where_and_how(first: str, second: str, expected: list[str]) -> None:
    found = differences(described(f"{HEAD}|{first}"), described(f"{HEAD}|{second}"))
    assert [str(item) for item in found] == expected


def test_order_of_candidates_counts() -> None:
    one, other = f"{HEAD}|{AUDIO}|a=candidate:1|a=candidate:2", f"{HEAD}|{AUDIO}|a=candidate:2|a=candidate:1"
    assert [item.kind for item in differences(described(one), described(other))] == ["ice"]


def test_changed_ice_credentials_of_session_level_are_a_difference() -> None:
    one, other = f"{HEAD}|a=ice-ufrag:u|{AUDIO}", f"{HEAD}|a=ice-ufrag:w|{AUDIO}"
    assert [item.kind for item in differences(described(one), described(other))] == ["ice"]


def test_severest_difference_of_a_section_comes_first() -> None:
    one, other = (
        described(f"{HEAD}|{AUDIO}"),
        described(f"{HEAD}|m=audio 5000 RTP/SAVP 8|c=IN IP4 192.0.2.9|a=sendonly"),
    )
    assert [str(item.kind) for item in differences(one, other)] == [
        "addr", "port", "proto", "codec-set", "first-codec", "pt-map", "direction", "fmtp",
    ]  # fmt: skip


def test_sections_that_share_their_formats_have_the_common_ones_of_any_others() -> None:
    formats = section("m=audio 4000 RTP/AVP 0 8 101|a=rtpmap:101 telephone-event/8000").rtp_formats
    one, other = (
        MediaDescription(index=0, kind="audio", port=1, protocol="RTP/AVP", rtp_formats=formats) for _ in "ab"
    )
    fewer = section("m=audio 4000 RTP/AVP 8")
    assert common_formats(one, other) == formats == common_formats(other, one)
    assert [str(item) for item in common_formats(one, fewer)] == ["PCMA/8000"]
    assert [str(item) for item in common_formats(fewer, other)] == ["PCMA/8000"]


def test_a_section_without_connection_differs_from_one_with() -> None:
    bare = described(f"v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|t=0 0|{AUDIO}")
    assert [item.first for item in differences(bare, described(f"{HEAD}|{AUDIO}"))] == ["none"]


@pytest.mark.parametrize(
    ("offered", "answered", "expected"),
    [
        ("RTP/AVP 0 8", "RTP/AVP 8 0", ["PCMA/8000", "PCMU/8000"]),
        ("RTP/AVP 0 8", "RTP/AVP 8", ["PCMA/8000"]),
        ("RTP/AVP 0", "RTP/AVP 18", []),
        ("RTP/AVP 97|a=rtpmap:97 iLBC/8000", "RTP/AVP 98|a=rtpmap:98 ILBC/8000", ["ILBC/8000"]),
        ("RTP/AVP 97|a=rtpmap:97 opus/48000/2", "RTP/AVP 97|a=rtpmap:97 opus/48000", []),
        ("RTP/AVP 97|a=rtpmap:97 AMR-WB/16000", "RTP/AVP 97|a=rtpmap:97 AMR-WB/8000", []),
        ("RTP/AVP 0", "RTP/AVP 96|a=rtpmap:96 PCMU/8000", ["PCMU/8000"]),
        ("RTP/AVP 99", "RTP/AVP 99", []),
        ("UDPTL t38", "UDPTL t38", []),
    ],
)
def test_formats_are_shared_by_name_clock_and_channels(offered: str, answered: str, expected: list[str]) -> None:
    shared = common_formats(section(f"m=audio 4000 {offered}"), section(f"m=audio 5000 {answered}"))
    assert [str(item) for item in shared] == expected


BOTH = ["sendrecv", "sendonly", "recvonly", "inactive"]
TABLE = {
    "sendrecv": ["sendrecv", "recvonly", "sendonly", "inactive"],
    "sendonly": ["sendonly", "inactive", "sendonly", "inactive"],
    "recvonly": ["recvonly", "recvonly", "inactive", "inactive"],
    "inactive": ["inactive", "inactive", "inactive", "inactive"],
}


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [(own, other, expected) for own, row in TABLE.items() for other, expected in zip(BOTH, row, strict=True)],
)
def test_media_flows_where_one_sends_and_the_other_receives(own: str, other: str, expected: str) -> None:
    one, two = section(f"m=audio 4000 RTP/AVP 0|a={own}"), section(f"m=audio 5000 RTP/AVP 0|a={other}")
    assert effective_direction(one, two) is Direction(expected)


@pytest.mark.parametrize(("own", "other"), [(0, 5000), (4000, 0), (0, 0)])
def test_a_port_of_zero_overrides_the_direction(own: int, other: int) -> None:
    one, two = section(f"m=audio {own} RTP/AVP 0"), section(f"m=audio {other} RTP/AVP 0")
    assert effective_direction(one, two) is Direction.INACTIVE


@pytest.mark.parametrize("own", Direction)
@pytest.mark.parametrize("other", Direction)
def test_both_parties_see_the_same_flow(own: Direction, other: Direction) -> None:
    one, two = section(f"m=audio 4000 RTP/AVP 0|a={own}"), section(f"m=audio 5000 RTP/AVP 0|a={other}")
    assert effective_direction(one, two) is effective_direction(two, one).mirrored
