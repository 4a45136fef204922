import gzip
import zlib
from pathlib import Path

import pytest

from sipscope.capture.native.hep import LARGEST_PAYLOAD, encapsulated
from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.model.packets import AgentRecord
from sipscope.pipeline import reconstruct
from sipscope.views.report_messages import messages_report
from tests.capture.builders import A4, A6, B4, B6, OPTIONS, RINGING, START, ethernet, ipv4, ipv6, pcap, udp
from tests.capture.hep import SEEN_AT, carried, chunk, hep3, hep_fixed

HOP = Hop(Endpoint("198.51.100.1", 5060), Endpoint("198.51.100.2", 5080))


def test_sip_in_hep_3_has_the_way_and_the_time_its_agent_tells(reading):
    packet = reading(pcap([carried(hep3(OPTIONS))])).packets[0]
    assert (packet.payload, packet.hop, packet.at, packet.frames) == (OPTIONS, HOP, SEEN_AT, (1,))


def test_addresses_of_ipv6_are_read_from_their_own_chunks(reading):
    packet = reading(pcap([carried(hep3(OPTIONS, ends=(A6, B6)))])).packets[0]
    assert packet.hop == Hop(Endpoint(A6, 5060), Endpoint(B6, 5080))


@pytest.mark.parametrize(
    ("protocol", "transport"),
    [(6, Transport.TCP), (17, Transport.UDP), (22, Transport.TLS), (132, Transport.SCTP)],
)
def test_transport_is_the_one_that_the_agent_tells(reading, protocol, transport):
    assert reading(pcap([carried(hep3(OPTIONS, protocol=protocol))])).packets[0].hop.transport is transport


@pytest.mark.parametrize("is_long", [False, True])
def test_sip_in_hep_1_has_its_own_way_and_the_time_of_the_frame(reading, is_long):
    packet = reading(pcap([carried(hep_fixed(1, OPTIONS, is_long=is_long))])).packets[0]
    ends = (A6, B6) if is_long else (A4, B4)
    assert packet.hop == Hop(Endpoint(ends[0], 5060), Endpoint(ends[1], 5080))
    assert (packet.payload, packet.at) == (OPTIONS, START)


@pytest.mark.parametrize("is_long", [False, True])
def test_sip_in_hep_2_has_the_time_its_agent_tells(reading, is_long):
    packet = reading(pcap([carried(hep_fixed(2, RINGING, is_long=is_long))])).packets[0]
    assert (packet.payload, packet.at) == (RINGING, SEEN_AT)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_compressed_payload_is_expanded(reading, pack):
    assert reading(pcap([carried(hep3(pack(OPTIONS), content=16))])).packets[0].payload == OPTIONS


def test_compressed_payload_expands_to_a_limit():
    assert len(encapsulated(hep3(zlib.compress(bytes(4 * LARGEST_PAYLOAD)), content=16)).payload) == LARGEST_PAYLOAD


def test_chunks_of_vendors_are_passed(reading):
    packet = reading(pcap([carried(hep3(OPTIONS, extra=chunk(7, b"\0\1", vendor=3) + chunk(17, b"id")))])).packets[0]
    assert (packet.payload, packet.hop) == (OPTIONS, HOP)


@pytest.mark.parametrize(
    ("datagram", "reason"),
    [
        (hep3(b'{"sender_information":{}}', kind=5), "hep-rtcp-json"),
        (hep3(b"no JSON", kind=5), "hep-rtcp-json"),
        (hep3(b'{"MOS":4.1}', kind=34), "hep-rtcp-json"),
        (hep3(b'{"MOS":4.1}', kind=35), "hep-rtcp-json"),
        (hep3(OPTIONS, kind=100), "hep-log"),
        (hep3(b"", kind=1), "hep-keep-alive"),
        (hep3(b"no compression", content=16), "hep-keep-alive"),
        (hep3(b"<iq/>", kind=2), "hep-other"),
        (b"HEP3\0\x06", "hep-keep-alive"),
        (b"HEP3\0\x20\0\0\0\x01\0\x03\x02", "hep-keep-alive"),
        (b"HEP3", "udp-other"),
        (hep_fixed(1, b"not a message of SIP"), "udp-other"),
        (hep_fixed(1, OPTIONS, protocol=99), "udp-other"),
        (b"\x01\x10\x02\x11", "udp-other"),
    ],
)
def test_what_is_no_sip_is_set_aside_by_reason(reading, datagram, reason):
    content = reading(pcap([carried(datagram)]))
    assert (content.packets, content.facts.set_aside) == ([], {reason: 1})


def test_a_message_cut_in_its_last_chunk_is_truncated(reading):
    packet = reading(pcap([carried(hep3(OPTIONS)[:-10])])).packets[0]
    assert (packet.payload, packet.truncated) == (OPTIONS[:-10], True)


@pytest.mark.parametrize("wire", [ipv4, ipv6], ids=["ipv4", "ipv6"])
def test_a_message_seen_on_the_wire_as_well_is_told_once(reading, wire):
    ends, kind = ((A4, B4), 0x0800) if wire is ipv4 else ((A6, B6), 0x86DD)
    frames = [ethernet(wire(udp(OPTIONS, 5060, 5080)), kind), carried(hep3(OPTIONS, ends=ends, at=START + 900 * 10**9))]
    content = reading(pcap(frames))
    assert [packet.frames for packet in content.packets] == [(1,)]
    assert content.facts.set_aside == {"hep-copy": 1}


def test_a_message_that_agents_tell_again_is_a_retransmission(reading):
    frames = [carried(hep3(OPTIONS)), carried(hep3(OPTIONS, at=SEEN_AT + 500_000_000))]
    assert [packet.at - SEEN_AT for packet in reading(pcap(frames)).packets] == [0, 500_000_000]


def agent_of(reading, extra: bytes) -> AgentRecord:
    return reading(pcap([carried(hep3(OPTIONS, extra=extra))])).packets[0].agent


def test_what_an_agent_tells_besides_is_kept(reading):
    extra = chunk(17, b"1@a\0") + chunk(19, b"edge-1") + chunk(1, b"x", vendor=2)
    assert agent_of(reading, extra) == AgentRecord(number=2001, name="edge-1", vendor="Kamailio", correlation_id="1@a")


def test_a_vendor_that_is_not_known_is_told_by_its_number(reading):
    assert agent_of(reading, chunk(1, b"x", vendor=77)).vendor == "vendor 77"


def test_what_an_agent_does_not_tell_is_absent(reading):
    assert agent_of(reading, chunk(17, b"\0\0")) == AgentRecord(number=2001)


def test_what_is_captured_itself_has_no_agent(reading):
    assert reading(pcap([ethernet(ipv4(udp(OPTIONS)))])).packets[0].agent is None


def test_messages_and_their_report_name_the_agent(tmp_path):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap([carried(hep3(OPTIONS, extra=chunk(17, b"1@a"))), ethernet(ipv4(udp(RINGING)))]))
    told = [message["agent"] for message in messages_report(reconstruct(str(path)))]
    agent = {"number": 2001, "name": None, "vendor": None, "correlation_id": "1@a"}
    assert sorted(told, key=str) == [None, agent]


def test_agents_are_noted_once(reading):
    notes = reading(pcap([carried(hep3(OPTIONS)), carried(hep3(RINGING))])).facts.notes
    assert [note for note in notes if "capture agent 2001" in note] == list(notes)


def test_hep_of_a_collectors_own_tests_is_read(shared: Path):
    inside = encapsulated((shared / "text-traces" / "heplify-server__hep3_options_200.bin").read_bytes())
    assert inside.addresses == bytes([192, 168, 247, 250, 192, 168, 245, 250])
    assert (inside.ports, inside.transport, inside.agent.number) == ((5060, 5060), Transport.UDP, 0)
    assert inside.at == 0x5AA29B98 * 10**9 + 0x1D2F4 * 1000
    assert inside.payload.startswith(b"SIP/2.0 200 OK\r\n")
    assert inside.payload.endswith(b"m=audio 0 RTP/AVP 8")


def test_hep_2_is_read_as_kamailio_writes_it():
    head = bytes.fromhex("02100211 13c413c4 c000020a c0000201 db88016b e41d0d00 d1070000")
    inside = encapsulated(head + OPTIONS)
    assert inside.hop == Hop(Endpoint("192.0.2.10", 5060), Endpoint("192.0.2.1", 5060))
    # 2026-11-21 12:04:43.859620 UTC
    assert (inside.at, inside.agent.number, inside.payload) == (1_795_262_683_859_620_000, 2001, OPTIONS)
