"""Descriptions of a dialog that no exchange is made of: such as bodies of refusals."""

from collections.abc import Collection, Iterator, Sequence

from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Leg, Side
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import Instant, in_seconds
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass
from sipscope.views.negotiation_words import name_of
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import media_lines_of


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherDescription:
    """A description beside the exchanges.

    Attributes:
        message: Its carrier.
        label: The carrier in short, such as `INVITE` or `488 Not Acceptable Here`.
        side: Who sent it.
        role: Why it is none of the exchanges, in words.
        description: What it says.
    """

    message: Message
    label: str
    side: Side
    role: str
    description: SessionDescription


def others_of(leg: Leg, exchanges: Sequence[OfferAnswerExchange]) -> tuple[OtherDescription, ...]:
    """The descriptions of a leg beside the exchanges, by time.

    Args:
        leg: Where to look.
        exchanges: Those of the whole call: a fork shares its INVITE with dialogs beside this one.
    """
    carriers = {_mark(message) for exchange in exchanges for message in _carriers(exchange)}
    found = [item for transaction in leg.transactions for item in _others(leg, transaction, carriers)]
    return tuple(sorted(found, key=lambda item: (item.message.at, item.message.frames)))


def _carriers(exchange: OfferAnswerExchange) -> Iterator[Message]:
    yield exchange.offer_message
    yield from exchange.repeats
    if exchange.preview_message is not None:
        yield exchange.preview_message
    if exchange.answer_message is not None and exchange.answer is not None:
        yield exchange.answer_message


def _mark(message: Message) -> tuple[object, ...]:
    """What a message has in common with itself on another hop, where a call comes back to the host it left."""
    content = None if message.description is None else message.description.content
    return (type(message), message.call_id, message.cseq, content)


def _others(leg: Leg, transaction: Transaction, carriers: Collection[tuple[object, ...]]) -> Iterator[OtherDescription]:
    for message in transaction.messages:
        if not isinstance(message, Request | Response):
            continue
        side, label = leg.side_of(message), message.label
        if message.description is not None and _mark(message) not in carriers:
            role, stated = _role(message, transaction), message.description
            yield OtherDescription(message=message, label=label, side=side, role=role, description=stated)


def _role(message: Message, transaction: Transaction) -> str:
    """Why a description is no offer and no answer."""
    if isinstance(message, Response):
        return "what is accepted instead" if message.status >= 300 else "no offer and no answer"
    status = transaction.final_status
    if status is not None and status >= 300:
        return f"refused {status}"
    return "no offer and no answer"


def others_table(leg: Leg, others: tuple[OtherDescription, ...], started_at: Instant) -> Table:
    """The descriptions of a leg beside its exchanges, a line each."""
    rows = tuple(
        (
            Cell(text=f"{in_seconds(item.message.at - started_at):.3f}", tone=Tone.MUTED),
            Cell(text=", ".join(map(str, item.message.frames))),
            Cell(text=item.side.value),
            Cell(text=item.label),
            Cell(text=item.role, tone=Tone.WARNING),
            Cell(text="; ".join(_lines_of(item))),
        )
        for item in others
    )
    return Table(
        title=f"Beside the exchanges of dialog {leg.dialog_id}",
        columns=(
            Column(heading="Time", alignment=Alignment.RIGHT, unit="s"),
            Column(heading="Frames"),
            Column(heading="By"),
            Column(heading="Message"),
            Column(heading="Role"),
            Column(heading="Description", may_wrap=True),
        ),
        rows=rows,
    )


def _lines_of(item: OtherDescription) -> Iterator[str]:
    """The sections in words; of a refusal the codecs alone, whose ports mean nothing (RFC 3264 §9)."""
    if not isinstance(item.message, Response) or item.message.status < 300:
        yield from media_lines_of(item.description, item.message.hop.source.address)
        return
    for section in item.description.media:
        codecs = [name_of(each, section.kind) for each in section.rtp_formats] or list(section.formats)
        yield " ".join((section.kind, section.protocol, *codecs))
