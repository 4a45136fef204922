"""CSV that a spreadsheet takes for text."""

import csv
import io

import pytest

from sipscope.render.csv import rows_csv


def cell(value):
    return list(csv.reader(io.StringIO(rows_csv([{"name": value}], ["name"]))))[1][0]


@pytest.mark.parametrize("text", ["=1+1", "+821012345678", "-2+3", "@SUM(A1)", " =1", '=HYPERLINK("x")', "＝1"])
def test_formula_is_defused(text):
    assert cell(text) == "'" + text


@pytest.mark.parametrize("text", ["alice", "sip:=1@example.com", 'a "quoted", text', "ä"])
def test_text_stays(text):
    assert cell(text) == text


@pytest.mark.parametrize(("value", "text"), [(0, "0"), (-1.5, "-1.5"), (["a", "b"], "a; b"), (["=a"], "'=a"), ([], "")])
def test_values_become_text(value, text):
    assert cell(value) == text


def test_nothing_is_an_empty_cell():
    assert rows_csv([{"a": None, "b": 1}], ["a", "b"]) == "a,b\r\n,1\r\n"


def test_control_characters_are_shown():
    assert cell("a\r\n\x1bb") == "a\\x0d\\x0a\\x1bb"


def test_heading_alone_where_there_are_no_rows():
    assert rows_csv([], ["a", "b"]) == "a,b\r\n"
