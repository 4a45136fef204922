"""Measuring, breaking, column distances."""

import sys
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from sipscope.render.layout import cells, cells_of, gaps, is_plain, pixels, positions, shortened, wrapped


def test_a_wide_character_takes_two_cells():
    assert cells("漢a") == 3


def test_a_combining_mark_takes_no_cell():
    assert cells("e\u0301") == 1


def test_every_plain_character_can_be_shown_and_takes_one_cell():
    plain = [character for character in map(chr, range(sys.maxunicode + 1)) if is_plain(character)]
    assert {"é", "→", "·", "…", "─"} <= set(plain)
    assert all(cells_of(character) == 1 for character in plain)
    hidden = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Mn", "Me"}
    assert hidden.isdisjoint(unicodedata.category(character) for character in plain)


def test_bold_letters_are_wider():
    assert pixels("INVITE", 12, bold=True) > pixels("INVITE", 12)


def test_a_text_that_fits_is_not_shortened():
    assert shortened("INVITE", 6) == "INVITE"


def test_a_shortened_text_ends_in_an_ellipsis():
    assert shortened("Temporarily", 5) == "Temp…"


def test_no_room_gives_no_text():
    assert shortened("abc", 0) == ""


def test_lines_break_at_blanks():
    assert wrapped("offer: audio 4000 PCMA", 13) == ["offer: audio", "4000 PCMA"]


def test_an_address_without_blanks_breaks_behind_a_colon():
    assert wrapped("2001:db8:85a3:8d3:1319:8a2e", 20) == ["2001:db8:85a3:8d3:", "1319:8a2e"]


def test_the_last_allowed_line_is_shortened():
    assert wrapped("one two three four", 6, limit=2) == ["one", "two t…"]


@given(st.text(max_size=80), st.integers(1, 20), st.integers(1, 5))
def test_no_line_is_wider_than_its_room(text, room, limit):
    lines = wrapped(text, room, limit=limit)
    assert len(lines) <= limit
    # One wide character is as narrow as a line can get.
    assert all(cells(line) <= max(2, room) for line in lines)


def test_a_gap_grows_for_what_stands_in_it():
    assert gaps(3, [(0, 1, 30.0)], 16, 50) == [30.0, 16]


def test_a_gap_does_not_grow_beyond_the_largest():
    assert gaps(2, [(1, 0, 500.0)], 16, 50) == [50.0]


def test_little_room_shrinks_gaps_but_not_below_the_smallest():
    assert gaps(3, [(0, 1, 50.0), (1, 2, 50.0)], 16, 50, room=20) == [16.0, 16.0]


def test_positions_add_up():
    assert positions(10, [5, 7]) == [10, 15, 22]
