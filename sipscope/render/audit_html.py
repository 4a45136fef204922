"""The page of an audit as one file of HTML, which loads nothing and runs nothing.

What captures hold is made visible first and escaped by the template; only texts of rules, which are the program's own,
may have marks of code.
"""

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sipscope.render.audit_charts import HEIGHT, WIDTH, matrix_of, slot_chart
from sipscope.render.escape import mapped, visible
from sipscope.views.audit_page import AuditPage
from sipscope.views.audit_tables import (
    agents_table,
    captures_table,
    changes_table,
    counted_figures,
    frames_of,
    headline_of,
    mos_table,
    period_of,
    share_of,
    slots_table,
    trunks_table,
    unmet_table,
    unread_table,
)
from sipscope.views.kpi import KpiRow, endings_table, kpi_tables

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

_LONGEST = 2_000
_HEADLINE_FIGURES = ("ASR", "NER", "SEER", "ISA", "PDD", "RRD")
"""Metrics at the top of the page, by name."""


def audit_html(page: AuditPage) -> str:
    """The page as a document."""
    safe = mapped(page, lambda text: visible(text, _LONGEST))
    # What rules say of themselves has paragraphs.
    safe = replace(
        safe,
        rules=tuple(replace(shown, rule=use.rule) for shown, use in zip(safe.rules, page.rules, strict=True)),
    )
    figures = {row.name: row for row in counted_figures(safe)}
    return _template().render(
        page=safe,
        headline=headline_of(safe),
        period=period_of(safe),
        tiles=[_tile(figures[name]) for name in _HEADLINE_FIGURES if name in figures],
        chart=slot_chart(safe.slots),
        chart_size=(WIDTH, HEIGHT),
        matrix=matrix_of(safe.pairs),
        streams=sum(band.streams for band in safe.mos),
        slots=slots_table(safe),
        trunks=trunks_table(safe),
        agents=agents_table(safe),
        mos=mos_table(safe),
        captures=captures_table(safe),
        unread=unread_table(safe),
        unmet=unmet_table(safe),
        changes=changes_table(safe),
        figures=[*kpi_tables(counted_figures(safe), by=None), endings_table(safe.endings)],
        codes=frozenset(use.rule.code for use in safe.rules),
    )


def _tile(row: KpiRow) -> tuple[str, str, str, str]:
    """Name, figure, counts beneath, and the name in full."""
    if row.hits is not None:
        return row.name, f"{row.percent:.1f} %", f"{row.hits} of {row.count}", row.title
    middle, high = _measured(row.median), _measured(row.percentile_95)
    return row.name, f"{middle} {row.unit}", f"95 %: {high} {row.unit}", f"{row.title}, median"


def _measured(number: float | None) -> str:
    """A figure with a decimal where it is small."""
    if number is None:
        return "n/a"
    return f"{number:.1f}" if number < 10 else _grouped(round(number))


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("sipscope.render"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"coded": _coded, "grouped": _grouped}
    environment.globals |= {"share_of": share_of, "frames_of": frames_of}
    return environment.get_template("audit.html.jinja")


def _grouped(number: int) -> str:
    """Digits in groups of three."""
    return f"{number:,}".replace(",", "\u202f")


def _coded(text: str) -> "Markup":
    """A rule's own text, with what stands in back quotes as code."""
    from markupsafe import Markup, escape

    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if number % 2 and number < len(parts) - 1 else part
        for number, part in enumerate(parts)
    )
