"""Sequence numbers: expected, lost, duplicates, late packets, restarts (RFC 3550 §A.1, §A.3)."""

from dataclasses import replace

from hypothesis import example, given
from hypothesis import strategies as st

from tests.media.datagrams import later, stream_of, tracked, voice, without


def test_stream_in_order_has_no_loss():
    stream = stream_of(voice(50))
    assert (stream.packets, stream.expected, stream.lost, stream.reordered) == (50, 50, 0, 0)


def test_sequence_number_wraps_at_65536():
    stream = stream_of(voice(40, first=65520))
    assert (stream.expected, stream.lost, stream.sequence_restarts) == (40, 0, 0)


def test_duplicates_never_make_loss_negative():
    # Base 65530, highest 12 after one wrap, 15 different packets, two of them twice.
    packets = without(voice(19, first=65530), 65533, 65537, 65540, 65543)
    packets = [*packets[:5], later(packets[3], packets[4].ms + 1), *packets[5:], later(packets[-1], packets[-1].ms + 1)]
    stream = stream_of(packets)
    assert (stream.expected, stream.lost, stream.duplicates, stream.packets) == (19, 4, 2, 17)


def test_late_packet_fills_its_hole():
    packets = voice(20)
    packets[7], packets[8] = packets[8], packets[7]
    stream = stream_of([later(packet, 20 * number) for number, packet in enumerate(packets)])
    assert (stream.lost, stream.reordered, stream.duplicates) == (0, 1, 0)


def test_packet_before_the_first_lowers_the_base():
    packets = voice(20, first=100)
    stream = stream_of([packets[3], packets[0], packets[2], *packets[4:]])
    assert (stream.expected, stream.lost) == (20, 1)


def test_late_packet_before_the_base_after_a_cut_between_chunks():
    packets = voice(20, first=100)
    packets = [packets[3], packets[0], packets[2], *packets[4:]]
    (stream,), _ = tracked(packets, cuts=(1, 2, 3))
    assert (stream.expected, stream.lost, stream.loss_runs) == (20, 1, 1)


def test_jump_beyond_dropout_is_a_restart_when_the_next_follows():
    stream = stream_of([*voice(30), *voice(30, first=20000, ms=600)])
    assert (stream.sequence_restarts, stream.expected, stream.lost) == (1, 60, 0)


def test_single_stray_number_is_no_restart():
    packets = voice(30)
    packets.insert(10, replace(packets[9], sequence=40000, ms=packets[9].ms + 1))
    stream = stream_of(packets)
    assert (stream.sequence_restarts, stream.expected, stream.lost) == (0, 30, 0)


def test_restart_across_chunks_is_seen():
    (stream,), _ = tracked([*voice(30), *voice(30, first=20000, ms=600)], cuts=(31,))
    assert (stream.sequence_restarts, stream.expected, stream.lost) == (1, 60, 0)


def test_jump_of_2999_is_loss():
    stream = stream_of([*voice(10), *voice(10, first=3108, ms=200)])
    assert (stream.sequence_restarts, stream.lost, stream.longest_loss_run) == (0, 2998, 2998)


def test_equal_identification_within_ten_milliseconds_is_a_capture_copy():
    packets = voice(10, identification=7)
    stream = stream_of([*packets, later(packets[-1], packets[-1].ms + 9)])
    assert (stream.duplicates, stream.capture_copies) == (1, 1)


def test_new_identification_is_a_duplicate_of_the_network():
    packets = voice(10, identification=7)
    stream = stream_of([*packets, later(packets[-1], packets[-1].ms + 9, identification=8)])
    assert (stream.duplicates, stream.capture_copies) == (1, 0)


def test_without_identification_a_copy_comes_within_a_millisecond():
    packets = voice(10)
    stream = stream_of([*packets, later(packets[-1], packets[-1].ms + 0.9), later(packets[-1], packets[-1].ms + 3)])
    assert (stream.duplicates, stream.capture_copies) == (2, 1)


def test_everything_captured_twice_is_counted_as_copies():
    packets = [copy for packet in voice(300, identification=3) for copy in (packet, later(packet, packet.ms + 0.1))]
    (stream,), _ = tracked(packets, cuts=(101, 250, 251))
    assert (stream.lost, stream.duplicates, stream.capture_copies) == (0, 300, 300)


def test_ssrc_zero_is_a_stream():
    assert stream_of(voice(20, ssrc=0)).ssrc == 0


def test_thousands_of_restarts_are_counted():
    pairs = [voice(2, first=(10_000 * number) % 65536, ms=40 * number) for number in range(17_000)]
    stream = stream_of([packet for pair in pairs for packet in pair])
    assert (stream.sequence_restarts, stream.expected, stream.lost) == (16_999, 34_000, 0)


@st.composite
def arrivals(draw: st.DrawFn) -> list[int]:
    """Sequence numbers as they arrive: lost, doubled, late, and with jumps."""
    numbers: list[int] = []
    current = draw(st.integers(0, 65535))
    for _ in range(draw(st.integers(4, 80))):
        current += draw(st.sampled_from([1, 1, 1, 1, 1, 2, 3, 40, 2999, 5000, -3000]))
        numbers.append(current % 65536)
        if draw(st.integers(0, 9)) == 0:
            numbers.append((current - draw(st.integers(0, 99))) % 65536)
    return numbers


def reference(numbers: list[int]) -> tuple[int, int, int, int]:
    """Expected, lost, duplicates and restarts by the code of RFC 3550 §A.1, packet by packet."""
    highest = base = numbers[0] + 65536
    seen, bad, expected, lost, duplicates, restarts = {highest}, None, 0, 0, 0, 0
    for number in numbers[1:]:
        ahead = (number - highest) % 65536
        if ahead < 3000:
            duplicates += ahead == 0
            highest += ahead
            seen.add(highest)
        elif ahead > 65536 - 100:
            extended = highest + ahead - 65536
            duplicates += extended in seen
            seen.add(extended)
            base = min(base, extended)
        elif number == bad:
            expected, lost = expected + highest - base + 1, lost + highest - base + 1 - len(seen)
            highest = 65536 * 10 + number
            base, seen, restarts = highest - 1, {highest - 1, highest}, restarts + 1
        else:
            bad = (number + 1) % 65536
    return expected + highest - base + 1, lost + highest - base + 1 - len(seen), duplicates, restarts


@given(arrivals(), st.lists(st.integers(0, 90), max_size=5))
@example([1, 1, 5001, 5002, 5003, 5004, 5001, 5005, 5060, 8059, 29057, 34057, 34057, 34058, 34058], [])
@example([50876, 50877, 50878, 55876, 55877, 55876, 55876, 55877, 55878], [4])
def test_figures_are_those_of_the_plain_algorithm(numbers: list[int], cuts: list[int]):
    packets = [voice(1, first=number, ms=20 * place)[0] for place, number in enumerate(numbers)]
    (stream,), _ = tracked(packets, cuts=cuts)
    assert (stream.expected, stream.lost, stream.duplicates, stream.sequence_restarts) == reference(numbers)


@given(arrivals())
def test_loss_runs_add_up_to_the_loss(numbers: list[int]):
    packets = [voice(1, first=number, ms=20 * place)[0] for place, number in enumerate(numbers)]
    stream = stream_of(packets)
    assert stream.series is not None
    assert int(stream.series.lost.sum()) == stream.lost
