"""Performance metrics as tables and as plain values."""

from collections.abc import Sequence

from sipscope.values import dataclass
from sipscope.views.report_values import rounded
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone

_PEAK_UNITS = ("calls", "calls/s")

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
        unit: `%`, `ms`, `s`, or what is counted.
        count: How many series counted.
        hits: Of a share: the numerator; None for a time.
        percent: Of a share: the share; None where nothing counted.
        minimum: Of a time or level: the shortest or lowest.
        percentile_5: Of those: 5 % are lower.
        mean: Of those: the mean.
        median: Of those: half are lower.
        percentile_95: Of those: 95 % are lower.
        maximum: Of those: the highest; of a peak the peak.
        reached_at: Of a peak: when it was first reached.
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
    percentile_5: float | None = None
    mean: float | None = None
    median: float | None = None
    percentile_95: float | None = None
    maximum: float | None = None
    reached_at: str | None = None
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
    "percentile_5",
    "mean",
    "median",
    "percentile_95",
    "maximum",
    "reached_at",
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
            "percentile_5": rounded(row.percentile_5),
            "mean": rounded(row.mean),
            "median": rounded(row.median),
            "percentile_95": rounded(row.percentile_95),
            "maximum": rounded(row.maximum),
            "reached_at": row.reached_at,
            "excluded": dict(row.excluded),
        }
        for row in rows
    ]


def kpi_tables(rows: Sequence[KpiRow], *, by: str | None) -> tuple[Table, ...]:
    """Shares, then times and levels, then peaks."""
    shares = [row for row in rows if row.hits is not None]
    peaks = [row for row in rows if row.unit in _PEAK_UNITS]
    times = [row for row in rows if row.hits is None and row.unit not in _PEAK_UNITS]
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
            title="Times and levels",
            columns=(
                *front,
                Column(heading="Metric"),
                Column(heading="n", alignment=right),
                *(Column(heading=name, alignment=right) for name in ("Min", "5 %", "Median", "Mean", "95 %", "Max")),
                Column(heading="Unit"),
                Column(heading="What it is", may_wrap=True),
                Column(heading="Not counted", may_wrap=True),
            ),
            rows=tuple((*_group(row, by), *_time_cells(row)) for row in times),
        ),
        Table(
            title="Peaks",
            columns=(
                *front,
                Column(heading="Metric"),
                Column(heading="Peak", alignment=right),
                Column(heading="First reached"),
                Column(heading="n", alignment=right),
                Column(heading="What it is", may_wrap=True),
            ),
            rows=tuple((*_group(row, by), *_peak_cells(row)) for row in peaks),
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
    values = (row.minimum, row.percentile_5, row.median, row.mean, row.percentile_95, row.maximum)
    return (
        Cell(text=row.name, tone=Tone.STRONG),
        Cell(text=str(row.count)),
        *(Cell(text="n/a" if value is None else f"{value:.1f}") for value in values),
        Cell(text=row.unit),
        *_words(row),
    )


def _peak_cells(row: KpiRow) -> tuple[Cell, ...]:
    return (
        Cell(text=row.name, tone=Tone.STRONG),
        Cell(text="n/a" if row.maximum is None else f"{row.maximum:.0f}"),
        Cell(text=row.reached_at or ""),
        Cell(text=str(row.count)),
        _words(row)[0],
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
