"""Metrics equal what a person works out from the traffic, by the definitions of RFC 6076."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path

import pytest

from sipscope.audit.metrics import METRICS, Figure, figures_of, final_statuses
from sipscope.audit.run import Limits, audit
from sipscope.audit.sources import sources_of
from sipscope.audit.store import Store
from sipscope.errors import UsageError
from sipscope.pipeline import Options
from tests.trace_script import capture_of

PARTIES = """
alice     192.0.2.10
bob       192.0.2.20
carol     192.0.2.30
registrar 192.0.2.5
"""

ANSWERED = """
0.0   alice -> bob  INVITE
      m=audio 4000 RTP/AVP 0
0.05  bob -> alice  100
0.4   bob -> alice  180
2.0   bob -> alice  200
      m=audio 5000 RTP/AVP 0
2.1   alice -> bob  ACK
12.0  alice -> bob  BYE
12.03 bob -> alice  200
80    end
"""

BUSY = """
0.0   alice -> bob  INVITE
0.3   bob -> alice  486
0.4   alice -> bob  ACK
80    end
"""

CHALLENGED = """
0.0   alice -> bob  INVITE
0.1   bob -> alice  407
      Proxy-Authenticate: Digest realm="x", nonce="n1"
0.11  alice -> bob  ACK
0.2   alice -> bob  INVITE
      Proxy-Authorization: Digest username="a",realm="x",nonce="n1",uri="sip:bob@192.0.2.20"
0.9   bob -> alice  180
1.2   bob -> alice  200
1.3   alice -> bob  ACK
5.2   bob -> alice  BYE
5.25  alice -> bob  200
80    end
"""

REDIRECTED = """
0.0   alice -> bob  INVITE
0.2   bob -> alice  302
      Contact: <sip:carol@198.51.100.7>
0.3   alice -> bob  ACK
80    end
"""

CANCELLED = """
0.0   alice -> bob  INVITE
0.5   bob -> alice  180
4.0   alice -> bob  CANCEL
4.01  bob -> alice  200 CANCEL
4.02  bob -> alice  487 INVITE
4.03  alice -> bob  ACK
80    end
"""

FAILED = """
0.0   alice -> bob  INVITE
0.7   bob -> alice  503
0.8   alice -> bob  ACK
80    end
"""

UNANSWERED = """
0.0   alice -> bob  INVITE
80    end
"""

LOST_BYE = """
0.0   alice -> bob  INVITE
0.2   bob -> alice  180
1.0   bob -> alice  200
1.1   alice -> bob  ACK
9.0   alice -> bob  BYE
80    end
"""

STILL_TALKING = """
0.0   alice -> bob  INVITE
0.2   bob -> alice  180
1.0   bob -> alice  200
1.1   alice -> bob  ACK
1.5   end
"""

STILL_RINGING = """
0.0   alice -> bob  INVITE
0.2   bob -> alice  180
1.5   end
"""

RE_INVITE = """
0.0   alice -> bob  INVITE
0.2   bob -> alice  180
1.0   bob -> alice  200
1.1   alice -> bob  ACK
2.0   alice -> bob  INVITE
2.1   bob -> alice  488
2.2   alice -> bob  ACK
3.0   bob -> alice  BYE
3.4   alice -> bob  200
80    end
"""

BEGINS_LATE = """
0.0   alice -> bob  INVITE unseen
0.2   bob -> alice  180
1.0   bob -> alice  200
1.1   alice -> bob  ACK
5.0   alice -> bob  BYE
5.1   bob -> alice  200
80    end
"""

REGISTERED = """
0.0   alice -> registrar  REGISTER
      Expires: 3600
0.1   registrar -> alice  401
      WWW-Authenticate: Digest realm="x", nonce="n1"
0.2   alice -> registrar  REGISTER
      Expires: 3600
      Authorization: Digest username="a",realm="x",nonce="n1",uri="sip:192.0.2.5",response="0"
0.45  registrar -> alice  200
80    end
"""

REGISTER_REFUSED = """
0.0   alice -> registrar  REGISTER
0.1   registrar -> alice  403
80    end
"""

REGISTER_UNANSWERED = """
0.0   alice -> registrar  REGISTER
80    end
"""


@pytest.fixture
def audited(tmp_path: Path, here: Executor) -> Iterator["Audited"]:
    """A function that audits scripts, each as a capture of its own."""
    stores: list[Store] = []

    def made(*scripts: str) -> Store:
        folder = tmp_path / f"captures-{len(stores)}"
        folder.mkdir()
        for number, script in enumerate(scripts):
            (folder / f"{number}.pcap").write_bytes(capture_of(PARTIES + script))
        store = Store(tmp_path / f"{len(stores)}.duckdb")
        stores.append(store)
        audit(sources_of([str(folder)]), store, Options(), Limits(jobs=1), executor=here)
        return store

    yield Audited(made)
    for store in stores:
        store.close()


class Audited:
    """Figures of scripts, by code."""

    def __init__(self, made: "object") -> None:
        self._made = made

    def __call__(self, *scripts: str, literal: bool = False) -> dict[str, Figure]:
        store = self._made(*scripts)  # type: ignore[operator]
        return {figure.metric.code: figure for figure in figures_of(store, literal=literal)}

    def store(self, *scripts: str) -> Store:
        return self._made(*scripts)  # type: ignore[operator,no-any-return]


def test_registration_request_delay_includes_the_challenge(audited: Audited) -> None:
    delay = audited(REGISTERED)["KPI-001"]
    assert (delay.count, delay.minimum, delay.maximum) == (1, 450.0, 450.0)


def test_ineffective_registrations_are_refused_and_unanswered_ones(audited: Audited) -> None:
    ratio = audited(REGISTERED, REGISTER_REFUSED, REGISTER_UNANSWERED)["KPI-002"]
    assert (ratio.hits, ratio.count) == (2, 3)
    assert ratio.percent == pytest.approx(66.667, abs=0.001)


def test_session_request_delay_ends_with_the_first_provisional_but_100(audited: Audited) -> None:
    delay = audited(ANSWERED)["KPI-003"]
    assert (delay.count, delay.median) == (1, 400.0)


def test_session_request_delay_includes_the_challenge(audited: Audited) -> None:
    assert audited(CHALLENGED)["KPI-003"].median == 900.0


def test_failed_sessions_have_a_request_delay_of_their_own(audited: Audited) -> None:
    figures = audited(ANSWERED, BUSY, FAILED)
    assert figures["KPI-003"].count == 1
    assert (figures["KPI-004"].count, figures["KPI-004"].minimum, figures["KPI-004"].maximum) == (2, 300.0, 700.0)


def test_session_disconnect_delay_leaves_out_unanswered_byes(audited: Audited) -> None:
    delay = audited(ANSWERED, RE_INVITE, LOST_BYE)["KPI-005"]
    assert (delay.count, delay.minimum, delay.maximum) == (2, 30.0, 400.0)
    assert delay.excluded == (("unanswered", 1),)


def test_session_duration_goes_from_the_answer_to_the_bye(audited: Audited) -> None:
    delay = audited(ANSWERED, CHALLENGED)["KPI-006"]
    assert (delay.count, delay.minimum, delay.maximum, delay.mean) == (2, 4.0, 10.0, 7.0)


def test_a_bye_that_nobody_answers_ends_the_session_32_seconds_later(audited: Audited) -> None:
    figures = audited(LOST_BYE)
    assert (figures["KPI-007"].count, figures["KPI-007"].median) == (1, 40.0)
    assert figures["KPI-006"].count == 0


SESSIONS = (ANSWERED, CHALLENGED, BUSY, CANCELLED, FAILED, UNANSWERED, REDIRECTED, STILL_RINGING)


@pytest.mark.parametrize(
    ("code", "hits", "count"),
    [
        ("KPI-008", 2, 6),  # answered, challenged, of those but the redirection and the one that still rings
        ("KPI-009", 3, 6),  # and the busy one
        ("KPI-010", 2, 7),  # 503 and unanswered, of all but the one that still rings
        ("KPI-011", 2, 7),
        ("abandoned", 1, 6),
        ("ASR", 2, 7),
        ("NER", 4, 7),  # answered twice, busy, cancelled
    ],
)
def test_shares_of_sessions(audited: Audited, code: str, hits: int, count: int) -> None:
    ratio = audited(*SESSIONS)[code]
    assert (ratio.hits, ratio.count) == (hits, count)
    assert ratio.excluded[0] == ("open at the end of the capture", 1)


def test_final_statuses_are_counted(audited: Audited) -> None:
    assert dict(final_statuses(audited.store(*SESSIONS))) == {
        "200": 2,
        "302": 1,
        "486": 1,
        "487": 1,
        "503": 1,
        "pending": 1,
        "unanswered": 1,
    }


def test_a_session_whose_end_is_not_seen_neither_completes_nor_fails(audited: Audited) -> None:
    ratio = audited(ANSWERED, STILL_TALKING)["KPI-011"]
    assert (ratio.hits, ratio.count, ratio.excluded) == (1, 1, (("end not in the capture", 1),))


def test_a_re_invite_is_no_new_session(audited: Audited) -> None:
    assert audited(RE_INVITE)["KPI-008"].count == 1


def test_a_call_whose_beginning_is_missing_is_no_session(audited: Audited) -> None:
    assert audited(BEGINS_LATE)["KPI-008"].count == 0
    assert audited(BEGINS_LATE)["KPI-008"].percent is None


def test_read_literally_a_challenged_invite_counts_twice(audited: Audited) -> None:
    assert audited(CHALLENGED, literal=True)["KPI-008"].percent == 50.0
    assert audited(CHALLENGED)["KPI-008"].percent == 100.0


def test_post_dial_delay_ends_with_ringing(audited: Audited) -> None:
    assert audited(ANSWERED)["PDD"].median == 400.0


def test_figures_by_source_are_those_of_each(audited: Audited) -> None:
    other = ANSWERED.replace("alice", "carol")
    store = audited.store(ANSWERED, BUSY, other)
    shares = {
        item.group: (item.hits, item.count) for item in figures_of(store, by="source") if item.metric.name == "SER"
    }
    assert shares == {"192.0.2.10": (1, 2), "192.0.2.30": (1, 1)}


def test_a_period_takes_what_began_in_it(audited: Audited) -> None:
    store = audited.store(ANSWERED)  # scripts begin on 2023-11-14 at 22:13:20
    within = figures_of(store, since="2023-11-14T22:13:00Z", until="2023-11-14T22:14:00Z")
    after = figures_of(store, since="2023-11-14T22:14:00Z")
    assert [item.count for item in within if item.metric.name == "SER"] == [1]
    assert [item.count for item in after if item.metric.name == "SER"] in ([], [0])


def test_a_time_that_is_none_is_wrong_usage(audited: Audited) -> None:
    with pytest.raises(UsageError, match="next Tuesday"):
        figures_of(audited.store(BUSY), since="next Tuesday")


def test_every_metric_of_rfc_6076_is_there() -> None:
    assert [metric.code for metric in METRICS if metric.code.startswith("KPI")] == [f"KPI-{n:03}" for n in range(1, 12)]
