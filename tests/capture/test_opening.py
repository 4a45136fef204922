import subprocess
import sys
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.capture.native.engine import NativeReader
from sipscope.errors import UnreadableInput, UsageError
from tests.capture.builders import OPTIONS, ethernet, ipv4, pcap, pcapng, udp

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
