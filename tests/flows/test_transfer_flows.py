"""Transfers are told as their documents tell them: kind, outcome, what was reported and what really happened."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sipscope.model.trace import Trace
from sipscope.pipeline import analyze
from tests.flows import rfc5359, transfers
from tests.flows.story import accusations_of
from tests.trace_script import capture_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A flow of a document.

    Attributes:
        script: A trace script.
        told: `kind outcome reported/observed` of each transfer; a dash for what nobody said or saw.
        service: The service of the call that was transferred.
        findings: Codes of the warnings and errors that it must give; no others may be.
    """

    script: str
    told: tuple[str, ...]
    service: str
    findings: tuple[str, ...] = ()


def case(script: str, *told: str, service: str = "blind-transfer", findings: str = "") -> Case:
    return Case(script=script, told=told, service=service, findings=tuple(findings.split()))


def of_rfc5359(section: str) -> str:
    return next(flow.script for flow in rfc5359.FLOWS if flow.source == f"RFC 5359 §{section}")


ATTENDED = "attended-transfer"
CASES = {
    "RFC 5359 §2.4 unattended": case(of_rfc5359("2.4"), "blind succeeded 200/200"),
    "RFC 5359 §2.5 attended": case(of_rfc5359("2.5"), "attended succeeded 200/200", service=ATTENDED),
    "RFC 5589 §6.1 F33 basic": case(transfers.BASIC, "blind succeeded 200/200"),
    "RFC 5589 §6.2 dialog used again": case(transfers.REUSED, "blind succeeded 200/200"),
    "RFC 5589 §6.3.1 F35 target busy": case(transfers.BUSY, "blind failed 486/486"),
    "F35 target declines": case(transfers.DECLINED, "blind failed 603/603"),
    "F35 REFER refused": case(transfers.REFUSED, "blind refused -/-", findings="XFER-002"),
    "RFC 5589 §6.3.2 target does not answer": case(transfers.NO_ANSWER, "blind failed 487/487"),
    "RFC 5589 §7.1 exposing the target": case(transfers.EXPOSING, "blind succeeded 200/200"),
    "RFC 5589 §7.2 protecting the target": case(transfers.PROTECTING, "attended succeeded 200/200", service=ATTENDED),
    "RFC 5589 §7.3 F34 attended": case(transfers.ATTENDED, "attended succeeded 200/200", service=ATTENDED),
    "RFC 5589 §7.4 one party without REFER": case(
        transfers.WITHOUT_REFER_AT_ONE,
        "attended refused -/-",
        "attended succeeded 200/200",
        service=ATTENDED,
        findings="XFER-002",
    ),
    "RFC 5589 §7.5 by address of record": case(
        transfers.BY_ADDRESS_OF_RECORD, "attended succeeded 200/200", service=ATTENDED
    ),
    "RFC 5589 §7.5 again by Contact": case(
        transfers.AGAIN_BY_CONTACT, "attended failed 403/403", "attended succeeded 200/200", service=ATTENDED
    ),
    "RFC 5589 §7.6 semi-attended": case(transfers.SEMI_ATTENDED, "attended succeeded 200/200", service=ATTENDED),
    "RFC 5589 §7.6 given up waiting": case(
        transfers.GIVEN_UP_WAITING, "semi-attended succeeded 200/200", service="semi-attended-transfer"
    ),
    "RFC 5589 §7.7 fallback to basic": case(transfers.FALLEN_BACK, "blind succeeded 200/200"),
    "RFC 5589 §7.7 fallback after OPTIONS": case(transfers.FALLEN_BACK_BY_OPTIONS, "blind succeeded 200/200"),
    "RFC 5589 §9 by an ad hoc conference": case(
        transfers.BY_A_CONFERENCE, "attended succeeded 200/200", service=ATTENDED
    ),
    "RFC 5589 §10 several parties": case(
        transfers.SEVERAL_PARTIES, "blind succeeded 200/200", "blind succeeded 200/200"
    ),
    "F36 success told of a busy target": case(transfers.TOLD_WRONGLY, "blind failed 200/486", findings="XFER-009"),
    "F36 never notified": case(transfers.NEVER_NOTIFIED, "blind succeeded -/200", findings="XFER-004"),
    "F36 result never told": case(transfers.NEVER_TERMINATED, "blind succeeded -/200", findings="XFER-005"),
}

EVERY_CASE = pytest.mark.parametrize("expected", CASES.values(), ids=CASES.keys())


def trace_of(script: str, folder: Path) -> Trace:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(script))
    return analyze(str(path))


def told(trace: Trace) -> tuple[str, ...]:
    return tuple(
        f"{item.kind.value} {item.outcome.value} {item.reported_status or '-'}/{item.observed_status or '-'}"
        for item in trace.transfers
    )


@EVERY_CASE
def test_transfer_is_told_with_its_result(expected: Case, tmp_path: Path) -> None:
    assert told(trace_of(expected.script, tmp_path)) == expected.told


@EVERY_CASE
def test_transfer_is_a_service_of_the_call_that_is_transferred(expected: Case, tmp_path: Path) -> None:
    trace = trace_of(expected.script, tmp_path)
    (call_id,) = {trace.index.call_of_dialog[item.dialog_id or ""] for item in trace.transfers[-1:]}
    assert expected.service in {service.name for service in trace.index.calls[call_id].services}


@EVERY_CASE
def test_transfer_accuses_nobody_but_those_it_shows(expected: Case, tmp_path: Path) -> None:
    assert accusations_of(trace_of(expected.script, tmp_path)) == expected.findings


RECOVERED = {
    "busy": transfers.BUSY,
    "declined": transfers.DECLINED,
    "refused": transfers.REFUSED,
    "no answer": transfers.NO_ANSWER,
}


@pytest.mark.parametrize("script", RECOVERED.values(), ids=RECOVERED.keys())
def test_call_taken_back_from_hold_recovers_the_transfer(script: str, tmp_path: Path) -> None:
    (transfer,) = trace_of(script, tmp_path).transfers
    assert transfer.state.name == "RECOVERED"


def test_refer_beside_the_call_is_about_the_one_that_target_dialog_names(tmp_path: Path) -> None:
    trace = trace_of(transfers.BASIC, tmp_path)
    (transfer,) = trace.transfers
    side = transfer.transferor_side
    assert (trace.index.dialogs[transfer.dialog_id or ""].key.call_id, side and side.value) == (
        "1@192.0.2.10",
        "callee",
    )


def test_transfer_that_names_its_call_releases_both_old_dialogs(tmp_path: Path) -> None:
    trace = trace_of(transfers.ATTENDED, tmp_path)
    (transfer,) = trace.transfers
    old = [trace.index.dialogs[name or ""] for name in (transfer.dialog_id, transfer.consultation_dialog_id)]
    assert [(item.released_by and item.released_by.value, item.ended_at is not None) for item in old] == [
        ("callee", True),
        ("callee", True),
    ]


def test_second_refer_to_the_other_party_is_an_act_of_recovery(tmp_path: Path) -> None:
    refused, _ = trace_of(transfers.WITHOUT_REFER_AT_ONE, tmp_path).transfers
    assert [item.code for item in refused.anomalies] == ["XFER-002"]
