"""The page of an audit: whole in itself, and safe whatever captures held."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from sipscope.render.audit_html import audit_html
from sipscope.views.audit_page import AuditPage, Pair, Share, Slot, Unread
from tests.render.audits import HOSTILE, PAGE

HOSTILE_TEXT = "<img src=x onerror=alert(1)>{{ 7 * 7 }}\x1b[2J\u202e\"'"


class _Elements(HTMLParser):
    """Elements, their attributes, and texts outside of style."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def elements_of(page: AuditPage) -> _Elements:
    return _Elements(audit_html(page))


def hostile_page() -> AuditPage:
    """Whatever a capture can decide is hostile."""
    use = PAGE.rules[0]
    return replace(
        PAGE,
        slots=(Slot(label=HOSTILE_TEXT, answered=1),),
        rules=(replace(use, examples=(HOSTILE, replace(HOSTILE, command=HOSTILE_TEXT))),),
        trunks=(Share(name=HOSTILE_TEXT, calls=1, answered=0, faulty=1, rule="OA-003"),),
        agents=(Share(name=HOSTILE_TEXT, calls=1, answered=0, faulty=1, rule=HOSTILE_TEXT),),
        pairs=(Pair(caller=HOSTILE_TEXT, callee=HOSTILE_TEXT, calls=1, faulty=1, rule=HOSTILE_TEXT),),
        unread=(Unread(name=HOSTILE_TEXT, status="crashed", error=HOSTILE_TEXT),),
        endings=((HOSTILE_TEXT, 1),),
    )


def test_the_page_loads_nothing():
    elements = elements_of(PAGE)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(elements.tags)
    assert not [value for name, value in elements.attributes if name in {"src", "srcset", "action"}]
    assert "@import" not in audit_html(PAGE)
    assert "url(" not in audit_html(PAGE)


def test_links_lead_to_places_in_the_page_or_to_standards():
    elements = elements_of(PAGE)
    places = {value for name, value in elements.attributes if name == "id"}
    for target in (value or "" for name, value in elements.attributes if name == "href"):
        assert target.removeprefix("#") in places or target.startswith("https://www.rfc-editor.org/rfc/rfc"), target


def test_no_place_has_the_name_of_another():
    places = [value for name, value in elements_of(PAGE).attributes if name == "id"]
    assert len(places) == len(set(places))


def test_what_captures_hold_adds_no_element():
    tags = set(elements_of(hostile_page()).tags)
    assert not {"img", "script", "b"} & tags - set(elements_of(PAGE).tags)
    assert "<img" not in audit_html(hostile_page())


def test_what_captures_hold_adds_no_attribute():
    assert not [name for name, _ in elements_of(hostile_page()).attributes if name.startswith("on")]


def test_what_captures_hold_is_no_template():
    assert "{{ 7 * 7 }}" in elements_of(hostile_page()).text


def test_no_control_character_reaches_the_page():
    text = audit_html(hostile_page())
    assert not {item for item in text if not item.isprintable()} - {"\n", "\u202f"}


@pytest.mark.parametrize(
    "words",
    [
        "Captured from 2026-01-31 10:00:00 to 2026-01-31 12:00:00 UTC",
        "OA-003 media-section-dropped",
        "night/trunk 1.pcap , frames 7, 9",
        "sipscope show 'night/trunk 1.pcap' --call 3",
        "192.0.2.1 → 192.0.2.9",
        "1 of 2",
        "letter.pcap",
        "and 4 captures more",
    ],
)
def test_the_page_tells(words: str):
    assert words.replace(" ,", ",") in elements_of(PAGE).text.replace(" ,", ",")


def test_an_audit_of_nothing_has_a_page():
    page = AuditPage(version="1", counts=replace(PAGE.counts, captures=0, unread=0, calls=0, faulty=0))
    assert "Every capture was read" in elements_of(page).text


def test_the_same_page_gives_the_same_bytes():
    assert audit_html(PAGE) == audit_html(PAGE)


def test_code_of_a_rule_is_code_and_nothing_else():
    use = PAGE.rules[0]
    rule = replace(use.rule, summary="The `o=<x>` line, and a ` alone.")
    assert "The <code>o=&lt;x&gt;</code> line, and a " in audit_html(replace(PAGE, rules=(replace(use, rule=rule),)))
