"""Conferences: who was in when, by dialogs and by what was told of it (RFC 4353, RFC 4579, RFC 4575)."""

from enum import StrEnum

from sipscope.model.time import Instant
from sipscope.values import dataclass


class ConferenceKind(StrEnum):
    """What holds a conference together.

    `FOCUS`: an element that says it is one by `isfocus`, or that tells a conference's state. `MIXING_PHONE`: a phone
    that joins two of its calls and says nothing of it.
    """

    FOCUS = "focus"
    MIXING_PHONE = "mixing phone"


class Entry(StrEnum):
    """How somebody came in.

    `TAKEN_IN`: by a call that was up before it became one of the conference; `HOST`: at the phone that joins its calls;
    `REPORTED`: only the focus tells of them.
    """

    DIAL_IN = "dial-in"
    DIAL_OUT = "dial-out"
    REFERRED_IN = "dial-in by REFER"
    REFERRED_OUT = "dial-out by REFER"
    REPLACING = "dial-in by Replaces"
    JOINING = "dial-in by Join"
    TAKEN_IN = "taken in"
    HOST = "host"
    REPORTED = "told only"


IN_CONFERENCE = frozenset({"connected", "on-hold", "muted-via-focus"})
"""Statuses of an endpoint that takes part (RFC 4575)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterUser:
    """One user as one document tells it.

    Attributes:
        entity: Its URI, as told.
        statuses: Status by endpoint; an empty text where the endpoint has none, and None for one that is gone.
        is_deleted: Whether the document removes it.
        is_partial: Whether its other endpoints stay as they were.
    """

    entity: str
    statuses: tuple[tuple[str, str | None], ...] = ()
    is_deleted: bool = False
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What one conference-info document says of who is in.

    Attributes:
        users: In the order of the document.
        is_whole: Whether users that it leaves out are gone.
        user_count: How many the focus counts; None when it doesn't say.
    """

    users: tuple[RosterUser, ...] = ()
    is_whole: bool = False
    user_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceReport:
    """One NOTIFY that told the conference's state.

    Attributes:
        at: When.
        frame: Its first frame.
        subscription_id: The subscription that it belongs to.
        version: Version of the document; None when absent.
        is_full: Whether it holds the whole state; None when it doesn't say.
        present: URIs of those who were in by all that this subscription had told, in the order told.
        user_count: How many the focus counts; None when it doesn't say.
        is_stale: Whether its version had come before, so that a reader discards it.
    """

    at: Instant
    frame: int
    subscription_id: str
    version: int | None
    is_full: bool | None
    present: tuple[str, ...]
    user_count: int | None = None
    is_stale: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A time that somebody was in by what the focus told.

    Attributes:
        since: First told as being in.
        until: First told as being out; None while in.
    """

    since: Instant
    until: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody in a conference.

    Attributes:
        uri: Address of record.
        entry: How they came in.
        dialog_id: Their dialog with the focus or the mixing phone; None where only the focus tells of them.
        joined_at: When they came in; None where the capture begins later, or where they never did.
        left_at: When they left; None while in, or where they never came.
        invited_by: Address of record of who referred them, or referred the focus to them; None for nobody.
        removed_by: Address of record of who had the focus end their dialog by REFER; None for nobody.
        refused_with: Status that their invitation came to; None where it didn't fail.
        is_aware: Whether their device knows conferences: it subscribed to one or lists the event package. None where
            nothing tells.
        focus: URI of the conference that they are themselves the focus of; None for a single user.
        told: When they were in by what the focus told.
        frames: Where they came and left.
    """

    uri: str
    entry: Entry
    dialog_id: str | None = None
    joined_at: Instant | None = None
    left_at: Instant | None = None
    invited_by: str | None = None
    removed_by: str | None = None
    refused_with: int | None = None
    is_aware: bool | None = None
    focus: str | None = None
    told: tuple[Presence, ...] = ()
    frames: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """A conference as far as the capture shows it.

    Attributes:
        id: `k1`, `k2` … by time.
        kind: What holds it together.
        uri: Conference URI; of a mixing phone its user's address of record.
        host: Address that the focus or the mixing phone was seen at; None where only a subscription tells of it.
        participants: By the time they came in.
        reports: What the focus told, by time.
        evidence: Why it is one, in words.
        started_at: When it was seen first.
        ended_at: When its last participant left; None while somebody is in.
    """

    id: str
    kind: ConferenceKind
    uri: str
    host: str | None
    participants: tuple[Participant, ...]
    reports: tuple[ConferenceReport, ...] = ()
    evidence: tuple[str, ...] = ()
    started_at: Instant
    ended_at: Instant | None = None

    @property
    def cascaded_with(self) -> tuple[str, ...]:
        """URIs of the conferences that are joined to it."""
        return tuple(dict.fromkeys(item.focus for item in self.participants if item.focus is not None))
