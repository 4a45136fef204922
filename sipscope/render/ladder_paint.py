"""The parts of a drawn ladder as primitives: heads, rows, badges, bars."""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Severity
from sipscope.render.drawing import Anchor, Box, Group, Primitive, Shape, Stroke, Words
from sipscope.render.ladder_geometry import (
    DETAIL,
    DETAIL_LEADING,
    HEAD,
    LABEL,
    LOOP_WIDTH,
    PAGE_MARGIN,
    SMALL,
    Columns,
    badge_width,
    details_of,
    head_width,
    note_lines,
    note_span,
    span_of,
)
from sipscope.render.layout import pixels, shortened, wrapped
from sipscope.render.phrases import band_title, break_text, offset_text, repeat_text, sequence_text
from sipscope.render.theme import COLOURS, INK, MUTED_INK, PANEL, PANEL_EDGE, PAPER, TINTS
from sipscope.views.ladder import Arrow, Badge, Band, Ladder, Note, Row
from sipscope.views.tone import Tone, tone_of_severity

_DASH = (6.0, 4.0)
_MARKS = {Severity.ERROR: "!", Severity.WARNING: "!", Severity.INFO: "i"}

__all__ = ["activity", "badge_group", "badge_width", "ground", "heads", "heads_height", "row_items"]


def heads_height(ladder: Ladder) -> float:
    """Height of the boxes at the heads of the lanes with the air beneath."""
    return max((_box_height(ladder, lane) for lane in range(len(ladder.lanes))), default=20.0) + 16


def _node_lines(ladder: Ladder, lane: int) -> list[str]:
    room = head_width(ladder, lane) - 16
    return wrapped(ladder.lanes[lane].head, room, lambda part: pixels(part, HEAD, bold=True))


def _box_height(ladder: Ladder, lane: int) -> float:
    return 14.0 + 17 * len(_node_lines(ladder, lane)) + 15 * len(ladder.lanes[lane].lines)


def heads(ladder: Ladder, columns: Columns, top: float, *, captions: bool = True) -> Iterator[Primitive]:
    """The boxes, standing on one level, and the captions of the margin."""
    ground = top + heads_height(ladder) - 16
    if captions:
        for text, x in (("Time [s]", columns.time_right), ("Frame", columns.frame_right)):
            yield Words(x=x, y=ground - 6, text=text, size=SMALL, colour=MUTED_INK, anchor=Anchor.END)
        if columns.call_right > columns.frame_right:
            yield Words(
                x=columns.call_right, y=ground - 6, text="Call", size=SMALL, colour=MUTED_INK, anchor=Anchor.END
            )
    for lane, x in enumerate(columns.lanes):
        yield from _head(ladder, lane, x, ground)


def _head(ladder: Ladder, lane: int, x: float, ground: float) -> Iterator[Primitive]:
    width, height, shown = head_width(ladder, lane), _box_height(ladder, lane), ladder.lanes[lane]
    fill = PANEL if shown.carries_signalling else TINTS[Tone.MEDIA]
    box = Box(x=x - width / 2, y=ground - height, width=width, height=height, fill=fill, edge=PANEL_EDGE, radius=6)
    items: list[Primitive] = [box]
    y = ground - height + 20
    for line in _node_lines(ladder, lane):
        items.append(Words(x=x, y=y, text=line, size=HEAD, colour=INK, anchor=Anchor.MIDDLE, bold=True))
        y += 17
    for line in shown.lines:
        text = shortened(line, width - 14, lambda part: pixels(part, SMALL))
        items.append(Words(x=x, y=y - 1, text=text, size=SMALL, colour=MUTED_INK, anchor=Anchor.MIDDLE))
        y += 15
    yield Group(items=tuple(items), tooltip="\n".join((shown.head, *shown.lines)))


def row_items(row: Row, columns: Columns, top: float, height: float) -> Iterator[Primitive]:
    """Everything of one row."""
    if isinstance(row, Arrow):
        worst = _worst(row.badges)
        yield from _margin(row, columns, top + 24)
        yield from _arrow(row, columns, top, PAPER if worst is None else TINTS[worst])
        yield from _badges(row.badges, columns, top + 14)
    elif isinstance(row, Band):
        yield from _margin(row, columns, top + 25)
        yield from _band(row, columns, top, height)
        yield from _badges(row.badges, columns, top + 14)
    elif isinstance(row, Note):
        yield from _margin(row, columns, top + 21)
        yield from _note(row, columns, top, height)
    else:
        yield _pause_words(break_text(row), columns, top + height / 2 + 4)


def _worst(badges: Sequence[Badge]) -> Tone | None:
    if not badges:
        return None
    return tone_of_severity(max((badge.severity for badge in badges), key=lambda severity: severity.rank))


def ground(row: Row, columns: Columns, top: float, height: float) -> Iterator[Primitive]:
    """The tint behind a row with findings; it belongs beneath the lifelines."""
    worst = _worst(row.badges) if isinstance(row, Arrow) else None
    if worst is not None:
        x = PAGE_MARGIN - 10
        width = columns.width - 2 * x
        yield Box(x=x, y=top + 4, width=width, height=height - 2, fill=TINTS[worst], radius=5)


def _margin(row: Arrow | Band | Note, columns: Columns, y: float) -> Iterator[Primitive]:
    yield Words(x=columns.time_right, y=y, text=offset_text(row.offset), size=SMALL, colour=INK, anchor=Anchor.END)
    if row.frame is not None:
        yield Words(x=columns.frame_right, y=y, text=str(row.frame), size=SMALL, colour=MUTED_INK, anchor=Anchor.END)
    if columns.call_right > columns.frame_right and row.call is not None:
        yield Words(x=columns.call_right, y=y, text=str(row.call), size=SMALL, colour=MUTED_INK, anchor=Anchor.END)


def _arrow(arrow: Arrow, columns: Columns, top: float, ground: str) -> Iterator[Primitive]:
    left, right = span_of(arrow, columns)
    colour, y = COLOURS[arrow.tone], top + 28
    dash = _DASH if arrow.tone is Tone.PROVISIONAL else ()
    if arrow.source == arrow.destination:
        yield from _loop(arrow, left, right, y, dash)
    else:
        rightward = arrow.source < arrow.destination
        start, tip = (left, right) if rightward else (right, left)
        back = -9.0 if rightward else 9.0
        yield Stroke(x1=start, y1=y, x2=tip + back * 0.8, y2=y, colour=colour, width=1.7, dash=dash)
        points = ((tip, y), (tip + back, y - 4.5), (tip + back, y + 4.5))
        yield Shape(points=points, fill=colour)
        yield from _label(arrow, left, right, y - 7, ground)
    inset = LOOP_WIDTH + 8 if arrow.source == arrow.destination else 12.0
    for number, line in enumerate(details_of(arrow, columns)):
        yield Words(
            x=left + inset,
            y=y + 16 + DETAIL_LEADING * number,
            text=line,
            size=DETAIL,
            colour=MUTED_INK,
            halo=ground,
        )


def _label(arrow: Arrow, left: float, right: float, y: float, ground: str) -> Iterator[Primitive]:
    """The label in the middle with the count of repeats and CSeq behind it, as far as there is room."""
    repeats, sequence = repeat_text(arrow), sequence_text(arrow)
    room = right - left - 26
    label = shortened(arrow.label, room, lambda part: pixels(part, LABEL, bold=True))
    used = pixels(label, LABEL, bold=True)
    extra = [(text, tone) for text, tone in ((repeats, Tone.WARNING), (sequence, Tone.MUTED)) if text]
    shown: list[tuple[str, Tone, float]] = []
    for text, tone in extra:
        width = pixels(text, SMALL) + 9
        if used + width <= room:
            shown.append((text, tone, width))
            used += width
    x = left + (right - left - used) / 2
    yield Words(x=x, y=y, text=label, size=LABEL, colour=COLOURS[arrow.tone], bold=True, halo=ground)
    x += pixels(label, LABEL, bold=True)
    for text, tone, width in shown:
        yield Words(x=x + 9, y=y, text=text, size=SMALL, colour=COLOURS[tone], halo=ground)
        x += width


def _loop(arrow: Arrow, left: float, right: float, y: float, dash: tuple[float, ...]) -> Iterator[Primitive]:
    """A message of a node to itself: out to the right, down, and back."""
    colour, edge, low = COLOURS[arrow.tone], left + LOOP_WIDTH, y + 12
    for x1, y1, x2, y2 in ((left, y - 4, edge, y - 4), (edge, y - 4, edge, low), (edge, low, left + 8, low)):
        yield Stroke(x1=x1, y1=y1, x2=x2, y2=y2, colour=colour, width=1.7, dash=dash)
    yield Shape(points=((left, low), (left + 9, low - 4.5), (left + 9, low + 4.5)), fill=colour)
    room = right - edge - 16
    text = shortened(f"{arrow.label} {repeat_text(arrow)}".strip(), room, lambda part: pixels(part, LABEL, bold=True))
    yield Words(x=edge + 8, y=y, text=text, size=LABEL, colour=colour, bold=True)


def _band(band: Band, columns: Columns, top: float, height: float) -> Iterator[Primitive]:
    left, right = span_of(band, columns)
    colour, tint = COLOURS[Tone.MEDIA], TINTS[Tone.MEDIA]
    x, width = left + 8, right - left - 16
    yield Box(x=x, y=top + 8, width=width, height=height - 14, fill=tint, edge=colour, radius=7)
    title = shortened(band_title(band), width - 16, lambda part: pixels(part, LABEL, bold=True))
    middle = left + (right - left) / 2
    yield Words(x=middle, y=top + 25, text=title, size=LABEL, colour=colour, anchor=Anchor.MIDDLE, bold=True)
    for number, line in enumerate(details_of(band, columns)):
        y = top + 25 + 16 + DETAIL_LEADING * number
        yield Words(x=middle, y=y, text=line, size=DETAIL, colour=INK, anchor=Anchor.MIDDLE)


def activity(columns: Columns, band: Band, y1: float, y2: float) -> Iterator[Primitive]:
    """Bars on the lanes at both ends of a band, as long as media flows."""
    for lane in (band.first, band.second):
        x = columns.lanes[lane] - 3.5
        yield Box(x=x, y=y1, width=7, height=max(8.0, y2 - y1), fill="#9fd0d0", radius=3)


def _note(note: Note, columns: Columns, top: float, height: float) -> Iterator[Primitive]:
    left, right = note_span(columns)
    tint = TINTS.get(note.tone, PANEL)
    yield Box(x=left + 8, y=top + 6, width=right - left - 16, height=height - 10, fill=tint, radius=5)
    x = left + 18
    for badge in note.badges:
        yield badge_group(badge, x, top + 8)
        x += badge_width(badge.code) + 6
    lines = note_lines(note, columns)
    for number, line in enumerate(lines):
        y = top + 21 + DETAIL_LEADING * number
        yield Words(x=x + 2, y=y, text=line, size=DETAIL, colour=COLOURS[note.tone], bold=not note.badges)


def _pause_words(text: str, columns: Columns, y: float) -> Words:
    """In the gap nearest to the middle, so that no lifeline runs through it."""
    lanes = columns.lanes
    if len(lanes) > 1:
        left = (len(lanes) - 1) // 2
        middle = (lanes[left] + lanes[left + 1]) / 2
    else:
        middle = (lanes[0] if lanes else columns.call_right) + 60
    return Words(x=middle, y=y, text=text, size=SMALL, colour=MUTED_INK, anchor=Anchor.MIDDLE)


def _badges(badges: Sequence[Badge], columns: Columns, y: float) -> Iterator[Primitive]:
    x = columns.badges
    for badge in sorted(badges, key=lambda item: -item.severity.rank):
        yield badge_group(badge, x, y)
        x += badge_width(badge.code) + 6


def badge_group(badge: Badge, x: float, y: float) -> Group:
    """A pill with mark and code; the tooltip says the whole finding."""
    colour = COLOURS[tone_of_severity(badge.severity)]
    width = badge_width(badge.code)
    return Group(
        items=(
            Box(x=x, y=y, width=width, height=18, fill=colour, radius=9),
            Words(
                x=x + 11,
                y=y + 13,
                text=_MARKS[badge.severity],
                size=SMALL,
                colour=PAPER,
                anchor=Anchor.MIDDLE,
                bold=True,
            ),
            Words(x=x + 19, y=y + 13, text=badge.code, size=SMALL, colour=PAPER, bold=True),
        ),
        tooltip=f"{badge.code} ({badge.severity.value}): {badge.text}",
    )
