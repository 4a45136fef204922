"""A whole description: lines grouped into session and sections, inheritance applied, defects noted (RFC 8866 §5)."""

from functools import lru_cache

from sipscope.model.description import SessionDescription
from sipscope.sdp.defects import defects_of
from sipscope.sdp.forms import described_by_forms
from sipscope.sdp.lines import Lines, lines_of
from sipscope.sdp.sections import attributes_of, connection_in, section_of
from sipscope.sdp.values import origin_of


@lru_cache(maxsize=4096)
def parse_description(body: bytes) -> SessionDescription:
    """Parse a description. What can't be read is None, what breaks the grammar is a defect; nothing raises."""
    return described_by_forms(body) or parsed_in_full(body)


def parsed_in_full(body: bytes) -> SessionDescription:
    """Parse a description line by line, whatever is known of others like it."""
    lines = lines_of(body)
    starts = [position for position, line in enumerate(lines) if line.type == "m"]
    head = lines[: starts[0]] if starts else lines
    attributes = attributes_of(head)
    connection = connection_in(head)
    ends = [*starts[1:], len(lines)] if starts else []
    media = tuple(
        section_of(index, Lines(body, start, end), connection, attributes)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    origin = next((origin_of(line.value) for line in head if line.type == "o"), None)
    return SessionDescription(
        content=body,
        lines=Lines(body, 0, len(lines)),
        origin=origin,
        session_name=next((line.value for line in head if line.type == "s"), None),
        connection=connection,
        timing=tuple([line.value for line in head if line.type == "t"]),
        attributes=attributes,
        media=media,
        defects=defects_of(body, lines, head, origin, media),
    )
