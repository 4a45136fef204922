"""The negotiation of a call as tables over time: each exchange a column, each m-line a group of rows."""

from collections.abc import Iterator, Mapping, Sequence

from sipscope.model.call import Call
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Finding
from sipscope.model.message import Response
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, NegotiatedMedia, OfferAnswerExchange, Pattern
from sipscope.model.time import Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass
from sipscope.views.filtering import narrowed
from sipscope.views.negotiation_differences import differing
from sipscope.views.negotiation_others import OtherDescription, others_of, others_table
from sipscope.views.negotiation_words import agreed_codec, agreed_words, facts_of, is_refused
from sipscope.views.summary import Summary
from sipscope.views.tables import Cell, Column, Table
from sipscope.views.tone import Tone, tone_of_severity
from sipscope.views.words import counted, endpoint_of, party_of

_LABEL_ROOM = 30
_COLUMN_ROOM = 24
_HOPS_SHOWN = 3
_CHANGED = "* "
_NOTE = "[…] codec agreed on · * not as in the exchange before"
_CHALLENGES = frozenset({401, 407})
_CROSSED = 491
_NO_EXCHANGE = "no offer in this call"

OUTCOME_WORDS: Mapping[ExchangeOutcome, str] = {
    ExchangeOutcome.ANSWERED: "answered",
    ExchangeOutcome.REJECTED: "refused",
    ExchangeOutcome.UNANSWERED: "never answered",
    ExchangeOutcome.PENDING: "pending where the capture ends",
    ExchangeOutcome.BROKEN: "answer missing from its last carrier",
    ExchangeOutcome.SUPERSEDED: "overtaken",
    ExchangeOutcome.UNKNOWN: "not in the capture",
}
_OUTCOME_TONES = {
    ExchangeOutcome.ANSWERED: Tone.SUCCESS,
    ExchangeOutcome.REJECTED: Tone.WARNING,
    ExchangeOutcome.UNANSWERED: Tone.FAILURE,
    ExchangeOutcome.BROKEN: Tone.FAILURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNegotiation:
    """The exchanges of one dialog, once for all hops that show the same descriptions.

    Attributes:
        dialog: The dialog; None for an INVITE that was refused before it made one.
        hops: Caller's and callee's end of each hop, the caller's hop first.
        exchanges: By time of the offer.
        others: Descriptions on the first of these hops that are part of no exchange.
        leg: The first of these hops; None where there is no dialog.
        is_early: Whether it is the session for early media alone (RFC 3959 §4).
    """

    dialog: Dialog | None
    hops: tuple[tuple[Endpoint, Endpoint], ...]
    exchanges: tuple[OfferAnswerExchange, ...]
    others: tuple[OtherDescription, ...] = ()
    leg: Leg | None = None
    is_early: bool = False


def negotiations_of(trace: Trace, call_id: int) -> tuple[SeenNegotiation, ...]:
    """The negotiations of a call, a dialog after the other; a box that rewrites descriptions makes one of its own."""
    call = trace.index.calls[call_id]
    dialogs = [(dialog, _ledgers_of(dialog, trace)) for dialog in call.dialogs]
    exchanges = [item for _, ledgers in dialogs for _, ledger in ledgers for item in ledger.exchanges]
    found = [item for dialog, ledgers in dialogs for item in _negotiations(dialog, ledgers, exchanges)]
    return tuple(sorted((*found, *refused_offers(call)), key=lambda item: item.exchanges[0].at))


def _ledgers_of(dialog: Dialog, trace: Trace) -> list[tuple[Leg, Ledger]]:
    found = ((leg, trace.index.ledgers.get((leg.id, dialog.id))) for leg in dialog.legs)
    return [(leg, ledger) for leg, ledger in found if ledger is not None and ledger.exchanges]


def _negotiations(
    dialog: Dialog, ledgers: Sequence[tuple[Leg, Ledger]], exchanges: Sequence[OfferAnswerExchange]
) -> Iterator[SeenNegotiation]:
    groups: dict[tuple[object, ...], list[tuple[Leg, Ledger]]] = {}
    for leg, ledger in ledgers:
        groups.setdefault(_content_of(ledger), []).append((leg, ledger))
    for group in groups.values():
        hops = tuple((leg.caller, leg.callee) for leg, _ in group)
        leg, ledger = group[0]
        others = others_of(leg, exchanges)
        yield SeenNegotiation(dialog=dialog, hops=hops, exchanges=ledger.exchanges, others=others, leg=leg)
        if ledger.early_exchanges:
            yield SeenNegotiation(dialog=dialog, hops=hops, exchanges=ledger.early_exchanges, is_early=True)


def _content_of(ledger: Ledger) -> tuple[object, ...]:
    """What two hops must have in common to be shown once."""
    return tuple(
        (item.offerer, item.outcome, item.offer.content, None if item.answer is None else item.answer.content)
        for item in (*ledger.exchanges, *ledger.early_exchanges)
    )


def negotiation_of(trace: Trace, call_id: int, *, width: int) -> Summary:
    """The page of a call.

    Args:
        trace: The whole capture.
        call_id: Number of the call, one that the trace holds.
        width: Columns there are; exchanges that find no room go to a table of their own.
    """
    call, names = trace.index.calls[call_id], trace.facts.names
    seen = negotiations_of(trace, call_id)
    shown = max(1, (width - _LABEL_ROOM) // _COLUMN_ROOM)
    page = _Page(narrowed(trace, {call_id}), call.started_at)
    exchanges = counted(sum(len(item.exchanges) for item in seen), "exchange")
    caller, callee = (party_of(address, names) or "unknown" for address in (call.caller, call.callee))
    return Summary(
        title=f"Call {call_id}: {caller} → {callee}",
        headline=exchanges if seen else _NO_EXCHANGE,
        tables=tuple(table for item in seen for table in page.tables(item, shown)),
    )


class _Page:
    """The tables of one call; times are seconds since its first message."""

    def __init__(self, own: Trace, started_at: Instant) -> None:
        self._started_at, self._names, self._findings = started_at, own.facts.names, own.findings

    def tables(self, seen: SeenNegotiation, shown: int) -> Iterator[Table]:
        """As many tables as it takes to show so many exchanges side by side."""
        exchanges = seen.exchanges
        for first in range(0, len(exchanges), shown):
            yield self._table(seen, exchanges[first : first + shown])
        if seen.leg is not None and seen.others:
            yield others_table(seen.leg, seen.others, self._started_at)

    def _table(self, seen: SeenNegotiation, exchanges: Sequence[OfferAnswerExchange]) -> Table:
        headings = (
            Column(heading=f"{item.number}: {in_seconds(item.at - self._started_at):.3f} s", may_wrap=True)
            for item in exchanges
        )
        return Table(
            title=self._title(seen),
            columns=(Column(heading="m-line"), Column(heading=""), *headings),
            rows=(*self._heads(exchanges), *_media_rows(exchanges)),
            note=_NOTE,
        )

    def _title(self, seen: SeenNegotiation) -> str:
        ends = ((endpoint_of(one, self._names), endpoint_of(other, self._names)) for one, other in seen.hops)
        hops = [f"{one} → {other}" for one, other in ends]
        rest = len(hops) - _HOPS_SHOWN
        more = [f"and {counted(rest, 'hop')} more"] if rest > 0 else []
        dialog = "No dialog" if seen.dialog is None else f"Dialog {seen.dialog.id}, {seen.dialog.state.value}"
        if seen.is_early and seen.dialog is not None:
            dialog = f"Early session of dialog {seen.dialog.id}"
        return f"{dialog}: " + ", ".join([*hops[:_HOPS_SHOWN], *more])

    def _heads(self, exchanges: Sequence[OfferAnswerExchange]) -> Iterator[tuple[Cell, ...]]:
        """What is to say of an exchange as a whole."""
        yield _row("", "offered by", [Cell(text=item.offerer.value) for item in exchanges])
        yield _row("", "carried in", [Cell(text=item.pattern.value) for item in exchanges])
        yield _row("", "outcome", [_outcome_cell(item) for item in exchanges])
        yield _row("", "frames", [Cell(text=_frames_words(item)) for item in exchanges])
        rows = (
            ("preview", [Cell(text=_preview_words(item)) for item in exchanges]),
            ("findings", [self._findings_cell(item) for item in exchanges]),
        )
        yield from (_row("", name, cells) for name, cells in rows if any(cell.text for cell in cells))
        for side in Side:
            yield _row("", f"{side.value} o=", [_origin_cell(item, side) for item in exchanges])

    def _findings_cell(self, exchange: OfferAnswerExchange) -> Cell:
        """Rules that point to one of its frames, the gravest finding's tone."""
        frames = {*exchange.offer_frames, *exchange.answer_frames}
        found = [item for item in self._findings if not frames.isdisjoint(item.frames)]
        worst: Finding | None = max(found, key=lambda item: item.severity.rank, default=None)
        tone = Tone.PLAIN if worst is None else tone_of_severity(worst.severity)
        return Cell(text=" ".join(sorted({item.rule for item in found})), tone=tone)


def refused_offers(call: Call) -> Iterator[SeenNegotiation]:
    """Offers in INVITEs that were refused before there was a dialog, challenges aside: once for all hops."""
    taken = {item.id for dialog in call.dialogs for item in dialog.transactions}
    groups: dict[tuple[object, ...], list[Transaction]] = {}
    for invite in call.invites:
        request, final = invite.request, invite.final
        if invite.id in taken or request is None or request.description is None or final is None:
            continue
        if final.status >= 400 and final.status not in _CHALLENGES:
            groups.setdefault((request.description.content, request.cseq, final.status), []).append(invite)
    for group in groups.values():
        exchange = _refused_exchange(group[0])
        if exchange is not None:
            hops = tuple((item.hop.source, item.hop.destination) for item in group)
            yield SeenNegotiation(dialog=None, hops=hops, exchanges=(exchange,))


def _refused_exchange(invite: Transaction) -> OfferAnswerExchange | None:
    """The exchange that an INVITE would have begun."""
    if invite.request is None or invite.request.description is None:
        return None
    offer = invite.request.description
    return OfferAnswerExchange(
        id=invite.id,
        dialog_id="",
        leg_id="",
        number=1,
        offerer=Side.CALLER,
        pattern=Pattern.INVITE_200,
        outcome=ExchangeOutcome.REJECTED,
        offer_message=invite.request,
        offer=offer,
        answer_message=invite.final,
        is_initial=True,
        media=tuple(NegotiatedMedia(index=item.index, offer=item, answer=None) for item in offer.media),
    )


def status_of(exchange: OfferAnswerExchange) -> int | None:
    """Status of the response that refused the offer; None where it wasn't refused by one."""
    message = exchange.answer_message
    refused = exchange.outcome is ExchangeOutcome.REJECTED and isinstance(message, Response)
    return message.status if refused and isinstance(message, Response) else None


def previous_of(exchange: OfferAnswerExchange, side: Side) -> SessionDescription | None:
    """What a party's last completed exchange left: refused offers between are rolled back (RFC 3264 §8)."""
    return exchange.previous_offerer if side is exchange.offerer else exchange.previous_answerer


def section_of(description: SessionDescription | None, index: int) -> MediaDescription | None:
    """The section at a position; None where there is none."""
    return description.media[index] if description is not None and index < len(description.media) else None


def _row(place: str, label: str, cells: Sequence[Cell]) -> tuple[Cell, ...]:
    return (Cell(text=place, tone=Tone.STRONG), Cell(text=label, tone=Tone.MUTED), *cells)


def _outcome_cell(exchange: OfferAnswerExchange) -> Cell:
    words, status = OUTCOME_WORDS[exchange.outcome], status_of(exchange)
    if status is not None:
        crossed = ", crossed another offer" if status == _CROSSED else ", rolled back"
        words = f"{words} {status}" + ("" if exchange.is_initial else crossed)
    return Cell(text=words, tone=_OUTCOME_TONES.get(exchange.outcome, Tone.MUTED))


def _frames_words(exchange: OfferAnswerExchange) -> str:
    offer = ", ".join(map(str, exchange.offer_frames))
    answer = ", ".join(map(str, exchange.answer_frames))
    return f"{offer} → {answer}" if answer else offer


def _preview_words(exchange: OfferAnswerExchange) -> str:
    """Whether the answer kept what an unreliable response had shown (RFC 3261 §13.2.1)."""
    if exchange.preview is None or exchange.preview_message is None:
        return ""
    frame = f"frame {exchange.preview_message.frames[0]}"
    if exchange.answer is None:
        return frame
    return f"{frame}, " + ("other than the answer" if differing(exchange.preview, exchange.answer) else "as the answer")


def _origin_cell(exchange: OfferAnswerExchange, side: Side) -> Cell:
    """Session id and version: what says that a description is another one (RFC 3264 §8)."""
    description, previous = exchange.description_of(side), previous_of(exchange, side)
    if description is None:
        return Cell(text="")
    text = "malformed" if description.origin is None else _origin_words(description)
    changed = previous is not None and previous.origin is not None and _origin_words(previous) != text
    return _marked(text, changed=changed, is_first=previous is None)


def _origin_words(description: SessionDescription) -> str:
    origin = description.origin
    return "" if origin is None else f"{origin.session_id} v{origin.session_version}"


def _media_rows(exchanges: Sequence[OfferAnswerExchange]) -> Iterator[tuple[Cell, ...]]:
    count = max((len(item.media) for item in exchanges), default=0)
    for index in range(count):
        place = str(index + 1)
        for label, cells in _rows_of(exchanges, index):
            yield _row(place, label, cells)
            place = ""


def _rows_of(exchanges: Sequence[OfferAnswerExchange], index: int) -> Iterator[tuple[str, list[Cell]]]:
    """What was agreed, then what each party wrote; properties that nobody states are left out."""
    yield "agreed", [_agreed_cell(item, index) for item in exchanges]
    for side in Side:
        columns = [_cells_of(item, side, index) for item in exchanges]
        names = dict.fromkeys(name for name in _NAMES if any(name in column for column in columns))
        for name in names:
            yield f"{side.value} {name}", [column.get(name, Cell(text="")) for column in columns]


_NAMES = ("media", "receives at", "codecs", "parameters", "direction", "packet time", "keys", "ICE", "resources")


def _agreed_cell(exchange: OfferAnswerExchange, index: int) -> Cell:
    media = _media_of(exchange, index)
    if media is None:
        return Cell(text="")
    if exchange.outcome is ExchangeOutcome.REJECTED:
        return Cell(text="" if exchange.is_initial else "as before", tone=Tone.MUTED)
    text = agreed_words(media, exchange.offerer)
    return Cell(text=text, tone=Tone.SUCCESS if media.is_accepted else Tone.MUTED)


def _media_of(exchange: OfferAnswerExchange, index: int) -> NegotiatedMedia | None:
    return next((item for item in exchange.media if item.index == index), None)


def _cells_of(exchange: OfferAnswerExchange, side: Side, index: int) -> dict[str, Cell]:
    """The properties of a party's section, those marked that its last completed exchange had otherwise."""
    description, previous = exchange.description_of(side), previous_of(exchange, side)
    section, before = section_of(description, index), section_of(previous, index)
    if section is None:
        return {"media": Cell(text=_CHANGED + "gone", tone=Tone.ERROR)} if description and before else {}
    media = _media_of(exchange, index)
    facts = facts_of(section, None if media is None else agreed_codec(media))
    known = {} if before is None else {fact.name: fact.meaning for fact in facts_of(before)}
    cells = {
        fact.name: _marked(
            fact.text, changed=previous is not None and known.get(fact.name) != fact.meaning, is_first=previous is None
        )
        for fact in facts
    }
    lost = () if is_refused(section) else [name for name in known if name not in cells]
    return {**cells, **{name: _marked("none", changed=True, is_first=False) for name in lost}}


def _marked(text: str, *, changed: bool, is_first: bool) -> Cell:
    if changed:
        return Cell(text=_CHANGED + text, tone=Tone.WARNING)
    return Cell(text=text, tone=Tone.PLAIN if is_first else Tone.MUTED)
