"""What a configuration says, and how its mistakes are told."""

from collections.abc import Callable
from datetime import date

import pytest

from sipscope.model.policy import Digits, Expectation, Peer, Policy, Ringing, Suppression, Switch
from sipscope.policy.in_force import InForce
from sipscope.policy.loading import WrongConfiguration

Force = Callable[..., InForce]


def problems_of(force: Force, text: str) -> tuple[str, ...]:
    with pytest.raises(WrongConfiguration) as caught:
        force(text)
    return caught.value.problems


def test_an_empty_file_leaves_the_defaults_in_force(force: Force) -> None:
    assert force("").policy == Policy()


def test_rules_and_thresholds_are_taken(force: Force) -> None:
    policy = force('[rules]\n"EM-*" = "off"\nOA-003 = "info"\n[thresholds]\ndead_air_s = 2.5\n').policy
    assert (policy.rules, policy.thresholds) == (
        (("EM-*", Switch.OFF), ("OA-003", Switch.INFO)),
        {"dead_air_s": 2.5},
    )


def test_the_ways_of_the_network_are_taken(force: Force) -> None:
    text = 'early_media = "stops-at-sdp"\ndigits = "info"\n[codecs]\nrequired = "PCMA"\nforbidden = ["G729", "GSM"]\n'
    policy = force(text).policy
    assert (policy.early_media, policy.digits) == (Ringing.DESCRIPTION, Digits.INFO)
    assert (policy.required_codecs, policy.forbidden_codecs) == (("PCMA",), ("G729", "GSM"))


def test_an_alias_is_known_by_the_usual_form_of_its_address(force: Force) -> None:
    assert force('[aliases]\n"2001:DB8:0::1" = "SBC"\n').aliases == {"2001:db8::1": "SBC"}


def test_a_peer_has_rules_of_its_own(force: Force) -> None:
    text = '[[peer]]\nuser_agent = "Fax*"\naddress = ["192.0.2.0/24"]\nrules = { "TXN-*" = "info" }\n'
    expected = Peer(
        name="192.0.2.0/24, Fax*",
        addresses=("192.0.2.0/24",),
        user_agents=("Fax*",),
        rules=(("TXN-*", Switch.INFO),),
    )
    assert force(text).policy.peers == (expected,)


def test_a_suppression_holds_on_its_last_day(force: Force) -> None:
    text = '[[suppress]]\nrule = "EM-001"\nreason = "known"\nframes = 7\nexpires = 2030-06-15\n'
    expected = Suppression(rule="EM-001", reason="known", frames=(7,), expires=date(2030, 6, 15))
    assert force(text).policy.suppressions == (expected,)


def test_a_suppression_holds_no_more_after_its_last_day(force: Force) -> None:
    found = force('[[suppress]]\nrule = "EM-001"\nreason = "known"\nexpires = 2030-06-14\n')
    assert (found.policy.suppressions, [item.reason for item in found.expired]) == ((), ["known"])


def test_conditions_of_an_expectation_are_by_field(force: Force) -> None:
    text = '[[expect]]\ncalls = 2\npdd = "< 2 s"\noutcome = "answered"\nabsent = "OA-*"\n'
    expected = Expectation(
        name="expectation 1",
        calls="== 2",
        values=(("setup_ms", "< 2s"), ("outcome", '== "answered"')),
        absent=("OA-*",),
    )
    assert force(text).policy.expectations == (expected,)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("media_expectd = true", "media_expectd: there is no key 'media_expectd'; did you mean media_expected?"),
        ("extends = 0", "extends: a text is expected"),
        ('extends = ""', "extends: a text is expected"),
        ('media_expected = "yes"', "media_expected: true or false is expected"),
        ('rules = "off"', "rules: is a table: write [rules]"),
        ("[thresholds]\ndead_air = 2", "thresholds.dead_air: there is no key 'dead_air'; did you mean dead_air_s?"),
        ("[thresholds]\ndead_air_s = -1", "thresholds.dead_air_s: a number that is not negative is expected"),
        ("[thresholds]\ndead_air_s = nan", "thresholds.dead_air_s: a number that is not negative is expected"),
        ('[rules]\n"EM-0001" = "off"', "rules.EM-0001: there is no rule 'EM-0001'; did you mean EM-001?"),
        (
            '[rules]\nEM-001 = "warn"',
            "rules.EM-001: one of off, info, warning, error, default is expected; did you mean warning?",
        ),
        ("[ruls]\na = 1", "ruls.a: there is no table 'ruls'; did you mean rules?"),
        ('[aliases]\n"sbc" = "SBC"', "aliases.sbc: 'sbc' is no address; write 192.0.2.1, or 192.0.2.1:5062"),
        ('[suppress]\nrule = "EM-001"', "suppress is written as [[suppress]], once for each"),
        ('[[suppress]]\nrule = "EM-001"', "suppress 1: reason is missing"),
        (
            '[[suppress]]\nrule = "EM-001"\nreason = "x"\nexpires = "2030-01-01"',
            "suppress 1, expires: a date such as 2030-12-31 is expected, without quotation marks",
        ),
        ('[[peer]]\nname = "x"\nrules = {}', "peer 1: one of address, user_agent is missing"),
        (
            '[[peer]]\naddress = "a.example"\nrules = {}',
            "peer 1, address: 'a.example' is no address, and no network such as 192.0.2.0/24",
        ),
        (
            '[[peer]]\naddress = "192.0.2.1"\nrules = "off"',
            'peer 1, rules: a table is expected, such as { "TXN-*" = "off" }',
        ),
        ('[[expect]]\nname = "x"', "expect 1: one of calls, every, absent, present … is missing"),
        (
            '[[expect]]\noutcome = "answerd"',
            "expect 1, outcome: filter, column 12: outcome is never 'answerd'; did you mean answered?",
        ),
        ('[[expect]]\ncalls = "many"', 'expect 1, calls: a count such as 2 or ">= 1" is expected'),
    ],
)
def test_a_mistake_is_told_with_its_place(force: Force, text: str, problem: str) -> None:
    assert problems_of(force, text) == (f"sipscope.toml: {problem}",)


def test_all_mistakes_are_told_at_once(force: Force) -> None:
    assert len(problems_of(force, "a = 1\n[thresholds]\nb = 2\n[[suppress]]\n")) == 4
