"""Dialogs, offer/answer exchanges, subscriptions and registrations in the report."""

from collections.abc import Iterator, Mapping

from sipscope.model.dialog import DialogRelease
from sipscope.model.message import Message
from sipscope.model.offer_answer import NegotiatedMedia, OfferAnswerExchange
from sipscope.model.subscription import Registration, Subscription
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.values import dataclass
from sipscope.views.report_values import frames_of, number_of, text_or_none, time_of


def dialogs_report(trace: Trace) -> Iterator[dict[str, object]]:
    """Every dialog."""
    return (
        {
            "id": dialog.id,
            "at": time_of(dialog.transactions[0].started_at) if dialog.transactions else None,
            "call_id": text_or_none(dialog.key.call_id),
            "caller_tag": text_or_none(dialog.key.caller_tag),
            "callee_tag": text_or_none(dialog.key.callee_tag),
            "state": dialog.state.value,
            "created_by": dialog.created_by,
            "confirmed_at": time_of(dialog.confirmed_at),
            "ended_at": time_of(dialog.ended_at),
            "ended_by": _label(dialog.ended_by, trace),
            "release": _release(dialog.release),
            "usages": list(dialog.usages),
            "call": trace.index.call_of_dialog.get(dialog.id),
        }
        for dialog in trace.dialogs
    )


def _release(release: DialogRelease | None) -> dict[str, object] | None:
    """Who ended a dialog, how, by which frames, and the Reason that they gave (RFC 3326 §2)."""
    if release is None:
        return None
    reason = release.message.headers.get("reason") if release.reason is not None else None
    return {
        "by": None if release.by is None else release.by.value,
        "kind": release.kind.value,
        "frames": frames_of([release.message]),
        "reason": reason,
    }


def _label(message_id: str | None, trace: Trace) -> str | None:
    """What ended a dialog, as a ladder would write it."""
    message = None if message_id is None else trace.index.messages.get(message_id)
    return message_id if message is None else message.label


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedExchange:
    """One offer with its answer, over every hop that showed them.

    Attributes:
        first: As seen on the hop nearest the caller.
        ids: Ids of all its appearances, the first one's first.
        offer_frames: Frames of the offer on all hops.
        answer_frames: Frames of the answer on all hops.
    """

    first: OfferAnswerExchange
    ids: tuple[str, ...]
    offer_frames: tuple[int, ...]
    answer_frames: tuple[int, ...]


def folded_exchanges(trace: Trace) -> tuple[FoldedExchange, ...]:
    """The exchanges of all ledgers; one offer of a dialog counts once, however many hops it crossed.

    It is the same offer where the dialog, the number in the ledger, and CSeq and method of its carrier are equal.
    """
    order = {leg.id: position for dialog in trace.dialogs for position, leg in enumerate(dialog.legs)}
    groups: dict[tuple[object, ...], list[OfferAnswerExchange]] = {}
    for exchange in trace.exchanges:
        groups.setdefault((exchange.dialog_id, exchange.number, *_carrier(exchange.offer_message)), []).append(exchange)
    folded = [_fold(sorted(group, key=lambda item: order.get(item.leg_id, 0))) for group in groups.values()]
    return tuple(sorted(folded, key=lambda item: (item.first.at, number_of(item.first.id))))


def _carrier(message: Message) -> tuple[object, ...]:
    cseq = message.cseq
    return (type(message).__name__, None) if cseq is None else (type(message).__name__, cseq.number, cseq.method)


def _fold(group: list[OfferAnswerExchange]) -> FoldedExchange:
    return FoldedExchange(
        first=group[0],
        ids=tuple(item.id for item in group),
        offer_frames=tuple(sorted({frame for item in group for frame in item.offer_frames})),
        answer_frames=tuple(sorted({frame for item in group for frame in item.answer_frames})),
    )


def exchanges_report(exchanges: tuple[FoldedExchange, ...]) -> Iterator[dict[str, object]]:
    """Every exchange, each once."""
    return (
        {
            "id": item.first.id,
            "at": time_of(item.first.at),
            "dialog": item.first.dialog_id,
            "pattern": item.first.pattern.value,
            "offerer": item.first.offerer.value,
            "outcome": item.first.outcome.value,
            "offer_frames": list(item.offer_frames),
            "answer_frames": list(item.answer_frames),
            "media": [_media(media) for media in item.first.media],
        }
        for item in exchanges
    )


def _media(media: NegotiatedMedia) -> dict[str, object]:
    section = media.offer if media.offer is not None else media.answer
    return {
        "index": media.index,
        "kind": None if section is None else section.kind,
        "port_offer": None if media.offer is None else media.offer.port,
        "port_answer": None if media.answer is None else media.answer.port,
        "codecs": [str(item) for item in media.formats],
        "direction": None if media.direction is None else media.direction.value,
    }


def subscriptions_report(trace: Trace) -> list[dict[str, object]]:
    """Every subscription, explicit and implicit."""
    ordered = sorted(trace.subscriptions, key=lambda item: (item.started_at, number_of(item.id)))
    return [_subscription(item, trace.index.call_of_dialog) for item in ordered]


def _subscription(subscription: Subscription, call_of_dialog: Mapping[str, int]) -> dict[str, object]:
    return {
        "id": subscription.id,
        "at": time_of(subscription.started_at),
        "dialog": subscription.dialog_id,
        "event": subscription.event,
        "implicit": subscription.implicit,
        "state": subscription.state.value,
        "reason": subscription.reason,
        "expires_s": subscription.expires_s,
        "notify_frames": frames_of(item.transaction.first for item in subscription.notifications),
        "call": None if subscription.dialog_id is None else call_of_dialog.get(subscription.dialog_id),
    }


def registrations_report(trace: Trace) -> list[dict[str, object]]:
    """Every attempt to register."""
    ordered = sorted(trace.registrations, key=lambda item: (_started_at(item), number_of(item.id)))
    return [
        {
            "id": item.id,
            "at": time_of(_started_at(item)) if item.attempts else None,
            "aor": text_or_none(item.address_of_record),
            "contacts": [contact.uri.text for contact in item.contacts],
            "outcome": item.outcome.value,
            "expires_s": item.expires_s,
            "frames": frames_of(message for attempt in item.attempts for message in attempt.all_messages),
        }
        for item in ordered
    ]


def _started_at(registration: Registration) -> Instant:
    return registration.attempts[0].started_at if registration.attempts else 0
