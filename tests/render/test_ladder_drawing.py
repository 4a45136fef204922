"""The drawn ladder: no text runs into another, pages hold every row once."""

from dataclasses import replace
from itertools import combinations

import pytest

from sipscope.render.drawing import Anchor, Box, Group, Primitive, Words
from sipscope.render.escape import escaped
from sipscope.render.ladder_drawing import drawing_of, pages_of
from sipscope.render.ladder_geometry import columns_of, note_span, row_height
from sipscope.render.layout import pixels
from sipscope.views.ladder import Note
from sipscope.views.tone import Tone
from tests.render.ladders import EMPTY, hostile_ladder, long_ladder, reference_ladder


def words_of(items: tuple[Primitive, ...]) -> list[Words]:
    found: list[Words] = []
    for item in items:
        if isinstance(item, Group):
            found.extend(words_of(item.items))
        elif isinstance(item, Words):
            found.append(item)
    return found


def extent(words: Words) -> tuple[float, float]:
    width = pixels(words.text, words.size, bold=words.bold)
    shift = {Anchor.START: 0.0, Anchor.MIDDLE: width / 2, Anchor.END: width}[words.anchor]
    return words.x - shift, words.x - shift + width


def overlap(one: Words, other: Words) -> bool:
    (left, right), (start, end) = extent(one), extent(other)
    return min(right, end) - max(left, start) > 1 and abs(one.y - other.y) < min(one.size, other.size) * 0.75


@pytest.mark.parametrize("ladder", [reference_ladder(), hostile_ladder(), long_ladder(30, 8)])
def test_no_text_overlaps_another(ladder):
    words = words_of(drawing_of(ladder).items)
    assert [(one.text, other.text) for one, other in combinations(words, 2) if overlap(one, other)] == []


@pytest.mark.parametrize("ladder", [reference_ladder(), hostile_ladder(), long_ladder(30, 8)])
def test_no_text_leaves_the_picture(ladder):
    drawing = drawing_of(ladder)
    assert [words.text for words in words_of(drawing.items) if extent(words)[1] > drawing.width] == []


def test_a_note_stays_in_its_box():
    note = Note(offset=0, at=0, tone=Tone.SERVICE, text=12 * "caller hears media ")
    ladder = replace(EMPTY, lanes=reference_ladder().lanes[:2], rows=(note,))
    lines = [words for words in words_of(drawing_of(ladder).items) if "hears" in words.text]
    assert lines
    assert max(extent(line)[1] for line in lines) <= note_span(columns_of(ladder))[1] - 8


def test_pages_hold_every_message_once():
    pages = pages_of(long_ladder(200), 1200)
    shown = [words.text for page in pages for words in words_of(page.items) if words.text == "INVITE"]
    assert len(shown) == 200


def test_no_page_is_higher_than_asked():
    assert max(page.height for page in pages_of(long_ladder(200), 1200)) <= 1200


def test_every_page_has_the_heads_of_the_lanes():
    pages = pages_of(long_ladder(200), 1200)
    assert all("2001:db8::1" in {words.text for words in words_of(page.items)} for page in pages)


def test_findings_stand_behind_the_last_page():
    assert "Findings" in {words.text for words in words_of(pages_of(reference_ladder(), 500)[-1].items)}


def test_more_details_make_a_row_higher():
    ladder = escaped(reference_ladder())
    columns = columns_of(ladder)
    assert row_height(ladder.rows[0], columns) > row_height(ladder.rows[2], columns)


def test_a_ladder_without_lanes_is_drawn():
    assert drawing_of(EMPTY).width > 0


def test_a_tall_ladder_repeats_its_heads_at_the_foot():
    texts = [words.text for words in words_of(drawing_of(long_ladder(60)).items)]
    assert texts.count("2001:db8::1") == 2


def test_media_runs_along_the_lanes_until_it_ends():
    bars = [item for item in drawing_of(reference_ladder()).items if isinstance(item, Box) and item.width == 7]
    heights = sorted(bar.height for bar in bars)
    assert len(bars) == 4
    assert heights[-1] > heights[0]
