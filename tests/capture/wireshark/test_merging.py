"""Several captures for Wireshark's engine."""

from pathlib import Path

import pytest

from sipscope.capture import open_capture
from sipscope.errors import EngineUnavailable, UnreadableInput, UsageError
from sipscope.model.packets import CaptureFacts, Packet
from tests.capture.builders import OPTIONS, RINGING, ethernet, ipv4, pcap, pcap_header, pcapng, record, tcp, udp

pytestmark = pytest.mark.tshark


def read(*paths: Path, **options: str) -> tuple[list[Packet], CaptureFacts]:
    reader = open_capture([str(path) for path in paths], **options)
    packets = [packet for chunk in reader.chunks() for packet in chunk.packets]
    return packets, reader.facts()


@pytest.fixture
def halves(tmp_path: Path) -> tuple[Path, Path]:
    """Two captures whose frames alternate in time, one as pcap, the other as pcapng."""
    first, second = tmp_path / "a.pcap", tmp_path / "b.pcapng"
    first.write_bytes(pcap([ethernet(ipv4(udp(OPTIONS)))] * 2, step=40_000_000))
    second.write_bytes(pcapng([ethernet(ipv4(udp(OPTIONS))), ethernet(ipv4(udp(RINGING)))]))
    return first, second


def test_captures_are_merged_by_time(halves):
    packets, _ = read(*halves, engine="wireshark")
    assert [packet.payload for packet in packets] == [OPTIONS, OPTIONS, RINGING, OPTIONS]
    assert [packet.frames for packet in packets] == [(1,), (2,), (3,), (4,)]


def test_captures_are_merged_for_a_key_log(halves, tmp_path: Path):
    keys = tmp_path / "keys"
    keys.write_text("")
    packets, facts = read(*halves, keylog=str(keys))
    assert len(packets) == 4
    assert facts.engine == "wireshark"


def test_the_facts_name_the_files_and_their_formats(halves):
    facts = read(*halves, engine="wireshark")[1]
    assert facts.path == f"{halves[0]} and 1 more"
    assert facts.format == "pcap, pcapng"
    assert facts.notes == ("2 files are read as one capture, merged by mergecap.",)


def test_a_set_that_only_wireshark_reads_goes_there(halves, tmp_path: Path):
    foreign = tmp_path / "c.pcap"
    # Link type 195 is IEEE 802.15.4, which the native engine leaves to Wireshark.
    foreign.write_bytes(pcap_header(195) + record(bytes(20)))
    facts = read(*halves, foreign)[1]
    assert facts.engine == "wireshark"


def test_a_message_that_begins_in_one_file_and_ends_in_the_next_is_whole(tmp_path: Path):
    frames = [
        ethernet(ipv4(tcp(part, begin), protocol=6)) for part, begin in ((OPTIONS[:30], 100), (OPTIONS[30:], 130))
    ]
    first, second = tmp_path / "a.pcap", tmp_path / "b.pcap"
    first.write_bytes(pcap(frames[:1]))
    second.write_bytes(pcap_header() + record(frames[1], 1_790_000_001_000_000_000))
    packets, _ = read(first, second, engine="wireshark")
    assert [packet.payload for packet in packets] == [OPTIONS]


def test_a_capture_that_cannot_be_merged_is_said_in_one_line(halves, tmp_path: Path):
    broken = tmp_path / "broken.pcap"
    broken.write_bytes(b"no capture at all, only words")
    with pytest.raises(UnreadableInput, match="can't be merged") as raised:
        read(halves[0], broken, engine="wireshark")
    assert "\n" not in str(raised.value)


def test_standard_input_is_no_part_of_a_set():
    with pytest.raises(UsageError, match="standard input can't be merged"):
        open_capture(["-", "a.pcap"], engine="wireshark")


@pytest.mark.parametrize("engine", ["native", "text"])
def test_engines_that_decrypt_nothing_take_no_key_log(engine: str):
    with pytest.raises(UsageError, match="decrypts nothing"):
        open_capture(["a.pcap", "b.pcap"], engine=engine, keylog="keys")


def test_without_mergecap_it_is_said(halves, monkeypatch, tmp_path: Path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "tshark").write_text("#!/bin/sh\n")
    (tmp_path / "bin" / "tshark").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(EngineUnavailable, match="mergecap"):
        read(*halves, engine="wireshark")
