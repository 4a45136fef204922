"""Request lines and status lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.sip.start_line import RequestLine, StatusLine, first_line, looks_like_sip, parse_start_line


def codes(line: bytes) -> list[str]:
    start_line = parse_start_line(line)
    assert start_line is not None
    return [fault.code for fault in start_line.faults]


def test_request_line_has_method_and_uri() -> None:
    line = parse_start_line(b"INVITE sip:a@h SIP/2.0")
    assert isinstance(line, RequestLine)
    assert (line.method, line.uri_text, line.uri.host, line.faults) == ("INVITE", "sip:a@h", "h", ())


def test_status_line_has_status_and_phrase() -> None:
    line = parse_start_line(b"SIP/2.0 486 Busy  Here")
    assert line == StatusLine(486, "Busy  Here", ())


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b"INVITE  sip:a@h SIP/2.0", "request-line-spacing"),
        (b"INVITE sip:a@h SIP/2.0 ", "request-line-spacing"),
        (b"INVITE\tsip:a@h SIP/2.0", "request-line-spacing"),
        (b"INVITE <sip:a@h> SIP/2.0", "request-uri-in-brackets"),
        (b"INVITE sip:a@h; lr SIP/2.0", "space-in-uri"),
        (b"INVITE sip:a@h;method=BYE SIP/2.0", "uri-component-not-allowed"),
        (b"INVITE sip:a@h SIP/3.0", "unknown-sip-version"),
        (b"INVITE sip:a@h sip/2.0", "sip-version-case"),
        (b"IN(VITE sip:a@h SIP/2.0", "malformed-method"),
        (b"SIP/2.0 200", "status-line-spacing"),
        (b"SIP/2.0  200 OK", "status-line-spacing"),
        (b"SIP/2.0\t200 OK", "status-line-spacing"),
        (b"SIP/2.0 OK 200", "malformed-status-code"),
        (b"SIP/2.0 99 x", "status-code-out-of-range"),
        (b"SIP/2.0 700 x", "status-code-out-of-range"),
        (b"SIP/9.9 200 OK", "unknown-sip-version"),
    ],
)
def test_fault_of_a_start_line(line: bytes, code: str) -> None:
    assert codes(line) == [code]


def test_request_line_without_uri_is_still_a_request_line() -> None:
    assert "malformed-request-uri" in codes(b"OPTIONS  SIP/2.0")


def test_status_that_is_no_number_is_0() -> None:
    line = parse_start_line(b"SIP/2.0 abc OK")
    assert isinstance(line, StatusLine)
    assert line.status == 0


@pytest.mark.parametrize("payload", [b"\r\n\r\nBYE sip:a SIP/2.0\r\n", b"\x00\x00SIP/2.0 200 OK", b"FOO x:y SIP/2.0"])
def test_bytes_look_like_sip(payload: bytes) -> None:
    assert looks_like_sip(payload)


@pytest.mark.parametrize(
    "payload", [b"", b"hello", b"Via: SIP/2.0/UDP h", b"X: y SIP/2.0\r\n", b"OPTIONS * RTSP/1.0\r\n", b"SIP/2.0/UDP h"]
)
def test_bytes_do_not_look_like_sip(payload: bytes) -> None:
    assert not looks_like_sip(payload)


@given(st.text("a\r\n").map(str.encode), st.integers(0, 3))
def test_first_line_ends_at_its_line_feed(payload: bytes, start: int) -> None:
    before, newline, _ = payload[start:].partition(b"\n")
    line = before.removesuffix(b"\r") if newline else before
    behind = start + len(before) + 1 if newline else len(payload)
    assert first_line(payload, min(start, len(payload))) == (line, min(behind, len(payload)))
