"""Who is in a conference by its conference-info documents (RFC 4575): what each says, and what all so far add up to.

Whatever the bytes are, nothing raises; a document that isn't well-formed says nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import field
from xml.parsers import expat

from sipscope.model.conference import IN_CONFERENCE, ConferenceReport, Roster, RosterUser
from sipscope.model.message import BodyPart
from sipscope.model.subscription import DocumentKind, Notification, Subscription
from sipscope.signalling.event_documents import LONGEST
from sipscope.values import dataclass

CONTENT_TYPE = "application/conference-info+xml"


def reports_of(subscription: Subscription) -> Iterator[ConferenceReport]:
    """What each NOTIFY of a subscription adds, by the documents that came before it."""
    known: dict[str, dict[str, str | None]] = {}
    last: int | None = None
    for item in subscription.notifications:
        document, roster = item.document, roster_of(item.request.parts)
        if roster is None or document is None or document.kind is not DocumentKind.CONFERENCE:
            continue
        is_stale = document.version is not None and last is not None and document.version <= last
        if not is_stale:
            last = document.version if document.version is not None else last
            _learn(known, roster)
        yield ConferenceReport(
            at=_first(item)[0],
            frame=_first(item)[1],
            subscription_id=subscription.id,
            version=document.version,
            is_full=document.is_full,
            present=tuple(entity for entity, statuses in known.items() if _is_in(statuses.values())),
            user_count=roster.user_count,
            is_stale=is_stale,
        )


def roster_of(parts: Iterable[BodyPart]) -> Roster | None:
    """The users in the first conference-info document of a body; None when there is none that can be read."""
    for part in parts:
        kind = "" if part.content_type is None else str(part.content_type).partition(";")[0].strip().lower()
        if kind == CONTENT_TYPE:
            return read_roster(part.content)
    return None


def read_roster(content: bytes) -> Roster | None:
    """The users in these bytes; None when they aren't well-formed, or have a document type declaration."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content[:LONGEST], True)
    except (expat.ExpatError, ValueError, LookupError):
        # An unknown encoding is a LookupError, a NUL in it a ValueError.
        return None
    return reader.roster()


def _first(item: Notification) -> tuple[int, int]:
    first = item.transaction.first
    return first.at, first.frames[0]


def _learn(known: dict[str, dict[str, str | None]], roster: Roster) -> None:
    if roster.is_whole:
        known.clear()
    for user in roster.users:
        if user.is_deleted:
            known.pop(user.entity, None)
            continue
        statuses = known.setdefault(user.entity, {})
        if not user.is_partial:
            statuses.clear()
        statuses.update(user.statuses)


def _is_in(statuses: Iterable[str | None]) -> bool:
    return any(status in IN_CONFERENCE for status in statuses)


@dataclass(slots=True)
class _User:
    """A user while its element is read."""

    entity: str
    state: str
    endpoints: dict[str, str | None] = field(default_factory=dict)
    endpoint: str | None = None
    is_gone: bool = False


@dataclass(slots=True)
class _Reader:
    """A document while it is read."""

    path: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    users: list[_User] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    count: str = ""

    def refuse(self, *_: object) -> None:
        """A document type declaration may declare entities, which aren't expanded here."""
        raise ValueError("document type declaration")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element, its name without its namespace."""
        self.path.append(name.rpartition(" ")[2])
        self.words.clear()
        match self.path[1:]:
            case [] | ["users"]:
                self.states[self.path[-1]] = attributes.get("state", "")
            case ["users", "user"]:
                self.users.append(_User(attributes.get("entity", ""), attributes.get("state", "")))
            case ["users", "user", "endpoint"]:
                user = self.users[-1]
                user.endpoint = attributes.get("entity", "")
                user.is_gone = attributes.get("state") == "deleted"
                user.endpoints[user.endpoint] = None if user.is_gone else ""

    def text(self, words: str) -> None:
        """Keep the characters of the innermost element."""
        self.words.append(words)

    def end(self, _name: str) -> None:
        """Close an element."""
        said = "".join(self.words).strip()
        match self.path[1:]:
            case ["users", "user", "endpoint", "status"]:
                user = self.users[-1]
                if user.endpoint is not None and not user.is_gone:
                    user.endpoints[user.endpoint] = said.lower()
            case ["conference-state", "user-count"]:
                self.count = said
        self.path.pop()
        self.words.clear()

    def roster(self) -> Roster | None:
        """What was read, where it is a conference's state."""
        if "conference-info" not in self.states:
            return None
        # Leaving `state` out means full (RFC 4575), but a partial document that leaves it out at its users is
        # rather one of a sender that forgot it there than one that sends everybody else away.
        whole = self.states["conference-info"] in {"", "full"} or self.states.get("users") == "full"
        return Roster(
            users=tuple(
                RosterUser(
                    entity=user.entity,
                    statuses=tuple(user.endpoints.items()),
                    is_deleted=user.state == "deleted",
                    is_partial=user.state == "partial",
                )
                for user in self.users
                if user.entity
            ),
            is_whole=whole,
            user_count=int(self.count)
            if self.count.isascii() and self.count.isdigit() and len(self.count) < 9
            else None,
        )
