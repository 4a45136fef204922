"""HEP that agents send to their collector over TLS, read with the keys."""

import shutil
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.capture.wireshark.collectors import ports_of_agents
from sipscope.model.network import Transport
from sipscope.model.packets import CaptureFacts, Packet
from tests.capture.builders import OPTIONS, RINGING, enhanced, interface, pcap, section
from tests.capture.hep import hep3
from tests.capture.test_opening import secrets
from tests.capture.tls import Connection, certificate, contexts

pytestmark = [
    pytest.mark.tshark,
    pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed"),
]

LONG = RINGING.replace(b"Content-Length: 0\r\n\r\n", b"Content-Length: 20000\r\n\r\n") + b"x" * 20000
TOLD = [OPTIONS, RINGING, LONG, OPTIONS]
STREAM = b"".join(
    hep3(message, ends=("198.51.100.1", f"198.51.100.{number}")) for number, message in enumerate(TOLD, 2)
)

Connect = Callable[[int, int], Connection]


@pytest.fixture(params=[ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Connect:
    """Opens connections whose keys go to `keys.txt`."""
    client, server = contexts(certificate(tmp_path), version=request.param)
    for context in (client, server):
        context.set_alpn_protocols([])
    client.keylog_filename = str(tmp_path / "keys.txt")
    return lambda port, own: Connection(client, server, ports=(own, port))


def say_all(connection: Connection) -> Connection:
    """The records end inside messages, and frames inside records."""
    for begin, end in ((0, 40), (40, 300), (300, 9000), (9000, len(STREAM))):
        connection.say(STREAM[begin:end], is_client=True)
    return connection


def read(folder: Path, *connections: Connection) -> tuple[list[Packet], CaptureFacts]:
    path = folder / "agents.pcap"
    path.write_bytes(pcap([frame for connection in connections for frame in connection.talk.frames]))
    reader = open_capture(str(path), keylog=str(folder / "keys.txt"))
    return [packet for chunk in reader.chunks() for packet in chunk.packets], reader.facts()


@pytest.mark.parametrize("port", [9061, 7443, 443, 65535])
def test_messages_have_the_way_their_agent_tells(tmp_path: Path, connect: Connect, port: int):
    packets, facts = read(tmp_path, say_all(connect(port, 40000)))
    assert [packet.payload for packet in packets] == TOLD
    assert [str(packet.hop.destination) for packet in packets] == [
        f"198.51.100.{number}:5080" for number in range(2, 6)
    ]
    assert facts.encrypted_flows == ()
    assert len({frame for packet in packets for frame in packet.frames}) + sum(facts.set_aside.values()) == facts.frames


def test_sip_on_other_ports_is_sip(tmp_path: Path, connect: Connect):
    phone = connect(5061, 41000)
    phone.say(OPTIONS, is_client=True)
    phone.say(RINGING, is_client=False)
    packets, _ = read(tmp_path, say_all(connect(9061, 40000)), phone)
    assert [packet.payload for packet in packets] == [*TOLD, OPTIONS, RINGING]
    assert [packet.hop.transport for packet in packets[-2:]] == [Transport.TLS, Transport.TLS]


def test_a_port_that_sip_uses_too_is_left_to_sip(tmp_path: Path, connect: Connect):
    phone = connect(9061, 41000)
    phone.say(OPTIONS, is_client=True)
    connections = [say_all(connect(9061, 40000)), phone]
    packets, _ = read(tmp_path, *connections)
    assert [(packet.payload, packet.hop.source.port) for packet in packets][-1] == (OPTIONS, 41000)
    assert ports_of_agents(str(tmp_path / "agents.pcap"), str(tmp_path / "keys.txt")) == (40000,)


def test_keys_in_the_file_serve_as_well(tmp_path: Path, connect: Connect):
    frames = say_all(connect(9061, 40000)).talk.frames
    keys = secrets(0x544C534B, text=(tmp_path / "keys.txt").read_bytes())
    path = tmp_path / "agents.pcapng"
    path.write_bytes(section() + interface() + keys + b"".join(enhanced(frame) for frame in frames))
    packets = [packet for chunk in open_capture(str(path)).chunks() for packet in chunk.packets]
    assert [packet.payload for packet in packets] == TOLD


def test_what_ends_inside_a_message_is_incomplete(tmp_path: Path, connect: Connect):
    connection = connect(9061, 40000)
    connection.say(STREAM[:200], is_client=True)
    packets, facts = read(tmp_path, connection)
    assert [packet.payload for packet in packets] == [OPTIONS]
    assert facts.set_aside.get("hep-incomplete") is None
    connection.say(STREAM[200:220], is_client=True)
    packets, facts = read(tmp_path, connection)
    assert ([packet.payload for packet in packets], facts.set_aside["hep-incomplete"]) == ([OPTIONS], 1)
