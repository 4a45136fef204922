"""Markdown for merge requests and wikis, in which nothing that a capture holds is markup, a link or a mention."""

import re
from collections.abc import Iterator

from sipscope.render.escape import mapped, visible
from sipscope.views.audit_page import AuditPage, RuleUse
from sipscope.views.audit_tables import audit_tables, frames_of, headline_of, period_of
from sipscope.views.tables import Alignment, Table

_SPECIAL = re.compile(r"[\\`*{}\[\]<>#|~!$&]|(?<![A-Za-z0-9_])_|_(?![A-Za-z0-9_])")
"""What begins markup, or ends it; an underscore within a word does neither (CommonMark 0.31 §6.2)."""

_LINKED = re.compile(r"://|(?<=www)\.|@|^\s*[-=](?=\s|[-=])|^(\s*\d+)\.(?=\s)", re.IGNORECASE)
_RULES_EXPLAINED = 10
_EXAMPLES_SHOWN = 3


def audit_markdown(page: AuditPage) -> str:
    """The page of an audit: its tables, and the worst rules with examples."""
    return "\n".join(_lines(page)) + "\n"


def table_markdown(table: Table) -> str:
    """One table, with its title as a heading."""
    return "\n".join(_table(table)) + "\n"


def text_markdown(text: str) -> str:
    """Text that shows as it is, on one line: no markup, link, mention or table rule."""
    shown = _SPECIAL.sub(lambda found: f"&#{ord(found[0])};", visible(text))
    return _LINKED.sub(lambda found: "".join(_entity(item) for item in found[0]), shown)


def _entity(character: str) -> str:
    return character if character.isalnum() or character.isspace() else f"&#{ord(character)};"


def _lines(page: AuditPage) -> Iterator[str]:
    yield "# Audit\n"
    yield f"**{text_markdown(headline_of(page))}**\n"
    period = period_of(page)
    if period:
        yield f"Captured from {period}. Judged by sipscope {text_markdown(page.version)}.\n"
    for table in audit_tables(page):
        yield from _table(table)
        yield ""
    for use in page.rules[:_RULES_EXPLAINED]:
        if use.errors:
            yield from _explained(use)


def _table(table: Table) -> Iterator[str]:
    safe = mapped(table, text_markdown)
    yield f"## {safe.title}\n"
    yield f"| {' | '.join(_heading(column.heading, column.unit) for column in safe.columns)} |"
    yield f"|{'|'.join('--:' if column.alignment is Alignment.RIGHT else '---' for column in safe.columns)}|"
    for row in safe.rows:
        yield f"| {' | '.join(cell.text for cell in row)} |"
    if safe.note:
        yield f"\n{safe.note}"


def _heading(heading: str, unit: str) -> str:
    return f"{heading} ({unit})" if unit else heading


def _explained(use: RuleUse) -> Iterator[str]:
    """A rule with what to check, in its own Markdown, and some of what it found."""
    rule = use.rule
    source = f"[{rule.standards[0]}]({rule.url})" if rule.url and rule.standards else ""
    yield f"### {rule.code} {text_markdown(rule.name)}\n"
    yield " ".join(filter(None, [rule.summary, rule.matters, source])) + "\n"
    for finding in mapped(use.examples[:_EXAMPLES_SHOWN], text_markdown):
        yield (f"- {finding.capture}{frames_of(finding.frames)}: {finding.text}<br><kbd>{finding.command}</kbd>")
    yield ""
