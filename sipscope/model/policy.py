"""What a network wants of its captures' judgement: thresholds, rules at other severities, known faults, expectations.

A policy is a plain value. Nothing here reads a file: `sipscope.policy` makes it of what the user wrote.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase

from sipscope.model.defects import Severity
from sipscope.model.time import MILLISECOND, Duration
from sipscope.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A number that a rule compares with, a matter of judgement rather than of a standard.

    Attributes:
        name: As a policy spells it; ends with its unit.
        default: Its value where no policy says otherwise.
        rules: Codes of the rules that ask for it.
        text: What it is.
    """

    name: str
    default: float
    rules: tuple[str, ...]
    text: str

    @property
    def unit(self) -> str:
        """`s`, `ms` or `percent`."""
        return self.name.rpartition("_")[2]


def _thresholds(*rows: tuple[str, float, str, str]) -> tuple[Threshold, ...]:
    return tuple(
        Threshold(name=name, default=default, rules=tuple(rules.split()), text=text)
        for name, default, rules, text in rows
    )


THRESHOLDS = _thresholds(
    ("dead_air_s", 2, "EM-001 EM-002", "Silence before the answer that a caller notices"),
    ("early_media_gap_s", 3, "EM-003", "Local tone that follows early media, from which on the media broke off"),
    ("media_before_description_ms", 200, "EM-004", "How long media may run ahead of the description that announces it"),
    ("early_one_way_s", 3, "EM-006", "Early media one way only, from which on the other direction is missing"),
    ("clipped_ms", 500, "EM-007", "Time from the answer to the first media: a warning behind it"),
    ("badly_clipped_ms", 2000, "EM-007", "Time from the answer to the first media: an error behind it"),
    ("early_collision_ms", 400, "EM-008", "How long early media of two branches may overlap"),
    ("media_after_failure_s", 1, "EM-012", "How long early media may outlast the failure of the call"),
    ("hold_stuck_s", 10, "OA-013", "How long a party may stay on hold after the other released it"),
    ("dialog_silence_s", 60, "DLG-011", "How long nothing follows the last media of a dialog that was left open"),
    ("register_refresh_s", 20, "REG-007", "Interval of refreshes that is meant to keep a NAT open: none is too soon"),
    (
        "retransmissions_percent",
        1,
        "TXN-009",
        "Transactions with retransmissions between two hosts: a warning above it",
    ),
    ("no_media_s", 5, "RTP-001", "How long an answered call may be without any media"),
    ("one_way_s", 5, "RTP-002", "How long media may go one way only where both ways are agreed"),
    ("loss_warning_percent", 1, "RTP-018", "Loss over a whole stream: a warning"),
    ("loss_error_percent", 5, "RTP-018", "Loss over a whole stream: an error"),
    ("loss_window_percent", 3, "RTP-018", "Loss over ten seconds: a warning"),
    ("jitter_mean_ms", 30, "RTP-020", "Mean interarrival jitter of a stream"),
    ("jitter_max_ms", 50, "RTP-020", "Interarrival jitter that a twentieth of a stream exceeds"),
)
"""Every threshold there is: Annex A, as far as rules ask for it."""

_BY_NAME = {item.name: item for item in THRESHOLDS}
_NANOSECONDS = {"s": 1000 * MILLISECOND, "ms": MILLISECOND}
_IN_NANOSECONDS = {item.name: _NANOSECONDS[item.unit] for item in THRESHOLDS if item.unit in _NANOSECONDS}


class Switch(StrEnum):
    """What a policy makes of a rule."""

    OFF = "off"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    DEFAULT = "default"


class Ringing(StrEnum):
    """What makes the callers of a network stop ringing locally (RFC 3960 §3.2)."""

    PACKETS = "follows-packets"
    DESCRIPTION = "stops-at-sdp"


class Digits(StrEnum):
    """How a network sends digits: as telephone events (RFC 4733), or in INFO requests."""

    EVENTS = "telephone-event"
    INFO = "info"


def fits_rule(pattern: str, code: str, name: str) -> bool:
    """Whether a pattern names a rule: by its code `TXN-009`, its name, or with `*` for any characters: `TXN-*`."""
    wanted = pattern.lower()
    return fnmatchcase(code.lower(), wanted) or fnmatchcase(name.lower(), wanted)


def fits_capture(pattern: str, path: str) -> bool:
    """Whether a pattern names a capture: its whole path, or what the path ends with."""
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"*/{pattern}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A host or a product with rules of its own.

    Attributes:
        name: For people.
        addresses: Addresses, or networks such as `192.0.2.0/24`.
        user_agents: Patterns for User-Agent or Server; `*` stands for any characters, case doesn't matter.
        rules: What is made of rules, by their patterns.
    """

    name: str
    addresses: tuple[str, ...] = ()
    user_agents: tuple[str, ...] = ()
    rules: tuple[tuple[str, Switch], ...] = ()

    def is_sender(self, address: str, user_agent: str) -> bool:
        """Whether a message from here with this User-Agent is the peer's: both fit, where both are given."""
        return (not self.addresses or is_within(address, self.addresses)) and (
            not self.user_agents or any(fnmatchcase(user_agent.lower(), item.lower()) for item in self.user_agents)
        )


def is_within(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is one of these, or in one of these networks."""
    try:
        own = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(own in ipaddress.ip_network(item, strict=False) for item in networks)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """A fault that is known, and that nobody is to be told of as if it were new.

    Attributes:
        rule: Pattern of the rules.
        reason: Why.
        capture: Pattern of the captures; `*` for all.
        call: Number of the call; None for any, and for what belongs to none.
        frames: Frames of which the evidence must name one; none for any.
        expires: The last day on which it holds; None for ever.
    """

    rule: str
    reason: str
    capture: str = "*"
    call: int | None = None
    frames: tuple[int, ...] = ()
    expires: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What must hold of captures, as in a test of interoperation.

    Attributes:
        name: For people.
        capture: Pattern of the captures that it speaks of.
        where: Expression that chooses calls; empty for all.
        calls: How many calls there must be, such as `>= 1`; empty for any number.
        values: What must hold for each call, by field: `(mos, >= 4)`.
        every: Expression that must hold for each call; empty for none.
        absent: Patterns of rules that must not have found anything.
        present: Patterns of rules of which each must have found something.
    """

    name: str
    capture: str = "*"
    where: str = ""
    calls: str = ""
    values: tuple[tuple[str, str], ...] = ()
    every: str = ""
    absent: tuple[str, ...] = ()
    present: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All of it; the defaults are those of a network that says nothing.

    Attributes:
        rules: What is made of rules, by their patterns.
        thresholds: Values by name, in the unit of the name, where they differ from the defaults.
        peers: Hosts and products with rules of their own.
        suppressions: Known faults, those left out that are expired.
        expectations: What must hold.
        early_media: What makes callers stop ringing locally; None where there are both kinds.
        required_codecs: Encodings that every call offers.
        forbidden_codecs: Encodings that no call agrees on.
        digits: How digits are sent; None where it doesn't matter.
    """

    rules: tuple[tuple[str, Switch], ...] = ()
    thresholds: Mapping[str, float] = field(default_factory=dict)
    peers: tuple[Peer, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    early_media: Ringing | None = None
    required_codecs: tuple[str, ...] = ()
    forbidden_codecs: tuple[str, ...] = ()
    digits: Digits | None = None

    def threshold(self, name: str) -> float:
        """A threshold, in the unit of its name."""
        return self.thresholds.get(name, _BY_NAME[name].default)

    def duration(self, name: str) -> Duration:
        """A threshold that is a time."""
        return round(self.threshold(name) * _IN_NANOSECONDS[name])

    def of_capture(self, path: str) -> "Policy":
        """What of it speaks of one capture."""
        return replace(
            self,
            suppressions=tuple(item for item in self.suppressions if fits_capture(item.capture, path)),
            expectations=tuple(item for item in self.expectations if fits_capture(item.capture, path)),
        )

    def is_off(self, code: str, name: str) -> bool:
        """Whether a rule is off for everybody."""
        return switch_of(self.rules, code, name) is Switch.OFF


def switch_of(rules: Iterable[tuple[str, Switch]], code: str, name: str) -> Switch | None:
    """What is made of a rule: the longest pattern that fits decides; None where none fits."""
    fitting = [(len(pattern.replace("*", "")), switch) for pattern, switch in rules if fits_rule(pattern, code, name)]
    return max(fitting, key=lambda item: item[0])[1] if fitting else None


def severity_of(switch: Switch | None) -> Severity | None:
    """The severity that a switch gives; None where it leaves the rule's own."""
    return None if switch is None or switch in {Switch.OFF, Switch.DEFAULT} else Severity(switch.value)
