"""The report: names are a promise, nothing secret gets out, absence is None."""

import json

import pytest

from sipscope.model.finding import Evidence, SubjectKind
from sipscope.model.trace import Trace
from sipscope.views.report import report_of
from tests.views.builders import ALICE, BOB, Script, description, proxied_call

NAMES = {
    "capture": "path format engine link_types packets first_packet_at last_packet_at sip_messages sip_duplicates "
    "rtp_packets rtcp_packets set_aside gaps encrypted_flows",
    "hosts": "host name carries_signalling products roles",
    "messages": "id frames at source destination transport kind method status call_id cseq",
    "transactions": "id method branch sent_by source destination state request_frames response_frames final_status "
    "copies",
    "dialogs": "id call_id caller_tag callee_tag state created_by ended_by release usages call",
    "exchanges": "id dialog pattern outcome offer_frames answer_frames media",
    "calls": "id call_ids caller callee started_at answered_at ended_at outcome final_status released_by setup_ms "
    "ringing_ms talking_ms dialogs legs streams transfers services correlations diagnosis",
    "streams": "id ssrc source destination payload_types codec clock_rate_hz media_kind call dialog media_index "
    "first_packet_at last_packet_at packets expected lost loss_percent duplicates reordered jitter_ms_mean "
    "jitter_ms_max delta_ms_max bursts gaps ptime_ms dscp r_factor mos digits rtcp",
    "findings": "id rule name severity confidence text at frames subject call standards next_steps caused_by guards",
    "totals": "calls dialogs transactions streams findings",
}


@pytest.fixture(scope="module")
def trace() -> Trace:
    return proxied_call().trace("Media from bob is lost.")


@pytest.fixture(scope="module")
def report(trace: Trace) -> dict:
    return report_of(trace, version="1.2.3", messages=True)


@pytest.mark.parametrize("part", NAMES)
def test_every_promised_name_is_there(report, part):
    entry = report[part] if isinstance(report[part], dict) else report[part][0]
    assert set(NAMES[part].split()) <= set(entry)


def test_the_parts_are_in_their_order(report):
    assert list(report) == [
        "schema",
        "sipscope",
        "capture",
        "messages",
        "hosts",
        "transactions",
        "dialogs",
        "exchanges",
        "subscriptions",
        "registrations",
        "publications",
        "conversations",
        "probes",
        "transfers",
        "conferences",
        "calls",
        "streams",
        "findings",
        "expectations",
        "totals",
    ]


def test_messages_are_listed_only_on_request(trace):
    assert "messages" not in report_of(trace, version="1")


def test_the_program_names_its_version(report):
    assert (report["schema"], report["sipscope"]) == (1, "1.2.3")


def test_times_have_nanoseconds_in_utc(report):
    assert report["calls"][0]["answered_at"] == "2026-05-01T10:00:05.200000000Z"


def test_what_was_not_seen_is_none(report):
    assert report["messages"][0]["status"] is None
    assert report["messages"][0]["to_tag"] is None
    assert report["streams"][0]["dscp"] is None
    assert report["streams"][0]["rtcp"] is None


def test_one_offer_over_two_hops_is_one_exchange(report):
    first = report["exchanges"][0]
    assert (first["offer_frames"], first["answer_frames"]) == ([1, 3], [8, 9])
    assert len(report["exchanges"]) == 2


def test_an_exchange_lists_its_media(report):
    assert report["exchanges"][1]["media"] == [
        {
            "index": 0,
            "kind": "audio",
            "port_offer": 4000,
            "port_answer": 6000,
            "codecs": ["PCMA/8000"],
            "direction": "recvonly",
        }
    ]


def test_a_finding_names_the_exchange_that_the_report_lists():
    script = proxied_call()
    folded = [exchange for exchange in script.trace().exchanges if exchange.offer_frames == (3,)]
    script.finding("OA-001", "x", kind=SubjectKind.EXCHANGE, subject=folded[0].id)
    report = report_of(script.trace(), version="1")
    subject = next(item["subject"] for item in report["findings"] if item["rule"] == "OA-001")
    assert subject["id"] in {exchange["id"] for exchange in report["exchanges"]}


def test_retransmissions_count_as_copies(report):
    assert [item["copies"] for item in report["transactions"] if item["request_frames"] == [3, 4, 5]] == [2]


def test_a_call_lists_its_hops(report):
    hops = [leg["hop"] for leg in report["calls"][0]["legs"]]
    assert "192.0.2.10:5060 → 192.0.2.1:5060" in hops


def test_a_refused_call_lists_its_hop_without_a_dialog():
    script = Script({"alice": ALICE, "bob": BOB})
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.response(1, "bob", "alice", 404, "Not Found", branch="a", to_tag=None)
    legs = report_of(script.trace(), version="1")["calls"][0]["legs"]
    assert legs == [{"hop": "192.0.2.10:5060 → 192.0.2.20:5060", "dialog": None, "frames": [1, 2]}]


def test_no_key_gets_into_the_report():
    from dataclasses import replace

    from sipscope.model.defects import Span
    from sipscope.model.description import DescriptionLine

    script = Script({"alice": ALICE, "bob": BOB})
    line = "crypto:1 AES_CM_128_HMAC_SHA1_80 inline:SECRET|2^20|1:4;inline:SECRET2|2^20"
    sdp = replace(description("192.0.2.10", 4000, "PCMA"), lines=(DescriptionLine(1, "a", line, Span(0, 1)),))
    script.request(0, "alice", "bob", "INVITE", branch="a", sdp=sdp)
    script.finding("OA-001", f"The line a={line} is odd.")
    script.findings[0] = replace(script.findings[0], evidence=(Evidence(frame=1, note=f"a={line}"),))
    document = json.dumps(report_of(script.trace(), version="1", messages=True))
    assert "SECRET" not in document
    assert "inline:(masked)|2^20|1:4;inline:(masked)|2^20" in document


def test_totals_count_findings_by_severity(report):
    assert report["totals"]["findings"] == {"error": 2, "warning": 1, "info": 1, "suppressed": 0}


def test_the_report_holds_only_plain_values(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_same_trace_same_report(trace):
    assert json.dumps(report_of(trace, version="1")) == json.dumps(report_of(trace, version="1"))


def test_an_empty_capture_has_every_part():
    report = report_of(Script({}).trace(), version="1")
    assert report["calls"] == []
    assert report["capture"]["first_packet_at"] is None
