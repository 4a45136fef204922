"""The negotiation as plain values."""

import pytest

from sipscope.pipeline import analyze
from sipscope.views.negotiation_report import negotiation_document
from tests.trace_script import capture_of

SCRIPT = """
alice 192.0.2.10
bob   192.0.2.20
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0 8
0.5  bob -> alice  183
     m=audio 5000 RTP/AVP 8
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 8
1.1  alice -> bob  ACK
2.0  bob -> alice  INVITE
     m=audio 5000 RTP/AVP 8
     a=sendonly
2.1  alice -> bob  200
     m=audio 4000 RTP/AVP 8
     a=recvonly
2.2  bob -> alice  ACK
3.0  alice -> bob  INVITE
     m=audio 4004 RTP/AVP 8
3.1  bob -> alice  488
3.2  alice -> bob  ACK
"""


@pytest.fixture
def exchanges(tmp_path):
    """The exchanges of the script's only dialog."""
    path = tmp_path / "call.pcap"
    path.write_bytes(capture_of(SCRIPT))
    (negotiation,) = negotiation_document(analyze(str(path)), [1], version="1")["negotiations"]
    return negotiation["exchanges"]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("offerer", ["caller", "callee", "caller"]),
        ("pattern", ["INVITE/200", "re-INVITE/200", "re-INVITE/200"]),
        ("outcome", ["answered", "answered", "rejected"]),
        ("status", [None, None, 488]),
    ],
)
def test_exchange_tells_how_it_went(exchanges, name, values):
    assert [item[name] for item in exchanges] == values


def test_preview_tells_whether_the_answer_kept_it(exchanges):
    assert (exchanges[0]["preview"]["frames"], exchanges[0]["preview"]["same_as_answer"]) == ([2], True)


def test_media_line_tells_what_was_agreed(exchanges):
    (media,) = exchanges[1]["media"]
    assert (media["accepted"], media["codec"], media["direction"]) == (True, "PCMA/8000", "sendonly")


def test_section_names_what_changed(exchanges):
    assert [item["media"][0]["caller"]["changed"] for item in exchanges] == [
        None,
        ["codecs", "direction"],
        ["receives at", "direction"],
    ]


def test_answer_that_never_came_is_none(exchanges):
    assert exchanges[2]["answer"] is None
    assert exchanges[2]["media"][0]["callee"] is None
