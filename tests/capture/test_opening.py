import shutil
import ssl
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.capture.native.engine import NativeReader
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.network import Transport
from tests.capture.builders import OPTIONS, block, enhanced, ethernet, interface, ipv4, pcap, pcapng, section, udp
from tests.capture.tls import Talk, certificate, contexts, handshake

SIP = ethernet(ipv4(udp(OPTIONS)))


@pytest.mark.parametrize("data", [pcap([SIP]), pcapng([SIP])])
def test_what_is_read_natively_is_opened_natively(tmp_path: Path, data):
    path = tmp_path / "capture"
    path.write_bytes(data)
    reader = open_capture(str(path))
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]
    assert isinstance(reader, NativeReader)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "is empty"),
        (b"\x01", "no capture"),
        (b"From: somebody", r"begins with 46 72 6f 6d 3a 20 73 6f \(From: so\)"),
    ],
)
def test_what_is_no_capture_is_said_in_one_line(tmp_path: Path, data, text):
    path = tmp_path / "capture"
    path.write_bytes(data)
    with pytest.raises(UnreadableInput, match=text) as raised:
        open_capture(str(path))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("tshark", [None, "/usr/bin/tshark"])
def test_what_is_no_capture_may_be_read_by_others(tmp_path: Path, monkeypatch, tshark):
    path = tmp_path / "capture"
    path.write_bytes(b"From: somebody")
    monkeypatch.setattr(shutil, "which", lambda _name: tshark)
    with pytest.raises(UnreadableInput, match=r"editcap -F pcap") as raised:
        open_capture(str(path))
    assert ("try --engine wireshark" in str(raised.value)) == (tshark is not None)


def test_missing_file_is_said(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="no such file"):
        open_capture(str(tmp_path / "missing.pcap"))


def test_folder_is_said(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="is a directory"):
        open_capture(str(tmp_path))


def test_unknown_engine_is_a_usage_error():
    with pytest.raises(UsageError, match="no capture engine 'fast'"):
        open_capture("-", engine="fast")


def test_native_engine_takes_no_key_log():
    with pytest.raises(UsageError, match="decrypts nothing"):
        open_capture("-", engine="native", keylog="keys")


def test_import_of_the_package_loads_no_numpy():
    code = "import sys, sipscope.capture; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def secrets(kind: int, order: str = "<", text: bytes = b"CLIENT_RANDOM 00 11\n") -> bytes:
    return block(10, struct.pack(order + "II", kind, len(text)) + text, order)


@pytest.mark.tshark
@pytest.mark.parametrize("order", ["<", ">"])
def test_keys_in_the_file_are_given_to_wireshark(tmp_path: Path, order):
    path = tmp_path / "capture"
    path.write_bytes(
        section(order) + interface(1, order=order) + secrets(0x544C534B, order) + enhanced(SIP, order=order)
    )
    reader = open_capture(str(path))
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]
    assert reader.facts().notes == ("Read with Wireshark's engine: the file holds the keys of its TLS connections.",)


@pytest.mark.tshark
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_sip_over_tls_is_read_with_the_keys_in_the_file(tmp_path: Path):
    client, server = contexts(certificate(tmp_path), version=ssl.TLSVersion.TLSv1_3)
    client.keylog_filename = str(tmp_path / "keys")
    talk = Talk()
    talk.opening()
    handshake(talk, client, server, says=OPTIONS)
    keys = secrets(0x544C534B, text=(tmp_path / "keys").read_bytes())
    path = tmp_path / "capture"
    path.write_bytes(section() + interface() + keys + b"".join(enhanced(frame) for frame in talk.frames))
    packets = [packet for chunk in open_capture(str(path)).chunks() for packet in chunk.packets]
    assert [(packet.payload, packet.hop.transport) for packet in packets] == [(OPTIONS, Transport.TLS)]


def test_keys_of_other_protocols_change_nothing(tmp_path: Path):
    path = tmp_path / "capture"
    path.write_bytes(section() + interface() + secrets(0x57474B4C) + enhanced(SIP))
    reader = open_capture(str(path))
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]
    assert isinstance(reader, NativeReader)


def test_without_wireshark_a_file_with_keys_is_read_as_far_as_it_goes(tmp_path: Path, monkeypatch):
    path = tmp_path / "capture"
    path.write_bytes(section() + interface() + secrets(0x544C534B) + enhanced(SIP))
    monkeypatch.setenv("PATH", "")
    reader = open_capture(str(path))
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]
    assert "holds the keys" in reader.facts().notes[0]
