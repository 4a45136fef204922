"""Descriptions beside the exchanges of a dialog."""

import pytest

from sipscope.pipeline import analyze
from sipscope.views.negotiation import negotiation_of, negotiations_of
from tests.flows.early_media import APPLICATION_SERVER
from tests.trace_script import capture_of

UP = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
1.1  alice -> bob  ACK
"""

CROSSED = (
    UP
    + """
3.0   alice -> bob  UPDATE
      m=audio 4010 RTP/AVP 0
3.001 bob -> alice  INVITE
      m=audio 5010 RTP/AVP 0
3.1   bob -> alice  491 UPDATE
3.101 alice -> bob  491 INVITE
3.2   bob -> alice  ACK
"""
)

CAPABILITIES = (
    UP
    + """
5.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 18
5.1  bob -> alice  488
     m=audio 0 RTP/AVP 0 8
5.2  alice -> bob  ACK
"""
)

FORKED = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.2  bob -> alice  183 tag=one
     m=audio 5000 RTP/AVP 0
0.4  bob -> alice  183 tag=two
     m=audio 5100 RTP/AVP 0
1.0  bob -> alice  200 tag=two
     m=audio 5100 RTP/AVP 0
1.1  alice -> bob  ACK
"""


@pytest.fixture
def trace_of(tmp_path):
    """The trace of a script."""

    def read(script: str):
        path = tmp_path / "call.pcap"
        path.write_bytes(capture_of(script))
        return analyze(str(path))

    return read


@pytest.mark.parametrize(
    ("script", "told"),
    [
        (CROSSED, []),
        (CAPABILITIES, [("488 Not Acceptable Here", "callee", (5,), "what is accepted instead")]),
        (UP, []),
    ],
    ids=["offers that cross", "body of a refusal", "none"],
)
def test_description_that_is_part_of_no_exchange_is_told_with_its_role(trace_of, script, told):
    (seen,) = negotiations_of(trace_of(script), 1)
    found = [(item.label, item.side.value, item.message.frames, item.role) for item in seen.others]
    assert found == told


def test_table_stands_behind_those_of_its_dialog(trace_of):
    _, beside = negotiation_of(trace_of(CAPABILITIES), 1, width=160).tables
    assert beside.title == "Beside the exchanges of dialog d1"
    assert [cell.text for cell in beside.rows[0]][1:3] == ["5", "callee"]


def test_offers_that_cross_are_columns_that_say_so(trace_of):
    (table,) = negotiation_of(trace_of(CROSSED), 1, width=160).tables
    outcomes = next(row for row in table.rows if row[1].text == "outcome")
    assert [cell.text for cell in outcomes[2:]] == ["answered", *["refused 491, crossed another offer"] * 2]


def test_codecs_of_a_refusal_are_shown_although_its_port_is_zero(trace_of):
    _, beside = negotiation_of(trace_of(CAPABILITIES), 1, width=160).tables
    assert beside.rows[0][-1].text == "audio RTP/AVP PCMU PCMA"


def test_description_of_another_branch_is_none_of_this_dialog(trace_of):
    assert [item.others for item in negotiations_of(trace_of(FORKED), 1)] == [(), ()]


def test_early_session_has_a_table_of_its_own(trace_of):
    session, early = negotiation_of(trace_of(APPLICATION_SERVER), 1, width=160).tables
    assert early.title == "Early session of dialog d1: 192.0.2.10:5060 → 192.0.2.20:5060"
    rows = {row[1].text: row[-1].text for row in early.rows}
    assert (rows["carried in"], rows["callee receives at"]) == ("183/PRACK", "192.0.2.20:5100")
    assert {row[1].text: row[-1].text for row in session.rows}["callee receives at"] == "192.0.2.20:5000"
