"""Configurations that build on one another."""

from collections.abc import Callable

import pytest

from sipscope.errors import UsageError
from sipscope.model.policy import Switch
from sipscope.policy.in_force import InForce

Force = Callable[..., InForce]


def test_a_file_overrides_what_it_builds_on(force: Force) -> None:
    found = force(
        'extends = "base.toml"\n[thresholds]\none_way_s = 9\n', base="[thresholds]\none_way_s = 1\nno_media_s = 7\n"
    )
    assert found.policy.thresholds == {"no_media_s": 7, "one_way_s": 9}  # fmt: skip


def test_of_several_bases_the_later_overrides(force: Force) -> None:
    found = force('extends = ["a.toml", "b.toml"]', a="[thresholds]\none_way_s = 1", b="[thresholds]\none_way_s = 2")
    assert found.policy.threshold("one_way_s") == 2


def test_suppressions_of_all_files_hold(force: Force) -> None:
    table = '[[suppress]]\nrule = "{}"\nreason = "known"\n'
    found = force('extends = "base.toml"\n' + table.format("EM-001"), base=table.format("OA-003"))
    assert [item.rule for item in found.policy.suppressions] == ["OA-003", "EM-001"]


def test_each_key_is_known_with_its_file(force: Force) -> None:
    found = force('extends = "base.toml"\n[rules]\nEM-001 = "off"', base='[rules]\nEM-002 = "off"')
    assert found.origins.items() >= {"rules.EM-001": "sipscope.toml", "rules.EM-002": "base.toml"}.items()


def test_the_longest_pattern_decides_whichever_file_it_is_in(force: Force) -> None:
    found = force('extends = "base.toml"\n[rules]\n"EM-*" = "error"', base='[rules]\nEM-001 = "off"')
    assert found.policy.is_off("EM-001", "ringback-dead-air")
    assert dict(found.policy.rules)["EM-*"] is Switch.ERROR


def test_a_circle_of_files_is_told(force: Force) -> None:
    with pytest.raises(UsageError, match=r"a.toml builds on itself: a.toml → b.toml → a.toml"):
        force('extends = "a.toml"', a='extends = "b.toml"', b='extends = "./a.toml"')


def test_a_file_that_two_files_build_on_is_no_circle(force: Force) -> None:
    found = force(
        'extends = ["a.toml", "b.toml"]', a='extends = "c.toml"', b='extends = "c.toml"', c="media_expected = true"
    )
    assert found.media_expected  # fmt: skip
