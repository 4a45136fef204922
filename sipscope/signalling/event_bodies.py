"""Whether a subscriber can read the body of a NOTIFY: well-formed, with the root or the lines that its type asks for.

Only what no reader can make sense of is a fault. Whatever the bytes are, nothing raises.
"""

import re
from xml.parsers import expat

from sipscope.model.message import BodyPart
from sipscope.signalling.event_documents import LONGEST
from sipscope.values import dataclass

_ROOTS = {
    "application/dialog-info+xml": "dialog-info",
    "application/reginfo+xml": "reginfo",
    "application/pidf+xml": "presence",
    "application/conference-info+xml": "conference-info",
    "application/watcherinfo+xml": "watcherinfo",
    "application/rlmi+xml": "list",
}
_SUMMARY = "application/simple-message-summary"
_STATUS_LINE = re.compile(rb"Messages-Waiting[ \t]*:[ \t]*(?:yes|no)[ \t]*", re.IGNORECASE)
_COUNTED_CLASS = re.compile(rb"(?:voice|fax|pager|multimedia|text)-message|none", re.IGNORECASE)
_COUNTS = re.compile(rb"[ \t]*\d+[ \t]*/[ \t]*\d+[ \t]*(?:\([ \t]*\d+[ \t]*/[ \t]*\d+[ \t]*\)[ \t]*)?")


def fault_of(parts: tuple[BodyPart, ...]) -> str | None:
    """What is wrong with the first part that has a known type; None where none has a fault."""
    for part in parts:
        if part.content_type is None:
            continue
        kind = str(part.content_type).partition(";")[0].strip().lower()
        content = part.content.strip()
        if not content or len(content) > LONGEST:
            continue
        if kind == _SUMMARY:
            fault = _summary_fault(content)
        else:
            fault = _xml_fault(content, _ROOTS[kind]) if kind in _ROOTS else None
        if fault is not None:
            return f"{kind}: {fault}"
    return None


def _summary_fault(content: bytes) -> str | None:
    """The status line comes first, and counts are `new/old (new urgent/old urgent)` (RFC 3842 §5.2)."""
    first, *lines = content.splitlines()
    if _STATUS_LINE.fullmatch(first) is None:
        return "it doesn't begin with “Messages-Waiting: yes” or “no”"
    for line in lines:
        if not line.strip():
            # Header fields of messages follow, which may be called anything.
            return None
        name, colon, counts = line.partition(b":")
        if colon and _COUNTED_CLASS.fullmatch(name.strip()) and _COUNTS.fullmatch(counts) is None:
            return f"“{line.decode('utf-8', 'replace').strip()}” doesn't count new/old"
    return None


@dataclass(slots=True)
class _Seen:
    """What a document has while it is read."""

    root: str = ""
    is_refused: bool = False

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        """Keep the first element, without its prefix."""
        self.root = self.root or name.rpartition(":")[2]

    def refuse(self, *_: object) -> None:
        """A document type declaration may declare entities, which aren't expanded here."""
        self.is_refused = True
        raise ValueError("document type declaration")


def _xml_fault(content: bytes, root: str) -> str | None:
    seen = _Seen()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = seen.refuse
    parser.StartElementHandler = seen.start
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        return None if seen.is_refused else f"it isn't well-formed at line {error.lineno}, column {error.offset + 1}"
    except (ValueError, LookupError):
        # A document type declaration, or an encoding that isn't known here: nothing is known against it.
        return None
    return None if seen.root == root else f"its root is <{seen.root}>, not <{root}>"
