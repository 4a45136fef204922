"""Who is in a conference, from two sources: dialogs with the focus, and what the focus tells of its users."""

from collections.abc import Iterable, Mapping, Sequence

from sipscope.model.conference import ConferenceReport, Entry, Participant, Presence
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.values import replace

AHEAD: Duration = 5 * SECOND
"""A focus may tell of a user a moment before the 2xx that brings it in is seen."""


def with_presence(
    participants: Sequence[Participant], reports: Sequence[ConferenceReport], own: Iterable[str]
) -> tuple[Participant, ...]:
    """The participants with what was told of them, and those that only the focus tells of.

    Args:
        participants: Those with a dialog, or invited to one.
        reports: What the focus told, by time.
        own: URIs of the conference itself, which some list among its users.
    """
    found = list(participants)
    skipped = set(own)
    for entity, times in presences_of(reports).items():
        uri = bare(entity)
        places = _places(uri, found)
        if places:
            for presence in times:
                place = _nearest(presence.since, places, found)
                found[place] = replace(found[place], told=(*found[place].told, presence))
        elif uri not in skipped:
            found.append(_told_only(uri, times, reports))
    return tuple(found)


def by_entry(participants: Iterable[Participant]) -> tuple[Participant, ...]:
    """Participants by the time they came in; those who were in before the capture first, those who never came last."""

    def place(item: Participant) -> tuple[bool, Instant, str]:
        return item.refused_with is not None, item.joined_at if item.joined_at is not None else 0, item.uri

    return tuple(sorted(participants, key=place))


def presences_of(reports: Sequence[ConferenceReport]) -> Mapping[str, tuple[Presence, ...]]:
    """When each user was in by what was told; where several subscriptions tell it, the first word of each change."""
    found: dict[str, list[Presence]] = {}
    for subscription in dict.fromkeys(report.subscription_id for report in reports):
        own = [item for item in reports if item.subscription_id == subscription and not item.is_stale]
        for entity, times in _by_user(own).items():
            found[entity] = _joined([*found.get(entity, ()), *times])
    return {entity: tuple(times) for entity, times in found.items()}


def bare(uri: str) -> str:
    """A URI as documents write it, without parameters and port."""
    scheme, colon, rest = uri.partition(":")
    user, at, host = rest.partition(";")[0].partition("?")[0].rpartition("@")
    bare = host if host.startswith("[") else host.partition(":")[0]
    return f"{scheme.lower()}{colon}{user}{at}{bare.lower()}"


def _by_user(reports: Iterable[ConferenceReport]) -> dict[str, list[Presence]]:
    found: dict[str, list[Presence]] = {}
    present: set[str] = set()
    for report in reports:
        for entity in report.present:
            if entity not in present:
                found.setdefault(entity, []).append(Presence(since=report.at))
        for entity in present - set(report.present):
            found[entity][-1] = replace(found[entity][-1], until=report.at)
        present = set(report.present)
    return found


def _joined(times: Sequence[Presence]) -> list[Presence]:
    """Overlapping times made one: from the first word of its beginning to the first word of its end."""
    found: list[Presence] = []
    for item in sorted(times, key=lambda each: each.since):
        last = found[-1] if found else None
        if last is not None and (last.until is None or item.since <= last.until):
            ends = [each.until for each in (last, item) if each.until is not None]
            found[-1] = Presence(since=last.since, until=min(ends, default=None))
        else:
            found.append(item)
    return found


def _places(uri: str, participants: Sequence[Participant]) -> list[int]:
    """Where somebody stands among the participants: by URI, else by a user that only one of them has."""
    exact = [place for place, item in enumerate(participants) if item.uri == uri]
    if exact:
        return exact
    user = _user(uri)
    same = [place for place, item in enumerate(participants) if user and _user(item.uri) == user]
    return same if len({participants[place].uri for place in same}) == 1 else []


def _nearest(since: Instant, places: Sequence[int], participants: Sequence[Participant]) -> int:
    """The last entry that the time can speak of."""
    before = [place for place in places if (participants[place].joined_at or 0) <= since + AHEAD]
    return before[-1] if before else places[0]


def _told_only(uri: str, times: Sequence[Presence], reports: Sequence[ConferenceReport]) -> Participant:
    first = min(report.at for report in reports)
    frames = [report.frame for report in reports if report.at in {times[0].since, times[-1].until}]
    return Participant(
        uri=uri,
        entry=Entry.REPORTED,
        joined_at=None if times[0].since == first else times[0].since,
        left_at=times[-1].until,
        told=tuple(times),
        frames=tuple(dict.fromkeys(frames)),
    )


def _user(uri: str) -> str:
    """The user part; empty where there is none."""
    return uri.partition(":")[2].rpartition("@")[0].lower()
