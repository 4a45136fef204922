"""TCP reassembly, seen from outside: segments in a capture, packets out."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipscope.model.network import Transport
from sipscope.model.packets import GapKind
from tests.capture.builders import A4, B4, OPTIONS, RINGING, Content, ethernet, ipv4, pcap, tcp
from tests.capture.hep import hep3
from tests.capture.websockets import frame


def segment(payload, sequence, *, back=False, **options):
    ends = {"source": B4, "destination": A4} if back else {}
    return ethernet(ipv4(tcp(payload, sequence, **options), protocol=6, **ends))


def stream(content: Content) -> bytes:
    return b"".join(packet.payload for packet in content.packets)


def test_segments_go_up_as_they_are(reading):
    content = reading(pcap([segment(OPTIONS[:30], 100), segment(OPTIONS[30:], 130)]))
    assert [(packet.payload, packet.frames) for packet in content.packets] == [
        (OPTIONS[:30], (1,)),
        (OPTIONS[30:], (2,)),
    ]
    assert {(packet.framed, packet.gap_before, packet.hop.transport) for packet in content.packets} == {
        (False, False, Transport.TCP)
    }


def test_handshake_and_acknowledgements_are_set_aside(reading):
    frames = [segment(b"", 99, flags=2), segment(b"", 500, flags=0x12, back=True), segment(OPTIONS, 100)]
    content = reading(pcap([*frames, segment(b"", 501, flags=0x10, back=True)]))
    assert content.facts.set_aside == {"tcp-no-payload": 3}


def test_segment_in_front_of_the_syn_known_start_waits(reading):
    frames = [segment(b"", 99, flags=2), segment(OPTIONS[30:], 130), segment(OPTIONS[:30], 100)]
    content = reading(pcap(frames))
    assert [packet.frames for packet in content.packets] == [(3,), (2,)]
    assert content.packets[1].at == content.packets[0].at
    assert stream(content) == OPTIONS


def test_retransmission_gives_nothing_twice(reading):
    content = reading(pcap([segment(OPTIONS, 100), segment(OPTIONS, 100)]))
    assert stream(content) == OPTIONS
    assert content.facts.set_aside == {"tcp-retransmission": 1}


def test_overlap_gives_only_what_is_new(reading):
    content = reading(pcap([segment(OPTIONS[:40], 100), segment(OPTIONS[20:], 120)]))
    assert [packet.payload for packet in content.packets] == [OPTIONS[:40], OPTIONS[40:]]


def test_sequence_numbers_wrap(reading):
    content = reading(pcap([segment(OPTIONS[:30], 2**32 - 10), segment(OPTIONS[30:], 20)]))
    assert stream(content) == OPTIONS


def test_hole_is_passed_and_said_at_the_end(reading):
    content = reading(pcap([segment(OPTIONS, 100), segment(RINGING, 100 + len(OPTIONS) + 50)]))
    assert [packet.gap_before for packet in content.packets] == [False, True]
    gap = content.facts.gaps[0]
    assert (gap.kind, gap.frames) == (GapKind.STREAM_BYTES_MISSING, (2,))
    assert "50 bytes" in gap.text


def test_hole_that_the_receiver_has_filled_is_passed_soon(reading):
    far = 100 + len(OPTIONS) + 50
    acknowledgement = segment(b"", 1, back=True, flags=0x10, ack=far + len(RINGING))
    frames = [segment(OPTIONS, 100), segment(RINGING, far), acknowledgement, acknowledgement]
    late = segment(b"x" * 50, 100 + len(OPTIONS))
    content = reading(pcap([*frames, late], step=30_000_000))
    assert [packet.frames for packet in content.packets] == [(1,), (2,)]


def test_hole_is_waited_for_within_a_second(reading):
    far = 100 + len(OPTIONS)
    frames = [segment(OPTIONS, 100), segment(RINGING[20:], far + 20), segment(RINGING[:20], far)]
    assert stream(reading(pcap(frames, step=400_000_000))) == OPTIONS + RINGING


def test_wild_sequence_number_starts_again(reading):
    content = reading(pcap([segment(OPTIONS, 100), segment(RINGING, 10**9)]))
    assert [packet.gap_before for packet in content.packets] == [False, True]


def test_connection_joined_in_the_middle_starts_at_the_next_message(reading):
    content = reading(pcap([segment(b"c: 5\r\n\r\nabcde", 100), segment(b"xyz\r\n" + RINGING, 113)]))
    assert [(packet.payload, packet.gap_before) for packet in content.packets] == [(RINGING, True)]
    assert content.facts.set_aside == {"tcp-before-first-message": 1}


def test_keep_alives_in_front_are_part_of_the_stream(reading):
    content = reading(pcap([segment(b"\r\n\r\n", 100), segment(OPTIONS, 104)]))
    assert stream(content) == b"\r\n\r\n" + OPTIONS


def test_connection_of_keep_alives_alone_is_counted_so(reading):
    content = reading(pcap([segment(b"\r\n\r\n", 100 + 4 * n) for n in range(20)]))
    assert content.facts.set_aside == {"keep-alive": 20}


def test_sip_after_many_keep_alives_is_found(reading):
    frames = [segment(b"\r\n\r\n", 100 + 4 * n) for n in range(20)]
    content = reading(pcap([*frames, segment(OPTIONS, 180)]))
    assert stream(content).endswith(OPTIONS)
    assert content.adds_up


@pytest.mark.parametrize(
    ("first", "reason"), [(b"\x16\x03\x01" + bytes(80), "tls"), (b"220 server ready\r\n" + bytes(50), "tcp-not-sip")]
)
def test_other_protocols_are_given_up(reading, first, reason):
    frames = [segment(first, 100 + n * len(first)) for n in range(30)]
    assert reading(pcap(frames)).facts.set_aside == {reason: 30}


def bit_by_bit(data: bytes, size: int = 1, begin: int = 100) -> list[bytes]:
    return [segment(data[at : at + size], begin + at) for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
@pytest.mark.parametrize("before", [b"", b"\r\n\r\n", b"xyz\r\n"])
def test_sip_that_comes_a_few_bytes_at_a_time_is_read(reading, size, before):
    content = reading(pcap(bit_by_bit(before + OPTIONS + RINGING, size)))
    assert stream(content).endswith(OPTIONS + RINGING)
    assert content.adds_up


def test_hep_that_comes_byte_by_byte_is_read(reading):
    content = reading(pcap(bit_by_bit(hep3(OPTIONS))))
    assert [packet.payload for packet in content.packets] == [OPTIONS]


def test_websocket_that_comes_byte_by_byte_is_read(reading):
    content = reading(pcap(bit_by_bit(frame(OPTIONS, mask=b"abcd"))))
    assert [packet.payload for packet in content.packets] == [OPTIONS]


def test_tls_that_comes_byte_by_byte_is_known(reading):
    assert set(reading(pcap(bit_by_bit(b"\x16\x03\x01" + bytes(80)))).facts.set_aside) == {"tls"}


def test_other_protocols_that_come_byte_by_byte_are_given_up(reading):
    frames = bit_by_bit(b"ls -l\r\n" * 1000)
    content = reading(pcap([*frames, segment(OPTIONS, 100 + 7000)]))
    assert content.facts.set_aside == {"tcp-not-sip": 7001}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"OPTIONS sip:b@exam", "tcp-undecided"),
        (b"OPTIONS sip:b@example.net SI", "tcp-undecided"),
        (b"\r\nSIP/2.0", "tcp-undecided"),
        (b"INV", "tcp-undecided"),
        (b"OPTIONS sip:b@example.net HTTP", "tcp-not-sip"),
        (b"220 server ready\r\n", "tcp-not-sip"),
        (b"\xff\xfb\x01", "tcp-not-sip"),
    ],
)
def test_stream_that_ends_inside_what_may_be_a_start_line_is_undecided(reading, data, reason):
    assert reading(pcap(bit_by_bit(data, 4))).facts.set_aside == {reason: -(-len(data) // 4)}


def test_ports_used_again_start_a_new_stream(reading):
    first = [segment(b"", 99, flags=2), segment(OPTIONS, 100)]
    second = [segment(b"", 9999, flags=2), segment(RINGING, 10000)]
    content = reading(pcap(first + second))
    assert [(packet.payload, packet.gap_before) for packet in content.packets] == [(OPTIONS, False), (RINGING, False)]


def test_both_directions_have_their_own_order(reading):
    content = reading(pcap([segment(OPTIONS, 100), segment(RINGING, 700, back=True)]))
    assert [str(packet.hop.source) for packet in content.packets] == [f"{A4}:5060", f"{B4}:5060"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_order_within_the_window_gives_the_stream(reading, data):
    text = OPTIONS + RINGING + OPTIONS
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=12)))
    pieces = [(begin, end) for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    repeated = data.draw(st.lists(st.sampled_from(pieces), max_size=5))
    order = data.draw(st.permutations(pieces + repeated))
    frames = [segment(b"", 2**32 - 51, flags=2)]
    frames += [segment(text[begin:end], (2**32 - 50 + begin) % 2**32) for begin, end in order]
    content = reading(pcap(frames, step=1000))
    assert stream(content) == text
    assert content.adds_up
