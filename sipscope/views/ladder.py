"""The ladder of one call, of several, or of a whole capture."""

from collections.abc import Collection, Iterable, Sequence

from sipscope.model.call import Call
from sipscope.model.finding import Finding
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.views.ladder_arrows import arrows_of, call_of
from sipscope.views.ladder_lanes import lanes_of
from sipscope.views.ladder_media import bands_of
from sipscope.views.ladder_notes import badge_of, heard_notes_of, service_notes_of, with_badges
from sipscope.views.ladder_rows import Arrow, Badge, Band, Break, Flow, Ladder, Lane, Note, Row
from sipscope.views.ladder_transfer import (
    own_transactions,
    transfer_lines,
    transfer_notes_of,
    transfer_title,
    with_parts,
)
from sipscope.views.transfers import calls_of
from sipscope.views.words import counted, duration_of, party_of

__all__ = [
    "Arrow",
    "Badge",
    "Band",
    "Break",
    "Flow",
    "Ladder",
    "Lane",
    "Note",
    "Row",
    "ladder_of",
    "related_calls",
]

LONG_PAUSE = 2 * SECOND
"""A time without signalling beyond this is shown as a break."""


def ladder_of(
    trace: Trace,
    call_ids: Sequence[int] | None = None,
    *,
    dialogs: Sequence[str] | None = None,
    transfer: Transfer | None = None,
    with_media: bool = True,
    with_findings: bool = True,
) -> Ladder:
    """The picture of some calls, of a transfer, or of everything in the capture.

    Args:
        trace: What was reconstructed.
        call_ids: Numbers of the calls to show in one picture; None for all signalling and media.
        dialogs: Ids of dialogs to confine the picture to; None for all of them.
        transfer: The transfer that the picture is about; the calls are then those that it joins.
        with_media: Whether to show RTP.
        with_findings: Whether to show findings.

    Returns:
        A ladder; without lanes and rows where nothing matches.
    """
    if transfer is not None:
        call_ids = calls_of(transfer, trace)
    transactions = _transactions(
        trace, call_ids, dialogs, own=() if transfer is None else own_transactions(transfer, trace)
    )
    streams = _streams(trace, call_ids, dialogs) if with_media else []
    calls = [call for call in trace.calls if call_ids is None or call.id in set(call_ids)]
    started_at = _started_at(transactions, streams)
    findings = _findings(trace, transactions, streams, call_ids, dialogs) if with_findings else []
    lanes = lanes_of(transactions, streams, trace)
    lane_numbers = {lane.node: number for number, lane in enumerate(lanes)}
    arrows = list(arrows_of(transactions, lane_numbers, trace, started_at))
    bands = list(bands_of(streams, lanes, trace, started_at))
    arrows, bands, notes = with_badges(arrows, bands, findings, _arrow_of_frame(arrows, transactions), started_at)
    if dialogs is None:
        notes.extend(service_notes_of(calls, started_at))
        notes.extend(heard_notes_of(calls, started_at))
    title, subtitle = _title(calls, call_ids, trace), _subtitle(calls, trace) if call_ids is not None else ()
    if transfer is not None:
        lanes = with_parts(lanes, transfer, trace)
        notes.extend(transfer_notes_of(transfer, trace, started_at))
        title, subtitle = transfer_title(transfer, trace), (*transfer_lines(transfer, trace), *subtitle)
    return Ladder(
        title=title,
        subtitle=subtitle,
        started_at=started_at if transactions or streams else None,
        lanes=lanes,
        rows=_with_breaks(_by_time([*arrows, *bands, *notes])),
        findings=tuple(badge_of(finding) for finding in findings),
        calls=tuple(call.id for call in calls),
    )


def related_calls(trace: Trace, call_id: int) -> tuple[int, ...]:
    """A call and those that transfers link it to, directly or through others, in ascending order."""
    found, waiting = {call_id}, [call_id]
    while waiting:
        current = waiting.pop()
        own = next((call.transfer_ids for call in trace.calls if call.id == current), ())
        for call in trace.calls:
            if call.id not in found and set(call.transfer_ids) & set(own):
                found.add(call.id)
                waiting.append(call.id)
    return tuple(sorted(found))


def _transactions(
    trace: Trace, call_ids: Sequence[int] | None, dialogs: Sequence[str] | None, own: Collection[str] = ()
) -> list[Transaction]:
    """Those of calls and dialogs, and `own` ones that may belong to no call."""
    chosen: Iterable[Transaction] = trace.transactions
    if dialogs is not None:
        wanted = {item.id for dialog in trace.dialogs if dialog.id in set(dialogs) for item in dialog.transactions}
        chosen = (item for item in trace.transactions if item.id in wanted)
    if call_ids is not None:
        numbers = set(call_ids)
        chosen = (item for item in chosen if item.id in own or call_of(item, trace) in numbers)
    return sorted(chosen, key=lambda item: (item.started_at, item.first.frames))


def _streams(trace: Trace, call_ids: Sequence[int] | None, dialogs: Sequence[str] | None) -> list[RtpStream]:
    chosen = list(trace.streams)
    if call_ids is not None:
        bound = {stream for call in trace.calls if call.id in set(call_ids) for stream in call.stream_ids}
        chosen = [stream for stream in chosen if stream.id in bound]
    if dialogs is not None:
        chosen = [item for item in chosen if item.binding is not None and item.binding.dialog_id in set(dialogs)]
    return chosen


def _findings(
    trace: Trace,
    transactions: Sequence[Transaction],
    streams: Sequence[RtpStream],
    call_ids: Sequence[int] | None,
    dialogs: Sequence[str] | None,
) -> list[Finding]:
    if call_ids is None and dialogs is None:
        return list(trace.findings)
    frames = {frame for item in transactions for message in item.all_messages for frame in message.frames}
    stream_ids = {stream.id for stream in streams}
    numbers = set(call_ids or ()) if dialogs is None else set()
    return [
        finding
        for finding in trace.findings
        if finding.call_id in numbers
        or (
            (finding.call_id is None or dialogs is not None)
            and (finding.subject_id in stream_ids or bool(frames.intersection(finding.frames)))
        )
    ]


def _started_at(transactions: Sequence[Transaction], streams: Sequence[RtpStream]) -> Instant:
    if transactions:
        return min(item.started_at for item in transactions)
    return min((stream.first_packet_at for stream in streams), default=0)


def _arrow_of_frame(arrows: Sequence[Arrow], transactions: Sequence[Transaction]) -> dict[int, int]:
    """Position of the arrow that stands for a frame, the frames of its retransmissions included."""
    position = {arrow.frame: index for index, arrow in enumerate(arrows)}
    found: dict[int, int] = {}
    for transaction in transactions:
        for message in transaction.messages:
            index = position[message.frames[0]]
            for same in (message, *transaction.copies_of(message)):
                found.update(dict.fromkeys(same.frames, index))
    return found


def _by_time(rows: Iterable[Row]) -> list[Row]:
    """By time; at one instant the message comes first, then what it brought about."""
    order = {Arrow: 0, Band: 1, Note: 2, Break: 3}
    return sorted(rows, key=lambda row: (row.at, order[type(row)], _frame(row)))


def _frame(row: Row) -> int:
    return 0 if isinstance(row, Break) or row.frame is None else row.frame


def _with_breaks(rows: Sequence[Row]) -> tuple[Row, ...]:
    """A break before every row that comes long after the signalling before it.

    Retransmissions are signalling too: a pause is counted from the last of them. Media is none: a band that begins
    soon after a message doesn't shorten the pause.
    """
    found: list[Row] = []
    quiet_since: Instant | None = None
    for row in rows:
        if quiet_since is not None and row.at - quiet_since > LONG_PAUSE:
            offset = row.offset - (row.at - quiet_since)
            found.append(Break(offset=offset, at=quiet_since, duration=row.at - quiet_since))
            quiet_since = row.at
        found.append(row)
        if not isinstance(row, Band):
            end = row.at + ((row.repeated_until or 0) if isinstance(row, Arrow) else 0)
            quiet_since = end if quiet_since is None else max(quiet_since, end)
    return tuple(found)


def _title(calls: Sequence[Call], call_ids: Sequence[int] | None, trace: Trace) -> str:
    if call_ids is None:
        return f"{trace.facts.path}: {counted(len(trace.messages), 'SIP message')}, {counted(len(calls), 'call')}"
    if len(calls) == 1:
        return f"Call {calls[0].id}: {_parties(calls[0], trace)}"
    return "Calls " + ", ".join(str(call.id) for call in calls)


def _parties(call: Call, trace: Trace) -> str:
    names = trace.facts.names
    return f"{party_of(call.caller, names) or 'unknown'} → {party_of(call.callee, names) or 'unknown'}"


def _subtitle(calls: Sequence[Call], trace: Trace) -> tuple[str, ...]:
    return tuple(line for call in calls for line in _call_lines(call, trace, alone=len(calls) == 1))


def _call_lines(call: Call, trace: Trace, *, alone: bool) -> Iterable[str]:
    words = [call.outcome.value]
    if call.final_status is not None and call.answered_at is None:
        words[0] += f" with {call.final_status}"
    if call.setup is not None:
        words.append(f"setup {duration_of(call.setup)}")
    if call.talking is not None:
        words.append(f"talking {duration_of(call.talking)}")
    if call.released_by is not None:
        words.append(f"released by {call.released_by.value}")
    lead = "" if alone else f"Call {call.id}: {_parties(call, trace)} · "
    yield lead + " · ".join(words)
    yield from (item.headline for item in trace.diagnoses if item.call_id == call.id)
