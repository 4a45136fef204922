"""Escaping: nothing from a capture can command a terminal, a browser or matplotlib."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sipscope.render.escape import VALUE_LIMIT, escaped, in_ascii, visible, without_mathtext, xml_text
from sipscope.views.tables import Cell, Column, Table
from sipscope.views.tone import Tone
from tests.render.ladders import EVIL, hostile_ladder

UNSAFE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def test_terminal_escapes_are_shown_not_obeyed():
    assert visible("\x1b[31mred\x9b0m\x7f") == "\\x1b[31mred\\x9b0m\\x7f"


def test_bidirectional_overrides_are_shown():
    assert visible("a\u202eb\u2066c") == "a\\u202eb\\u2066c"


def test_a_value_never_breaks_the_line():
    assert visible("a\r\nb\u2028c\td") == "a\\x0d\\x0ab\\u2028c\\x09d"


def test_an_undecodable_byte_is_shown_as_that_byte():
    assert visible(b"caf\xe9".decode("utf-8", "surrogateescape")) == "caf\\xe9"


def test_letters_of_other_scripts_stay():
    assert visible("Zoë 漢字 Дима") == "Zoë 漢字 Дима"


def test_stacked_combining_marks_are_cut():
    assert visible("e" + "\u0301" * 3) == "e\u0301\u0301\\u0301"


def test_a_long_value_ends_in_an_ellipsis_at_the_limit():
    assert visible("x" * (VALUE_LIMIT + 1)) == "x" * (VALUE_LIMIT - 1) + "…"


def test_a_value_of_exactly_the_limit_is_whole():
    assert visible("é" * VALUE_LIMIT) == "é" * VALUE_LIMIT


@given(st.text(st.characters(), max_size=60), st.integers(8, 40))
def test_whatever_comes_is_printable_and_within_the_limit(text, limit):
    shown = visible(text, limit)
    assert len(shown) <= limit
    assert not [item for item in shown if unicodedata.category(item) in UNSAFE]


def test_escaping_a_view_reaches_every_text_in_it():
    assert EVIL not in repr(escaped(hostile_ladder()))
    assert "\x1b" not in str(escaped(hostile_ladder()).rows[0].badges[0].text)


def test_a_view_that_needs_no_escape_stays_the_same_object():
    view = Table(title="Calls", columns=(Column(heading="#"),), rows=((Cell(text="1"),),))
    assert escaped(view) is view


def test_escaping_leaves_a_tone_a_tone():
    assert escaped(Cell(text="a", tone=Tone.ERROR)).tone is Tone.ERROR


@given(st.text(max_size=40))
def test_ascii_has_no_other_characters(text):
    assert in_ascii(visible(text)).isascii()


def test_arrows_have_an_ascii_likeness():
    assert in_ascii("a → b ×3 …") == "a -> b x3 ..."


def test_xml_specials_become_entities():
    assert xml_text('<a href="x">\'&') == "&lt;a href=&quot;x&quot;&gt;&#39;&amp;"


def test_characters_that_xml_forbids_are_replaced():
    assert xml_text("a\x00\x0b\ud800\uffffb") == "a\ufffd\ufffd\ufffd\ufffdb"


def test_a_dollar_starts_no_formula():
    assert without_mathtext("$x^2$") == "\\$x^2\\$"
