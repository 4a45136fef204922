"""A party gives a dynamic payload type another meaning in the middle of a session.

What it finds
    A dynamic payload type that a party binds to another encoding, clock or number of channels than it did before in
    the same media position of the same dialog, or to another packing of the same codec (`octet-align` of AMR,
    `packetization-mode` of H.264). A position that was refused or removed, or changed its type of media, starts
    anew. It is a warning where the binding before stood only in a refused offer, or where the `o=` line names
    another session, because an element in between spliced two.
Why it matters
    Signalling and media are not in step: packets on their way are decoded with the wrong codec, and a peer that
    remembers the first meaning plays noise for good.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 96
              a=rtpmap:96 opus/48000/2
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 96
              a=rtpmap:96 AMR-WB/16000
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 96
              a=rtpmap:96 opus/48000/2
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0 97
              a=rtpmap:97 AMR-WB/16000
        3.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        3.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The product that sent it must keep a number for each codec for the whole call, the numbers of its answers
      included.
    - Does an SBC or PBX connect two calls here (transfer, music on hold)? Then it must translate the numbers.
    - As a workaround, give both sides the same fixed numbers for the codecs in use.
Sources
    RFC 3264 §8.3.2
"""

from collections.abc import Iterator
from dataclasses import field

from sipscope.model.description import MediaDescription, RtpFormat, SessionDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, OfferAnswerExchange
from sipscope.model.payload_types import STATIC_PAYLOAD_TYPES
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import (
    FIRST_DYNAMIC,
    anchor,
    is_another_attempt,
    label_of,
    origin_changed,
    party_words,
    written_in,
)
from sipscope.rules.format_parameters import format_line, parameters_of
from sipscope.values import dataclass

_PACKING = {"AMR": "octet-align", "AMR-WB": "octet-align", "H264": "packetization-mode"}
"""Format parameters that change how the bytes are laid out; absent means 0 for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binding:
    """What a payload type meant, and where that was written."""

    format: RtpFormat
    message: Message
    description: SessionDescription
    refused: bool


@dataclass(slots=True)
class _Memory:
    """What one party has bound in one media position."""

    kind: str
    bindings: dict[int, _Binding] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)


@rule("OA-009", name="payload-type-remapped", severity=ERROR, since="0.1", subject=Dialog, needs=("several exchanges",))
def payload_type_remapped(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The mapping of a dynamic payload type must not change during a session (RFC 3264 §8.3.2)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is not None and len(ledger.exchanges) > 1:
            yield from _of_ledger(dialog, ledger, trace)


def _of_ledger(dialog: Dialog, ledger: Ledger, trace: Trace) -> Iterator[Hit]:
    memories: dict[tuple[Side, int], _Memory] = {}
    for exchange in ledger.exchanges:
        if is_another_attempt(exchange):
            memories.clear()
        for side, description, message in written_in(exchange):
            for section in description.media:
                key = (side, section.index)
                memory = memories.get(key)
                if memory is None or section.port == 0 or memory.kind != section.kind:
                    memory = memories[key] = _Memory(section.kind)
                for one, other in _bound(memory, section, description, message, exchange):
                    yield _hit(dialog, trace, exchange, key, one, other)


def _bound(
    memory: _Memory,
    section: MediaDescription,
    description: SessionDescription,
    message: Message,
    exchange: OfferAnswerExchange,
) -> Iterator[tuple[_Binding, _Binding]]:
    """Remember what a section binds; yield the earlier and the later binding of each number that changed, once."""
    refused = exchange.outcome is ExchangeOutcome.REJECTED
    for item in section.rtp_formats if section.is_rtp and section.port else ():
        number = item.payload_type
        if number < FIRST_DYNAMIC or number in STATIC_PAYLOAD_TYPES or item.encoding is None:
            continue
        later = _Binding(format=item, message=message, description=description, refused=refused)
        earlier = memory.bindings.get(number)
        if earlier is not None and _meaning(earlier.format) != _meaning(item) and number not in memory.told:
            memory.told.add(number)
            yield earlier, later
        if earlier is None or earlier.refused or not refused:
            memory.bindings[number] = later


def _meaning(item: RtpFormat) -> tuple[object, ...]:
    name = _PACKING.get((item.encoding or "").upper())
    return (*item.key, None if name is None else _parameter(item, name))


def _parameter(item: RtpFormat, wanted: str) -> str:
    return parameters_of(item).get(wanted, "0")


def _hit(
    dialog: Dialog,
    trace: Trace,
    exchange: OfferAnswerExchange,
    key: tuple[Side, int],
    earlier: _Binding,
    later: _Binding,
) -> Hit:
    side, index = key
    spliced = origin_changed(earlier.description, later.description)
    doubtful = spliced or earlier.refused or later.refused
    return Hit(
        text=(
            f"Payload type {later.format.payload_type} of m-line {index + 1} meant {_words(earlier.format)} to "
            f"{party_words(exchange, trace, side)}, and means {_words(later.format)} in the {label_of(later.message)}; "
            "a number keeps its meaning for the whole session."
        ),
        evidence=(
            Evidence(frame=anchor(earlier.message), note=f"before: {format_line(earlier.format)}"),
            Evidence(frame=anchor(later.message), note=f"then: {format_line(later.format)}"),
        ),
        at=later.message.at,
        severity=WARNING if doubtful else ERROR,
        guards=("The o= line names another session: an element in between may have spliced two.",) if spliced else (),
        identity=(dialog.key, side, index, later.format.payload_type),
    )


def _words(item: RtpFormat) -> str:
    name = _PACKING.get((item.encoding or "").upper())
    return str(item) if name is None else f"{item} with {name}={_parameter(item, name)}"
