"""Three-way conferences that a phone mixes by itself and says nothing of.

The sign is a call that was held while another one of the same phone was made, and was then taken back while the other
went on: for a while both are up, and neither is held. Where media is in view, it has to flow both ways in both at once.
A phone that mixes without hold, or holds without telling, can't be told from one that has two calls, and isn't.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence

from sipscope.calls.holds import holds_of
from sipscope.calls.session_changes import settled_exchanges
from sipscope.model.call import Call, Service
from sipscope.model.conference import Conference, ConferenceKind, Entry, Participant
from sipscope.model.dialog import Dialog, Side
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transfer import Transfer
from sipscope.values import dataclass, replace

SHORTEST: Duration = 2 * SECOND
"""Both calls are up at once for a moment too where somebody goes from one to the other."""

MOST_CALLS = 8
"""What makes more calls while one is held is no phone."""


def mixed_conferences(
    calls: Sequence[Call],
    ledgers: Sequence[Ledger],
    transfers: Sequence[Transfer],
    streams: Sequence[RtpStream],
    elsewhere: Collection[str | None],
    capture_ended_at: Instant | None,
) -> list[Conference]:
    """Conferences that phones mix.

    Args:
        calls: All calls.
        ledgers: All offer/answer histories.
        transfers: All REFERs: the one that a phone makes its second call for.
        streams: All streams, bound.
        elsewhere: Ids of dialogs with a focus that says it is one.
        capture_ended_at: Where an open call is cut.
    """
    resumed = [call for call in calls if any(item.name == "resume" for item in call.services)]
    if not resumed or capture_ended_at is None:
        return []
    linked = {(item.dialog_id, item.resulting_dialog_id) for item in transfers}
    own: dict[str, list[Ledger]] = {}
    for ledger in ledgers:
        own.setdefault(ledger.dialog_id, []).append(ledger)
    flows = _flows(streams)
    dialogs = [item for call in calls for item in call.dialogs if item.confirmed_at is not None]
    found: dict[frozenset[int], _Mix] = {}
    number_of = {dialog.id: call.id for call in calls for dialog in call.dialogs}
    phones = _phones(dialogs)
    for call in resumed:
        for first in call.dialogs:
            for mix in _mixes(_Line.of(first, own, capture_ended_at), phones, own, linked, capture_ended_at):
                pair = frozenset({number_of[mix.first.dialog.id], number_of[mix.second.dialog.id]})
                known = found.get(pair)
                is_free = not {mix.first.dialog.id, mix.second.dialog.id} & set(elsewhere)
                if is_free and len(pair) > 1 and _is_heard(mix, flows) and (known is None or mix.since < known.since):
                    found[pair] = mix
    return _conferences(sorted(found.values(), key=lambda mix: (mix.since, mix.until)), capture_ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A dialog of a call with the times in which nobody held the other.

    Attributes:
        dialog: The dialog.
        holds: Holds with their begin and end.
        ends_at: Where it ends, or is cut.
    """

    dialog: Dialog
    holds: tuple[Service, ...]
    ends_at: Instant

    @classmethod
    def of(cls, dialog: Dialog, ledgers: Mapping[str, Sequence[Ledger]], capture_ended_at: Instant) -> "_Line":
        """The line of a dialog."""
        exchanges = settled_exchanges(dialog.id, ledgers.get(dialog.id, ()))
        answered = [item for item in exchanges if item.answer is not None]
        return cls(
            dialog=dialog,
            holds=tuple(item for item in holds_of(answered) if item.name == "hold"),
            ends_at=capture_ended_at if dialog.ended_at is None else dialog.ended_at,
        )

    def free_until(self, at: Instant) -> Instant | None:
        """Until when nobody holds from an instant on; None where somebody does then."""
        if any(item.at <= at and (item.until is None or item.until > at) for item in self.holds):
            return None
        return min([item.at for item in self.holds if item.at > at] + [self.ends_at])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mix:
    """Two lines of one phone that are up at once."""

    first: _Line
    first_side: Side
    second: _Line
    second_side: Side
    resumed: Service
    since: Instant
    until: Instant


Lines = Sequence[tuple[Instant, Dialog, Side]]
"""Dialogs of one phone by the time they began, with its side."""


def _phones(dialogs: Sequence[Dialog]) -> dict[str, Lines]:
    """The dialogs of every node that speaks for one user alone: a server or a gateway speaks for many."""
    found: dict[str, list[tuple[Instant, Dialog, Side]]] = {}
    users: dict[str, set[str | None]] = {}
    for dialog in dialogs:
        for side in Side:
            node = dialog.node_of(side)
            found.setdefault(node, []).append((dialog.transactions[0].started_at, dialog, side))
            users.setdefault(node, set()).add(_user(dialog, side))
    alone = [node for node in found if len(users[node]) == 1]
    return {node: sorted(found[node], key=lambda item: (item[0], item[1].id)) for node in alone}


def _mixes(
    first: _Line,
    phones: Mapping[str, Lines],
    ledgers: Mapping[str, Sequence[Ledger]],
    linked: Collection[tuple[str | None, str | None]],
    capture_ended_at: Instant,
) -> Iterator[_Mix]:
    for hold in first.holds:
        resumed_at = hold.until
        if resumed_at is None:
            continue
        for side in Side:
            for dialog, other_side in _made_between(phones.get(first.dialog.node_of(side), ()), hold.at, resumed_at):
                # Who was held takes part in a second call only where the one who held asked for it.
                is_linked = (first.dialog.id, dialog.id) in linked
                if not _has_another_peer(first.dialog, side, dialog, other_side) or (
                    hold.by is not side and not is_linked
                ):
                    continue
                mix = _mix(first, side, _Line.of(dialog, ledgers, capture_ended_at), other_side, hold)
                if mix is not None:
                    yield mix


def _made_between(lines: Lines, start: Instant, end: Instant) -> Iterator[tuple[Dialog, Side]]:
    """Dialogs that began while another was held; none where they are more than one phone makes."""
    first = bisect_left(lines, start, key=lambda item: item[0])
    last = bisect_right(lines, end, key=lambda item: item[0])
    if last - first <= MOST_CALLS:
        yield from ((dialog, side) for _, dialog, side in lines[first:last])


def _has_another_peer(first: Dialog, side: Side, second: Dialog, other_side: Side) -> bool:
    peers = (_user(first, side.other), _user(second, other_side.other))
    return first.key.call_id != second.key.call_id and None not in peers and peers[0] != peers[1]


def _mix(first: _Line, side: Side, second: _Line, other_side: Side, hold: Service) -> _Mix | None:
    """Both lines from the moment that nobody holds on either; None where that is too short to be meant."""
    if hold.until is None or second.dialog.confirmed_at is None:
        return None
    since = max([hold.until, second.dialog.confirmed_at, *_resumed_soon(second, hold.until)])
    ends = [line.free_until(since) for line in (first, second)]
    until = None if None in ends else min(end for end in ends if end is not None)
    if until is None or until - since < SHORTEST:
        return None
    return _Mix(
        first=first,
        first_side=side,
        second=second,
        second_side=other_side,
        resumed=hold,
        since=since,
        until=until,
    )


def _resumed_soon(line: _Line, at: Instant) -> list[Instant]:
    """When a hold ended that stood at an instant: a phone may take back both, one behind the other."""
    return [item.until for item in line.holds if item.until is not None and item.at <= at < item.until <= at + SHORTEST]


def _flows(streams: Sequence[RtpStream]) -> dict[tuple[str, Side], list[RtpStream]]:
    found: dict[tuple[str, Side], list[RtpStream]] = {}
    for stream in streams:
        if stream.binding is not None:
            found.setdefault((stream.binding.dialog_id, stream.binding.receiver), []).append(stream)
    return found


def _is_heard(mix: _Mix, flows: Mapping[tuple[str, Side], Sequence[RtpStream]]) -> bool:
    """Whether media flows both ways in both while both are up; true where no media of theirs is in view."""
    wanted = [(line.dialog.id, side) for line in (mix.first, mix.second) for side in Side]
    if not any(flows.get(key) for key in wanted):
        return True
    until = mix.since + SHORTEST
    return all(
        any(item.first_packet_at < until and item.last_packet_at > mix.since + SECOND for item in flows.get(key, ()))
        for key in wanted
    )


def _conferences(mixes: Sequence[_Mix], capture_ended_at: Instant) -> list[Conference]:
    """A conference for each phone; a third call that it joins makes the same one larger."""
    found: dict[str, list[Conference]] = {}
    for mix in mixes:
        own = found.setdefault(mix.first.dialog.node_of(mix.first_side), [])
        made = _conference(mix, capture_ended_at)
        if own and (own[-1].ended_at is None or made.started_at <= own[-1].ended_at):
            known = {item.dialog_id for item in own[-1].participants}
            more = [item for item in made.participants if item.dialog_id not in known]
            ends = (own[-1].ended_at, made.ended_at)
            own[-1] = replace(
                own[-1],
                participants=(*own[-1].participants, *more),
                evidence=(*own[-1].evidence, *made.evidence),
                ended_at=None if None in ends else max(end for end in ends if end is not None),
            )
        else:
            own.append(made)
    return [item for conferences in found.values() for item in conferences]


def _conference(mix: _Mix, capture_ended_at: Instant) -> Conference:
    ended = None if mix.until >= capture_ended_at else mix.until
    user = _uri(mix.second.dialog, mix.second_side) or ""
    frames = mix.resumed.frames
    peers = [
        Participant(
            uri=_uri(line.dialog, side.other) or "",
            entry=Entry.TAKEN_IN,
            dialog_id=line.dialog.id,
            joined_at=mix.since,
            left_at=ended,
            frames=_end_frames(line.dialog, mix.until),
        )
        for line, side in ((mix.first, mix.first_side), (mix.second, mix.second_side))
    ]
    mixer = Participant(uri=user, entry=Entry.HOST, joined_at=mix.since, left_at=ended)
    names = [item.uri for item in peers]
    return Conference(
        id="",
        kind=ConferenceKind.MIXING_PHONE,
        uri=user,
        host=mix.first.dialog.node_of(mix.first_side),
        participants=(mixer, *peers),
        evidence=(f"{names[0]} was on hold (frame {frames[0]}) while {names[1]} was called, and came back meanwhile.",),
        started_at=mix.since,
        ended_at=ended,
    )


def _end_frames(dialog: Dialog, until: Instant) -> tuple[int, ...]:
    release = dialog.release
    return () if release is None or dialog.ended_at != until else (release.message.frames[0],)


def _user(dialog: Dialog, side: Side) -> str | None:
    """Who stands on a side, wherever the domain says that is."""
    address = dialog.party(side).address
    return None if address is None else address.uri.user or address.uri.address_of_record


def _uri(dialog: Dialog, side: Side) -> str | None:
    address = dialog.party(side).address
    return None if address is None else address.uri.address_of_record
