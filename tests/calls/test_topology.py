"""The network of a capture: hosts, and links with what went over them."""

import pytest

from sipscope.calls.topology import topology_of
from sipscope.model.topology import MediaLink, SignallingLink, Topology
from tests.calls.test_roles import TWO_PROXIES

CALL = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob INVITE
      m=audio 4000 RTP/AVP 0
      User-Agent: Desk/1
1.0   bob -> alice 200
      m=audio 5000 RTP/AVP 0
      Server: Phone/2
1.1   alice -> bob ACK
1.2-2 alice => bob PCMU
4.0   bob -> alice BYE
40    end
"""

RELAYED = """
alice 192.0.2.10
bob   192.0.2.20
relay 192.0.2.99
0.0   alice -> bob INVITE
1.0   bob -> alice 200
1.2-2 alice => relay PCMU from=192.0.2.10:4000 to=192.0.2.99:5000
"""


@pytest.fixture
def topology(trace_of):
    return lambda script: topology_of(trace_of(script))


def test_link_counts_transactions_by_method(topology):
    assert topology(CALL).signalling == (
        SignallingLink(
            client="192.0.2.10", server="192.0.2.20", transports=("UDP",), methods=(("INVITE", 1), ("ACK", 1))
        ),
        SignallingLink(
            client="192.0.2.20", server="192.0.2.10", transports=("UDP",), methods=(("BYE", 1),), unanswered=1
        ),
    )


def test_media_link_tells_codec_and_packets(topology):
    (link,) = topology(CALL).media
    assert link == MediaLink(
        source="192.0.2.10", destination="192.0.2.20", codecs=("PCMU",), streams=1, packets=link.packets
    )


def test_address_that_only_media_names_is_a_host_without_signalling(topology):
    hosts = {host.node: host.carries_signalling for host in topology(RELAYED).hosts}
    assert hosts == {"192.0.2.10": True, "192.0.2.20": True, "192.0.2.99": False}


def test_product_is_that_of_the_host_that_made_the_message(topology):
    assert {host.node: host.products for host in topology(CALL).hosts} == {
        "192.0.2.10": ("Desk/1",),
        "192.0.2.20": ("Phone/2",),
    }


def test_direct_ack_and_bye_are_a_link_beside_the_proxies(topology):
    links = {(link.client[-2:], link.server[-2:]): dict(link.methods) for link in topology(TWO_PROXIES).signalling}
    assert links[("10", "20")] == {"ACK": 1, "BYE": 1}


def test_elements_on_one_address_are_hosts_of_their_own(topology):
    script = """
alice 127.0.0.1:5062
bob   127.0.0.1:5070
0.0   alice -> bob OPTIONS
0.1   bob -> alice 200
"""
    assert [host.node for host in topology(script).hosts] == ["127.0.0.1:5062", "127.0.0.1:5070"]


def test_capture_without_sip_and_rtp_has_no_host(topology):
    assert topology("alice 192.0.2.10\nbob 192.0.2.20\n0 end\n") == Topology()
