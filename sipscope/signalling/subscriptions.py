"""Subscriptions, explicit by SUBSCRIBE and implicit by REFER (RFC 6665, RFC 3515 §2.4.4).

A NOTIFY belongs to the subscription of its dialog with its event and id, and so does a SUBSCRIBE that refreshes or ends
it, one made by REFER included. The first REFER of a dialog may be notified without id (RFC 3515 §2.4.6). A NOTIFY whose
subscription began before the capture makes one of its own.
"""

from collections.abc import Sequence
from dataclasses import field, replace

from sipscope.model.dialog import Dialog, Side
from sipscope.model.header_values import Parametrised
from sipscope.model.subscription import Notification, Subscription, SubscriptionState, Term
from sipscope.model.transaction import Transaction
from sipscope.signalling.event_bodies import fault_of
from sipscope.signalling.event_contents import entries_of
from sipscope.signalling.event_documents import document_of
from sipscope.signalling.hops import once_per_request
from sipscope.values import dataclass

METHODS = frozenset({"SUBSCRIBE", "NOTIFY", "REFER"})


def subscriptions_of(transactions: Sequence[Transaction], dialogs: Sequence[Dialog]) -> tuple[Subscription, ...]:
    """All subscriptions by time of their first message."""
    drafts: list[_Draft] = []
    claimed: set[str] = set()
    for dialog in dialogs:
        own = [item for item in dialog.transactions if item.method in METHODS]
        if own:
            claimed.update(item.id for item in own)
            drafts.extend(_of_dialog(dialog, once_per_request(own)))
    drafts.extend(_refused(transactions, claimed))
    found = sorted((_frozen(draft) for draft in drafts), key=lambda item: (item.started_at, item.event))
    return tuple(replace(item, id=f"u{number}") for number, item in enumerate(found, start=1))


@dataclass(slots=True)
class _Draft:
    """A subscription while it is collected."""

    dialog: Dialog | None
    event: str
    event_id: str | None
    implicit: bool
    subscriber: Side | None
    requests: list[Transaction] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)


def _of_dialog(dialog: Dialog, transactions: Sequence[Transaction]) -> list[_Draft]:
    drafts: list[_Draft] = []
    for transaction in transactions:
        request = transaction.request
        if request is None:
            continue
        if transaction.method == "REFER":
            number = None if request.cseq is None else str(request.cseq.number)
            draft = _Draft(dialog, "refer", number, implicit=True, subscriber=dialog.sender_of(request))
            draft.requests.append(transaction)
            drafts.append(draft)
        elif transaction.method == "SUBSCRIBE":
            _subscribe(dialog, drafts, transaction, dialog.sender_of(request), request.event)
        else:
            _notify(dialog, drafts, transaction)
    return drafts


def _subscribe(
    dialog: Dialog | None,
    drafts: list[_Draft],
    transaction: Transaction,
    side: Side | None,
    event: Parametrised | None,
) -> None:
    name, event_id = _event(event)
    draft = _matching(drafts, name, event_id)
    if draft is not None:
        draft.requests.append(transaction)
        return
    made = _Draft(dialog, name, event_id, implicit=False, subscriber=side)
    made.requests.append(transaction)
    drafts.append(made)


def _notify(dialog: Dialog, drafts: list[_Draft], transaction: Transaction) -> None:
    request = transaction.request
    if request is None:
        return
    name, event_id = _event(request.event)
    draft = _matching(drafts, name, event_id)
    if draft is None:
        sender = dialog.sender_of(request)
        draft = _Draft(dialog, name, event_id, name == "refer", None if sender is None else sender.other)
        drafts.append(draft)
    draft.notifications.append(_notification(transaction))


def _matching(drafts: Sequence[_Draft], name: str, event_id: str | None) -> _Draft | None:
    named = [draft for draft in drafts if draft.event == name]
    exact = next((draft for draft in named if draft.event_id == event_id), None)
    if exact is not None or name != "refer" or event_id is not None:
        return exact
    # Without an id the NOTIFY speaks of the first REFER that was accepted (RFC 3515 §2.4.6). Notifiers that leave the
    # id out for the next REFER too mean the one whose subscription has not ended.
    accepted = [draft for draft in named if any(item.is_accepted for item in draft.requests)]
    lasting = [draft for draft in accepted if not _is_terminated(draft)]
    return next(iter(lasting or accepted or named), None)


def _is_terminated(draft: _Draft) -> bool:
    return any(item.state == SubscriptionState.TERMINATED.value for item in draft.notifications)


def _event(event: Parametrised | None) -> tuple[str, str | None]:
    return ("", None) if event is None else (event.value, event.parameters.get("id"))


def _notification(transaction: Transaction) -> Notification:
    request = transaction.request
    state = None if request is None else request.subscription_state
    document = None if request is None else document_of(request.parts)
    fault = None if request is None else fault_of(request.parts)
    told = () if request is None else entries_of(request.parts)
    if state is None:
        return Notification(transaction=transaction, state=None, document=document, body_fault=fault, told=told)
    return Notification(
        transaction=transaction,
        state=state.value.lower(),
        reason=state.parameters.get("reason"),
        expires_s=_seconds(state.parameters.get("expires")),
        document=document,
        body_fault=fault,
        told=told,
    )


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 12 else None


def _refused(transactions: Sequence[Transaction], claimed: set[str]) -> list[_Draft]:
    """SUBSCRIBE attempts that made no dialog, the challenges of one attempt joined with its last try."""
    drafts: dict[tuple[str | None, str | None], list[_Draft]] = {}
    initial = (item for item in transactions if item.method == "SUBSCRIBE" and item.id not in claimed)
    for transaction in once_per_request(initial):
        first = transaction.first
        own = drafts.setdefault((first.call_id, first.from_tag), [])
        event = None if transaction.request is None else transaction.request.event
        _subscribe(None, own, transaction, None, event)
    return [draft for own in drafts.values() for draft in own]


def _frozen(draft: _Draft) -> Subscription:
    state, reason = _state(draft)
    terms = _terms(draft)
    return Subscription(
        id="",
        dialog_id=None if draft.dialog is None else draft.dialog.id,
        event=draft.event,
        event_id=draft.event_id,
        implicit=draft.implicit,
        subscriber=draft.subscriber,
        state=state,
        reason=reason,
        expires_s=terms[-1].seconds if terms else None,
        requests=tuple(draft.requests),
        notifications=tuple(draft.notifications),
        terms=terms,
    )


def _state(draft: _Draft) -> tuple[SubscriptionState, str | None]:
    """What was told last; before any NOTIFY, what the request came to."""
    told = [item for item in draft.notifications if item.state is not None]
    if told:
        known = {state.value: state for state in SubscriptionState}
        return known.get(told[-1].state or "", SubscriptionState.UNKNOWN), told[-1].reason
    final = draft.requests[-1].final if draft.requests else None
    # A refresh that fails leaves the subscription as it was, save for a few statuses (RFC 6665 §4.1.2.2).
    accepted = any(item.is_accepted for item in draft.requests)
    if final is not None and final.status >= 300 and not accepted:
        return SubscriptionState.REFUSED, None
    return (SubscriptionState.REQUESTED if draft.requests else SubscriptionState.UNKNOWN), None


def _terms(draft: _Draft) -> tuple[Term, ...]:
    """Every duration that the notifier granted in a 2xx or told in Subscription-State, by time."""
    found = []
    for transaction in draft.requests:
        final, request = transaction.final, transaction.request
        if final is not None and final.is_success and final.expires is not None:
            requested = None if request is None else request.expires
            found.append(Term(at=final.at, frame=final.frames[-1], seconds=final.expires, requested_s=requested))
    for item in draft.notifications:
        if item.expires_s is not None:
            first = item.transaction.first
            found.append(Term(at=first.at, frame=first.frames[-1], seconds=item.expires_s))
    return tuple(sorted(found, key=lambda term: (term.at, term.seconds)))
