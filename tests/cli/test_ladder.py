"""`sipscope ladder`: the call flow in the terminal or as a picture."""

import xml.etree.ElementTree as ET

import pytest

from tests.cli.conftest import CALL, TWO_CALLS

SIGNATURES = {"svg": b"<svg", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-"}

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


def has_signature(content: bytes, style: str) -> bool:
    return content.lstrip().startswith(SIGNATURES[style]) or (style == "svg" and SIGNATURES[style] in content[:300])


@pytest.mark.parametrize("style", SIGNATURES)
def test_ending_of_the_file_is_the_format(run, capture, tmp_path, style):
    result = run("ladder", capture(), "-o", tmp_path / f"call.{style}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert has_signature((tmp_path / f"call.{style}").read_bytes(), style)


def test_ending_may_be_in_capitals(run, capture, tmp_path):
    run("ladder", capture(), "-o", tmp_path / "CALL.SVG")
    assert has_signature((tmp_path / "CALL.SVG").read_bytes(), "svg")


@pytest.mark.parametrize("style", SIGNATURES)
def test_format_may_be_named_where_the_ending_does_not_tell(run, capture, tmp_path, style):
    run("ladder", capture(), "--format", style, "-o", tmp_path / "picture")
    assert has_signature((tmp_path / "picture").read_bytes(), style)


@pytest.mark.parametrize("style", SIGNATURES)
def test_picture_goes_to_standard_output_when_only_the_format_is_named(run, capture, style):
    assert has_signature(run("ladder", capture(), "--format", style).stdout_bytes, style)


def test_dash_is_standard_output(run, capture):
    path = capture()
    assert run("ladder", path, "-o", "-").stdout == run("ladder", path).stdout


def test_text_file_holds_what_standard_output_would(run, capture, tmp_path):
    path = capture()
    run("ladder", path, "-o", tmp_path / "call.txt")
    assert (tmp_path / "call.txt").read_text() == run("ladder", path).stdout


@pytest.mark.parametrize("name", ["call.docx", "call", "call.", ".svg", "call.svg.bak"])
def test_unknown_ending_is_refused_before_anything_is_read(run, tmp_path, name):
    result = run("ladder", tmp_path / "missing.pcap", "-o", tmp_path / name)
    assert result.exit_code == 2
    assert "endings: svg, png, pdf, txt" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_ladder_shows_the_messages_in_order(run, capture):
    text = run("ladder", capture()).stdout
    labels = ["INVITE", "180 Ringing", "200 OK", "ACK", "BYE"]
    positions = [text.index(label) for label in labels]
    assert positions == sorted(positions)


def test_plain_characters_when_asked_for(run, capture):
    result = run("ladder", capture(), "--ascii")
    assert result.stdout.isascii()
    assert "INVITE" in result.stdout


def test_width_bounds_every_line(run, capture):
    result = run("ladder", capture(), "--width", "60")
    assert max(map(len, result.stdout.splitlines())) <= 60


# -- which call


def test_first_call_is_drawn_and_the_choice_is_said(run, capture):
    result = run("ladder", capture(TWO_CALLS))
    assert "486" not in result.stdout
    advice = "choose with --call or --where, or --all"
    assert result.stderr == f"sipscope: 2 calls in this capture; drawing call 1, {advice}\n"


def test_call_by_its_number(run, capture):
    result = run("ladder", capture(TWO_CALLS), "--call", "2")
    assert ("486" in result.stdout, "BYE" in result.stdout, result.stderr) == (True, False, "")


def test_several_calls_in_one_picture(run, capture):
    result = run("ladder", capture(TWO_CALLS), "--call", "2", "--call", "1")
    assert ("486" in result.stdout, "BYE" in result.stdout) == (True, True)


def test_everything(run, capture):
    result = run("ladder", capture(TWO_CALLS), "--all")
    assert ("486" in result.stdout, "BYE" in result.stdout, result.stderr) == (True, True, "")


@pytest.mark.parametrize(
    ("script", "there"), [(CALL, "call 1 alone"), (TWO_CALLS, "calls 1 to 2")], ids=["one call", "two calls"]
)
def test_unknown_call_is_wrong_usage_and_says_what_there_is(run, capture, tmp_path, script, there):
    result = run("ladder", capture(script), "--call", "9", "-o", tmp_path / "call.svg")
    assert result.exit_code == 2
    assert result.stderr == f"sipscope: there is no call 9 in this capture; it holds {there}\n"
    assert not (tmp_path / "call.svg").exists()


def test_related_calls_are_drawn_with_it(run, capture):
    path = capture(TRANSFER)
    assert "192.0.2.30" not in run("ladder", path, "--call", "1").stdout.splitlines()[0]
    alone, together = (run("ladder", path, "--call", "1", *more).stdout for more in ((), ("--related",)))
    assert together.count("INVITE") > alone.count("INVITE")


def test_capture_without_a_call_is_drawn_whole(run, capture):
    script = "alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n"
    result = run("ladder", capture(script))
    assert (result.exit_code, "OPTIONS" in result.stdout) == (0, True)


def test_call_of_a_capture_without_calls_is_wrong_usage(run, capture):
    script = "alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n"
    result = run("ladder", capture(script), "--call", "1")
    assert (result.exit_code, "it holds no calls" in result.stderr) == (2, True)


# -- pictures


def test_svg_is_well_formed(run, capture):
    root = ET.fromstring(run("ladder", capture(), "--format", "svg").stdout)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


@pytest.mark.parametrize("style", ["svg", "png", "pdf"])
def test_same_capture_gives_the_same_bytes(run, capture, style):
    path = capture()
    first, second = (run("ladder", path, "--format", style).stdout_bytes for _ in range(2))
    assert first == second


def test_standard_input(run, capture):
    path = capture()
    assert run("ladder", "-", input=path.read_bytes()).stdout == run("ladder", path).stdout


def test_ladder_of_a_log_shows_line_numbers(run, samples):
    output = run("ladder", samples / "basic-call-sipp.log").output
    assert [line.split()[1] for line in output.splitlines() if "INVITE" in line or "BYE" in line] == ["4", "76"]


def test_where_draws_the_calls_that_fit(run, capture):
    result = run("ladder", capture(TWO_CALLS), "--where", "outcome==rejected")
    assert ("486" in result.stdout, "BYE" in result.stdout, result.stderr) == (True, False, "")


def test_where_that_fits_no_call_is_wrong_usage(run, capture):
    result = run("ladder", capture(TWO_CALLS), "--where", "outcome==redirected")
    assert (result.exit_code, "holds for none of the calls" in result.stderr) == (2, True)


def test_where_and_all_contradict_each_other(run, capture):
    assert run("ladder", capture(), "--where", "id==1", "--all").exit_code == 2


REFUSED_TRANSFER = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  INVITE
0.1   bob -> alice  200
0.2   alice -> bob  ACK
2.0   alice -> bob  REFER
      Refer-To: <sip:carol@192.0.2.30>
2.1   bob -> alice  603
"""


def test_transfer_is_drawn_with_its_parties(run, capture):
    output = run("ladder", capture(REFUSED_TRANSFER), "--transfer", "1").output
    assert output.startswith("Transfer 1: alice sends bob to carol\nblind · refused 603 · took 100 ms\n")
    assert [line.split() for line in output.splitlines() if "transferor  " in line] == [["transferor", "transferee"]]


@pytest.mark.parametrize("option", [["--call", "1"], ["--related"], ["--all"], ["--where", "setup_ms>1"]])
def test_transfer_chooses_its_calls_alone(run, capture, option):
    result = run("ladder", capture(REFUSED_TRANSFER), "--transfer", "1", *option)
    assert (result.exit_code, "--transfer chooses the calls by itself" in result.output) == (2, True)


def test_transfer_that_is_not_there_is_wrong_usage(run, capture):
    result = run("ladder", capture(REFUSED_TRANSFER), "--transfer", "2")
    assert (result.exit_code, "there is no transfer 2" in result.output) == (2, True)


def test_capture_without_transfers_has_none_to_draw(run, capture):
    result = run("ladder", capture(), "--transfer", "1")
    assert "there is no transfer in this capture" in result.output
