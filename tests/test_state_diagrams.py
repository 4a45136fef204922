"""The pictures of the state tables show what the tables hold."""

import sys

import pytest

from sipscope.views.topology import NetworkView
from tests.conftest import REPOSITORY

LEFT_OUT = {
    "INVITE transaction": {"unknown", "terminated"},
    "Other transactions": {"unknown", "terminated"},
    "offer and answer": {"X", "BR", "unknown"},
    "Transfer": {"TR", "TX"},
}
"""States that no picture shows, as the page says."""


@pytest.fixture(scope="module")
def pictures():
    """The module that draws them, from the folder of the documentation."""
    sys.path.insert(0, str(REPOSITORY / "docs"))
    try:
        import state_diagrams
    finally:
        sys.path.pop(0)
    return state_diagrams


def views_of(pictures) -> dict[str, list[tuple[NetworkView, object]]]:
    """The pictures by the machine they are of, with its table."""
    machines: dict[str, list[tuple[NetworkView, object]]] = {}
    for name, title, table, columns in pictures.PICTURES:
        machine = "offer and answer" if name.startswith("offer-answer") else title
        machines.setdefault(machine, []).append((pictures.view_of(title, table, columns), table))
    return machines


@pytest.mark.parametrize("machine", LEFT_OUT)
def test_every_state_is_shown_but_those_that_the_page_names(pictures, machine):
    views = views_of(pictures)[machine]
    shown = {box.title for view, _ in views for box in view.boxes}
    states = {str(state.value) for _, table in views for state in table}
    assert states - shown <= LEFT_OUT[machine]
    assert shown <= states


def test_wire_names_the_events_of_both_ways(pictures):
    (view,) = [view for view, _ in views_of(pictures)["offer and answer"] if view.title == "re-INVITE"]
    wires = {(view.boxes[wire.first].title, view.boxes[wire.second].title): wire for wire in view.wires}
    assert (wires["S0", "I1r"].there, wires["S0", "I1r"].back) == ("invite sdp", "success sdp · failure")


def test_page_embeds_every_picture(pictures):
    page = (REPOSITORY / "docs" / "reference" / "state-tables.md").read_text("utf-8")
    assert [name for name, _ in pictures.diagrams() if f"(state-tables/{name})" not in page] == []
