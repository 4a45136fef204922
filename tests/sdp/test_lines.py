"""The lines of a description: number, letter, value and place; nothing is lost (RFC 8866 §5)."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sipscope.sdp.lines import Lines, lines_of


def read(body: bytes) -> list[tuple[int, str, str]]:
    return [(line.number, line.type, line.value) for line in lines_of(body)]


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"])
def test_any_line_end_is_read(end: bytes) -> None:
    assert read(b"v=0" + end + b"s=-" + end) == [(1, "v", "0"), (2, "s", "-")]


def test_last_line_needs_no_end() -> None:
    assert read(b"v=0\r\ns=-") == [(1, "v", "0"), (2, "s", "-")]


@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n", b"  \r\n", b"\x00\x00"])
def test_a_body_of_nothing_has_no_lines(body: bytes) -> None:
    assert lines_of(body) == ()


def test_an_empty_line_is_counted_but_not_kept() -> None:
    assert read(b"v=0\r\n\r\ns=-\r\n") == [(1, "v", "0"), (3, "s", "-")]


def test_nul_bytes_behind_the_last_line_are_no_line() -> None:
    assert read(b"v=0\r\n\x00\x00\x00\x00") == [(1, "v", "0")]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"v=0", ("v", "0")),
        (b"s=", ("s", "")),
        (b"s= ", ("s", "")),
        (b"s=a=b", ("s", "a=b")),
        (b"a=fmtp:101 0-15 \t", ("a", "fmtp:101 0-15")),
        (b"V=0", ("V", "0")),
        (b"v= 0", ("v", " 0")),
        (b"v =0", ("", "v =0")),
        (b"hello", ("", "hello")),
        (b"=0", ("", "=0")),
        (b"ab=0", ("", "ab=0")),
        (b"1=0", ("", "1=0")),
        ("s=Köln".encode(), ("s", "Köln")),
        (b"s=K\xf6ln", ("s", "K\udcf6ln")),
    ],
)
def test_a_line_is_one_letter_and_a_value_or_else_text(line: bytes, expected: tuple[str, str]) -> None:
    ((_, letter, value),) = read(line + b"\r\n")
    assert (letter, value) == expected


def test_a_span_is_the_line_without_its_end() -> None:
    body = b"v=0\r\ns=call\r\n"
    assert [body[line.span.start : line.span.end] for line in lines_of(body)] == [b"v=0", b"s=call"]


@given(st.binary(max_size=300) | st.text("vosctma=: \r\n\x000", max_size=100).map(str.encode))
@example(b"a=\r\r\n\n\r=\x85\x1c")
def test_spans_and_what_stands_between_them_give_the_bytes_back(body: bytes) -> None:
    lines = lines_of(body)
    ends = [0, *(line.span.end for line in lines)]
    between = [body[end : line.span.start] for end, line in zip(ends, lines, strict=False)]
    assert all(not gap.strip(b" \t\r\n\x0b\x0c") for gap in between)
    assert not body[ends[-1] :].strip(b" \t\r\n\x0b\x0c\x00")


@given(st.binary(max_size=300))
def test_the_text_of_a_line_is_its_bytes_without_blanks_at_the_end(body: bytes) -> None:
    for line in lines_of(body):
        text = body[line.span.start : line.span.end].decode("utf-8", "surrogateescape")
        assert str(line).rstrip() == text.rstrip()


@given(st.binary(max_size=300) | st.text("vosctma=: \r\n\x000", max_size=100).map(str.encode))
@example(b"v=0\r\n" + b"a=" + b"x" * 300 + b" \r\nno line \r\n")
def test_texts_are_those_of_the_lines(body: bytes) -> None:
    lines = lines_of(body)
    assert Lines(body, 0, len(lines)).texts == tuple(map(str, lines))
    assert Lines(body, 1, 3).texts == tuple(map(str, lines[1:3]))


_BODY = b"v=0\r\ns=-\r\nm=audio 9 RTP/AVP 0\r\na=sendrecv\r\n"


def test_lines_of_a_section_are_those_of_the_whole() -> None:
    assert Lines(_BODY, 2, 4) == lines_of(_BODY)[2:]


def test_lines_of_a_section_are_counted() -> None:
    assert len(Lines(_BODY, 2, 4)) == 2


def test_line_of_a_section_is_found_by_its_place() -> None:
    assert str(Lines(_BODY, 2, 4)[0]) == "m=audio 9 RTP/AVP 0"


def test_lines_go_in_order() -> None:
    assert [line.type for line in Lines(_BODY, 0, 3)] == ["v", "s", "m"]


def test_equal_lines_of_equal_bodies_are_equal() -> None:
    assert Lines(_BODY, 0, 2) == Lines(bytes(bytearray(_BODY)), 0, 2)


@given(st.text("vm=: \r\n\x000", max_size=60).map(str.encode), st.integers(0, 6), st.integers(0, 6))
def test_lines_made_one_by_one_are_those_of_the_whole(body: bytes, start: int, stop: int) -> None:
    every = lines_of(body)[start:stop]
    lines = Lines(body, start, start + len(every))
    assert list(lines) == list(every)
    assert [lines[place] for place in range(-len(every), len(every))] == [*every, *every]
    with pytest.raises(IndexError):
        lines[len(every)]
