"""Conferences with a focus: participants by their dialogs, by REFER, and by what the focus tells (RFC 4579, RFC 4575).

A focus says that it is one by `isfocus` in its Contact (RFC 3840 §9), or by notifying of a conference's state. One that
hides itself is not guessed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import field

from sipscope.calls.mixing import mixed_conferences
from sipscope.calls.participants import bare, by_entry, with_presence
from sipscope.model.call import Call
from sipscope.model.conference import Conference, ConferenceKind, ConferenceReport, Entry, Participant
from sipscope.model.dialog import Dialog, Side
from sipscope.model.header_values import Address
from sipscope.model.message import Message
from sipscope.model.offer_answer import Ledger
from sipscope.model.stream import RtpStream
from sipscope.model.subscription import Subscription
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.signalling.focus import as_focus, names_focus
from sipscope.signalling.rosters import reports_of
from sipscope.values import dataclass, replace

PACKAGE = "conference"
CHALLENGES = frozenset({401, 407})


def conferences_of(
    calls: Sequence[Call],
    dialogs: Sequence[Dialog],
    transfers: Sequence[Transfer],
    subscriptions: Sequence[Subscription],
    ledgers: Sequence[Ledger],
    streams: Sequence[RtpStream],
    *,
    capture_ended_at: Instant | None,
) -> tuple[Conference, ...]:
    """Every conference, by the time it was seen first."""
    with_focus = _with_focus(calls, dialogs, transfers, subscriptions)
    known = {participant.dialog_id for item in with_focus for participant in item.participants}
    mixed = mixed_conferences(calls, ledgers, transfers, streams, known, capture_ended_at)
    found = sorted([*with_focus, *mixed], key=lambda item: (item.started_at, item.uri))
    return tuple(replace(item, id=f"k{number}") for number, item in enumerate(found, start=1))


@dataclass(slots=True)
class _Draft:
    """A conference while its parts are collected."""

    uri: str
    host: str | None = None
    aliases: set[str] = field(default_factory=set)
    hosts: dict[str, Instant] = field(default_factory=dict)
    participants: list[Participant] = field(default_factory=list)
    reports: list[ConferenceReport] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)
    seen_at: list[Instant] = field(default_factory=list)


def _with_focus(
    calls: Sequence[Call],
    dialogs: Sequence[Dialog],
    transfers: Sequence[Transfer],
    subscriptions: Sequence[Subscription],
) -> list[Conference]:
    drafts: dict[str, _Draft] = {}
    watching = _watchers(subscriptions)
    for dialog in dialogs:
        if dialog.is_invite and dialog.confirmed_at is not None and names_focus(dialog):
            for side in Side:
                _take_part(drafts, dialog, side, transfers, watching)
    for call in calls:
        _failed_invitations(drafts, call, transfers)
    by_dialog = {dialog.id: dialog for dialog in dialogs}
    for subscription in subscriptions:
        if subscription.event == PACKAGE and subscription.notifications:
            _hear(drafts, subscription, by_dialog)
    for draft in drafts.values():
        _remove(draft, transfers)
    return [_frozen(draft) for draft in drafts.values()]


def _take_part(
    drafts: dict[str, _Draft],
    dialog: Dialog,
    focus_side: Side,
    transfers: Sequence[Transfer],
    watching: frozenset[str],
) -> None:
    """Take in a dialog whose party on one side says that it is a focus."""
    first = next(as_focus(dialog, focus_side), None)
    if first is None or dialog.confirmed_at is None:
        return
    message, contact = first
    user = dialog.party(focus_side.other)
    joined = max(dialog.confirmed_at, message.at)
    was_up = message.at > dialog.confirmed_at
    if user.address is None or (dialog.ended_at is not None and joined >= dialog.ended_at):
        return
    draft = _draft(drafts, contact, dialog.node_of(focus_side))
    draft.evidence = draft.evidence or [f"The Contact in frame {message.frames[0]} has isfocus."]
    draft.seen_at.append(message.at)
    own = dialog.party(focus_side).address
    if own is not None and was_up:
        # Who makes a conference of a call that is up sits at the phone that is its focus.
        draft.hosts.setdefault(own.uri.address_of_record, joined)
    elif own is not None and focus_side is Side.CALLEE:
        draft.aliases.add(own.uri.address_of_record)
    transfer = next((item for item in transfers if item.resulting_dialog_id == dialog.id), None)
    other = next(as_focus(dialog, focus_side.other), None)
    uri = user.address.uri.address_of_record
    draft.participants.append(
        Participant(
            uri=uri,
            entry=_entry(dialog, focus_side, transfer, was_up=was_up),
            dialog_id=dialog.id,
            joined_at=joined if dialog.started_in_capture else None,
            left_at=dialog.ended_at,
            invited_by=None if transfer is None else _who(transfer.transferor),
            is_aware=True if uri in watching else _lists_package(dialog, focus_side.other),
            focus=None if other is None else other[1].uri.address_of_record,
            frames=_frames(message, dialog),
        )
    )


def _entry(dialog: Dialog, focus_side: Side, transfer: Transfer | None, *, was_up: bool) -> Entry:
    if was_up:
        return Entry.TAKEN_IN
    if focus_side is Side.CALLER:
        return Entry.DIAL_OUT if transfer is None else Entry.REFERRED_OUT
    creating = dialog.creating_transaction
    request = None if creating is None else creating.request
    if request is not None and request.join is not None:
        return Entry.JOINING
    if request is not None and request.replaces is not None:
        return Entry.REPLACING
    return Entry.DIAL_IN if transfer is None else Entry.REFERRED_IN


def _lists_package(dialog: Dialog, side: Side) -> bool | None:
    """Whether a party's Allow-Events names the package; None where it has no Allow-Events."""
    listed: set[str] = set()
    for leg in dialog.legs:
        for item in leg.transactions:
            for message in item.messages:
                if leg.side_of(message) is side and "allow-events" in message.headers:
                    listed.update(event.lower() for event in message.allow_events)
    return PACKAGE in listed if listed else None


def _watchers(subscriptions: Sequence[Subscription]) -> frozenset[str]:
    """Addresses of record of those who asked for a conference's state."""
    found = set()
    for item in subscriptions:
        if item.event == PACKAGE and item.requests:
            address = item.requests[0].first.from_
            if address is not None:
                found.add(address.uri.address_of_record)
    return frozenset(found)


def _failed_invitations(drafts: dict[str, _Draft], call: Call, transfers: Sequence[Transfer]) -> None:
    """Take in an invitation of a focus that nobody accepted."""
    invites = call.caller_invites
    first = None if not invites else invites[0].request
    contact = None if first is None else next((each for each in first.contacts if "isfocus" in each.parameters), None)
    if contact is None or first is None or call.answered_at is not None or call.callee is None:
        return
    if call.final_status is None or call.final_status < 300 or call.final_status in CHALLENGES:
        return
    draft = _draft(drafts, contact, None)
    transfer = next((item for item in transfers if _is_of(item.triggered, invites)), None)
    draft.seen_at.append(first.at)
    draft.evidence = draft.evidence or [f"The Contact in frame {first.frames[0]} has isfocus."]
    draft.participants.append(
        Participant(
            uri=call.callee.uri.address_of_record,
            entry=Entry.DIAL_OUT if transfer is None else Entry.REFERRED_OUT,
            invited_by=None if transfer is None else _who(transfer.transferor),
            refused_with=call.final_status,
            frames=first.frames[:1],
        )
    )


def _is_of(transaction: Transaction | None, invites: Iterable[Transaction]) -> bool:
    return transaction is not None and any(item.id == transaction.id for item in invites)


def _hear(drafts: dict[str, _Draft], subscription: Subscription, dialogs: dict[str, Dialog]) -> None:
    """Take in what a subscription told."""
    reports = list(reports_of(subscription))
    names = _names_of(subscription)
    if not names:
        return
    draft = next((item for item in drafts.values() if names & {item.uri, *item.aliases}), None)
    if draft is None:
        draft = drafts[min(names)] = _Draft(uri=_told_uri(subscription) or min(names))
        dialog = dialogs.get(subscription.dialog_id or "")
        if dialog is not None and subscription.subscriber is not None:
            draft.host = dialog.node_of(subscription.subscriber.other)
    draft.aliases |= names
    draft.reports.extend(reports)
    draft.seen_at.append(subscription.started_at)
    count = len(subscription.notifications)
    draft.evidence.append(f"Subscription {subscription.id} was told its state by {count} NOTIFY{'s' * (count > 1)}.")


def _names_of(subscription: Subscription) -> set[str]:
    """The conference's URIs: what the documents speak of, and what was subscribed to."""
    found = {item.document.entity for item in subscription.notifications if item.document and item.document.entity}
    names = {bare(entity) for entity in found}
    request = subscription.requests[0].request if subscription.requests else None
    if request is not None and request.request_uri is not None:
        names.add(request.request_uri.address_of_record)
    return names


def _told_uri(subscription: Subscription) -> str | None:
    entities = (item.document.entity for item in subscription.notifications if item.document and item.document.entity)
    return next((bare(entity) for entity in entities), None)


def _remove(draft: _Draft, transfers: Sequence[Transfer]) -> None:
    """Say who had the focus end a dialog: REFER with the method BYE (RFC 4579)."""
    for transfer in transfers:
        target = transfer.target
        method = None if target is None else target.uri.parameters.get("method")
        final = transfer.refer.final
        if target is None or method is None or method.upper() != "BYE" or final is None or not final.is_success:
            continue
        removed = target.uri.address_of_record
        draft.participants = [
            replace(item, removed_by=_who(transfer.transferor))
            if item.uri == removed and item.left_at is not None and item.left_at >= transfer.started_at
            else item
            for item in draft.participants
        ]


def _draft(drafts: dict[str, _Draft], contact: Address, host: str | None) -> _Draft:
    uri = contact.uri.address_of_record
    draft = drafts.setdefault(uri, _Draft(uri=uri))
    draft.host = draft.host or host
    return draft


def _frozen(draft: _Draft) -> Conference:
    reports = tuple(sorted(draft.reports, key=lambda item: (item.at, item.frame)))
    own = {bare(name) for name in (draft.uri, *draft.aliases)}
    hosts = [Participant(uri=uri, entry=Entry.HOST, joined_at=at) for uri, at in draft.hosts.items()]
    participants = by_entry(with_presence([*hosts, *draft.participants], reports, own))
    times = [item.joined_at for item in participants if item.joined_at is not None]
    ends = [item.left_at for item in participants if item.refused_with is None and item.entry is not Entry.HOST]
    return Conference(
        id="",
        kind=ConferenceKind.FOCUS,
        uri=draft.uri,
        host=draft.host,
        participants=participants,
        reports=reports,
        evidence=tuple(dict.fromkeys(draft.evidence)),
        started_at=min([*draft.seen_at, *times]),
        ended_at=None if not ends or None in ends else max(end for end in ends if end is not None),
    )


def _frames(message: Message, dialog: Dialog) -> tuple[int, ...]:
    release = None if dialog.release is None else dialog.release.message
    return tuple(dict.fromkeys([message.frames[0], *([] if release is None else [release.frames[0]])]))


def _who(address: Address | None) -> str | None:
    return None if address is None else address.uri.address_of_record
