"""Markdown, in which what captures hold stays text."""

import pytest

from sipscope.render.markdown import audit_markdown, table_markdown, text_markdown
from sipscope.views.tables import Alignment, Cell, Column, Table
from tests.render.audits import PAGE


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("plain text (with 1.5 %)", "plain text (with 1.5 %)"),
        ("a|b", "a&#124;b"),
        ("*b* `c` ~d~", "&#42;b&#42; &#96;c&#96; &#126;d&#126;"),
        ("<script>", "&#60;script&#62;"),
        ("[a](b)", "&#91;a&#93;(b)"),
        ("_a_ sip_call__flow", "&#95;a&#95; sip_call__flow"),
        ("@team sip:a@b.example", "&#64;team sip:a&#64;b.example"),
        ("http://evil.example", "http&#58;&#47;&#47;evil.example"),
        ("www.evil.example", "www&#46;evil.example"),
        ("#12 !3 $x$", "&#35;12 &#33;3 &#36;x&#36;"),
        ("&lt;", "&#38;lt;"),
        ("a\nb", "a\\x0ab".replace("\\", "&#92;")),
        ("- item", "&#45; item"),
        ("1. item", "1&#46; item"),
    ],
)
def test_text_shows_as_it_is(text: str, written: str):
    assert text_markdown(text) == written


def test_a_table_has_its_numbers_at_the_right():
    table = Table(
        title="Calls",
        columns=(Column(heading="Who"), Column(heading="Share", alignment=Alignment.RIGHT, unit="%")),
        rows=((Cell(text="a|b"), Cell(text="1.5")),),
        note="and 2 more",
    )
    assert table_markdown(table) == ("## Calls\n\n| Who | Share (%) |\n|---|--:|\n| a&#124;b | 1.5 |\n\nand 2 more\n")


@pytest.mark.parametrize(
    "line",
    [
        "# Audit",
        "**3 captures · 1 of them not read, or not to their end · 2 calls · 1 error · 0 warnings**",
        "### OA-003 media-section-dropped",
        "| OA-003 | media-section-dropped | 1 | 0 | 0 | 1 | 1 |",
        (
            "- night/trunk 1.pcap, frames 7, 9: The offer drops the video line."
            "<br><kbd>sipscope show 'night/trunk 1.pcap' --call 3</kbd>"
        ),
    ],
)
def test_the_page_tells(line: str):
    assert line in audit_markdown(PAGE).splitlines()


def test_a_rule_leads_to_its_clause():
    assert "[RFC 3264 §8](https://www.rfc-editor.org/rfc/rfc3264#section-8)" in audit_markdown(PAGE)
