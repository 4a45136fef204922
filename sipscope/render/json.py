"""JSON for other programs: same report, same bytes."""

import json
import re
from collections.abc import Mapping

_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]",
)
"""Control characters beyond ASCII, bidirectional controls, invisible ones, lone surrogates of undecodable bytes:
JSON may hold them, but a terminal would obey them, and UTF-8 can't hold a surrogate."""


def report_json(report: Mapping[str, object]) -> str:
    """A report as a document with a line end; keys in the report's order.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    document = json.dumps(report, indent=2, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", document) + "\n"
