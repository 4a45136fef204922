"""The page of one rule, as text for a terminal and as Markdown for the documentation."""

from sipscope.rules.api import AnyRule


def rule_text(rule: AnyRule) -> str:
    """The page as plain text: a head with the facts, then the documentation as it stands in the source."""
    head = f"{rule.code} {rule.name} ({rule.severity}, since {rule.since})"
    return f"{head}\n{'=' * len(head)}\n\n{rule.documentation.text}\n"


def rule_markdown(rule: AnyRule) -> str:
    """The page as Markdown, with both examples as code."""
    documentation = rule.documentation
    sections = documentation.sections
    steps = "\n".join(f"1. {step}" for step in documentation.steps)
    standards = "\n".join(f"- {standard}" for standard in documentation.standards)
    return (
        f"# {rule.code} {rule.name}\n\n"
        f"**{rule.severity}** · since {rule.since} · speaks of a {subject_word(rule)}\n\n"
        f"{documentation.summary}\n\n"
        f"## What it finds\n\n{sections['What it finds']}\n\n"
        f"## Why it matters\n\n{sections['Why it matters']}\n\n"
        f"## Example\n\nThis gives the finding:\n\n```text\n{documentation.bad}\n```\n\n"
        f"This doesn't:\n\n```text\n{documentation.good}\n```\n\n"
        f"## What to check\n\n{steps}\n\n"
        f"## Sources\n\n{standards}\n"
    )


def subject_word(rule: AnyRule) -> str:
    """What the rule looks at, in a word."""
    return _WORDS.get(rule.subject.__name__, rule.subject.__name__.lower())


_WORDS = {"OfferAnswerExchange": "exchange", "RtpStream": "stream", "Trace": "capture"}
