"""Where the parts of a drawn ladder stand: columns of lanes and margins, heights of rows. Nothing is painted here."""

from collections.abc import Iterator

from sipscope.render import layout
from sipscope.render.layout import pixels, wrapped
from sipscope.render.phrases import band_title, flow_lines, offset_text, repeat_text, sequence_text
from sipscope.values import dataclass
from sipscope.views.ladder import Arrow, Band, Break, Ladder, Note, Row

LABEL, DETAIL, SMALL, HEAD = 13.0, 11.5, 11.0, 13.0
"""Font sizes."""

DETAIL_LEADING = 15.0
SMALLEST_GAP, LARGEST_GAP = 170.0, 400.0
PAGE_MARGIN = 24.0
LOOP_WIDTH = 34.0
DETAIL_LINES = 2
"""Lines that one detail is broken over before it is shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The vertical structure.

    Attributes:
        time_right: Right edge of the times.
        frame_right: Right edge of the frame numbers.
        call_right: Right edge of the call numbers; equal to `frame_right` in a picture of one call.
        lanes: Middle of each lane.
        badges: Left edge of the badges.
        width: Whole width of the picture.
    """

    time_right: float
    frame_right: float
    call_right: float
    lanes: tuple[float, ...]
    badges: float
    width: float


def columns_of(ladder: Ladder) -> Columns:
    """Columns as broad as the texts between them ask for, within limits."""
    times = [pixels(offset_text(row.offset), SMALL) for row in ladder.rows]
    frames = [pixels(str(row.frame or ""), SMALL) for row in ladder.rows if not isinstance(row, Break)]
    time_right = PAGE_MARGIN + max([pixels("Time [s]", SMALL), *times])
    frame_right = time_right + 14 + max([pixels("Frame", SMALL), *frames])
    call_right = frame_right + (14 + pixels("Call", SMALL) if len(ladder.calls) > 1 else 0)
    distances = layout.gaps(len(ladder.lanes), _needs(ladder), SMALLEST_GAP, LARGEST_GAP)
    first = call_right + 22 + head_width(ladder, 0) / 2
    lanes = tuple(layout.positions(first, distances)) if ladder.lanes else ()
    last = lanes[-1] if lanes else first
    beyond = max([head_width(ladder, len(ladder.lanes) - 1) / 2, *_overhangs(ladder)])
    badges = last + beyond + 16
    # Long codes of many findings on one row are counted in full, so that nothing leaves the picture.
    badge_room = max((badges_width(row) for row in ladder.rows), default=0.0)
    title = max([pixels(ladder.title, 18, bold=True), 420.0])
    return Columns(
        time_right=time_right,
        frame_right=frame_right,
        call_right=call_right,
        lanes=lanes,
        badges=badges,
        width=max(badges + badge_room, min(title, 900.0)) + PAGE_MARGIN,
    )


def head_width(ladder: Ladder, lane: int) -> float:
    """Width of the box at the head of a lane."""
    if not 0 <= lane < len(ladder.lanes):
        return 140.0
    shown = ladder.lanes[lane]
    texts = [pixels(shown.head, HEAD, bold=True), *(pixels(line, SMALL) for line in shown.lines)]
    return min(SMALLEST_GAP + 26.0, max(110.0, max(texts) + 24))


def badges_width(row: Row) -> float:
    """Room for the badges of a row."""
    badges = row.badges if isinstance(row, Arrow | Band) else ()
    return sum(badge_width(badge.code) + 6 for badge in badges)


def badge_width(code: str) -> float:
    """Width of one badge: mark, code, padding."""
    return pixels(code, SMALL, bold=True) + 30


def _needs(ladder: Ladder) -> Iterator[tuple[int, int, float]]:
    for lane in range(len(ladder.lanes) - 1):
        yield lane, lane + 1, (head_width(ladder, lane) + head_width(ladder, lane + 1)) / 2 + 18
    for row in ladder.rows:
        if isinstance(row, Arrow):
            label = pixels(f"{row.label} {repeat_text(row)} {sequence_text(row)}", LABEL, bold=True) + 44
            details = [pixels(line, DETAIL) + 28 for line in row.details]
            if row.source != row.destination:
                yield row.source, row.destination, max([label, *details])
            elif row.source + 1 < len(ladder.lanes):
                yield row.source, row.source + 1, label + LOOP_WIDTH
        elif isinstance(row, Band):
            texts = [pixels(band_title(row), LABEL, bold=True), *(pixels(line, DETAIL) for line in flow_lines(row))]
            beside = row.second + 1 if row.first == row.second else row.second
            if beside < len(ladder.lanes):
                yield row.first, beside, max(texts) + 40


def _overhangs(ladder: Ladder) -> Iterator[float]:
    """How far rows of the last lane reach beyond it: messages of a node to itself, media on one node."""
    last = len(ladder.lanes) - 1
    for row in ladder.rows:
        if isinstance(row, Arrow) and row.source == row.destination == last:
            yield LOOP_WIDTH + 12 + min(260.0, pixels(row.label, LABEL, bold=True))
        elif isinstance(row, Band) and row.first == row.second == last:
            yield 290.0
        elif isinstance(row, Note) and last == 0:
            yield 320.0


def span_of(row: Arrow | Band, columns: Columns) -> tuple[float, float]:
    """Left and right edge of a row between lanes; to the right of its lane where it stays on one."""
    one, other = (row.source, row.destination) if isinstance(row, Arrow) else (row.first, row.second)
    left, right = columns.lanes[min(one, other)], columns.lanes[max(one, other)]
    if one != other:
        return left, right
    following = [lane for lane in columns.lanes if lane > left]
    return left, (following[0] if following else columns.badges) - 8


def details_of(row: Arrow | Band, columns: Columns) -> list[str]:
    """The lines beneath a row, broken to its span."""
    left, right = span_of(row, columns)
    texts = row.details if isinstance(row, Arrow) else flow_lines(row)
    inset = LOOP_WIDTH + 8 if isinstance(row, Arrow) and row.source == row.destination else 12.0
    room = max(60.0, right - left - inset - 12)
    lines: list[str] = []
    for text in texts:
        lines.extend(wrapped(text, room, lambda part: pixels(part, DETAIL), limit=DETAIL_LINES))
    return lines


def note_lines(note: Note, columns: Columns) -> list[str]:
    """A note broken to the width of all lanes."""
    left, right = note_span(columns)
    codes = sum(badge_width(badge.code) + 6 for badge in note.badges)
    is_bold = not note.badges
    return wrapped(note.text, right - left - 36 - codes, lambda part: pixels(part, DETAIL, bold=is_bold), limit=3)


def note_span(columns: Columns) -> tuple[float, float]:
    """Left and right edge of a note."""
    if not columns.lanes:
        return columns.call_right + 20, columns.width - PAGE_MARGIN
    return columns.lanes[0], max(columns.lanes[-1], columns.lanes[0] + 320)


def row_height(row: Row, columns: Columns) -> float:
    """Height of a row with the air around it."""
    if isinstance(row, Arrow):
        loop = 12.0 if row.source == row.destination else 0.0
        return max(34.0 + loop, 34.0 + DETAIL_LEADING * len(details_of(row, columns)) + 3)
    if isinstance(row, Band):
        return 40.0 + DETAIL_LEADING * len(details_of(row, columns))
    if isinstance(row, Note):
        return 20.0 + DETAIL_LEADING * max(1, len(note_lines(row, columns)))
    return 34.0
