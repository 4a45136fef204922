"""Instant messages on one page: who wrote whom outside of dialogs, how often, and what didn't arrive.

What was written is never shown: its type and size are.
"""

from collections import Counter

from sipscope.model.conversation import Conversation, PagerMessage
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""


def conversations_of(trace: Trace) -> Summary:
    """The conversations of a capture, as a page for people."""
    table = _table(trace)
    return Summary(
        title=trace.facts.path,
        headline=", ".join(
            (
                counted(len(trace.conversations), "conversation"),
                counted(sum(len(item.messages) for item in trace.conversations), "message"),
            )
        ),
        tables=(table,) if table.rows else (),
    )


def conversations_document(trace: Trace, *, version: str) -> dict[str, object]:
    """The same as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "conversations": conversations_report(trace),
    }


def conversations_report(trace: Trace) -> list[dict[str, object]]:
    """Every conversation with its messages."""
    return [
        {
            "id": item.id,
            "at": iso8601(item.started_at),
            "parties": list(item.parties),
            "messages": [_message_report(message) for message in item.messages],
        }
        for item in trace.conversations
    ]


def _message_report(item: PagerMessage) -> dict[str, object]:
    final = item.decided_by.final
    every = [
        message for series in (item.series, *item.relays) for each in series.transactions for message in each.messages
    ]
    return {
        "at": iso8601(item.at),
        "from": item.sender or None,
        "content_type": _kind(item),
        "bytes": len(item.message.body),
        "outcome": item.decided_by.outcome.value,
        "status": None if final is None else final.status,
        "relays": len(item.relays),
        "frames": sorted({frame for message in every for frame in message.frames}),
    }


def _kind(item: PagerMessage) -> str | None:
    found = item.message.content_type
    return None if found is None else f"{found.type}/{found.subtype}"


def _table(trace: Trace) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Instant messages",
        columns=(
            Column(heading="First"),
            Column(heading="Last"),
            Column(heading="Began", may_wrap=True),
            Column(heading="Other", may_wrap=True),
            Column(heading="Sent", alignment=right),
            Column(heading="Answered", alignment=right),
            Column(heading="Types", may_wrap=True),
            Column(heading="Failed", may_wrap=True),
        ),
        rows=tuple(_row(item) for item in trace.conversations),
    )


def _row(item: Conversation) -> tuple[Cell, ...]:
    first, other = item.parties
    sent = sum(message.sender == first for message in item.messages)
    kinds = Counter(_kind(message) or "none" for message in item.messages)
    return (
        Cell(text=time_of_day_of(item.started_at), tone=Tone.MUTED),
        Cell(text=time_of_day_of(item.messages[-1].at), tone=Tone.MUTED),
        Cell(text=first),
        Cell(text=other),
        Cell(text=str(sent)),
        Cell(text=str(len(item.messages) - sent)),
        Cell(text=", ".join(kinds)),
        Cell(text=_failures(item), tone=Tone.FAILURE),
    )


def _failures(item: Conversation) -> str:
    """`2 404, 1 no answer`."""
    finals = [message.decided_by.final for message in item.messages if message.has_failed]
    said = Counter("no answer" if final is None else str(final.status) for final in finals)
    return ", ".join(f"{count} × {answer}" for answer, count in said.items())
