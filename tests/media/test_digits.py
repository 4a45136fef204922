"""Key presses (RFC 4733)."""

import pytest

from tests.media.datagrams import PCMA, Rtp, event, formats, later, stream_of, tracked, voice


def key(code: int, *, first: int = 200, timestamp: int = 1000, ms: float = 5000, ends: int = 3) -> list[Rtp]:
    """A key of 80 ms: three updates, and the end as often as asked."""
    payloads = [event(code, 160), event(code, 320), event(code, 480), *[event(code, 640, end=True)] * ends]
    return [
        Rtp(
            ms=ms + 20 * number,
            sequence=first + number,
            timestamp=timestamp,
            payload_type=101,
            payload=payload,
            marker=number == 0,
        )
        for number, payload in enumerate(payloads)
    ]


def test_packets_of_one_timestamp_are_one_digit():
    (digit,) = stream_of([*voice(100), *key(5)]).digits
    assert (digit.symbol, digit.duration_ms, digit.end_packets) == ("5", pytest.approx(80), 3)


def test_missing_end_packets_are_counted():
    (digit,) = stream_of([*voice(100), *key(5, ends=1)]).digits
    assert digit.end_packets == 1


def test_end_packets_with_one_sequence_number_count_each():
    pressed = key(5)
    same = [later(packet, packet.ms, sequence=205) for packet in pressed[5:]]
    (digit,) = stream_of([*voice(100), *pressed[:5], *same, later(same[0], same[0].ms + 20)]).digits
    assert digit.end_packets == 4


def test_frame_captured_twice_counts_once():
    pressed = key(5)
    (digit,) = stream_of([*voice(100), *pressed, later(pressed[-1], pressed[-1].ms + 0.1)]).digits
    assert digit.end_packets == 3


def test_same_key_twice_is_two_digits():
    stream = stream_of([*voice(100), *key(5), *key(5, first=206, timestamp=3000, ms=5200)])
    assert [digit.symbol for digit in stream.digits] == ["5", "5"]


def test_symbols_of_all_sixteen_keys():
    packets = [
        packet
        for code in range(16)
        for packet in key(code, first=200 + 6 * code, timestamp=1000 + 2000 * code, ms=5000 + 200 * code)
    ]
    assert "".join(digit.symbol for digit in stream_of([*voice(100), *packets]).digits) == "0123456789*#ABCD"


def test_other_events_are_numbered():
    (digit,) = stream_of([*voice(100), *key(32)]).digits
    assert digit.symbol == "event 32"


def test_changing_timestamps_make_one_press_many():
    pressed = [later(packet, packet.ms, timestamp=1000 + 160 * number) for number, packet in enumerate(key(5))]
    assert len(stream_of([*voice(100), *pressed]).digits) == 6


def test_segments_of_a_long_event_are_one_digit():
    first = [
        Rtp(ms=5000 + 50 * n, sequence=200 + n, timestamp=1000, payload_type=101, payload=event(1, d), marker=n == 0)
        for n, d in enumerate((400, 33000, 0xFFFF))
    ]
    second = [
        Rtp(ms=5150 + 50 * n, sequence=203 + n, timestamp=1000 + 0xFFFF, payload_type=101, payload=event(1, d, end=e))
        for n, (d, e) in enumerate(((400, False), (801, True)))
    ]
    (digit,) = stream_of([*voice(100), *first, *second]).digits
    assert digit.duration_ms == pytest.approx((0xFFFF + 801) / 8)


def test_unnamed_type_that_behaves_like_keys_is_taken_for_them():
    (digit,) = stream_of([*voice(100), *key(7)], formats(PCMA)).digits
    assert (digit.symbol, digit.duration_ms) == ("7", pytest.approx(80))


def test_keys_alone_make_a_stream():
    stream = stream_of(key(7), formats())
    assert (stream.codec, stream.digits[0].symbol, stream.digits[0].duration_ms) == ("telephone-event", "7", None)


def test_unnamed_packets_of_four_bytes_that_are_no_keys_are_none():
    packets = [
        Rtp(ms=20 * n, sequence=n, timestamp=160 * n, payload_type=99, payload=bytes([200, 64, n, n]))
        for n in range(30)
    ]
    assert stream_of(packets, formats()).digits == ()


def test_digit_across_chunks_is_one():
    (stream,), _ = tracked([*voice(100), *key(5)], cuts=(102, 104))
    assert len(stream.digits) == 1
