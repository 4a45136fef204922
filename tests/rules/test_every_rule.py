"""Claims that hold for every rule: its documentation is whole, its examples speak for it."""

import re
from pathlib import Path

import pytest

import sipscope
from sipscope.model.defects import Severity
from sipscope.model.finding import Finding
from sipscope.model.passwords import Passwords
from sipscope.pipeline import Options
from sipscope.rules.api import AnyRule
from sipscope.rules.documentation import HEADINGS
from sipscope.rules.registry import RETIRED, RULES, rule_of
from tests.trace_script import capture_of

EVERY_RULE = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


GIVEN = Passwords({("z", "a"): "secret"})
"""The passwords that the example of AUTH-013 is about."""


def findings_in(script: str, folder: Path) -> tuple[Finding, ...]:
    path = folder / "example.pcap"
    path.write_bytes(capture_of(script))
    return sipscope.analyze(str(path), Options(passwords=GIVEN)).findings


@EVERY_RULE
def test_headings_are_present_and_in_order(rule: AnyRule) -> None:
    assert tuple(rule.documentation.sections) == HEADINGS


@EVERY_RULE
def test_documentation_has_a_summary_steps_and_clauses(rule: AnyRule) -> None:
    documentation = rule.documentation
    assert documentation.summary.endswith(".")
    assert documentation.steps
    assert documentation.standards


@EVERY_RULE
def test_bad_example_gives_that_rule_and_no_other_error(rule: AnyRule, tmp_path: Path) -> None:
    found = findings_in(rule.documentation.bad, tmp_path)
    codes = {finding.rule for finding in found if finding.severity is not Severity.INFO or finding.rule == rule.code}
    assert codes == {rule.code}


@EVERY_RULE
def test_good_example_gives_nothing_above_information(rule: AnyRule, tmp_path: Path) -> None:
    found = findings_in(rule.documentation.good, tmp_path)
    assert [(finding.rule, finding.text) for finding in found if finding.severity is not Severity.INFO] == []
    assert rule.code not in {finding.rule for finding in found}


@EVERY_RULE
def test_findings_name_frames_clauses_and_steps(rule: AnyRule, tmp_path: Path) -> None:
    for finding in findings_in(rule.documentation.bad, tmp_path):
        assert finding.frames
        assert finding.evidence
        assert finding.standards
        assert finding.next_steps
        assert finding.text.endswith((".", ":", "”"))


@EVERY_RULE
def test_file_is_named_for_the_rule_and_stands_in_the_folder_of_its_family(rule: AnyRule) -> None:
    package, _, module = rule.module.rpartition(".")
    assert package == f"sipscope.rules.{rule.family.lower()}"
    assert module == rule.name.replace("-", "_")


@EVERY_RULE
def test_code_and_name_have_their_form(rule: AnyRule) -> None:
    assert re.fullmatch(r"[A-Z]+-\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)


def test_codes_and_names_are_unique_and_never_reused() -> None:
    codes = [rule.code for rule in RULES]
    names = [rule.name for rule in RULES]
    assert len(set(codes)) == len(codes)
    assert len(set(names)) == len(names)
    assert not set(codes) & set(RETIRED)


def test_registry_is_sorted_by_code() -> None:
    assert [rule.code for rule in RULES] == sorted(rule.code for rule in RULES)


def test_every_rule_file_is_registered() -> None:
    folder = Path(sipscope.__file__).parent / "rules"
    modules = {
        ".".join(("sipscope", "rules", *path.relative_to(folder).with_suffix("").parts))
        for path in folder.glob("*/*.py")
        if path.name != "__init__.py" and not path.name.startswith("_")
    }
    assert modules == {rule.module for rule in RULES}


def test_rule_is_found_by_code_and_by_name_whatever_the_case() -> None:
    first = RULES[0]
    assert rule_of(first.code.lower()) is first
    assert rule_of(first.name.upper()) is first
    assert rule_of("NONE-000") is None
