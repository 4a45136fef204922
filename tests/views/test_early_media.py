"""What the caller heard before the answer, as people and programs get to see it."""

from collections.abc import Callable
from pathlib import Path

import pytest

import sipscope
from sipscope.model.call import Call
from sipscope.views.early_media import early_media_report, heard_table, heard_words
from sipscope.views.ladder import Note, ladder_of
from tests.trace_script import capture_of

INVITE = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
SDP = "      m=audio 5000 RTP/AVP 0\n"
ANSWER = f"9.0 bob -> alice 200 INVITE\n{SDP}9.05 alice -> bob ACK\n9.05-12 bob => alice PCMU\n"
RINGING = INVITE + "1 bob -> alice 180\n" + ANSWER
PROMISED = INVITE + f"1 bob -> alice 180\n{SDP}3.0-6.0 bob => alice PCMU\n" + ANSWER
FORKED = (
    INVITE
    + f"1 bob -> alice 183 tag=one\n{SDP}1.0-4.0 bob => alice PCMU from=192.0.2.20:5000 ssrc=1\n"
    + "2 bob -> alice 180 tag=two\n"
    + ANSWER.replace("200 INVITE", "200 INVITE tag=two").replace("5000", "6000").replace("PCMU", "PCMU ssrc=2")
)

CallOf = Callable[[str], Call]


@pytest.fixture
def call_of(tmp_path: Path) -> CallOf:
    """The only call of a trace script."""

    def run(script: str) -> Call:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        (call,) = sipscope.analyze(str(path)).calls
        return call

    return run


def rows(call: Call) -> list[tuple[str, ...]]:
    return [tuple(cell.text for cell in row) for row in heard_table(call, {}).rows]


def test_sentence_tells_every_sound_with_its_length(call_of: CallOf) -> None:
    words = (
        "Heard by the caller before the answer: local ring-back for 2.0 s, media for 3.0 s, local ring-back for 3.0 s."
    )
    assert heard_words(call_of(PROMISED)) == words


def test_plain_ringing_needs_no_words_and_no_table(call_of: CallOf) -> None:
    call = call_of(RINGING)
    assert (heard_words(call), rows(call)) == ("", [])


def test_silence_is_not_told_where_no_media_of_the_call_was_captured(call_of: CallOf) -> None:
    script = INVITE + f"1 bob -> alice 183\n{SDP}" + ANSWER.replace("9.05-12 bob => alice PCMU\n", "")
    assert heard_words(call_of(script)) == ""


def test_table_tells_what_a_caller_hears_that_stops_ringing_at_sdp(call_of: CallOf) -> None:
    assert [row[2] for row in rows(call_of(PROMISED))] == [
        "local ring-back; silence where SDP stops the ringing",
        "media",
        "local ring-back; silence where SDP stops the ringing",
    ]


def test_table_tells_early_dialogs_apart_and_marks_the_answered_one(call_of: CallOf) -> None:
    assert [(row[2], row[3], row[4]) for row in rows(call_of(FORKED))] == [
        ("media", "192.0.2.20:5000", ""),
        ("local ring-back", "", ""),
        ("media", "192.0.2.20:5000", "one"),
        ("local ring-back", "", "two, answered"),
    ]


def test_report_tells_which_early_dialog_was_answered_and_whose_media_came(call_of: CallOf) -> None:
    report = early_media_report(call_of(FORKED))
    assert report is not None
    dialogs = report["dialogs"]
    assert isinstance(dialogs, list)
    assert [(item["to_tag"], item["answered"], len(item["streams"])) for item in dialogs] == [
        ("one", False, 1),
        ("two", True, 1),
    ]


def test_report_has_nothing_where_nothing_came_before_the_answer(call_of: CallOf) -> None:
    assert early_media_report(call_of(INVITE + ANSWER)) is None


def test_ladder_notes_every_change_of_what_is_heard(tmp_path: Path) -> None:
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(PROMISED))
    ladder = ladder_of(sipscope.analyze(str(path)), [1])
    heard = [row.text for row in ladder.rows if isinstance(row, Note) and "hears" in row.text]
    assert heard == [
        "caller hears local ring-back, 2.0 s",
        "caller hears media from 192.0.2.20:5000, 3.0 s",
        "caller hears local ring-back, 3.0 s",
    ]
