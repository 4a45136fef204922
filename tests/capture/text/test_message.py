import pytest

from sipscope.capture.text.message import MessageLines, Taken

START = "INVITE sip:bob@example.com SIP/2.0"
SDP = ["v=0", "o=- 1 1 IN IP4 10.0.0.1", "s=-"]  # 3 + 23 + 3 characters: 35 bytes with CRLF, 32 with LF.


def remade(*lines: str, start: str = START, dotted: bool = False):
    message = MessageLines(start.encode(), dotted=dotted)
    for line in lines:
        if message.complete or message.take(line.encode()) is Taken.ENDED:
            break
    return message.remade()


def test_lines_are_joined_with_crlf():
    assert remade("CSeq: 1 INVITE", "").payload == b"INVITE sip:bob@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n\r\n"


@pytest.mark.parametrize(
    ("length", "body"),
    [
        (35, b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n"),
        (33, b"v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-"),
        (32, b"v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-\n"),
        (31, b"v=0\no=- 1 1 IN IP4 10.0.0.1\ns=-"),
    ],
)
def test_length_tells_the_line_ends_of_the_body(length, body):
    message = remade("Content-Type: application/sdp", f"Content-Length: {length}", "", *SDP)
    assert message.payload.endswith(b"\r\n\r\n" + body)
    assert (message.truncated, message.refitted) == (False, False)


def test_line_ends_that_the_log_keeps_are_those_of_the_body():
    lines = (f"{line}\r" for line in SDP[:-1])
    message = remade("Content-Type: application/sdp", "Content-Length: 34", "", *lines, SDP[-1])
    assert message.payload.endswith(b"\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\n")


def test_last_line_alone_may_end_with_lf():
    message = remade("Content-Type: application/sdp", "Content-Length: 34", "", *SDP)
    assert message.payload.endswith(b"\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\n")


def test_body_that_is_no_description_is_taken_by_its_length():
    assert remade("Content-Type: application/sdp", "Content-Length: 4", "", "good").payload.endswith(b"\r\n\r\ngood")


def test_body_shorter_than_its_length_is_truncated():
    message = remade("Content-Type: application/sdp", "Content-Length: 36", "", *SDP)
    assert message.truncated
    assert b"Content-Length: 36\r\n" in message.payload


@pytest.mark.parametrize("length", [5, 27, 28, 29, 30])
def test_length_of_an_edited_body_is_made_to_fit(length):
    message = remade("Content-Type: application/sdp", f"l: {length}", "", *SDP, "")
    assert message.refitted
    assert b"l: 35\r\n" in message.payload
    assert message.payload.endswith(b"s=-\r\n")


def test_lines_behind_the_length_are_not_of_the_body():
    body = remade("Content-Type: text/plain", "Content-Length: 7", "", "Hello", "  == more").payload
    assert body.endswith(b"\r\n\r\nHello\r\n")


def test_description_ends_where_a_line_has_another_form():
    message = MessageLines(START.encode())
    for line in ("Content-Type: application/sdp", "", *SDP):
        assert message.take(line.encode()) is Taken.YES
    assert message.take(b"Got  RTP packet from 10.0.0.1:8000") is Taken.ENDED


def test_description_may_follow_the_header_fields_at_once():
    message = remade("Content-Type: application/sdp", "Content-Length: 35", *SDP)
    assert message.payload.endswith(b"Content-Length: 35\r\n\r\nv=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\n")


def test_message_without_length_and_type_ends_with_its_header_fields():
    message = MessageLines(START.encode())
    message.take(b"CSeq: 1 INVITE")
    message.take(b"")
    assert message.complete


def test_message_cut_in_its_header_fields_is_truncated():
    message = remade("CSeq: 1 INVITE")
    assert message.truncated
    assert message.payload == b"INVITE sip:bob@example.com SIP/2.0\r\nCSeq: 1 INVITE\r\n"


def test_message_without_the_empty_line_is_whole_when_its_length_is_zero():
    message = remade("Content-Length: 0")
    assert not message.truncated
    assert message.payload.endswith(b"Content-Length: 0\r\n\r\n")


def test_indentation_of_the_start_line_is_taken_off_every_line():
    message = remade("   Subject: one", "     two", "   ", start="   " + START)
    assert message.payload.endswith(b"\r\nSubject: one\r\n  two\r\n\r\n")


def test_one_dot_is_taken_off_where_dots_stand_for_cr():
    message = remade("Subject: so..", ".", start=START + ".", dotted=True)
    assert message.payload.endswith(b"\r\nSubject: so.\r\n\r\n")


@pytest.mark.parametrize(
    "line", ["    -- Called PJSIP/1101", "  == Setting global variable", "Really destroying SIP dialog", "  > x"]
)
def test_line_of_the_console_is_no_header_field(line):
    message = MessageLines(START.encode())
    assert message.take(line.encode()) is Taken.FOREIGN


def test_folded_header_field_is_kept():
    assert b"\r\nSubject: one\r\n\ttwo\r\n" in remade("Subject: one", "\ttwo", "").payload
