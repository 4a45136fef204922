"""Counts of every capture in a folder, next to those of tshark.

    python -m tests.reference_table samples ../shared/captures

prints a row for each capture: SIP messages, calls, RTP packets and RTP streams by the native engine, by Wireshark's
engine, and by tshark alone, with the reason for each difference. The reasons are told at length in
docs/explanation/differences-from-tshark.md.
"""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

import sipscope

NO_CAPTURES = {".log", ".md", ".tsv"}

FORCED = "tshark decodes all of a path that SDP announced as RTP: RTCP, T.38 or a stray datagram among it"
FUZZED = "the file was damaged on purpose; what is left of its messages is told with defects, its RTP is in shreds"
ESP = "tshark looks into ESP without encryption only when told to"
SHORT = "a stream of six packets that no SDP announces isn't confirmed here; it is counted with its reason"
BRIDGED = "legs on the two sides of a B2BUA have Call-IDs of their own and are one call here"
UNDER_WAY = "a call that was up before the capture began is a call here; tshark's are Call-IDs with an INVITE"


@dataclass(frozen=True)
class Counts:
    """What one reader found in a capture."""

    sip_messages: int
    calls: int
    rtp_packets: int
    streams: int


COLUMNS = tuple(Counts.__dataclass_fields__)

EXPLAINED: dict[tuple[str, str], str] = {
    ("arkime__arkime__gtp-iphone.pcap", "rtp_packets"): FORCED,
    ("goffinet__sip_captures__sip-2phones-B2BUA-Asterisk.pcapng", "calls"): BRIDGED,
    ("ntop__nDPI__FAX-Call-t38-CA-TDM-SIP-FB-1.pcap", "calls"): BRIDGED,
    ("ntop__nDPI__FAX-Call-t38-CA-TDM-SIP-FB-1.pcap", "rtp_packets"): FORCED,
    ("ntop__nDPI__fuzz-2006-06-26-2594.pcap", "sip_messages"): FUZZED,
    ("ntop__nDPI__fuzz-2006-06-26-2594.pcap", "calls"): FUZZED,
    ("ntop__nDPI__fuzz-2006-06-26-2594.pcap", "rtp_packets"): FUZZED,
    ("ntop__nDPI__fuzz-2006-06-26-2594.pcap", "streams"): FUZZED,
    ("open5gs__open5gs__ipsec_to_ipsec_call.pcapng", "sip_messages"): ESP,
    ("open5gs__open5gs__ipsec_to_ipsec_call.pcapng", "rtp_packets"): FORCED,
    ("realjimmy__sample-captures__sip-rtp-g722.pcap", "rtp_packets"): FORCED,
    ("realjimmy__sample-captures__sip-rtp-g729a.pcap", "rtp_packets"): FORCED,
    ("realjimmy__sample-captures__sip-rtp-opus.pcap", "rtp_packets"): FORCED,
    ("sipcapture__heplify__erspan_sip_ipv4_udp.pcapng", "calls"): BRIDGED,
    ("sipcapture__heplify__sip_ipv4_tcp_fragmented.pcap", "calls"): UNDER_WAY,
    ("sipcapture__heplify__sip_tcp_websocket.pcap", "calls"): BRIDGED,
    ("t0data__PCAP_wireshark__SIP_CALL_RTP_G711", "rtp_packets"): SHORT,
    ("t0data__PCAP_wireshark__SIP_CALL_RTP_G711", "streams"): SHORT,
}
"""(file, column) → why our count isn't tshark's."""


def captures_in(folder: Path) -> list[Path]:
    """The captures of a folder, by name."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.is_file() and path.suffix not in NO_CAPTURES)


def ours(path: Path, engine: str) -> Counts:
    """What sipscope counts."""
    trace = sipscope.analyze(str(path), sipscope.Options(engine=engine))
    return Counts(
        sip_messages=len(trace.messages) + trace.message_copies,
        calls=len(trace.calls),
        rtp_packets=sum(stream.packets for stream in trace.streams),
        streams=len(trace.streams),
    )


def tsharks(path: Path) -> Counts:
    """What tshark counts: messages, Call-IDs with an INVITE or a response to one, RTP guessed where SDP is silent."""
    fields = ("sip.Method", "sip.Status-Code", "sip.CSeq.method", "sip.Call-ID")
    messages, call_ids = 0, set()
    for line in _tshark(path, "-Y", "sip", "-T", "fields", "-E", "aggregator=|", *(f"-e{name}" for name in fields)):
        requests, statuses, methods, identifiers = (
            [part for part in cell.split("|") if part] for cell in line.split("\t")
        )
        messages += len(requests) + len(statuses)
        if "INVITE" in methods:
            call_ids.update(identifiers)
    packets = sum(1 for _ in _tshark(path, "-Y", "rtp", "-T", "fields", "-e", "frame.number"))
    rows = [line for line in _tshark(path, "-q", "-z", "rtp,streams") if " 0x" in line]
    return Counts(sip_messages=messages, calls=len(call_ids), rtp_packets=packets, streams=len(rows))


def _tshark(path: Path, *options: str) -> Iterator[str]:
    settings = ["--enable-heuristic", "rtp_udp", "-o", "tcp.try_heuristic_first:TRUE"]
    result = subprocess.run(
        ["tshark", "-n", "-r", str(path), *settings, *options],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return iter(result.stdout.splitlines())


def differences(path: Path, found: Counts, reference: Counts) -> list[tuple[str, str | None]]:
    """The columns that differ, each with its reason, None where nobody has explained it."""
    return [
        (column, EXPLAINED.get((path.name, column)))
        for column in COLUMNS
        if getattr(found, column) != getattr(reference, column)
    ]


def table(folders: list[Path]) -> Iterator[str]:
    """The rows as text."""
    yield "native engine / Wireshark's engine / tshark alone"
    yield f"{'capture':44} {'SIP messages':>17} {'calls':>14} {'RTP packets':>17} {'streams':>11}"
    for path in [path for folder in folders for path in captures_in(folder)]:
        readers = [ours(path, "native"), ours(path, "wireshark"), tsharks(path)]
        cells = ["/".join(map(str, values)) for values in zip(*map(astuple, readers), strict=True)]
        yield f"{path.name[-44:]:44} {cells[0]:>17} {cells[1]:>14} {cells[2]:>17} {cells[3]:>11}"
        for column, reason in differences(path, readers[0], readers[2]):
            yield f"{'':6}{column.replace('_', ' ')}: {reason or 'NOT EXPLAINED'}"


if __name__ == "__main__":
    for row in table([Path(argument) for argument in sys.argv[1:]] or [Path("samples")]):
        print(row, flush=True)  # noqa: T201 - the table is what the command is for
