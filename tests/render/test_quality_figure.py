"""Graphs."""

from xml.etree import ElementTree as ET

from sipscope.render.quality_figure import quality_figure, quality_svg
from sipscope.views.quality import EventMark, Panel, QualityView, Series
from sipscope.views.tone import Tone
from tests.render.ladders import EVIL


def view(label: str = "s1 PCMA", marks: int = 2) -> QualityView:
    series = Series(label=label, x=(0.0, 1.0, 2.0, 3.0), y=(1.0, None, 2.5, 0.0))
    return QualityView(
        title="Media quality of call 1",
        x_label="seconds since the first packet",
        panels=(
            Panel(title="Jitter", unit="ms", series=(series,)),
            Panel(title="Loss", unit="%", series=(Series(label=label, x=(0.0,), y=(0.0,)),)),
        ),
        marks=tuple(EventMark(x=number * 0.1, label=f"digit {number}", tone=Tone.MEDIA) for number in range(marks)),
    )


def texts_of(document: str) -> set[str]:
    return {
        "".join(item.itertext()).strip() for item in ET.fromstring(document).iter("{http://www.w3.org/2000/svg}text")
    }


def test_every_panel_is_a_pair_of_axes():
    assert len(quality_figure(view()).axes) == 2


def test_titles_carry_units():
    assert [axes.get_title(loc="left") for axes in quality_figure(view()).axes] == ["Jitter [ms]", "Loss [%]"]


def test_text_stays_text_in_svg():
    assert {"Media quality of call 1", "digit 0", "s1 PCMA"} <= texts_of(quality_svg(view()))


def test_what_was_not_measured_leaves_a_hole():
    line = quality_figure(view()).axes[0].get_lines()[0]
    assert str(line.get_ydata()[1]) == "nan"


def test_same_view_same_svg():
    assert quality_svg(view()) == quality_svg(view())


def test_no_date_is_written():
    assert "<dc:date>" not in quality_svg(view())


def test_hostile_labels_are_drawn_without_warnings():
    assert "\x1b" not in quality_svg(view(EVIL))


def test_marks_that_stand_close_are_written_on_several_lines():
    levels = {annotation.xyann[1] for annotation in quality_figure(view(marks=4)).axes[0].texts}
    assert len(levels) > 1


def test_no_media_is_said_in_words():
    figure = quality_figure(QualityView(title="Media quality", x_label="s"))
    assert "No media to show." in {text.get_text() for text in figure.texts}
