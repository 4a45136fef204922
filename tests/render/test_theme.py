"""The theme: complete, and readable."""

import pytest

from sipscope.render.theme import COLOURS, MUTED_INK, PANEL, PAPER, TERMINAL_STYLES, TINTS
from sipscope.views.tone import Tone


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("tone", list(Tone))
def test_every_tone_has_a_look(tone):
    assert tone in COLOURS
    assert tone in TERMINAL_STYLES


@pytest.mark.parametrize("ground", [PAPER, PANEL, *TINTS.values()])
@pytest.mark.parametrize("colour", [*COLOURS.values(), MUTED_INK])
def test_text_stands_out_from_every_ground(colour, ground):
    assert contrast(colour, ground) >= 4.5
