"""Companions of the standard metrics equal what a person works out from the rows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sipscope.audit.metrics import Figure, figures_of
from sipscope.audit.store import Store

_DAY = "2026-01-31T10:"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A database with one capture, of half an hour."""
    with Store(tmp_path / "audit.duckdb") as store:
        _add(store, "captures", capture="a.pcap", first_packet_at=_at(0), last_packet_at=f"{_DAY}30:00")
        yield store


def _at(seconds: float) -> str:
    return f"{_DAY}{int(seconds) // 60:02}:{seconds % 60:06.3f}"


def _add(store: Store, table: str, **values: object) -> None:
    values.setdefault("capture", "a.pcap")
    marks = ", ".join("?" * len(values))
    store.query(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", list(values.values()))


def _figure(store: Store, name: str, *, by: str | None = None) -> dict[str, Figure]:
    return {item.group: item for item in figures_of(store, by=by) if item.metric.name == name}


def _call(store: Store, number: int, start: float, end: float | None, **values: object) -> None:
    ended = None if end is None else _at(end)
    _add(store, "calls", call=number, started_at=_at(start), ended_at=ended, **values)


def _session(store: Store, number: int, **values: object) -> None:
    usual: dict[str, object] = {
        "attempt": f"a{number}",
        "method": "INVITE",
        "call": number,
        "is_origin": True,
        "is_partial": False,
        "in_dialog": False,
        "requests": 1,
        "started_at": _at(0),
        "source": "192.0.2.1",
        "destination": "192.0.2.2",
        "outcome": "succeeded",
        "final_status": 200,
    }
    _add(store, "attempts", **(usual | values))


def test_concurrent_calls_peak_where_three_overlap(store: Store) -> None:
    for number, (start, end) in enumerate([(0, 60), (10, 30), (20, 40), (50, 70)]):
        _call(store, number, start, end)
    peak = _figure(store, "concurrent calls")[""]
    assert (peak.maximum, peak.count) == (3, 4)
    assert store.query("SELECT make_timestamp_ns(?)::VARCHAR", [peak.at]) == [("2026-01-31 10:00:20",)]


def test_a_call_that_ends_makes_room_for_the_one_that_begins_then(store: Store) -> None:
    _call(store, 1, 0, 10)
    _call(store, 2, 10, 20)
    assert _figure(store, "concurrent calls")[""].maximum == 1


def test_a_call_without_an_end_lasts_until_the_end_of_its_capture(store: Store) -> None:
    _call(store, 1, 0, None)
    _call(store, 2, 1000, 1010)
    assert _figure(store, "concurrent calls")[""].maximum == 2


def test_calls_per_second_are_those_of_the_busiest_second(store: Store) -> None:
    for number, start in enumerate([1.1, 1.9, 2.0, 5.2, 5.3, 5.4]):
        _call(store, number, start, 60)
    assert _figure(store, "calls per second")[""].maximum == 3


def test_peaks_by_trunk_are_those_of_each(store: Store) -> None:
    _call(store, 1, 0, 60, source="192.0.2.1", destination="192.0.2.2")
    _call(store, 2, 0, 60, source="192.0.2.1", destination="192.0.2.2")
    _call(store, 3, 0, 60, source="192.0.2.9", destination="192.0.2.2")
    peaks = {group: item.maximum for group, item in _figure(store, "concurrent calls", by="trunk").items()}
    assert peaks == {"192.0.2.1 → 192.0.2.2": 2, "192.0.2.9 → 192.0.2.2": 1}


def test_no_calls_have_no_peak(store: Store) -> None:
    assert _figure(store, "concurrent calls")[""].maximum is None


def test_time_to_100_is_that_of_sessions_that_got_one(store: Store) -> None:
    _session(store, 1, trying_at=_at(0.05))
    _session(store, 2)
    delay = _figure(store, "time to 100")[""]
    assert (delay.count, delay.median, delay.excluded) == (1, 50.0, (("without a 100", 1),))


def test_ring_time_goes_to_the_answer_or_the_end(store: Store) -> None:
    for number, ringing in ((1, 4000.0), (2, 30_000.0), (3, None)):
        _session(store, number, ringing_ms=ringing)
    delay = _figure(store, "ring time")[""]
    assert (delay.count, delay.mean, delay.excluded) == (2, 17.0, (("did not ring", 1),))


def test_short_calls_are_those_of_less_than_ten_seconds(store: Store) -> None:
    for number, duration in ((1, 9.9), (2, 10.0), (3, 300.0)):
        _session(store, number, final_at=_at(1), released_at=_at(1 + duration), release_outcome="succeeded")
    share = _figure(store, "short calls")[""]
    assert (share.hits, share.count) == (1, 3)


@pytest.mark.parametrize(
    ("outcome", "status", "is_up"),
    [
        ("succeeded", 200, 1),
        ("failed", 404, 1),  # it answers, whatever it answers
        ("failed", 501, 1),
        ("failed", 503, 0),
        ("failed", 408, 0),
        ("unanswered", None, 0),
    ],
)
def test_a_trunk_is_available_when_its_options_are_answered(
    store: Store, outcome: str, status: int | None, is_up: int
) -> None:
    _session(store, 1, method="OPTIONS", outcome=outcome, final_status=status)
    share = _figure(store, "OPTIONS availability", by="trunk")["192.0.2.1 → 192.0.2.2"]
    assert (share.hits, share.count) == (is_up, 1)


def test_retransmissions_are_a_share_of_all_messages_of_a_hop(store: Store) -> None:
    _add(store, "hops", source="192.0.2.1", destination="192.0.2.2", requests=90, responses=10, retransmissions=5)
    _add(store, "hops", source="192.0.2.2", destination="192.0.2.1", requests=10, responses=90, retransmissions=0)
    shares = {group: (item.hits, item.count) for group, item in _figure(store, "retransmissions", by="source").items()}
    assert shares == {"192.0.2.1": (5, 100), "192.0.2.2": (0, 100)}


def test_read_literally_retransmissions_stay_messages(store: Store) -> None:
    _add(store, "hops", source="192.0.2.1", destination="192.0.2.2", requests=90, responses=10, retransmissions=5)
    (share,) = [item for item in figures_of(store, literal=True) if item.metric.name == "retransmissions"]
    assert (share.hits, share.count) == (5, 100)


def test_levels_of_streams_have_percentiles_at_both_ends(store: Store) -> None:
    for number in range(101):
        _add(store, "streams", stream=f"s{number}", mos=1 + number / 100, loss_percent=float(number))
    level = _figure(store, "MOS")[""]
    assert (level.percentile_5, level.median, level.percentile_95) == pytest.approx((1.05, 1.5, 1.95))
    assert _figure(store, "loss")[""].percentile_95 == pytest.approx(95.0)


def test_streams_are_told_by_the_hosts_of_their_call(store: Store) -> None:
    _call(store, 1, 0, 60, source="192.0.2.1", destination="192.0.2.2")
    _add(store, "streams", stream="s1", call=1, mos=4.0, source="203.0.113.9:4000")
    _add(store, "streams", stream="s2", mos=2.0)
    assert {group: item.mean for group, item in _figure(store, "MOS", by="source").items()} == {
        "192.0.2.1": 4.0,
        "(no call)": 2.0,
    }


def _registered(store: Store, *rows: tuple[float, str, int | None]) -> None:
    for number, (at, outcome, expires_s) in enumerate(rows):
        _add(
            store,
            "registrations",
            registration=f"r{number}",
            aor="sip:a@example.com",
            occurred_at=_at(at),
            outcome=outcome,
            expires_s=expires_s,
        )


@pytest.mark.parametrize(
    ("rows", "gaps"),
    [
        ([(0, "registered", 60), (50, "registered", 60), (100, "registered", 60)], []),
        ([(0, "registered", 60), (90, "registered", 60)], [30.0]),
        ([(0, "registered", 60), (60.5, "registered", 60)], []),  # less than a second may be the way of a message
        ([(0, "registered", 300), (10, "registered", 60), (200, "registered", 60)], []),  # another contact holds
        ([(0, "registered", 60), (30, "removed", 0), (600, "registered", 60)], []),
        ([(0, "registered", None), (600, "registered", 60)], []),
        ([(0, "registered", 60), (70, "rejected", None), (90, "registered", 60)], [30.0]),
    ],
    ids=["renewed", "late", "in-time", "two-contacts", "removed", "expiry-unknown", "rejected-meanwhile"],
)
def test_a_registration_gap_is_what_nothing_covered(
    store: Store, rows: list[tuple[float, str, int | None]], gaps: list[float]
) -> None:
    _registered(store, *rows)
    figure = _figure(store, "registration gap", by="aor").get("sip:a@example.com")
    found = [] if figure is None or figure.mean is None else [figure.mean]
    assert found == gaps


def test_time_between_captures_is_no_registration_gap(store: Store) -> None:
    _registered(store, (0, "registered", 60))
    _add(store, "captures", capture="b.pcap", first_packet_at=_at(600), last_packet_at=_at(700))
    values = {"registration": "r1", "aor": "sip:a@example.com", "outcome": "registered", "expires_s": 60}
    _add(store, "registrations", capture="b.pcap", occurred_at=_at(600), **values)
    assert _figure(store, "registration gap")[""].count == 0
