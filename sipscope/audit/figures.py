"""Figures as what people look at."""

from collections.abc import Sequence

from sipscope.audit.metric_table import Kind
from sipscope.audit.metrics import Figure
from sipscope.views.kpi import KpiRow
from sipscope.views.report_values import time_of


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
            percentile_5=figure.percentile_5,
            mean=figure.mean,
            median=figure.median,
            percentile_95=figure.percentile_95,
            maximum=figure.maximum,
            reached_at=time_of(figure.at),
            excluded=figure.excluded,
        )
        for figure in figures
    )
