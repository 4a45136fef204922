"""What a policy expects of a capture, held against it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.policy import Digits, Expectation, Policy, Suppression
from sipscope.pipeline import Options, analyze
from sipscope.views.expectations import expectations_report
from tests.trace_script import capture_of

SCRIPT = """
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
30.0  alice -> bob  INVITE call=2
30.1  bob -> alice  486
30.2  alice -> bob  ACK
"""
"""One call that is answered after eight seconds of silence (EM-001), and one that is refused."""

DIGITS = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
1.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
1.1   alice -> bob  ACK
2.0   alice -> bob  INFO
      Content-Type: application/dtmf-relay
      | Signal=1
2.1   bob -> alice  200 INFO
9.0   alice -> bob  BYE
9.1   bob -> alice  200
"""
"""A call in which a digit is sent by INFO."""

Failures = Callable[..., list[str]]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The capture of the script."""
    path = tmp_path_factory.mktemp("expectations") / "call.pcap"
    path.write_bytes(capture_of(SCRIPT))
    return path


@pytest.fixture
def failures(capture: Path) -> Failures:
    """What doesn't hold of an expectation."""

    def told(*suppressions: Suppression, **parts: object) -> list[str]:
        expectation = Expectation(name="test", **parts)  # type: ignore[arg-type]
        policy = Policy(expectations=(expectation,), suppressions=suppressions)
        (row,) = expectations_report(analyze(str(capture), Options(policy=policy)))
        assert row["holds"] is (not row["failures"])
        return row["failures"]  # type: ignore[return-value]

    return told


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"calls": ">= 1"}, []),
        ({"calls": "== 1"}, ["calls: 2, not == 1"]),
        ({"calls": "== 1", "where": "outcome==answered"}, []),
        ({"calls": "== 0", "where": "outcome==redirected"}, []),
        ({"values": (("outcome", "== answered"),)}, ["call 2: outcome rejected, not == answered"]),
        ({"values": (("final_status", "in (200, 486)"),)}, []),
        ({"values": (("mos", ">= 4"),)}, ["call 2: mos not seen, not >= 4"]),
        ({"values": (("mos", ">= 4"),), "where": "outcome==answered"}, []),
        ({"values": (("mos", "> 4.9"),), "where": "outcome==answered"}, ["call 1: mos 4.41, not > 4.9"]),
        ({"values": (("setup_ms", "< 1s"),), "where": "outcome==answered"}, ["call 1: setup_ms 1000, not < 1s"]),
        ({"every": "streams>=2"}, ["call 2: streams>=2 doesn't hold"]),
        ({"every": "streams>=2", "where": "outcome==redirected"}, ["there is no call that it speaks of"]),
        ({"absent": ("OA-*",)}, []),
        ({"absent": ("EM-*",)}, ["EM-001 ringback-dead-air in frame 2"]),
        ({"absent": ("EM-*",), "where": "outcome==rejected"}, []),
        ({"present": ("EM-001", "OA-001")}, ["OA-001 found nothing"]),
    ],
)
def test_what_does_not_hold_is_told(failures: Failures, parts: dict[str, object], expected: list[str]) -> None:
    assert failures(**parts) == expected


def test_a_suppressed_finding_is_absent(failures: Failures) -> None:
    assert failures(Suppression(rule="EM-001", reason="known"), absent=("EM-001",)) == []


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (Policy(required_codecs=("pcmu",)), []),
        (Policy(required_codecs=("PCMA",)), ["call 1: PCMA isn't offered in frame 1"]),
        (Policy(forbidden_codecs=("G729",)), []),
        (Policy(forbidden_codecs=("pcmu",)), ["call 1: PCMU is agreed on in frame 3"]),
    ],
)
def test_codecs_of_the_network_are_held_against_offers_and_answers(
    capture: Path, policy: Policy, expected: list[str]
) -> None:
    (row,) = expectations_report(analyze(str(capture), Options(policy=policy)))
    assert (row["name"], row["failures"]) == ("codecs of the network", expected)


@pytest.mark.parametrize(
    ("way", "expected"), [(Digits.INFO, []), (Digits.EVENTS, ["call 1: digits by INFO in frame 4"])]
)
def test_digits_are_held_against_the_way_of_the_network(tmp_path: Path, way: Digits, expected: list[str]) -> None:
    path = tmp_path / "digits.pcap"
    path.write_bytes(capture_of(DIGITS))
    (row,) = expectations_report(analyze(str(path), Options(policy=Policy(digits=way))))
    assert (row["name"], row["failures"]) == ("digits of the network", expected)


def test_an_expectation_of_another_capture_is_not_judged(capture: Path) -> None:
    policy = Policy(expectations=(Expectation(name="test", capture="other.pcap", calls="== 9"),))
    assert expectations_report(analyze(str(capture), Options(policy=policy))) == []
