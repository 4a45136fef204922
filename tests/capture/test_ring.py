"""Sets of files are known by their names."""

import pytest

from sipscope.capture.ring import ring_sets

DUMPCAP = ("a_00001_20260101120000.pcapng", "a_00002_20260101120500.pcapng")


@pytest.mark.parametrize(
    "paths",
    [
        DUMPCAP,
        ("a_20260101120000_00001.pcap", "a_20260101120500_00002.pcap"),
        ("folder/a_00001_20260101120000.pcap.gz", "folder/a_00002_20260101120500.pcap"),
        ("a_00001_20260101120000", "a_00002_20260101120500"),
        ("a.pcap", "a.pcap1", "a.pcap2"),
        ("a.pcap0", "a.pcap1"),
        ("a.pcap00", "a.pcap01.zst"),
    ],
)
def test_files_of_a_ring_buffer_are_one_set(paths):
    assert ring_sets(paths) == [paths]


@pytest.mark.parametrize(
    "paths",
    [
        ("a.pcap", "b.pcap"),
        ("a1.pcap", "a2.pcap"),
        ("x/a.pcap1", "y/a.pcap2"),
        ("a_00001_20260101120000.pcap", "b_00001_20260101120000.pcap"),
        ("a_00001_20260101120000.pcap", "a_00002_20260101120500.pcapng"),
        ("a.pcap", "a.pcap.gz"),
        ("a.pcap", "a.pcap"),
        ("a.pcap1",),
        ("-", "-"),
    ],
)
def test_other_files_stay_apart(paths):
    assert ring_sets(paths) == list(paths)


def test_set_stands_where_its_first_file_stood():
    assert ring_sets(("x.pcap", DUMPCAP[0], "y.pcap", DUMPCAP[1])) == ["x.pcap", DUMPCAP, "y.pcap"]
