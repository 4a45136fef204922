"""What a capture is and what it can't show: interfaces, losses, copies, directions, names and comments."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from sipscope.model.packets import CaptureFacts, CaptureInterface
from sipscope.model.stream import MediaFacts
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.views.encrypted import encrypted_lines, encrypted_report
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import clock_of, counted, duration_of, frame_nouns

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

_INTERFACES_SHOWN = 20
_PAIRS_SHOWN = 20
_COMMENTS_SHOWN = 50
_NAMES_SHOWN = 100
_COOKED = "linux-cooked"


def info_of(trace: Trace) -> Summary:
    """The facts about a capture, as a page for people."""
    facts = trace.facts
    tables = (
        _file_table(facts),
        _interface_table(facts),
        _content_table(trace),
        _lacks_table(trace),
        _names_table(facts),
        _comments_table(facts),
    )
    return Summary(
        title=facts.path,
        headline=", ".join(
            (
                counted(facts.frames, *frame_nouns(facts.engine)),
                counted(len(trace.messages), "SIP message"),
            )
        ),
        tables=tuple(table for table in tables if table.rows),
    )


def info_report(trace: Trace, *, version: str) -> dict[str, object]:
    """The facts about a capture as plain values; times are ISO 8601 in UTC, and what was not seen is None."""
    facts = trace.facts
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": facts.path,
        "format": facts.format,
        "engine": facts.engine,
        "written_by": list(facts.written_by),
        "link_types": list(facts.link_types),
        "packets": facts.frames,
        "first_packet_at": None if facts.first_packet_at is None else iso8601(facts.first_packet_at),
        "last_packet_at": None if facts.last_packet_at is None else iso8601(facts.last_packet_at),
        "interfaces": [_interface_report(item) for item in facts.interfaces],
        "sip_messages": len(trace.messages),
        "rtp_packets": trace.media.rtp_packets,
        "rtcp_packets": trace.media.rtcp_packets,
        "rtcp_reports_without_stream": trace.media.reports_without_stream,
        "encrypted_flows": encrypted_report(facts.encrypted_flows),
        "set_aside": dict(sorted(facts.set_aside.items())),
        "cut_packets": facts.cut_frames,
        "duplicates": {**_copies(trace), "probable_cause": _cause_of_copies(trace)},
        "one_sided": [
            {"source": source, "destination": destination, "messages": messages}
            for (source, destination), messages in _one_sided(trace)
        ],
        "gaps": [{"kind": gap.kind.value, "frames": list(gap.frames), "text": gap.text} for gap in facts.gaps],
        "notes": list(facts.notes),
        "names": dict(facts.names),
        "comments": [{"subject": item.subject, "frame": item.frame, "text": item.text} for item in facts.comments],
    }


def _interface_report(interface: CaptureInterface) -> dict[str, object]:
    return {
        "number": interface.number,
        "name": interface.name,
        "description": interface.description,
        "link_type": interface.link_type,
        "capture_filter": interface.capture_filter,
        "operating_system": interface.operating_system,
        "hardware": interface.hardware,
        "snap_length_bytes": interface.snap_length,
        "ticks_per_second": interface.ticks_per_second,
        "packets": interface.frames,
        "received": interface.received,
        "accepted": interface.accepted,
        "dropped_by_interface": interface.dropped_by_interface,
        "dropped_by_system": interface.dropped_by_system,
    }


def _pairs(title: str, pairs: Iterator[tuple[str, str]], tone: Tone = Tone.PLAIN, note: str = "") -> Table:
    """A table of two columns: what, and what of it; lines without a value are left out."""
    return Table(
        title=title,
        columns=(Column(heading=""), Column(heading="", may_wrap=True)),
        rows=tuple((Cell(text=name, tone=Tone.MUTED), Cell(text=value, tone=tone)) for name, value in pairs if value),
        note=note,
    )


def _file_table(facts: CaptureFacts) -> Table:
    return _pairs("Capture", _file_facts(facts))


def _file_facts(facts: CaptureFacts) -> Iterator[tuple[str, str]]:
    yield "format", f"{facts.format}, {facts.engine} engine"
    yield "written by", ", ".join(facts.written_by)
    yield "link types", ", ".join(facts.link_types)
    if facts.first_packet_at is not None and facts.last_packet_at is not None:
        yield "first packet", f"{clock_of(facts.first_packet_at)} UTC"
        yield "last packet", f"{clock_of(facts.last_packet_at)} UTC"
        yield "span", duration_of(facts.last_packet_at - facts.first_packet_at)
    for note in facts.notes:
        yield "note", note


def _interface_table(facts: CaptureFacts) -> Table:
    right = Alignment.RIGHT
    return Table(
        title="Interfaces",
        columns=(
            Column(heading="#", alignment=right),
            Column(heading="Name", may_wrap=True),
            Column(heading="Link type"),
            Column(heading="Filter", may_wrap=True),
            Column(heading="Snap length", alignment=right, unit="bytes"),
            Column(heading="Clock"),
            Column(heading="Packets", alignment=right),
            Column(heading="Received", alignment=right),
            Column(heading="Passed filter", alignment=right),
            Column(heading="Dropped", alignment=right),
            Column(heading="Machine", may_wrap=True),
        ),
        rows=tuple(_interface_row(item) for item in facts.interfaces[:_INTERFACES_SHOWN]),
        note=_more(len(facts.interfaces) - _INTERFACES_SHOWN),
    )


def _more(count: int) -> str:
    """What a table says beneath it where it doesn't show everything."""
    return f"and {count} more: see the JSON document" if count > 0 else ""


def _interface_row(interface: CaptureInterface) -> tuple[Cell, ...]:
    dropped = _dropped(interface)
    machine = (interface.hardware, interface.operating_system)
    return (
        Cell(text=str(interface.number)),
        Cell(text=" · ".join(filter(None, (interface.name, interface.description)))),
        Cell(text=interface.link_type),
        Cell(text=interface.capture_filter or ""),
        Cell(text=str(interface.snap_length) if interface.snap_length else "all"),
        Cell(text=_resolution(interface.ticks_per_second)),
        Cell(text=str(interface.frames)),
        _count_cell(interface.received),
        _count_cell(interface.accepted),
        Cell(text="" if dropped is None else str(dropped), tone=Tone.ERROR if dropped else Tone.PLAIN),
        Cell(text=" · ".join(filter(None, machine))),
    )


def _dropped(interface: CaptureInterface) -> int | None:
    """Packets lost by the interface and the system together; None where no statistics tell."""
    counts = (interface.dropped_by_interface, interface.dropped_by_system)
    return None if counts == (None, None) else sum(count or 0 for count in counts)


def _count_cell(count: int | None) -> Cell:
    return Cell(text="" if count is None else str(count))


def _resolution(ticks_per_second: int) -> str:
    known = {1: "s", 10**3: "ms", 10**6: "µs", 10**9: "ns", 10**12: "ps"}
    if ticks_per_second in known:
        return known[ticks_per_second]
    return f"1/{ticks_per_second} s" if ticks_per_second < 10**12 else "below ps"


def _content_table(trace: Trace) -> Table:
    return _pairs("What it holds", _content(trace))


def _content(trace: Trace) -> Iterator[tuple[str, str]]:
    media = trace.media
    yield "SIP", counted(len(trace.messages), "message")
    yield "RTP", f"{counted(media.rtp_packets, 'packet')} in {counted(len(trace.streams), 'stream')}"
    yield "RTCP", _rtcp_text(media)
    for line in encrypted_lines(trace.facts.encrypted_flows):
        yield "TLS", line
    for reason, frames in sorted(trace.facts.set_aside.items(), key=lambda item: (-item[1], item[0])):
        yield "set aside", f"{reason}: {frames}" if frames else ""


def _rtcp_text(media: MediaFacts) -> str:
    if not media.rtcp_packets:
        return ""
    packets, stray = counted(media.rtcp_packets, "packet"), media.reports_without_stream
    return f"{packets}; {counted(stray, 'report')} on streams that aren't in the capture" if stray else packets


def _lacks_table(trace: Trace) -> Table:
    return _pairs("What it lacks, and what it holds twice", _lacks(trace), Tone.WARNING)


def _lacks(trace: Trace) -> Iterator[tuple[str, str]]:
    for gap in trace.facts.gaps:
        yield gap.kind.value, gap.text or "told without words"
    yield "duplicates", _copies_text(trace)
    pairs = _one_sided(trace)
    for (source, destination), messages in pairs[:_PAIRS_SHOWN]:
        yield (
            "one direction",
            (f"{counted(messages, 'SIP message')} from {source} to {destination}, none from {destination} to {source}"),
        )
    if len(pairs) > _PAIRS_SHOWN:
        yield "one direction", f"{counted(len(pairs) - _PAIRS_SHOWN, 'more pair')} of addresses"


def _one_sided(trace: Trace) -> list[tuple[tuple[str, str], int]]:
    """Pairs of addresses with SIP in one direction, and the messages in it, the most first."""
    wanted = set(trace.vantage.one_sided)
    counts: Counter[tuple[str, str]] = Counter()
    for message in trace.messages:
        pair = (message.hop.source.address, message.hop.destination.address)
        if pair in wanted:
            counts[pair] += 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def _copies(trace: Trace) -> dict[str, int]:
    """Packets that were captured a second time, by what they carry."""
    return {
        "sip": trace.message_copies,
        "rtp": sum(stream.capture_copies for stream in trace.streams),
        "rtcp": trace.media.rtcp_copies,
    }


def _copies_text(trace: Trace) -> str:
    copies = _copies(trace)
    held = {"sip": len(trace.messages), "rtp": trace.media.rtp_packets, "rtcp": trace.media.rtcp_packets}
    # Copies of RTP are among the packets of its streams; those of SIP and RTCP are counted beside them.
    held["sip"] += copies["sip"]
    held["rtcp"] += copies["rtcp"]
    parts = [
        f"{count} of {held[kind]} {kind.upper()} packets ({100 * count / held[kind]:.0f} %)"
        for kind, count in copies.items()
        if count and held[kind]
    ]
    return f"{', '.join(parts)} were captured twice: {_cause_of_copies(trace)}" if parts else ""


def _cause_of_copies(trace: Trace) -> str | None:
    """What most likely made copies; None where there are none."""
    if not any(_copies(trace).values()):
        return None
    facts = trace.facts
    if any(name.startswith(_COOKED) for name in facts.link_types):
        return "the any device shows a packet on every interface that it crosses"
    # Each section of a file, and each file of a set, counts its interfaces from 0.
    if len({item.number for item in facts.interfaces if item.frames}) > 1:
        return "packets cross several of the interfaces that were captured"
    return "a mirror port that copies both directions, or packets seen with and without a tunnel or VLAN tag"


def _names_table(facts: CaptureFacts) -> Table:
    return _pairs("Names", islice(facts.names.items(), _NAMES_SHOWN), note=_more(len(facts.names) - _NAMES_SHOWN))


def _comments_table(facts: CaptureFacts) -> Table:
    return _pairs(
        "Comments",
        (
            (item.subject if item.frame is None else f"frame {item.frame}", item.text)
            for item in facts.comments[:_COMMENTS_SHOWN]
        ),
        note=_more(len(facts.comments) - _COMMENTS_SHOWN),
    )
