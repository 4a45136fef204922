"""The negotiation of a call as tables over time."""

import pytest

from sipscope.pipeline import analyze
from sipscope.views.negotiation import negotiation_of, negotiations_of
from sipscope.views.tables import Table
from sipscope.views.tone import Tone
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob   192.0.2.20\n"

CHANGES = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0 8
     m=video 4002 RTP/AVP 96
     a=rtpmap:96 H264/90000
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 8
     m=video 0 RTP/AVP 96
     a=rtpmap:96 H264/90000
1.1  alice -> bob  ACK
2.0  alice -> bob  INVITE
     m=audio 4010 RTP/AVP 0
     m=video 0 RTP/AVP 96
     a=rtpmap:96 H264/90000
2.1  bob -> alice  488
2.2  alice -> bob  ACK
3.0  bob -> alice  UPDATE
     m=audio 5000 RTP/AVP 8
     a=sendonly
     m=video 0 RTP/AVP 96
     a=rtpmap:96 H264/90000
3.1  alice -> bob  200
     m=audio 4000 RTP/AVP 8
     a=recvonly
     m=video 0 RTP/AVP 96
     a=rtpmap:96 H264/90000
"""
)

DROPPED = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     m=video 4002 RTP/AVP 96
     a=rtpmap:96 H264/90000
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
     m=video 5002 RTP/AVP 96
     a=rtpmap:96 H264/90000
1.1  alice -> bob  ACK
2.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
2.1  bob -> alice  200
     m=audio 5000 RTP/AVP 0
2.2  alice -> bob  ACK
"""
)

SECRET = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"
KEYS = (
    PARTIES
    + f"""
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/SAVP 0
     a=crypto:1 AES_CM_128_HMAC_SHA1_80 {SECRET}
1.0  bob -> alice  200
     m=audio 5000 RTP/SAVP 0
     a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR
1.1  alice -> bob  ACK
"""
)

REFUSED_AT_ONCE = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.1  bob -> alice  488
0.2  alice -> bob  ACK
"""
)

PENDING = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.1  bob -> alice  180
"""
)

FORKED = """
alice 192.0.2.10
proxy 192.0.2.1 proxy record-route
bob   192.0.2.20
0.0  alice -> proxy  INVITE to=bob
     m=audio 4000 RTP/AVP 0
0.1  proxy -> bob    INVITE
0.2  bob -> proxy    183
     m=audio 5000 RTP/AVP 0
0.3  proxy -> alice  183
1.0  bob -> proxy    200
     m=audio 5000 RTP/AVP 0
1.1  proxy -> alice  200
1.2  alice -> proxy  ACK
1.3  proxy -> bob    ACK
"""


@pytest.fixture
def tables(tmp_path):
    """The tables of the first call of a script."""

    def show(script: str, width: int = 160) -> tuple[Table, ...]:
        path = tmp_path / "call.pcap"
        path.write_bytes(capture_of(script))
        return negotiation_of(analyze(str(path)), 1, width=width).tables

    return show


def row(table: Table, label: str, place: int = 1) -> list[str]:
    """The cells of a row by its label, of the m-line of that number where the label names a party's property."""
    current, found = 0, []
    for cells in table.rows:
        current = int(cells[0].text or current)
        found.append((current, cells[1].text, [cell.text for cell in cells[2:]]))
    return next(texts for number, name, texts in found if name == label and number in {0, place})


@pytest.mark.parametrize(
    ("label", "place", "cells"),
    [
        ("offered by", 0, ["caller", "caller", "callee"]),
        ("carried in", 0, ["INVITE/200", "re-INVITE/200", "UPDATE/200"]),
        ("outcome", 0, ["answered", "refused 488, rolled back", "answered"]),
        ("frames", 0, ["1 → 2", "4 → 5", "7 → 8"]),
        ("agreed", 1, ["PCMA, both send", "as before", "PCMA, only callee sends"]),
        ("agreed", 2, ["refused", "as before", "not used"]),
        ("caller receives at", 1, ["192.0.2.10:4000", "* 192.0.2.10:4010", "192.0.2.10:4000"]),
        ("caller codecs", 1, ["0=PCMU [8=PCMA]", "* 0=PCMU", "* [8=PCMA]"]),
        ("caller direction", 1, ["sendrecv", "sendrecv", "* recvonly"]),
        ("callee codecs", 1, ["[8=PCMA]", "", "[8=PCMA]"]),
        ("callee direction", 1, ["sendrecv", "", "* sendonly"]),
        ("callee media", 2, ["video port 0", "", "video port 0"]),
    ],
)
def test_row_tells_exchange_after_exchange(tables, label, place, cells):
    (table,) = tables(CHANGES)
    assert row(table, label, place) == cells


def test_refused_offer_changes_nothing_of_what_the_next_one_is_compared_with(tables):
    (table,) = tables(CHANGES)
    assert row(table, "caller receives at")[2] == "192.0.2.10:4000"


def test_media_line_that_is_no_longer_there_is_told_as_gone(tables):
    (table,) = tables(DROPPED)
    assert row(table, "caller media", 2) == ["video RTP/AVP", "* gone"]


def test_finding_stands_beneath_its_exchange(tables):
    (table,) = tables(DROPPED)
    assert row(table, "findings") == ["OA-003", "OA-003"]


def test_changed_cell_has_a_tone_of_its_own(tables):
    (table,) = tables(CHANGES)
    cells = next(cells for cells in table.rows if cells[1].text == "caller direction")
    assert [cell.tone for cell in cells[2:]] == [Tone.PLAIN, Tone.MUTED, Tone.WARNING]


def test_keys_are_told_apart_without_being_shown(tables):
    (table,) = tables(KEYS)
    caller, callee = row(table, "caller keys")[0], row(table, "callee keys")[0]
    assert caller.startswith("SDES 1 AES_CM_128_HMAC_SHA1_80 key ")
    assert caller != callee
    assert SECRET.removeprefix("inline:")[:8] not in caller


def test_offer_that_is_refused_before_a_dialog_is_shown(tables):
    (table,) = tables(REFUSED_AT_ONCE)
    assert table.title == "No dialog: 192.0.2.10:5060 → 192.0.2.20:5060"
    assert row(table, "outcome") == ["refused 488"]
    assert row(table, "caller codecs") == ["0=PCMU"]


def test_pending_offer_is_told(tables):
    (table,) = tables(PENDING)
    assert row(table, "outcome") == ["pending where the capture ends"]


def test_hops_with_the_same_descriptions_share_a_table(tables):
    (table,) = tables(FORKED)
    assert table.title.count("→") == 2


@pytest.mark.parametrize(
    ("port", "words"), [(5000, "frame 2, as the answer"), (5002, "frame 2, other than the answer")]
)
def test_preview_is_held_against_the_answer(tables, port, words):
    script = (
        PARTIES
        + f"""
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.5  bob -> alice  183
     m=audio 5000 RTP/AVP 0
1.0  bob -> alice  200
     m=audio {port} RTP/AVP 0
1.1  alice -> bob  ACK
"""
    )
    assert row(tables(script)[0], "preview") == [words]


def test_exchanges_that_find_no_room_go_to_another_table(tables):
    narrow = tables(CHANGES, width=90)
    assert [row(table, "offered by") for table in narrow] == [["caller", "caller"], ["callee"]]


def test_call_without_descriptions_has_nothing_to_show(tmp_path):
    path = tmp_path / "call.pcap"
    path.write_bytes(capture_of(PARTIES + "0.0 alice -> bob INVITE\n0.1 bob -> alice 486\n0.2 alice -> bob ACK\n"))
    trace = analyze(str(path))
    assert negotiations_of(trace, 1) == ()
    assert negotiation_of(trace, 1, width=120).headline == "no offer in this call"


def test_challenged_invite_is_no_negotiation_of_its_own(tables):
    script = (
        PARTIES
        + "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 407\n0.2 alice -> bob ACK\n"
        + "0.3 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n0.4 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
        + "0.5 alice -> bob ACK\n"
    )
    (table,) = tables(script)
    assert row(table, "outcome") == ["answered"]
