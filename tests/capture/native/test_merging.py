"""Several files are read as the one that they were cut from."""

import gzip
import random
import shutil
import subprocess

import pytest

from sipscope.capture import open_capture
from sipscope.capture.native.engine import NativeReader
from sipscope.errors import UnreadableInput, UsageError
from sipscope.model.packets import GapKind
from tests.capture.builders import (
    OPTIONS,
    START,
    Content,
    enhanced,
    ethernet,
    interface,
    ipv4,
    pcap,
    pcap_header,
    read,
    record,
    rtp,
    section,
    tcp,
    udp,
    with_options,
)

ARP = ethernet(bytes(28), 0x0806)


def frame(number: int) -> bytes:
    """Signalling, media and other things in turn."""
    payloads = (OPTIONS + b"%d" % number, rtp(number), rtp(number), b"\0other")
    return ethernet(ipv4(udp(payloads[number % 4])))


TIMED = [(START + n * 1_000_000, frame(n)) for n in range(1200)]


def joined(folder, files, **options):
    """Write files, and read them as one."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    reader = NativeReader([str(folder / name) for name in files], **options)
    return Content(list(reader.chunks()), reader.facts())


def file_of(timed):
    return pcap_header() + b"".join(record(data, at) for at, data in timed)


def block_file_of(timed):
    return section() + interface() + b"".join(enhanced(data, at // 1000) for at, data in timed)


def numbers(content):
    """Frames of the signalling by what it says."""
    return {packet.payload: packet.frames for packet in content.packets}


@pytest.fixture
def whole(tmp_path):
    return read(tmp_path / "whole.pcap", file_of(TIMED))


def same(content, whole):
    facts = ("frames", "first_packet_at", "last_packet_at", "set_aside", "gaps")
    return (
        content.packets == whole.packets
        and content.rows == whole.rows
        and all(getattr(content.facts, name) == getattr(whole.facts, name) for name in facts)
    )


@pytest.mark.parametrize("window", [4096, 1 << 20])
@pytest.mark.parametrize("count", [2, 3, 12])
def test_files_in_succession_are_read_as_the_whole(tmp_path, whole, count, window):
    size = len(TIMED) // count
    files = {f"{n}.pcap": file_of(TIMED[n * size : (n + 1) * size]) for n in range(count)}
    assert same(joined(tmp_path, files, window_bytes=window), whole)


@pytest.mark.parametrize("seed", range(6))
def test_interleaved_files_are_read_as_the_whole(tmp_path, whole, seed):
    chosen = random.Random(seed)
    parts = [[] for _ in range(chosen.randint(2, 5))]
    for timed in TIMED:
        chosen.choice(parts).append(timed)
    kinds = (file_of, block_file_of, lambda timed: gzip.compress(file_of(timed)))
    files = {f"{n}.cap": kinds[n % 3](part) for n, part in enumerate(parts)}
    assert same(joined(tmp_path, files, window_bytes=chosen.choice([4096, 1 << 20])), whole)


def test_order_of_the_names_is_of_no_consequence(tmp_path, whole):
    files = {"late.pcap": file_of(TIMED[700:]), "early.pcap": file_of(TIMED[:700])}
    assert same(joined(tmp_path, files), whole)


def test_time_that_runs_backwards_in_a_file_keeps_that_files_order(tmp_path):
    ours = [(START + at, ethernet(ipv4(udp(OPTIONS + b"a%d" % n)))) for n, at in enumerate((0, 10, 5, 30))]
    theirs = [(START + at, ethernet(ipv4(udp(OPTIONS + b"b%d" % n)))) for n, at in enumerate((7000, 20_000))]
    ours = [(START + (at - START) * 1000, data) for at, data in ours]
    content = joined(tmp_path, {"a.pcap": file_of(ours), "b.pcap": file_of(theirs)})
    order = sorted(numbers(content).items(), key=lambda item: item[1])
    assert [payload[-2:] for payload, _ in order] == [b"a0", b"b0", b"a1", b"a2", b"b1", b"a3"]


def test_message_that_spans_two_files_of_a_ring_is_whole(tmp_path):
    halves = OPTIONS[:100], OPTIONS[100:]
    frames = [ethernet(ipv4(tcp(half, 1000 + 100 * n), protocol=6)) for n, half in enumerate(halves)]
    files = {f"{n}.pcap": file_of([(START + n, data)]) for n, data in enumerate(frames)}
    content = joined(tmp_path, files)
    assert b"".join(packet.payload for packet in content.packets) == OPTIONS


def test_facts_tell_which_file_begins_where(tmp_path):
    files = {"a.pcap": file_of(TIMED[:30]), "b.pcap": file_of(TIMED[30:50]), "c.pcap": pcap([])}
    facts = joined(tmp_path, files).facts
    assert facts.notes == (
        "3 files are read as one capture: a.pcap from frame 1, b.pcap from frame 31, c.pcap without frames.",
    )
    assert (facts.path, facts.format) == (f"{tmp_path / 'a.pcap'} and 2 more", "pcap")


def test_file_that_is_cut_is_told_with_its_frame_in_the_set(tmp_path):
    files = {"a.pcap": file_of(TIMED[:30]), "b.pcap": file_of(TIMED[30:50])[:-5], "c.pcap": file_of(TIMED[50:60])}
    (gap,) = joined(tmp_path, files).facts.gaps
    assert (gap.kind, gap.frames) == (GapKind.TRUNCATED_FILE, (49,))
    assert gap.text.startswith(f"{tmp_path / 'b.pcap'}: The file ends in the middle of a record")
    assert gap.text.endswith("after frame 49.")


def test_comment_is_told_with_its_frame_in_the_set(tmp_path):
    comment = b"\x01\x00\x05\x00hello\0\0\0" + bytes(4)
    late = section() + interface() + with_options(ARP, comment, TIMED[40][0] // 1000)
    facts = joined(tmp_path, {"a.pcap": file_of(TIMED[:30]), "b.pcapng": late}).facts
    assert [(item.text, item.frame) for item in facts.comments] == [("hello", 31)]


def test_file_that_cannot_be_read_is_left_out_and_told(tmp_path):
    content = joined(tmp_path, {"a.pcap": file_of(TIMED[:30]), "b.pcap": b""})
    assert content.facts.frames == 30
    assert [gap.kind for gap in content.facts.gaps] == [GapKind.UNREADABLE_BLOCK]
    assert "b.pcap is empty" in content.facts.gaps[0].text


def test_set_of_which_nothing_can_be_read_is_unreadable(tmp_path):
    with pytest.raises(UnreadableInput, match="none of 2 files can be read"):
        joined(tmp_path, {"a.pcap": b"", "b.pcap": b"nothing"})


@pytest.mark.parametrize(
    ("paths", "options"),
    [(["-", "a"], {}), ([], {}), (["a", "b"], {"engine": "native", "keylog": "keys"})],
)
def test_what_cannot_be_merged_is_wrong_usage(paths, options):
    with pytest.raises(UsageError):
        open_capture(paths, **options)


@pytest.mark.tshark
def test_frames_are_numbered_as_mergecap_numbers_them(tmp_path):
    if shutil.which("mergecap") is None:
        pytest.skip("mergecap is not installed")
    files = {"a.pcap": file_of(TIMED[0:600:2]), "b.pcap": file_of(TIMED[1:600:3]), "c.pcap": file_of(TIMED[5:600:6])}
    content = joined(tmp_path, files)
    subprocess.run(["mergecap", "-w", "all.pcapng", *files], cwd=tmp_path, check=True)
    merged = read(tmp_path / "all.pcapng")
    assert content.packets == merged.packets
