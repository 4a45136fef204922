"""Colour: the same characters as plain text, and no markup from a capture."""

import io
import re

import pytest
from rich.console import Console
from rich.text import Text

from sipscope.render.terminal import ladder_terminal, summary_terminal, table_terminal
from sipscope.render.text import ladder_text, table_text
from sipscope.render.text_ladder import ladder_lines
from sipscope.render.text_tables import table_lines
from sipscope.views.summary import Summary
from sipscope.views.tables import Cell, Column, Table
from sipscope.views.tone import Tone
from tests.render.ladders import hostile_ladder, reference_ladder

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
TABLE = Table(title="T", columns=(Column(heading="a"),), rows=((Cell(text="[bold]x[/bold]", tone=Tone.ERROR),),))


def test_without_colour_it_is_the_plain_text():
    assert _COLOUR.sub("", ladder_terminal(reference_ladder(), width=120)) == ladder_text(reference_ladder(), width=120)


_WORDS = {
    Tone.PLAIN: "",
    Tone.STRONG: "bold",
    Tone.MUTED: "bright_black",
    Tone.REQUEST: "bold blue",
    Tone.PROVISIONAL: "yellow",
    Tone.SUCCESS: "green",
    Tone.REDIRECT: "magenta",
    Tone.CHALLENGE: "yellow",
    Tone.FAILURE: "bold red",
    Tone.MEDIA: "cyan",
    Tone.SERVICE: "magenta",
    Tone.INFO: "blue",
    Tone.WARNING: "bold yellow",
    Tone.ERROR: "bold red",
}


def _painted_by_rich(lines):
    out = io.StringIO()
    console = Console(
        file=out, force_terminal=True, color_system="standard", legacy_windows=False, width=10_000, _environ={}
    )
    for line in lines:
        text = Text(no_wrap=True, overflow="ignore")
        for segment in line:
            text.append(segment.text, style=_WORDS[segment.tone])
        console.print(text, soft_wrap=True, highlight=False)
    return out.getvalue()


def test_a_ladder_is_painted_as_rich_would_paint_it():
    for ladder in (reference_ladder(), hostile_ladder()):
        assert ladder_terminal(ladder, width=120) == _painted_by_rich(ladder_lines(ladder, width=120))


@pytest.mark.parametrize("tone", Tone)
def test_every_tone_has_the_colour_of_its_name(tone):
    table = Table(title="T", columns=(Column(heading="a"),), rows=((Cell(text="x y", tone=tone),),))
    assert table_terminal(table, width=80) == _painted_by_rich(table_lines(table, width=80))


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
