"""Subscriptions on one page: who watches what at whom, for how long, and what became of it."""

from sipscope.model.subscription import Notification, StateDocument, Subscription, SubscriptionState, Term
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.views.report_values import who
from sipscope.views.standing import standings_report, standings_table
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, number_text, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

LISTED = 100
"""NOTIFYs that the page tells of."""

ENTRIES_LISTED = 6
"""Users or resources of one NOTIFY that the page names."""

_TONES = {
    SubscriptionState.ACTIVE: Tone.SUCCESS,
    SubscriptionState.REFUSED: Tone.FAILURE,
    SubscriptionState.UNKNOWN: Tone.MUTED,
}


def subscriptions_of(trace: Trace) -> Summary:
    """The subscriptions of a capture, as a page for people."""
    tables = (_table(trace), _told_table(trace), standings_table(trace))
    return Summary(
        title=trace.facts.path,
        headline=counted(len(trace.subscriptions), "subscription"),
        tables=tuple(table for table in tables if table.rows),
    )


def subscriptions_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "subscriptions": [_report(item, trace) for item in trace.subscriptions],
        "users": list(standings_report(trace)),
    }


def _table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Subscriptions",
        columns=(
            Column(heading="#", alignment=right),
            Column(heading="Time"),
            Column(heading="Event", may_wrap=True),
            Column(heading="Subscriber", may_wrap=True),
            Column(heading="Notifier", may_wrap=True),
            Column(heading="Asked", alignment=right, unit="s"),
            Column(heading="Granted", alignment=right, unit="s"),
            Column(heading="NOTIFYs", alignment=right),
            Column(heading="State"),
            Column(heading="Reason"),
        ),
        rows=tuple(_row(item, trace) for item in trace.subscriptions),
    )


def _row(item: Subscription, trace: Trace) -> tuple[Cell, ...]:
    subscriber, notifier = _parties(item, trace)
    status = _refusal(item)
    state = item.state.value if status is None else f"{item.state.value} {status}"
    return (
        Cell(text=item.id.removeprefix("u")),
        Cell(text=time_of_day_of(item.started_at), tone=Tone.MUTED),
        Cell(text=_event_words(item)),
        Cell(text=subscriber or ""),
        Cell(text=notifier or ""),
        Cell(text=number_text(_asked_s(item))),
        Cell(text=number_text(_granted_s(item))),
        Cell(text=str(len(item.notifications))),
        Cell(text=state, tone=_TONES.get(item.state, Tone.PLAIN)),
        Cell(text=item.reason or ""),
    )


def _told_table(trace: Trace) -> Table:
    """What each NOTIFY told of whom, with the version of its document."""
    right = Alignment.RIGHT
    told = [
        (item, each)
        for item in trace.subscriptions
        for each in item.notifications
        if each.told or each.document is not None
    ]
    cut = f" (the first {LISTED} of {len(told)}; JSON tells all)" if len(told) > LISTED else ""
    return Table(
        title=f"What the NOTIFYs told{cut}",
        columns=(
            Column(heading="#", alignment=right),
            Column(heading="Time"),
            Column(heading="Document"),
            Column(heading="Version", alignment=right),
            Column(heading="Whole"),
            Column(heading="Told", may_wrap=True),
            Column(heading="Frame", alignment=right),
        ),
        rows=tuple(_told_row(item, each) for item, each in told[:LISTED]),
    )


def _told_row(item: Subscription, notification: Notification) -> tuple[Cell, ...]:
    document, first = notification.document, notification.transaction.first
    version = None if document is None else document.version
    whole = None if document is None else document.is_full
    return (
        Cell(text=item.id.removeprefix("u")),
        Cell(text=time_of_day_of(first.at), tone=Tone.MUTED),
        Cell(text="message-summary" if document is None else document.kind.value),
        Cell(text=number_text(version)),
        Cell(text={True: "full", False: "partial", None: ""}[whole]),
        Cell(text=told_words(notification)),
        Cell(text=str(first.frames[0])),
    )


def told_words(notification: Notification) -> str:
    """What a NOTIFY told of whom; the first few where it told of many."""
    words = []
    for entry in notification.told[:ENTRIES_LISTED]:
        state = " ".join(word for word in (entry.entity, entry.state or "no state") if word)
        words.append(f"{state} ({entry.detail})" if entry.detail else state)
    more = len(notification.told) - len(words)
    return "; ".join([*words, f"{more} more"] if more > 0 else words) or "nobody"


def _event_words(item: Subscription) -> str:
    event = item.event or "none"
    named = event if item.event_id is None else f"{event};id={item.event_id}"
    return f"{named} (by REFER)" if item.implicit else named


def _parties(item: Subscription, trace: Trace) -> tuple[str | None, str | None]:
    """Addresses of record of subscriber and notifier."""
    dialog = None if item.dialog_id is None else trace.index.dialogs.get(item.dialog_id)
    if dialog is not None and item.subscriber is not None:
        subscriber, notifier = dialog.party(item.subscriber), dialog.party(item.subscriber.other)
        return who(subscriber.address), who(notifier.address)
    first = item.first.first
    return (who(first.from_), who(first.to)) if item.requests else (who(first.to), who(first.from_))


def _opening(item: Subscription) -> Transaction | None:
    """The first request that was accepted, else the last one."""
    accepted = (each for each in item.requests if each.final is not None and each.final.is_success)
    return next(accepted, item.requests[-1] if item.requests else None)


def _asked_s(item: Subscription) -> int | None:
    opening = _opening(item)
    return None if opening is None or opening.request is None else opening.request.expires


def _granted_s(item: Subscription) -> int | None:
    """By the first 2xx; where that tells nothing, by what was told first."""
    opening = _opening(item)
    if opening is not None and opening.final is not None and opening.final.is_success:
        granted = opening.final.expires
        if granted is not None:
            return granted
    return item.terms[0].seconds if item.terms else None


def _refusal(item: Subscription) -> int | None:
    """Status that refused it."""
    return item.requests[-1].final_status if item.state is SubscriptionState.REFUSED and item.requests else None


def _report(item: Subscription, trace: Trace) -> dict[str, object]:
    subscriber, notifier = _parties(item, trace)
    return {
        "id": item.id,
        "at": iso8601(item.started_at),
        "event": item.event or None,
        "event_id": item.event_id,
        "implicit": item.implicit,
        "subscriber": subscriber,
        "notifier": notifier,
        "asked_s": _asked_s(item),
        "granted_s": _granted_s(item),
        "state": item.state.value,
        "status": _refusal(item),
        "reason": item.reason,
        "call_id": item.call_id,
        "dialog": item.dialog_id,
        "requests": [_request_report(each) for each in item.requests],
        "notifications": [_notification_report(each) for each in item.notifications],
        "terms": [_term_report(each) for each in item.terms],
    }


def _request_report(item: Transaction) -> dict[str, object]:
    return {
        "method": item.method,
        "at": iso8601(item.started_at),
        "asked_s": None if item.request is None else item.request.expires,
        "status": item.final_status,
        "granted_s": None if item.final is None else item.final.expires,
        "frames": _frames(item),
    }


def _notification_report(item: Notification) -> dict[str, object]:
    return {
        "at": iso8601(item.transaction.started_at),
        "state": item.state,
        "reason": item.reason,
        "expires_s": item.expires_s,
        "status": item.transaction.final_status,
        "document": None if item.document is None else _document_report(item.document),
        "told": [
            {"entity": each.entity or None, "state": each.state or None, "detail": each.detail} for each in item.told
        ],
        "frames": _frames(item.transaction),
    }


def _document_report(item: StateDocument) -> dict[str, object]:
    return {"kind": item.kind.value, "version": item.version, "full": item.is_full, "entity": item.entity}


def _term_report(item: Term) -> dict[str, object]:
    return {"at": iso8601(item.at), "frame": item.frame, "seconds": item.seconds, "ends_at": iso8601(item.ends_at)}


def _frames(item: Transaction) -> list[int]:
    return sorted({frame for message in item.all_messages for frame in message.frames})
