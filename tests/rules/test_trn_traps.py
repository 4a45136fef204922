"""When SIP in one direction only means that the other is out of view, and when it doesn't."""

from dataclasses import replace
from pathlib import Path

import pytest

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Finding
from sipscope.model.network import Endpoint
from sipscope.model.packets import EncryptedFlow
from sipscope.pipeline import reconstruct
from sipscope.rules.engine import findings_of
from sipscope.rules.registry import RULES
from tests.capture.builders import B4, OPTIONS, ethernet, ipv4, pcap_header, record, udp
from tests.rules.conftest import Judged
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\ncarol 192.0.2.30\n"
OFFER, ANSWER = "      m=audio 4000 RTP/AVP 0\n", "      m=audio 5000 RTP/AVP 0\n"
PAIR = "192.0.2.20 to 192.0.2.10"
END = "400 end\n"


def pings(count: int, line: str = "alice -> bob OPTIONS") -> str:
    return "".join(f"{30 * number}.0 {line} call=p{number}\n" for number in range(count))


SPEAKS = {
    "ACK to a 2xx that isn't there": PARTIES
    + "0.0 alice -> bob INVITE\n"
    + OFFER
    + "0.1 bob -> alice 200 unseen\n"
    + ANSWER
    + "0.2 alice -> bob ACK\n"
    + END,
    "ACK to a refusal that isn't there": PARTIES
    + "0.0 alice -> bob INVITE\n0.1 bob -> alice 486 unseen\n0.2 alice -> bob ACK\n"
    + END,
    "answers to requests that aren't there": PARTIES
    + "".join(f"{at} bob -> alice OPTIONS call=o{at} unseen\n{at}.1 alice -> bob 200 call=o{at}\n" for at in (1, 2))
    + END,
}

SILENT = {
    "both directions in view": PARTIES + "0.0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n" + END,
    "dead host, repeated as the standard says": PARTIES
    + "0.0 alice -> bob OPTIONS\n"
    + "".join(f"{at} alice -> bob OPTIONS again\n" for at in (0.5, 1.5, 3.5, 7.5))
    + END,
    "two single requests without an answer": PARTIES + pings(2) + END,
    "requests near the end of the capture": PARTIES + pings(3) + "61 end\n",
    "one answer at the beginning, its request before the capture": PARTIES
    + "0.0 bob -> alice OPTIONS call=o unseen\n0.1 alice -> bob 200 call=o\n"
    + END,
    "a single stray answer": PARTIES
    + "0.0 carol -> alice OPTIONS call=c\n0.1 alice -> carol 200 call=c\n"
    + "300.0 bob -> alice OPTIONS call=o unseen\n300.1 alice -> bob 200 call=o\n"
    + END,
    "fail-over: the ACK goes to the host that answered": PARTIES
    + "0.0 alice -> bob INVITE call=1\n"
    + OFFER
    + "5.0 alice -> carol INVITE to=bob call=1 cseq=1\n"
    + OFFER
    + "5.1 carol -> alice 200\n"
    + ANSWER
    + "5.2 alice -> carol ACK to=bob\n"
    + END,
    "multicast": "alice 192.0.2.10\nbob 224.0.1.75\n" + pings(5) + END,
    "media shows that the host's packets pass the tap": PARTIES
    + pings(5)
    + "1-3 bob => alice PCMU from=192.0.2.20:5000 to=192.0.2.10:4000\n"
    + END,
}


@pytest.mark.parametrize("script", SPEAKS.values(), ids=list(SPEAKS))
def test_direction_that_must_have_been_used_is_told_once(judged: Judged, script: str) -> None:
    (finding,) = judged(script, "TRN")
    assert PAIR in finding.text or "requests of 192.0.2.20" in finding.text
    assert (finding.severity, finding.call_id) == (Severity.INFO, None)


@pytest.mark.parametrize("script", SILENT.values(), ids=list(SILENT))
def test_what_may_be_whole_is_not_called_one_sided(judged: Judged, script: str) -> None:
    assert judged(script, "TRN") == []


def test_many_calls_between_two_hosts_are_one_finding(judged: Judged) -> None:
    calls = "".join(
        f"{at} alice -> bob INVITE call=c{at}\n{at}.1 bob -> alice 486 call=c{at} unseen\n"
        f"{at}.2 alice -> bob ACK call=c{at}\n"
        for at in range(1, 6)
    )
    assert len(judged(PARTIES + calls + END, "TRN")) == 1


def test_requests_that_nobody_repeats_are_possible_and_told_once_for_their_sender(judged: Judged) -> None:
    script = PARTIES + pings(3) + pings(3, "alice -> carol OPTIONS").replace("call=p", "call=q") + END
    (finding,) = judged(script, "TRN")
    assert finding.confidence is Confidence.POSSIBLE
    assert finding.text.startswith("6 requests of 192.0.2.10 to 192.0.2.20 and 1 more have no answer")


def test_messages_that_the_snap_length_cut_are_told_once(tmp_path) -> None:
    frames = [ethernet(ipv4(udp(OPTIONS.replace(b"1@a", b"%d@a" % number)), destination=B4)) for number in range(3)]
    path = tmp_path / "cut.pcap"
    path.write_bytes(pcap_header() + b"".join(record(frame[:-10], original=len(frame)) for frame in frames))
    trace = reconstruct(str(path))
    (finding,) = findings_of(trace, [rule for rule in RULES if rule.code == "TRN-008"])
    assert "cut 3 of 3 SIP messages" in finding.text
    assert finding.frames == (1, 2, 3)


def test_message_that_its_sender_cut_is_not_blamed_on_the_capture(tmp_path) -> None:
    path = tmp_path / "whole.pcap"
    path.write_bytes(pcap_header() + record(ethernet(ipv4(udp(OPTIONS[:-10])))))
    trace = reconstruct(str(path))
    assert findings_of(trace, [rule for rule in RULES if rule.code == "TRN-008"]) == ()


@pytest.mark.parametrize(
    ("second", "method", "status", "confidence"),
    [
        (1, "OPTIONS", 200, Confidence.LIKELY),
        (60, "OPTIONS", 200, Confidence.CERTAIN),
        (60, "INVITE", 486, Confidence.LIKELY),
        (200, "INVITE", 486, Confidence.CERTAIN),
    ],
)
def test_answers_are_proof_once_their_requests_must_lie_in_the_capture(
    judged: Judged, second: int, method: str, status: int, confidence: Confidence
) -> None:
    begin = "0.0 carol -> alice OPTIONS call=c\n0.1 alice -> carol 200 call=c\n"
    answers = "".join(
        f"{second + n} bob -> alice {method} call=o{n} unseen\n{second + n}.1 alice -> bob {status} call=o{n}\n"
        for n in range(2)
    )
    (finding,) = judged(PARTIES + begin + answers + END, "TRN")
    assert finding.confidence is confidence


SIPS = EncryptedFlow(client=Endpoint("192.0.2.10", 40000), server=Endpoint("192.0.2.20", 5061), frame=1, at=0)
WEB = replace(SIPS, server=Endpoint("192.0.2.20", 443))
NAMED = replace(WEB, offered_protocols=("sip/2", "http/1.1"))


def encrypted(folder: Path, *flows: EncryptedFlow) -> list[Finding]:
    path = folder / "script.pcap"
    path.write_bytes(capture_of(SILENT["both directions in view"]))
    trace = reconstruct(str(path))
    trace = replace(trace, facts=replace(trace.facts, encrypted_flows=flows))
    return list(findings_of(trace, [rule for rule in RULES if rule.code == "TRN-008"]))


@pytest.mark.parametrize(
    ("flow", "confidence"), [(SIPS, Confidence.LIKELY), (NAMED, Confidence.CERTAIN)], ids=["port", "name"]
)
def test_sip_over_tls_without_keys_is_told(tmp_path: Path, flow: EncryptedFlow, confidence: Confidence) -> None:
    (finding,) = encrypted(tmp_path, flow)
    assert "to 192.0.2.20 can't be read without keys" in finding.text
    assert (finding.confidence, finding.frames) == (confidence, (1,))


def test_connections_to_one_server_are_told_once(tmp_path: Path) -> None:
    flows = [replace(SIPS, client=Endpoint("192.0.2.10", 40000 + number), frame=number) for number in range(1, 9)]
    (finding,) = encrypted(tmp_path, *flows)
    assert finding.text.startswith("The SIP of 8 TLS connections")
    assert len(finding.frames) == 6


@pytest.mark.parametrize("flow", [WEB, replace(SIPS, handshake_completed=False)], ids=["web", "failed handshake"])
def test_tls_that_hides_no_sip_is_not_told(tmp_path: Path, flow: EncryptedFlow) -> None:
    assert encrypted(tmp_path, flow) == []
