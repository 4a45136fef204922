"""Performance metrics as tables and as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass

from sipscope.views.report_values import rounded
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone

FEW = 30
"""Below so many series a percentage says little: it stands with its counts beside it, and is muted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiRow:
    """One figure.

    Attributes:
        group: What it is told of; empty for everything.
        code: `KPI-008` …
        name: Short name.
        title: Name in full.
        clause: Where it is defined.
        unit: `%`, `ms` or `s`.
        count: How many series counted.
        hits: Of a share: the numerator; None for a time.
        percent: Of a share: the share; None where nothing counted.
        minimum: Of a time: the shortest.
        mean: Of a time: the mean.
        median: Of a time: half are shorter.
        percentile_95: Of a time: 95 % are shorter.
        maximum: Of a time: the longest.
        excluded: How many series did not count, by reason.
    """

    group: str
    code: str
    name: str
    title: str
    clause: str
    unit: str
    count: int
    hits: int | None = None
    percent: float | None = None
    minimum: float | None = None
    mean: float | None = None
    median: float | None = None
    percentile_95: float | None = None
    maximum: float | None = None
    excluded: tuple[tuple[str, int], ...] = ()


ROW_NAMES = (
    "group",
    "code",
    "name",
    "unit",
    "count",
    "hits",
    "percent",
    "minimum",
    "mean",
    "median",
    "percentile_95",
    "maximum",
    "excluded",
)
"""The values of each of `kpi_values`."""


def kpi_values(rows: Sequence[KpiRow]) -> list[dict[str, object]]:
    """Figures for programs."""
    return [
        {
            "group": row.group or None,
            "code": row.code,
            "name": row.name,
            "unit": row.unit,
            "count": row.count,
            "hits": row.hits,
            "percent": rounded(row.percent),
            "minimum": rounded(row.minimum),
            "mean": rounded(row.mean),
            "median": rounded(row.median),
            "percentile_95": rounded(row.percentile_95),
            "maximum": rounded(row.maximum),
            "excluded": dict(row.excluded),
        }
        for row in rows
    ]


def kpi_tables(rows: Sequence[KpiRow], *, by: str | None) -> tuple[Table, ...]:
    """Shares, then times."""
    shares = [row for row in rows if row.hits is not None]
    times = [row for row in rows if row.hits is None]
    front = () if by is None else (Column(heading=by.replace("_", " ").capitalize(), may_wrap=True),)
    right = Alignment.RIGHT
    return (
        Table(
            title="Shares",
            columns=(
                *front,
                Column(heading="Metric"),
                Column(heading="Share", alignment=right, unit="%"),
                Column(heading="Counts", alignment=right),
                Column(heading="What it is", may_wrap=True),
                Column(heading="Not counted", may_wrap=True),
            ),
            rows=tuple((*_group(row, by), *_share_cells(row)) for row in shares),
        ),
        Table(
            title="Times",
            columns=(
                *front,
                Column(heading="Metric"),
                Column(heading="n", alignment=right),
                *(Column(heading=name, alignment=right) for name in ("Min", "Median", "Mean", "95 %", "Max")),
                Column(heading="Unit"),
                Column(heading="What it is", may_wrap=True),
                Column(heading="Not counted", may_wrap=True),
            ),
            rows=tuple((*_group(row, by), *_time_cells(row)) for row in times),
        ),
    )


def _group(row: KpiRow, by: str | None) -> tuple[Cell, ...]:
    return () if by is None else (Cell(text=row.group),)


def _share_cells(row: KpiRow) -> tuple[Cell, ...]:
    tone = Tone.MUTED if row.count < FEW else Tone.PLAIN
    return (
        Cell(text=row.name, tone=Tone.STRONG),
        Cell(text="n/a" if row.percent is None else f"{row.percent:.1f}", tone=tone),
        Cell(text=f"{row.hits} of {row.count}"),
        *_words(row),
    )


def _time_cells(row: KpiRow) -> tuple[Cell, ...]:
    values = (row.minimum, row.median, row.mean, row.percentile_95, row.maximum)
    return (
        Cell(text=row.name, tone=Tone.STRONG),
        Cell(text=str(row.count)),
        *(Cell(text="n/a" if value is None else f"{value:.1f}") for value in values),
        Cell(text=row.unit),
        *_words(row),
    )


def _words(row: KpiRow) -> tuple[Cell, Cell]:
    excluded = ", ".join(f"{count} {reason}" for reason, count in row.excluded)
    return Cell(text=f"{row.title} ({row.clause})", tone=Tone.MUTED), Cell(text=excluded, tone=Tone.MUTED)


def endings_table(endings: Sequence[tuple[str, int]]) -> Table:
    """How new sessions ended: final status, or what happened where there was none."""
    return Table(
        title="How new sessions ended",
        columns=(Column(heading="Final status"), Column(heading="Sessions", alignment=Alignment.RIGHT)),
        rows=tuple((Cell(text=ending), Cell(text=str(count))) for ending, count in endings),
    )
