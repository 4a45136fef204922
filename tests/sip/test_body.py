"""Multipart bodies."""

from sipscope.model.message import BodyPart, Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.sip import parse_message

HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))
HEAD = (
    b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>;tag=2\r\n"
    b"Call-ID: 1\r\nCSeq: 1 INVITE\r\n"
)
SDP = b"Content-Type: application/sdp\r\n\r\nv=0\r\n"
ISUP = b"Content-Type: application/ISUP;version=x\r\nContent-Disposition: Signal;handling=optional\r\n\r\n\x01\x00\n"


def parsed(body: bytes, content_type: bytes = b'multipart/mixed;boundary="b 1"') -> Request | Response:
    payload = HEAD + b"Content-Type: " + content_type + b"\r\n\r\n" + body
    message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP)
    assert message is not None
    return message


def parts(body: bytes) -> tuple[BodyPart, ...]:
    return parsed(body).parts


def codes(message: Request | Response) -> list[str]:
    return [defect.code for defect in message.defects]


WHOLE = b"preamble\r\n--b 1\r\n" + SDP + b"\r\n--b 1\r\n" + ISUP + b"\r\n--b 1--\r\nepilogue"


def test_parts_have_their_types() -> None:
    assert [str(part.content_type) for part in parts(WHOLE)] == ["application/sdp", "application/isup"]


def test_line_end_before_a_delimiter_belongs_to_the_delimiter() -> None:
    assert [part.content for part in parts(WHOLE)] == [b"v=0\r\n", b"\x01\x00\n"]


def test_offset_of_a_part_is_in_the_payload() -> None:
    message = parsed(WHOLE)
    assert all(message.payload[p.offset :].startswith(p.content) for p in message.parts)


def test_disposition_of_a_part_is_lower_case() -> None:
    assert [part.disposition for part in parts(WHOLE)] == [None, "signal"]


def test_part_keeps_its_headers() -> None:
    assert parts(WHOLE)[1].headers.get("content-disposition") == "Signal;handling=optional"


def test_sound_multipart_has_no_defect() -> None:
    assert parsed(WHOLE).defects == ()


def test_part_without_type_is_plain_text() -> None:
    assert str(parts(b"--b 1\r\n\r\nhi\r\n--b 1--")[0].content_type) == "text/plain"


def test_missing_last_boundary_is_a_defect_and_loses_nothing() -> None:
    message = parsed(b"--b 1\r\n" + SDP)
    assert ([part.content for part in message.parts], codes(message)) == ([b"v=0\r\n"], ["multipart-unclosed"])


def test_boundary_that_is_not_named_leaves_the_body_whole() -> None:
    message = parsed(WHOLE, b"multipart/mixed")
    assert (message.parts[0].content, codes(message)) == (WHOLE, ["multipart-boundary-missing"])


def test_boundary_that_never_comes_leaves_the_body_whole() -> None:
    message = parsed(b"v=0\r\n")
    assert (message.parts[0].content, codes(message)) == (b"v=0\r\n", ["multipart-delimiter-missing"])


def test_nested_parts_stand_in_place_of_their_parent() -> None:
    inner = b"--in\r\n" + SDP + b"\r\n--in\r\nContent-Type: a/b\r\n\r\nx\r\n--in--"
    body = b"--b 1\r\nContent-Type: multipart/alternative;boundary=in\r\n\r\n" + inner + b"\r\n--b 1\r\n" + ISUP
    message = parsed(body + b"\r\n--b 1--\r\n")
    assert [str(part.content_type) for part in message.parts] == ["application/sdp", "a/b", "application/isup"]


def test_longer_boundary_is_not_taken_for_a_shorter_one() -> None:
    assert [part.content for part in parts(b"--b 1\r\n\r\n--b 1x\r\n--b 1--\r\n")] == [b"--b 1x"]


def test_line_feeds_alone_divide_as_well() -> None:
    assert [part.content for part in parts(b"--b 1\nContent-Type: a/b\n\nx\n--b 1--\n")] == [b"x"]
