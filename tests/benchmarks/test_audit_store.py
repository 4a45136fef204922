"""The benchmark's database is what it says it is, and every documented question can be put to it."""

from collections.abc import Iterator

import pytest

from sipscope.audit.metrics import METRICS, Figure, figures_of
from sipscope.audit.store import Store
from tests.benchmarks.audit_store import questions, write_store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A small one."""
    path = tmp_path_factory.mktemp("large") / "audit.duckdb"
    write_store(path, calls=2000)
    with Store(path, read_only=True) as store:
        yield store


@pytest.fixture(scope="module")
def figures(store: Store) -> dict[str, Figure]:
    """Its metrics, by name."""
    return {figure.metric.name: figure for figure in figures_of(store)}


@pytest.mark.parametrize(("title", "query"), questions(), ids=[title for title, _ in questions()])
def test_documented_questions_have_answers(store: Store, title: str, query: str) -> None:
    assert store.query(query), title


def test_there_are_documented_questions() -> None:
    assert len(questions()) >= 4


def test_seven_of_ten_calls_are_answered(figures: dict[str, Figure]) -> None:
    assert figures["ASR"].count == 2000
    assert figures["ASR"].percent == pytest.approx(70, abs=3)


@pytest.mark.parametrize("name", [metric.name for metric in METRICS if metric.name != "SDT failed"])
def test_every_metric_has_something_to_count(figures: dict[str, Figure], name: str) -> None:
    assert figures[name].count > 0
