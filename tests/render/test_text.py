"""Ladders and tables as plain text."""

import pytest

from sipscope.render.layout import cells
from sipscope.render.text import ladder_text, summary_text, table_text
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from tests.render.ladders import EMPTY, arrow, hostile_ladder, long_ladder, reference_ladder


def test_the_reference_ladder_looks_as_it_should(golden):
    golden("ladder.txt", ladder_text(reference_ladder()))


def test_the_reference_ladder_in_ascii_looks_as_it_should(golden):
    golden("ladder-ascii.txt", ladder_text(reference_ladder(), ascii_only=True, width=100))


def test_ascii_output_holds_nothing_else():
    assert ladder_text(hostile_ladder(), ascii_only=True).isascii()


def test_a_given_width_is_kept_where_lanes_allow_it():
    lines = ladder_text(reference_ladder(), width=110).splitlines()
    assert max(cells(line) for line in lines) <= 110


def test_lifelines_stay_in_their_columns_beside_hostile_text():
    lines = [line for line in ladder_text(hostile_ladder()).splitlines() if "│" in line]
    first = {cells(line[: line.index("│")]) for line in lines if not line.lstrip()[0].isdigit()}
    assert len(first) == 1


def test_no_control_character_gets_out():
    text = ladder_text(hostile_ladder())
    assert not [item for item in text if item != "\n" and (ord(item) < 32 or 127 <= ord(item) < 160)]


def test_a_message_to_itself_is_a_loop():
    assert "├──┐ INVITE" in ladder_text(reference_ladder())


def test_retransmissions_are_counted_on_the_arrow():
    assert "INVITE ×3 until +1.5 s" in ladder_text(reference_ladder())


def test_in_narrow_columns_the_count_goes_before_the_method_does():
    assert "INVITE x3 -" in ladder_text(reference_ladder(), ascii_only=True, width=80)


def test_a_provisional_arrow_is_dashed():
    line = next(line for line in ladder_text(reference_ladder()).splitlines() if "100 Trying" in line)
    assert "╌" in line


def test_a_long_ladder_repeats_its_heads():
    assert ladder_text(long_ladder(60)).count("2001:db8::1") == 2


def test_a_short_ladder_does_not_repeat_its_heads():
    assert ladder_text(long_ladder(10)).count("2001:db8::1") == 1


def test_a_ladder_without_rows_is_its_title():
    assert ladder_text(EMPTY) == "Nothing\n\n"


def test_several_calls_are_told_apart_by_number():
    from dataclasses import replace

    ladder = long_ladder(2)
    rows = (arrow(0, 0, 1, "INVITE", call=3), arrow(1, 1, 0, "INVITE", call=12))
    text = ladder_text(replace(ladder, rows=rows, calls=(3, 12)))
    assert "#3" in text
    assert "#12" in text


@pytest.fixture
def table() -> Table:
    return Table(
        title="Calls",
        columns=(
            Column(heading="#", alignment=Alignment.RIGHT),
            Column(heading="Setup", unit="ms", alignment=Alignment.RIGHT),
            Column(heading="Finding", may_wrap=True),
        ),
        rows=(
            (Cell(text="1"), Cell(text="95"), Cell(text="the answer drops a media section that the offer had")),
            (Cell(text="12"), Cell(text="1600"), Cell(text="")),
        ),
    )


def test_numbers_stand_right(table):
    lines = table_text(table).splitlines()
    assert lines[-2].startswith(" 1     95  the answer")
    assert lines[-1] == "12   1600"


def test_long_texts_wrap_where_room_is_short(table):
    lines = table_text(table, width=36).splitlines()
    assert max(len(line) for line in lines) <= 36
    assert any("that the offer" in line for line in lines)


def test_headings_break_so_that_numbers_need_no_broad_column(table):
    assert [line.split() for line in table_text(table).splitlines()[1:3]] == [["Setup"], ["#", "[ms]", "Finding"]]


def test_a_summary_shows_title_headline_and_tables(table):
    text = summary_text(Summary(title="a.pcap", headline="1 call", tables=(table,)))
    assert text.startswith("a.pcap\n1 call\n\nCalls\n")


def test_columns_of_equal_width_give_way_alike():
    columns = tuple(Column(heading=name, may_wrap=True) for name in "abc")
    wide = Table(title="t", columns=columns, rows=((Cell(text="x " * 20),) * 3,))
    (rule,) = [line for line in table_text(wide, width=64).splitlines() if line.startswith("─")]
    (first, *_) = [line for line in table_text(wide, width=64).splitlines() if line.startswith("x")]
    assert cells(rule) == 64
    assert [len(part.split()) for part in first.split("   ")] == [10, 10, 10]
