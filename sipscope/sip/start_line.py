"""Request lines and status lines (RFC 3261 §7.1, §7.2), and whether bytes begin with one."""

import re
from sys import intern

from sipscope.model.header_values import Uri
from sipscope.sip.faults import Fault, Faults, error, shown, warning
from sipscope.sip.memo import Memo
from sipscope.sip.scalars import decimal
from sipscope.sip.splitting import is_token
from sipscope.sip.uri import URIS
from sipscope.values import dataclass

_LEADING_JUNK = b" \t\r\n\x00"

_STATUS_LINE = re.compile(rb"SIP/\d+\.\d+(?:[ \t]+\S|[ \t]*\Z)", re.IGNORECASE)
_VERSION = re.compile(rb"[ \t](?P<version>SIP/\d+\.\d+)[ \t]*\Z", re.IGNORECASE)
# How nearly all request lines are: "Method SP Request-URI SP SIP-Version CRLF" (RFC 3261 §7.1).
_USUAL_REQUEST = re.compile(rb"(?P<method>[A-Z]++) (?P<uri>[!-~]++) SIP/2\.0")
_METHOD = re.compile(rb"[^\s:\x00]+[ \t]")


@dataclass(frozen=True, slots=True)
class RequestLine:
    """Method, Request-URI, version.

    Attributes:
        method: As it came.
        uri: None when it can't be parsed.
        uri_text: As it came.
        faults: What is wrong with the line.
    """

    method: str
    uri: Uri | None
    uri_text: str
    faults: Faults


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Version, status code, reason phrase.

    Attributes:
        status: 0 when it is not a number.
        reason_phrase: As it came.
        faults: What is wrong with the line.
    """

    status: int
    reason_phrase: str
    faults: Faults


def start_of_message(payload: bytes) -> int:
    """Where the start line begins, behind empty lines, blanks and NULs."""
    if payload[:1] and payload[0] not in _LEADING_JUNK:
        return 0
    return len(payload) - len(payload.lstrip(_LEADING_JUNK))


def looks_like_sip(payload: bytes) -> bool:
    """Whether the bytes begin with something like a request line or a status line."""
    return is_start_line(first_line(payload, start_of_message(payload))[0])


def first_line(payload: bytes, start: int) -> tuple[bytes, int]:
    """The line at `start` without its line end, and where the next one begins."""
    end = payload.find(b"\r\n", start)
    line = payload[start:end]
    if end >= 0 and b"\n" not in line:
        return line, end + 2
    newline = payload.find(b"\n", start)
    if newline < 0:
        return payload[start:], len(payload)
    end = newline - 1 if newline > start and payload[newline - 1] == 0x0D else newline
    return payload[start:end], newline + 1


def is_start_line(line: bytes) -> bool:
    """Whether the line is like `SIP/2.0 200 OK` or `METHOD uri SIP/2.0`."""
    if line[:4].upper() == b"SIP/":
        return _STATUS_LINE.match(line) is not None
    return _version_at(line) is not None


def _version_at(line: bytes) -> int | None:
    """Where the blank before the version of a request line stands."""
    tail = max(0, len(line) - 64)
    match = _VERSION.search(line, tail)
    return None if match is None or _METHOD.match(line) is None else match.start()


def parse_start_line(line: bytes) -> RequestLine | StatusLine | None:
    """The start line; None when it is none."""
    return START_LINES[line]


def _start_line(line: bytes) -> RequestLine | StatusLine | None:
    if line[:4].upper() == b"SIP/":
        return None if _STATUS_LINE.match(line) is None else _status_line(line.decode("utf-8", "surrogateescape"))
    usual = _USUAL_REQUEST.fullmatch(line)
    if usual is not None:
        return _usual_request(usual["method"].decode("ascii"), usual["uri"].decode("ascii"))
    at = _version_at(line)
    return None if at is None else _request_line(line.decode("utf-8", "surrogateescape"))


START_LINES = Memo(_start_line, generation=2048)
"""What each start line says, by its bytes without the line end; None for what is none."""


def parse_status_line(line: bytes) -> tuple[int, str] | None:
    """Status code and reason phrase of a line such as a `message/sipfrag` body holds; None when it is no such line."""
    parsed = parse_start_line(line.strip())
    return (parsed.status, parsed.reason_phrase) if isinstance(parsed, StatusLine) else None


def _usual_request(method: str, uri_text: str) -> RequestLine:
    """What the general way finds too: of a line of this form, only the Request-URI can be wrong."""
    faults: list[Fault] = []
    uri = _request_uri(uri_text, faults)
    return RequestLine(intern(method), uri, uri_text, tuple(faults))


def _request_line(line: str) -> RequestLine:
    method, _, rest = line.replace("\t", " ").partition(" ")
    uri_part, _, version = rest.rstrip(" ").rpartition(" ")
    uri_text = uri_part.strip(" ")
    faults: list[Fault] = list(_version_faults(version))
    if rest != f"{uri_text} {version}" or "\t" in line:
        # "Method SP Request-URI SP SIP-Version CRLF": single spaces, and none at the end.
        faults.append(
            error("request-line-spacing", "The request line has blanks that do not belong there.", "RFC 3261 §7.1")
        )
    if not is_token(method):
        faults.append(error("malformed-method", f"The method {shown(method)} is no token.", "RFC 3261 §25.1", method))
    uri = _request_uri(uri_text, faults)
    return RequestLine(intern(method), uri, uri_text, tuple(faults))


def _request_uri(text: str, faults: list[Fault]) -> Uri | None:
    if not text:
        faults.append(error("malformed-request-uri", "The request line has no Request-URI.", "RFC 3261 §7.1"))
        return None
    if text.startswith("<"):
        # "The Request-URI … MUST NOT be enclosed in "<>"."
        faults.append(
            error("request-uri-in-brackets", "The Request-URI stands in angle brackets.", "RFC 3261 §7.1", text)
        )
        text = text.strip("<>")
    uri, uri_faults = URIS[text]
    faults += uri_faults
    if uri is None:
        faults.append(error("malformed-request-uri", f"“{shown(text)}” is no URI to send to.", "RFC 3261 §7.1", text))
    elif uri.scheme in {"sip", "sips"} and (uri.headers or "method" in uri.parameters):
        what = "headers" if uri.headers else "a method parameter"
        faults.append(error("uri-component-not-allowed", f"The Request-URI carries {what}.", "RFC 3261 §19.1.1", text))
    return uri


def _status_line(line: str) -> StatusLine:
    version = line.split(maxsplit=1)[0]
    rest = line[len(version) :]
    faults: list[Fault] = list(_version_faults(version))
    code, space, reason = rest.lstrip(" \t").partition(" ")
    if not space or rest != f" {code} {reason}":
        # A status line without the space behind its code could be rejected; most read it (RFC 4475 §3.1.1.13).
        faults.append(
            warning("status-line-spacing", "The status code does not stand between single spaces.", "RFC 3261 §7.2")
        )
    status = decimal(code)
    if status is None:
        faults.append(error("malformed-status-code", f"“{shown(code)}” is no status code.", "RFC 3261 §7.2", code))
    elif not 100 <= status <= 699 or len(code) != 3:
        faults.append(
            error("status-code-out-of-range", f"The status code {shown(code)} has no class.", "RFC 3261 §7.2", code)
        )
    return StatusLine(status or 0, intern(reason), tuple(faults))


def _version_faults(version: str) -> Faults:
    if version == "SIP/2.0":
        return ()
    if version.upper() == "SIP/2.0":
        return (warning("sip-version-case", "SIP must be written in capitals.", "RFC 3261 §7.1", version),)
    return (error("unknown-sip-version", f"{shown(version)} is no version known.", "RFC 3261 §7.1", version),)
