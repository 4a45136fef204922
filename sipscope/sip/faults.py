"""What the parsers of single values say about bad bytes, before anybody knows where in a message they stand.

A `Fault` becomes a `Defect` once the value has its place in a payload.
"""

import re
from typing import TypeVar

from sipscope.model.defects import Defect, Severity, Span
from sipscope.values import dataclass

T = TypeVar("T")

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect without a place.

    Attributes:
        code: Kebab-case name of the fault.
        severity: As in `Defect`.
        text: One sentence for a person.
        standard: The clause.
        fragment: The offending characters, when they can be told; empty when the whole value is meant.
    """

    code: str
    severity: Severity
    text: str
    standard: str
    fragment: str = ""

    def placed(self, span: Span | None, header: str | None = None) -> Defect:
        """The defect at a place."""
        return Defect(
            code=self.code,
            severity=self.severity,
            span=span,
            text=self.text,
            standard=self.standard,
            header=header,
        )


Faults = tuple[Fault, ...]
Parsed = tuple[T | None, Faults]
"""A value, None when nothing can be made of the text, and what is wrong with it."""


def error(code: str, text: str, standard: str, fragment: str = "") -> Fault:
    """A fault for which the standard lets a receiver reject the message."""
    return Fault(code, Severity.ERROR, text, standard, fragment)


def warning(code: str, text: str, standard: str, fragment: str = "") -> Fault:
    """A deviation that receivers commonly tolerate."""
    return Fault(code, Severity.WARNING, text, standard, fragment)


def remark(code: str, text: str, standard: str, fragment: str = "") -> Fault:
    """Something legal that is worth knowing."""
    return Fault(code, Severity.INFO, text, standard, fragment)


def shown(text: str) -> str:
    """The text as a sentence may quote it: short, without control characters or undecodable bytes."""
    if len(text) > _LONGEST_QUOTE:
        text = text[:_LONGEST_QUOTE] + "…"
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)
