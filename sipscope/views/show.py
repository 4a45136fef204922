"""One call with everything in it: who did what when, on which legs, in which frames."""

from collections.abc import Iterable, Iterator, Sequence

from sipscope.calls.aftermath import aftermath_of
from sipscope.model.call import Call, CallOutcome
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.offer_answer import ExchangeOutcome
from sipscope.model.time import Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.model.transfer import Transfer
from sipscope.views.agents import agent_words, correlation_ids
from sipscope.views.call_cells import OUTCOME_TONES
from sipscope.views.conferences import participants_table
from sipscope.views.early_media import early_media_facts, heard_table
from sipscope.views.filtering import Subject, narrowed, subject_of, values_of
from sipscope.views.joining import joining_of
from sipscope.views.releases import release_words
from sipscope.views.report_sessions import FoldedExchange, folded_exchanges
from sipscope.views.report_values import frames_of, masked, number_of, who
from sipscope.views.summary import Summary, finding_entries, media_table
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone, tone_of_status
from sipscope.views.transfers import OUTCOME_TONES as TRANSFER_TONES
from sipscope.views.transfers import fate_words, observed_words, outcome_words, reported_words
from sipscope.views.words import clock_of, counted, duration_of, endpoint_of, party_of

_FRAMES_SHOWN = 8
_RIGHT = Alignment.RIGHT


def show_of(trace: Trace, call_id: int) -> Summary:
    """The page of a call.

    Args:
        trace: The whole capture.
        call_id: Number of the call, one that the trace holds.
    """
    subject = subject_of(trace, call_id)
    own = narrowed(trace, {call_id})
    page = _Page(subject, own)
    arrow = "↔" if subject.call.was_going_on else "→"
    tables = (
        page.facts(),
        page.timeline(),
        heard_table(subject.call, own.facts.names),
        page.legs(),
        page.transactions(),
        page.exchanges(),
        page.transfers(),
        participants_table(own),
        page.evidence(),
    )
    return Summary(
        title=f"Call {call_id}: {page.name(Side.CALLER)} {arrow} {page.name(Side.CALLEE)}",
        headline=masked(subject.headline or ""),
        tables=tuple(table for table in tables if table.rows),
        findings=finding_entries(own),
        media=media_table(own) if own.streams else None,
    )


class _Page:
    """The tables of one call; times are seconds since its first message."""

    def __init__(self, subject: Subject, own: Trace) -> None:
        self._subject, self._call, self._trace = subject, subject.call, own
        self._names = own.facts.names

    def name(self, side: Side) -> str:
        """Who stands on a side."""
        address = self._call.caller if side is Side.CALLER else self._call.callee
        return party_of(address, self._names) or f"unknown {side.value}"

    def facts(self) -> Table:
        """Parties, times, outcome."""
        columns = (Column(heading=""), Column(heading="", may_wrap=True))
        rows = tuple((Cell(text=name, tone=Tone.MUTED), cell) for name, cell in self._facts() if cell.text)
        return Table(title="Call", columns=columns, rows=rows)

    def _facts(self) -> Iterator[tuple[str, Cell]]:
        call = self._call
        first, second = ("seen first", "other side") if call.was_going_on else ("caller", "callee")
        yield first, Cell(text=who(call.caller) or "")
        yield second, Cell(text=who(call.callee) or "")
        yield "started", Cell(text=f"{clock_of(call.started_at)} UTC")
        yield "outcome", Cell(text=_outcome_of(call), tone=OUTCOME_TONES[call.outcome])
        yield "setup", Cell(text=_duration(call.setup))
        yield "ringing", Cell(text=_duration(call.ringing))
        for name, text in early_media_facts(call):
            yield name, Cell(text=text)
        yield "talking", Cell(text=_duration(call.talking))
        yield "released by", Cell(text=release_words(call, self._names))
        yield "Call-ID", Cell(text=", ".join(call.call_ids))
        yield "devices", Cell(text=", ".join(map(str, values_of(self._subject, "user_agents"))))
        yield "told by", Cell(text=", ".join(agent_words(self._subject.messages)))
        yield "correlation ids", Cell(text=", ".join(correlation_ids(self._subject.messages)))

    def timeline(self) -> Table:
        """Who did what when."""
        columns = (
            Column(heading="Time", alignment=_RIGHT, unit="s"),
            Column(heading="Who"),
            Column(heading="What"),
            Column(heading="More", may_wrap=True),
            Column(heading="Lasted", alignment=_RIGHT),
            Column(heading="Frames"),
        )
        rows = tuple(
            (
                self._time(service.at),
                Cell(text="" if service.by is None else f"{service.by.value} {self.name(service.by)}"),
                Cell(text=service.name, tone=Tone.SERVICE),
                Cell(text=masked(service.detail)),
                Cell(text="" if service.until is None else _duration(service.until - service.at)),
                _frames_cell(service.frames),
            )
            for service in self._call.services
        )
        return Table(title="What happened", columns=columns, rows=rows)

    def legs(self) -> Table:
        """Dialogs hop by hop, then the INVITEs that made none."""
        columns = (
            Column(heading="Dialog"),
            Column(heading="From"),
            Column(heading="To"),
            Column(heading="State"),
            Column(heading="Ended"),
            Column(heading="Call-ID", may_wrap=True),
            Column(heading="Frames"),
        )
        with_dialog = tuple(self._leg_row(dialog, leg) for dialog in self._call.dialogs for leg in dialog.legs)
        known = {item.id for dialog in self._call.dialogs for item in dialog.transactions}
        without = tuple(self._invite_row(item) for item in self._call.invites if item.id not in known)
        return Table(title="Legs", columns=columns, rows=(*with_dialog, *without))

    def _leg_row(self, dialog: Dialog, leg: Leg) -> tuple[Cell, ...]:
        messages = [message for item in leg.transactions for message in item.all_messages]
        return (
            Cell(text=dialog.id),
            Cell(text=endpoint_of(leg.caller, self._names)),
            Cell(text=endpoint_of(leg.callee, self._names)),
            Cell(text=dialog.state.value),
            Cell(text=self._end_of(dialog)),
            Cell(text=dialog.key.call_id),
            _frames_cell(frames_of(messages)),
        )

    def _end_of(self, dialog: Dialog) -> str:
        message = None if dialog.ended_by is None else self._trace.index.messages.get(dialog.ended_by)
        label = "" if message is None else message.label
        if dialog.released_by is None:
            return label
        by = self.name(dialog.released_by) if self._call.was_going_on else dialog.released_by.value
        return f"{label} by {by}".strip()

    def _invite_row(self, invite: Transaction) -> tuple[Cell, ...]:
        return (
            Cell(text=""),
            Cell(text=endpoint_of(invite.hop.source, self._names)),
            Cell(text=endpoint_of(invite.hop.destination, self._names)),
            Cell(text="no dialog", tone=Tone.MUTED),
            Cell(text=_status_of(invite)),
            Cell(text=invite.first.call_id or ""),
            _frames_cell(frames_of(invite.all_messages)),
        )

    def transactions(self) -> Table:
        """Every request with its state and how often its messages were repeated."""
        columns = (
            Column(heading="Time", alignment=_RIGHT, unit="s"),
            Column(heading="Id"),
            Column(heading="Request"),
            Column(heading="From"),
            Column(heading="To"),
            Column(heading="Status", alignment=_RIGHT),
            Column(heading="State"),
            Column(heading="Repeated", alignment=_RIGHT),
            Column(heading="Frames"),
        )
        ordered = sorted(self._trace.transactions, key=lambda item: (item.started_at, number_of(item.id)))
        return Table(title="Transactions", columns=columns, rows=tuple(map(self._transaction_row, ordered)))

    def _transaction_row(self, transaction: Transaction) -> tuple[Cell, ...]:
        status = transaction.final_status
        late = transaction.state is TransactionState.TIMED_OUT
        return (
            self._time(transaction.started_at),
            Cell(text=transaction.id),
            Cell(text=transaction.method, tone=Tone.REQUEST),
            Cell(text=endpoint_of(transaction.hop.source, self._names)),
            Cell(text=endpoint_of(transaction.hop.destination, self._names)),
            Cell(text=_status_of(transaction), tone=Tone.PLAIN if status is None else tone_of_status(status)),
            Cell(text=transaction.state.value, tone=Tone.FAILURE if late else Tone.PLAIN),
            Cell(text=str(transaction.copies) if transaction.copies else "", tone=Tone.WARNING),
            _frames_cell(frames_of(transaction.all_messages)),
        )

    def exchanges(self) -> Table:
        """Offers with their answers, one line each."""
        columns = (
            Column(heading="Time", alignment=_RIGHT, unit="s"),
            Column(heading="Dialog"),
            Column(heading="Offered by"),
            Column(heading="Carried in"),
            Column(heading="Outcome"),
            Column(heading="Agreed", may_wrap=True),
            Column(heading="Offer", alignment=_RIGHT),
            Column(heading="Answer", alignment=_RIGHT),
        )
        return Table(
            title="Offers and answers",
            columns=columns,
            rows=tuple(self._exchange_row(item) for item in folded_exchanges(self._trace)),
        )

    def _exchange_row(self, exchange: FoldedExchange) -> tuple[Cell, ...]:
        first = exchange.first
        answered = first.outcome is ExchangeOutcome.ANSWERED
        return (
            self._time(first.at),
            Cell(text=first.dialog_id),
            Cell(text=first.offerer.value),
            Cell(text=first.pattern.value),
            Cell(text=first.outcome.value, tone=Tone.SUCCESS if answered else Tone.WARNING),
            Cell(text=", ".join(_media_words(exchange))),
            _frames_cell(exchange.offer_frames),
            _frames_cell(exchange.answer_frames),
        )

    def transfers(self) -> Table:
        """REFERs with what became of them."""
        columns = (
            Column(heading="Time", alignment=_RIGHT, unit="s"),
            Column(heading="Kind"),
            Column(heading="By"),
            Column(heading="Whom"),
            Column(heading="To"),
            Column(heading="Reported"),
            Column(heading="Observed"),
            Column(heading="Outcome"),
            Column(heading="This call", may_wrap=True),
            Column(heading="Frame", alignment=_RIGHT),
        )
        return Table(title="Transfers", columns=columns, rows=tuple(map(self._transfer_row, self._trace.transfers)))

    def _transfer_row(self, transfer: Transfer) -> tuple[Cell, ...]:
        return (
            self._time(transfer.started_at),
            Cell(text=transfer.kind.value),
            Cell(text=party_of(transfer.transferor, self._names) or ""),
            Cell(text=party_of(transfer.transferee, self._names) or ""),
            Cell(text=party_of(transfer.target, self._names) or ""),
            Cell(text=reported_words(transfer)),
            Cell(text=observed_words(transfer)),
            Cell(text=outcome_words(transfer), tone=TRANSFER_TONES[transfer.outcome]),
            Cell(text=self._part_in(transfer)),
            Cell(text=str(transfer.refer.first.frames[0])),
        )

    def _part_in(self, transfer: Transfer) -> str:
        """What a transfer did with this call: made it, or left it behind and how."""
        made = transfer.triggered is not None and any(item.id == transfer.triggered.id for item in self._call.invites)
        own = {dialog.id for dialog in self._call.dialogs}
        old = (item for item in aftermath_of(transfer, self._trace) if item.dialog_id in own)
        fates = (fate_words(item, transfer, self._trace) for item in old)
        return "; ".join((*(("made by the transfer",) if made else ()), *fates))

    def evidence(self) -> Table:
        """Why its dialogs are one call, and what links it to others."""
        columns = (
            Column(heading="Kind"),
            Column(heading="Sure"),
            Column(heading="Evidence", may_wrap=True),
            Column(heading="Frames"),
        )
        rows = tuple(
            (
                Cell(text=item.kind.value),
                Cell(text=item.confidence.value),
                Cell(text=masked(item.text)),
                _frames_cell(item.frames),
            )
            for item in joining_of(self._call)
        )
        return Table(title="What joins legs and calls", columns=columns, rows=rows)

    def _time(self, at: Instant) -> Cell:
        return Cell(text=f"{in_seconds(at - self._call.started_at):.3f}", tone=Tone.MUTED)


def _outcome_of(call: Call) -> str:
    if call.final_status is None or call.outcome is CallOutcome.ANSWERED:
        return call.outcome.value
    return f"{call.outcome.value} {call.final_status}"


def _status_of(transaction: Transaction) -> str:
    return "" if transaction.final_status is None else str(transaction.final_status)


def _duration(duration: Duration | None) -> str:
    return "" if duration is None else duration_of(duration)


def _media_words(exchange: FoldedExchange) -> Iterator[str]:
    for media in exchange.first.media:
        section = media.offer if media.offer is not None else media.answer
        kind = "media" if section is None else section.kind
        if media.answer is not None and not media.is_accepted:
            yield f"{kind} refused"
            continue
        codecs = "/".join(dict.fromkeys(item.encoding or str(item.payload_type) for item in media.formats))
        direction = "" if media.direction is None else media.direction.value
        yield " ".join(word for word in (kind, codecs, direction) if word)


def _frames_cell(frames: Iterable[int]) -> Cell:
    """Frames in a few words: the first ones, and how many there are more."""
    listed: Sequence[int] = list(dict.fromkeys(frames))
    shown = ", ".join(map(str, listed[:_FRAMES_SHOWN]))
    rest = len(listed) - _FRAMES_SHOWN
    return Cell(text=shown if rest <= 0 else f"{shown} and {counted(rest, 'more', 'more')}")
