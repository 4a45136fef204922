"""The tracker as a whole: what becomes a stream, and that chunks don't matter."""

from dataclasses import fields

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sipscope.media import StreamTracker
from sipscope.media.candidates import SOURCES_OF_A_HOP
from sipscope.model.network import Endpoint, Hop
from sipscope.model.stream import QualitySeries, RtpStream
from tests.media.datagrams import HOP, SIGNALLED, Rtp, columns, event, formats, stream_of, tracked, voice


def test_no_packets_make_no_streams():
    assert StreamTracker().finish()[0] == ()


def test_ten_steady_packets_are_a_stream_without_any_description():
    streams, _ = tracked(voice(10), formats())
    assert [stream.codec for stream in streams] == ["PCMA"]


def test_nine_are_not_and_are_counted():
    streams, facts = tracked(voice(9), formats())
    assert (streams, facts.unconfirmed) == ((), {"rtp-like-too-few-packets": 9})


def test_one_packet_of_a_described_type_is_a_stream():
    streams, _ = tracked(voice(1))
    assert len(streams) == 1


def test_description_that_comes_after_few_packets_confirms_them():
    tracker = StreamTracker()
    tracker.add(columns(voice(3)), formats())
    hops = [HOP, HOP.reversed()]
    tracker.add(columns(voice(1, hop=HOP.reversed()), 4, hops), SIGNALLED)
    streams, _ = tracker.finish()
    assert [stream.packets for stream in streams] == [3, 1]


def test_jumping_sequence_numbers_are_no_rtp():
    packets = [Rtp(ms=20 * n, sequence=(n * 7919) % 65536, timestamp=n) for n in range(50)]
    streams, facts = tracked(packets, formats())
    assert (streams, facts.unconfirmed) == ((), {"rtp-like-unsteady-sequence": 50})


def test_random_sources_on_one_hop_are_no_rtp():
    packets = [Rtp(ms=n, sequence=n, timestamp=n, ssrc=n * 99991 + 5) for n in range(SOURCES_OF_A_HOP + 50)]
    streams, facts = tracked(packets, formats())
    assert streams == ()
    assert facts.unconfirmed == {"rtp-like-too-few-packets": SOURCES_OF_A_HOP, "rtp-like-too-many-sources": 50}


def test_payload_types_of_rtcp_are_set_aside():
    _, facts = tracked([Rtp(ms=n, sequence=n, timestamp=n, payload_type=72) for n in range(20)])
    assert facts.unconfirmed == {"no-rtp-header": 20}


def test_no_packet_vanishes():
    packets = [*voice(300), *voice(5, ssrc=9), *[Rtp(ms=1, sequence=1, timestamp=1, payload_type=74)] * 3]
    streams, facts = tracked(packets, formats())
    assert sum(stream.packets for stream in streams) + sum(facts.unconfirmed.values()) == len(packets)


def test_one_source_on_two_hops_is_two_streams():
    other = Hop(Endpoint("192.0.2.9", 4000), Endpoint("192.0.2.2", 5000))
    streams, _ = tracked([*voice(20), *voice(20, hop=other, ms=1)])
    assert [stream.hop for stream in streams] == [HOP, other]


def test_two_sources_on_one_hop_are_two_streams():
    mixed = [packet for pair in zip(voice(60), voice(60, ssrc=7, ms=1), strict=True) for packet in pair]
    streams, _ = tracked(mixed, cuts=(30, 31, 70))
    assert [(stream.ssrc, stream.packets, stream.lost) for stream in streams] == [(0x1234, 60, 0), (7, 60, 0)]


def test_streams_are_numbered_by_their_first_packet():
    streams, _ = tracked([*voice(20, ssrc=2, ms=5), *voice(20, ssrc=1, ms=500)])
    assert [(stream.id, stream.ssrc) for stream in streams] == [("s1", 2), ("s2", 1)]


def test_uses_of_payload_types_are_told_in_order():
    packets = [*voice(10), *voice(30, first=110, timestamp=1600, ms=200, payload_type=0)]
    stream = stream_of(packets, formats())
    assert [(use.payload_type, use.packets, use.first_frame, use.last_frame) for use in stream.payload_uses] == [
        (8, 10, 1, 10),
        (0, 30, 11, 40),
    ]
    assert (stream.payload_types, stream.codec) == ((0, 8), "PCMU")


def test_most_frequent_code_point_is_named():
    packets = [*voice(10, dscp=0), *voice(30, first=110, timestamp=1600, ms=200, dscp=46)]
    assert stream_of(packets).dscp == 46


def test_description_on_the_hop_is_asked_once_for_each_type():
    asked: list[int] = []

    def format_of(_hop: Hop, payload_type: int, _at: int) -> object:
        asked.append(payload_type)
        return SIGNALLED(_hop, payload_type, _at)

    tracked(voice(500), format_of, cuts=range(10, 500, 10))
    assert asked == [8]


@st.composite
def calls(draw: st.DrawFn) -> list[Rtp]:
    """A few streams with loss, doubles, key presses, restarts and pauses, mixed by time."""
    packets: list[Rtp] = []
    for ssrc in range(draw(st.integers(1, 4))):
        at, number, timestamp = (
            draw(st.integers(0, 100)) + 0.0,
            draw(st.integers(0, 65535)),
            draw(st.integers(0, 2**32)),
        )
        for step in draw(st.lists(st.sampled_from("vvvvvvvvvvldtkprc"), min_size=4, max_size=60)):
            number, timestamp, at = number + 1, timestamp + 160, at + 20 + draw(st.integers(0, 9)) / 3
            common = {"ssrc": ssrc, "ms": at, "sequence": number % 65536, "timestamp": timestamp % 2**32}
            match step:
                case "l":
                    continue
                case "d":
                    packets.append(Rtp(**common))
                case "t":
                    common["ms"] = max(0.0, at - 45)
                case "k":
                    packets.append(Rtp(**{**common, "payload_type": 101, "payload": event(5, 160)}))
                    number += 1
                    common["sequence"] = number % 65536
                case "p":
                    at += 700
                    timestamp += 5600
                case "r":
                    number += 9000
                case "c":
                    common.update(payload_type=13, payload=b"\0")
            packets.append(Rtp(**common))
    return sorted(packets, key=lambda packet: packet.ms)


def comparable(stream: RtpStream) -> dict[str, object]:
    found: dict[str, object] = {}
    for field in fields(RtpStream):
        value = getattr(stream, field.name)
        if isinstance(value, QualitySeries):
            measured = (value.packets, value.lost, value.bytes, np.round(value.jitter_ms, 6), value.delta_ms_max)
            value = [repr(column.tolist()) for column in measured]
        found[field.name] = round(value, 6) if isinstance(value, float) else value
    return found


@settings(max_examples=60, deadline=None)
@given(calls(), st.lists(st.integers(0, 240), max_size=12))
def test_chunks_do_not_matter(packets: list[Rtp], cuts: list[int]):
    whole, facts = tracked(packets)
    parts, part_facts = tracked(packets, cuts=cuts)
    assert [comparable(stream) for stream in parts] == [comparable(stream) for stream in whole]
    assert part_facts == facts
