"""What notified documents say of whom: registered, available, in a dialog, watching (RFC 3680, RFC 3863, RFC 4235).

Only states are read, never what somebody wrote. Whatever the bytes are, nothing raises; a document that isn't
well-formed says nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from xml.parsers import expat

from sipscope.model.message import BodyPart
from sipscope.model.subscription import StateEntry
from sipscope.signalling.event_documents import LONGEST
from sipscope.values import dataclass

SUMMARY = "application/simple-message-summary"


def entries_of(parts: tuple[BodyPart, ...]) -> tuple[StateEntry, ...]:
    """What the parts of a body say, in their order."""
    return tuple(entry for part in parts for entry in _of_part(part))


def _of_part(part: BodyPart) -> Iterator[StateEntry]:
    kind = "" if part.content_type is None else str(part.content_type).partition(";")[0].strip().lower()
    if kind == SUMMARY:
        yield from _summary(part.content[:LONGEST])
    elif kind.endswith("+xml"):
        root = _read(part.content)
        reader = None if root is None else _READERS.get(root.name)
        if root is not None and reader is not None:
            yield from reader(root)


@dataclass(slots=True)
class _Element:
    """An element of a document, its name without its namespace."""

    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list["_Element"] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Its own characters."""
        return "".join(self.words).strip()

    def get(self, name: str) -> str:
        """An attribute; empty where it is absent."""
        return self.attributes.get(name, "").strip()

    def all(self, *path: str) -> Iterator["_Element"]:
        """The elements at a path below it, in their order."""
        if not path:
            yield self
            return
        for child in self.children:
            if child.name == path[0]:
                yield from child.all(*path[1:])


def _read(content: bytes) -> _Element | None:
    """The root element; None where the bytes aren't well-formed, or have a document type declaration."""
    top = _Element("")
    stack = [top]

    def start(name: str, attributes: dict[str, str]) -> None:
        element = _Element(name.rpartition(" ")[2], attributes)
        stack[-1].children.append(element)
        stack.append(element)

    def end(_name: str) -> None:
        stack.pop()

    def text(words: str) -> None:
        stack[-1].words.append(words)

    def refuse(*_: object) -> None:
        raise ValueError("document type declaration")

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    try:
        parser.Parse(content[:LONGEST], True)
    except (expat.ExpatError, ValueError, LookupError):
        # An unknown encoding is a LookupError, a NUL in it a ValueError.
        return None
    return top.children[0] if top.children else None


def _registrations(root: _Element) -> Iterator[StateEntry]:
    for registration in root.all("registration"):
        contacts = [
            " ".join(word for word in (_uri_of(contact), contact.get("state"), contact.get("event")) if word)
            for contact in registration.all("contact")
        ]
        yield StateEntry(entity=registration.get("aor"), state=registration.get("state"), detail=", ".join(contacts))


def _uri_of(element: _Element) -> str:
    return next((uri.text for uri in element.all("uri")), "")


def _presence(root: _Element) -> Iterator[StateEntry]:
    """Available where any of the user's devices is open (RFC 3863 §4.1.4)."""
    told = [basic.text.lower() for basic in root.all("tuple", "status", "basic")]
    state = "open" if "open" in told else next(iter(told), "")
    several = len(told) > 1
    detail = ", ".join(f"{told.count(word)} {word}" for word in dict.fromkeys(told)) if several else ""
    yield StateEntry(entity=root.get("entity"), state=state, detail=detail)


def _dialogs(root: _Element) -> Iterator[StateEntry]:
    for dialog in root.all("dialog"):
        state = next(dialog.all("state"), None)
        yield StateEntry(
            entity=root.get("entity"), state="" if state is None else state.text.lower(), detail=dialog.get("direction")
        )


def _conference(root: _Element) -> Iterator[StateEntry]:
    for user in root.all("users", "user"):
        statuses = [status.text.lower() for status in user.all("endpoint", "status")]
        state = "deleted" if user.get("state") == "deleted" else ", ".join(dict.fromkeys(statuses))
        yield StateEntry(entity=user.get("entity"), state=state)


def _watchers(root: _Element) -> Iterator[StateEntry]:
    for watcher in root.all("watcher-list", "watcher"):
        yield StateEntry(entity=watcher.text, state=watcher.get("status"), detail=watcher.get("event"))


def _list(root: _Element) -> Iterator[StateEntry]:
    for resource in root.all("resource"):
        instances = list(resource.all("instance"))
        states = dict.fromkeys(instance.get("state") for instance in instances)
        reasons = dict.fromkeys(instance.get("reason") for instance in instances if instance.get("reason"))
        yield StateEntry(entity=resource.get("uri"), state=", ".join(filter(None, states)), detail=", ".join(reasons))


_READERS: Mapping[str, Callable[[_Element], Iterator[StateEntry]]] = {
    "reginfo": _registrations,
    "presence": _presence,
    "dialog-info": _dialogs,
    "conference-info": _conference,
    "watcherinfo": _watchers,
    "list": _list,
}


def _summary(content: bytes) -> Iterator[StateEntry]:
    """Whether messages wait, for which account, and how many new and old ones (RFC 3842 §5.2)."""
    fields: dict[str, str] = {}
    for line in content.decode("utf-8", "replace").splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            break
        fields.setdefault(name.strip().lower(), value.strip())
    counts = [f"{name} {value}" for name, value in fields.items() if name.endswith("-message")]
    if "messages-waiting" in fields:
        waiting = fields["messages-waiting"].lower()
        yield StateEntry(entity=fields.get("message-account", ""), state=waiting, detail=", ".join(counts))
