"""A policy as a value."""

from pathlib import Path

import pytest

import sipscope
from sipscope.model.policy import THRESHOLDS, Peer, Policy, Switch, Threshold, fits_capture, fits_rule, switch_of
from sipscope.model.time import MILLISECOND
from sipscope.rules.registry import RULES

SOURCES = Path(sipscope.__file__).parent


def test_a_threshold_is_its_default_where_nothing_is_said() -> None:
    assert Policy().threshold("hold_stuck_s") == 10


@pytest.mark.parametrize(("name", "value", "milliseconds"), [("dead_air_s", 2.5, 2500), ("clipped_ms", 700, 700)])
def test_a_time_is_in_the_unit_of_its_name(name: str, value: float, milliseconds: int) -> None:
    assert Policy(thresholds={name: value}).duration(name) == milliseconds * MILLISECOND


@pytest.mark.parametrize("threshold", THRESHOLDS, ids=lambda item: item.name)
def test_a_threshold_is_asked_for_by_the_rules_that_it_names(threshold: Threshold) -> None:
    modules = {rule.code: rule.module for rule in RULES}
    for code in threshold.rules:
        source = SOURCES.parent / (modules[code].replace(".", "/") + ".py")
        assert f'("{threshold.name}")' in source.read_text("utf-8")


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("EM-001", True), ("em-001", True), ("EM-*", True), ("ringback-*", True), ("*", True), ("EM", False)],
)
def test_a_rule_is_named_by_code_name_or_pattern(pattern: str, fits: bool) -> None:
    assert fits_rule(pattern, "EM-001", "ringback-dead-air") is fits


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("*", True), ("call.pcap", True), ("lab/call.pcap", True), ("/data/lab/*", True), ("all.pcap", False)],
)
def test_a_capture_is_named_by_its_path_or_the_end_of_it(pattern: str, fits: bool) -> None:
    assert fits_capture(pattern, "/data/lab/call.pcap") is fits


def test_of_patterns_that_fit_the_longest_decides() -> None:
    rules = (("*", Switch.OFF), ("EM-*", Switch.INFO), ("OA-001", Switch.ERROR))
    assert switch_of(rules, "EM-001", "ringback-dead-air") is Switch.INFO


@pytest.mark.parametrize(
    ("peer", "is_sender"),
    [
        (Peer(name="a", addresses=("192.0.2.0/24",)), True),
        (Peer(name="a", addresses=("192.0.2.8",)), False),
        (Peer(name="a", addresses=("2001:db8::/32",)), False),
        (Peer(name="a", user_agents=("fax*",)), True),
        (Peer(name="a", addresses=("192.0.2.7",), user_agents=("Phone*",)), False),
    ],
)
def test_a_peer_is_known_by_address_and_product(peer: Peer, is_sender: bool) -> None:
    assert peer.is_sender("192.0.2.7", "FaxBox 2.0") is is_sender
