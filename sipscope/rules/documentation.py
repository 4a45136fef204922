"""A rule's docstring taken apart: one source for `explain`, the reference pages, next steps and clauses.

The shape is fixed:

    One sentence.

    What it finds
        Text.
    Why it matters
        Text.
    Example
        Bad:
            a trace script
        Good:
            a trace script
    What to check
        - One step.
        - Another.
    Sources
        RFC 3264 §8; RFC 6337 §5.2.5
"""

import inspect
import textwrap
from collections.abc import Mapping

from sipscope.values import dataclass

HEADINGS = ("What it finds", "Why it matters", "Example", "What to check", "Sources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Documentation:
    """What a rule says of itself.

    Attributes:
        summary: First sentence.
        sections: Text by heading, in order, indentation removed.
        bad: Trace script that makes the rule speak.
        good: Trace script about which every rule is silent.
        steps: What to check, first thing first.
        standards: Clauses, such as `RFC 3264 §8`.
        text: The whole of it as it stands in the source, indentation removed.
    """

    summary: str
    sections: Mapping[str, str]
    bad: str
    good: str
    steps: tuple[str, ...]
    standards: tuple[str, ...]
    text: str


def documentation_of(docstring: str) -> Documentation:
    """Take a docstring apart; headings that are missing give empty texts, which a test refuses."""
    summary, _, rest = inspect.cleandoc(docstring).partition("\n")
    sections = _sections(rest)
    bad, good = _examples(sections.get("Example", ""))
    return Documentation(
        summary=summary.strip(),
        sections=sections,
        bad=bad,
        good=good,
        steps=_steps(sections.get("What to check", "")),
        standards=_standards(sections.get("Sources", "")),
        text=inspect.cleandoc(docstring),
    )


def _sections(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.splitlines():
        if line.strip() in HEADINGS and not line.startswith(" "):
            current = found.setdefault(line.strip(), [])
        elif current is not None:
            current.append(line)
    return {heading: textwrap.dedent("\n".join(lines)).strip("\n") for heading, lines in found.items()}


def _examples(text: str) -> tuple[str, str]:
    before, _, good = text.partition("Good:")
    _, _, bad = before.partition("Bad:")
    return textwrap.dedent(bad.strip("\n")).strip(), textwrap.dedent(good.strip("\n")).strip()


def _steps(text: str) -> tuple[str, ...]:
    steps: list[str] = []
    for line in text.splitlines():
        if line.startswith("- "):
            steps.append(line[2:].strip())
        elif line.strip() and steps:
            steps[-1] += " " + line.strip()
    return tuple(steps)


def _standards(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in " ".join(text.split()).split(";") if part.strip())
