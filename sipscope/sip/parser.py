"""From bytes to a `Request` or a `Response`."""

from sipscope.model.defects import Defect, Severity, Span
from sipscope.model.message import BodyPart, Headers, Request, Response
from sipscope.model.network import Hop
from sipscope.model.time import Instant
from sipscope.sip.body import Describe, body_end, body_parts, undescribed
from sipscope.sip.faults import Fault, error, remark, shown, warning
from sipscope.sip.header_lines import MANDATORY_HEADERS, HeaderBlock, complete_headers, header_block
from sipscope.sip.start_line import START_LINES, RequestLine, StatusLine, first_line, start_of_message


def parse_message(
    payload: bytes,
    *,
    id: str,  # noqa: A002 -- the message's own field is called so
    frames: tuple[int, ...],
    at: Instant,
    hop: Hop,
    copy_frames: tuple[int, ...] = (),
    stream: bool = False,
    truncated: bool = False,
    describe: Describe = undescribed,
) -> Request | Response | None:
    """The message in a datagram, or in the bytes that `message_length` cut from a stream.

    Args:
        payload: The bytes, with anything that stands before and behind the message.
        id: The message's name.
        frames: Frames that carried it.
        at: When its last byte was captured.
        hop: Where it went.
        copy_frames: Frames that show the same packet again.
        stream: Whether the bytes come from a stream, where Content-Length is mandatory (RFC 3261 §18.3).
        truncated: Whether the capture cut the bytes short; what is missing is then no fault of the sender.
        describe: Reads the session description that a part of the body may hold; this package knows nothing of those.

    Returns:
        The message with all its defects; None when the bytes have no SIP start line.
    """
    # No junk is above a blank.
    start = 0 if payload[:1] > b" " else start_of_message(payload)
    line, headers_start = first_line(payload, start)
    start_line = START_LINES[line]
    if start_line is None:
        return None
    defects: tuple[Defect, ...] = ()
    usual = complete_headers(payload, headers_start)
    if usual is None:
        block = header_block(payload, headers_start)
        headers, body_offset, defects = block.headers, block.end, _block_defects(block, start_line, payload, truncated)
    else:
        headers, body_offset = usual
        if isinstance(start_line, RequestLine) and headers.values["cseq"].method != start_line.method:
            defects = _mismatches(start_line, headers)
    if start or start_line.faults:
        placed = [_placed_on_line(fault, line, start) for fault in start_line.faults]
        defects = (*_leading_defects(payload, start), *placed, *defects)
    end = len(payload)
    if headers.values.get("content-length") != end - body_offset:
        end, length_defects = body_end(payload, body_offset, headers, stream=stream, truncated=truncated)
        defects += length_defects
    parts: tuple[BodyPart, ...] = ()
    if body_offset < end:
        parts, part_defects = body_parts(payload, body_offset, end, headers, describe)
        defects += part_defects
    if end != len(payload):
        payload = payload[:end]
    if isinstance(start_line, RequestLine):
        return Request(
            id=id,
            frames=frames,
            copy_frames=copy_frames,
            at=at,
            hop=hop,
            payload=payload,
            headers=headers,
            parts=parts,
            body_offset=body_offset,
            defects=defects,
            method=start_line.method,
            request_uri=start_line.uri,
            request_uri_text=start_line.uri_text,
        )
    return Response(
        id=id,
        frames=frames,
        copy_frames=copy_frames,
        at=at,
        hop=hop,
        payload=payload,
        headers=headers,
        parts=parts,
        body_offset=body_offset,
        defects=defects,
        status=start_line.status,
        reason_phrase=start_line.reason_phrase,
    )


def _block_defects(
    block: HeaderBlock, start_line: RequestLine | StatusLine, payload: bytes, truncated: bool
) -> tuple[Defect, ...]:
    """What is wrong with the header fields, each and all of them, as far as the capture holds them."""
    if block.closed:
        return (*block.defects, *_mismatches(start_line, block.headers), *_missing_headers(block.headers))
    unclosed = _unclosed(len(payload), truncated=truncated)
    if truncated:
        return (*_without_last_line(block), *_mismatches(start_line, block.headers), unclosed)
    return (*block.defects, *_mismatches(start_line, block.headers), *_missing_headers(block.headers), unclosed)


def _leading_defects(payload: bytes, start: int) -> tuple[Defect, ...]:
    if not start:
        return ()
    if not payload[:start].strip(b"\r\n"):
        fault = remark("leading-empty-lines", "Empty lines stand before the start line.", "RFC 3261 §7.5")
    else:
        fault = warning("junk-before-start-line", f"{start} bytes of junk stand before the start line.", "RFC 3261 §7")
    return (fault.placed(Span(0, start)),)


def _without_last_line(block: HeaderBlock) -> tuple[Defect, ...]:
    """The block's defects but for those of its last line, which the capture cut short."""
    end = block.headers.fields[-1].span.start if block.headers.fields else 0
    return tuple(defect for defect in block.defects if defect.span is None or defect.span.start < end)


def _placed_on_line(fault: Fault, line: bytes, start: int) -> Defect:
    fragment = fault.fragment.encode("utf-8", "surrogateescape")
    at = line.find(fragment) if fragment else -1
    span = Span(start, start + len(line)) if at < 0 else Span(start + at, start + at + len(fragment))
    return fault.placed(span)


def _missing_headers(headers: Headers) -> tuple[Defect, ...]:
    values = headers.values
    if "via" in values and "cseq" in values and "call-id" in values and "from" in values and "to" in values:
        return ()
    return tuple(
        Defect(
            code="missing-mandatory-header",
            severity=Severity.ERROR,
            text=f"The message has no {spelling} header field.",
            standard="RFC 3261 §8.1.1",
            header=name,
        )
        for name, spelling in MANDATORY_HEADERS.items()
        if name not in values and name not in headers
    )


def _mismatches(start_line: RequestLine | StatusLine, headers: Headers) -> tuple[Defect, ...]:
    cseq = headers.values.get("cseq")
    if cseq is None or not isinstance(start_line, RequestLine) or cseq.method == start_line.method:
        return ()
    # "The method MUST match that of the request." (RFC 3261 §8.1.1.5)
    fault = error(
        "cseq-method-mismatch",
        f"CSeq says {shown(cseq.method)}, the request line {shown(start_line.method)}.",
        "RFC 3261 §8.1.1.5",
    )
    return (fault.placed(headers.lines("cseq")[0].span, "cseq"),)


def _unclosed(length: int, *, truncated: bool) -> Defect:
    if truncated:
        fault = remark("message-truncated", "The capture ends inside the header fields.", "RFC 3261 §7")
    else:
        # "the empty line MUST be present even if the message-body is not"
        fault = error("empty-line-missing", "No empty line ends the header fields.", "RFC 3261 §7")
    return fault.placed(Span(length, length))
