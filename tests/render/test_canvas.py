"""Rows of texts look the same whether they are put together or drawn cell by cell."""

from hypothesis import given
from hypothesis import strategies as st

from sipscope.render.canvas import CellRow, row_of
from sipscope.render.layout import cells
from sipscope.views.tone import Tone

_TEXTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.text("ab →·─é漢e\u0301", max_size=8).map(str.strip).filter(bool),
        st.sampled_from((Tone.PLAIN, Tone.MUTED, Tone.ERROR)),
    ),
    max_size=5,
)


@given(_TEXTS)
def test_a_row_of_texts_is_what_drawing_each_cell_makes_of_it(texts):
    placed, row, end = [], CellRow(), 0
    for distance, text, tone in texts:
        placed.append((end + distance, text, tone))
        row.put(end + distance, text, tone)
        end += distance + cells(text)
    assert row_of(placed) == row.segments()


def test_texts_that_overlap_are_drawn_over_each_other():
    assert "".join(item.text for item in row_of([(0, "abc", Tone.PLAIN), (1, "x", Tone.PLAIN)])) == "axc"
