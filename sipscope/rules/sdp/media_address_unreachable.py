"""The address that media is to be sent to can't be reached from where the description went.

What it finds
    A section that asks for media at a loopback, link-local, private or shared (100.64.0.0/10) address, in a message
    between hosts one of which has a public address. It is an error for loopback, and where the call was answered,
    media runs the other way for 5 s, and none reaches this party. It is information while a public ICE candidate
    is listed, or where media is seen to reach this party, because the peer found it by itself. SIP that stays in
    private networks is never judged, nor is what OPTIONS or a refusal carry.
Why it matters
    The most common cause of one-way or no audio: the peer sends RTP into a network that it can't reach.
Example
    Bad:
        alice 198.51.100.7
        bob   203.0.113.9
        0.0   alice -> bob  INVITE
              c=IN IP4 192.168.1.20
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
    Good:
        alice 198.51.100.7
        bob   203.0.113.9
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
What to check
    - Is the external address configured on that product, or STUN or ICE switched on?
    - Does the peer send RTP to where RTP comes from, as session border controllers do? Then the call works.
    - Is an application layer gateway supposed to rewrite the address? Compare the message on its other side.
Sources
    RFC 3264 §5.1; RFC 3264 §6.1; RFC 4566 §5.7
"""

from collections.abc import Iterator
from typing import TypeAlias

from sipscope.model.defects import Confidence, Severity
from sipscope.model.description import MediaDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.descriptions import call_identity, carrier_words, connection_line, line_evidence
from sipscope.rules.media_windows import packets_between, streams_of, windows_of

FAR = frozenset({Scope.LOOPBACK, Scope.LINK_LOCAL, Scope.PRIVATE, Scope.SHARED})
"""Scopes that nobody reaches from a public network."""

FAR_ADDRESSES = tuple(sorted(f"address {scope}" for scope in FAR))

_Parts: TypeAlias = tuple[tuple[Dialog, Side], ...]
"""The dialogs in which a description was written, each with its writer's side."""

LONG_ENOUGH: Duration = 5 * SECOND
FEWEST_PACKETS = 50

BOTH_PRIVATE = "The peer's media address is private too; both may be in one network."
NOT_TRANSLATED = "SIP itself comes from that address here: a NAT behind this tap may rewrite both, or there is none."


@rule(
    "SDP-012",
    name="media-address-unreachable",
    severity=WARNING,
    since="0.1",
    subject=WrittenDescription,
    needs=("asks for media", FAR_ADDRESSES),
)
def media_address_unreachable(written: WrittenDescription, trace: Trace) -> Iterator[Hit]:
    """The address in the description is where the writer wants to receive media (RFC 3264 §5.1)."""
    carrier = next(filter(_is_public, written.messages), None)
    if carrier is None:
        return
    told: set[str | None] = set()
    for section in written.promised_media:
        if section.address in told or not section.direction.receives or scope_of(section.address or "") not in FAR:
            continue
        told.add(section.address)
        yield from _hit(written, trace, carrier, section)


def _hit(written: WrittenDescription, trace: Trace, carrier: Message, section: MediaDescription) -> Iterator[Hit]:
    address = section.address or ""
    parts = tuple(_parts(written, trace))
    reaching = list(_reaching(parts, trace, section))
    if reaching and any(scope_of(item.hop.source.address) in FAR and _goes_to(item, address) for item in reaching):
        return  # Media does arrive there, from within the same network.
    severity, why = _judgement(parts, trace, carrier, section, reaching)
    guards = () if severity is ERROR else tuple(_guards(parts, trace, carrier, section))
    line = connection_line(written, section)
    evidence = list(line_evidence(written, () if line is None else (line,)))
    evidence.append(Evidence(frame=carrier.frames[-1], note=f"SIP went {carrier.hop}"))
    evidence += [Evidence(frame=item.first_frame, note=f"{item.packets} packets {item.hop}") for item in reaching[:1]]
    yield Hit(
        text=(
            f"{carrier.hop.source} asks in {carrier_words(carrier)} for media at {address}:{section.port}, a "
            f"{scope_of(address)} address, in SIP between {carrier.hop.source.address} and "
            f"{carrier.hop.destination.address}. {why}"
        ),
        evidence=tuple(evidence),
        at=carrier.at,
        severity=severity,
        confidence=Confidence.POSSIBLE if guards else Confidence.LIKELY,
        guards=guards,
        identity=(call_identity(written, trace), address),
    )


def _guards(parts: _Parts, trace: Trace, carrier: Message, section: MediaDescription) -> Iterator[str]:
    """What lets the address be a good one after all."""
    if _peer_is_private(parts, trace, section):
        yield BOTH_PRIVATE
    if carrier.hop.source.address == section.address:
        yield NOT_TRANSLATED


def _is_public(message: Message) -> bool:
    ends = scope_of(message.hop.source.address), scope_of(message.hop.destination.address)
    return Scope.GLOBAL in ends


def _judgement(
    parts: _Parts, trace: Trace, carrier: Message, section: MediaDescription, reaching: list[RtpStream]
) -> tuple[Severity, str]:
    """How bad it is, and the sentence that says why."""
    if scope_of(section.address or "") is Scope.LOOPBACK:
        return ERROR, "That address means the peer itself."
    if reaching and any(not _goes_to(stream, section.address or "") for stream in reaching):
        return INFO, "The peer sends media elsewhere, to where it found this party by itself."
    if reaching and carrier.hop.source.address == section.address:
        # Where SIP itself comes from that address, the tap is in that network, and media was let in.
        return INFO, "Media arrives there all the same: the peer sends it to where media comes from."
    if section.ice_candidates and any(_is_reachable(candidate) for candidate in section.ice_candidates):
        return INFO, "ICE lists a candidate that may be reached instead."
    if not reaching and _is_deaf(parts, trace, section):
        return ERROR, "Media runs the other way, and none came to this party."
    return WARNING, "The peer can't reach it, unless it sends media to where media comes from."


def _reaching(parts: _Parts, trace: Trace, section: MediaDescription) -> Iterator[RtpStream]:
    """Streams towards the writer in that media position, in any dialog of the call."""
    for dialog, side in parts:
        yield from streams_of(dialog, trace, side, section.index)


def _parts(written: WrittenDescription, trace: Trace) -> Iterator[tuple[Dialog, Side]]:
    """The dialogs in which the description was written, and its writer's side."""
    first = written.first
    tag = first.from_tag if isinstance(first, Request) else first.to_tag
    for dialog in trace.index.dialogs_of_call_id.get(written.call_id or "", ()):
        if tag == dialog.key.caller_tag:
            yield dialog, Side.CALLER
        elif tag == dialog.key.callee_tag:
            yield dialog, Side.CALLEE


def _goes_to(stream: RtpStream, address: str) -> bool:
    return stream.hop.destination.address == address


def _is_reachable(candidate: str) -> bool:
    """`<foundation> <component> <transport> <priority> <address> <port> …` (RFC 8839 §5.1); a name may be anything."""
    fields = candidate.split()
    return len(fields) > 4 and scope_of(fields[4]) in {Scope.GLOBAL, Scope.NAME}


def _is_deaf(parts: _Parts, trace: Trace, section: MediaDescription) -> bool:
    """Whether this section is in force for a while, media runs away from its writer, and none towards it."""
    for dialog, side in parts:
        away = streams_of(dialog, trace, side.other, section.index)
        for window in windows_of(dialog, trace) if away else ():
            own = window.caller if side is Side.CALLER else window.callee
            if own.media is not section or window.end - window.start < LONG_ENOUGH or not own.direction.receives:
                continue
            if packets_between(away, window.start, window.end) >= FEWEST_PACKETS:
                return True
    return False


def _peer_is_private(parts: _Parts, trace: Trace, section: MediaDescription) -> bool:
    """Whether the other party, too, names an address that isn't public for this position."""
    for dialog, side in parts:
        for leg in dialog.legs:
            ledger = trace.index.ledgers.get((leg.id, dialog.id))
            if ledger is None:
                continue
            # When it was in force is a question that takes longer than what was written at all.
            if not any(_may_name_private(item, side.other, section.index) for item in ledger.exchanges):
                continue
            for peer in ledger.sections(side.other, section.index):
                if scope_of(peer.media.address or "") in FAR:
                    return True
    return False


def _may_name_private(exchange: OfferAnswerExchange, side: Side, index: int) -> bool:
    """Whether anything that a party wrote in an exchange for a position names an address that isn't public."""
    written = (exchange.offer,) if side is exchange.offerer else (exchange.answer, exchange.preview)
    for description in written:
        for item in () if description is None else description.media:
            if item.index == index and scope_of(item.address or "") in FAR:
                return True
    return False
