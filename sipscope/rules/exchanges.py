"""What the rules about offers and answers share: both sides' lines as evidence, and one finding over all hops."""

from collections.abc import Iterator, Sequence

from sipscope.model.comparison import Difference, DifferenceKind
from sipscope.model.defects import Anomaly
from sipscope.model.description import MediaDescription, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request
from sipscope.model.offer_answer import ExchangeOutcome, OfferAnswerExchange
from sipscope.model.time import Instant
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.remembered import of_last

USABLE_EXCLUDED = frozenset({"TELEPHONE-EVENT", "CN", "RED", "ULPFEC", "RTX", "FLEXFEC", "PARITYFEC"})
"""Encodings that carry no speech or picture of their own, so that sharing them is not sharing a codec."""

FIRST_DYNAMIC = 35
"""Below it every payload type is assigned or reserved (RFC 3551 §6)."""


def exchange_identity(exchange: OfferAnswerExchange, trace: Trace, *rest: object) -> tuple[object, ...]:
    """Equal for the same exchange on every hop: dialog, CSeq of the offer's carrier, and what the caller adds."""
    cseq = exchange.offer_message.cseq
    dialog = trace.index.dialogs.get(exchange.dialog_id)
    return (None if dialog is None else dialog.key, cseq, exchange.offer_message.rseq, *rest)


def is_answered(exchange: OfferAnswerExchange) -> bool:
    """Whether offer and answer are both in the capture, and the exchange completed (gate G-PAIR)."""
    return exchange.outcome is ExchangeOutcome.ANSWERED and exchange.answer is not None


@of_last
def answered_sections(exchange: OfferAnswerExchange) -> Sequence[tuple[MediaDescription, MediaDescription]]:
    """The offered and the answered section of every position that both have; none before there is an answer."""
    if not is_answered(exchange) or exchange.answer is None:
        return ()
    return list(zip(exchange.offer.media, exchange.answer.media, strict=False))


def responder(exchange: OfferAnswerExchange, trace: Trace) -> str:
    """The party that answered, in words: `bob at 192.0.2.20:5060`."""
    return party_words(exchange, trace, exchange.offerer.other)


def party_words(exchange: OfferAnswerExchange, trace: Trace, side: Side) -> str:
    """A party in words: its user where known, and the endpoint it has on this leg."""
    leg = trace.index.legs[exchange.leg_id]
    endpoint = leg.caller if side is Side.CALLER else leg.callee
    return f"the {side} ({endpoint})"


def anchor(message: Message) -> int:
    """The frame that completes a message."""
    return message.frames[-1]


def media_lines(description: SessionDescription) -> str:
    """All `m=` lines of a description on one line."""
    return " | ".join(section.media_line for section in description.media) or "no m= line"


def media_count(description: SessionDescription) -> str:
    """`1 m-line`, `2 m-lines`."""
    count = len(description.media)
    return f"{count} m-line" + ("" if count == 1 else "s")


def line_of(section: MediaDescription | None) -> str:
    """The `m=` line of a section, or that there is none."""
    return "no m= line in this position" if section is None else section.media_line


def pair_evidence(exchange: OfferAnswerExchange, offered: str, answered: str) -> tuple[Evidence, ...]:
    """The two carriers with what to look at in each."""
    notes = [Evidence(frame=anchor(exchange.offer_message), note=f"offer: {offered}")]
    if exchange.answer_message is not None:
        notes.append(Evidence(frame=anchor(exchange.answer_message), note=f"answer: {answered}"))
    return tuple(notes)


def direction_words(section: MediaDescription) -> str:
    """The direction and where it was stated: `sendrecv (by default)`."""
    place = "by default" if section.direction_stated is None else f"{section.direction_stated} level"
    return f"{section.direction} ({place})"


def speaks(encoding: str | None) -> bool:
    """Whether an encoding carries media of its own."""
    return encoding is not None and encoding.upper() not in USABLE_EXCLUDED


def carrier_of(exchange: OfferAnswerExchange, trace: Trace, before: SessionDescription) -> Message | None:
    """The message that carried the earlier description on this leg."""
    ledger = trace.index.ledgers.get((exchange.leg_id, exchange.dialog_id))
    if ledger is None:
        return None
    for earlier in reversed(ledger.exchanges[: exchange.number - 1]):
        if earlier.offer is before:
            return earlier.offer_message
        if earlier.answer is before:
            return earlier.answer_message
    return None


def label_of(message: Message) -> str:
    """Method or status with the method it answers: `200 OK to INVITE`."""
    label = str(getattr(message, "label", ""))
    status = getattr(message, "status", None)
    return label if status is None else f"{label} to {getattr(message, 'method', '')}"


def messages_of(anomaly: Anomaly, trace: Trace) -> tuple[Message, ...]:
    """The messages that make an anomaly, in time order."""
    return tuple(trace.index.messages[message_id] for message_id in anomaly.message_ids)


def is_cut(message: Message) -> bool:
    """Whether the capture holds only the beginning of a message, so that what it lacks proves nothing."""
    return any(item.code == "message-truncated" for item in message.defects)


def loss_guard(trace: Trace, start: Instant, end: Instant) -> tuple[str, ...]:
    """What to say of an absence when the capture itself lost packets meanwhile; nothing when it lost none."""
    lossy = guards.capture_lossy_near(trace, start, end)
    return ("The capture itself lost packets at that time.",) if lossy else ()


def connection_words(description: SessionDescription) -> str:
    """The addresses that apply, to stand in front of the `m=` lines."""
    addresses = dict.fromkeys(section.address for section in description.media if section.address is not None)
    return f"c= {', '.join(addresses)}; " if addresses else ""


_CHANGES = {
    DifferenceKind.MEDIA_COUNT: "number of m-lines",
    DifferenceKind.KIND: "media type",
    DifferenceKind.ADDRESS: "address",
    DifferenceKind.PROTOCOL: "transport",
    DifferenceKind.FORMATS: "codecs",
    DifferenceKind.FIRST_FORMAT: "preferred codec",
    DifferenceKind.PAYLOAD_TYPES: "payload types",
    DifferenceKind.PACKET_TIME: "packet time",
    DifferenceKind.FORMAT_PARAMETERS: "codec parameters",
    DifferenceKind.ICE: "ICE",
    DifferenceKind.COSMETIC: "other attributes",
}


def description_evidence(message: Message, description: SessionDescription, what: str) -> Evidence:
    """The frame of a description, with where its media is and its m-lines."""
    return Evidence(frame=anchor(message), note=f"{what}: {connection_words(description)}{media_lines(description)}")


def change_words(change: Difference) -> str:
    """What differs and how; of keys and candidates only that they do: the ones are secret, the others long."""
    place = "" if change.index is None else f" of m-line {change.index + 1}"
    name = _CHANGES.get(change.kind, str(change.kind))
    if change.kind in {DifferenceKind.KEYS, DifferenceKind.ICE, DifferenceKind.COSMETIC}:
        return f"{name}{place} changed"
    return f"{name}{place}: {change.first or 'none'}, then {change.second or 'none'}"


def severity_rank(change: Difference) -> int:
    """Place among the kinds of difference, the most severe first, as they are declared."""
    return list(DifferenceKind).index(change.kind)


def origin_changed(before: SessionDescription, after: SessionDescription) -> bool:
    """Whether two descriptions of one party name different sessions in their `o=` lines (RFC 3264 §8)."""
    old, new = before.origin, after.origin
    if old is None or new is None:
        return False
    return (old.username, old.session_id, old.address) != (new.username, new.session_id, new.address)


def is_another_attempt(exchange: OfferAnswerExchange) -> bool:
    """Whether the offer begins a session: what an earlier INVITE without a To tag said is not its past."""
    carrier = exchange.offer_message
    return isinstance(carrier, Request) and carrier.to_tag is None


def written_in(exchange: OfferAnswerExchange) -> Iterator[tuple[Side, SessionDescription, Message]]:
    """The offer and, where there is one, the answer: who wrote it, what, and in which message."""
    yield exchange.offerer, exchange.offer, exchange.offer_message
    if exchange.answer is not None and exchange.answer_message is not None:
        yield exchange.offerer.other, exchange.answer, exchange.answer_message
