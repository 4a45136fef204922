"""Messages in a stream."""

from sipscope.sip import Framing, message_length
from sipscope.sip.framing import LONGEST_HEADERS

HEAD = b"BYE sip:a@h SIP/2.0\r\nVia: SIP/2.0/TCP h\r\n"
EMPTY = HEAD + b"Content-Length: 0\r\n\r\n"
FULL = HEAD + b"l : 5\r\n\r\nHello"


def test_message_takes_its_headers_and_its_content_length() -> None:
    framed = message_length(FULL + EMPTY, 0)
    assert (framed.framing, framed.skip, framed.length) == (Framing.COMPLETE, 0, len(FULL))


def test_second_message_is_found_behind_the_first() -> None:
    assert message_length(FULL + EMPTY, len(FULL)).length == len(EMPTY)


def test_bytearray_is_read_as_well() -> None:
    assert message_length(bytearray(EMPTY), 0).length == len(EMPTY)


def test_keep_alives_are_skipped() -> None:
    framed = message_length(b"\r\n\r\n" + EMPTY, 0)
    assert (framed.skip, framed.length) == (4, len(EMPTY))


def test_keep_alive_alone_waits() -> None:
    framed = message_length(b"\r\n\r\n", 0)
    assert (framed.framing, framed.skip, framed.length) == (Framing.NEED_MORE, 4, None)


def test_every_prefix_of_a_message_needs_more() -> None:
    assert {message_length(FULL[:end], 0).framing for end in range(len(FULL))} == {Framing.NEED_MORE}


def test_missing_content_length_is_zero() -> None:
    assert message_length(HEAD + b"\r\nbody", 0).length == len(HEAD) + 2


def test_negative_content_length_is_zero() -> None:
    assert message_length(HEAD + b"Content-Length: -9\r\n\r\n", 0).length == len(HEAD) + 22


def test_folded_content_length_is_read() -> None:
    payload = HEAD + b"Content-Length:\r\n 5\r\n\r\nHello"
    assert message_length(payload, 0).length == len(payload)


def test_content_length_is_not_sought_in_the_body() -> None:
    payload = HEAD + b"\r\n"
    assert message_length(payload + b"Content-Length: 5\r\n\r\n", 0).length == len(payload)


def test_stream_joined_in_the_middle_resumes_at_the_next_start_line() -> None:
    rest = b"0 101\r\na=rtpmap:0 PCMU/8000\r\n"
    framed = message_length(rest + EMPTY, 0)
    assert (framed.framing, framed.skip) == (Framing.NOT_SIP, len(rest))


def test_start_line_directly_behind_a_body_is_found() -> None:
    rest = b"v=0\r\na=sendrecv"
    assert message_length(rest + EMPTY, 0).skip == len(rest)


def test_status_line_resumes_as_well() -> None:
    assert message_length(b"x\r\nSIP/2.0 200 OK\r\n", 0).skip == 3


def test_version_in_a_via_is_no_start_line() -> None:
    framed = message_length(b"x\r\nVia: SIP/2.0/TCP h\r\ny\r\n", 0)
    assert (framed.framing, framed.skip) == (Framing.NOT_SIP, 26)


def test_unfinished_line_behind_junk_is_kept() -> None:
    assert message_length(b"junk\r\nINVITE sip:a", 0).skip == 6


def test_binary_bytes_are_dropped() -> None:
    framed = message_length(b"\x16\x03\x01\x02\x00", 0)
    assert (framed.framing, framed.skip) == (Framing.NOT_SIP, 5)


def test_what_is_no_sip_always_moves_on() -> None:
    for junk in (b"a\n", b"a\r\n\x00", b"\x00", b"x" * 70000, b"SIP/2.0\n"):
        framed = message_length(junk, 0)
        assert framed.framing is not Framing.NOT_SIP or framed.skip > 0


def test_headers_without_end_are_given_up() -> None:
    endless = b"BYE sip:a@h SIP/2.0\r\n" + b"X: y\r\n" * (LONGEST_HEADERS // 6 + 1)
    assert message_length(endless, 0).framing is Framing.NOT_SIP


def test_absurd_content_length_is_zero() -> None:
    assert message_length(HEAD + b"l: 999999999\r\n\r\n", 0).length == len(HEAD) + 16
