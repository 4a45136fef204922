"""Traces built from model objects: messages by their values, reconstructed by the signalling and calls layers.

No bytes are parsed here, so that views and renderers are tested apart from the parsers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sipscope.calls.calls import calls_of
from sipscope.model.defects import Confidence, Severity, Span
from sipscope.model.description import Connection, Crypto, Direction, MediaDescription, RtpFormat, SessionDescription
from sipscope.model.dialog import Side
from sipscope.model.finding import Diagnosis, Finding, SubjectKind
from sipscope.model.header_values import Address, CSeq, MediaType, Parameters, Parametrised, Uri, Via
from sipscope.model.message import BodyPart, HeaderField, Headers, Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.model.offer_answer import (
    ExchangeOutcome,
    Ledger,
    MachineState,
    NegotiatedMedia,
    OfferAnswerExchange,
    Pattern,
)
from sipscope.model.packets import CaptureFacts
from sipscope.model.stream import Binding, Digit, MediaFacts, QualitySeries, RtpStream, Score
from sipscope.model.time import SECOND, from_seconds
from sipscope.model.trace import Trace
from sipscope.model.trace_index import TraceIndex
from sipscope.signalling.dialogs import dialogs_of
from sipscope.signalling.nodes import Nodes
from sipscope.signalling.transactions import transactions_of

START = 1_777_629_600 * SECOND
"""2026-05-01T10:00:00Z."""

_CODECS = {"PCMU": (0, 8000), "PCMA": (8, 8000), "G729": (18, 8000), "telephone-event": (101, 8000)}


def uri(text: str) -> Uri:
    scheme, _, rest = text.partition(":")
    user, at, host = rest.partition("@")
    return Uri(text=text, scheme=scheme, user=user if at else None, host=host if at else rest)


def address(text: str, tag: str | None = None) -> Address:
    parameters = Parameters((("tag", tag),)) if tag else Parameters()
    return Address(text=f"<{text}>", uri=uri(text), parameters=parameters)


def description(
    host: str,
    port: int,
    *codecs: str,
    direction: Direction = Direction.SENDRECV,
    key: str | None = None,
) -> SessionDescription:
    """One audio section."""
    formats = tuple(RtpFormat(payload_type=_CODECS[c][0], encoding=c, clock_rate_hz=_CODECS[c][1]) for c in codecs)
    crypto = (Crypto("1", "AES_CM_128_HMAC_SHA1_80", f"inline:{key}"),) if key else ()
    media = MediaDescription(
        index=0,
        kind="audio",
        port=port,
        protocol="RTP/SAVP" if key else "RTP/AVP",
        formats=tuple(str(item.payload_type) for item in formats),
        connection=Connection("IN", "IP4", host),
        direction=direction,
        rtp_formats=formats,
        crypto=crypto,
    )
    lines = [f"m=audio {port} {media.protocol} " + " ".join(media.formats), f"c=IN IP4 {host}"]
    lines += [f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{key}"] if key else []
    return SessionDescription(content="\r\n".join(lines).encode(), media=(media,))


@dataclass
class Script:
    """Collects messages and streams, then reconstructs a trace from them."""

    endpoints: dict[str, Endpoint]
    transport_copies: int = 0
    messages: list[Request | Response] = field(default_factory=list)
    streams: list[RtpStream] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    exchanges: list[tuple[str, str | None, Pattern]] = field(default_factory=list)
    branches: int = 0

    def _hop(self, source: str, destination: str) -> Hop:
        return Hop(self.endpoints[source], self.endpoints[destination])

    def _common(self, seconds: float, hop: Hop, values: dict[str, object], **extra: object) -> dict[str, object]:
        number = len(self.messages) + 1
        sdp = extra.pop("sdp", None)
        fragment = extra.pop("sipfrag", None)
        parts: tuple[BodyPart, ...] = ()
        if isinstance(sdp, SessionDescription):
            kind = MediaType("application", "sdp")
            parts = (BodyPart(content_type=kind, content=sdp.content, description=sdp),)
        if isinstance(fragment, str):
            parts = (BodyPart(content_type=MediaType("message", "sipfrag"), content=fragment.encode()),)
        fields = tuple(HeaderField(name, name.title(), str(value), Span(0, 0)) for name, value in values.items())
        return {
            "id": f"m{number}",
            "frames": (extra.pop("frame", number),),
            "at": START + from_seconds(seconds),
            "hop": hop,
            "payload": b"",
            "headers": Headers(fields, values),
            "parts": parts,
        }

    def request(
        self,
        seconds: float,
        source: str,
        destination: str,
        method: str,
        *,
        branch: str,
        cseq: int = 1,
        call_id: str = "call-1",
        caller: str = "sip:alice@example.com",
        callee: str = "sip:bob@example.com",
        from_tag: str = "a1",
        to_tag: str | None = None,
        user_agent: str | None = None,
        sdp: SessionDescription | None = None,
        sipfrag: str | None = None,
        via_count: int = 1,
        **values: object,
    ) -> Request:
        headers: dict[str, object] = {
            "call-id": call_id,
            "cseq": CSeq(cseq, "INVITE" if method == "ACK" else method),
            "from": address(caller, from_tag),
            "to": address(callee, to_tag),
            "via": self._vias(branch, via_count),
        }
        if method == "ACK":
            headers["cseq"] = CSeq(cseq, "ACK")
        if user_agent:
            headers["user-agent"] = user_agent
        headers.update({name.replace("_", "-"): value for name, value in values.items()})
        common = self._common(seconds, self._hop(source, destination), headers, sdp=sdp, sipfrag=sipfrag)
        found = Request(**common, method=method, request_uri=uri(callee), request_uri_text=callee)
        self.messages.append(found)
        return found

    def response(
        self,
        seconds: float,
        source: str,
        destination: str,
        status: int,
        reason: str,
        *,
        branch: str,
        cseq: int = 1,
        method: str = "INVITE",
        call_id: str = "call-1",
        caller: str = "sip:alice@example.com",
        callee: str = "sip:bob@example.com",
        from_tag: str = "a1",
        to_tag: str | None = "b1",
        user_agent: str | None = None,
        sdp: SessionDescription | None = None,
        via_count: int = 1,
        **values: object,
    ) -> Response:
        headers: dict[str, object] = {
            "call-id": call_id,
            "cseq": CSeq(cseq, method),
            "from": address(caller, from_tag),
            "to": address(callee, to_tag),
            "via": self._vias(branch, via_count),
        }
        if user_agent:
            headers["server"] = user_agent
        headers.update({name.replace("_", "-"): value for name, value in values.items()})
        common = self._common(seconds, self._hop(source, destination), headers, sdp=sdp)
        found = Response(**common, status=status, reason_phrase=reason)
        self.messages.append(found)
        return found

    @staticmethod
    def _vias(branch: str, count: int) -> tuple[Via, ...]:
        top = Via(text="", transport="UDP", host="h", parameters=Parameters((("branch", f"z9hG4bK{branch}"),)))
        return (top,) * count

    def stream(
        self,
        start: float,
        end: float,
        source: Endpoint,
        destination: Endpoint,
        *,
        codec: str | None = "PCMA",
        packets: int = 250,
        lost: int = 0,
        mos: float | None = 4.4,
        digits: str = "",
        receiver: Side | None = Side.CALLEE,
        dialog_id: str = "d1",
        leg_id: str = "l1",
        series: QualitySeries | None = None,
    ) -> RtpStream:
        number = len(self.streams) + 1
        score = None
        if mos is not None:
            score = Score(r_factor=90.0, mos=mos, loss_percent=0.0, burst_ratio=1.0, equipment_impairment=0.0)
        binding = None
        if receiver is not None:
            binding = Binding(
                dialog_id=dialog_id,
                leg_id=leg_id,
                receiver=receiver,
                media_index=0,
                score=100,
                reasons=("destination",),
                exchange_id="e1",
            )
        found = RtpStream(
            id=f"s{number}",
            ssrc=0x1000 + number,
            hop=Hop(source, destination),
            payload_types=(8,),
            codec=codec,
            clock_rate_hz=8000,
            media_kind="audio",
            first_packet_at=START + from_seconds(start),
            last_packet_at=START + from_seconds(end),
            first_frame=900 + number,
            last_frame=990 + number,
            packets=packets,
            expected=packets + lost,
            lost=lost,
            jitter_ms_mean=1.25,
            jitter_ms_max=6.5,
            delta_ms_max=41.0,
            ptime_ms=20.0,
            digits=tuple(Digit(symbol=d, at=START, duration_ms=80.0, end_packets=3, first_frame=950) for d in digits),
            score=score,
            binding=binding,
            series=series,
        )
        self.streams.append(found)
        return found

    def finding(
        self,
        rule: str,
        text: str,
        *,
        frames: Sequence[int] = (),
        severity: Severity = Severity.ERROR,
        seconds: float = 0.0,
        kind: SubjectKind = SubjectKind.MESSAGE,
        subject: str = "m1",
        call_id: int | None = 1,
    ) -> Finding:
        found = Finding(
            id=f"f{len(self.findings) + 1}",
            rule=rule,
            name="a-name",
            severity=severity,
            confidence=Confidence.CERTAIN,
            text=text,
            at=START + from_seconds(seconds),
            frames=tuple(frames),
            subject_kind=kind,
            subject_id=subject,
            call_id=call_id,
            standards=("RFC 3264 §8",),
        )
        self.findings.append(found)
        return found

    def exchange(self, offer: str, answer: str | None, pattern: Pattern = Pattern.INVITE_200) -> None:
        """Name an offer and its answer by message id."""
        self.exchanges.append((offer, answer, pattern))

    def trace(self, headline: str | None = None) -> Trace:
        messages = tuple(sorted(self.messages, key=lambda message: (message.at, message.frames)))
        nodes = Nodes(messages)
        times = [message.at for message in messages] + [stream.last_packet_at for stream in self.streams]
        ended_at = max(times, default=None)
        transactions = transactions_of(messages, nodes, ended_at)
        dialogs = dialogs_of(transactions, nodes)
        ledgers = self._ledgers(dialogs)
        calls, correlations, streams = calls_of(transactions, dialogs, (), ledgers, tuple(self.streams))
        diagnoses = ()
        if headline is not None:
            causes = tuple(finding.id for finding in self.findings)
            diagnoses = (Diagnosis(call_id=1, headline=headline, confidence=Confidence.CERTAIN, causes=causes),)
        return Trace(
            facts=CaptureFacts(
                path="test.pcap",
                format="pcap",
                engine="native",
                link_types=("ethernet",),
                frames=len(messages),
                first_packet_at=min(times, default=None),
                last_packet_at=ended_at,
                set_aside={"not SIP": 2},
            ),
            messages=messages,
            transactions=transactions,
            dialogs=dialogs,
            ledgers=ledgers,
            calls=calls,
            correlations=correlations,
            streams=streams,
            media=MediaFacts(rtp_packets=sum(stream.packets for stream in streams)),
            findings=tuple(self.findings),
            diagnoses=diagnoses,
            index=TraceIndex(
                messages=messages,
                transactions=transactions,
                dialogs=dialogs,
                ledgers=ledgers,
                calls=calls,
                streams=streams,
            ),
        )

    def _ledgers(self, dialogs: Sequence[object]) -> tuple[Ledger, ...]:
        by_id = {message.id: message for message in self.messages}
        ledgers: list[Ledger] = []
        for dialog in dialogs:
            for leg in dialog.legs:
                own = {message.id for message in leg.messages}
                chosen = [item for item in self.exchanges if item[0] in own]
                made = [
                    _exchange(f"e{leg.id[1:]}{n}", dialog.id, leg.id, n, by_id[o], by_id.get(a), pattern)
                    for n, (o, a, pattern) in enumerate(chosen, start=1)
                ]
                state = MachineState.STABLE
                ledgers.append(
                    Ledger(leg_id=leg.id, dialog_id=dialog.id, exchanges=tuple(made), in_force=(), state=state)
                )
        return tuple(ledgers)


def _exchange(
    identifier: str,
    dialog_id: str,
    leg_id: str,
    number: int,
    offer: Request | Response,
    answer: Request | Response | None,
    pattern: Pattern,
) -> OfferAnswerExchange:
    answered = None if answer is None else answer.description
    section = None if answered is None else answered.media[0]
    return OfferAnswerExchange(
        id=identifier,
        dialog_id=dialog_id,
        leg_id=leg_id,
        number=number,
        offerer=Side.CALLER,
        pattern=pattern,
        outcome=ExchangeOutcome.ANSWERED if answered is not None else ExchangeOutcome.UNANSWERED,
        offer_message=offer,
        offer=offer.description,
        answer_message=answer,
        answer=answered,
        is_initial=number == 1,
        media=(
            NegotiatedMedia(
                index=0,
                offer=offer.description.media[0],
                answer=section,
                formats=() if section is None else section.rtp_formats,
                direction=None if section is None else section.direction,
            ),
        ),
    )


ALICE, PROXY, BOB = Endpoint("192.0.2.10", 5060), Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.20", 5060)


def proxied_call() -> Script:
    """Alice calls Bob over a proxy; Bob drops a codec; lost media one way; hold, a silence, BYE."""
    script = Script({"alice": ALICE, "proxy": PROXY, "bob": BOB})
    offer = description("192.0.2.10", 4000, "PCMA", "PCMU", "telephone-event")
    answer = description("192.0.2.20", 6000, "PCMA", "telephone-event")
    agent = {"user_agent": "Linphone/5.2.4 (belle-sip/5.3.0)"}
    server = {"user_agent": "FPBX-16.0.40(18.9)"}
    script.request(0, "alice", "proxy", "INVITE", branch="a", to_tag=None, sdp=offer, **agent)
    script.response(0.01, "proxy", "alice", 100, "Trying", branch="a", to_tag=None)
    script.request(0.02, "proxy", "bob", "INVITE", branch="b", to_tag=None, sdp=offer, via_count=2, **agent)
    script.request(0.52, "proxy", "bob", "INVITE", branch="b", to_tag=None, sdp=offer, via_count=2, **agent)
    script.request(1.52, "proxy", "bob", "INVITE", branch="b", to_tag=None, sdp=offer, via_count=2, **agent)
    script.response(1.6, "bob", "proxy", 180, "Ringing", branch="b", via_count=2, **server)
    script.response(1.61, "proxy", "alice", 180, "Ringing", branch="a")
    script.response(5.2, "bob", "proxy", 200, "OK", branch="b", sdp=answer, via_count=2)
    script.response(5.21, "proxy", "alice", 200, "OK", branch="a", sdp=answer)
    script.request(5.25, "alice", "bob", "ACK", branch="c", to_tag="b1")
    held = description("192.0.2.10", 4000, "PCMA", direction=Direction.SENDONLY)
    holding = description("192.0.2.20", 6000, "PCMA", direction=Direction.RECVONLY)
    script.request(20.0, "alice", "bob", "INVITE", branch="h", cseq=2, to_tag="b1", sdp=held)
    script.response(20.1, "bob", "alice", 200, "OK", branch="h", cseq=2, sdp=holding)
    script.request(20.2, "alice", "bob", "ACK", branch="i", cseq=2, to_tag="b1")
    reason = (Parametrised("Q.850", Parameters((("cause", "16"), ("text", "Normal call clearing")))),)
    script.request(65.5, "alice", "bob", "BYE", branch="z", cseq=3, to_tag="b1", reason=reason)
    script.response(65.6, "bob", "alice", 200, "OK", branch="z", cseq=3, method="BYE")
    there, back = Endpoint("192.0.2.10", 4000), Endpoint("192.0.2.20", 6000)
    script.stream(5.3, 65.4, there, back, packets=3000, digits="12#")
    script.stream(5.4, 19.9, back, there, packets=690, lost=35, mos=3.1, receiver=Side.CALLER)
    script.exchange("m1", "m9")
    script.exchange("m3", "m8")
    script.exchange("m11", "m12", Pattern.REINVITE_200)
    script.finding("OA-021", "The re-INVITE takes PCMU away.", frames=(11,), severity=Severity.WARNING, seconds=20)
    script.finding("TXN-001", "The INVITE was sent 3 times before anybody answered it.", frames=(4, 5), seconds=0.5)
    script.finding(
        "RTP-003",
        "4.8 % of the packets from bob are lost.",
        frames=(902,),
        seconds=6,
        kind=SubjectKind.STREAM,
        subject="s2",
    )
    script.finding("DLG-009", "Nobody sent a session refresh.", severity=Severity.INFO, seconds=40)
    return script


def renumbered(trace: Trace, **facts: object) -> Trace:
    """The trace with other capture facts."""
    return replace(trace, facts=replace(trace.facts, **facts))
