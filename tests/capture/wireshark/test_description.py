"""What a file tells of itself, with Wireshark's engine as with the native one."""

import struct
from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.capture.wireshark.description import description_of
from sipscope.model.packets import CaptureFacts, GapKind
from tests.capture.builders import (
    OPTIONS,
    START,
    block,
    enhanced,
    ethernet,
    interface,
    ipv4,
    option,
    pcap,
    pcap_header,
    record,
    section,
    udp,
    with_options,
)

pytestmark = pytest.mark.tshark

FRAME = ethernet(ipv4(udp(OPTIONS)))
NAMES = block(4, struct.pack("<HH", 1, 9) + bytes([192, 0, 2, 1]) + b"sbc1\0" + bytes(3) + bytes(4))
STATISTICS = block(5, struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", 7)) + bytes(4))
DESCRIBED = (
    section()
    + interface(1, option(2, b"eth0") + option(3, b"trunk side"))
    + interface(1, option(2, b"eth1"))
    + NAMES
    + with_options(FRAME, option(1, b"look here"))
    + enhanced(FRAME, START // 1000 + 7_200_000_000, number=1)
    + STATISTICS
)


def facts_by(engine: str, path: Path) -> CaptureFacts:
    reader = open_capture(str(path), engine=engine)
    for _ in reader.chunks():
        pass
    return reader.facts()


@pytest.fixture
def described(tmp_path: Path) -> Path:
    path = tmp_path / "capture.pcapng"
    path.write_bytes(DESCRIBED)
    return path


@pytest.mark.parametrize("part", ["interfaces", "names", "comments", "written_by", "gaps"])
def test_both_engines_tell_the_same_of_a_file(described: Path, part: str):
    told = getattr(facts_by("wireshark", described), part)
    assert told == getattr(facts_by("native", described), part)


def test_names_comments_and_interfaces_are_told(described: Path):
    facts = facts_by("wireshark", described)
    assert facts.names == {"192.0.2.1": "sbc1"}
    assert [(comment.text, comment.frame) for comment in facts.comments] == [("look here", 1)]
    assert [each.name for each in facts.interfaces] == ["eth0", "eth1"]


def test_steps_of_the_clock_are_told(described: Path):
    assert GapKind.CLOCK_STEP in {gap.kind for gap in facts_by("wireshark", described).gaps}


def test_a_merged_set_keeps_what_its_files_tell(described: Path, tmp_path: Path):
    other = tmp_path / "other.pcap"
    other.write_bytes(pcap([FRAME]))
    reader = open_capture([str(described), str(other)], engine="wireshark")
    for _ in reader.chunks():
        pass
    facts = reader.facts()
    assert [each.name for each in facts.interfaces][:2] == ["eth0", "eth1"]
    assert [comment.text for comment in facts.comments] == ["look here"]


def test_of_formats_that_only_wireshark_reads_it_is_said_that_nothing_is_told(tmp_path: Path):
    path = tmp_path / "capture.pcap"
    # Kuznetzov's variant has eight more bytes in each record header: interface, protocol, packet type, padding.
    seconds, sizes = START // 10**9, (len(FRAME), len(FRAME))
    head = struct.pack("<I", 0xA1B2CD34) + pcap_header()[4:]
    path.write_bytes(head + struct.pack("<IIII", seconds, 0, *sizes) + bytes(8) + FRAME)
    facts = facts_by("wireshark", path)
    assert facts.frames == 1
    assert facts.interfaces == ()
    assert (
        facts.notes[-1]
        == "Interfaces, names and comments of this file's format are not told by Wireshark's dissectors."
    )


def test_a_file_that_ends_early_is_described_as_far_as_it_goes(tmp_path: Path):
    path = tmp_path / "capture.pcap"
    path.write_bytes(pcap_header() + record(FRAME)[:-9])
    found = description_of(str(path))
    assert found is not None
    assert found.frames == 0
