"""What is told by the form of a description is what a full parse tells."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipscope.sdp.forms import described_by_forms
from sipscope.sdp.parser import parse_description, parsed_in_full

HEAD = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=call", "c=IN IP4 192.0.2.1", "t=0 0"]
AUDIO = "m=audio 4000 RTP/AVP 0 101"
MAPPED = "a=rtpmap:101 telephone-event/8000"


def body_of(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")


USUAL = body_of(*HEAD, AUDIO, MAPPED, "a=sendrecv")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(USUAL, id="usual"),
        pytest.param(USUAL.removesuffix(b"\r\n"), id="no end of the last line"),
        pytest.param(USUAL + b"\r\n\x00\x00", id="padded"),
        pytest.param(USUAL.replace(b" 4000 ", b" 0 "), id="refused"),
        pytest.param(USUAL.replace(b"IP4 192.0.2.1\r\nt", b"IP6 2001:DB8::1\r\nt"), id="IPv6"),
        pytest.param(USUAL.replace(b"sendrecv", b"mid:x\x00"), id="NUL at the end of a line"),
        pytest.param(body_of(*HEAD, "a=setup:active\x00", AUDIO, MAPPED), id="inherited NUL"),
        pytest.param(body_of(*HEAD), id="no section"),
        pytest.param(body_of(*HEAD[:3], "t=0 0", AUDIO, "c=IN IP4 192.0.2.7", MAPPED), id="connection of a section"),
        pytest.param(USUAL.replace(b"\r\n", b"\n"), id="bare LF"),
        pytest.param(body_of(*HEAD, AUDIO, "m=audio 4000 RTP/AVP 102"), id="no mappings"),
        pytest.param(body_of(*HEAD[:4], "a=x", "t=0 0", AUDIO, MAPPED, "rubbish", "i=x"), id="order"),
        pytest.param(body_of(*HEAD, "a=sendonly", "m=image 0 udptl t38", AUDIO, MAPPED), id="inherits"),
    ],
)
def test_usual_descriptions_are_told_by_their_form(body: bytes) -> None:
    assert described_by_forms(body) == parsed_in_full(body)


def test_sections_that_differ_in_ports_and_addresses_share_their_form() -> None:
    other = USUAL.replace(b"192.0.2.1", b"198.51.100.77").replace(b"4000", b"5000")
    first, second = (parse_description(body).media[0] for body in (USUAL, other))
    assert first.form is second.form
    assert (second.port, second.address, str(second.lines[0])) == (5000, "198.51.100.77", "m=audio 5000 RTP/AVP 0 101")


@pytest.mark.parametrize(
    "change", [("AVP 0", "AVP 8"), (" 4000 ", " 0 "), ("sendrecv", "sendonly"), ("t=", "b=AS:1\r\nt=")]
)
def test_sections_that_differ_otherwise_do_not(change: tuple[str, str]) -> None:
    other = USUAL.replace(change[0].encode(), change[1].encode())
    first, second = (parse_description(body).media[0] for body in (USUAL, other))
    assert first.form is not second.form


def test_a_changed_copy_of_a_section_has_no_form() -> None:
    assert replace(parse_description(USUAL).media[0], rtcp_mux=True).form is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param((b"s=call\r\n", b"s=call\n"), id="ends of two kinds"),
        pytest.param((b"\r\n", b"\r"), id="bare CR"),
        pytest.param((b"audio ", b"audio\t4000\tRTP/AVP\t0 "), id="tabs"),
        pytest.param((b"audio ", b"audio\xc2\xa04000\xc2\xa0RTP/AVP\xc2\xa00 "), id="blanks that aren't ASCII"),
        pytest.param((b"4000", b"70000"), id="port too large"),
        pytest.param((b"4000", b"4000/2"), id="number of ports"),
        pytest.param((b"c=IN", b"c= IN"), id="blank"),
        pytest.param((b"c=IN IP4", b"c=IN IP6"), id="other address type"),
        pytest.param((b"c=IN IP4 192.0.2.1", b"c=IN IP4 224.2.1.1"), id="multicast without TTL"),
        pytest.param((b"o=-", b"o=al ice"), id="blank in the user name"),
        pytest.param((b"- 1 1", b"- 1 9223372036854775808"), id="64 bits"),
        pytest.param((b"\r\nm=", b"\r\n \r\nm="), id="line of blanks between"),
        pytest.param((b"s=call\r\n", b""), id="missing line"),
        pytest.param((b"v=0", b"v=0 "), id="version with a blank"),
    ],
)
def test_what_is_odd_is_left_to_a_full_parse(change: tuple[bytes, bytes]) -> None:
    assert described_by_forms(USUAL) is not None
    assert described_by_forms(USUAL.replace(*change)) is None


HEAD_LINES = st.sampled_from(
    [
        *HEAD, "", " ", "o=a 2 3 IN IP6 ::1", "o=a b 2 3 IN IP4 h", "o=x", "s= ", "c=IN IP6 2001:db8::1", "c=IN IP4 h",
        "c=IN IP4 224.1.1.1", "c=IN IP4 224.1.1.1/3", "c=IN IP4 ::1", "c=", "c= IN IP4 192.0.2.1", "t=1 2", "b=AS:64",
        "a=sendonly", "a=setup:active", "a=ice-ufrag:x", "a=setup:x\x00", "A=x", "rubbish", "x=\udcff", "v=0",
    ]
)  # fmt: skip
SECTION_LINES = st.sampled_from(
    [
        "m=audio 4000 RTP/AVP 0", "m=audio 0 RTP/AVP 0 97", "m=audio 4002 RTP/AVP 97", "m=video 70000 RTP/AVP 34",
        "m=audio 4000/2 RTP/AVP 0", "m=audio\t1\tRTP/AVP\t0 5 9", "m=audio\u00a01\u00a0RTP/AVP\u00a00 5 9", "m=",
        "m=image 9 udptl t38", "m=au dio 4 RTP/AVP 0", "m= audio 4 RTP/AVP 0", "m=audio 04 RTP/AVP 0", "", "\t", "i=x",
        "c=IN IP4 198.51.100.1", "c=IN IP6 2001:db8::2", "c=IN IP4 192.0.2.1/4", "c=x", "a=rtpmap:97 opus/48000/2",
        "a=rtcp:4000", "a=rtcp-mux", "a=sendrecv", "a=inactive", "a=mid:a", "a=ptime:20", "a=fingerprint:sha-1 AA",
        "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:QUJD", "a=candidate:1 1 UDP 1 192.0.2.1 4000 typ host", "a= x", "a=",
        "a=mid:x\x00",
        "t=0 0", "s=x", "m", "c",
    ]
)  # fmt: skip
ENDS = st.sampled_from(["\r\n"] * 12 + ["\n", "\r", "\r\n\r\n", "\x00"])


@given(
    st.lists(HEAD_LINES, max_size=4), st.integers(0, 5), st.lists(SECTION_LINES, max_size=8), st.data(),
)  # fmt: skip
@example([], 5, ["m=audio\t1\tRTP/AVP\t0 5 9"], None)
def test_forms_tell_what_a_full_parse_tells(
    more: list[str], place: int, rest: list[str], data: st.DataObject | None
) -> None:
    lines = [*HEAD[:place], *more, *HEAD[place:], *rest]
    ends = ["\r\n" if data is None else data.draw(ENDS) for _ in lines]
    written = "".join(map(str.__add__, lines, ends)).encode("utf-8", "surrogateescape")
    for body in (written, written.replace(b"\r\n", b"\n")):
        by_forms, in_full = described_by_forms(body), parsed_in_full(body)
        if by_forms is not None:
            assert by_forms == in_full
            names, expected = ([item.attribute_names for item in found.media] for found in (by_forms, in_full))
            assert names == expected


WELL_FORMED_SECTIONS = st.tuples(
    st.sampled_from(["audio", "video", "x2"]),
    st.sampled_from([0, 1, 9, 4000, 65535]),
    st.sampled_from(["RTP/AVP 0 8", "RTP/SAVP 0", "udptl t38", "UDP/TLS/RTP/SAVPF 96 0\r\na=rtpmap:96 opus/48000/2"]),
    st.sampled_from(["", "\r\nc=IN IP4 203.0.113.9", "\r\nc=IN IP6 2001:DB8::9", "\r\nc=IN IP4 media.example"]),
    st.lists(
        st.sampled_from(["ptime:20", "sendonly", "x:y", "setup:active", "rtcp-mux", "rtcp:9", "mid:1"]), max_size=4
    ),
)


@given(
    st.sampled_from(["-", "alice", "a@b"]),
    st.integers(0, 2**63 - 1),
    st.ip_addresses(v=4).filter(lambda address: not address.is_multicast),
    st.lists(st.sampled_from(["a=sendonly", "a=group:BUNDLE 1", "a=setup:passive"]), max_size=2),
    st.lists(WELL_FORMED_SECTIONS, max_size=3),
)
def test_well_formed_descriptions_are_told_by_their_form_whatever_their_values(
    username: str, number: int, address: object, attributes: list[str], sections: list[tuple]
) -> None:
    lines = ["v=0", f"o={username} {number} {number} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0"]
    for kind, port, formats, connection, own in sections:
        head, *mapped = formats.split("\r\na=")
        names = [*mapped, *own]
        attributes += [f"m={kind} {port} {head}{connection}", *(f"a={name}" for name in names)]
    body = body_of(*lines, *attributes)
    assert described_by_forms(body) == parsed_in_full(body)
    assert parsed_in_full(body).defects == ()


ODD = st.sampled_from(
    [b"\x00", b"\t", b"\v", b" ", b"\x85", b"\x1c", b"\xc2\xa0", b"\r\n", b"\n", b"\r", b"c=", b"m=", b"=", b"/", b"0"]
)
TWO_SECTIONS = body_of(*HEAD, "a=sendonly", AUDIO, MAPPED, "m=video 0 RTP/AVP 34", "c=IN IP6 2001:db8::1", "a=mid:v")


@given(
    st.sampled_from([USUAL, TWO_SECTIONS, USUAL.replace(b"\r\n", b"\n")]),
    st.lists(st.tuples(st.integers(0, 260), st.integers(0, 5), ODD), max_size=3),
)
def test_no_odd_byte_is_overlooked(body: bytes, changes: list[tuple[int, int, bytes]]) -> None:
    for place, removed, added in changes:
        body = body[:place] + added + body[place + removed :]
    assert described_by_forms(body) in {None, parsed_in_full(body)}
