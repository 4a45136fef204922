"""A capture and the log of a server of the same time as one."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.errors import UsageError
from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import CaptureFacts, Packet
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.pipeline import Options, reconstruct
from tests.capture.builders import START, ethernet, ipv4, pcap_header, record, tcp, udp
from tests.capture.text.writers import ONE_SIDED, pjsip
from tests.conftest import REPOSITORY

SAMPLE = str(REPOSITORY / "samples" / "basic-call.pcapng")
PROXY = "192.0.2.1"
HOUR = 3600 * SECOND

Mix = Callable[..., Trace]


def signalling(path: str = SAMPLE) -> list[Packet]:
    packets = [packet for chunk in open_capture(path).chunks() for packet in chunk.packets]
    return [packet for packet in packets if b"SIP/2.0" in packet.payload]


def later(packets: list[Packet], by: Duration) -> list[Packet]:
    return [Packet(at=each.at + by, frames=each.frames, hop=each.hop, payload=each.payload) for each in packets]


@pytest.fixture
def mix(tmp_path: Path) -> Mix:
    """Read a capture with a log."""

    def reading(log: bytes, capture: str | bytes = SAMPLE, options: Options | None = None) -> Trace:
        written = tmp_path / "server.log"
        written.write_bytes(log)
        if isinstance(capture, bytes):
            (tmp_path / "trace.pcap").write_bytes(capture)
            capture = str(tmp_path / "trace.pcap")
        return reconstruct([capture, str(written)], options)

    return reading


def only_media(path: str = SAMPLE) -> bytes:
    """A capture of what isn't SIP."""
    frames = []
    for chunk in open_capture(path).chunks():
        if chunk.datagrams is None:
            continue
        for at, hop, head in zip(chunk.datagrams.at, chunk.datagrams.hop, chunk.datagrams.head, strict=True):
            way = chunk.datagrams.hops[hop]
            payload = udp(bytes(head) + bytes(140), way.source.port, way.destination.port)
            packet = ipv4(payload, source=way.source.address, destination=way.destination.address)
            frames.append((int(at), ethernet(packet)))
    return timed(frames)


def timed(frames: list[tuple[int, bytes]]) -> bytes:
    return pcap_header() + b"".join(record(frame, at) for at, frame in frames)


def framed(packet: Packet) -> tuple[int, bytes]:
    source, destination = packet.hop.source.address, packet.hop.destination.address
    return packet.at, ethernet(ipv4(udp(packet.payload), source=source, destination=destination))


def story(trace: Trace) -> list[tuple[bytes, Hop]]:
    return [(message.payload, message.hop) for message in trace.messages]


@pytest.mark.parametrize("name", sorted(set(ONE_SIDED) - {"asterisk-sip-log"}))
def test_what_capture_and_log_show_is_told_once(mix: Mix, name: str):
    alone, both = reconstruct(SAMPLE), mix(ONE_SIDED[name](signalling(), PROXY))
    assert story(both) == story(alone)
    assert both.facts.set_aside["log-copy"] == len(signalling())


@pytest.mark.parametrize(("by", "sentence"), [
    (2 * HOUR, r"so its times are those of another zone: they are put back by 2:00 h\."),
    (-5 * HOUR - HOUR // 2, r"so its times are those of another zone: they are put ahead by 5:30 h\."),
    (-3 * SECOND - SECOND // 4, r"so its clock is wrong: they are put ahead by 3\.250 s\."),
    (SECOND // 8, r"its clock agrees with the capture's\."),
])  # fmt: skip
def test_a_log_with_another_clock_is_put_to_the_times_of_the_capture(mix: Mix, by: Duration, sentence: str):
    both = mix(pjsip(later(signalling(), by), PROXY))
    assert story(both) == story(reconstruct(SAMPLE))
    assert any(re.search(sentence, note) for note in both.facts.notes)


def test_what_only_the_log_shows_stands_at_its_time(mix: Mix):
    packets = signalling()
    log = pjsip(later(packets, 2 * HOUR), PROXY)
    frames = [framed(packet) for packet in packets[:3]]
    both = mix(log, timed(frames))
    assert [message.payload for message in both.messages] == [packet.payload for packet in packets]
    # The log has microseconds.
    assert [message.at // 1000 for message in both.messages] == [packet.at // 1000 for packet in packets]
    assert both.facts.set_aside["log-copy"] == 3


def test_lines_are_numbered_on_behind_the_frames(mix: Mix):
    packets = signalling()
    both = mix(pjsip(packets, PROXY), timed([(packets[0].at - SECOND, ethernet(ipv4(udp(b"x" * 20))))]))
    assert both.messages[0].frames == (3,)
    assert both.facts.notes[0] == "Lines of logs are numbered on behind frame 1: server.log from line 2."


def test_media_is_bound_to_what_the_log_negotiates(mix: Mix):
    both = mix(pjsip(signalling(), PROXY), only_media())
    assert len(both.calls) == 1
    assert [stream.binding is not None for stream in both.streams] == [True, True]
    assert {stream.clock_rate_hz for stream in both.streams} == {
        stream.clock_rate_hz for stream in reconstruct(SAMPLE).streams
    }


def test_a_log_without_year_takes_that_of_the_capture(mix: Mix):
    log = re.sub(rb"\[\d{4}-11-(\d\d) ", rb"[Nov \1 ", pjsip(later(signalling(), 0), PROXY))
    both = mix(log, only_media())
    assert [message.at // SECOND for message in both.messages] == [packet.at // SECOND for packet in signalling()]
    assert any("the year, which it leaves out" in note for note in both.facts.notes)


def test_a_log_without_date_needs_a_message_that_the_capture_shows(mix: Mix):
    with pytest.raises(UsageError, match=r"server\.log tells times without a date, and no message of it"):
        mix(ONE_SIDED["freeswitch-siptrace"](signalling(), PROXY).replace(b"2026-05-01 ", b""), only_media())


def test_a_log_without_times_is_refused(mix: Mix):
    with pytest.raises(UsageError, match=r"server\.log tells no times"):
        mix(ONE_SIDED["asterisk-sip-log"](signalling(), PROXY))


def test_whole_seconds_do_not_turn_the_order_round(mix: Mix):
    packets = signalling()
    log = re.sub(rb"(:\d\d)\.\d{6}\]", rb"\1]", pjsip(packets, PROXY))
    frames = [framed(packet) for packet in packets[::2]]
    both = mix(log, timed(frames))
    assert [message.payload for message in both.messages] == [packet.payload for packet in packets]
    assert both.facts.clock_step == SECOND


def test_coarse_times_of_a_log_that_adds_nothing_do_not_count(mix: Mix):
    log = re.sub(rb"(:\d\d)\.\d{6}\]", rb"\1]", pjsip(signalling(), PROXY))
    assert mix(log).facts.clock_step == 0


def test_what_was_sent_twice_is_told_twice(mix: Mix):
    first = signalling()[0]
    again = later([first], SECOND // 2)
    both = mix(pjsip([first, *again], PROXY), timed([framed(first)]))
    assert len(both.messages) == 2
    assert both.facts.set_aside["log-copy"] == 1


def test_a_message_behind_an_address_translation_is_the_same(mix: Mix):
    first = next(packet for packet in signalling() if packet.hop.destination.address == PROXY)
    frame = ethernet(ipv4(udp(first.payload), source="10.9.9.9", destination=PROXY))
    both = mix(pjsip([first], PROXY), timed([(first.at, frame)]))
    assert [message.hop.source for message in both.messages] == [Endpoint("10.9.9.9", 5060)]


@pytest.mark.parametrize("size", [7, 64, 500, 1400, 100_000])
def test_messages_in_a_stream_are_found_however_it_is_cut(mix: Mix, size: int):
    packets = signalling()[:3]
    stream = b"".join(packet.payload for packet in packets)
    pieces = [stream[begin : begin + size] for begin in range(0, len(stream), size)]
    frames, sequence = [], 1
    for piece in pieces:
        segment = tcp(piece, sequence)
        frames.append((START + sequence, ethernet(ipv4(segment, protocol=6, source="192.0.2.10", destination=PROXY))))
        sequence += len(piece)
    hop = Hop(Endpoint("192.0.2.10", 5060), Endpoint(PROXY, 5060), packets[0].hop.transport)
    told = [Packet(at=START, frames=(1,), hop=hop, payload=packet.payload) for packet in packets]
    both = mix(pjsip(told, PROXY), timed(frames))
    assert both.facts.set_aside["log-copy"] == 3
    assert len(both.messages) == 3


def test_a_message_that_the_snap_length_cut_is_made_whole_by_the_log(mix: Mix):
    packets = [
        packet for packet in signalling() if PROXY in {packet.hop.source.address, packet.hop.destination.address}
    ]
    cut = b"".join(record(frame[:300], at, original=len(frame)) for at, frame in (framed(packet) for packet in packets))
    both = mix(pjsip(packets, PROXY), pcap_header() + cut)
    assert [message.payload for message in both.messages] == [packet.payload for packet in packets]
    assert [message.at // 1000 for message in both.messages] == [packet.at // 1000 for packet in packets]
    assert both.facts.set_aside["log-copy"] == len(packets)


def test_facts_name_both(mix: Mix):
    facts: CaptureFacts = mix(pjsip(signalling(), PROXY)).facts
    assert facts.path.endswith("basic-call.pcapng with server.log")
    assert facts.format == "pcapng, asterisk-pjsip-log"
    assert facts.engine == "native+text"


def test_wiresharks_engine_takes_the_capture(mix: Mix):
    pytest.importorskip("pyshark")
    both = mix(pjsip(signalling(), PROXY), options=Options(engine="wireshark"))
    assert both.facts.engine == "wireshark+text"
    assert story(both) == story(reconstruct(SAMPLE))


def test_reading_can_be_stopped_before_anything_is_known(mix: Mix):
    trace = mix(pjsip(signalling(), PROXY), options=Options(is_stopped=lambda: True))
    assert trace.messages == ()


def test_standard_input_is_no_part_of_a_set(tmp_path: Path):
    log = tmp_path / "server.log"
    log.write_bytes(pjsip(signalling(), PROXY))
    with pytest.raises(UsageError, match="standard input can't be merged"):
        open_capture(["-", str(log)])
