"""Whole messages: what is made of them, and what is said of their faults."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipscope.model.defects import Severity, Span
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.sip import looks_like_sip, message_length, parse_message, parse_sip_fragment
from sipscope.sip.header_kinds import HEADER_KINDS

HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))
HEAD = (
    "INVITE sip:bob@example.com SIP/2.0\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK74b\r\n"
    "Max-Forwards: 70\r\n"
    "From: Alice <sip:alice@example.com>;tag=9fx\r\n"
    "To: Bob <sip:bob@example.com>\r\n"
    "Call-ID: 38482762\r\n"
    "CSeq: 2 INVITE\r\n"
)
RESPONSE = (
    b"SIP/2.0 180 Ringing\r\nv: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK74b\r\nf: <sip:a@example.com>;tag=9fx\r\n"
    b"t: <sip:b@example.com>;tag=314\r\ni: 38482762\r\nCSeq: 2 INVITE\r\nl: 0\r\n\r\n"
)


def parsed(payload: bytes, *, stream: bool = False, truncated: bool = False) -> Request | Response:
    message = parse_message(payload, id="m1", frames=(7,), at=5, hop=HOP, stream=stream, truncated=truncated)
    assert message is not None
    return message


def request(extra: str = "Content-Length: 0\r\n", body: bytes = b"", **options: bool) -> Request:
    message = parsed(f"{HEAD}{extra}\r\n".encode("utf-8", "surrogateescape") + body, **options)
    assert isinstance(message, Request)
    return message


def codes(message: Request | Response) -> list[str]:
    return [defect.code for defect in message.defects]


def test_sound_request_has_no_defect() -> None:
    assert request().defects == ()


def test_compact_names_give_the_same_typed_fields() -> None:
    message = parsed(RESPONSE)
    assert (message.call_id, message.from_tag, message.to_tag, message.vias[0].branch) == (
        "38482762",
        "9fx",
        "314",
        "z9hG4bK74b",
    )


def test_response_takes_its_method_from_cseq() -> None:
    assert parsed(RESPONSE).method == "INVITE"


def test_frames_and_time_are_those_given() -> None:
    message = request()
    assert (message.id, message.frames, message.at, message.hop) == ("m1", (7,), 5, HOP)


def test_header_span_reaches_from_name_to_value() -> None:
    message = request("Subject:   lunch  \r\n")
    line = message.headers.lines("subject")[0]
    assert message.payload[line.span.start : line.span.end] == b"Subject:   lunch"


def test_body_offset_is_behind_the_empty_line() -> None:
    message = request("Content-Type: text/plain\r\nContent-Length: 5\r\n", b"Hello")
    part = message.parts[0]
    assert (message.body, part.offset, part.content) == (b"Hello", message.body_offset, b"Hello")


def test_bare_line_feeds_are_read_with_a_warning() -> None:
    message = parsed(f"{HEAD}Content-Length: 0\r\n\r\n".replace("\r\n", "\n").encode())
    assert (message.call_id, codes(message)) == ("38482762", ["bare-line-feed"])


def test_missing_empty_line_is_an_error() -> None:
    message = parsed(HEAD.encode())
    assert (message.call_id, codes(message)) == ("38482762", ["empty-line-missing"])


def test_missing_empty_line_of_a_cut_capture_is_no_error() -> None:
    message = parsed(HEAD[:120].encode(), truncated=True)
    assert [(d.code, d.severity) for d in message.defects] == [("message-truncated", Severity.INFO)]


@pytest.mark.parametrize("junk", [b"\x00\x00\x00\x00", b"   ", b"\r\n \r\n"])
def test_junk_before_the_start_line_is_a_defect(junk: bytes) -> None:
    message = parsed(junk + RESPONSE)
    assert message.defects[0].code == "junk-before-start-line"
    assert message.defects[0].span == Span(0, len(junk))


def test_empty_lines_before_the_start_line_are_remarked() -> None:
    message = parsed(b"\r\n\r\n" + RESPONSE)
    assert [(d.code, d.severity) for d in message.defects] == [("leading-empty-lines", Severity.INFO)]


def test_spans_count_from_the_payload_with_its_junk() -> None:
    message = parsed(b"\r\n" + RESPONSE)
    span = message.headers.lines("call-id")[0].span
    assert message.payload[span.start : span.end] == b"i: 38482762"


def test_odd_case_of_the_version_is_a_warning() -> None:
    message = parsed(RESPONSE.replace(b"SIP/2.0 180", b"Sip/2.0 180"))
    assert [(d.code, d.severity) for d in message.defects] == [("sip-version-case", Severity.WARNING)]


def test_content_length_past_the_datagram_is_an_error() -> None:
    assert codes(request("Content-Type: a/b\r\nContent-Length: 9\r\n", b"1234")) == ["content-length-mismatch"]


def test_content_length_past_a_cut_capture_is_no_error() -> None:
    message = request("Content-Type: a/b\r\nContent-Length: 9\r\n", b"1234", truncated=True)
    assert codes(message) == ["message-truncated"]


def test_padding_behind_the_body_is_cut_and_remarked() -> None:
    message = request("Content-Length: 0\r\n", b"\r\n\x00")
    assert (message.body, [(d.code, d.severity) for d in message.defects]) == (
        b"",
        [("padding-behind-body", Severity.INFO)],
    )


def test_excess_behind_the_body_is_cut_with_a_warning() -> None:
    message = request("Content-Type: a/b\r\nContent-Length: 2\r\n", b"12345")
    assert (message.body, message.parts[0].content, codes(message)) == (b"12", b"12", ["excess-behind-body"])


def test_datagram_without_content_length_ends_with_the_datagram() -> None:
    message = request("Content-Type: a/b\r\n", b"12345")
    assert (message.body, message.content_length, codes(message)) == (b"12345", None, [])


def test_stream_needs_a_content_length() -> None:
    assert codes(request("", stream=True)) == ["content-length-missing"]


def test_body_needs_a_content_type() -> None:
    message = request("Content-Length: 3\r\n", b"abc")
    assert (message.parts[0].content_type, codes(message)) == (None, ["content-type-missing"])


def test_each_missing_mandatory_header_is_named() -> None:
    message = parsed(b"OPTIONS sip:a@example.com SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\n\r\n")
    assert [d.header for d in message.defects] == ["from", "to", "call-id", "cseq"]


def test_malformed_header_is_not_missing() -> None:
    message = parsed(RESPONSE.replace(b"CSeq: 2 INVITE", b"CSeq: two"))
    assert (codes(message), message.cseq) == (["malformed-cseq"], None)


def test_different_method_in_cseq_is_an_error() -> None:
    assert codes(parsed(HEAD.replace("2 INVITE", "2 BYE").encode() + b"\r\n")) == ["cseq-method-mismatch"]


def test_first_of_two_single_headers_counts() -> None:
    message = request("Call-ID: other\r\n")
    assert (message.call_id, [(d.code, d.severity) for d in message.defects]) == (
        "38482762",
        [("duplicate-single-header", Severity.ERROR)],
    )


def test_repeated_single_header_with_the_same_value_is_a_warning() -> None:
    assert [d.severity for d in request("i: 38482762\r\n").defects] == [Severity.WARNING]


def test_line_without_colon_is_kept() -> None:
    message = request("no colon here\r\n")
    assert (message.headers.fields[-1].value, codes(message)) == ("no colon here", ["header-without-colon"])


def test_bytes_that_are_no_utf_8_survive() -> None:
    message = request("Subject: caf\udce9\r\n")
    assert (message.headers.get("subject"), codes(message)) == ("caf\udce9", ["not-utf-8"])


def test_defect_text_quotes_no_control_characters() -> None:
    message = request("Max-Forwards: \x07\x1b[31m\r\n")
    assert all(character.isprintable() for defect in message.defects for character in defect.text)


def test_defect_points_at_the_offending_bytes() -> None:
    message = request("Expires: soon\r\n")
    span = message.defects[0].span
    assert span is not None
    assert message.payload[span.start : span.end] == b"soon"


def test_same_header_at_another_offset_has_its_own_span() -> None:
    first, second = request("Foo: 1\r\n"), request("Y: 22\r\nFoo: 1\r\n")
    assert second.headers.lines("foo")[0].span.start - first.headers.lines("foo")[0].span.start == 7


def test_replaces_inside_refer_to_is_a_dialog() -> None:
    message = request("Refer-To: <sip:c@example.com?Replaces=12%40host%3Bto-tag%3D7%3Bfrom-tag%3D8>\r\n")
    reference = message.refer_to_replaces
    assert reference is not None
    assert (reference.call_id, reference.to_tag, reference.from_tag) == ("12@host", "7", "8")


def test_contact_star_is_no_address() -> None:
    message = request("Contact: *\r\n")
    assert (message.contacts, message.contact_is_star, message.defects) == ((), True, ())


def test_long_method_is_read() -> None:
    method = b"X" * 32768
    message = parsed(method + b" sip:a@example.com SIP/2.0\r\n\r\n")
    assert message.method == method.decode()


@pytest.mark.parametrize(
    "payload", [b"", b"\r\n\r\n", b"hello", b"GET / HTTP/1.1\r\n\r\n", b"SIP/2.0", b"\x00" * 4, b"jaK\x00", b"v=0\r\n"]
)
def test_bytes_without_a_start_line_are_no_message(payload: bytes) -> None:
    assert parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP) is None or payload == b"SIP/2.0"
    assert not looks_like_sip(payload) or payload == b"SIP/2.0"


NASTY = st.one_of(
    st.binary(max_size=400),
    st.text(alphabet='"\\<>,;:=@%? \t\r\n()[]*aZ09é', max_size=200).map(lambda text: text.encode()),
)
NAMES = st.sampled_from(sorted(HEADER_KINDS))


def test_refer_to_with_other_headers_names_no_dialog() -> None:
    assert request("Refer-To: <sip:c@example.com?Subject=x>\r\n").refer_to_replaces is None


def test_replaces_without_tags_inside_refer_to_is_a_defect() -> None:
    message = request("Refer-To: <sip:c@example.com?Require=replaces&Replaces=12%40host>\r\n")
    assert [(d.code, d.header) for d in message.defects] == [("malformed-dialog-reference", "refer-to")]


def test_replaces_without_call_id_inside_refer_to_is_none() -> None:
    message = request("Refer-To: <sip:c@example.com?Replaces=%3Bto-tag%3D1>\r\n")
    assert (message.refer_to_replaces, codes(message)) == (None, ["empty-header-value"])


def test_via_parameters_within_their_range_are_no_defect() -> None:
    assert request("Via: SIP/2.0/UDP h;rport=5060;ttl=1;branch=z9hG4bK2\r\n").defects == ()


@given(NASTY)
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(payload: bytes) -> None:
    for prefix in (b"", b"INVITE sip:a@b SIP/2.0\r\n", b"SIP/2.0 200 OK\r\n", b"A ", b"SIP/2.0 "):
        parse_message(prefix + payload, id="m1", frames=(1,), at=0, hop=HOP)
        message_length(prefix + payload, 0)
        parse_sip_fragment(prefix + payload)


@given(NAMES, NASTY)
@settings(max_examples=300, deadline=None)
def test_no_header_value_raises(name: str, value: bytes) -> None:
    payload = b"OPTIONS sip:a@b SIP/2.0\r\n" + name.encode() + b": " + value + b"\r\n\r\n"
    message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP)
    assert message is not None


@given(st.integers(0, 10**6), st.integers(0, 255), st.sampled_from([HEAD.encode() + b"\r\n", RESPONSE]))
@settings(max_examples=200, deadline=None)
def test_one_changed_byte_never_raises(place: int, byte: int, payload: bytes) -> None:
    changed = bytearray(payload)
    changed[place % len(changed)] = byte
    parse_message(bytes(changed), id="m1", frames=(1,), at=0, hop=HOP)


UNITS = (b'"', b'\\"', b"<", b",", b";", b"(", b"%", b"a ", b"\r\n ", b"=", b"/ ", b"[", b" \t")


@pytest.mark.parametrize(
    "value",
    [
        *[unit * 30000 for unit in UNITS],
        b"(" * 30000 + b")" * 30000,
        b"\r\n a" + b" " * 60000 + b"a",
        b"a" + b" \r\n" * 20000,
    ],
    ids=lambda value: ascii(value[:6]),
)
def test_long_nasty_values_take_less_than_a_second(value: bytes) -> None:
    for name in (b"Via", b"Contact", b"Retry-After", b"WWW-Authenticate", b"Warning", b"To"):
        started = time.process_time()
        parsed(b"OPTIONS sip:a@b SIP/2.0\r\n" + name + b": " + value + b"\r\n\r\n")
        assert time.process_time() - started < 1
