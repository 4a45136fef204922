"""Figures as what people look at."""

from collections.abc import Sequence

from sipscope.audit.metrics import Figure, Kind
from sipscope.views.kpi import KpiRow


def kpi_rows(figures: Sequence[Figure]) -> tuple[KpiRow, ...]:
    """A row each."""
    return tuple(
        KpiRow(
            group=figure.group,
            code=figure.metric.code,
            name=figure.metric.name,
            title=figure.metric.title,
            clause=figure.metric.clause,
            unit=figure.metric.unit,
            count=figure.count,
            hits=figure.hits if figure.metric.kind is Kind.RATIO else None,
            percent=figure.percent,
            minimum=figure.minimum,
            mean=figure.mean,
            median=figure.median,
            percentile_95=figure.percentile_95,
            maximum=figure.maximum,
            excluded=figure.excluded,
        )
        for figure in figures
    )
