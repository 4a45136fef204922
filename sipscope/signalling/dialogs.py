"""Transactions joined into dialogs, and dialogs seen hop by hop as legs (RFC 3261 §12).

A dialog is Call-ID and both tags, nothing less: one INVITE that forks makes several, and the hops that a proxy adds
make none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import field

from sipscope.model.dialog import (
    Dialog,
    DialogKey,
    DialogRelease,
    DialogState,
    Leg,
    ReleaseKind,
    SessionTimer,
    Side,
)
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction, in_order
from sipscope.signalling.nodes import Nodes
from sipscope.signalling.parties import parties_of
from sipscope.signalling.session_timers import session_timer_of
from sipscope.values import dataclass

DIALOG_CREATING = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
"""Methods whose 2xx creates a dialog (RFC 3261 §12.1, RFC 6665 §4.4.1, RFC 3515 §2.4.4)."""


def dialogs_of(transactions: Sequence[Transaction], nodes: Nodes) -> tuple[Dialog, ...]:
    """All dialogs, by time of the first message that shows them, with their legs in the order of the hops."""
    collector = _Collector(nodes)
    for transaction in transactions:
        collector.add(transaction)
    return collector.frozen()


_Tags = tuple[str, str, str]
"""Call-ID and both tags, the caller's first: a `DialogKey` that is looked up faster."""


@dataclass(slots=True)
class _LegDraft:
    """One hop of a dialog while it is collected; `caller_is_client` orients it by its first transaction."""

    first: Transaction
    caller_is_client: bool
    transactions: list[Transaction] = field(default_factory=list)


@dataclass(slots=True)
class _Draft:
    """A dialog while it is collected."""

    key: DialogKey
    created_by: str
    started_in_capture: bool
    legs: dict[tuple[str, str], _LegDraft] = field(default_factory=dict)


class _Collector:
    """Takes transactions by time and files each under the dialogs it belongs to."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._drafts: dict[_Tags, _Draft] = {}
        self._requested: dict[tuple[str, str], str] = {}
        self._siblings: dict[tuple[str, str], list[_Draft]] = {}
        self._refused: set[_Tags] = set()

    def add(self, transaction: Transaction) -> None:
        """File one transaction; one without Call-ID belongs to no dialog."""
        sample = transaction.first
        if sample.call_id is None:
            return
        request = transaction.request
        if request is not None and request.to_tag is None:
            self._add_initial(transaction, sample.call_id, request.from_tag or "")
        else:
            self._add_inside(transaction, sample)

    def _add_initial(self, transaction: Transaction, call_id: str, caller_tag: str) -> None:
        if transaction.method not in DIALOG_CREATING:
            return
        self._requested.setdefault((call_id, caller_tag), transaction.method)
        for response in transaction.responses:
            if response.status >= 300:
                self._refused.add((call_id, caller_tag, response.to_tag or ""))
        for callee_tag in _dialog_tags(transaction):
            draft = self._draft((call_id, caller_tag, callee_tag), transaction.method, started=True)
            self._file(draft, transaction, caller_is_client=True)

    def _add_inside(self, transaction: Transaction, sample: Message) -> None:
        call_id, from_tag = sample.call_id or "", sample.from_tag or ""
        for to_tag in _to_tags(transaction):
            forward = (call_id, from_tag, to_tag)
            backward = (call_id, to_tag, from_tag)
            if transaction.method == "ACK" and forward in self._refused and forward not in self._drafts:
                # An ACK to a failure under a branch of its own is in no transaction, and in no dialog either.
                continue
            if backward in self._drafts:
                self._file(self._drafts[backward], transaction, caller_is_client=False)
            elif forward in self._drafts or (call_id, to_tag) not in self._requested:
                started = (call_id, from_tag) in self._requested
                method = self._requested.get((call_id, from_tag), _creator_of(transaction.method))
                self._file(self._draft(forward, method, started=started), transaction, caller_is_client=True)
            else:
                # A NOTIFY may overtake the response that would have created the dialog (RFC 6665 §4.4.1).
                draft = self._draft(backward, self._requested[call_id, to_tag], started=True)
                self._file(draft, transaction, caller_is_client=False)

    def _draft(self, key: _Tags, created_by: str, *, started: bool) -> _Draft:
        draft = self._drafts.get(key)
        if draft is None:
            draft = _Draft(DialogKey(*key), created_by, started)
            self._drafts[key] = draft
            self._siblings.setdefault(key[:2], []).append(draft)
        return draft

    def _file(self, draft: _Draft, transaction: Transaction, *, caller_is_client: bool) -> None:
        pair = self.nodes.names(transaction.hop.source, transaction.hop.destination)
        if pair[0] > pair[1]:
            pair = (pair[1], pair[0])
        leg = draft.legs.get(pair)
        if leg is None:
            leg = _LegDraft(transaction, caller_is_client)
            draft.legs[pair] = leg
        leg.transactions.append(transaction)

    def frozen(self) -> tuple[Dialog, ...]:
        """The dialogs with their ids."""
        ids = {id(draft): f"d{number}" for number, draft in enumerate(self._drafts.values(), start=1)}
        leg_numbers = iter(range(1, sum(len(draft.legs) for draft in self._drafts.values()) + 1))
        dialogs = []
        for draft in self._drafts.values():
            siblings = self._siblings[draft.key.call_id, draft.key.caller_tag]
            forked = tuple(ids[id(other)] for other in siblings if other is not draft)
            legs = tuple(_leg(leg, f"l{next(leg_numbers)}", ids[id(draft)], self.nodes) for leg in draft.legs.values())
            dialogs.append(_dialog(draft, ids[id(draft)], legs, forked))
        return tuple(dialogs)


def _dialog_tags(transaction: Transaction) -> Iterable[str]:
    """To tags of the responses that create a dialog, in order: 101–299 for INVITE, 2xx for the others."""
    lowest = 101 if transaction.method == "INVITE" else 200
    tags: dict[str, None] = {}
    for response in transaction.responses:
        if lowest <= response.status < 300 and (response.to_tag is not None or response.is_success):
            tags[response.to_tag or ""] = None
    return tags


def _to_tags(transaction: Transaction) -> tuple[str, ...]:
    """To tag of an in-dialog request, or of the responses where the request is not in the capture."""
    if transaction.request is not None:
        return (transaction.request.to_tag or "",)
    if transaction.method in {"REGISTER", "OPTIONS", "MESSAGE", "PUBLISH", "CANCEL"}:
        return ()
    tags = dict.fromkeys(
        response.to_tag for response in transaction.responses if response.to_tag and 101 <= response.status < 300
    )
    return tuple(tag for tag in tags if tag)


def _creator_of(method: str) -> str:
    """What must have created a dialog whose beginning is not in the capture, told by a method inside it."""
    return "SUBSCRIBE" if method in {"SUBSCRIBE", "NOTIFY"} else "INVITE"


def _leg(draft: _LegDraft, leg_id: str, dialog_id: str, nodes: Nodes) -> Leg:
    hop = draft.first.hop
    caller, callee = (hop.source, hop.destination) if draft.caller_is_client else (hop.destination, hop.source)
    caller_node = nodes.name(caller)
    return Leg(
        id=leg_id,
        dialog_id=dialog_id,
        caller=caller,
        callee=callee,
        caller_node=caller_node,
        callee_node=nodes.name(callee),
        transactions=tuple(draft.transactions),
        both_directions=_goes_both_ways(draft.transactions, nodes),
    )


def _goes_both_ways(transactions: Sequence[Transaction], nodes: Nodes) -> bool:
    """Whether messages came from more than one node."""
    first = nodes.name(transactions[0].first.hop.source)
    for transaction in transactions:
        for message in transaction.messages:
            if nodes.name(message.hop.source) != first:
                return True
    return False


@dataclass(slots=True)
class _Life:
    """Milestones of a dialog, gathered message by message."""

    early_at: Instant | None = None
    confirmed_at: Instant | None = None
    ended_at: Instant | None = None
    ended_by: str | None = None
    released_by: Side | None = None
    ending: Message | None = None


def _dialog(draft: _Draft, dialog_id: str, legs: tuple[Leg, ...], forked: tuple[str, ...]) -> Dialog:
    transactions = _by_time(legs)
    life = _life_of(draft, transactions)
    state = DialogState.EARLY
    if life.ended_at is not None:
        state = DialogState.TERMINATED
    elif life.confirmed_at is not None or not draft.started_in_capture:
        state = DialogState.CONFIRMED
    by_invite = draft.created_by == "INVITE"
    timer = session_timer_of(transactions, draft.key) if by_invite else None
    caller, callee = parties_of(transactions, draft.key, legs[0].caller, legs[-1].callee, by_invite=by_invite)
    return Dialog(
        id=dialog_id,
        key=draft.key,
        state=state,
        created_by=draft.created_by,
        caller=caller,
        callee=callee,
        legs=legs,
        usages=_usages(transactions),
        started_in_capture=draft.started_in_capture,
        early_at=life.early_at,
        confirmed_at=life.confirmed_at,
        ended_at=life.ended_at,
        ended_by=life.ended_by,
        released_by=life.released_by,
        forked_with=forked,
        session_timer=timer,
        release=_release(life, timer),
    )


TIMER_TOLERANCE: Duration = 5 * SECOND
"""How far from the recommended moment a BYE may be that the session timer caused."""


def _release(life: _Life, timer: SessionTimer | None) -> DialogRelease | None:
    """Who ended it and how: by BYE, by its timer, by CANCEL, by a refusal, or by a notification."""
    message = life.ending
    if message is None:
        return None
    by, kind = life.released_by, ReleaseKind.BYE
    if isinstance(message, Response):
        cancelled = message.status == 487
        by = Side.CALLER if cancelled else Side.CALLEE
        kind = ReleaseKind.CANCEL if cancelled else ReleaseKind.REFUSAL
    elif message.cseq is not None and message.cseq.method == "NOTIFY":
        kind = ReleaseKind.NOTIFICATION
    elif timer is not None and _timed_out(timer, by, message.at):
        kind = ReleaseKind.TIMER
    return DialogRelease(by=by, kind=kind, message=message, reason=next(iter(message.reasons), None))


def _timed_out(timer: SessionTimer, by: Side | None, at: Instant) -> bool:
    """Whether the side that doesn't refresh gave up min(32 s, a third) before the expiry (RFC 4028 §10)."""
    due = timer.expires_at - min(32 * SECOND, timer.interval // 3)
    return (
        by is not None
        and by is not timer.refresher
        and due - TIMER_TOLERANCE <= at <= timer.expires_at + TIMER_TOLERANCE
    )


def _life_of(draft: _Draft, transactions: Sequence[Transaction]) -> _Life:
    life = _Life()
    for transaction in transactions:
        if transaction.method == draft.created_by:
            _creation(life, draft, transaction)
        if transaction.method == "BYE" and transaction.request is not None and life.ended_at is None:
            life.ended_at, life.ended_by = transaction.request.at, transaction.request.id
            life.released_by, life.ending = _sender(draft.key, transaction.request), transaction.request
        elif transaction.method == "NOTIFY" and draft.created_by != "INVITE" and life.ended_at is None:
            _notification(life, transaction)
    return life


def _creation(life: _Life, draft: _Draft, transaction: Transaction) -> None:
    initial = transaction.request is None or transaction.request.to_tag is None
    for response in transaction.responses:
        if response.is_success and (response.to_tag or "") == draft.key.callee_tag:
            life.confirmed_at = response.at if life.confirmed_at is None else min(life.confirmed_at, response.at)
        elif 101 <= response.status < 200 and response.to_tag == draft.key.callee_tag:
            life.early_at = response.at if life.early_at is None else min(life.early_at, response.at)
        elif response.status >= 300 and initial and life.confirmed_at is None and life.ended_at is None:
            life.ended_at, life.ended_by, life.ending = response.at, response.id, response


def _notification(life: _Life, transaction: Transaction) -> None:
    request = transaction.request
    state = None if request is None else request.subscription_state
    if request is not None and state is not None and state.value.lower() == "terminated":
        life.ended_at, life.ended_by, life.ending = request.at, request.id, request


def _by_time(legs: tuple[Leg, ...]) -> Sequence[Transaction]:
    found = [transaction for leg in legs for transaction in leg.transactions]
    ordered = in_order(found)
    if ordered is not None:
        return ordered
    return sorted(found, key=lambda transaction: (transaction.started_at, transaction.first.frames))


def _sender(key: DialogKey, request: Request) -> Side | None:
    if request.from_tag == key.caller_tag:
        return Side.CALLER
    return Side.CALLEE if request.from_tag == key.callee_tag else None


def _usages(transactions: Sequence[Transaction]) -> tuple[str, ...]:
    usages: dict[str, None] = {}
    for transaction in transactions:
        if transaction.method == "INVITE":
            usages["invite"] = None
        elif transaction.method == "REFER":
            usages["refer"] = None
        elif transaction.method in {"SUBSCRIBE", "NOTIFY"} and transaction.request is not None:
            event = transaction.request.event
            if event is not None:
                usages["refer" if event.value == "refer" else f"subscribe:{event.value}"] = None
    return tuple(usages)
