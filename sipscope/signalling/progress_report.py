"""What one NOTIFY of the refer event says (RFC 3515 §2.4.5, RFC 3420)."""

from sipscope import sip
from sipscope.model.message import Request
from sipscope.model.subscription import Notification
from sipscope.model.transfer import ProgressReport

_NO_BLANK = "its status line ends behind the status, without the blank that belongs there"


def report_of(notification: Notification) -> ProgressReport:
    """The status that a NOTIFY reports, or why it reports none."""
    request = notification.request
    problem, status, phrase = _status(request)
    return ProgressReport(
        transaction=notification.transaction,
        status=status,
        reason_phrase=phrase,
        state=notification.state,
        problem=problem,
    )


def _status(request: Request) -> tuple[str | None, int | None, str]:
    """Problem in words, status, reason phrase."""
    part = next((item for item in request.parts if str(item.content_type) == "message/sipfrag"), None)
    if not request.body.strip():
        return "it has no body", None, ""
    if part is None:
        return f"its body is {request.content_type or 'of no stated type'}, not message/sipfrag", None, ""
    fragment = sip.parse_sip_fragment(part.content)
    if fragment.start is sip.FragmentStart.REQUEST_LINE:
        return "its sipfrag begins with a request line", None, ""
    if fragment.status is None or not 100 <= fragment.status <= 699:
        return "its sipfrag doesn't begin with a status line", None, ""
    if any(defect.severity == "error" for defect in fragment.defects):
        return f"its sipfrag is malformed: {fragment.defects[0].text}", fragment.status, fragment.reason_phrase or ""
    problem = None if fragment.reason_phrase or _has_blank_behind_status(part.content) else _NO_BLANK
    return problem, fragment.status, fragment.reason_phrase or ""


def _has_blank_behind_status(content: bytes) -> bool:
    """Whether the first line ends in the blank that an empty reason phrase leaves (RFC 3261 §7.2)."""
    return content.lstrip().partition(b"\n")[0].rstrip(b"\r").endswith(b" ")
