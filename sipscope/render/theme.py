"""How a tone looks: colours on a light ground for pictures, escape sequences for terminals, marks for plain text.

Every text colour has a contrast of at least 4.5:1 on white and on the tint of its row (WCAG 2.2, criterion 1.4.3).
No meaning hangs on colour alone: dashes, words and marks say the same.
"""

from collections.abc import Mapping

from sipscope.model.defects import Severity
from sipscope.views.tone import Tone

INK = "#1b2430"
MUTED_INK = "#566171"
FAINT = "#c9d0da"
PAPER = "#ffffff"
PANEL = "#f3f5f8"
PANEL_EDGE = "#b8c1ce"

COLOURS: Mapping[Tone, str] = {
    Tone.PLAIN: INK,
    Tone.STRONG: INK,
    Tone.MUTED: MUTED_INK,
    Tone.REQUEST: "#1d4fc4",
    Tone.PROVISIONAL: "#7a5200",
    Tone.SUCCESS: "#11703a",
    Tone.REDIRECT: "#7430b8",
    Tone.CHALLENGE: "#9a4408",
    Tone.FAILURE: "#bb1c26",
    Tone.MEDIA: "#0b6a70",
    Tone.SERVICE: "#5b3db0",
    Tone.INFO: "#2f5f94",
    Tone.WARNING: "#8a4b00",
    Tone.ERROR: "#b3151f",
}
"""Colour of lines and text in pictures."""

TINTS: Mapping[Tone, str] = {
    Tone.MEDIA: "#e3f3f3",
    Tone.SERVICE: "#eeeafa",
    Tone.INFO: "#edf3fa",
    Tone.WARNING: "#fff4df",
    Tone.ERROR: "#fdeceb",
}
"""Ground of rows, bands and notes in pictures; tones without one have the paper's."""

TERMINAL_STYLES: Mapping[Tone, str] = {
    Tone.PLAIN: "",
    Tone.STRONG: "1",
    Tone.MUTED: "90",
    Tone.REQUEST: "1;34",
    Tone.PROVISIONAL: "33",
    Tone.SUCCESS: "32",
    Tone.REDIRECT: "35",
    Tone.CHALLENGE: "33",
    Tone.FAILURE: "1;31",
    Tone.MEDIA: "36",
    Tone.SERVICE: "35",
    Tone.INFO: "34",
    Tone.WARNING: "1;33",
    Tone.ERROR: "1;31",
}
"""Parameters of the escape sequence that begins a style: 1 is bold, 31 to 36 are red, green, yellow, blue, magenta and
cyan, 90 is bright black. Only the sixteen colours a user has chosen for the terminal are named."""

SERIES_COLOURS = ("#1d4fc4", "#c2410c", "#11703a", "#7430b8", "#0b6a70", "#a3155f", "#6b5d00", "#4a5568")
"""Lines of a graph, in order; more lines begin again with another dash."""

SEVERITY_MARKS: Mapping[Severity, str] = {Severity.ERROR: "✖", Severity.WARNING: "▲", Severity.INFO: "●"}
SEVERITY_MARKS_ASCII: Mapping[Severity, str] = {Severity.ERROR: "x", Severity.WARNING: "!", Severity.INFO: "i"}
