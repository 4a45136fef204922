"""Formats and uses of payload types."""

import pytest

from sipscope.media.payloads import is_event, is_voice
from sipscope.model.description import RtpFormat
from sipscope.model.network import Hop
from tests.media.datagrams import EVENTS, NOISE, PCMA, formats, stream_of, tracked, voice


def test_description_goes_before_the_static_table():
    odd = RtpFormat(payload_type=8, encoding="L8", clock_rate_hz=16000)
    stream = stream_of(voice(20), formats(odd))
    assert (stream.codec, stream.clock_rate_hz) == ("L8", 16000)


def test_static_table_serves_where_nothing_is_described():
    stream = stream_of(voice(20, payload_type=18), formats())
    assert (stream.codec, stream.clock_rate_hz, stream.media_kind) == ("G729", 8000, "audio")


def test_dynamic_type_without_description_has_no_name():
    stream = stream_of(voice(20, payload_type=96), formats())
    assert (stream.codec, stream.clock_rate_hz, stream.media_kind) == (None, None, None)


def test_unknown_type_is_asked_again_with_each_chunk():
    asked = []

    def format_of(_hop: Hop, _payload_type: int, at: int) -> None:
        asked.append(at)

    tracked(voice(40, payload_type=96), format_of, cuts=(10, 20, 30))
    # With each of the four chunks, and at the end.
    assert len(asked) == 5


@pytest.mark.parametrize(
    ("rtp_format", "event", "speech"), [(PCMA, False, True), (EVENTS, True, False), (NOISE, False, False)]
)
def test_what_carries_voice(rtp_format: RtpFormat, event: bool, speech: bool):
    assert (is_event(rtp_format), is_voice(rtp_format)) == (event, speech)
