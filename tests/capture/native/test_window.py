"""The buffer of a capture: how much of the file it holds."""

from sipscope.capture.native.window import Window


class _Bytes:
    """A source of bytes that are at hand."""

    name = "bytes"

    def __init__(self, data: bytes) -> None:
        self._data = data

    def readinto(self, target: memoryview) -> int:
        piece, self._data = self._data[: len(target)], self._data[len(target) :]
        target[: len(piece)] = piece
        return len(piece)


def _held_after_two_refills(*, data: bytes, is_widened: bool) -> int:
    window = Window(_Bytes(data), 8, largest=32)
    window.refill()
    window.begin = window.end
    if is_widened:
        window.widen()
    window.refill()
    return window.size


def test_window_stays_small_until_it_is_widened():
    assert _held_after_two_refills(data=bytes(64), is_widened=False) == 8


def test_widened_window_takes_the_largest_size_at_the_next_refill():
    assert _held_after_two_refills(data=bytes(64), is_widened=True) == 32


def test_window_at_the_end_of_its_file_is_not_widened():
    assert _held_after_two_refills(data=bytes(4), is_widened=True) == 8


def test_bytes_left_over_stand_in_front_of_those_that_follow():
    window = Window(_Bytes(bytes(range(40))), 8, largest=32)
    window.refill()
    window.begin = 5
    window.widen()
    window.refill()
    assert bytes(window.buffer[window.begin : window.end]) == bytes(range(5, 37))
