"""Scores of streams, and reasons for none."""

from dataclasses import replace

import pytest

from sipscope.media.mos import AMR_PROXY, G723_HIGH, G723_LOW, impairment_of, score_of
from sipscope.model.stream import PayloadTypeUse, RtpStream
from tests.media.datagrams import stream_of, voice, without


@pytest.fixture
def stream() -> RtpStream:
    return stream_of(without(voice(1000), *range(200, 1000, 50)))


def test_score_names_what_went_in(stream: RtpStream):
    score, note = score_of(stream)
    assert score is not None
    assert (score.loss_percent, score.burst_ratio, note) == (pytest.approx(1.6), 1.0, "")


def test_score_is_that_of_the_formula(stream: RtpStream):
    score, _ = score_of(stream)
    assert score is not None
    assert score.r_factor == pytest.approx(93.2 - 95 * 1.6 / (1.6 + 25.1))


def test_few_packets_have_no_score():
    score, note = score_of(stream_of(voice(199)))
    assert score is None
    assert "200" in note


def test_video_has_no_score(stream: RtpStream):
    assert score_of(replace(stream, media_kind="video"))[0] is None


@pytest.mark.parametrize("codec", ["opus", "iLBC", "speex", "AMR-WB", "G722"])
def test_codec_without_constants_has_no_score_and_says_so(stream: RtpStream, codec: str):
    score, note = score_of(replace(stream, codec=codec))
    assert score is None
    assert codec in note


def test_unknown_codec_has_no_score(stream: RtpStream):
    assert score_of(replace(stream, codec=None)) == (
        None,
        "The codec is unknown: no session description names the payload type.",
    )


def test_loss_without_published_robustness_has_no_score(stream: RtpStream):
    assert score_of(replace(stream, codec="GSM"))[0] is None


def test_the_same_codec_without_loss_has_one():
    score, _ = score_of(replace(stream_of(voice(300)), codec="G726-32"))
    assert score is not None
    assert score.equipment_impairment == 7


def test_key_presses_are_no_voice(stream: RtpStream):
    assert score_of(replace(stream, codec="telephone-event"))[1] == "The stream carries no voice."


def lengths(stream: RtpStream, codec: str, longest: int) -> RtpStream:
    use = PayloadTypeUse(
        payload_type=8, packets=900, first_at=0, last_at=1, first_frame=1, last_frame=2, longest_length=longest
    )
    return replace(stream, codec=codec, payload_uses=(use,))


def test_bit_rate_of_g723_shows_in_the_payload(stream: RtpStream):
    assert impairment_of(lengths(stream, "G723", 24)) is G723_HIGH
    assert impairment_of(lengths(stream, "G723", 20)) is G723_LOW


def test_amr_is_rated_at_12_2_only(stream: RtpStream):
    assert impairment_of(lengths(stream, "AMR", 32)) is AMR_PROXY
    assert impairment_of(lengths(stream, "AMR", 14)) is None
