"""A ladder in character cells, for plain text and terminals alike.

 Time  Frame   192.0.2.10           192.0.2.20
                 alice                 bob
                   │                    │
0.000      1       ├────── INVITE ─────▶│
"""

from collections.abc import Callable, Iterator, Sequence

from sipscope.model.defects import Severity
from sipscope.render import layout
from sipscope.render.canvas import CellRow, Line, Segment, in_ascii_lines
from sipscope.render.escape import escaped, in_ascii, mapped
from sipscope.render.layout import cells, shortened, wrapped
from sipscope.render.phrases import band_title, break_text, flow_lines, offset_text, repeat_text
from sipscope.render.theme import SEVERITY_MARKS, SEVERITY_MARKS_ASCII
from sipscope.values import dataclass
from sipscope.views.ladder import Arrow, Badge, Band, Break, Ladder, Note, Row
from sipscope.views.tone import Tone, tone_of_severity

SMALLEST_GAP, LARGEST_GAP = 16, 50
WIDEST_HEAD = 28
"""Columns that the head of a lane may take; longer addresses are broken."""

LONG_LADDER_ROWS = 40
"""From so many rows on, the heads of the lanes are repeated at the foot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """The characters that lines are made of; each one cell wide."""

    life: str
    broken_life: str
    line: str
    dashes: str
    media: str
    cross: str
    leaves_right: str
    leaves_left: str
    tip_right: str
    tip_left: str
    loop_top: str
    loop_bottom: str
    service: str


UNICODE = Glyphs(
    life="│",
    broken_life="┊",
    line="─",
    dashes="╌",
    media="═",
    cross="┼",
    leaves_right="├",
    leaves_left="┤",
    tip_right="▶",
    tip_left="◀",
    loop_top="┐",
    loop_bottom="┘",
    service="◆",
)
ASCII = Glyphs(
    life="|",
    broken_life=":",
    line="-",
    dashes=".",
    media="=",
    cross="+",
    leaves_right="|",
    leaves_left="|",
    tip_right=">",
    tip_left="<",
    loop_top=".",
    loop_bottom="'",
    service="*",
)


def ladder_lines(ladder: Ladder, *, ascii_only: bool = False, width: int | None = None) -> list[Line]:
    """The whole ladder: title, heads, rows, findings.

    Args:
        ladder: What to show.
        ascii_only: Whether to use no character beyond ASCII.
        width: Columns there are; None for as many as it takes. Too few are exceeded rather than unreadable.
    """
    safe = escaped(ladder)
    if not ascii_only:
        return list(_Painter(safe, ascii_only=False, width=width).lines())
    return in_ascii_lines(_Painter(mapped(safe, in_ascii), ascii_only=True, width=width).lines())


class _Painter:
    """Lays out one ladder; columns are decided once, before the first row is drawn."""

    def __init__(self, ladder: Ladder, *, ascii_only: bool, width: int | None) -> None:
        self._ladder = ladder
        self._glyphs = ASCII if ascii_only else UNICODE
        self._marks = SEVERITY_MARKS_ASCII if ascii_only else SEVERITY_MARKS
        self._say: Callable[[str], str] = in_ascii if ascii_only else str
        self._width = width
        self._time_width = max([7, *(len(offset_text(row.offset)) for row in ladder.rows)])
        self._frame_width = max([5, *(len(str(_frame(row) or "")) for row in ladder.rows)])
        self._call_width = max(len(str(call)) for call in ladder.calls) + 3 if len(ladder.calls) > 1 else 0
        self._columns = self._placed()

    def _placed(self) -> list[int]:
        margin = self._time_width + 2 + self._frame_width + self._call_width
        first_head = max((cells(line) for line in self._head_lines(0)), default=0) if self._ladder.lanes else 0
        start = margin + max(3, min(first_head, WIDEST_HEAD) // 2 + 1)
        room = None if self._width is None else self._width - start - self._right_width()
        distances = layout.gaps(len(self._ladder.lanes), self._needs(), SMALLEST_GAP, LARGEST_GAP, room)
        return [round(column) for column in layout.positions(start, distances)] if self._ladder.lanes else []

    def _right_width(self) -> int:
        codes = max((sum(cells(badge.code) + 3 for badge in _badges(row)) for row in self._ladder.rows), default=0)
        heads = self._head_lines(len(self._ladder.lanes) - 1) if self._ladder.lanes else []
        last_head = max((min(cells(line), WIDEST_HEAD) for line in heads), default=0)
        return max(min(codes, 26) + 3, last_head // 2 + 1)

    def _needs(self) -> Iterator[tuple[int, int, float]]:
        for left in range(len(self._ladder.lanes) - 1):
            heads = [max((len(line) for line in self._head_lines(lane)), default=0) for lane in (left, left + 1)]
            yield left, left + 1, sum(min(head, WIDEST_HEAD) for head in heads) / 2 + 2
        for row in self._ladder.rows:
            if isinstance(row, Arrow):
                label = cells(f"{row.label} {repeat_text(row)}") + 8
                yield row.source, row.destination, max([label, *(cells(line) + 4 for line in row.details)])
                if row.source == row.destination and row.source + 1 < len(self._ladder.lanes):
                    yield row.source, row.source + 1, label + 2
            elif isinstance(row, Band):
                texts = [band_title(row), *flow_lines(row)]
                yield row.first, row.second, max(cells(text) for text in texts) + 8

    def _head_lines(self, lane: int) -> list[str]:
        return [self._ladder.lanes[lane].head, *self._ladder.lanes[lane].lines]

    def lines(self) -> Iterator[Line]:
        yield (Segment(self._ladder.title, Tone.STRONG),)
        for line in self._ladder.subtitle:
            yield from self._paragraph(line, Tone.PLAIN, "")
        yield ()
        if self._ladder.lanes:
            yield from self._heads()
        for row in self._ladder.rows:
            yield from (cell_row.segments() for cell_row in self._row(row))
        if len(self._ladder.rows) >= LONG_LADDER_ROWS:
            yield from self._heads()
        yield from self._legend()

    def _paragraph(self, text: str, tone: Tone, indent: str) -> Iterator[Line]:
        for line in wrapped(text, (self._width or 120) - len(indent), limit=20):
            yield (Segment(indent + line, tone),)

    def _heads(self) -> Iterator[Line]:
        stacks = [self._stacked(lane) for lane in range(len(self._ladder.lanes))]
        height = max(len(stack) for stack in stacks)
        for level in range(height):
            row = CellRow()
            if level == 0:
                row.put(0, f"{'Time':>{self._time_width}}  {'Frame':>{self._frame_width}}", Tone.MUTED)
            for column, stack in zip(self._columns, stacks, strict=True):
                if level < len(stack):
                    text, tone = stack[level]
                    row.put(column - cells(text) // 2, text, tone)
            yield row.segments()
        blank = CellRow()
        self._lives(blank, self._glyphs.life)
        yield blank.segments()

    def _stacked(self, lane: int) -> list[tuple[str, Tone]]:
        """Head of a lane, no wider than half the way to each neighbour."""
        ends = self._columns
        sides = [ends[lane] - ends[lane - 1]] if lane else []
        sides += [ends[lane + 1] - ends[lane]] if lane + 1 < len(ends) else []
        room = min([WIDEST_HEAD, *(side - 2 for side in sides)])
        shown = self._ladder.lanes[lane]
        stack = [(line, Tone.STRONG) for line in wrapped(shown.head, room)]
        return [*stack, *((shortened(line, room), Tone.MUTED) for line in shown.lines)]

    def _lives(self, row: CellRow, glyph: str) -> None:
        for column in self._columns:
            row.put(column, glyph, Tone.MUTED)

    def _row(self, row: Row) -> list[CellRow]:
        if isinstance(row, Arrow):
            return self._loop(row) if row.source == row.destination else self._arrow(row)
        if isinstance(row, Band):
            return self._band(row)
        return self._note(row) if isinstance(row, Note) else self._break(row)

    def _started(self, row: Arrow | Band | Note) -> CellRow:
        """A row with time, frame, call and lifelines."""
        cell_row = self._empty()
        cell_row.put(0, f"{offset_text(row.offset):>{self._time_width}}", Tone.PLAIN)
        frame = "" if row.frame is None else str(row.frame)
        cell_row.put(self._time_width + 2, f"{frame:>{self._frame_width}}", Tone.MUTED)
        if self._call_width and row.call is not None:
            cell_row.put(self._time_width + 4 + self._frame_width, f"#{row.call}", Tone.MUTED)
        return cell_row

    def _empty(self) -> CellRow:
        cell_row = CellRow()
        self._lives(cell_row, self._glyphs.life)
        return cell_row

    def _arrow(self, arrow: Arrow) -> list[CellRow]:
        glyphs = self._glyphs
        left, right = sorted((self._columns[arrow.source], self._columns[arrow.destination]))
        rightward = arrow.source < arrow.destination
        cell_row = self._started(arrow)
        stroke = glyphs.dashes if arrow.tone is Tone.PROVISIONAL else glyphs.line
        self._stroke(cell_row, left, right, stroke, arrow.tone)
        cell_row.put(
            right - 1 if rightward else left + 1, glyphs.tip_right if rightward else glyphs.tip_left, arrow.tone
        )
        cell_row.put(left if rightward else right, glyphs.leaves_right if rightward else glyphs.leaves_left, arrow.tone)
        self._label(cell_row, arrow, left, right)
        self._badges(cell_row, arrow.badges)
        return [cell_row, *self._beneath(arrow.details, left, right, Tone.MUTED)]

    def _stroke(self, cell_row: CellRow, left: int, right: int, glyph: str, tone: Tone) -> None:
        cell_row.put(left + 1, glyph * (right - left - 1), tone)
        for column in self._columns:
            if left < column < right:
                cell_row.put(column, self._glyphs.cross, tone)

    def _label(self, cell_row: CellRow, arrow: Arrow, left: int, right: int) -> None:
        room = right - left - 7
        repeats = self._say(repeat_text(arrow))
        if cells(arrow.label) + cells(repeats) + 1 > room:
            repeats = repeats.partition(" ")[0]
        label = shortened(arrow.label, room - (cells(repeats) + 1 if repeats else 0))
        text = f" {label} {repeats} " if repeats else f" {label} "
        start = left + 1 + (right - left - 1 - cells(text)) // 2
        cell_row.put(start, text, arrow.tone)
        if repeats:
            cell_row.put(start + cells(label) + 2, repeats, Tone.WARNING)

    def _loop(self, arrow: Arrow) -> list[CellRow]:
        """A message of a node to itself: out to the right and back."""
        glyphs, column = self._glyphs, self._columns[arrow.source]
        beyond = [other for other in self._columns if other > column]
        right = beyond[0] if beyond else column + LARGEST_GAP
        top, bottom = self._started(arrow), self._empty()
        top.put(column, glyphs.leaves_right + glyphs.line * 2 + glyphs.loop_top, arrow.tone)
        repeats = self._say(repeat_text(arrow))
        top.put(column + 5, shortened(f"{arrow.label} {repeats}".strip(), right - column - 6), arrow.tone)
        bottom.put(column + 1, glyphs.tip_left + glyphs.line + glyphs.loop_bottom, arrow.tone)
        self._badges(top, arrow.badges)
        lines = [line for detail in arrow.details for line in wrapped(detail, right - column - 7, limit=2)]
        if lines:
            bottom.put(column + 6, lines[0], Tone.MUTED)
        return [top, bottom, *self._beneath(lines[1:], column + 4, right, Tone.MUTED)]

    def _beneath(self, texts: Sequence[str], left: int, right: int, tone: Tone) -> list[CellRow]:
        found: list[CellRow] = []
        for text in texts:
            for position, line in enumerate(wrapped(self._say(text), right - left - 4, limit=3)):
                cell_row = self._empty()
                indent = " " if position == 0 else "   "
                cell_row.put(left + 1, f"{indent}{shortened(line, right - left - 3 - len(indent))} ", tone)
                found.append(cell_row)
        return found

    def _band(self, band: Band) -> list[CellRow]:
        left, right = self._columns[band.first], self._columns[band.second]
        title = self._say(band_title(band))
        cell_row = self._started(band)
        if left == right:
            beyond = [other for other in self._columns if other > left]
            right = beyond[0] if beyond else left + LARGEST_GAP
        else:
            cell_row.put(left + 1, self._glyphs.media * (right - left - 1), Tone.MEDIA)
        text = f" {shortened(title, right - left - 5)} "
        cell_row.put(left + 1 + (right - left - 1 - cells(text)) // 2, text, Tone.MEDIA)
        self._badges(cell_row, band.badges)
        return [cell_row, *self._beneath(flow_lines(band), left, right, Tone.MEDIA)]

    def _note(self, note: Note) -> list[CellRow]:
        left = self._columns[0] if self._columns else self._time_width + self._frame_width + 4
        right = max(self._columns[-1] if self._columns else 0, left + 44)
        badge = note.badges[0] if note.badges else None
        lead = self._glyphs.service if badge is None else self._badge_text(badge)
        lines = wrapped(f"{lead} {note.text}", right - left - 5, limit=4)
        found: list[CellRow] = []
        for position, line in enumerate(lines):
            cell_row = self._started(note) if position == 0 else self._empty()
            cell_row.put(left + 1, f"{' ' if position == 0 else '   '}{line} ", note.tone)
            found.append(cell_row)
        return found

    def _break(self, pause: Break) -> list[CellRow]:
        cell_row = CellRow()
        self._lives(cell_row, self._glyphs.broken_life)
        text = f" {self._say(break_text(pause))} "
        if len(self._columns) > 1:
            left = (len(self._columns) - 1) // 2
            middle = (self._columns[left] + self._columns[left + 1]) // 2
        else:
            middle = self._columns[0] + cells(text) if self._columns else cells(text)
        cell_row.put(middle - cells(text) // 2, text, Tone.MUTED)
        return [cell_row]

    def _badges(self, cell_row: CellRow, badges: Sequence[Badge]) -> None:
        column = self._columns[-1] + 3
        for badge in sorted(badges, key=_rank):
            text = self._badge_text(badge)
            cell_row.put(column, text, tone_of_severity(badge.severity))
            column += cells(text) + 2

    def _badge_text(self, badge: Badge) -> str:
        return f"{self._marks[badge.severity]} {badge.code}"

    def _legend(self) -> Iterator[Line]:
        if not self._ladder.findings:
            return
        yield ()
        yield (Segment("Findings", Tone.STRONG),)
        broadest = max(cells(badge.code) for badge in self._ladder.findings)
        for badge in sorted(self._ladder.findings, key=_rank):
            lead = f"  {self._badge_text(badge)}{' ' * (broadest - cells(badge.code) + 2)}"
            room = (self._width or 120) - cells(lead)
            lines = wrapped(badge.text, max(20, room), limit=20)
            yield (Segment(lead, tone_of_severity(badge.severity)), Segment(lines[0] if lines else ""))
            for line in lines[1:]:
                yield (Segment(" " * cells(lead) + line),)


def _frame(row: Row) -> int | None:
    return None if isinstance(row, Break) else row.frame


def _badges(row: Row) -> tuple[Badge, ...]:
    return row.badges if isinstance(row, Arrow | Band) else ()


def _rank(badge: Badge) -> int:
    order = (Severity.ERROR, Severity.WARNING, Severity.INFO)
    return order.index(badge.severity)
