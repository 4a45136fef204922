"""Limits are read as they are written, and a figure keeps them or not."""

import pytest

from sipscope.audit.limits import USUAL, limit_of, misses, unjudged
from sipscope.audit.metrics import METRICS, Figure
from sipscope.errors import UsageError


def _figure(name: str, group: str = "", **values: float) -> Figure:
    (metric,) = [item for item in METRICS if item.name == name]
    count, hits = int(values.pop("count", 1)), int(values.pop("hits", 0))
    return Figure(metric=metric, group=group, count=count, hits=hits, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name", "statistic", "sign", "value"),
    [
        ("SEER>=95", "SEER", "percent", ">=", 95.0),
        ("seer >= 95 %", "SEER", "percent", ">=", 95.0),
        ("SRD success p95<3s", "SRD success", "percentile_95", "<", 3000.0),
        ("KPI-003 median<=250ms", "SRD success", "median", "<=", 250.0),
        ("SDT completed mean>0.5s", "SDT completed", "mean", ">", 0.5),
        ("SDT completed min > 500 ms", "SDT completed", "minimum", ">", 0.5),
        ("PDD<2s", "PDD", "percentile_95", "<", 2000.0),
        ("MOS>=3.5", "MOS", "percentile_5", ">=", 3.5),
        ("loss<1%", "loss", "percentile_95", "<", 1.0),
        ("concurrent calls<=120", "concurrent calls", "maximum", "<=", 120.0),
        ("calls per second < 10 calls/s", "calls per second", "maximum", "<", 10.0),
    ],
)
def test_a_limit_is_read(text: str, name: str, statistic: str, sign: str, value: float) -> None:
    limit = limit_of(text)
    assert (limit.metric.name, limit.statistic, limit.sign, limit.value) == (name, statistic, sign, value)


@pytest.mark.parametrize(
    ("code", "name", "statistic", "sign", "value"),
    [
        ("KPI-101", "SRD success", "percentile_95", "<=", 3000.0),
        ("KPI-102", "RRD", "percentile_95", "<=", 1000.0),
        ("KPI-103", "SEER", "percent", ">=", 95.0),
        ("KPI-104", "short calls", "percent", "<=", 20.0),
        ("KPI-105", "SDD", "percentile_95", "<=", 1000.0),
    ],
)
def test_a_usual_limit_goes_by_its_code(code: str, name: str, statistic: str, sign: str, value: float) -> None:
    limit = limit_of(code.lower())
    assert (limit.metric.name, limit.statistic, limit.sign, limit.value) == (name, statistic, sign, value)
    assert limit.text.startswith(f"{code}, ")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("SEER", "can't be read"),
        ("SEER>=high", "can't be read"),
        ("SEER=95", "can't be read"),
        ("SERR>=95", "did you mean SER"),
        ("zzz>=95", "they are RRD, IRA"),
        ("SEER>=95s", "told in %, not in s"),
        ("PDD<5%", "told in ms, not in %"),
        ("SEER p95>=95", "has no p95"),
        ("concurrent calls mean<9", "has no mean"),
        ("KPI-106", "can't be read"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_with_why(text: str, why: str) -> None:
    with pytest.raises(UsageError, match=why):
        limit_of(text)


@pytest.mark.parametrize(
    ("text", "is_missed"),
    [("SEER>=50", False), ("SEER>50", True), ("SEER<=50", False), ("SEER<50", True), ("SEER>=50.1", True)],
)
def test_signs_mean_what_they_say(text: str, *, is_missed: bool) -> None:
    assert bool(list(misses([_figure("SEER", hits=1, count=2)], [limit_of(text)]))) is is_missed


def test_a_miss_tells_the_group_the_counts_and_the_limit() -> None:
    figures = [_figure("SEER", group="a", hits=2, count=3), _figure("SEER", group="b", hits=3, count=3)]
    (miss,) = misses(figures, [limit_of("KPI-103")])
    assert miss.text == "a: SEER is 66.67 % (2 of 3), the limit is KPI-103, SEER >= 95 %"


def test_a_miss_of_a_time_tells_the_percentile() -> None:
    (miss,) = misses([_figure("PDD", percentile_95=2500.0, count=40)], [limit_of("PDD<2s")])
    assert miss.text == "PDD, 95th percentile, is 2500 ms (n = 40), the limit is PDD<2s"


def test_what_nothing_counted_for_is_neither_kept_nor_missed() -> None:
    figures, limits = [_figure("SEER", count=0), _figure("SER", count=1)], [limit_of("SEER>=95")]
    assert list(misses(figures, limits)) == []
    assert list(unjudged(figures, limits)) == limits


def test_every_usual_limit_can_be_read() -> None:
    assert [limit_of(code).text.split(",")[0] for code in USUAL] == [f"KPI-10{number}" for number in range(1, 6)]
