"""What the rules about early media say of broken flows, and that they stay silent about legitimate ones."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from tests.trace_script import capture_of

Findings = Callable[[str], list[Finding]]

INVITE = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0 13
"""
SDP = "      m=audio 5000 RTP/AVP 0 13\n"
ANSWER = f"""
9.0   bob -> alice  200
{SDP}
9.05  alice -> bob  ACK
"""
TALK = "9.1-20 alice => bob PCMU\n9.02-20 bob => alice PCMU\n"
ANSWERED = ANSWER + TALK

EARLY_SESSION = """
      Content-Type: multipart/mixed;boundary=cut
      | --cut
      | Content-Type: application/sdp
      |
      | v=0
      | o=bob 1 1 IN IP4 192.0.2.20
      | s=-
      | c=IN IP4 192.0.2.20
      | t=0 0
      | m=audio 5000 RTP/AVP 0 13
      | --cut
      | Content-Type: application/sdp
      | Content-Disposition: early-session
      |
      | v=0
      | o=bob 2 1 IN IP4 192.0.2.20
      | s=-
      | c=IN IP4 192.0.2.20
      | t=0 0
      | m=audio 5100 RTP/AVP 0 13
      | --cut--
"""


@pytest.fixture
def findings(tmp_path: Path) -> Findings:
    """The findings of the EM family in a trace script."""

    def run(script: str) -> list[Finding]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return [item for item in sipscope.analyze(str(path)).findings if item.rule.startswith("EM-")]

    return run


def only(found: list[Finding], rule: str) -> Finding:
    assert [item.rule for item in found] == [rule]
    return found[0]


def ringing(status: int, at: float = 1.0, sdp: str = "", options: str = "") -> str:
    return f"{at} bob -> alice {status} {options}\n{sdp}"


def early(*stretches: tuple[float, float]) -> str:
    """Stretches of early media."""
    return "".join(f"{start}-{end} bob => alice PCMU\n" for start, end in stretches)


LEGITIMATE = {
    "ringing generated locally": INVITE + ringing(180) + ANSWERED,
    "early media": INVITE + ringing(183, sdp=SDP) + early((1.1, 9.0)) + ANSWERED,
    "early media with ringing": INVITE + ringing(180, sdp=SDP) + early((1.1, 9.0)) + ANSWERED,
    "early media a little later than its description": INVITE + ringing(183, sdp=SDP) + early((2.9, 9.0)) + ANSWERED,
    "early media that the earlier 183 did not promise": INVITE
    + ringing(183)
    + ringing(183, at=5.0, sdp=SDP)
    + early((5.1, 9.0))
    + ANSWERED,
    "answered within 2 s": INVITE + ringing(183, at=7.1, sdp=SDP) + ANSWERED,
    "answered at once": INVITE + ANSWERED,
    "only 100": INVITE + ringing(100) + ANSWERED,
    "capture ends while it rings": INVITE + ringing(183, sdp=SDP) + "20 end\n",
    "ringing tone with pauses of 4 s": INVITE
    + ringing(183, sdp=SDP)
    + early((1.1, 2.1), (6.1, 7.1))
    + ANSWER
    + "9.1-20 alice => bob PCMU\n9.02-20 bob => alice PCMU ssrc=7\n",
    "announcement before a failure": INVITE
    + ringing(183, sdp=SDP)
    + early((1.1, 8.9))
    + "9.0 bob -> alice 404\n9.05 alice -> bob ACK\n",
    "comfort noise counts as media": INVITE
    + ringing(183, sdp=SDP)
    + "1.1-9.0 bob => alice CN ptime=100 step=800\n"
    + ANSWERED,
    "callee promises nothing: inactive": INVITE
    + ringing(180)
    + ringing(183, at=1.1, sdp=SDP + "      a=inactive\n")
    + ANSWERED,
    "callee promises nothing: recvonly": INVITE
    + ringing(180)
    + ringing(183, at=1.1, sdp=SDP + "      a=recvonly\n")
    + ANSWERED,
    "callee promises nothing: null address": INVITE
    + ringing(180)
    + ringing(183, at=1.1, sdp="      c=IN IP4 0.0.0.0\n" + SDP)
    + ANSWERED,
    "callee promises nothing: port zero": INVITE
    + ringing(180)
    + ringing(183, at=1.1, sdp="      m=audio 0 RTP/AVP 0 13\n")
    + ANSWERED,
    "caller listens to nothing: hold": INVITE + "      a=sendonly\n" + ringing(183, sdp=SDP) + ANSWER,
    "caller listens to nothing yet: delayed offer": "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n"
    + ringing(183, sdp=SDP)
    + f"9.0 bob -> alice 200\n{SDP}9.05 alice -> bob ACK\n      m=audio 4000 RTP/AVP 0 13\n"
    + TALK,
    "preconditions": INVITE
    + ringing(183, sdp=SDP + "      a=curr:qos local none\n      a=des:qos mandatory local sendrecv\n")
    + ANSWERED,
    "early media in a session of its own": INVITE
    + "      Supported: early-session\n"
    + ringing(183, sdp=EARLY_SESSION)
    + ANSWERED,
    "p-early-media inactive": INVITE + ringing(183, sdp="      P-Early-Media: inactive\n" + SDP) + ANSWERED,
    "p-early-media recvonly": INVITE + ringing(183, sdp="      P-Early-Media: recvonly\n" + SDP) + ANSWERED,
    "another branch than the answered one is silent": INVITE
    + ringing(183, sdp=SDP, options="tag=one")
    + ringing(180, at=1.2, options="tag=two")
    + ANSWER.replace("200", "200 tag=two")
    + TALK,
    "forked early media": INVITE
    + ringing(183, sdp=SDP, options="tag=one")
    + ringing(183, at=1.2, sdp=SDP, options="tag=two")
    + early((1.1, 9.0))
    + ANSWER.replace("200", "200 tag=two")
    + TALK,
    "183 and then 180": INVITE + ringing(183) + ringing(180, at=2.5) + ANSWERED,
    "early media that simply continues": INVITE + ringing(183, sdp=SDP) + "1.1-20 bob => alice PCMU\n" + ANSWER,
    "media within 500 ms": INVITE + ringing(180) + ANSWER + "9.5-20 alice => bob PCMU\n9.45-20 bob => alice PCMU\n",
    "no media at all after the answer": INVITE + ringing(180) + ANSWER + "20 end\n",
    "media that starts 6 s late": INVITE + ringing(180) + ANSWER + "15.5-20 bob => alice PCMU\n",
    "answered on hold": INVITE + ringing(180) + ANSWER.replace(SDP, SDP + "      a=inactive\n"),
    "answered recvonly by a callee that plays music later": INVITE
    + ringing(180)
    + ANSWER.replace(SDP, SDP + "      a=recvonly\n")
    + "9.1-20 alice => bob PCMU\n10.5-20 bob => alice PCMU\n",
    "delayed offer and slow ack": "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n"
    + ringing(180)
    + f"9.0 bob -> alice 200\n{SDP}11.0 alice -> bob ACK\n      m=audio 4000 RTP/AVP 0 13\n"
    + "11.1-20 alice => bob PCMU\n11.1-20 bob => alice PCMU\n",
    "capture starts within the call": "alice 192.0.2.10\nbob 192.0.2.20\n"
    "0.0 alice -> bob INVITE to-tag=b\n      m=audio 4000 RTP/AVP 0 13\n"
    f"0.1 bob -> alice 200\n{SDP}0.2 alice -> bob ACK\n3.0-9 bob => alice PCMU\n3.0-9 alice => bob PCMU\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_legitimate_flow_gives_no_finding(findings: Findings, script: str) -> None:
    assert [(item.rule, item.text) for item in findings(script)] == []


# EM-001


@pytest.mark.parametrize(
    ("ringing_at", "severity"),
    [(1.0, Severity.ERROR), (3.0, Severity.ERROR), (3.1, Severity.WARNING), (7.0, Severity.WARNING)],
)
def test_promise_without_media_is_an_error_from_6_s_on(
    findings: Findings, ringing_at: float, severity: Severity
) -> None:
    finding = only(findings(INVITE + ringing(183, at=ringing_at, sdp=SDP) + ANSWERED), "EM-001")
    assert (finding.severity, finding.confidence) == (severity, Confidence.LIKELY)
    assert finding.frames == (2, 3)


def test_promise_beside_a_180_is_a_warning_for_callers_that_stop_their_tone(findings: Findings) -> None:
    finding = only(findings(INVITE + ringing(180, sdp=SDP) + ANSWERED), "EM-001")
    assert finding.severity is Severity.WARNING
    assert "8.0 s of silence for callers that stop ringing locally once SDP arrives" in finding.text


def test_media_that_stops_while_it_rings_is_a_warning(findings: Findings) -> None:
    script = INVITE + ringing(180) + ringing(183, at=3.0, sdp=SDP) + early((3.0, 5.0)) + ANSWERED
    finding, _ = findings(script)
    assert (finding.rule, finding.severity) == ("EM-001", Severity.WARNING)
    assert "media came for a part of the time only: 4.0 s of silence" in finding.text


def test_media_without_description_is_heard_so_that_progress_alone_is_no_silence(findings: Findings) -> None:
    found = findings(INVITE + ringing(183) + early((1.5, 9.0)) + ANSWERED)
    assert [item.rule for item in found] == ["EM-004"]


def test_silence_is_counted_from_the_promise_on(findings: Findings) -> None:
    script = INVITE + ringing(183) + ringing(183, at=6.0, sdp=SDP) + ANSWERED
    finding = only(findings(script), "EM-001")
    assert finding.severity is Severity.WARNING
    assert "3.0 s of silence" in finding.text


def test_pause_longer_than_that_of_a_ringing_tone_is_silence(findings: Findings) -> None:
    script = INVITE + ringing(183, sdp=SDP) + early((1.1, 2.0), (8.0, 9.0)) + ANSWERED
    assert "6.0 s of silence" in only(findings(script), "EM-001").text


def test_silence_before_a_failure_counts(findings: Findings) -> None:
    script = INVITE + ringing(183, sdp=SDP) + "9.0 bob -> alice 486\n9.05 alice -> bob ACK\n"
    finding = only(findings(script), "EM-001")
    assert "before the 486" in finding.text


def test_answer_in_prack_lets_the_callee_send(findings: Findings) -> None:
    script = f"""
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      Supported: 100rel
1.0   bob -> alice  183 rseq=1
{SDP}
1.1   alice -> bob  PRACK
      m=audio 4000 RTP/AVP 0 13
1.2   bob -> alice  200 PRACK
9.0   bob -> alice  200 INVITE
9.05  alice -> bob  ACK
"""
    assert only(findings(script + TALK), "EM-001").severity is Severity.ERROR


def test_p_early_media_that_lets_media_pass_excuses_nothing(findings: Findings) -> None:
    script = INVITE + ringing(183, sdp="      P-Early-Media: sendrecv\n" + SDP) + ANSWERED
    assert only(findings(script), "EM-001").severity is Severity.ERROR


@pytest.mark.parametrize("sdp", [SDP, ""])
def test_tap_that_sees_signalling_only_makes_silence_merely_possible(findings: Findings, sdp: str) -> None:
    finding = findings(INVITE + ringing(183, sdp=sdp) + ANSWER + "20 end\n")[0]
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.guards


def test_challenged_invite_is_judged_by_its_last_attempt(findings: Findings) -> None:
    challenged = "0.1 bob -> alice 407\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE\n  m=audio 4000 RTP/AVP 0 13\n"
    assert only(findings(INVITE + challenged + ringing(183, sdp=SDP) + ANSWERED), "EM-001").frames == (5, 6)


# EM-002


def test_progress_that_never_alerts_is_a_warning(findings: Findings) -> None:
    finding = only(findings(INVITE + ringing(183) + ANSWERED), "EM-002")
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert finding.frames == (2, 3)
    assert "8.0 s" in finding.text


@pytest.mark.parametrize("status", [404, 486, 603])
def test_progress_before_a_failure_is_information(findings: Findings, status: int) -> None:
    script = INVITE + ringing(183) + f"9.0 bob -> alice {status}\n9.05 alice -> bob ACK\n"
    assert only(findings(script), "EM-002").severity is Severity.INFO


# EM-007


@pytest.mark.parametrize(
    ("first", "severity"),
    [(9.6, Severity.WARNING), (10.9, Severity.WARNING), (11.1, Severity.ERROR), (13.9, Severity.ERROR)],
)
def test_late_media_of_the_callee_is_clipped(findings: Findings, first: float, severity: Severity) -> None:
    script = INVITE + ringing(180) + ANSWER + f"9.1-20 alice => bob PCMU\n{first}-20 bob => alice PCMU\n"
    finding = only(findings(script), "EM-007")
    assert (finding.severity, finding.confidence) == (severity, Confidence.LIKELY)
    assert f"{(first - 9) * 1000:.0f} ms after the 200" in finding.text
    assert finding.frames[0] == 3


def test_late_media_of_the_caller_is_counted_from_the_ack(findings: Findings) -> None:
    script = INVITE + ringing(180) + ANSWER + "10.05-20 alice => bob PCMU\n9.1-20 bob => alice PCMU\n"
    finding = only(findings(script), "EM-007")
    assert "first media of the caller came 1000 ms after the ACK" in finding.text
    assert finding.frames[0] == 4


def test_delayed_offer_counts_from_the_ack(findings: Findings) -> None:
    script = (
        "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n"
        + ringing(180)
        + f"9.0 bob -> alice 200\n{SDP}10.0 alice -> bob ACK\n      m=audio 4000 RTP/AVP 0 13\n"
        + "10.1-20 alice => bob PCMU\n11.0-20 bob => alice PCMU\n"
    )
    assert "1000 ms after the ACK" in only(findings(script), "EM-007").text


def test_late_media_of_a_sender_of_comfort_noise_is_merely_possible(findings: Findings) -> None:
    late = "9.1-20 alice => bob PCMU\n10.0-14 bob => alice PCMU\n14.0-16 bob => alice CN ptime=100 step=800\n"
    finding = only(findings(INVITE + ringing(180) + ANSWER + late), "EM-007")
    assert finding.confidence is Confidence.POSSIBLE


def test_both_directions_are_told_apart(findings: Findings) -> None:
    script = INVITE + ringing(180) + ANSWER + "10.1-20 alice => bob PCMU\n10.1-20 bob => alice PCMU\n"
    assert [item.rule for item in findings(script)] == ["EM-007", "EM-007"]


# EM-008

BRANCHES = ringing(183, at=1.0, sdp=SDP, options="tag=one") + ringing(
    183, at=4.0, sdp="      m=audio 6000 RTP/AVP 0\n", options="tag=two"
)
FORK_ANSWER = "7.0 bob -> alice 200 tag=two\n      m=audio 6000 RTP/AVP 0\n7.05 alice -> bob ACK\n"
ONE, TWO = "from=192.0.2.20:5000 ssrc=1", "from=192.0.2.20:6000 ssrc=2"


def collisions(found: list[Finding]) -> list[Finding]:
    return [item for item in found if item.rule == "EM-008"]


def test_two_branches_at_once_collide_for_as_long_as_both_play(findings: Findings) -> None:
    media = f"1.1-7 bob => alice PCMU {ONE}\n4.0-20 bob => alice PCMU {TWO}\n"
    (finding,) = collisions(findings(INVITE + BRANCHES + FORK_ANSWER + media))
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert "for 3.0 s before the 200 OK, in a call with 2 early dialogs" in finding.text


@pytest.mark.parametrize(
    "media",
    [
        pytest.param(f"1.1-4 bob => alice PCMU {ONE}\n4.0-20 bob => alice PCMU {TWO}\n", id="one behind the other"),
        pytest.param(f"1.1-4.3 bob => alice PCMU {ONE}\n4.0-20 bob => alice PCMU {TWO}\n", id="300 ms"),
        pytest.param(f"1.1-9 bob => alice PCMU {ONE}\n7.0-20 bob => alice PCMU {TWO}\n", id="behind the answer"),
        pytest.param(f"1.1-20 bob => alice PCMU {TWO}\n", id="one branch alone"),
    ],
)
def test_branches_that_never_play_at_once_do_not_collide(findings: Findings, media: str) -> None:
    assert collisions(findings(INVITE + BRANCHES + FORK_ANSWER + media)) == []


def test_picture_beside_sound_is_no_collision(findings: Findings) -> None:
    two = SDP + "      m=video 5002 RTP/AVP 34\n"
    script = INVITE + "      m=video 4002 RTP/AVP 34\n" + ringing(183, sdp=two)
    media = "1.1-9 bob => alice PCMU\n1.1-9 bob => alice H263 pt=34 index=1 ssrc=9\n"
    assert collisions(findings(script + media + ANSWER.replace(SDP, two))) == []


def test_new_ssrc_of_one_source_in_a_call_without_forks_is_no_collision(findings: Findings) -> None:
    media = "1.1-5 bob => alice PCMU ssrc=1\n4.0-9 bob => alice PCMU ssrc=2\n"
    assert collisions(findings(INVITE + ringing(183, sdp=SDP) + media + ANSWERED)) == []


def test_announcement_server_beside_the_callee_collides_without_forks(findings: Findings) -> None:
    media = "1.1-9 bob => alice PCMU ssrc=1\n3.0-5 bob => alice PCMU ssrc=2 from=192.0.2.50:7000\n"
    (finding,) = collisions(findings(INVITE + ringing(183, sdp=SDP) + media + ANSWERED))
    assert "from 192.0.2.50:7000" in finding.text


# EM-012

BUSY = "9.0 bob -> alice 486\n9.05 alice -> bob ACK\n"


def tails(found: list[Finding]) -> list[Finding]:
    return [item for item in found if item.rule == "EM-012"]


@pytest.mark.parametrize("direction", ["bob => alice", "alice => bob"])
def test_early_media_that_outlives_the_failure_is_told_in_either_direction(findings: Findings, direction: str) -> None:
    script = INVITE + ringing(183, sdp=SDP) + f"1.1-16.05 {direction} PCMU\n" + BUSY
    (finding,) = tails(findings(script))
    assert (finding.severity, finding.confidence) == (Severity.WARNING, Confidence.LIKELY)
    assert "went on for 7.0 s after the call had failed with 486" in finding.text


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(INVITE + ringing(183, sdp=SDP) + early((1.1, 9.9)) + BUSY, id="tail of 850 ms"),
        pytest.param(INVITE + ringing(183, sdp=SDP) + "1.1-20 bob => alice PCMU\n" + ANSWER, id="answered call"),
        pytest.param(
            INVITE
            + ringing(183, sdp=SDP)
            + early((1.1, 9.0))
            + BUSY
            + "10.0 alice -> bob INVITE call=2\n      m=audio 4000 RTP/AVP 0 13\n"
            + "10.1 bob -> alice 200 call=2\n"
            + SDP
            + "10.2 alice -> bob ACK call=2\n10.2-16 bob => alice PCMU call=2\n",
            id="next call on the same port",
        ),
    ],
)
def test_media_that_ends_with_its_call_is_not_told(findings: Findings, script: str) -> None:
    assert tails(findings(script)) == []
