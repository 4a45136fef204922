"""Limits that figures are held against: `SEER>=95`, `SRD success p95<3s`, or one of the usual ones by its code."""

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches

from sipscope.audit.metric_table import Kind, Metric
from sipscope.audit.metrics import METRICS, Figure
from sipscope.errors import UsageError
from sipscope.values import dataclass

_STATISTICS: Mapping[str, str] = {
    "min": "minimum",
    "p5": "percentile_5",
    "median": "median",
    "p50": "median",
    "mean": "mean",
    "p95": "percentile_95",
    "max": "maximum",
}
"""What a limit may look at, and the part of a figure that it is."""

_WORDS = {
    "minimum": ", lowest,",
    "percentile_5": ", 5th percentile,",
    "median": ", median,",
    "mean": ", mean,",
    "percentile_95": ", 95th percentile,",
    "maximum": ", highest,",
}

_LIMIT = re.compile(
    rf"\s*(?P<name>[^<>=]+?)(?:\s+(?P<statistic>{'|'.join(_STATISTICS)}))?\s*"
    r"(?P<sign><=|>=|<|>)\s*(?P<value>\d{1,12}(?:\.\d{1,9})?)\s*(?P<unit>%|ms|s|calls/s|calls|MOS)?\s*"
)

_MILLISECONDS = {"ms": 1.0, "s": 1000.0}

USUAL: Mapping[str, str] = {
    "KPI-101": "SRD success p95 <= 3 s",
    "KPI-102": "RRD p95 <= 1 s",
    "KPI-103": "SEER >= 95 %",
    "KPI-104": "short calls <= 20 %",
    "KPI-105": "SDD p95 <= 1 s",
}
"""Limits that many networks hold themselves to, by code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a metric is held against.

    Attributes:
        text: As it was given; of a usual one with its code.
        metric: Which metric.
        statistic: Which part of its figure, by the field's name; `percent` of a share.
        sign: `<`, `<=`, `>` or `>=`: what holds between the figure and the value.
        value: In the metric's unit.
    """

    text: str
    metric: Metric
    statistic: str
    sign: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A figure that does not keep a limit.

    Attributes:
        limit: Which limit.
        figure: Which figure.
        value: What it came to, in the metric's unit.
    """

    limit: Limit
    figure: Figure
    value: float

    @property
    def text(self) -> str:
        """What a person reads: the figure, what it is made of, and the limit."""
        figure, metric = self.figure, self.limit.metric
        group = f"{figure.group}: " if figure.group else ""
        counts = f"{figure.hits} of {figure.count}" if metric.kind is Kind.RATIO else f"n = {figure.count}"
        name = f"{metric.name}{_WORDS.get(self.limit.statistic, '')}"
        unit = "" if metric.unit == metric.name else f" {metric.unit}"
        return f"{group}{name} is {round(self.value, 2):.15g}{unit} ({counts}), the limit is {self.limit.text}"


def limit_of(text: str) -> Limit:
    """A limit as a user writes it.

    Raises:
        UsageError: It can't be read, there is no such metric, or its unit or statistic doesn't fit the metric.
    """
    usual = USUAL.get(text.strip().upper())
    match = _LIMIT.fullmatch(usual or text)
    if match is None:
        raise UsageError(f"--limit {text} can't be read: give it as 'SEER>=95', 'SRD success p95<3s' or KPI-101")
    metric = _metric_named(match["name"], text)
    return Limit(
        text=f"{text.strip().upper()}, {usual}" if usual else text.strip(),
        metric=metric,
        statistic=_statistic(metric, match["statistic"], text),
        sign=match["sign"],
        value=_value(metric, float(match["value"]), match["unit"], text),
    )


def misses(figures: Sequence[Figure], limits: Sequence[Limit]) -> Iterator[Miss]:
    """Figures that do not keep their limits, by limit, then in their order."""
    for limit in limits:
        for figure in figures:
            value = value_of(figure, limit)
            if value is not None and not _holds(value, limit.sign, limit.value):
                yield Miss(limit=limit, figure=figure, value=value)


def unjudged(figures: Sequence[Figure], limits: Sequence[Limit]) -> Iterator[Limit]:
    """Limits for which nothing counted: they are neither kept nor missed."""
    for limit in limits:
        if all(value_of(figure, limit) is None for figure in figures):
            yield limit


def value_of(figure: Figure, limit: Limit) -> float | None:
    """What a limit looks at in a figure; None where nothing counted, and in the figure of another metric."""
    if figure.metric.code != limit.metric.code or not figure.count:
        return None
    values: Mapping[str, float | None] = {
        "percent": figure.percent,
        "minimum": figure.minimum,
        "percentile_5": figure.percentile_5,
        "median": figure.median,
        "mean": figure.mean,
        "percentile_95": figure.percentile_95,
        "maximum": figure.maximum,
    }
    return values[limit.statistic]


def _metric_named(name: str, text: str) -> Metric:
    known = {key.lower(): metric for metric in METRICS for key in (metric.name, metric.code)}
    metric = known.get(name.strip().lower())
    if metric is None:
        near = get_close_matches(name.strip().lower(), known, n=1)
        hint = f": did you mean {known[near[0]].name}?" if near else f": they are {', '.join(m.name for m in METRICS)}"
        raise UsageError(f"--limit {text}: there is no metric {name.strip()}{hint}")
    return metric


def _statistic(metric: Metric, word: str | None, text: str) -> str:
    """The part of the figure that is meant; without a word that which shows the worst."""
    if metric.kind in (Kind.RATIO, Kind.PEAK):
        if word is not None and (metric.kind is Kind.RATIO or word != "max"):
            raise UsageError(f"--limit {text}: {metric.name} is one figure and has no {word}")
        return "percent" if metric.kind is Kind.RATIO else "maximum"
    return _STATISTICS[word or ("p5" if metric.worst_is_low else "p95")]


def _value(metric: Metric, value: float, unit: str | None, text: str) -> float:
    if unit is None or unit == metric.unit:
        return value
    if unit in _MILLISECONDS and metric.unit in _MILLISECONDS:
        return value * _MILLISECONDS[unit] / _MILLISECONDS[metric.unit]
    raise UsageError(f"--limit {text}: {metric.name} is told in {metric.unit}, not in {unit}")


def _holds(value: float, sign: str, limit: float) -> bool:
    return {"<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit}[sign]
