"""SIP fragments and status lines."""

from sipscope.sip import FragmentStart, parse_sip_fragment, parse_status_line


def test_status_line_alone_is_a_fragment() -> None:
    fragment = parse_sip_fragment(b"SIP/2.0 100 Trying")
    assert (fragment.start, fragment.status, fragment.reason_phrase) == (FragmentStart.STATUS_LINE, 100, "Trying")


def test_status_line_may_be_followed_by_headers() -> None:
    fragment = parse_sip_fragment(b"SIP/2.0 302 Moved\r\nContact: <sip:c@h>\r\n")
    assert (fragment.status, fragment.headers.get("contact")) == (302, "<sip:c@h>")


def test_missing_headers_are_no_defect() -> None:
    assert parse_sip_fragment(b"SIP/2.0 200 OK\r\n").defects == ()


def test_request_line_gives_the_method() -> None:
    fragment = parse_sip_fragment(b"INVITE sip:a@h SIP/2.0\r\nTo: <sip:a@h>\r\n")
    assert (fragment.start, fragment.method, fragment.status) == (FragmentStart.REQUEST_LINE, "INVITE", None)


def test_headers_alone_are_a_fragment() -> None:
    fragment = parse_sip_fragment(b"From: <sip:a@h>\r\nTo: <sip:b@h>")
    assert (fragment.start, [line.name for line in fragment.headers]) == (FragmentStart.HEADERS, ["from", "to"])


def test_empty_fragment_has_nothing() -> None:
    assert parse_sip_fragment(b"").headers.fields == ()


def test_blanks_behind_the_status_line_are_no_part_of_the_phrase() -> None:
    assert parse_status_line(b" SIP/2.0 603 Declined \r\n") == (603, "Declined")


def test_status_line_without_phrase_has_an_empty_one() -> None:
    assert parse_status_line(b"SIP/2.0 200") == (200, "")


def test_other_lines_are_no_status_line() -> None:
    assert [parse_status_line(line) for line in (b"", b"HTTP/1.1 200 OK", b"BYE sip:a@h SIP/2.0")] == [None] * 3
