import struct

import pytest

from sipscope.model.network import Endpoint, Hop, Transport
from sipscope.model.packets import GapKind
from tests.capture.builders import A4, A6, B4, B6, OPTIONS, RINGING, ethernet, ipv4, ipv6, pcap, rtp, udp
from tests.capture.encapsulations import LINKS

IP4, IP6 = ipv4(udp(OPTIONS)), ipv6(udp(OPTIONS))
RTP4, RTP6 = ipv4(udp(rtp(), 4000, 4002)), ipv6(udp(rtp(), 4000, 4002))


@pytest.mark.parametrize("name", LINKS)
def test_signalling_and_media_are_found_in_every_encapsulation(reading, name):
    link, wrap = LINKS[name]
    frames = [wrap(IP4, 0x0800), wrap(IP6, 0x86DD), wrap(RTP4, 0x0800), wrap(RTP6, 0x86DD)]
    content = reading(pcap(frames, link))
    hops = [Hop(Endpoint(A4, 5060), Endpoint(B4, 5060)), Hop(Endpoint(A6, 5060), Endpoint(B6, 5060))]
    assert [(packet.hop, packet.payload) for packet in content.packets] == [(hop, OPTIONS) for hop in hops]
    assert [(row[0], row[2], row[5].source.address, row[6]) for row in content.rows] == [
        (3, 172, A4, rtp()[:32]),
        (4, 172, A6, rtp()[:32]),
    ]


@pytest.mark.parametrize("name", LINKS)
def test_a_packet_inside_others_is_counted_once(reading, name):
    link, wrap = LINKS[name]
    content = reading(pcap([wrap(IP4, 0x0800), wrap(RTP6, 0x86DD)], link))
    assert (len(content.packets), len(content.rows), content.facts.set_aside) == (1, 1, {})


@pytest.mark.parametrize(("link", "data"), [(228, IP4), (229, IP6)])
def test_raw_link_types_of_one_version_are_read(reading, link, data):
    assert reading(pcap([data], link)).packets[0].payload == OPTIONS


def test_ipv4_options_are_passed(reading):
    content = reading(pcap([ethernet(ipv4(udp(data), options=bytes(8))) for data in (OPTIONS, rtp())]))
    assert (len(content.packets), len(content.rows)) == (1, 1)


def test_ipv6_extension_headers_are_passed(reading):
    extensions = struct.pack(">BB6x", 60, 0) + struct.pack(">BB14x", 17, 1)
    content = reading(pcap([ethernet(ipv6(extensions + udp(OPTIONS), protocol=0), 0x86DD)]))
    assert content.packets[0].payload == OPTIONS


def test_identification_and_dscp_are_those_of_the_packet(reading):
    frames = [
        ethernet(ipv4(udp(rtp()), service=0xB8, identification=4711)),
        ethernet(ipv6(udp(rtp()), service=0xB8), 0x86DD),
        ethernet(ipv4(udp(rtp()), service=0xB8, identification=4712, options=bytes(4))),
    ]
    assert [row[3:5] for row in reading(pcap(frames)).rows] == [(46, 4711), (46, -1), (46, 4712)]


def test_rtcp_goes_up_whole(reading):
    report = struct.pack(">BBHI", 0x80, 201, 1, 7)
    content = reading(pcap([ethernet(ipv4(udp(report, 4001, 4003)))]))
    assert [packet.payload for packet in content.packets] == [report]
    assert content.rows == []


def test_vxlan_on_the_port_that_linux_takes_is_read(reading):
    inside = ethernet(ipv4(udp(OPTIONS)))
    outside = ethernet(
        ipv4(udp(b"\x08" + bytes(7) + inside, 999, 8472), source="198.51.100.1", destination="198.51.100.2")
    )
    (packet,) = reading(pcap([outside])).packets
    assert packet.hop == Hop(Endpoint(A4, 5060), Endpoint(B4, 5060))


@pytest.mark.parametrize("port", [1701, 2152, 4789, 6081, 8472, 37008])
@pytest.mark.parametrize("payload", [OPTIONS, RINGING, b"INVITE sip:b@example.net SIP/2.0\r\nCall-ID: 1@a\r\n\r\n"])
def test_sip_on_the_port_of_a_tunnel_is_sip(reading, port: int, payload: bytes):
    assert [packet.payload for packet in reading(pcap([ethernet(ipv4(udp(payload, 5060, port)))])).packets] == [payload]


@pytest.mark.parametrize(
    "payload",
    [
        b"\x01\x00\x00\x01",
        b"\x01\x00\x00\x01\x0a\xff\x00",
        b"\x01\x00\x00\x12\x01" + bytes(40),
        b"\x02\x00\x00\x01\x01",
    ],
    ids=["no-end", "tag-beyond", "of-wireless-lan", "version-2"],
)
def test_tzsp_that_holds_no_ethernet_frame_is_set_aside(reading, payload: bytes):
    assert reading(pcap([ethernet(ipv4(udp(payload, 999, 37008)))])).facts.set_aside == {"udp-other": 1}


def test_sctp_user_message_is_a_packet(reading):
    chunk = struct.pack(">BBHIHHI", 0, 3, 16 + len(RINGING), 1, 0, 0, 0) + RINGING
    data = struct.pack(">HHII", 5060, 5061, 0, 0) + chunk
    packet = reading(pcap([ethernet(ipv4(data, protocol=132))])).packets[0]
    assert packet.payload == RINGING
    assert packet.hop == Hop(Endpoint(A4, 5060), Endpoint(B4, 5061), Transport.SCTP)


def test_esp_with_null_encryption_is_read(reading):
    inside = udp(OPTIONS)
    padding = -(len(inside) + 2) % 4
    trailer = bytes(range(1, padding + 1)) + bytes([padding, 17])
    content = reading(pcap([ethernet(ipv4(bytes(8) + inside + trailer + b"\xa5" * 12, protocol=50))]))
    assert content.packets[0].payload == OPTIONS


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (ethernet(bytes(28), 0x0806), "arp"),
        (ethernet(ipv4(bytes(8), protocol=1)), "icmp"),
        (ethernet(ipv4(bytes(8), protocol=89)), "ip-other-protocol"),
        (ethernet(ipv4(udp(b"\x00\x01" + bytes(20), 4000, 53))), "dns"),
        (ethernet(ipv4(udp(b""))), "udp-empty"),
        (ethernet(ipv4(udp(b"\r\n\r\n"))), "keep-alive"),
        (ethernet(ipv4(udp(b"\0\0\0\0"))), "keep-alive"),
        (ethernet(ipv4(udp(b"jaK\0"))), "keep-alive"),
        (ethernet(ipv4(udp(b"\0\1\0\0\x21\x12\xa4\x42" + bytes(12)))), "stun"),
        (ethernet(ipv4(udp(b"\x16\xfe\xfd" + bytes(30)))), "dtls"),
        (ethernet(ipv4(udp(b"\x10\0\0\0ZRTP" + bytes(30)))), "zrtp"),
        (ethernet(ipv4(udp(b"<134>quoted INVITE sip:b@a SIP/2.0\r\n"))), "udp-other"),
        (ethernet(ipv4(b"\0" * 5)), "udp-malformed"),
        (ethernet(b"\x45" + bytes(10)), "ip-malformed"),
        (ethernet(bytes(40), 0x88CC), "link-layer-other"),
        (b"abc", "link-layer-other"),
        (b"", "link-layer-other"),
    ],
)
def test_what_carries_nothing_is_set_aside_by_reason(reading, frame, reason):
    assert reading(pcap([frame])).facts.set_aside == {reason: 1}


def test_layers_without_end_are_set_aside(reading):
    data = IP4
    for _ in range(40):
        data = ipv4(data, protocol=4)
    assert reading(pcap([ethernet(data)])).facts.set_aside == {"link-layer-other": 1}


def fragments(payload: bytes, sizes: list[int], identification: int = 9) -> list[bytes]:
    frames, offset = [], 0
    for size in sizes:
        more = 0x2000 if offset + size < len(payload) else 0
        piece = payload[offset : offset + size]
        frames.append(ethernet(ipv4(piece, fragment=more | offset // 8, identification=identification)))
        offset += size
    return frames


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_fragments_in_any_order_are_joined(reading, order):
    frames = fragments(udp(OPTIONS), [24, 24, 100])
    content = reading(pcap([frames[place] for place in order]))
    assert [(packet.payload, packet.frames) for packet in content.packets] == [(OPTIONS, (1, 2, 3))]
    assert content.packets[0].identification == 9


def test_ipv6_fragments_are_joined(reading):
    data = udp(OPTIONS)
    frames = [
        ethernet(ipv6(struct.pack(">BxHI", 17, offset | more, 5) + data[offset:end], protocol=44), 0x86DD)
        for offset, end, more in ((0, 40, 1), (40, None, 0))
    ]
    assert reading(pcap(frames)).packets[0].payload == OPTIONS


def test_first_fragment_alone_goes_up_as_truncated(reading):
    content = reading(pcap(fragments(udp(OPTIONS), [24, 24, 100])[:1]))
    assert (content.packets[0].payload, content.packets[0].truncated) == (OPTIONS[:16], True)
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.FRAGMENT_MISSING]


def test_fragments_without_the_first_are_counted(reading):
    content = reading(pcap(fragments(udp(OPTIONS), [24, 24, 100])[1:]))
    assert content.facts.set_aside == {"fragment-incomplete": 2}


def test_fragments_wait_no_longer_than_a_minute(reading):
    frames = fragments(udp(OPTIONS), [40, 100])
    late = [frames[0], *fragments(udp(OPTIONS), [40, 100], identification=10), frames[1]]
    content = reading(pcap(late, step=40 * 10**9))
    assert [(packet.frames, packet.truncated) for packet in content.packets] == [((1,), True), ((2, 3), False)]


def test_fragmented_media_is_one_row(reading):
    content = reading(pcap(fragments(udp(rtp()), [80, 200])))
    assert [row[0] for row in content.rows] == [2]
    assert content.adds_up
