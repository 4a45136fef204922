"""What the rules about one description share: its faults as one finding, shown once however often it is sent."""

from collections.abc import Iterable, Iterator, Sequence

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.description import DescriptionLine, MediaDescription, RtpFormat
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.trace import Trace
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.api import Hit
from sipscope.rules.media_keys import masked

TOLD = 3
"""How many faults the text of a finding tells; the evidence has the lines of more."""

SHOWN = 12
"""How many lines the evidence of a finding shows."""


def hit_of_defects(written: WrittenDescription, trace: Trace, code: str) -> Iterator[Hit]:
    """One hit over all defects of that code in a description; none when there are none."""
    defects = [defect for defect in written.description.defects if defect.code == code]
    if not defects:
        return
    yield Hit(
        text=f"In {source_of(written)}: {told([defect.text for defect in defects])}{_changed(written, trace, code)}",
        evidence=_evidence(written, defects),
        at=written.at,
        severity=_severity(written, defects),
        identity=fault_identity(written, trace, *(_line_of(written, defect) or defect.text for defect in defects)),
    )


def hit_of_faults(
    written: WrittenDescription,
    trace: Trace,
    faults: Sequence[tuple[str, DescriptionLine]],
    *,
    severity: Severity | None = None,
    lines: Iterable[DescriptionLine] = (),
) -> Iterator[Hit]:
    """One hit over faults that a rule found itself, each with its line; none when there are none.

    Args:
        written: The description.
        trace: The trace.
        faults: A sentence and the line it speaks of.
        severity: Where it differs from the rule's own.
        lines: More lines to show.
    """
    if not faults:
        return
    shown = dict.fromkeys((*(line for _, line in faults), *lines))
    yield Hit(
        text=f"In {source_of(written)}: {told([text for text, _ in faults])}",
        evidence=line_evidence(written, sorted(shown, key=lambda line: line.number)),
        at=written.at,
        severity=severity,
        identity=fault_identity(written, trace, severity, *(f"{text} {line}" for text, line in faults)),
    )


def source_of(written: WrittenDescription) -> str:
    """Which description is meant: `the description that 192.0.2.10:5060 sent in its INVITE`."""
    message = written.first
    return f"the description that {message.hop.source} sent in {carrier_words(message)}"


def carrier_words(message: Message) -> str:
    """`its INVITE`, or `its 200 OK to INVITE`."""
    if isinstance(message, Response):
        return f"its {message.label} to {message.method}"
    return f"its {message.method}" if isinstance(message, Request) else "a message"


def told(faults: Sequence[str]) -> str:
    """The first faults as sentences, and how many more there are."""
    more = len(faults) - TOLD
    rest = f" And {more} more." if more > 0 else ""
    return " ".join(faults[:TOLD]) + rest


def line_evidence(written: WrittenDescription, lines: Iterable[DescriptionLine]) -> tuple[Evidence, ...]:
    """Lines as they stand in the frame that showed them first, each with its place."""
    return tuple(
        Evidence(
            frame=written.first.frames[-1],
            note=masked(f"line {line.number}: {line}"),
            span=Span(written.offset + line.span.start, written.offset + line.span.end),
        )
        for line in list(lines)[:SHOWN]
    )


def session_lines(written: WrittenDescription) -> Evidence:
    """The session level and the m= lines on one line, for what is missing in them."""
    head = [line for line in written.description.lines if line.type != "a"]
    shown = " / ".join(str(line) for line in head[:SHOWN]) or "nothing"
    return Evidence(frame=written.first.frames[-1], note=f"the description has: {shown}")


def connection_line(written: WrittenDescription, section: MediaDescription) -> DescriptionLine | None:
    """The `c=` line that applies to a section."""
    lines = section.lines if section.has_own_connection else written.description.lines
    return next((line for line in lines if line.type == "c"), None)


def numbered_line(section: MediaDescription, number: int) -> DescriptionLine:
    """The line of a section with that number; its `m=` line where it has none."""
    return next((line for line in section.lines if line.number == number), section.lines[0])


def mapping_line(section: MediaDescription, item: RtpFormat) -> DescriptionLine:
    """The rtpmap line of a format; the `m=` line where it has none."""
    number = str(item.payload_type)
    found = (
        each for each in section.attributes if each.name == "rtpmap" and (each.value or "").split()[:1] == [number]
    )
    attribute = next(found, None)
    return section.lines[0] if attribute is None else numbered_line(section, attribute.line_number)


def fault_identity(written: WrittenDescription, trace: Trace, *faults: object) -> tuple[object, ...]:
    """Equal for the same fault of the same writer anywhere in a call: other hops, repeats, later versions."""
    origin, message = written.description.origin, written.first
    tag = message.from_tag if isinstance(message, Request) else message.to_tag
    writer = tag if origin is None else (origin.username, origin.session_id, origin.address)
    return (call_identity(written, trace), writer, *faults)


def call_identity(written: WrittenDescription, trace: Trace) -> int | str | None:
    """The call's number, or the Call-ID of what belongs to no call."""
    call = trace.index.call_of_transaction.get(written.transaction_id)
    return written.call_id if call is None else call


def _severity(written: WrittenDescription, defects: Sequence[Defect]) -> Severity:
    """That of the worst defect; where nothing is negotiated, no call can break over it."""
    worst = max((defect.severity for defect in defects), key=lambda severity: severity.rank)
    return worst if written.is_promise else min(worst, Severity.WARNING, key=lambda severity: severity.rank)


def _evidence(written: WrittenDescription, defects: Sequence[Defect]) -> tuple[Evidence, ...]:
    spans = {defect.span for defect in defects}
    lines = line_evidence(written, (line for line in written.description.lines if line.span in spans))
    return lines or (session_lines(written),)


def _line_of(written: WrittenDescription, defect: Defect) -> str | None:
    return next((str(line) for line in written.description.lines if line.span == defect.span), None)


def _changed(written: WrittenDescription, trace: Trace, code: str) -> str:
    """That an element in between brought the fault in, where the hop before shows the message without it."""
    before = _one_hop_before(written.first, trace, written)
    if before is None or before.description is None:
        return ""
    if any(defect.code == code for defect in before.description.defects):
        return ""
    return (
        f" In frame {before.frames[-1]} the same message is without this fault: the element at "
        f"{written.first.hop.source.address} brought it in."
    )


def _one_hop_before(message: Message, trace: Trace, written: WrittenDescription) -> Message | None:
    """The same message as it reached the element that sent it on."""
    transaction = trace.index.transactions[written.transaction_id]
    for other in trace.index.same_request(transaction):
        for candidate in other.messages:
            if (
                candidate.hop.destination.address == message.hop.source.address
                and candidate.at <= message.at
                and _label(candidate) == _label(message)
            ):
                return candidate
    return None


def _label(message: Message) -> tuple[object, ...]:
    status = message.status if isinstance(message, Response) else None
    return (status, message.to_tag, message.rseq)
