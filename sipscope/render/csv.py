"""Comma-separated values (RFC 4180) for spreadsheets, which must not take what a capture holds for a formula."""

import csv
import io
from collections.abc import Mapping, Sequence

from sipscope.render.escape import visible

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_000


def rows_csv(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> str:
    """Rows under a heading; a list is its items with semicolons between them, None is empty.

    A text that a spreadsheet would calculate gets an apostrophe in front.

    Args:
        rows: Values by column.
        names: The columns.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = "; ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
    safe = visible(text, _LONGEST_CELL)
    return f"'{safe}" if safe.lstrip().startswith(_FORMULA) else safe
