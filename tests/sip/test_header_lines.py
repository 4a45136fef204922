"""Header fields that are made from the bytes whenever they are asked for."""

import pytest

from sipscope.model.defects import Span
from sipscope.model.message import HeaderField, Headers
from sipscope.sip.header_lines import header_block

_BLOCK = b"v: SIP/2.0/UDP a\r\nX-One:  1 \r\nno colon\r\nvia: SIP/2.0/UDP b\r\n\r\n"


@pytest.fixture(params=[_BLOCK, _BLOCK.replace(b"\r\n", b"\n")], ids=["plain", "uneven"])
def headers(request: pytest.FixtureRequest) -> Headers:
    return header_block(request.param, 0).headers


def test_names_are_canonical_and_in_order(headers):
    assert headers.names == ("via", "x-one", "", "via")


def test_first_line_of_a_name_is_got(headers):
    assert headers.get("via") == "SIP/2.0/UDP a"


def test_all_lines_of_a_name_are_told(headers):
    assert headers.all("via") == ("SIP/2.0/UDP a", "SIP/2.0/UDP b")


@pytest.mark.parametrize(("name", "is_there"), [("x-one", True), ("v", False), ("contact", False)])
def test_canonical_name_is_contained_when_a_line_has_it(headers, name, is_there):
    assert (name in headers) is is_there


@pytest.mark.parametrize(("name", "lines"), [("via", 2), ("x-one", 1), ("contact", 0)])
def test_lines_of_a_name_are_counted(headers, name, lines):
    assert headers.count(name) == lines


def test_name_without_line_has_no_value(headers):
    assert (headers.get("contact"), headers.all("contact")) == (None, ())


def test_field_keeps_its_spelling_and_its_place():
    fields = header_block(_BLOCK, 0).headers.fields
    assert fields[1] == HeaderField("x-one", "X-One", "1", Span(18, 27))


def test_last_field_is_found_from_behind():
    assert header_block(_BLOCK, 0).headers.fields[-1].span == Span(40, 58)


def test_equal_blocks_have_equal_fields():
    assert header_block(_BLOCK, 0).headers == header_block(_BLOCK, 0).headers
