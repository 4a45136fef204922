"""Clock rates that belong to payload formats."""

import pytest

from sipscope.model.description import RtpFormat
from sipscope.rules.codec_clocks import clock_fault


@pytest.mark.parametrize(
    ("payload_type", "encoding", "clock", "channels", "wanted"),
    [
        (9, "G722", 16000, 1, "G722/8000"),
        (9, "G722", 8000, 1, None),
        (111, "opus", 48000, 1, "opus/48000/2"),
        (111, "opus", 48000, 2, None),
        (0, "PCMU", 16000, 1, "PCMU/8000"),
        (96, "PCMU", 16000, 1, None),
        (97, "unheard-of", 7, 1, None),
    ],
)
def test_clock_is_held_against_the_payload_format(
    payload_type: int, encoding: str, clock: int, channels: int, wanted: str | None
) -> None:
    item = RtpFormat(payload_type=payload_type, encoding=encoding, clock_rate_hz=clock, channels=channels)
    assert clock_fault(item) == wanted


def test_static_table_is_never_at_fault() -> None:
    assert clock_fault(RtpFormat(payload_type=9, encoding="G722", clock_rate_hz=16000, stated=False)) is None
