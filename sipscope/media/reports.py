"""What RTCP says about streams: reports, round trips, names and goodbyes (RFC 3550 §6)."""

from collections.abc import Container, Iterable
from dataclasses import field

from sipscope.model.network import Hop
from sipscope.model.packets import Packet
from sipscope.model.stream import ReceiverReport, ReportedStream, RtcpFacts
from sipscope.model.time import MILLISECOND, SECOND, Duration, Instant
from sipscope.rtp import Goodbye, ReportBlock, SenderReport, SourceDescription, parse_rtcp
from sipscope.rtp import ReceiverReport as ReceiverReportPacket
from sipscope.values import dataclass

CANONICAL_NAME = 1
"""Item type of CNAME (RFC 3550 §6.5.1)."""

COPY_WINDOW: Duration = 10 * MILLISECOND
"""Equal datagrams on one hop within this time are one that was captured twice: reports are seconds apart."""

REMEMBERED_SENDER_REPORTS = 64
"""Sender reports of a source that a round trip may start from; a receiver answers the last one it got."""


@dataclass(slots=True, kw_only=True)
class _Source:
    """What was heard of one SSRC sent from one address to another.

    `way` is that of the first report on it, `by_agent` that a capture agent told one, `spoke` that it reports itself.
    """

    sender_reports: int = 0
    receiver_reports: list[ReceiverReport] = field(default_factory=list)
    cname: str | None = None
    bye_at: Instant | None = None
    sent: dict[int, Instant] = field(default_factory=dict)
    ports: set[tuple[int, int]] = field(default_factory=set)
    way: Hop | None = None
    by_agent: bool = False
    correlation_id: str | None = None
    spoke: bool = False

    @property
    def is_believed(self) -> bool:
        """Whether what is reported on it is on media.

        An agent has read the report itself. Of RTCP on the wire the blocks may be encrypted, with identifiers that are
        chance (RFC 3711 §3.4), or fill a packet before anything has come: so the source says that it sends
        (RFC 3550 §6.4), or it isn't heard at all and is reported on again.
        """
        return self.by_agent or self.sender_reports > 0 or (not self.spoke and len(self.receiver_reports) > 1)


class Reports:
    """RTCP of a capture."""

    def __init__(self) -> None:
        """Start with nothing heard."""
        self.datagrams = 0
        self.copies = 0
        self.unreadable = 0
        self._sources: dict[tuple[str, str, int], _Source] = {}
        self._latest: dict[Hop, tuple[bytes, Instant]] = {}
        self._found: set[tuple[str, str, int]] = set()
        self._measured: set[tuple[str, str, int]] = set()

    def add(self, packet: Packet) -> None:
        """Take one datagram; one that was captured twice counts once."""
        payload, at = self._latest.get(packet.hop, (b"", 0))
        if payload == packet.payload and packet.at - at <= COPY_WINDOW:
            self.copies += 1
            return
        self._latest[packet.hop] = (packet.payload, packet.at)
        content, _ = parse_rtcp(packet.payload)
        if not content:
            self.unreadable += 1
            return
        self.datagrams += 1
        for item in content:
            if isinstance(item, SenderReport):
                self._sender_report(packet, item)
            if isinstance(item, SenderReport | ReceiverReportPacket):
                self._source(packet.hop, item.ssrc).spoke = True
                for block in item.blocks:
                    self._block(packet, item.ssrc, block)
            elif isinstance(item, SourceDescription):
                self._names(packet, item)
            elif isinstance(item, Goodbye):
                for ssrc in item.sources:
                    source = self._source(packet.hop, ssrc)
                    source.bye_at = packet.at if source.bye_at is None else source.bye_at

    def _source(self, hop: Hop, ssrc: int) -> _Source:
        key = (hop.source.address, hop.destination.address, ssrc)
        source = self._sources.setdefault(key, _Source())
        source.ports.add((hop.source.port, hop.destination.port))
        return source

    def _sender_report(self, packet: Packet, report: SenderReport) -> None:
        source = self._source(packet.hop, report.ssrc)
        source.sender_reports += 1
        if report.ntp_time:
            source.sent.setdefault(report.middle_ntp_time, packet.at)
            while len(source.sent) > REMEMBERED_SENDER_REPORTS:
                del source.sent[next(iter(source.sent))]

    def _block(self, packet: Packet, reporter: int, block: ReportBlock) -> None:
        source = self._source(packet.hop.reversed(), block.ssrc)
        if packet.agent is not None and not source.by_agent:
            source.way, source.by_agent = packet.hop.reversed(), True
            source.correlation_id = packet.agent.correlation_id
        elif source.way is None and block.ssrc not in {0, reporter}:
            # A block on nobody, or on the reporter itself, is how devices fill a report before any packet came.
            source.way = packet.hop.reversed()
        sent_at = source.sent.get(block.last_sender_report) if block.last_sender_report else None
        source.receiver_reports.append(
            ReceiverReport(
                at=packet.at,
                frame=packet.frames[-1],
                reporter_ssrc=reporter,
                fraction_lost=block.fraction_lost,
                cumulative_lost=block.cumulative_lost,
                highest_sequence=block.highest_sequence,
                jitter_rtp_units=block.jitter_rtp_units,
                round_trip=_round_trip(packet.at, sent_at, block.delay_since_last_sender_report),
            )
        )

    def _names(self, packet: Packet, description: SourceDescription) -> None:
        for item in description.items:
            if item.kind == CANONICAL_NAME:
                source = self._source(packet.hop, item.ssrc)
                source.cname = item.text if source.cname is None else source.cname

    @property
    def without_stream(self) -> int:
        """Report blocks about streams that nobody has asked for with `facts_of`: the capture doesn't hold them."""
        return sum(len(each.receiver_reports) for key, each in self._sources.items() if key not in self._found)

    def reported(self, captured: Container[int]) -> tuple[ReportedStream, ...]:
        """The streams that nobody has asked for with `facts_of`, and that reports tell of.

        Args:
            captured: SSRCs of which the capture holds datagrams that look like RTP. On the wire the stream is then
                captured on another hop, or too short to be told; what an agent tells may be of another place.
        """
        told = [
            ReportedStream(ssrc=key[2], hop=source.way, rtcp=_facts(source), correlation_id=source.correlation_id)
            for key, source in self._sources.items()
            if source.way is not None
            and source.is_believed
            and key not in self._measured
            and (source.by_agent or key[2] not in captured)
        ]
        return tuple(sorted(told, key=lambda stream: stream.rtcp.receiver_reports[0].at))

    def facts_of(self, hop: Hop, ssrc: int) -> RtcpFacts:
        """What was said about a stream. RTCP goes between the same addresses, on the same or the next ports."""
        key = (hop.source.address, hop.destination.address, ssrc)
        self._measured.add(key)
        source = self._sources.get(key)
        if source is None or not _near(hop, source.ports):
            return RtcpFacts()
        self._found.add(key)
        return _facts(source)


def _facts(source: _Source) -> RtcpFacts:
    return RtcpFacts(
        sender_reports=source.sender_reports,
        receiver_reports=tuple(source.receiver_reports),
        cname=source.cname,
        bye_at=source.bye_at,
    )


def _near(hop: Hop, ports: Iterable[tuple[int, int]]) -> bool:
    """Whether a port at either end is the stream's, or the one above it (RFC 3550 §11, RFC 5761 §4)."""
    return any(
        source - hop.source.port in {0, 1} or destination - hop.destination.port in {0, 1}
        for source, destination in ports
    )


def round_trip_units(arrival: int, last_sender_report: int, delay: int) -> int:
    """A − LSR − DLSR in 1/65536 s (RFC 3550 §6.4.1).

    Args:
        arrival: Middle 32 bits of the NTP time at which the report arrived at the sender of the sender report.
        last_sender_report: LSR.
        delay: DLSR.
    """
    return (arrival - last_sender_report - delay) % (1 << 32)


def _round_trip(at: Instant, sent_at: Instant | None, delay: int) -> Duration | None:
    """From the tap to the reporter and back; None where the clocks disagree so much that it were negative."""
    if sent_at is None:
        return None
    duration = at - sent_at - delay * SECOND // 65536
    return duration if duration >= 0 else None
