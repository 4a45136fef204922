"""JSON for other programs: same report, same bytes."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]",
)
"""Control characters beyond ASCII, bidirectional controls, invisible ones, lone surrogates of undecodable bytes:
JSON may hold them, but a terminal would obey them, and UTF-8 can't hold a surrogate."""


def report_json(report: Mapping[str, object]) -> str:
    """A report as a document with a line end; keys in the report's order, each item of a list on a line of its own.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    return "".join(report_json_pieces(report.items())) + "\n"


def report_json_pieces(sections: Iterable[tuple[str, object]]) -> Iterator[str]:
    """The same document without its line end, a section at a time: no more than one of them need be in memory.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    before = "{\n"
    for key, value in sections:
        yield before
        yield _safe(f"  {_compact(key)}: {_value(value)}")
        before = ",\n"
    yield "{}" if before == "{\n" else "\n}"


def _safe(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _value(value: object) -> str:
    """A list as lines, anything else on one line: indenting all of it would take ten times as long."""
    if not isinstance(value, list | tuple) or not value:
        return _compact(value)
    return "[\n" + ",\n".join(f"    {_compact(item)}" for item in value) + "\n  ]"


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
