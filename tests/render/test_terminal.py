"""Colour: the same characters as plain text, and no markup from a capture."""

import re

from sipscope.render.terminal import ladder_terminal, summary_terminal, table_terminal
from sipscope.render.text import ladder_text, table_text
from sipscope.views.summary import Summary
from sipscope.views.tables import Cell, Column, Table
from sipscope.views.tone import Tone
from tests.render.ladders import hostile_ladder, reference_ladder

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TABLE = Table(title="T", columns=(Column(heading="a"),), rows=((Cell(text="[bold]x[/bold]", tone=Tone.ERROR),),))


def test_without_colour_it_is_the_plain_text():
    assert _COLOUR.sub("", ladder_terminal(reference_ladder(), width=120)) == ladder_text(reference_ladder(), width=120)


def test_a_request_is_coloured():
    assert "\x1b[1;34m" in ladder_terminal(reference_ladder(), width=120)


def test_markup_in_a_capture_is_text():
    assert "[bold]x[/bold]" in table_terminal(TABLE, width=80)


def test_only_our_own_escapes_get_out():
    text = _COLOUR.sub("", ladder_terminal(hostile_ladder(), width=120))
    assert "\x1b" not in text
    assert "\x9b" not in text


def test_a_long_line_is_not_broken_by_the_terminal_library():
    wide = ladder_terminal(hostile_ladder(), width=60)
    assert len(wide.splitlines()) == len(ladder_text(hostile_ladder(), width=60).splitlines())


def test_a_summary_is_its_tables():
    text = summary_terminal(Summary(title="a.pcap", headline="none", tables=(TABLE,)), width=80)
    assert _COLOUR.sub("", text) == "a.pcap\nnone\n\n" + table_text(TABLE, width=80)
