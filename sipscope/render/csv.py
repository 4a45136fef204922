"""Comma-separated values (RFC 4180) for spreadsheets, which must not take what a capture holds for a formula."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from sipscope.render.escape import visible

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_LONGEST_CELL = 32_000
_ROWS_A_PIECE = 1_000


def rows_csv(rows: Sequence[Mapping[str, object]], names: Sequence[str]) -> str:
    """Rows under a heading; a list is its items with semicolons between them, None is empty.

    A text that a spreadsheet would calculate gets an apostrophe in front.

    Args:
        rows: Values by column.
        names: The columns.
    """
    return "".join(rows_csv_pieces(rows, names))


def rows_csv_pieces(rows: Iterable[Mapping[str, object]], names: Sequence[str]) -> Iterator[str]:
    """The same, piece by piece: rows may be more than memory holds."""
    yield _lines([names])
    remaining = iter(rows)
    while several := list(islice(remaining, _ROWS_A_PIECE)):
        yield _lines([[_cell(row[name]) for name in names] for row in several])


def _lines(rows: Iterable[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float):
        return str(value)
    text = "; ".join(map(_text, value)) if isinstance(value, list | tuple) else _text(value)
    safe = visible(text, _LONGEST_CELL)
    return f"'{safe}" if safe.lstrip().startswith(_FORMULA) else safe


def _text(value: object) -> str:
    """A structure as JSON, anything else in its own words."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
