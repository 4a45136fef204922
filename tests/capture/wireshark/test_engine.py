import gzip
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.errors import EngineUnavailable, UnreadableInput
from sipscope.model.network import Transport
from sipscope.model.packets import GapKind
from tests.capture.builders import OPTIONS, ethernet, ipv4, pcap, pcapng, udp

pytestmark = pytest.mark.tshark

RTP = bytes([0x80, 0, 0, 1, 0, 0, 0, 160, 1, 2, 3, 4]) + bytes(160)


def read(path: Path, **options):
    reader = open_capture(str(path), engine="wireshark", **options)
    chunks = list(reader.chunks())
    packets = [packet for chunk in chunks for packet in chunk.packets]
    columns = [chunk.datagrams for chunk in chunks if chunk.datagrams is not None]
    return packets, columns, reader.facts()


def written(folder: Path, data: bytes) -> Path:
    path = folder / "capture.pcap"
    path.write_bytes(data)
    return path


def test_a_message_comes_with_its_bytes_path_and_time(tmp_path: Path):
    packets, _, _ = read(written(tmp_path, pcap([ethernet(ipv4(udp(OPTIONS)))])))
    (native,) = next(open_capture(str(tmp_path / "capture.pcap"), engine="native").chunks()).packets
    assert packets == [native]


def test_media_comes_as_columns(tmp_path: Path):
    _, (columns,), _ = read(written(tmp_path, pcap([ethernet(ipv4(udp(RTP)))])))
    assert columns.length.tolist() == [len(RTP)]
    assert columns.head[0].tobytes()[:12] == RTP[:12]


def test_facts_name_engine_format_and_link_type(tmp_path: Path):
    _, _, facts = read(written(tmp_path, pcapng([ethernet(ipv4(udp(OPTIONS)))])))
    assert (facts.engine, facts.format, facts.link_types, facts.frames) == ("wireshark", "pcapng", ("ethernet",), 1)


def test_gzip_is_read_and_said(tmp_path: Path):
    packets, _, facts = read(written(tmp_path, gzip.compress(pcap([ethernet(ipv4(udp(OPTIONS)))]))))
    assert (len(packets), facts.format) == (1, "pcap+gzip")


def test_what_carries_nothing_is_counted_with_its_protocol(tmp_path: Path):
    arp = bytes(12) + b"\x08\x06" + bytes.fromhex("0001080006040001") + bytes(20)
    _, _, facts = read(written(tmp_path, pcap([arp, ethernet(ipv4(udp(OPTIONS)))])))
    assert dict(facts.set_aside) == {"arp": 1}


def test_a_file_cut_short_gives_what_is_before_the_cut(tmp_path: Path):
    frame = ethernet(ipv4(udp(OPTIONS)))
    packets, _, facts = read(written(tmp_path, pcap([frame, frame])[:-10]))
    assert len(packets) == 1
    assert [gap.kind for gap in facts.gaps] == [GapKind.TRUNCATED_FILE]
    assert "cut short" in facts.gaps[0].text


def test_what_is_no_capture_is_told_in_tsharks_words(tmp_path: Path):
    with pytest.raises(UnreadableInput, match="isn't a capture file") as raised:
        read(written(tmp_path, b"From: somebody <sip:a@b>\r\n" * 20))
    assert "\n" not in str(raised.value)


def test_a_format_that_is_foreign_to_the_native_engine_is_read_and_the_change_is_said(tmp_path: Path):
    original = written(tmp_path, pcap([ethernet(ipv4(udp(OPTIONS)))]))
    snoop = tmp_path / "capture.snoop"
    subprocess.run(["editcap", "-F", "snoop", str(original), str(snoop)], check=True, capture_output=True)
    reader = open_capture(str(snoop))
    packets = [packet for chunk in reader.chunks() for packet in chunk.packets]
    assert [packet.payload for packet in packets] == [OPTIONS]
    assert reader.facts().notes[0] == "Read with Wireshark's engine: this is a snoop file."


def test_standard_input_is_read(tmp_path: Path):
    capture = written(tmp_path, pcap([ethernet(ipv4(udp(OPTIONS)))]))
    code = (
        "from sipscope.capture import open_capture\n"
        "reader = open_capture('-', engine='wireshark')\n"
        "print(sum(len(chunk.packets) for chunk in reader.chunks()), reader.facts().path)\n"
    )
    with capture.open("rb") as stream:
        result = subprocess.run([sys.executable, "-c", code], stdin=stream, capture_output=True, text=True, check=True)
    assert result.stdout == "1 -\n"


def test_a_reader_left_early_leaves_no_process(tmp_path: Path):
    frames = [ethernet(ipv4(udp(OPTIONS)))] * 5000
    chunks = open_capture(str(written(tmp_path, pcap(frames))), engine="wireshark").chunks()
    next(chunks)
    chunks.close()
    listing = subprocess.run(
        ["ps", "--ppid", str(os.getpid()), "-o", "comm="], capture_output=True, text=True, check=False
    )
    assert "tshark" not in listing.stdout


def test_without_tshark_the_message_says_how_to_install_it(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineUnavailable, match="apt install tshark"):
        open_capture(str(tmp_path / "any"), engine="wireshark")


def test_a_key_log_that_is_not_there_is_said(tmp_path: Path):
    capture = written(tmp_path, pcap([ethernet(ipv4(udp(OPTIONS)))]))
    with pytest.raises(UnreadableInput, match=r"key log .*keys\.txt is not there"):
        open_capture(str(capture), keylog=str(tmp_path / "keys.txt"))


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_sip_over_tls_is_decrypted_with_a_key_log(tmp_path: Path):
    capture, keys = tls_capture(tmp_path)
    if capture is None:
        pytest.skip("capturing on the loopback interface is not allowed here")
    packets, _, facts = read(capture, keylog=str(keys))
    assert [(packet.payload, packet.hop.transport) for packet in packets] == [(OPTIONS, Transport.TLS)]
    assert facts.engine == "wireshark"


def tls_capture(folder: Path) -> tuple[Path | None, Path]:
    """One SIP request over TLS 1.3 on the loopback interface, captured by tcpdump, with the keys in a log."""
    import ssl
    import threading
    import time

    certificate, key, keys, capture = (folder / name for name in ("cert.pem", "key.pem", "keys.txt", "tls.pcap"))
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sip.example"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    client = ssl.create_default_context(cafile=str(certificate))
    client.check_hostname = False
    client.keylog_filename = str(keys)
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    command = ["tcpdump", "-i", "lo", "-U", "-Z", "root", "-w", str(capture), f"tcp port {port}"]
    if shutil.which("tcpdump") is None or os.geteuid() != 0:
        listener.close()
        return None, keys

    def answer() -> None:
        accepted, _ = listener.accept()
        with server.wrap_socket(accepted, server_side=True) as connection:
            while connection.recv(65536):
                pass

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as tcpdump:
        listening = tcpdump.stderr.readline()
        thread = threading.Thread(target=answer)
        if "listening" in listening:
            thread.start()
            with client.wrap_socket(socket.create_connection(("127.0.0.1", port))) as connection:
                connection.sendall(OPTIONS)
            thread.join()
            deadline = time.monotonic() + 10
            while capture.stat().st_size < 2000 + len(OPTIONS) and time.monotonic() < deadline:
                time.sleep(0.05)
        tcpdump.terminate()
        tcpdump.communicate()
    listener.close()
    return (capture if "listening" in listening else None), keys
