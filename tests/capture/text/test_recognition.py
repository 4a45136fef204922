import gzip
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.capture import open_capture
from sipscope.capture.text.engine import TextReader
from sipscope.capture.text.recognition import recognised
from sipscope.errors import UnreadableInput, UsageError
from tests.capture.builders import OPTIONS, ethernet, ipv4, pcap, udp
from tests.capture.text.logs import LOGS, REQUEST

PIECES = sorted({line for text in LOGS.values() for line in text.splitlines()})


@pytest.mark.parametrize(
    "text",
    [
        "From: somebody\nSubject: the SIP call\n",
        "<--- Received SIP request (205 bytes) from UDP:10.0.0.1:5060 --->\n",
        "Received:\nfrom mail.example.com\n",
        "Someone said INVITE sip:bob@example.com SIP/2.0 to me.\n",
        "{}\n",
    ],
)
def test_other_text_is_no_log(tmp_path, text):
    path = tmp_path / "text"
    path.write_text(text)
    with pytest.raises(UnreadableInput, match="no capture that is read here"):
        open_capture(str(path))


def test_capture_with_a_log_in_it_stays_a_capture(tmp_path):
    path = tmp_path / "capture"
    path.write_bytes(pcap([ethernet(ipv4(udp(OPTIONS)))]))
    reader = open_capture(str(path))
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]
    assert not isinstance(reader, TextReader)


def test_endless_line_is_not_read_to_its_end(tmp_path):
    path = tmp_path / "text"
    with path.open("wb") as file:
        for _ in range(80):
            file.write(b"a" * (1 << 20))
        file.write(f"\n{REQUEST}\n".encode())
    with pytest.raises(UnreadableInput, match="no capture"):
        open_capture(str(path))


def test_log_may_begin_with_many_other_lines():
    lines = ["[2026-05-01 10:00:00] NOTICE[1] loader.c: loading"] * 5000 + LOGS["asterisk-pjsip-log"].splitlines()
    found = recognised(line.encode() for line in lines)
    assert found is not None
    assert found.name == "asterisk-pjsip-log"


def test_excerpt_that_begins_inside_a_message_is_recognised_by_the_next_heading():
    lines = (REQUEST + "\n" + LOGS["freeswitch-siptrace"]).splitlines()
    found = recognised(line.encode() for line in lines)
    assert found is not None
    assert found.name == "freeswitch-siptrace"


@pytest.mark.parametrize("name", sorted(LOGS))
def test_log_on_standard_input_is_read(monkeypatch, name):
    given_input = io.TextIOWrapper(io.BufferedReader(io.BytesIO(LOGS[name].encode())))
    monkeypatch.setattr(sys, "stdin", given_input)
    reader = open_capture("-")
    assert sum(len(chunk.packets) for chunk in reader.chunks()) == 2


@pytest.mark.parametrize("compress", [gzip.compress, lambda data: data], ids=["gzip", "plain"])
def test_capture_on_standard_input_stays_a_capture(monkeypatch, compress):
    data = compress(pcap([ethernet(ipv4(udp(OPTIONS)))]))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    reader = open_capture("-")
    assert [packet.payload for chunk in reader.chunks() for packet in chunk.packets] == [OPTIONS]


def test_compressed_log_on_standard_input_needs_its_engine_named(monkeypatch):
    data = gzip.compress(LOGS["sngrep-text"].encode())
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(io.BytesIO(data))))
    reader = open_capture("-", engine="text")
    assert sum(len(chunk.packets) for chunk in reader.chunks()) == 2


def test_engine_for_text_takes_no_key_log():
    with pytest.raises(UsageError, match="the text engine decrypts nothing"):
        open_capture("-", engine="text", keylog="keys")


def test_engine_for_text_says_that_it_finds_nothing(tmp_path):
    path = tmp_path / "text"
    path.write_text("nothing\n")
    with pytest.raises(UnreadableInput, match="holds no SIP message"):
        open_capture(str(path), engine="text")


def read_whole(path, data: bytes) -> None:
    path.write_bytes(data)
    try:
        reader = open_capture(str(path), engine="text")
    except UnreadableInput:
        return
    lines = data.count(b"\n") + (not data.endswith(b"\n"))
    frames = [packet.frames[0] for chunk in reader.chunks() for packet in chunk.packets]
    facts = reader.facts()
    assert facts.frames == lines
    assert frames == sorted(frames)
    assert all(1 <= frame <= lines for frame in frames)


@given(data=st.binary(max_size=400))
def test_no_bytes_raise(tmp_path_factory, data):
    read_whole(tmp_path_factory.mktemp("log") / "log", LOGS["asterisk-pjsip-log"].encode() + data)


@given(lines=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), min_size=1, max_size=60))
def test_no_order_of_lines_raises(tmp_path_factory, lines):
    read_whole(tmp_path_factory.mktemp("log") / "log", "\n".join(lines).encode())


@given(
    name=st.sampled_from(sorted(LOGS)), place=st.integers(0, 1200), byte=st.binary(max_size=3), drop=st.integers(0, 40)
)
def test_no_damage_to_a_log_raises(tmp_path_factory, name, place, byte, drop):
    data = LOGS[name].encode()
    read_whole(tmp_path_factory.mktemp("log") / "log", data[:place] + byte + data[place + drop :])


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 50_000,
        b"-" * 60_000 + b" 12:00:00",
        b"A" * 60_000 + b" sip:" + b"b" * 4000,
        b"x " * 30_000 + b"Incoming SIP UDP message from ",
        b"<--- SIP read from " + b"1" * 60_000,
        b"U " + b":" * 60_000 + b" -> ",
        b"recv 1 bytes from udp/[" + b":" * 60_000,
        b"Via: SIP/2.0/UDP " + b"a" * 60_000,
        b"Contact: " + b"sip:" * 15_000,
    ],
)
@pytest.mark.parametrize("log_format", sorted(LOGS))
def test_nasty_line_takes_no_time(tmp_path, line, log_format):
    text = LOGS[log_format].encode()
    first = text.index(b"From:")
    read_whole(tmp_path / "log", text[:first] + line + b"\n" + text[first:] + (line + b"\n") * 5)
