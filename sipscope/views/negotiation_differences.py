"""Two session descriptions against each other: only what differs by meaning, keys and passwords by their digests."""

from collections.abc import Iterator

from sipscope.errors import UsageError
from sipscope.model.comparison import DifferenceKind, differences
from sipscope.model.description import Attribute, MediaDescription, SessionDescription
from sipscope.model.message import Request, Response
from sipscope.model.time import iso8601
from sipscope.model.trace import Trace
from sipscope.values import dataclass
from sipscope.views.ladder_arrows import description_roles
from sipscope.views.negotiation_words import facts_of
from sipscope.views.report_values import masked
from sipscope.views.summary import Summary
from sipscope.views.tables import Alignment, Cell, Column, Table
from sipscope.views.tone import Tone
from sipscope.views.words import counted, endpoint_of, time_of_day_of

SCHEMA = 1
"""Counts up when a name of the document changes or goes."""

_FRAMES_LISTED = 20
_WORDS = {
    DifferenceKind.MEDIA_COUNT: "number of m-lines",
    DifferenceKind.KIND: "media",
    DifferenceKind.ADDRESS: "address",
    DifferenceKind.PORT: "port",
    DifferenceKind.PROTOCOL: "transport",
    DifferenceKind.KEYS: "keys",
    DifferenceKind.FORMATS: "codecs",
    DifferenceKind.FIRST_FORMAT: "first codec",
    DifferenceKind.PAYLOAD_TYPES: "payload types",
    DifferenceKind.DIRECTION: "direction",
    DifferenceKind.PACKET_TIME: "packet time",
    DifferenceKind.FORMAT_PARAMETERS: "codec parameters",
    DifferenceKind.ICE: "ICE",
    DifferenceKind.COSMETIC: "other attributes",
}
_SHOWN_AS_FACTS = {
    DifferenceKind.KEYS: "keys",
    DifferenceKind.ICE: "ICE",
    DifferenceKind.PACKET_TIME: "packet time",
    DifferenceKind.FORMAT_PARAMETERS: "parameters",
}
_PUSHED_DOWN = frozenset(
    {"sendrecv", "sendonly", "recvonly", "inactive", "fingerprint", "setup", "ice-ufrag", "ice-pwd"}
)
_MEANINGLESS = frozenset({"tool", "ts-refclk", "charset", "type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownDifference:
    """One thing that differs.

    Attributes:
        what: In words.
        index: Media position, counted from 0; None where it is the session's.
        first: How the one says it; empty where it doesn't.
        second: How the other says it.
    """

    what: str
    index: int | None
    first: str
    second: str


def differing(one: SessionDescription, other: SessionDescription) -> tuple[ShownDifference, ...]:
    """What differs by meaning: the `o=` line, spelling, order of attributes and defaults said aloud don't count."""
    return (*_of_session(one, other), *_of_media(one, other), *_beyond(one, other))


def _of_session(one: SessionDescription, other: SessionDescription) -> Iterator[ShownDifference]:
    first, second = (tuple(_texts(item.attributes, _PUSHED_DOWN)) for item in (one, other))
    yield from _only(None, first, second, "session attributes")


def _of_media(one: SessionDescription, other: SessionDescription) -> Iterator[ShownDifference]:
    for item in differences(one, other):
        if item.index is None:
            yield ShownDifference(what=_WORDS[item.kind], index=None, first=item.first, second=item.second)
            continue
        sections = one.media[item.index], other.media[item.index]
        if item.kind is DifferenceKind.COSMETIC:
            first, second = item.first.splitlines(), item.second.splitlines()
            yield from _only(item.index, tuple(first), tuple(second), _WORDS[item.kind])
            continue
        fact = _SHOWN_AS_FACTS.get(item.kind)
        texts = (item.first, item.second) if fact is None else (_fact(sections[0], fact), _fact(sections[1], fact))
        if texts[0] != texts[1]:
            yield ShownDifference(what=_WORDS[item.kind], index=item.index, first=texts[0], second=texts[1])


def _beyond(one: SessionDescription, other: SessionDescription) -> Iterator[ShownDifference]:
    """The m-lines that only one of them has."""
    shared = min(len(one.media), len(other.media))
    for section in one.media[shared:]:
        yield ShownDifference(what="m-line", index=section.index, first=section.media_line, second="")
    for section in other.media[shared:]:
        yield ShownDifference(what="m-line", index=section.index, first="", second=section.media_line)


def _only(index: int | None, one: tuple[str, ...], other: tuple[str, ...], what: str) -> Iterator[ShownDifference]:
    """Attributes that only one side has."""
    first = [text for text in one if text not in other]
    second = [text for text in other if text not in one]
    if first or second:
        texts = [", ".join(map(_without_keys, part)) for part in (first, second)]
        yield ShownDifference(what=what, index=index, first=texts[0], second=texts[1])


def _texts(attributes: tuple[Attribute, ...], ignored: frozenset[str]) -> Iterator[str]:
    for item in attributes:
        if item.name not in ignored | _MEANINGLESS and not item.name.lower().startswith("x-"):
            yield item.name if item.value is None else f"{item.name}:{item.value}"


def _without_keys(text: str) -> str:
    """An attribute without the key in it, such as the MIKEY message of `a=key-mgmt`."""
    name, colon, _ = text.partition(":")
    return f"{name}:(masked)" if colon and name.lower() == "key-mgmt" else masked(text)


def _fact(section: MediaDescription, name: str) -> str:
    """A property as the negotiation shows it: nothing secret, and nothing where nothing is said."""
    return next((fact.text for fact in facts_of(section) if fact.name == name), "none")


def differences_page(trace: Trace, frames: tuple[int, int]) -> Summary:
    """The page that holds two descriptions against each other.

    Raises:
        UsageError: A frame carries no description.
    """
    one, other = (_carrier(trace, frame) for frame in frames)
    found = differing(one[1], other[1])
    roles = description_roles(trace.exchanges)
    carriers = Table(
        title="Descriptions",
        columns=tuple(map(_column, ("Frame", "Time", "From", "To", "Message", "Role", "o="))),
        rows=tuple(_carrier_row(trace, item, frame, roles) for item, frame in zip((one, other), frames, strict=True)),
    )
    return Summary(
        title=f"Frames {frames[0]} and {frames[1]}",
        headline=counted(len(found), "difference") if found else "The same by meaning.",
        tables=(carriers, *([_table(found, frames)] if found else [])),
    )


def differences_document(trace: Trace, frames: tuple[int, int], *, version: str) -> dict[str, object]:
    """The same as plain values.

    Raises:
        UsageError: A frame carries no description.
    """
    one, other = (_carrier(trace, frame) for frame in frames)
    return {
        "schema": SCHEMA,
        "sipscope": version,
        "path": trace.facts.path,
        "frames": list(frames),
        "origins": [_origin_words(item[1]) or None for item in (one, other)],
        "at": [iso8601(item[0].at) for item in (one, other)],
        "differences": [
            {"what": item.what, "index": item.index, "first": item.first or None, "second": item.second or None}
            for item in differing(one[1], other[1])
        ],
    }


def _carrier(trace: Trace, frame: int) -> tuple[Request | Response, SessionDescription]:
    """The message of a frame with its description, that of the session before that of the early one."""
    carriers = [(item, item.description or item.early_description) for item in trace.messages]
    for message, description in carriers:
        if description is not None and frame in message.frames:
            return message, description
    known = [str(item.frames[0]) for item, description in carriers if description is not None]
    listed = ", ".join(known[:_FRAMES_LISTED]) + (" …" if len(known) > _FRAMES_LISTED else "")
    raise UsageError(f"frame {frame} carries no session description; these do: {listed or 'none'}")


def _column(heading: str) -> Column:
    return Column(heading=heading, alignment=Alignment.RIGHT if heading == "Frame" else Alignment.LEFT)


def _carrier_row(
    trace: Trace, carrier: tuple[Request | Response, SessionDescription], frame: int, roles: dict[str, str]
) -> tuple[Cell, ...]:
    message, description = carrier
    names = trace.facts.names
    return (
        Cell(text=str(frame)),
        Cell(text=time_of_day_of(message.at), tone=Tone.MUTED),
        Cell(text=endpoint_of(message.hop.source, names)),
        Cell(text=endpoint_of(message.hop.destination, names)),
        Cell(text=message.label),
        Cell(text=roles.get(message.id, "")),
        Cell(text=_origin_words(description)),
    )


def _origin_words(description: SessionDescription) -> str:
    origin = description.origin
    if origin is None:
        return ""
    return f"{origin.username} {origin.session_id} {origin.session_version} {origin.address}"


def _table(found: tuple[ShownDifference, ...], frames: tuple[int, int]) -> Table:
    return Table(
        title="What differs",
        columns=(
            Column(heading="m-line", alignment=Alignment.RIGHT),
            Column(heading="What"),
            Column(heading=f"Frame {frames[0]}", may_wrap=True),
            Column(heading=f"Frame {frames[1]}", may_wrap=True),
        ),
        rows=tuple(
            (
                Cell(text="" if item.index is None else str(item.index + 1), tone=Tone.STRONG),
                Cell(text=item.what, tone=Tone.MUTED),
                Cell(text=item.first),
                Cell(text=item.second, tone=Tone.WARNING),
            )
            for item in found
        ),
    )
