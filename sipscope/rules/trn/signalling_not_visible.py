"""Part of the signalling is not in the capture, so what is missing there proves nothing.

What it finds
    Two hosts between which SIP is seen in one direction only, where the other direction must have been used: an ACK
    shows that the INVITE before it was answered, or answers are there whose requests are not. Where one host's
    requests to others stay without an answer and are not repeated either, that is told once, as possible. Messages
    that the snap length of the capture cut are told once for the capture, and SIP over TLS that can't be read once
    for its server. Hosts that merely keep silent, multicast, a single answer without its request, and TLS whose
    handshake failed are no such case.
Why it matters
    Every verdict about something missing between these hosts is unsafe, and the rules hold it back: look at the
    capture before you look at the devices.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200 unseen
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200 unseen
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
        40    end
What to check
    - Does the mirror port copy both directions, and the capture filter let both pass?
    - Do answers take another path or interface than requests? Capture on the host itself, or on both paths.
    - Is the SIP encrypted? Give the keys with `--keylog`, or capture where TLS ends.
    - Are packets cut? Capture with the whole packet length (`-s 0`).
Sources
    RFC 3261 §18.2.2; RFC 3261 §17.1.1.3
"""

import ipaddress
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.packets import EncryptedFlow
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.unanswered import DEADLINE, answered_out_of_view, superseded
from sipscope.values import dataclass

_TIMER_C: Duration = 180 * SECOND
"""How long a proxy waits for a final response to INVITE at least (RFC 3261 §16.6 item 11)."""

_ORPHANS = 2
"""Answers without requests that are more than one damaged or stray packet."""

_SILENT_REQUESTS = 3
"""Requests without an answer and without a repetition that are more than chance."""

_SIP_PORTS = frozenset({5061})
"""The port of SIP over TLS (RFC 3261 §18.1.1)."""

_SIP_PROTOCOL = "sip/2"
"""Its name as an application protocol of TLS (ALPN)."""

_FRAMES_NAMED = 6


@dataclass(slots=True)
class _Pair:
    """What one host sent to another that sent no SIP back.

    Attributes:
        acknowledged: INVITEs whose ACK proves that they were answered.
        silent: Requests without an answer that were not repeated as they would be without one.
        orphans: Answers to requests that aren't in the capture.
    """

    acknowledged: list[Transaction] = field(default_factory=list)
    silent: list[Transaction] = field(default_factory=list)
    orphans: list[Transaction] = field(default_factory=list)


@rule("TRN-008", name="signalling-not-visible", severity=INFO, since="0.1", subject=Trace)
def signalling_not_visible(trace: Trace, _: Trace) -> Iterator[Hit]:
    """An answer goes back to where its request came from (RFC 3261 §18.2.2): both directions belong together."""
    pairs = _pairs(trace)
    for (source, destination), pair in pairs.items():
        if pair.acknowledged:
            yield _acknowledged_hit(source, destination, pair.acknowledged[0], trace)
        elif len(pair.orphans) >= _ORPHANS:
            yield _orphan_hit(source, destination, pair.orphans, trace)
    yield from _silent_hits(pairs, trace)
    yield from _cut_hits(trace)
    yield from _encrypted_hits(trace)


def _pairs(trace: Trace) -> dict[tuple[str, str], _Pair]:
    """What was sent between hosts that are seen in one direction only."""
    wanted = {pair for pair in trace.vantage.one_sided if not _is_to_many(pair[1])}
    found: dict[tuple[str, str], _Pair] = {}
    for transaction in trace.transactions if wanted else ():
        key = _addresses(transaction.first)
        if key in wanted:
            _sort_in(transaction, found.setdefault(key, _Pair()), trace)
    return found


def _sort_in(transaction: Transaction, pair: _Pair, trace: Trace) -> None:
    if transaction.request is None:
        if transaction.responses and not _request_seen_elsewhere(transaction, trace):
            pair.orphans.append(transaction)
    elif transaction.method == "ACK" or transaction.responses:
        return
    elif _ack(transaction, trace) is not None:
        pair.acknowledged.append(transaction)
    elif _silence_is_open(transaction, trace):
        pair.silent.append(transaction)


def _silence_is_open(transaction: Transaction, trace: Trace) -> bool:
    """Whether an answer was due, and its sender behaves as if it had got one or didn't care."""
    return (
        guards.capture_continues(trace, transaction.started_at, DEADLINE)
        and answered_out_of_view(trace, transaction)
        and not superseded(transaction, trace)
    )


def _request_seen_elsewhere(transaction: Transaction, trace: Trace) -> bool:
    """Whether the request came from another address than the answer went to: then nothing is out of view."""
    return any(
        other.request is not None and other.key.branch == transaction.key.branch
        for other in trace.index.same_request(transaction)
    )


def _request_was_due(transaction: Transaction, trace: Trace) -> bool:
    """Whether the request of an answer can't lie before the capture (guard G-MID)."""
    longest = _TIMER_C if transaction.method == "INVITE" else DEADLINE
    begin = trace.vantage.first_at
    return begin is not None and transaction.started_at - begin > longest


def _is_to_many(address: str) -> bool:
    """Whether an address is multicast or broadcast: what is sent there is answered by others, or not at all."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return parsed.is_multicast or address == "255.255.255.255"


def _addresses(message: Message) -> tuple[str, str]:
    return message.hop.source.address, message.hop.destination.address


def _acknowledged_hit(source: str, destination: str, invite: Transaction, trace: Trace) -> Hit:
    ack = _ack(invite, trace) or invite.first
    return Hit(
        text=(
            f"No SIP from {destination} to {source} is in the capture, though an ACK shows that there was an answer: "
            "what is missing between them proves nothing."
        ),
        evidence=(
            Evidence(frame=invite.first.frames[-1], note="INVITE, whose answer isn't in the capture"),
            Evidence(frame=ack.frames[-1], note="ACK: it was answered"),
        ),
        at=invite.started_at,
        confidence=Confidence.LIKELY,
        guards=("The capture may have lost the few packets there were.",),
        identity=(source, destination),
    )


def _ack(invite: Transaction, trace: Trace) -> Message | None:
    """The ACK that proves an answer of the host an INVITE went to: its own, or one to a 2xx that goes there.

    After fail-over the ACK to a 2xx goes to the host that answered, and proves nothing of the one before it.
    """
    if invite.ack is not None:
        return invite.ack
    first = invite.first
    if invite.method != "INVITE" or first.call_id is None or first.cseq is None:
        return None
    key = (first.call_id, first.from_tag or "", first.cseq.number, "ACK")
    for item in trace.index.transactions_of_request.get(key, ()):
        if item.first.hop.destination.address == first.hop.destination.address:
            return item.first
    return None


def _orphan_hit(source: str, destination: str, orphans: Sequence[Transaction], trace: Trace) -> Hit:
    is_proved = any(_request_was_due(item, trace) for item in orphans)
    return Hit(
        text=(
            f"{source} answers requests of {destination} that are not in the capture: no SIP from {destination} to "
            f"{source} was seen, and what is missing between them proves nothing."
        ),
        evidence=_named((item.first for item in orphans), "answer without its request"),
        at=orphans[0].started_at,
        confidence=Confidence.CERTAIN if is_proved else Confidence.LIKELY,
        guards=() if is_proved else ("The requests may lie before the capture.",),
        identity=(source, destination),
    )


def _silent_hits(pairs: dict[tuple[str, str], _Pair], trace: Trace) -> Iterator[Hit]:
    """One hit for each host whose requests to others are neither answered nor repeated."""
    by_source: dict[str, dict[str, list[Transaction]]] = {}
    for (source, destination), pair in pairs.items():
        proved = pair.acknowledged or pair.orphans
        # Media from there shows that packets from there pass the tap, so the silence is real.
        if (
            not proved
            and len(pair.silent) >= _SILENT_REQUESTS
            and (destination, source) not in trace.vantage.media_pairs
        ):
            by_source.setdefault(source, {})[destination] = pair.silent
    for source, silent in by_source.items():
        destinations = list(silent)
        others = f" and {len(destinations) - 1} more" if len(destinations) > 1 else ""
        requests = [item.first for items in silent.values() for item in items]
        yield Hit(
            text=(
                f"{len(requests)} requests of {source} to {destinations[0]}{others} have no answer in the capture and "
                "were not repeated: the answers may take a path out of view."
            ),
            evidence=_named(requests, "neither answered nor repeated"),
            at=requests[0].at,
            confidence=Confidence.POSSIBLE,
            guards=("A sender that never repeats its requests, and a host that is gone, look the same.",),
            identity=("silent", source),
        )


def _cut_hits(trace: Trace) -> Iterator[Hit]:
    """One hit for the messages that the snap length cut."""
    if not trace.facts.cut_frames:
        return
    cut = [item for item in trace.messages if any(defect.code == "message-truncated" for defect in item.defects)]
    if cut:
        yield Hit(
            text=(
                f"The snap length of the capture cut {len(cut)} of {len(trace.messages)} SIP messages: what their "
                "lost ends said is unknown."
            ),
            evidence=_named(cut, "cut by the snap length"),
            at=cut[0].at,
            identity=("cut",),
        )


def _encrypted_hits(trace: Trace) -> Iterator[Hit]:
    """One hit for each server whose SIP over TLS can't be read."""
    by_server: dict[str, list[EncryptedFlow]] = {}
    for flow in trace.facts.encrypted_flows:
        # A handshake that failed hides nothing: no SIP followed it.
        if flow.handshake_completed is not False and (_is_sip_by_name(flow) or flow.server.port in _SIP_PORTS):
            by_server.setdefault(flow.server.address, []).append(flow)
    for server, flows in by_server.items():
        is_sure = any(_is_sip_by_name(flow) for flow in flows)
        connections = "1 TLS connection" if len(flows) == 1 else f"{len(flows)} TLS connections"
        yield Hit(
            text=f"The SIP of {connections} to {server} can't be read without keys: what it said is unknown.",
            evidence=tuple(
                Evidence(frame=flow.frame, note=f"TLS from {flow.client} to {flow.server}")
                for flow in flows[:_FRAMES_NAMED]
            ),
            at=flows[0].at,
            confidence=Confidence.CERTAIN if is_sure else Confidence.LIKELY,
            guards=() if is_sure else ("Only the port says that it is SIP.",),
            next_steps=("Give the keys with `--keylog`, or capture where TLS ends.",),
            identity=("encrypted", server),
        )


def _is_sip_by_name(flow: EncryptedFlow) -> bool:
    """Whether the client offered, or the server chose, SIP as the application protocol."""
    return _SIP_PROTOCOL in {flow.chosen_protocol, *flow.offered_protocols}


def _named(messages: Iterable[Message], note: str) -> tuple[Evidence, ...]:
    return tuple(Evidence(frame=item.frames[-1], note=note) for item in list(messages)[:_FRAMES_NAMED])
