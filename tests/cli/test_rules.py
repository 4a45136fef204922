"""`sipscope rules`: every rule on a line."""

import json

from sipscope.rules.registry import RULES


def test_every_rule_has_a_line_in_the_order_of_codes(run):
    lines = run("rules").stdout.splitlines()
    assert [line.split()[:3] for line in lines] == [[rule.code, rule.severity.value, rule.name] for rule in RULES]


def test_line_ends_in_the_summary(run):
    assert run("rules").stdout.splitlines()[0].endswith(RULES[0].documentation.summary)


def test_json_has_every_rule_with_its_clauses(run):
    rows = json.loads(run("rules", "--format", "json").stdout)
    assert [row["code"] for row in rows] == [rule.code for rule in RULES]
    assert all(set(row) == {"code", "name", "severity", "since", "summary", "standards"} for row in rows)
    assert all(row["standards"] for row in rows)


def test_unknown_format_is_wrong_usage(run):
    assert run("rules", "--format", "xml").exit_code == 2
