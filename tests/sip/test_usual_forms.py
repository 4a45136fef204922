"""What is read on the short way, as nearly everything is, is what the general way makes of it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.sip import address, header_lines, parser, start_line, uri, via
from sipscope.sip.header_lines import HeaderBlock, header_block

_NOTHING = re.compile("(?!)")


def _texts(*pieces: str) -> st.SearchStrategy[str]:
    """Texts put together from the pieces, so that usual forms and those a character beside them are met often."""
    return st.lists(st.sampled_from(pieces), max_size=9).map("".join)


_URI_PIECES = ("sip:", "sips:", "SIP:", "tel:", "al", "@", "%41", ":", ":5060", ":0", ":99999", "h.Ex", "[2001::1]")
_URI_TAILS = (";lr", ";transport=udp", ";a=b=c", ";LR", ";", "?Subject=x", "&", "$", "*", "é", " ", "1.2.3.4", "<", '"')


@given(_texts(*_URI_PIECES, *_URI_TAILS))
def test_usual_uri_is_what_the_general_way_finds(text: str) -> None:
    found = uri.uri_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(uri, "_USUAL", _NOTHING)
        assert uri.uri_of(text) == found


_NAMES = ('"', "\\", "Al ice", "Bob", " ", "\t", "é", '"Al" ', "a:", "sip:")
_BRACKETED = ("<", ">", "<sip:a@b>", "<sip:a@b;lr>", "<x>", "< sip:a@b>")
_PARAMETERS = (";", ";tag=", ";tag=1a", ";TAG=2", ";tag=a=b", ";expires=60", ';x="<a>;b"', ";tag", ",", "=")


@given(_texts(*_NAMES, *_BRACKETED, *_PARAMETERS))
def test_usual_address_is_what_the_general_way_finds(text: str) -> None:
    found = address.address_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(address, "_USUAL", _NOTHING)
        assert address.address_of(text) == found


_VIA_PIECES = (
    "SIP/2.0/UDP h",
    "sip/2.0/tls 192.0.2.1:5061",
    "SIP/1.0/TCP h",
    "SIP/2.0/UDP [::1]:0",
    "SIP/2.0/UDP",
    ",",
)
_VIA_PARAMETERS = (
    ";branch=",
    "z9hG4bK",
    "1a-.",
    ";",
    ";rport",
    ";received=1.2.3.4",
    ";BRANCH=",
    '"',
    "<",
    "=",
    " ",
    "é",
)


@given(st.sampled_from(_VIA_PIECES), _texts(*_VIA_PIECES, *_VIA_PARAMETERS))
def test_usual_via_is_what_the_general_way_finds(front: str, behind: str) -> None:
    text = front + behind
    found = via.vias_of(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(via, "_USUAL", _NOTHING)
        assert via.vias_of(text) == found


@given(
    _texts("INVITE", "invite", " ", "\t", "sip:a@b", "sip:a@b?x=y", "<sip:a>", "é", " SIP/2.0", "sip/2.0", ":", "\x00")
)
def test_usual_request_line_is_what_the_general_way_finds(text: str) -> None:
    found = start_line._start_line(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(start_line, "_USUAL_REQUEST", re.compile(b"(?!)"))
        assert start_line._start_line(text.encode()) == found


_LINES = (
    b"Via: SIP/2.0/UDP a;branch=z9hG4bK1",
    b"v: SIP/2.0/TCP b;branch=z9hG4bK2, SIP/2.0/UDP c",
    b"Via: ",
    b"From: <sip:a@b>;tag=1",
    b"From: <sip:a@b>;tag=2",
    b"Call-ID: x",
    b"Call-ID:",
    b"Contact: *",
    b"Contact: <sip:a@b>",
    b"Refer-To: <sip:c@d?Replaces=x%3Bto-tag%3D1%3Bfrom-tag%3D2>",
    b"Supported:",
    b"Supported: timer",
    b"X-Own: 1",
    b"X-Own: \xff",
    b"no colon",
    b" folded",
    b"Subject: bare\nline",
    b"Subject: \rx",
    b"",
)


@given(
    st.lists(st.sampled_from(_LINES), max_size=7),
    st.sampled_from([b"\r\n\r\n", b"\r\n", b"\n\n", b"\r\n\r\nbody"]),
    st.sampled_from([b"", b"INVITE x SIP/2.0\r\n"]),
)
def test_sound_block_is_what_the_general_way_finds(lines: list[bytes], end: bytes, before: bytes) -> None:
    payload = before + b"\r\n".join(lines) + end

    def block() -> tuple[HeaderBlock, tuple[str, ...], list[str]]:
        found = header_block(payload, len(before))
        return found, found.headers.names, list(found.headers.values)

    found = block()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header_lines, "_sound_headers", lambda *_: None)
        assert block() == found


_MANDATORY = (b"Via: SIP/2.0/UDP h;branch=z9hG4bK1", b"From: <sip:a@b>;tag=1", b"To: <sip:b@b>", b"Call-ID: 1")
_HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))


@given(
    st.sampled_from([b"INVITE sip:b SIP/2.0", b"ACK sip:b  SIP/2.0", b"SIP/2.0 200 OK", b"\r\nINVITE sip:b SIP/2.0"]),
    st.lists(st.sampled_from((*_MANDATORY, b"CSeq: 1 ACK")), max_size=1),
    st.lists(st.sampled_from((b"CSeq: 1 INVITE", b"Content-Length: 4", b"Content-Length: 9", *_LINES)), max_size=5),
    st.sampled_from([b"\r\n\r\n", b"\r\n\r\nbody", b"\r\n", b"\r\n\r\nlong body"]),
    st.booleans(),
)
def test_message_with_complete_headers_is_what_the_general_way_finds(
    start: bytes, without: list[bytes], further: list[bytes], end: bytes, truncated: bool
) -> None:
    lines = [line for line in _MANDATORY if line not in without]
    payload = b"\r\n".join([start, *lines, *further]) + end

    def message() -> Request | Response | None:
        return parser.parse_message(payload, id="m1", frames=(1,), at=0, hop=_HOP, truncated=truncated)

    found = message()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser, "complete_headers", lambda *_: None)
        assert message() == found
