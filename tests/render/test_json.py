"""JSON documents."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.render.json import _UNSAFE, report_json, report_json_pieces, value_json


def test_a_document_reads_back_as_it_was():
    report = {"schema": 1, "text": 'é漢"\\\n', "none": None, "list": [1, 2.5]}
    assert json.loads(report_json(report)) == report


def test_letters_stay_readable():
    assert "漢" in report_json({"a": "漢"})


def test_lone_surrogates_are_escaped_and_survive():
    document = report_json({"a": "\udcff"})
    assert "\\udcff" in document
    assert json.loads(document)["a"] == "\udcff"
    assert document.encode("utf-8")


def test_no_terminal_obeys_a_document():
    document = report_json({"a": "\x1b\x9b\u202e\x7f"})
    assert document.isascii()
    assert json.loads(document)["a"] == "\x1b\x9b\u202e\x7f"


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(_VALUES)
def test_a_value_is_written_as_the_library_writes_it_but_for_what_a_terminal_obeys(value):
    written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    expected = "".join(f"\\u{ord(item):04x}" if _UNSAFE.match(item) else item for item in written)
    assert value_json(value) == expected


def test_every_character_that_a_terminal_obeys_is_escaped_alone_and_beside_others():
    for item in filter(_UNSAFE.match, map(chr, range(0x20, 0x11000))):
        for text in (item, f"a{item}", f"→{item}"):
            assert f"\\u{ord(item):04x}" in value_json(text)


def test_key_order_is_kept():
    assert report_json({"b": 1, "a": 2}) == '{\n  "b": 1,\n  "a": 2\n}\n'


def test_a_number_without_a_json_word_is_refused():
    with pytest.raises(ValueError, match="JSON"):
        report_json({"a": float("nan")})


def test_pieces_are_the_document_without_its_line_end():
    report = {"schema": 1, "list": ["\x1b", 2], "none": None}
    assert "".join(report_json_pieces(report.items())) + "\n" == report_json(report)


def test_section_is_made_when_the_piece_before_is_taken():
    made = []

    def sections():
        for name in ("one", "two"):
            made.append(name)
            yield name, []

    pieces = report_json_pieces(sections())
    next(pieces)
    next(pieces)
    assert made == ["one"]


def test_list_longer_than_a_piece_stays_one_list():
    report = {"numbers": list(range(600))}
    assert json.loads(report_json(report)) == report


def test_no_piece_holds_the_whole_of_a_long_list():
    assert max(map(len, report_json_pieces([("numbers", list(range(600)))]))) < len(report_json({"a": [*range(600)]}))


def test_items_of_an_iterator_are_made_as_the_document_is_taken():
    made = []

    def items():
        for number in range(600):
            made.append(number)
            yield number

    pieces = report_json_pieces([("numbers", items())])
    next(pieces)
    next(pieces)
    assert 0 < len(made) < 600
    rest = "".join(pieces)
    assert len(made) == 600
    assert rest.endswith("599\n  ]\n}")


def test_iterator_gives_the_bytes_of_the_list():
    for length in (0, 1, 63, 64, 65, 200):
        items = list(range(length))
        as_iterator = "".join(report_json_pieces([("numbers", iter(items)), ("last", 1)]))
        assert as_iterator == "".join(report_json_pieces([("numbers", items), ("last", 1)]))
        assert json.loads(as_iterator) == {"numbers": items, "last": 1}
