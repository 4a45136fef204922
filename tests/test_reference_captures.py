"""Every capture that other people made: no traceback, counts that agree with tshark, findings that can be defended."""

from collections import Counter
from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Confidence, Severity
from sipscope.render.json import report_json
from sipscope.views.report import report_of
from tests.reference_table import EXPLAINED, captures_in, differences, ours, tsharks

ERRORS = {
    # 2 m-lines are offered in frames 21 and 25, and 1 is answered in frames 23 and 27.
    # The 2xx of frames 4, 10 and 14, and the INVITEs of frames 21 and 25, set or ask for a session interval of 60 s.
    # The CANCELs of frames 6 and 7 come before the first responses to their INVITEs, in frames 8 and 13.
    "realjimmy__sample-captures__DTMFsipinfo.pcap": {"OA-001": 2, "TXN-016": 2, "SST-003": 2},
    # The BYE of frame 31 has CSeq 2 behind an UPDATE with CSeq 3 of the same side. The UPDATE of frame 22 offers
    # two of the five formats of the INVITE in frame 2, in the same dialog and with the same version.
    "irontec__sngrep__ipv6frag.pcap": {"DLG-001": 1, "OA-005": 1},
    # 753 packets go one way for 15 s, and none the other.
    "goffinet__sip_captures__private-test-sip-2.pcapng": {"RTP-002": 1},
    # 355 packets go one way, and none the other.
    "goffinet__sip_captures__sip-2phones-B2BUA-Asterisk.pcapng": {"RTP-002": 1},
    # The INVITE of frame 47 is sent again and again and never answered.
    "sipcapture__heplify__sip_ipv4_tcp_fragmented.pcap": {"TXN-001": 1},
    # The INVITE of frame 11 has branch z9hG4bK2834173, the ACK to its 407 in frame 15 z9hG4bK7873059.
    "sipcapture__heplify__sip_tcp_websocket.pcap": {"TXN-007": 1},
    # The 180 of frame 66 has c= 192.168.1.53, port 32616; the 200 of frame 79, under the same To tag and o= line,
    # 192.168.1.222, port 12842.
    "sipcapture__heplify__erspan_sip_ipv4_udp.pcapng": {"OA-016": 1},
    # The INVITE of frame 1 has a=rtpmap:109 OPUS/16000.
    "irontec__sngrep__ipip.pcap": {"SDP-008": 1},
    # The 200 of frame 3 answers m=audio 57126 RTP/AVP 8 101, and its only rtpmap of that section is for 8.
    "realjimmy__sample-captures__h263-over-rtp.pcap": {"SDP-005": 1},
    # The registrar answers the REGISTER of frame 30, with credentials, 403 Wrong password in frame 32.
    "irontec__sngrep__aaa.pcap": {"REG-001": 1},
}
"""Error-level findings that are more than possible, as read against the frames. All other captures have none."""

DAMAGED = {"ntop__nDPI__fuzz-2006-06-26-2594.pcap"}
"""Captures whose bytes were changed on purpose: what is said of them is not held against anything here."""


@pytest.fixture(scope="module")
def paths(shared: Path) -> list[Path]:
    return captures_in(shared / "captures")


def test_all_captures_are_here(paths):
    assert len(paths) == 39


@pytest.mark.tshark
def test_counts_agree_with_tshark_or_the_difference_is_explained(paths):
    unexplained, needed = [], set()
    for path in paths:
        for column, reason in differences(path, ours(path, "native"), tsharks(path)):
            needed.add((path.name, column))
            if reason is None:
                unexplained.append((path.name, column))
    assert unexplained == []
    assert set(EXPLAINED) == needed


def test_errors_are_those_that_can_be_defended_from_the_frames(paths):
    found = {}
    for path in paths:
        findings = sipscope.analyze(str(path)).findings
        errors = Counter(
            finding.rule
            for finding in findings
            if finding.severity is Severity.ERROR and finding.confidence is not Confidence.POSSIBLE
        )
        if errors and path.name not in DAMAGED:
            found[path.name] = dict(errors)
    assert found == ERRORS


def test_every_frame_is_used_or_counted_as_set_aside(paths):
    for path in paths:
        trace = sipscope.analyze(str(path))
        signalling = {frame for message in trace.messages for frame in (*message.frames, *message.copy_frames)}
        media = trace.media
        used = len(signalling) + media.rtp_packets + media.rtcp_packets + media.rtcp_copies
        assert used + sum(trace.facts.set_aside.values()) == trace.facts.frames, path.name


def test_the_same_capture_gives_the_same_report(paths):
    for path in paths:
        first, second = (report_json(report_of(sipscope.analyze(str(path)), version="1")) for _ in range(2))
        assert first == second, path.name
