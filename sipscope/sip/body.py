"""Bodies: where they end, and the parts of a multipart one (RFC 3261 §7.4, §18.3; RFC 2046 §5.1; RFC 5621)."""

import re
from collections.abc import Callable
from functools import lru_cache

from sipscope.model.defects import Defect, Span
from sipscope.model.description import SessionDescription
from sipscope.model.header_values import MediaType
from sipscope.model.message import BodyPart, Headers
from sipscope.sip.faults import error, remark, shown, warning
from sipscope.sip.header_lines import header_block

_PADDING = b"\r\n\x00"
_DEEPEST_NESTING = 4
_DEFAULT_TYPE = MediaType("text", "plain")
_NO_HEADERS = Headers()

Describe = Callable[[MediaType, bytes], SessionDescription | None]
"""What a part of that type holds, if it is a session description."""


def undescribed(_content_type: MediaType, _content: bytes) -> None:
    """What nobody describes."""


def body_end(
    payload: bytes, start: int, headers: Headers, *, stream: bool, truncated: bool
) -> tuple[int, tuple[Defect, ...]]:
    """Where the body that starts at `start` ends (RFC 3261 §18.3).

    A datagram's body ends at its Content-Length or at the datagram's end; a stream needs the Content-Length.
    """
    declared = headers.values.get("content-length")
    available = len(payload) - start
    if declared is None:
        return len(payload), _undeclared_length(headers) if stream else ()
    if declared == available or len(set(headers.all("content-length"))) > 1:
        # Different values say as little as none (RFC 4475 §3.3.9).
        return len(payload), ()
    if declared > available:
        return len(payload), (_short_body(headers, declared, available, truncated=truncated),)
    end = start + declared
    return end, (_excess(payload, end),)


def _undeclared_length(headers: Headers) -> tuple[Defect, ...]:
    if "content-length" in headers:
        return ()
    # "The Content-Length header field MUST be used with stream oriented transports."
    fault = error("content-length-missing", "A message on a stream needs a Content-Length.", "RFC 3261 §18.3")
    return (fault.placed(None, "content-length"),)


def _short_body(headers: Headers, declared: int, available: int, *, truncated: bool) -> Defect:
    if truncated:
        fault = remark(
            "message-truncated", f"The capture holds {available} of {declared} body bytes.", "RFC 3261 §18.3"
        )
    else:
        fault = error(
            "content-length-mismatch",
            f"Content-Length says {declared} bytes, and {available} are there.",
            "RFC 3261 §18.3",
        )
    return fault.placed(headers.lines("content-length")[0].span, "content-length")


def _excess(payload: bytes, end: int) -> Defect:
    surplus = payload[end:]
    if not surplus.strip(_PADDING):
        fault = remark("padding-behind-body", f"{len(surplus)} bytes of padding follow.", "RFC 3261 §18.3")
    else:
        excerpt = shown(surplus[:40].decode("utf-8", "surrogateescape"))
        fault = warning(
            "excess-behind-body",
            f"{len(surplus)} bytes follow the body and are ignored: “{excerpt}”.",
            "RFC 3261 §18.3",
        )
    return fault.placed(Span(end, len(payload)), "content-length")


def body_parts(
    payload: bytes, start: int, end: int, headers: Headers, describe: Describe
) -> tuple[tuple[BodyPart, ...], tuple[Defect, ...]]:
    """The body as parts: one, or those of a multipart body, nested ones in place; none for an empty body."""
    if start >= end:
        return (), ()
    content_type = headers.values.get("content-type")
    if content_type is None and "content-type" not in headers:
        # "The Content-Type header field MUST be present if the body is not empty."
        fault = error("content-type-missing", "The body has no Content-Type.", "RFC 3261 §20.15")
        return (_part(payload, start, end, None, headers, describe),), (fault.placed(Span(start, end), "content-type"),)
    if content_type is not None and content_type.type == "multipart":
        return _multipart(payload, Span(start, end), content_type, headers, describe, depth=0)
    return (_part(payload, start, end, content_type, headers, describe),), ()


def _part(
    payload: bytes,
    start: int,
    end: int,
    content_type: MediaType | None,
    headers: Headers,
    describe: Describe,
    own: Headers = _NO_HEADERS,
) -> BodyPart:
    disposition = headers.values.get("content-disposition")
    content = payload[start:end]
    description = None if content_type is None else describe(content_type, content)
    return BodyPart(
        content_type=content_type,
        disposition=None if disposition is None else disposition.value,
        headers=own,
        # A description that came before is kept with its bytes; they needn't be kept again.
        content=content if description is None else description.content,
        offset=start,
        description=description,
    )


@lru_cache(maxsize=256)
def _delimiter(boundary: str) -> re.Pattern[bytes]:
    # delimiter := CRLF "--" boundary; the first one may open the body (RFC 2046 §5.1.1).
    quoted = re.escape(boundary.encode("utf-8", "surrogateescape"))
    return re.compile(rb"(?:^|(?<=\n))--" + quoted + rb"(?P<closing>--)?[ \t]*(?=\r?\n|\Z)")


def _multipart(
    payload: bytes, span: Span, content_type: MediaType, headers: Headers, describe: Describe, depth: int
) -> tuple[tuple[BodyPart, ...], tuple[Defect, ...]]:
    whole = (_part(payload, span.start, span.end, content_type, headers, undescribed),)
    boundary = content_type.parameters.get("boundary")
    if not boundary:
        fault = error("multipart-boundary-missing", "The multipart body names no boundary.", "RFC 2046 §5.1.1")
        return whole, (fault.placed(span, "content-type"),)
    contents, closed = _between_delimiters(payload[span.start : span.end], boundary)
    if not contents:
        fault = error("multipart-delimiter-missing", "No boundary stands in the multipart body.", "RFC 2046 §5.1.1")
        return whole, (fault.placed(span),)
    parts: list[BodyPart] = []
    defects: list[Defect] = []
    for begin, end in contents:
        inner, inner_defects = _body_part(payload, span.start + begin, span.start + end, describe, depth)
        parts += inner
        defects += inner_defects
    if not closed:
        fault = warning("multipart-unclosed", "The last boundary of the multipart body is missing.", "RFC 2046 §5.1.1")
        defects.append(fault.placed(span))
    return tuple(parts), tuple(defects)


def _between_delimiters(body: bytes, boundary: str) -> tuple[list[tuple[int, int]], bool]:
    """Where each part begins and ends, headers included, and whether the closing delimiter is there."""
    contents: list[tuple[int, int]] = []
    begin: int | None = None
    for match in _delimiter(boundary).finditer(body):
        if begin is not None:
            contents.append((begin, max(begin, _before_line_end(body, match.start()))))
        if match["closing"] is not None:
            return contents, True
        newline = body.find(b"\n", match.end())
        begin = len(body) if newline < 0 else newline + 1
    if begin is not None:
        contents.append((begin, len(body)))
    return contents, False


def _before_line_end(body: bytes, at: int) -> int:
    """The line end before a delimiter belongs to the delimiter (RFC 2046 §5.1.1)."""
    return at - 2 if body[at - 2 : at] == b"\r\n" else at - 1


def _body_part(
    payload: bytes, start: int, end: int, describe: Describe, depth: int
) -> tuple[tuple[BodyPart, ...], tuple[Defect, ...]]:
    block = header_block(payload, start, end)
    content_type = block.headers.values.get("content-type")
    if content_type is None and "content-type" not in block.headers:
        content_type = _DEFAULT_TYPE  # RFC 2046 §5.1: a part without a type is plain text.
    begin = min(block.end, end)
    if content_type is not None and content_type.type == "multipart" and depth < _DEEPEST_NESTING:
        parts, defects = _multipart(payload, Span(begin, end), content_type, block.headers, describe, depth + 1)
        return parts, block.defects + defects
    return (_part(payload, begin, end, content_type, block.headers, describe, own=block.headers),), block.defects
