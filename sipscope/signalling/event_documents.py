"""State documents of event packages: kind, version, and whether they are whole (RFC 4235 §4.1, RFC 3863 §4.1).

Only the root element is looked at. A document with a document type declaration or entities is refused: no event package
needs them, and expanding them is how a small document becomes a huge one. Whatever the bytes are, nothing raises.
"""

from dataclasses import field
from xml.parsers import expat

from sipscope.model.message import BodyPart
from sipscope.model.subscription import DocumentKind, StateDocument
from sipscope.values import dataclass

LONGEST = 1 << 20
"""Bytes of a document that are looked at: more than any event package sends."""

_KINDS = {kind.value: kind for kind in DocumentKind}
_VERSION_LIMIT = 2**32
"""Versions are representable as a 32-bit integer (RFC 4235 §4.1)."""


def document_of(parts: tuple[BodyPart, ...]) -> StateDocument | None:
    """The first state document of a body, which is the root of a multipart/related one; None when there is none."""
    for part in parts:
        if part.content_type is not None and str(part.content_type).endswith("+xml"):
            found = read_document(part.content)
            if found is not None:
                return found
    return None


def read_document(content: bytes) -> StateDocument | None:
    """The document in these bytes; None when it isn't well-formed up to its root, is refused, or of another kind."""
    root = _Root()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = root.refuse
    parser.StartElementHandler = root.start
    try:
        parser.Parse(content[:LONGEST], True)
    except (expat.ExpatError, ValueError, LookupError):
        # An unknown encoding is a LookupError, a NUL in it a ValueError.
        root.is_refused = root.is_refused or not root.name
    kind = _KINDS.get(root.name)
    if root.is_refused or kind is None:
        return None
    return StateDocument(
        kind=kind,
        version=_number(root.attributes.get("version")),
        is_full=_fullness(kind, root.attributes),
        entity=root.attributes.get("entity") or root.attributes.get("uri"),
    )


@dataclass(slots=True)
class _Root:
    """The root element while a document is read."""

    name: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    is_refused: bool = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Keep the first element: its name without its namespace."""
        if not self.name:
            self.name = name.rpartition(" ")[2]
            self.attributes = attributes

    def refuse(self, *_: object) -> None:
        """A document type declaration stands before the root and may declare entities."""
        self.is_refused = True
        raise ValueError("document type declaration")


def _number(text: str | None) -> int | None:
    if text is None or not (text.strip().isascii() and text.strip().isdigit()) or len(text.strip()) > 10:
        return None
    value = int(text)
    return value if value < _VERSION_LIMIT else None


def _fullness(kind: DocumentKind, attributes: dict[str, str]) -> bool | None:
    if kind is DocumentKind.PRESENCE:
        return True
    if kind is DocumentKind.LIST:
        return {"true": True, "1": True, "false": False, "0": False}.get(attributes.get("fullState", ""))
    return {"full": True, "partial": False}.get(attributes.get("state", ""))
