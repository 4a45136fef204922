"""JSON for other programs: same report, same bytes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]",
)
"""Control characters beyond ASCII, bidirectional controls, invisible ones, lone surrogates of undecodable bytes:
JSON may hold them, but a terminal would obey them, and UTF-8 can't hold a surrogate."""

_ITEMS_A_PIECE = 256
"""How many items of a list are written in one go."""


def report_json(report: Mapping[str, object]) -> str:
    """A report as a document with a line end; keys in the report's order, each item of a list on a line of its own.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    return "".join(report_json_pieces(report.items())) + "\n"


def report_json_pieces(sections: Iterable[tuple[str, object]]) -> Iterator[str]:
    """The same document without its line end, piece by piece: no more than one section need be in memory.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    before = "{\n"
    for key, value in sections:
        yield before + _safe(f"  {_compact(key)}: ")
        if isinstance(value, list | tuple) and value:
            yield from map(_safe, _list_pieces(value))
        else:
            yield _safe(_compact(value))
        before = ",\n"
    yield "{}" if before == "{\n" else "\n}"


def value_json(value: object) -> str:
    """One value on one line, without a line end.

    Raises:
        ValueError: It holds a number that JSON has no word for.
    """
    return _safe(_compact(value))


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _list_pieces(items: Sequence[object]) -> Iterator[str]:
    """A list as lines, each item on one: indenting all of it would take ten times as long."""
    for start in range(0, len(items), _ITEMS_A_PIECE):
        lines = ",\n".join([f"    {_compact(item)}" for item in items[start : start + _ITEMS_A_PIECE]])
        yield (",\n" if start else "[\n") + lines
    yield "\n  ]"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
