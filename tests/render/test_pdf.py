"""PDF: pages and sameness."""

import re

from sipscope.render.pdf import ladder_pdf, quality_pdf
from sipscope.views.quality import QualityView
from tests.render.ladders import hostile_ladder, long_ladder, reference_ladder


def pages_in(pdf: bytes) -> int:
    assert pdf.startswith(b"%PDF-")
    return len(re.findall(rb"/Type /Page\b(?!s)", pdf))


def test_same_ladder_same_bytes():
    assert ladder_pdf(reference_ladder()) == ladder_pdf(reference_ladder())


def test_no_date_and_no_version_is_written():
    assert not re.search(rb"CreationDate|ModDate|Matplotlib", ladder_pdf(reference_ladder()))


def test_a_long_ladder_takes_several_pages():
    assert pages_in(ladder_pdf(long_ladder(120))) > 2


def test_hostile_text_is_drawn_without_warnings():
    assert pages_in(ladder_pdf(hostile_ladder())) >= 1


def test_graphs_are_one_page():
    assert pages_in(quality_pdf(QualityView(title="Media quality", x_label="s"))) == 1
