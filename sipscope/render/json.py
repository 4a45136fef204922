"""JSON for other programs: same report, same bytes."""

import json.encoder
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from json.encoder import JSONEncoder, encode_basestring

_UNSAFE = re.compile(
    "[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\uffff]",
)
"""Control characters beyond ASCII, bidirectional controls, invisible ones, lone surrogates of undecodable bytes:
JSON may hold them, but a terminal would obey them, and UTF-8 can't hold a surrogate."""

_ITEMS_A_PIECE = 64
"""How many items of a list are written in one go."""


def report_json(report: Mapping[str, object]) -> str:
    """A report as a document with a line end; keys in the report's order, each item of a list on a line of its own.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    return "".join(report_json_pieces(report.items())) + "\n"


def report_json_pieces(sections: Iterable[tuple[str, object]]) -> Iterator[str]:
    """The same document without its line end, piece by piece: no more than one section need be in memory.

    Of a section that is an iterator, no more than some items need be.

    Raises:
        ValueError: The report holds a number that JSON has no word for.
    """
    before = "{\n"
    for key, value in sections:
        yield f"{before}  {value_json(key)}: "
        if isinstance(value, list | tuple | Iterator):
            yield from _list_pieces(iter(value))
        else:
            yield value_json(value)
        before = ",\n"
    yield "{}" if before == "{\n" else "\n}"


def value_json(value: object) -> str:
    """One value on one line, without a line end.

    Raises:
        ValueError: It holds a number that JSON has no word for.
    """
    return _safe(_compact(value))


def _safe(text: str) -> str:
    # What is printable holds none of them but two, and this is asked twenty times as fast as the expression.
    if text.isascii():
        if "\x7f" not in text:
            return text
    elif text.isprintable() and "\ufffc" not in text and "\ufffd" not in text:
        return text
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _list_pieces(items: Iterator[object]) -> Iterator[str]:
    """A list as lines, each item on one: indenting all of it would take ten times as long."""
    before = "[\n    "
    while lines := [value_json(item) for item in islice(items, _ITEMS_A_PIECE)]:
        yield before + ",\n    ".join(lines)
        before = ",\n    "
    yield "[]" if before == "[\n    " else "\n  ]"


def _encoder() -> Callable[[object], str]:
    """What turns a value into text as `json.dumps` does, which makes an encoder anew for each value."""
    plain = JSONEncoder(ensure_ascii=False, allow_nan=False)
    make = getattr(json.encoder, "c_make_encoder", None)
    try:
        pieces = make and make(None, plain.default, encode_basestring, None, ": ", ", ", False, False, False)
    except TypeError:
        pieces = None
    # The module keeps it to itself: a Python without it, or with another one, goes the slower way.
    return plain.encode if pieces is None else lambda value: "".join(pieces(value, 0))


_compact = _encoder()
