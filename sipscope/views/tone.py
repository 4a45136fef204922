"""What a shown thing means, for a theme to turn into a look."""

from enum import StrEnum

from sipscope.model.defects import Severity


class Tone(StrEnum):
    """The meaning of a row, a cell or a mark. How it looks is the theme's business."""

    PLAIN = "plain"
    MUTED = "muted"
    STRONG = "strong"
    REQUEST = "request"
    PROVISIONAL = "provisional"
    SUCCESS = "success"
    REDIRECT = "redirect"
    CHALLENGE = "challenge"
    FAILURE = "failure"
    MEDIA = "media"
    SERVICE = "service"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_TONE_OF_SEVERITY = {Severity.INFO: Tone.INFO, Severity.WARNING: Tone.WARNING, Severity.ERROR: Tone.ERROR}


def tone_of_severity(severity: Severity) -> Tone:
    """The tone of a finding."""
    return _TONE_OF_SEVERITY[severity]


def tone_of_status(status: int) -> Tone:
    """The tone of a response: 401 and 407 ask for credentials and are no failure (RFC 3261 §22)."""
    if status in {401, 407}:
        return Tone.CHALLENGE
    if 100 <= status < 200:
        return Tone.PROVISIONAL
    if 200 <= status < 300:
        return Tone.SUCCESS
    return Tone.REDIRECT if 300 <= status < 400 else Tone.FAILURE
