import struct

import numpy as np

from sipscope.capture.native.block_options import comments_of, options_of, packet_options, text_of
from sipscope.capture.native.window import Window
from tests.capture.builders import SIP, block, interface, option, section, with_options


class Bytes:
    """A source of bytes that are at hand."""

    name = "bytes"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readinto(self, target: memoryview) -> int:
        piece, self._data = self._data[: len(target)], self._data[len(target) :]
        target[: len(piece)] = piece
        return len(piece)


def window_of(data: bytes) -> Window:
    window = Window(Bytes(data), 1 << 12)  # type: ignore[arg-type]
    window.refill()
    return window


def test_options_end_at_the_end_mark():
    data = option(1, b"a") + option(0, b"") + option(1, b"b")
    assert list(options_of(data, "<")) == [(1, b"a")]


def test_several_comments_are_all_kept():
    assert comments_of(option(1, b"one") + option(9, b"\x06") + option(1, b"two"), "<") == ["one", "two"]


def test_zero_behind_a_text_is_no_part_of_it():
    assert text_of(b"eth0\x00") == "eth0"


def test_bytes_that_are_no_utf8_survive():
    assert text_of(b"caf\xe9").encode(errors="surrogateescape") == b"caf\xe9"


def test_wanted_options_of_many_packets_come_by_row():
    rows = [option(2, bytes(4)) + option(1, b"late"), b"", option(1, b"early") + option(4, bytes(8))]
    ends = np.cumsum([len(row) for row in rows])
    begins = ends - [len(row) for row in rows]
    found = packet_options(window_of(b"".join(rows)), "<", begins, ends, (1, 4))
    assert found == [(0, 1, b"late"), (2, 1, b"early"), (2, 4, bytes(8))]


def test_option_that_claims_more_than_the_block_has_is_no_option():
    data = struct.pack("<HH", 1, 400) + b"text"
    found = packet_options(window_of(data), "<", np.array([0]), np.array([len(data)]), (1,))
    assert found == []


def test_options_of_packets_are_read_in_either_byte_order(reading):
    for order in "<>":
        packet = with_options(SIP, option(1, b"a remark", order), order=order)
        content = reading(section(order) + interface(order=order) + packet)
        assert [(item.frame, item.text) for item in content.facts.comments] == [(1, "a remark")]


def test_options_behind_a_simple_packet_are_not_looked_for(reading):
    data = section() + interface() + block(3, struct.pack("<I", len(SIP)) + SIP + option(1, b"none"))
    assert reading(data).facts.comments == ()
