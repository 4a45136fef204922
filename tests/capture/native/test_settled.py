"""Other TCP traffic is counted in bulk, which must not change what is found."""

import pytest

from tests.capture.builders import A4, B4, OPTIONS, Content, ethernet, ipv4, ipv6, pcap, tcp

MANY = 9000


def noise(count: int, *, version: int = 4, back: bool = False) -> list[bytes]:
    text = b"220 ready\r\n"
    return [frame(text, 100 + n * len(text), version=version, back=back) for n in range(count)]


def frame(payload: bytes, sequence: int, *, version: int = 4, back: bool = False, flags: int = 0x18) -> bytes:
    data = tcp(payload, sequence, flags=flags)
    if version == 6:
        return ethernet(ipv6(data, protocol=6), 0x86DD)
    ends = {"source": B4, "destination": A4} if back else {}
    return ethernet(ipv4(data, protocol=6, **ends))


def found(content: Content) -> bytes:
    return b"".join(packet.payload for packet in content.packets)


@pytest.mark.parametrize("version", [4, 6])
def test_every_frame_of_other_traffic_is_counted(reading, version):
    content = reading(pcap(noise(MANY, version=version)))
    assert content.facts.set_aside == {"tcp-not-sip": MANY}


def test_acknowledgements_of_other_traffic_are_counted(reading):
    frames = noise(MANY) + [frame(b"", 1, back=True, flags=0x10)] * MANY
    assert reading(pcap(frames)).facts.set_aside == {"tcp-no-payload": MANY, "tcp-not-sip": MANY}


@pytest.mark.parametrize("between", [0, 3, 5000])
def test_ports_used_again_for_sip_are_noticed(reading, between):
    again = [frame(b"", 7000, flags=2), *noise(between, back=True), frame(OPTIONS, 7001)]
    content = reading(pcap(noise(MANY) + again))
    assert found(content) == OPTIONS
    assert content.adds_up


def test_sip_among_other_traffic_is_found(reading):
    frames = noise(MANY)
    frames[6000:6000] = [frame(OPTIONS, 500, back=True)]
    content = reading(pcap(frames))
    assert [packet.frames for packet in content.packets] == [(6001,)]


def test_damaged_header_on_settled_ports_is_counted_as_malformed(reading):
    damaged = bytearray(frame(b"", 1))
    damaged[14 + 20 + 12] = 0x10
    content = reading(pcap([*noise(MANY), bytes(damaged)]))
    assert content.facts.set_aside == {"tcp-malformed": 1, "tcp-not-sip": MANY}
