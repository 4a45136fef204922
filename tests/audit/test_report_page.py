"""The page of an audit, counted by hand: rows are put into the database as they are."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sipscope.audit.report_baseline import baseline_of
from sipscope.audit.report_findings import rules_told, unmet_told
from sipscope.audit.report_page import page_of
from sipscope.audit.report_shares import agents_of, mos_bands, pairs_of, trunks_of
from sipscope.audit.report_slots import slots_of
from sipscope.audit.store import NAME, Store
from sipscope.model.defects import Severity
from sipscope.views.audit_page import Pair, Share, Slot

Insert = Callable[..., None]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / NAME) as opened:
        yield opened


@pytest.fixture
def insert(store: Store) -> Insert:
    def put(table: str, **values: object) -> None:
        names = ", ".join(values)
        store.query(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(values))})", list(values.values()))

    return put


@pytest.fixture
def call(insert: Insert) -> Insert:
    """Put a call in, with findings as `rule severity confidence`."""

    def put(number: int, *findings: str, outcome: str = "answered", at: str = "2026-01-31 10:00:00", **values: object):
        insert("calls", capture="a.pcap", call=number, outcome=outcome, started_at=at, **values)
        for place, words in enumerate(findings):
            rule, severity, confidence = words.split()
            insert(
                "findings",
                capture="a.pcap",
                finding=f"f{number}{place}",
                call=number,
                rule=rule,
                name="a-name",
                severity=severity,
                confidence=confidence,
                text="Something.",
            )

    return put


def test_an_empty_database_has_an_empty_page(store: Store):
    page = page_of(store)
    assert page.counts.calls == 0
    assert (page.slots, page.rules, page.pairs, page.mos) == ((), (), (), ())


@pytest.mark.parametrize(
    ("findings", "faulty"),
    [
        ((), 0),
        (("OA-003 error certain",), 1),
        (("OA-003 error likely", "OA-004 error certain"), 1),
        (("OA-003 error possible",), 0),
        (("OA-003 warning certain",), 0),
    ],
    ids=["quiet", "error", "two-errors", "only-possible", "warning"],
)
def test_a_call_is_faulty_by_an_error_that_is_more_than_possible(store: Store, call: Insert, findings, faulty: int):
    call(1, *findings)
    assert page_of(store).counts.faulty == faulty


def test_days_without_a_call_are_shown(store: Store, call: Insert):
    call(1, at="2026-01-30 10:00:00")
    call(2, outcome="rejected", at="2026-02-02 23:59:59.999999")
    call(3, "OA-003 error certain", at="2026-02-02 00:00:00")
    assert slots_of(store) == (
        Slot(label="2026-01-30", answered=1),
        Slot(label="2026-01-31"),
        Slot(label="2026-02-01"),
        Slot(label="2026-02-02", unanswered=1, faulty=1),
    )


@pytest.mark.parametrize(
    ("last", "labels", "count"),
    [
        ("2026-01-01 10:30:00", "2026-01-01 10:00", 1),
        ("2026-01-02 23:00:00", "2026-01-01 10:00", 38),
        ("2026-01-05 00:00:00", "2026-01-01", 5),
        ("2026-04-03 00:00:00", "2026-01-01", 93),
        ("2026-04-04 00:00:00", "2026-01", 4),
        ("2033-09-30 00:00:00", "2026-01", 93),
        ("2033-10-01 00:00:00", "2026", 8),
    ],
)
def test_slots_grow_with_the_time_that_they_cover(store: Store, call: Insert, last: str, labels: str, count: int):
    call(1, at="2026-01-01 10:00:00")
    call(2, at=last)
    slots = slots_of(store)
    assert (slots[0].label, len(slots)) == (labels, count)
    assert sum(slot.calls for slot in slots) == 2


def test_trunks_with_faulty_calls_come_worst_first(store: Store, call: Insert):
    good = {"source": "192.0.2.1", "destination": "192.0.2.9"}
    bad = {"source": "192.0.2.2", "destination": "192.0.2.9"}
    call(1, **good)
    call(2, "OA-003 error certain", **good, mos_min=4.0)
    call(3, "OA-003 error certain", "TXN-004 error certain", **bad)
    call(4, "TXN-004 error certain", outcome="rejected", **bad)
    call(5, source="192.0.2.3", destination="192.0.2.9")
    assert trunks_of(store) == (
        Share(name="192.0.2.2 → 192.0.2.9", calls=2, answered=1, faulty=2, rule="TXN-004"),
        Share(name="192.0.2.1 → 192.0.2.9", calls=2, answered=2, faulty=1, rule="OA-003", mos=4.0),
    )


def test_versions_in_brackets_make_no_other_product(store: Store, call: Insert):
    call(1, "OA-003 error certain", caller_agent="baresip v1.0.0 (x86_64/linux)", callee_agent="baresip v1.0.0 (arm)")
    assert agents_of(store) == (Share(name="baresip v1.0.0", calls=1, answered=1, faulty=1, rule="OA-003"),)


def test_pairs_have_a_direction_and_keep_those_without_a_fault(store: Store, call: Insert):
    call(1, "OA-003 error certain", caller_agent="A/1", callee_agent="B/2")
    call(2, caller_agent="A/1", callee_agent="B/2")
    call(3, caller_agent="B/2")
    assert pairs_of(store) == (
        Pair(caller="A/1", callee="B/2", calls=2, faulty=1, rule="OA-003"),
        Pair(caller="B/2", callee="", calls=1, faulty=0),
    )


@pytest.mark.parametrize(
    ("mos", "label"),
    [
        (1.0, "below 2.58"),
        (2.58, "2.58 – 3.10"),
        (3.59, "3.10 – 3.60"),
        (3.60, "3.60 – 4.03"),
        (4.33, "4.03 – 4.34"),
        (4.34, "4.34 and above"),
        (4.9, "4.34 and above"),
    ],
)
def test_a_stream_is_in_one_band(store: Store, insert: Insert, mos: float, label: str):
    insert("streams", capture="a.pcap", stream="s1", mos=mos)
    insert("streams", capture="a.pcap", stream="s2", mos=None)
    assert [band.label for band in mos_bands(store) for _ in range(band.streams)] == [label]


def test_rules_come_by_errors_then_warnings(store: Store, call: Insert):
    call(1, "OA-004 warning certain", "OA-004 warning certain", "OA-003 error certain", "OA-003 warning certain")
    call(2, "OA-005 info certain")
    told = [(use.rule.code, use.severity, use.errors, use.warnings, use.remarks) for use in page_of(store).rules]
    assert told == [
        ("OA-003", Severity.ERROR, 1, 1, 0),
        ("OA-004", Severity.WARNING, 0, 2, 0),
        ("OA-005", Severity.INFO, 0, 0, 1),
    ]


def test_examples_are_few_and_the_worst_come_first(store: Store, call: Insert):
    call(1, *["OA-003 warning certain"] * 20)
    call(2, "OA-003 error certain")
    (use,) = page_of(store).rules
    assert use.times == 21
    assert len(use.examples) == 8
    assert (use.examples[0].severity, use.examples[0].command) == (Severity.ERROR, "sipscope show a.pcap --call 2")


def test_captures_that_were_not_read_are_counted_and_named(store: Store, insert: Insert):
    insert("captures", capture="a.pcap", status="read", errors=0)
    insert("captures", capture="b.pcap", status="timed-out", error="took longer than 1 s")
    page = page_of(store)
    assert (page.counts.captures, page.counts.unread) == (2, 1)
    assert [(item.name, item.status, item.error) for item in page.unread] == [
        ("b.pcap", "timed-out", "took longer than 1 s")
    ]


def test_what_is_left_out_is_counted(store: Store, insert: Insert):
    for number in range(30):
        insert("captures", capture=f"{number:02}.pcap", status="read", errors=1, warnings=0, calls=0)
    page = page_of(store)
    assert (len(page.captures), page.more("captures"), page.more("trunks")) == (25, 5, 0)


def test_what_the_policy_suppresses_is_counted_apart(store: Store, call: Insert, insert: Insert):
    call(1, "OA-003 error certain")
    store.query("UPDATE findings SET suppressed = 'known'")
    insert("captures", capture="a.pcap", status="read", errors=0, suppressed=1)
    page = page_of(store)
    assert (page.counts.faulty, page.counts.errors, page.counts.suppressed) == (0, 0, 1)
    assert (page.rules, page.trunks) == ((), ())


def test_expectations_that_do_not_hold_are_told_once_with_a_capture(store: Store, insert: Insert):
    for capture, holds in (("c.pcap", False), ("b.pcap", False), ("a.pcap", True)):
        failures = [] if holds else [f"no call in {capture}"]
        insert("expectations", capture=capture, expectation=1, name="calls", holds=holds, failures=failures)
    (unmet,) = page_of(store).unmet
    assert (unmet.name, unmet.captures, unmet.capture, unmet.failure) == ("calls", 2, "b.pcap", "no call in b.pcap")


def test_an_expectation_that_does_not_hold_is_told_as_a_finding_where_only_findings_are_known(
    store: Store, insert: Insert
):
    insert("expectations", capture="a.pcap", expectation=1, name="calls", holds=False, failures=["no call"])
    insert("expectations", capture="b.pcap", expectation=1, name="calls", holds=True, failures=[])
    (finding,) = unmet_told(store)
    assert (finding.capture, finding.text, finding.is_failure) == ("a.pcap", "calls: no call", True)
    assert [rule.code for rule in rules_told(store)] == [finding.rule]


def test_rules_are_those_that_spoke_where_every_expectation_holds(store: Store, call: Insert, insert: Insert):
    call(1, "OA-003 error certain")
    insert("expectations", capture="a.pcap", expectation=1, name="calls", holds=True, failures=[])
    assert [rule.code for rule in rules_told(store)] == ["OA-003"]


def test_an_expectation_that_did_not_hold_before_is_not_new(store: Store, insert: Insert):
    insert("expectations", capture="a.pcap", expectation=1, name="calls", holds=False, failures=["no call"])
    (change,) = page_of(store, baseline_of(unmet_told(store))).changes or ()
    assert (change.new, change.kept, change.gone) == (0, 1, 0)
