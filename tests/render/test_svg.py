"""SVG documents."""

import re
from xml.etree import ElementTree as ET

import pytest

from sipscope.render.svg import ladder_svg
from tests.render.ladders import EMPTY, hostile_ladder, long_ladder, reference_ladder

_SVG = "{http://www.w3.org/2000/svg}"


def test_the_reference_ladder_looks_as_it_should(golden):
    golden("ladder.svg", ladder_svg(reference_ladder()))


@pytest.mark.parametrize("ladder", [reference_ladder(), hostile_ladder(), long_ladder(200, 8), EMPTY])
def test_every_document_is_well_formed(ladder):
    assert ET.fromstring(ladder_svg(ladder)).tag == f"{_SVG}svg"


def test_nothing_is_loaded_from_elsewhere():
    document = ladder_svg(hostile_ladder()).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"https?:|<script|<image|href|url\(|@import|<b>", document)


def test_text_stays_text():
    texts = [element.text for element in ET.fromstring(ladder_svg(reference_ladder())).iter(f"{_SVG}text")]
    assert "100 Trying" in texts


def test_a_badge_says_its_finding_as_tooltip():
    titles = [element.text for element in ET.fromstring(ladder_svg(reference_ladder())).iter(f"{_SVG}title")]
    assert "TXN-001 (warning): The INVITE was sent 3 times." in titles


def test_a_picture_has_title_and_description():
    root = ET.fromstring(ladder_svg(reference_ladder()))
    assert root.findtext(f"{_SVG}title") == "Call 1: alice → bob"
    assert "8 messages between 192.0.2.10" in root.findtext(f"{_SVG}desc")


@pytest.mark.parametrize("ladder", [reference_ladder(), hostile_ladder(), long_ladder(60, 8)])
def test_everything_stands_inside_the_picture(ladder):
    root = ET.fromstring(ladder_svg(ladder))
    width, height = float(root.get("width")), float(root.get("height"))
    for element in [*root.iter(f"{_SVG}text"), *root.iter(f"{_SVG}rect")]:
        assert 0 <= float(element.get("x", 0)) <= width
        assert 0 <= float(element.get("y", 0)) <= height


def test_same_ladder_same_bytes():
    assert ladder_svg(reference_ladder()) == ladder_svg(reference_ladder())
