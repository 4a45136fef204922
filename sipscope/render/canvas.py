"""A grid of character cells with tones, and the runs of equal tone that its rows fall into."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from sipscope.render.layout import cells_of, is_plain
from sipscope.values import dataclass
from sipscope.views.tone import Tone


@dataclass(frozen=True, slots=True)
class Segment:
    """Characters of one tone.

    Attributes:
        text: Without line ends.
        tone: What they mean.
    """

    text: str
    tone: Tone = Tone.PLAIN


Line: TypeAlias = tuple[Segment, ...]


def in_ascii_lines(lines: Iterable[Line]) -> list[Line]:
    """Lines with the ellipses of shortened texts as tildes, which are as wide."""
    return [tuple(Segment(segment.text.replace("…", "~"), segment.tone) for segment in line) for line in lines]


def plain(lines: Iterable[Sequence[Segment]]) -> str:
    """Lines as text without any look, a line end behind each."""
    return "".join(["".join([segment.text for segment in line]) + "\n" for line in lines])


Placed: TypeAlias = tuple[int, str, Tone]
"""The column that a text begins in, the text, and its tone."""


def row_of(texts: Sequence[Placed]) -> Line:
    """The segments of a row of texts, from left to right; none begins or ends with a blank."""
    runs: list[tuple[list[str], Tone]] = []
    end = 0
    for column, text, tone in texts:
        if column < end or not (text.isascii() or is_plain(text)):
            return _drawn(texts)
        if column > end:
            # Blanks show no tone: they go with what is in front of them.
            runs = runs or [([], Tone.PLAIN)]
            runs[-1][0].append(" " * (column - end))
        if runs and runs[-1][1] is tone:
            runs[-1][0].append(text)
        else:
            runs.append(([text], tone))
        end = column + len(text)
    return tuple([Segment("".join(parts), tone) for parts, tone in runs])


def _drawn(texts: Sequence[Placed]) -> tuple[Segment, ...]:
    """The same where characters take no column or two, or where a text is wider than its room."""
    row = CellRow()
    for column, text, tone in texts:
        row.put(column, text, tone)
    return row.segments()


class CellRow:
    """One row. It grows to the right as far as it is written on."""

    def __init__(self) -> None:
        """An empty row."""
        self._cells: list[tuple[str, Tone]] = []

    def put(self, column: int, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Write text from a column on. A wide character takes two cells, a combining mark joins the one before."""
        at = max(0, column)
        if text.isascii():
            self._reach(at)
            self._cells[at : at + len(text)] = [(character, tone) for character in text]
            return
        for character in text:
            width = cells_of(character)
            if width == 0:
                self._join(at - 1, character)
                continue
            self._reach(at + width)
            self._cells[at] = (character, tone)
            if width == 2:
                self._cells[at + 1] = ("", tone)
            at += width

    def _reach(self, length: int) -> None:
        self._cells.extend([(" ", Tone.PLAIN)] * (length - len(self._cells)))

    def _join(self, column: int, mark: str) -> None:
        while column > 0 and column < len(self._cells) and self._cells[column][0] == "":
            column -= 1
        if 0 <= column < len(self._cells):
            character, tone = self._cells[column]
            self._cells[column] = (character + mark, tone)

    def segments(self) -> tuple[Segment, ...]:
        """The row as runs of equal tone, blanks at its end left out."""
        end = len(self._cells)
        while end and self._cells[end - 1][0] == " ":
            end -= 1
        runs: list[tuple[list[str], Tone]] = []
        for character, tone in self._cells[:end]:
            if runs and (runs[-1][1] is tone or character == " "):
                runs[-1][0].append(character)
            else:
                runs.append(([character], tone))
        return tuple(Segment("".join(characters), tone) for characters, tone in runs)
