"""Pictures of the page of an audit, by hand."""

import itertools

import pytest

from sipscope.render.audit_charts import HEIGHT, OTHERS, WIDTH, matrix_of, slot_chart
from sipscope.views.audit_page import Pair, Slot
from sipscope.views.audit_tables import NOT_TOLD


@pytest.mark.parametrize(
    ("calls", "labels"),
    [
        (0, ["0", "1"]),
        (1, ["0", "1"]),
        (5, ["0", "1", "2", "3", "4", "5"]),
        (7, ["0", "2", "4", "6", "8"]),
        (48, ["0", "10", "20", "30", "40", "50"]),
        (101, ["0", "50", "100", "150"]),
        (12_345, ["0", "5\u202f000", "10\u202f000", "15\u202f000"]),
    ],
)
def test_counts_stand_at_round_numbers(calls: int, labels: list[str]):
    assert [tick.label for tick in slot_chart((Slot(label="a", answered=calls),)).counts] == labels


@pytest.mark.parametrize("count", [0, 1, 2, 30, 93])
def test_bars_stay_in_the_picture_and_beside_each_other(count: int):
    slots = [Slot(label=str(number), answered=number, unanswered=1, faulty=2) for number in range(count)]
    bars = [bar for column in slot_chart(slots).columns for bar in column.bars if bar.kind == "faulty"]
    assert all(bar.x > 0 and bar.x + bar.width < WIDTH and 0 <= bar.y < HEIGHT for bar in bars)
    assert all(left.x + left.width < right.x for left, right in itertools.pairwise(bars))


def test_parts_of_a_bar_stand_on_each_other():
    (column,) = slot_chart((Slot(label="a", answered=6, unanswered=3, faulty=1),)).columns
    below, middle, above = column.bars
    assert middle.y + middle.height == pytest.approx(below.y, abs=0.02)
    assert above.y + above.height == pytest.approx(middle.y, abs=0.02)
    assert below.height == pytest.approx(2 * middle.height, abs=0.05)


def test_one_call_of_many_is_still_seen():
    (column,) = slot_chart((Slot(label="a", answered=100_000, faulty=1),)).columns
    assert column.bars[-1].height >= 1.5


@pytest.mark.parametrize(("count", "labels"), [(1, 1), (9, 9), (11, 6), (93, 10)])
def test_labels_of_times_have_room(count: int, labels: int):
    assert len(slot_chart([Slot(label=str(number)) for number in range(count)]).times) == labels


def pair(caller: str, callee: str, calls: int, faulty: int, rule: str = "") -> Pair:
    return Pair(caller=caller, callee=callee, calls=calls, faulty=faulty, rule=rule)


def test_products_stand_by_faults_then_calls_and_the_nameless_last():
    matrix = matrix_of([pair("", "B", 9, 9), pair("A", "C", 5, 0), pair("D", "B", 1, 1), pair("E", "C", 7, 0)])
    assert [caller for caller, _ in matrix.rows] == ["D", "E", "A", NOT_TOLD]
    assert matrix.callees == ("B", "C")


def test_products_that_never_called_each_other_have_no_cell():
    matrix = matrix_of([pair("A", "B", 2, 1, "OA-003"), pair("B", "A", 1, 0)])
    assert matrix.rows[0] == ("A", (pair("A", "B", 2, 1, "OA-003"), None))


def test_products_beyond_the_matrix_are_others():
    pairs = [pair(f"P{number}", "X", 20 - number, 20 - number, f"R-{number}") for number in range(11)]
    caller, (cell,) = matrix_of(pairs).rows[-1]
    assert caller == OTHERS
    assert cell == pair(OTHERS, "X", 12 + 11 + 10, 12 + 11 + 10, "R-8")
