"""Every rule, in one explicit tuple, and the codes that are retired and never used again."""

from sipscope.rules.api import AnyRule
from sipscope.rules.dlg.bye_failed import bye_failed
from sipscope.rules.dlg.cseq_not_increasing import cseq_not_increasing
from sipscope.rules.txn.ack_missing_2xx import ack_missing_2xx
from sipscope.rules.txn.invite_unanswered import invite_unanswered
from sipscope.rules.txn.request_unanswered import request_unanswered

RULES: tuple[AnyRule, ...] = (
    cseq_not_increasing,
    bye_failed,
    invite_unanswered,
    request_unanswered,
    ack_missing_2xx,
)
"""All rules, by code. There is no discovery: a rule that isn't listed here doesn't run."""

RETIRED: dict[str, str] = {}
"""Codes that were in use once, with the reason why they are not any more."""


def rule_of(code: str) -> AnyRule | None:
    """The rule with that code or name, whatever the case; None when there is none."""
    wanted = code.strip().lower()
    return next((rule for rule in RULES if wanted in {rule.code.lower(), rule.name}), None)
