"""The walk in lock step finds what the plain walk finds, whatever the bytes are."""

import random
import struct

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sipscope.capture.native.pcap import RecordFraming
from sipscope.capture.native.pcapng import BlockFraming
from sipscope.capture.native.walk import plain_walk, record_starts
from sipscope.capture.native.window import Window
from tests.capture.builders import START, block, enhanced, record, section


class Memory:
    """A source whose bytes are at hand."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readinto(self, target: memoryview) -> int:
        piece = self._data[: len(target)]
        target[: len(piece)] = piece
        self._data = self._data[len(piece) :]
        return len(piece)


def window_of(data: bytes) -> Window:
    window = Window(Memory(data), len(data) + 1)
    window.refill()
    return window


def same(framing, window: Window, stretch: int) -> bool:
    plain, plain_stop = plain_walk(framing, 0, window.end)
    starts, stop = record_starts(framing, 0, window.end, stretch=stretch)
    return np.array_equal(starts, plain) and stop == plain_stop


def records(rng: random.Random, make) -> bytes:
    """Records of many sizes, some with records inside that mislead."""
    parts = []
    for n in range(rng.randrange(400)):
        frame = rng.randbytes(rng.choice([0, 4, 60, 61, 200, rng.randrange(1500)]))
        if rng.random() < 0.3:
            frame = b"".join(make(frame[:40], START + n) for _ in range(rng.randrange(1, 6)))
        parts.append(make(frame, START + n * 10**7))
    return b"".join(parts)


def damaged(rng: random.Random, data: bytes) -> bytes:
    spoiled = bytearray(data[: rng.randrange(len(data) + 1)])
    for _ in range(rng.choice([0, 0, 1, 5])):
        if spoiled:
            spoiled[rng.randrange(len(spoiled))] = rng.randrange(256)
    return bytes(spoiled)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from("<>"), st.sampled_from([64, 256, 1000, 4096]))
def test_pcap_records_are_those_of_the_plain_walk(seed, order, stretch):
    rng = random.Random(seed)
    window = window_of(damaged(rng, records(rng, lambda frame, at: record(frame, at, order=order))))
    assert same(RecordFraming(window, order, 1000), window, stretch)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from("<>"), st.sampled_from([64, 256, 1000, 4096]))
def test_pcapng_blocks_are_those_of_the_plain_walk(seed, order, stretch):
    rng = random.Random(seed)

    def make(frame: bytes, at: int) -> bytes:
        chance = rng.random()
        if chance < 0.02:
            return section(order)
        return block(5, frame, order) if chance < 0.1 else enhanced(frame, at // 1000, order=order)

    window = window_of(damaged(rng, records(rng, make)))
    assert same(BlockFraming(window, order), window, stretch)


def test_guesses_are_used_where_they_are_right():
    window = window_of(b"".join(record(bytes(200), START + n * 10**7) for n in range(500)))
    framing = RecordFraming(window, "<", 1000)
    guesses = framing.guesses(0, window.end, 4096)
    assert len(guesses) > 20
    assert not (guesses % 216).any()


def test_chain_of_empty_records_is_walked():
    window = window_of(struct.pack("<IIII", 1_790_000_000, 0, 0, 0) * 3000)
    assert same(RecordFraming(window, "<", 1000), window, 256)
