import bz2
import gzip
import io
import lzma
import sys
import zlib
from contextlib import closing
from types import SimpleNamespace

import lz4.frame
import pytest
import zstandard

from sipscope.capture.native.engine import NativeReader
from sipscope.capture.native.source import Source
from sipscope.errors import UnreadableInput
from sipscope.model.packets import GapKind
from tests.capture.builders import OPTIONS, Content, ethernet, ipv4, pcap, pcapng, udp

FRAMES = [ethernet(ipv4(udp(OPTIONS + b"%d" % n))) for n in range(50)]


KINDS = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "lz4": lz4.frame.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)
SKIPPABLE_FRAME = b"\x50\x2a\x4d\x18" + b"\x04\0\0\0" + b"size"


@EVERY_KIND
@pytest.mark.parametrize(("data", "name"), [(pcap(FRAMES), "pcap"), (pcapng(FRAMES), "pcapng")], ids=["pcap", "ng"])
def test_compressed_file_of_either_format_is_read(reading, kind, data, name):
    content = reading(KINDS[kind](data))
    assert (len(content.packets), content.facts.format, content.facts.gaps) == (50, f"{name}+{kind}", ())


@EVERY_KIND
def test_parts_of_a_compressed_file_are_joined(reading, kind):
    data = pcap(FRAMES)
    content = reading(b"".join(KINDS[kind](data[n : n + 700]) for n in range(0, len(data), 700)))
    assert len(content.packets) == 50


@pytest.mark.parametrize("kind", ["zstd", "lz4"])
def test_frames_that_readers_are_to_skip_are_skipped(reading, kind):
    compressed = KINDS[kind](pcap(FRAMES))
    assert len(reading(compressed + SKIPPABLE_FRAME).packets) == 50


def test_zstd_that_begins_with_a_frame_to_skip_is_read(reading):
    assert len(reading(SKIPPABLE_FRAME + zstandard.compress(pcap(FRAMES))).packets) == 50


@EVERY_KIND
def test_cut_compressed_file_is_told_and_raises_nothing(reading, kind):
    compressed = KINDS[kind](pcap(FRAMES) + bytes(range(256)) * 4)
    content = reading(compressed + compressed[: len(compressed) // 2])
    assert len(content.packets) == 50
    assert f"the {kind} data ends in the middle" in content.facts.gaps[-1].text


@EVERY_KIND
def test_damaged_compressed_file_is_told_and_raises_nothing(reading, kind):
    compressed = KINDS[kind](pcap(FRAMES))
    damaged = bytearray(KINDS[kind](bytes(range(256)) * 40))
    damaged[6:60] = b"\xff" * 54
    content = reading(compressed + bytes(damaged))
    assert len(content.packets) == 50
    assert f"the {kind} data " in content.facts.gaps[-1].text


@EVERY_KIND
def test_endless_expansion_stops_at_the_limit(tmp_path, kind):
    path = tmp_path / "zeros"
    path.write_bytes(KINDS[kind](bytes(5_000_000)))
    with closing(Source(str(path), max_expanded=1_000_000)) as source:
        assert len(source.read(2_000_000)) == 1_000_000
    assert source.damage == "it expands to more than 1000000 bytes, the limit set by --max-expanded"


@EVERY_KIND
def test_file_that_just_reaches_the_limit_is_whole(tmp_path, kind):
    path = tmp_path / "zeros"
    path.write_bytes(KINDS[kind](bytes(1_000_000)))
    with closing(Source(str(path), max_expanded=1_000_000)) as source:
        assert (len(source.read(2_000_000)), source.damage) == (1_000_000, None)


def test_limit_is_none_of_a_plain_file(tmp_path):
    path = tmp_path / "zeros"
    path.write_bytes(bytes(1000))
    with closing(Source(str(path), max_expanded=10)) as source:
        assert len(source.read(1000)) == 1000


@pytest.mark.parametrize(("kind", "module"), [("zstd", "zstandard"), ("lz4", "lz4")])
def test_missing_library_is_said_with_how_to_install_it(reading, monkeypatch, kind, module):
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UnreadableInput, match=r"pip install 'sipscope\[compression\]'"):
        reading(KINDS[kind](pcap(FRAMES)))


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
