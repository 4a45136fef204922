"""`sipscope explain`: the page of one rule."""

import pytest
from click.shell_completion import ShellComplete

from sipscope.cli import main
from sipscope.rules.registry import RULES


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_page_names_rule_and_clauses(run, rule):
    result = run("explain", rule.code)
    assert result.exit_code == 0
    assert rule.name in result.stdout
    assert all(clause in result.stdout for clause in rule.documentation.standards)


def test_rule_is_found_by_name_and_whatever_the_case(run):
    rule = RULES[0]
    pages = {run("explain", word).stdout for word in (rule.code, rule.code.lower(), rule.name, rule.name.upper())}
    assert len(pages) == 1


def test_unknown_rule_is_wrong_usage_and_says_where_they_are_listed(run):
    result = run("explain", "OA-999")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "sipscope: there is no rule OA-999; `sipscope rules` lists them all\n"


def test_unknown_rule_is_shown_without_what_a_terminal_would_obey(run):
    assert "\x1b" not in run("explain", "\x1b[31mOA").stderr


def test_codes_are_completed(run):
    completions = ShellComplete(main, {}, "sipscope", "_SIPSCOPE_COMPLETE").get_completions(["explain"], "oa-")
    assert [item.value for item in completions] == [rule.code for rule in RULES if rule.family == "OA"]
