"""What a stream value says in the end."""

from sipscope.model.description import RtpFormat
from tests.media.datagrams import EVENTS, PCMA, Rtp, event, formats, stream_of, voice


def test_main_type_is_voice_even_where_key_presses_are_more():
    keys = [
        Rtp(ms=200 + 20 * n, sequence=110 + n, timestamp=1600, payload_type=101, payload=event(1, 160 * n + 160))
        for n in range(20)
    ]
    stream = stream_of([*voice(10), *keys], formats(PCMA, EVENTS))
    assert (stream.codec, stream.payload_types) == ("PCMA", (101, 8))


def test_video_of_the_static_table_is_named():
    assert stream_of(voice(20, payload_type=34), formats()).media_kind == "video"


def test_kind_of_a_described_type_is_left_to_its_section():
    opus = RtpFormat(payload_type=99, encoding="opus", clock_rate_hz=48000, channels=2)
    assert stream_of(voice(20, payload_type=99), formats(opus)).media_kind is None


def test_longest_payload_is_noted():
    stream = stream_of([*voice(5, payload=bytes(20)), *voice(5, first=105, timestamp=800, ms=100, payload=bytes(33))])
    assert stream.payload_uses[0].longest_length == 33


def test_frames_and_counts_are_plain_integers():
    stream = stream_of(voice(20))
    assert {type(value) for value in (stream.packets, stream.first_packet_at, stream.ssrc, stream.dscp)} == {int}
