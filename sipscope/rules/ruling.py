"""What a network's policy makes of findings: other severities, rules that are off, faults that are known."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sipscope.model.finding import Finding
from sipscope.model.message import Message
from sipscope.model.policy import (
    Peer,
    Policy,
    Suppression,
    Switch,
    fits_rule,
    severity_of,
    switch_of,
)
from sipscope.model.trace import Trace
from sipscope.rules.api import AnyRule


def rules_on(rules: Sequence[AnyRule], policy: Policy) -> tuple[AnyRule, ...]:
    """The rules that aren't off for everybody."""
    return tuple(
        rule
        for rule in rules
        if not policy.is_off(rule.code, rule.name) or any(_turned_on(peer, rule) for peer in policy.peers)
    )


def ruled(findings: tuple[Finding, ...], trace: Trace) -> tuple[Finding, ...]:
    """Findings as the policy of their trace has them; ids count from `f1` again."""
    policy = trace.policy
    if not (policy.rules or policy.peers or policy.suppressions):
        return findings
    senders = _senders(trace) if policy.peers else {}
    kept: list[Finding] = []
    for finding in findings:
        switch = _switch(finding, policy, senders)
        if switch is Switch.OFF:
            continue
        severity = severity_of(switch) or finding.severity
        reason = next((item.reason for item in policy.suppressions if _speaks_of(item, finding)), None)
        kept.append(replace(finding, id=f"f{len(kept) + 1}", severity=severity, suppressed=reason))
    return tuple(kept)


def _turned_on(peer: Peer, rule: AnyRule) -> bool:
    switch = switch_of(peer.rules, rule.code, rule.name)
    return switch is not None and switch is not Switch.OFF


def _senders(trace: Trace) -> Mapping[int, Message]:
    """Messages by their frames."""
    return {frame: message for message in trace.messages for frame in message.frames}


def _switch(finding: Finding, policy: Policy, senders: Mapping[int, Message]) -> Switch | None:
    """What is made of a finding: a peer's own rules go before everybody's."""
    for peer in policy.peers:
        switch = switch_of(peer.rules, finding.rule, finding.name)
        if switch is not None and _concerns(finding, peer, senders):
            return switch
    return switch_of(policy.rules, finding.rule, finding.name)


def _concerns(finding: Finding, peer: Peer, senders: Mapping[int, Message]) -> bool:
    """Whether a frame of the evidence was sent by the peer."""
    messages = (senders[frame] for frame in finding.frames if frame in senders)
    return any(peer.is_sender(message.hop.source.address, message.user_agent or "") for message in messages)


def _speaks_of(suppression: Suppression, finding: Finding) -> bool:
    return (
        fits_rule(suppression.rule, finding.rule, finding.name)
        and suppression.call in {None, finding.call_id}
        and (not suppression.frames or not set(suppression.frames).isdisjoint(finding.frames))
    )
