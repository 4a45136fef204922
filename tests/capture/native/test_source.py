import gzip
import io
import zlib
from types import SimpleNamespace

import pytest

from sipscope.capture.native.engine import NativeReader
from sipscope.errors import UnreadableInput
from sipscope.model.packets import GapKind
from tests.capture.builders import OPTIONS, Content, ethernet, ipv4, pcap, pcapng, udp

FRAMES = [ethernet(ipv4(udp(OPTIONS + b"%d" % n))) for n in range(50)]


@pytest.mark.parametrize(("data", "name"), [(pcap(FRAMES), "pcap+gzip"), (pcapng(FRAMES), "pcapng+gzip")])
def test_gzip_of_either_format_is_read(reading, data, name):
    content = reading(gzip.compress(data))
    assert (len(content.packets), content.facts.format) == (50, name)


def test_members_of_gzip_are_joined(reading):
    data = pcap(FRAMES)
    content = reading(b"".join(gzip.compress(data[n : n + 700]) for n in range(0, len(data), 700)))
    assert len(content.packets) == 50


def test_zeros_behind_gzip_are_padding(reading):
    content = reading(gzip.compress(pcap(FRAMES)) + bytes(512))
    assert (len(content.packets), content.facts.gaps) == (50, ())


def test_cut_gzip_gives_its_front_and_a_gap(reading):
    stored = zlib.compressobj(level=0, wbits=31)
    data = stored.compress(pcap(FRAMES)) + stored.flush()
    content = reading(data[: len(data) // 2])
    assert 20 <= len(content.packets) <= 30
    assert {gap.kind for gap in content.facts.gaps} == {GapKind.TRUNCATED_FILE}


def test_damaged_gzip_gives_its_front_and_a_gap(reading):
    data = bytearray(gzip.compress(pcap(FRAMES)))
    data[-6] ^= 0xFF
    content = reading(bytes(data))
    assert len(content.packets) == 50
    assert "damaged" in content.facts.gaps[0].text


def test_standard_input_is_read(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(pcap(FRAMES))))
    reader = NativeReader("-")
    assert len(Content(list(reader.chunks()), reader.facts()).packets) == 50


def test_pipe_that_gives_a_byte_at_a_time_is_read(monkeypatch):
    class Slow(io.RawIOBase):
        def __init__(self) -> None:
            self._data = io.BytesIO(gzip.compress(pcap(FRAMES)))

        def readable(self) -> bool:
            return True

        def readinto(self, target):
            return self._data.readinto(memoryview(target)[:1])

    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=Slow()))
    reader = NativeReader("-")
    assert len(Content(list(reader.chunks()), reader.facts()).packets) == 50


def test_empty_standard_input_is_unreadable(monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    with pytest.raises(UnreadableInput, match="standard input is empty"):
        NativeReader("-")
