"""SIP over secure WebSocket, with and without the keys, as Wireshark's dissectors hand it on."""

import shutil
import ssl
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.model.network import Transport
from sipscope.model.packets import CaptureFacts, Packet
from tests.capture.builders import OPTIONS, RINGING, ethernet, ipv4, pcap, udp
from tests.capture.native.test_websocket_messages import MASK, REQUEST, RESPONSE
from tests.capture.tls import Connection, certificate, contexts
from tests.capture.websockets import Deflater, frame

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

COMPRESSING = b"\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"


def read(path: Path, **options: str) -> tuple[list[Packet], CaptureFacts]:
    reader = open_capture(str(path), engine="wireshark", **options)
    return [packet for chunk in reader.chunks() for packet in chunk.packets], reader.facts()


@pytest.fixture(scope="module", params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def secure(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a connection, `wss.pcap`, and its keys, `keys.txt`."""
    folder = tmp_path_factory.mktemp("wss")
    client, server = contexts(certificate(folder), version=request.param)
    for context in (client, server):
        context.set_alpn_protocols(["http/1.1"])
    client.keylog_filename = str(folder / "keys.txt")
    connection = Connection(client, server, ports=(40000, 443))
    asked, answered = Deflater(), Deflater()
    for is_client, content in (
        (True, REQUEST.removesuffix(b"\r\n\r\n") + COMPRESSING),
        (False, RESPONSE.removesuffix(b"\r\n\r\n") + COMPRESSING),
        (True, frame(asked(OPTIONS), first=0xC1, mask=MASK)),
        (False, frame(answered(RINGING), first=0xC1)),
        (True, frame(OPTIONS[:20], first=0x01, mask=MASK)),
        (True, frame(OPTIONS[20:], first=0x80, mask=MASK)),
        (True, frame(asked(OPTIONS), first=0xC1, mask=MASK)),
    ):
        connection.say(content, is_client=is_client)
    (folder / "wss.pcap").write_bytes(pcap(connection.talk.frames))
    return folder


def test_compressed_messages_and_those_in_several_frames_are_read(secure: Path):
    packets, _ = read(secure / "wss.pcap", keylog=str(secure / "keys.txt"))
    assert [packet.payload for packet in packets] == [OPTIONS, RINGING, OPTIONS, OPTIONS]
    assert {packet.hop.transport for packet in packets} == {Transport.WSS}


def test_a_message_in_several_frames_names_them_all(secure: Path):
    packets, _ = read(secure / "wss.pcap", keylog=str(secure / "keys.txt"))
    assert [len(packet.frames) for packet in packets] == [1, 1, 2, 1]


def test_a_connection_without_keys_tells_its_story(secure: Path):
    _, facts = read(secure / "wss.pcap")
    native = open_capture(str(secure / "wss.pcap"), engine="native")
    list(native.chunks())
    assert [flow.server_name for flow in facts.encrypted_flows] == ["sip.example"]
    assert facts.encrypted_flows == native.facts().encrypted_flows


def test_a_connection_with_keys_is_not_told_as_encrypted(secure: Path):
    _, facts = read(secure / "wss.pcap", keylog=str(secure / "keys.txt"))
    assert facts.encrypted_flows == ()


def test_vxlan_on_the_port_that_linux_takes_is_read(tmp_path: Path):
    inside = b"\x08" + bytes(7) + ethernet(ipv4(udp(OPTIONS)))
    outside = ipv4(udp(inside, 999, 8472), source="198.51.100.1", destination="198.51.100.2")
    (tmp_path / "vxlan.pcap").write_bytes(pcap([ethernet(outside)]))
    packets, _ = read(tmp_path / "vxlan.pcap")
    assert [(packet.payload, packet.hop.source.address) for packet in packets] == [(OPTIONS, "192.0.2.1")]


def test_sip_on_that_port_is_sip(tmp_path: Path):
    (tmp_path / "sip.pcap").write_bytes(pcap([ethernet(ipv4(udp(OPTIONS, 8472, 5060)))]))
    packets, _ = read(tmp_path / "sip.pcap")
    assert [packet.payload for packet in packets] == [OPTIONS]
