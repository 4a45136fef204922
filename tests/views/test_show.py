"""The page of one call."""

import pytest

from sipscope.pipeline import analyze
from sipscope.views.show import show_of
from tests.trace_script import capture_of

TRANSFER = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
0.0  alice -> bob    INVITE
0.5  bob -> alice    200
0.6  alice -> bob    ACK
3.0  bob -> alice    REFER
     Refer-To: <sip:carol@192.0.2.30>
3.1  alice -> bob    202
3.2  alice -> carol  INVITE
     Referred-By: <sip:bob@192.0.2.20>
3.5  carol -> alice  200
3.6  alice -> carol  ACK
"""

REFUSED_VIDEO = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     m=video 4002 RTP/AVP 96
     a=rtpmap:96 H264/90000
0.5  bob -> alice  200
     m=audio 5000 RTP/AVP 0
     m=video 0 RTP/AVP 96
0.6  alice -> bob  ACK
"""

OFTEN_REPEATED = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n" + "\n".join(
    f"{second}.0 alice -> bob INVITE again" for second in range(1, 11)
)


@pytest.fixture
def page(tmp_path):
    def show(script, call=1):
        path = tmp_path / "call.pcap"
        path.write_bytes(capture_of(script))
        return show_of(analyze(str(path)), call)

    return show


def rows(page, title):
    table = next(table for table in page.tables if table.title == title)
    return [[cell.text for cell in row] for row in table.rows]


def titles(page):
    return [table.title for table in page.tables]


def test_transfer_names_its_three_parties(page):
    assert [row[:5] for row in rows(page(TRANSFER), "Transfers")] == [["3.000", "blind", "bob", "alice", "carol"]]


@pytest.mark.parametrize(
    ("call", "words"), [(1, "still open at the end of the capture"), (2, "made by the transfer")], ids=["old", "new"]
)
def test_transfer_tells_what_it_did_with_the_call(page, call, words):
    assert [row[5:9] for row in rows(page(TRANSFER, call), "Transfers")] == [["nothing", "200 OK", "succeeded", words]]


def test_evidence_of_the_link_to_the_call_that_a_transfer_made_is_shown(page):
    kinds = [(row[0], row[3]) for row in rows(page(TRANSFER), "What joins legs and calls")]
    assert ("refer", "4, 6") in kinds


def test_refused_media_section_is_told(page):
    assert rows(page(REFUSED_VIDEO), "Offers and answers")[0][5] == "audio PCMU sendrecv, video refused"


def test_frames_beyond_the_eighth_are_counted(page):
    assert rows(page(OFTEN_REPEATED), "Legs")[0][-1] == "1, 2, 3, 4, 5, 6, 7, 8 and 3 more"


def test_tables_without_rows_are_left_out(page):
    assert titles(page(OFTEN_REPEATED)) == ["Call", "What happened", "Legs", "Transactions"]
