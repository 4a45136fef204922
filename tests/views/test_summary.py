"""The page of a capture."""

import pytest

from sipscope.model.packets import Gap, GapKind
from sipscope.model.trace import Trace
from sipscope.views.summary import Summary, summary_of
from sipscope.views.tables import Table
from sipscope.views.tone import Tone
from tests.views.builders import Script, proxied_call, renumbered


@pytest.fixture(scope="module")
def trace() -> Trace:
    return proxied_call().trace("Media from bob is lost.")


def table(summary: Summary, title: str) -> Table:
    return next(item for item in summary.tables if item.title == title)


def texts(found: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in found.rows]


def test_the_headline_counts_calls_and_findings(trace):
    assert summary_of(trace).headline == "1 call, 2 errors, 1 warning, 1 remark"


def test_every_row_has_a_cell_for_each_column(trace):
    for found in summary_of(trace).tables:
        assert {len(row) for row in found.rows} == {len(found.columns)}


def test_a_call_says_when_who_and_how_it_ended(trace):
    row = texts(table(summary_of(trace), "Calls"))[0]
    assert row[:9] == ["1", "10:00:00.000", "alice", "bob", "answered", "1600", "3.6", "60.3", "caller: BYE"]


def test_equal_findings_are_one_entry_with_a_count():
    script = proxied_call()
    script.finding("TXN-001", "The INVITE was sent 3 times before anybody answered it.", frames=(77,), call_id=2)
    entry = next(item for item in summary_of(script.trace()).findings if item.rule == "TXN-001")
    assert (entry.times, entry.calls) == (2, "1, 2")
    assert entry.more_frames == "77"


def test_errors_come_first(trace):
    assert [item.severity for item in summary_of(trace).findings] == ["error", "error", "warning", "info"]


def test_an_entry_names_clauses_and_what_to_try(trace):
    entry = summary_of(trace).findings[0]
    assert entry.standards == "RFC 3264 §8"
    assert entry.confidence == "certain"


def test_many_frames_of_other_times_are_cut():
    script = proxied_call()
    script.finding("RTP-009", "many", frames=(1,))
    script.finding("RTP-009", "many", frames=range(1, 20))
    entry = next(item for item in summary_of(script.trace()).findings if item.rule == "RTP-009")
    assert entry.more_frames == "1, 2, 3, 4, 5, 6 …"


def test_heavy_loss_is_marked(trace):
    media = summary_of(trace).media
    assert media is not None
    lost = [row[7] for row in media.rows]
    assert [(cell.text, cell.tone) for cell in lost] == [("0.0", Tone.PLAIN), ("4.8", Tone.ERROR)]


def test_the_story_of_a_call_is_told(trace):
    assert texts(table(summary_of(trace), "What happened"))[0][1] == "Media from bob is lost."


def test_a_gap_of_the_capture_is_shown(trace):
    gap = Gap(kind=GapKind.SNAP_LENGTH, text="3 frames are cut.")
    assert ["gap", "3 frames are cut."] in texts(table(summary_of(renumbered(trace, gaps=(gap,))), "Capture"))


def test_what_was_set_aside_is_counted(trace):
    assert ["set aside", "not SIP: 2"] in texts(table(summary_of(trace), "Capture"))


def test_an_empty_capture_has_only_facts():
    assert [found.title for found in summary_of(Script({}).trace()).tables] == ["Capture"]
