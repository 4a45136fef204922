"""`sipscope media`: streams as a table, quality over time as graphs."""

import pytest

from tests.cli.conftest import CALL, NO_SIP

SIGNATURES = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}

TWO_CALLS_WITH_MEDIA = (
    CALL
    + """
9.0    alice -> bob  INVITE call=2
       m=audio 4010 RTP/AVP 8
9.5    bob -> alice  200
       m=audio 5010 RTP/AVP 8
9.6    alice -> bob  ACK
9.7-11 alice => bob  PCMA call=2 ssrc=7777
"""
)


def test_table_has_a_line_for_each_stream(run, capture):
    lines = run("media", capture()).stdout.splitlines()
    assert [line.split()[0] for line in lines if line.strip().startswith("s")] == ["s1", "s2"]


def test_table_of_one_call(run, capture):
    text = run("media", capture(TWO_CALLS_WITH_MEDIA), "--call", "2").stdout
    assert ("192.0.2.10:4010" in text, "192.0.2.10:4000" in text) == (True, False)


def test_table_of_named_streams(run, capture):
    text = run("media", capture(TWO_CALLS_WITH_MEDIA), "--stream", "s3", "--stream", "s1").stdout
    assert [line.split()[0] for line in text.splitlines() if line.strip().startswith("s")] == ["s1", "s3"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--call", "9"), "there is no call 9 in this capture; it holds call 1 alone"),
        (("--stream", "s9"), "there is no stream s9 in this capture; it holds s1, s2"),
        (("--stream", "1"), "there is no stream 1 in this capture; it holds s1, s2"),
    ],
    ids=["call", "stream", "number of a stream"],
)
def test_unknown_call_or_stream_is_wrong_usage_and_says_what_there_is(run, capture, arguments, complaint):
    result = run("media", capture(), *arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"sipscope: {complaint}\n")


@pytest.mark.parametrize("style", SIGNATURES)
def test_ending_of_the_file_is_the_format(run, capture, tmp_path, style):
    result = run("media", capture(), "-o", tmp_path / f"quality.{style}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / f"quality.{style}").read_bytes().startswith(SIGNATURES[style])


@pytest.mark.parametrize("name", ["quality.txt", "quality", "-"])
def test_unknown_ending_is_refused_before_anything_is_read(run, tmp_path, name):
    result = run("media", tmp_path / "missing.pcap", "-o", name)
    assert result.exit_code == 2
    assert "endings: png, svg, pdf" in result.stderr


def test_graph_of_a_capture_without_media_is_wrong_usage(run, capture, tmp_path):
    result = run("media", capture(NO_SIP), "-o", tmp_path / "quality.png")
    assert (result.exit_code, "there is no RTP to draw" in result.stderr) == (2, True)
    assert not (tmp_path / "quality.png").exists()


def test_table_of_a_capture_without_media_is_empty(run, capture):
    result = run("media", capture("alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob OPTIONS\n"))
    assert (result.exit_code, "192.0.2" in result.stdout) == (0, False)


def test_standard_input(run, capture):
    path = capture()
    assert run("media", "-", input=path.read_bytes()).stdout == run("media", path).stdout


def test_where_chooses_the_streams_of_the_calls_that_fit(run, capture):
    text = run("media", capture(TWO_CALLS_WITH_MEDIA), "--where", "codecs==PCMA").stdout
    assert ("192.0.2.10:4010" in text, "192.0.2.10:4000" in text) == (True, False)


def test_where_chooses_what_is_drawn(run, capture, tmp_path):
    result = run("media", capture(), "--where", "outcome==rejected", "-o", tmp_path / "quality.svg")
    assert (result.exit_code, "there is no RTP to draw" in result.stderr) == (2, True)
