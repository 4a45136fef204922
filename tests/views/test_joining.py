"""What joins the legs of a call, one row a fact."""

from pathlib import Path

import pytest

from sipscope.model.trace import Trace
from sipscope.pipeline import reconstruct
from sipscope.views.joining import joining_of
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nedge 192.0.2.1 proxy record-route\n"
DIRECT = """\
0 alice -> bob INVITE
      m=audio 4000 RTP/AVP 0
0.1 bob -> alice 200
      m=audio 5000 RTP/AVP 0
0.2 alice -> bob ACK
"""
CHALLENGED = """\
0 alice -> bob INVITE
      m=audio 4000 RTP/AVP 0
0.1 bob -> alice 407
      Proxy-Authenticate: Digest realm="r", nonce="a"
0.2 alice -> bob ACK
0.3 alice -> bob INVITE
      Proxy-Authorization: Digest username="al", realm="r", nonce="a", uri="sip:bob@192.0.2.20", response="0"
      m=audio 4000 RTP/AVP 0
0.4 bob -> alice 486
0.5 alice -> bob ACK
"""
RELAYED = """\
0 alice -> edge INVITE to=bob
      m=audio 4000 RTP/AVP 0
0.1 edge -> bob INVITE
0.2 bob -> edge 200
      m=audio 5000 RTP/AVP 0
0.3 edge -> alice 200
0.4 alice -> edge ACK
0.5 edge -> bob ACK
"""
FORKED = """\
0 alice -> bob INVITE
      m=audio 4000 RTP/AVP 0
0.1 bob -> alice 180 tag=one
0.2 bob -> alice 180 tag=two
"""


@pytest.fixture
def trace_of(tmp_path: Path):
    def made(script: str) -> Trace:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return reconstruct(str(path))

    return made


def rows(trace: Trace) -> list[tuple[str, tuple[int, ...]]]:
    return [(item.kind.value, item.frames) for item in joining_of(trace.calls[0])]


def test_a_call_of_one_leg_has_nothing_that_joins_it(trace_of):
    assert rows(trace_of(PARTIES + DIRECT)) == []


def test_an_attempt_with_credentials_is_no_other_leg(trace_of):
    assert rows(trace_of(PARTIES + CHALLENGED)) == []


def test_the_hops_of_a_proxy_are_joined_by_their_call_id_in_one_row(trace_of):
    assert rows(trace_of(PARTIES + RELAYED)) == [("same-call-id", (1, 2))]


def test_forks_of_one_invite_on_one_hop_are_not_joined_by_its_call_id(trace_of):
    assert rows(trace_of(PARTIES + FORKED)) == []
