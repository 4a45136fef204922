"""What a policy makes of findings."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from sipscope.model.policy import Peer, Policy, Ringing, Suppression, Switch
from sipscope.pipeline import Options, analyze
from sipscope.rules.engine import at_least
from tests.trace_script import capture_of

SILENT = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
1.0   bob -> alice  183
      m=audio 5000 RTP/AVP 0
9.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
9.1   alice -> bob  ACK
9.1-20 alice => bob  PCMU
9.1-20 bob => alice  PCMU
20.0  alice -> bob  BYE
20.1  bob -> alice  200
"""
"""Eight seconds of silence before the answer: EM-001, an error, told by frames 2 and 3, both of bob."""

AGAIN = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  OPTIONS
0.5   alice -> bob  OPTIONS again
1.5   alice -> bob  OPTIONS again
1.6   bob -> alice  200
"""
"""One transaction, which is sent again twice."""

Found = Callable[[Policy], tuple[Finding, ...]]


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """The findings under a policy."""
    path = tmp_path / "silent.pcap"
    path.write_bytes(capture_of(SILENT))
    return lambda policy: analyze(str(path), Options(policy=policy)).findings


def test_without_a_policy_the_rule_speaks(found: Found) -> None:
    assert [(item.rule, item.severity) for item in found(Policy())] == [("EM-001", Severity.ERROR)]


def test_a_rule_that_is_off_is_silent(found: Found) -> None:
    assert found(Policy(rules=(("EM-*", Switch.OFF),))) == ()


def test_a_rule_has_the_severity_of_the_policy(found: Found) -> None:
    (finding,) = found(Policy(rules=(("EM-001", Switch.INFO),)))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize(
    ("ringing", "severities"),
    [(None, [Severity.WARNING]), (Ringing.PACKETS, []), (Ringing.DESCRIPTION, [Severity.ERROR])],
)
def test_silence_is_judged_by_how_callers_ring(
    tmp_path: Path, ringing: Ringing | None, severities: list[Severity]
) -> None:
    path = tmp_path / "ringing.pcap"
    path.write_bytes(capture_of(SILENT.replace("1.0   bob -> alice  183", "1.0   bob -> alice  180")))
    findings = analyze(str(path), Options(policy=Policy(early_media=ringing))).findings
    assert [item.severity for item in findings if item.rule == "EM-001"] == severities


def test_a_rule_keeps_to_the_threshold_of_the_policy(found: Found) -> None:
    assert found(Policy(thresholds={"dead_air_s": 8.5})) == ()


@pytest.mark.parametrize(("address", "findings"), [("192.0.2.20", 0), ("192.0.2.10", 1)])
def test_a_rule_of_a_peer_is_about_what_it_sent(found: Found, address: str, findings: int) -> None:
    peer = Peer(name="gateway", addresses=(address,), rules=(("EM-001", Switch.OFF),))
    assert len(found(Policy(peers=(peer,)))) == findings


def test_a_rule_that_is_off_is_on_for_a_peer_that_wants_it(found: Found) -> None:
    peer = Peer(name="gateway", addresses=("192.0.2.20",), rules=(("EM-001", Switch.WARNING),))
    (finding,) = found(Policy(rules=(("*", Switch.OFF),), peers=(peer,)))
    assert finding.severity is Severity.WARNING


def test_a_suppressed_finding_is_kept_with_the_reason(found: Found) -> None:
    (finding,) = found(Policy(suppressions=(Suppression(rule="EM-001", reason="known"),)))
    assert finding.suppressed == "known"


def test_a_suppressed_finding_makes_no_exit_code(found: Found) -> None:
    assert at_least(found(Policy(suppressions=(Suppression(rule="*", reason="known"),))), Severity.INFO) == ()


@pytest.mark.parametrize(
    "suppression",
    [
        Suppression(rule="OA-*", reason="another rule"),
        Suppression(rule="EM-001", reason="another capture", capture="other.pcap"),
        Suppression(rule="EM-001", reason="another call", call=2),
        Suppression(rule="EM-001", reason="other frames", frames=(1, 4)),
    ],
    ids=lambda item: item.reason,
)
def test_a_suppression_of_something_else_suppresses_nothing(found: Found, suppression: Suppression) -> None:
    (finding,) = found(Policy(suppressions=(suppression,)))
    assert finding.suppressed is None


def test_a_share_of_retransmissions_is_compared_in_percent(tmp_path: Path) -> None:
    path = tmp_path / "again.pcap"
    path.write_bytes(capture_of(AGAIN))
    severities = [
        item.severity
        for percent in (99, 100)
        for item in analyze(str(path), Options(policy=Policy(thresholds={"retransmissions_percent": percent}))).findings
        if item.rule == "TXN-009"
    ]
    assert severities == [Severity.WARNING, Severity.INFO]
