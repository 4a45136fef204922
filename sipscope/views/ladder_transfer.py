"""A transfer on a ladder: which lane plays which part, and notes where what was told and what happened differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sipscope.calls.aftermath import DIRECT_SCORE, aftermath_of, result_at
from sipscope.model.aftermath import Fate, TransferParty
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import Transfer
from sipscope.views.ladder_rows import Lane, Note
from sipscope.views.tone import Tone
from sipscope.views.transfers import (
    fate_words,
    is_contradicted,
    observed_words,
    outcome_words,
    reported_words,
    took,
)
from sipscope.views.words import duration_of, party_of

_TOLD_FATES = {Fate.ORPHANED: Tone.ERROR, Fate.TAKEN_BACK: Tone.SERVICE, Fate.ON_HOLD: Tone.WARNING}


REPORT_DUE: Duration = 4 * SECOND
"""How long after the result the report of it may come."""


def own_transactions(transfer: Transfer, trace: Trace) -> set[str]:
    """Ids of the REFER, its NOTIFYs and the INVITE that it triggered, on every hop."""
    triggered = () if transfer.triggered is None else (transfer.triggered,)
    own = (transfer.refer, *(report.transaction for report in transfer.reports), *triggered)
    return {hop.id for item in own for hop in trace.index.same_request(item)}


def with_parts(lanes: Sequence[Lane], transfer: Transfer, trace: Trace) -> tuple[Lane, ...]:
    """The lanes, with transferor, transferee and target named beneath the head."""
    parts = _parts(transfer, trace)
    return tuple(
        replace(lane, lines=(", ".join(parts[lane.node]), *lane.lines)) if lane.node in parts else lane
        for lane in lanes
    )


def transfer_title(transfer: Transfer, trace: Trace) -> str:
    """Who sends whom where."""
    names = trace.facts.names
    who = [party_of(item, names) or "unknown" for item in (transfer.transferor, transfer.transferee, transfer.target)]
    return f"Transfer {transfer.id.removeprefix('x')}: {who[0]} sends {who[1]} to {who[2]}"


def transfer_lines(transfer: Transfer, trace: Trace) -> Iterator[str]:
    """How it was done and what came of it; then what became of the dialogs before."""
    duration = took(transfer, trace)
    words = [transfer.kind.value, outcome_words(transfer)]
    words += [] if duration is None else [f"took {duration_of(duration)}"]
    words += [f"{name} {text}" for name, text in _told(transfer) if text]
    yield " · ".join(words)
    for old in aftermath_of(transfer, trace):
        yield f"Dialog of transferor and {old.partner.value}: {fate_words(old, transfer, trace)}"


def transfer_notes_of(transfer: Transfer, trace: Trace, started_at: Instant) -> Iterator[Note]:
    """Where success and failure were told the wrong way round, told too early, or not told; and who was left alone."""
    for at, text, tone in (*_differences(transfer, trace), *_fates(transfer, trace)):
        yield Note(offset=at - started_at, at=at, text=text, tone=tone)


def _told(transfer: Transfer) -> Iterator[tuple[str, str]]:
    yield "reported:", reported_words(transfer)
    yield "observed:", observed_words(transfer)


def _differences(transfer: Transfer, trace: Trace) -> Iterator[tuple[Instant, str, Tone]]:
    report = next((item for item in reversed(transfer.reports) if item.is_final), None)
    triggered = transfer.triggered
    final = None if triggered is None or transfer.triggered_score < DIRECT_SCORE else triggered.final
    if final is None:
        return
    seen = observed_words(transfer)
    decided = result_at(transfer, trace) or final.at
    if report is None and transfer.reports and _goes_on(transfer, decided, trace):
        yield decided, f"observed {seen}, never reported to the transferor", Tone.WARNING
    elif report is not None and is_contradicted(transfer):
        yield max(report.at, final.at), f"reported {reported_words(transfer)}, but observed {seen}", Tone.ERROR
    elif report is not None and report.at < decided:
        early = duration_of(decided - report.at)
        yield report.at, f"reported {reported_words(transfer)} {early} before it was so", Tone.WARNING


def _goes_on(transfer: Transfer, decided: Instant, trace: Trace) -> bool:
    """Whether a report of the result would be in view: neither the capture nor the dialog ends with it."""
    end = trace.facts.last_packet_at
    dialog = None if transfer.dialog_id is None else trace.index.dialogs.get(transfer.dialog_id)
    left = None if dialog is None else dialog.ended_at
    due = decided + REPORT_DUE
    return end is not None and end >= due and (left is None or left >= due)


def _fates(transfer: Transfer, trace: Trace) -> Iterator[tuple[Instant, str, Tone]]:
    for old in aftermath_of(transfer, trace):
        if old.fate in _TOLD_FATES and old.at is not None:
            text = f"dialog of transferor and {old.partner.value}: {fate_words(old, transfer, trace)}"
            yield old.at, text, _TOLD_FATES[old.fate]


def _parts(transfer: Transfer, trace: Trace) -> Mapping[str, list[str]]:
    """Parts by node: the ends of the REFER's way, and the far end of the INVITE that it triggered."""
    found: dict[str, dict[str, None]] = {}
    senders, receivers = _ends(trace.index.same_request(transfer.refer))
    triggered = () if transfer.triggered is None else trace.index.same_request(transfer.triggered)
    triggering, targets = _ends(triggered)
    for part, nodes in (
        (TransferParty.TRANSFEROR, senders),
        (TransferParty.TRANSFEREE, receivers | triggering),
        (TransferParty.TARGET, targets or _consulted(transfer, trace)),
    ):
        for node in sorted(nodes):
            found.setdefault(node, {})[part.value] = None
    return {node: list(parts) for node, parts in found.items()}


def _ends(hops: Sequence[Transaction]) -> tuple[set[str], set[str]]:
    """Where a request's way over its hops begins and where it ends; of forks that were answered, those that were."""
    clients, servers = {hop.key.client for hop in hops}, {hop.key.server for hop in hops}
    answered = {hop.key.server for hop in hops if hop.final is not None and hop.final.is_success}
    ends = servers - clients
    return clients - servers, ends & answered or ends


def _consulted(transfer: Transfer, trace: Trace) -> set[str]:
    """The target by the consultation, where the call that the REFER asked for isn't in view."""
    for old in aftermath_of(transfer, trace):
        dialog = trace.index.dialogs[old.dialog_id]
        if old.partner is TransferParty.TARGET and dialog.creating_transaction is not None:
            hops = trace.index.same_request(dialog.creating_transaction)
            ends = set().union(*_ends(hops))
            senders, _ = _ends(trace.index.same_request(transfer.refer))
            return ends - senders
    return set()
