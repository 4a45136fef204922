"""Every rule, in one explicit tuple, and the codes that are retired and never used again."""

from sipscope.rules.api import AnyRule

RULES: tuple[AnyRule, ...] = ()
"""All rules, by code. There is no discovery: a rule that isn't listed here doesn't run."""

RETIRED: dict[str, str] = {}
"""Codes that were in use once, with the reason why they are not any more."""


def rule_of(code: str) -> AnyRule | None:
    """The rule with that code or name, whatever the case; None when there is none."""
    wanted = code.strip().lower()
    return next((rule for rule in RULES if wanted in {rule.code.lower(), rule.name}), None)
