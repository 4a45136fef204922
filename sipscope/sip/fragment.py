"""SIP fragments: the `message/sipfrag` bodies that tell how a REFER goes (RFC 3420)."""

from dataclasses import field
from enum import Enum, auto

from sipscope.model.defects import Defect, Span
from sipscope.model.message import Headers
from sipscope.sip.header_lines import header_block
from sipscope.sip.start_line import RequestLine, StatusLine, first_line, parse_start_line, start_of_message
from sipscope.values import dataclass


class FragmentStart(Enum):
    """What a fragment begins with."""

    REQUEST_LINE = auto()
    STATUS_LINE = auto()
    HEADERS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class SipFragment:
    """A part of a SIP message.

    Attributes:
        start: What it begins with.
        method: None unless it begins with a request line.
        status: None unless it begins with a status line; 0 when the status is no number.
        reason_phrase: None unless it begins with a status line.
        headers: Header fields, spans counted from the fragment's first byte.
        defects: What is wrong with the bytes; a missing header field is no defect here.
    """

    start: FragmentStart
    method: str | None = None
    status: int | None = None
    reason_phrase: str | None = None
    headers: Headers = field(default_factory=Headers)
    defects: tuple[Defect, ...] = ()


def parse_sip_fragment(body: bytes) -> SipFragment:
    """Whatever of a SIP message the body holds: start line, header fields, or both."""
    begin = start_of_message(body)
    line, behind = first_line(body, begin)
    start_line = parse_start_line(line.rstrip())
    block = header_block(body, begin if start_line is None else behind)
    if start_line is None:
        return SipFragment(start=FragmentStart.HEADERS, headers=block.headers, defects=block.defects)
    span = Span(begin, begin + len(line))
    defects = (*[fault.placed(span) for fault in start_line.faults], *block.defects)
    if isinstance(start_line, StatusLine):
        return SipFragment(
            start=FragmentStart.STATUS_LINE,
            status=start_line.status,
            reason_phrase=start_line.reason_phrase,
            headers=block.headers,
            defects=defects,
        )
    return _request_fragment(start_line, block.headers, defects)


def _request_fragment(start_line: RequestLine, headers: Headers, defects: tuple[Defect, ...]) -> SipFragment:
    return SipFragment(start=FragmentStart.REQUEST_LINE, method=start_line.method, headers=headers, defects=defects)
