"""Calls as rows of a table."""

from pathlib import Path

import pytest

from sipscope.pipeline import reconstruct
from sipscope.views.call_cells import call_cells
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
CHANGE = """\
5 bob -> alice INVITE
      m=audio 5000 RTP/AVP 0 8
5.1 alice -> bob 200
      m=audio 4000 RTP/AVP 0 8
5.2 bob -> alice ACK
9 bob -> alice BYE
9.1 alice -> bob 200
"""
BEGINNING = """\
0 alice -> bob INVITE{unseen}
      m=audio 4000 RTP/AVP 0
0.1 bob -> alice 200{unseen}
      m=audio 5000 RTP/AVP 0
0.2 alice -> bob ACK{unseen}
"""


@pytest.fixture
def row_of(tmp_path: Path):
    def made(script: str) -> list[str]:
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(PARTIES + script))
        (call,) = reconstruct(str(path)).calls
        return [cell.text for cell in call_cells(call, (), {})]

    return made


def test_a_call_that_was_going_on_names_its_parties_without_saying_who_called(row_of) -> None:
    assert row_of(BEGINNING.format(unseen=" unseen") + CHANGE)[2:4] == ["bob (seen first)", "alice (other side)"]


def test_a_change_of_a_call_that_was_going_on_is_no_answer(row_of) -> None:
    outcome, setup, ringing, talking = row_of(BEGINNING.format(unseen=" unseen") + CHANGE)[4:8]
    assert (outcome, setup, ringing, talking) == ("open", "", "", "")


def test_a_call_from_its_beginning_has_a_caller_and_a_callee(row_of) -> None:
    assert row_of(BEGINNING.format(unseen="") + CHANGE)[2:5] == ["alice", "bob", "answered"]
