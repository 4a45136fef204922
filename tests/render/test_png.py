"""PNG: size and sameness; how it looks is the drawing's matter."""

import struct
from dataclasses import replace

from sipscope.render.ladder_drawing import drawing_of
from sipscope.render.png import LARGEST_SIDE, SCALE, ladder_png, quality_png
from sipscope.views.quality import QualityView
from tests.render.ladders import EMPTY, hostile_ladder, long_ladder, reference_ladder


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


def test_a_ladder_has_twice_the_pixels_of_its_drawing():
    width, height = size_of(ladder_png(reference_ladder()))
    drawing = drawing_of(reference_ladder())
    assert abs(width - drawing.width * SCALE) <= 2
    assert abs(height - drawing.height * SCALE) <= 2


def test_same_ladder_same_bytes():
    assert ladder_png(reference_ladder()) == ladder_png(reference_ladder())


def test_another_ladder_other_bytes():
    assert ladder_png(reference_ladder()) != ladder_png(replace(reference_ladder(), title="Call 2"))


def test_no_date_and_no_version_is_written():
    png = ladder_png(EMPTY)
    assert b"tEXt" not in png
    assert b"tIME" not in png


def test_hostile_text_is_drawn_without_warnings():
    assert size_of(ladder_png(hostile_ladder()))[0] > 0


def test_a_ladder_beyond_the_largest_picture_is_cut():
    assert max(size_of(ladder_png(long_ladder(2000)))) <= LARGEST_SIDE


def test_no_media_still_gives_a_picture():
    assert size_of(quality_png(QualityView(title="Media quality", x_label="s")))[0] > 0
