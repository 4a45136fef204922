"""What the caller hears before the answer, under both policies of callers (RFC 3960 §3.2)."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.early_media import EarlyPhase, Heard, Policy, longest_silence
from sipscope.model.time import SECOND
from tests.trace_script import BASE, capture_of

PhaseOf = Callable[[str], EarlyPhase]

INVITE = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
ANSWER = f"9.0 bob -> alice 200\n{SDP}9.05 alice -> bob ACK\n9.05-12 bob => alice PCMU\n"

N, T, M = Heard.NOTHING, Heard.LOCAL_TONE, Heard.EARLY_MEDIA
Sounds = list[tuple[float, float, Heard]]


@pytest.fixture
def phase_of(tmp_path: Path) -> PhaseOf:
    """The early phase of the only call of a trace script."""

    def run(script: str) -> EarlyPhase:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        trace = sipscope.analyze(str(path))
        (call,) = trace.calls
        assert call.early is not None
        return call.early

    return run


def sounds(phase: EarlyPhase, policy: Policy) -> Sounds:
    """Segments in seconds of the script, to the tenth."""
    return [
        (round((item.start - BASE) / SECOND, 1), round((item.end - BASE) / SECOND, 1), item.heard)
        for item in phase.timeline(policy)
    ]


@pytest.mark.parametrize(
    ("script", "follows", "suppresses"),
    [
        pytest.param("1 bob -> alice 180\n", [(1, 9, T)], [(1, 9, T)], id="ringing"),
        pytest.param(f"1 bob -> alice 183\n{SDP}1.0-9 bob => alice PCMU\n", [(1, 9, M)], [(1, 9, M)], id="early-media"),
        pytest.param(f"1 bob -> alice 183\n{SDP}", [(1, 9, N)], [(1, 9, N)], id="promise-without-media"),
        pytest.param(f"1 bob -> alice 180\n{SDP}", [(1, 9, T)], [(1, 9, N)], id="ringing-with-promise"),
        pytest.param("1 bob -> alice 183\n", [(1, 9, N)], [(1, 9, N)], id="progress-without-promise"),
        pytest.param(
            f"1 bob -> alice 180\n3 bob -> alice 183\n{SDP}3.0-5 bob => alice PCMU\n",
            [(1, 3, T), (3, 5, M), (5, 9, T)],
            [(1, 3, T), (3, 5, M), (5, 9, N)],
            id="media-that-stops",
        ),
        pytest.param(
            "1 bob -> alice 183\n4 bob -> alice 180\n",
            [(1, 4, N), (4, 9, T)],
            [(1, 4, N), (4, 9, T)],
            id="late-ringing",
        ),
    ],
)
def test_both_policies_hear_what_they_follow(
    phase_of: PhaseOf, script: str, follows: Sounds, suppresses: Sounds
) -> None:
    phase = phase_of(INVITE + script + ANSWER)
    assert sounds(phase, Policy.FOLLOWS_PACKETS) == follows
    assert sounds(phase, Policy.SDP_SUPPRESSES) == suppresses


def test_segment_shorter_than_300_ms_is_not_heard_as_such(phase_of: PhaseOf) -> None:
    phase = phase_of(INVITE + "1 bob -> alice 183\n8.8 bob -> alice 180\n" + ANSWER)
    assert sounds(phase, Policy.FOLLOWS_PACKETS) == [(1, 9, N)]


def test_pauses_of_a_ringing_tone_are_part_of_it(phase_of: PhaseOf) -> None:
    tone = "1.0-2 bob => alice PCMU\n6.0-7 bob => alice PCMU\n"
    phase = phase_of(INVITE + f"1 bob -> alice 183\n{SDP}" + tone + ANSWER)
    assert sounds(phase, Policy.FOLLOWS_PACKETS) == [(1, 9, M)]


def test_phase_lasts_until_the_capture_ends_where_no_final_response_came(phase_of: PhaseOf) -> None:
    phase = phase_of(INVITE + "1 bob -> alice 180\n15 end\n")
    assert (phase.end - BASE, phase.final) == (15 * SECOND, None)


def test_promise_of_another_fork_than_the_answered_one_does_not_count(phase_of: PhaseOf) -> None:
    forked = f"1 bob -> alice 183 tag=one\n{SDP}1.1 bob -> alice 180 tag=two\n"
    phase = phase_of(INVITE + forked + ANSWER.replace("200", "200 tag=two"))
    assert phase.described == ()


def test_promise_counts_before_a_failure_where_nothing_forked(phase_of: PhaseOf) -> None:
    phase = phase_of(INVITE + f"1 bob -> alice 183\n{SDP}" + "9 bob -> alice 486\n")
    assert len(phase.described) == 1


def test_longest_silence_is_cut_at_the_instant_it_counts_from(phase_of: PhaseOf) -> None:
    segments = phase_of(INVITE + "1 bob -> alice 183\n" + ANSWER).timeline()
    silence = longest_silence(segments, BASE + 6 * SECOND)
    assert silence is not None
    assert silence.length == 3 * SECOND


def test_silence_that_ended_before_does_not_count(phase_of: PhaseOf) -> None:
    segments = phase_of(INVITE + "1 bob -> alice 183\n4 bob -> alice 180\n" + ANSWER).timeline()
    assert longest_silence(segments, BASE + 5 * SECOND) is None
