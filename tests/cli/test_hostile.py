"""What an attacker writes into a capture is shown, and never obeyed: by terminal, document, picture or file system."""

import json
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.pipeline import analyze
from sipscope.render.terminal import ladder_terminal, summary_terminal
from sipscope.views.ladder import ladder_of
from sipscope.views.summary import summary_of
from tests.trace_script import packed

PAYLOADS = {
    "clear screen": b"\x1b[2J\x1b[H",
    "window title": b"\x1b]0;owned\x07",
    "hyperlink": b"\x1b]8;;http://198.51.100.1/\x1b\\click\x1b]8;;\x1b\\",
    "bell": b"\x07\x07",
    "c1 control": b"\xc2\x9b31m",
    "bare c1 byte": b"\x9b31m",
    "bidirectional override": b"\xe2\x80\xaegnp.exe",
    "isolate": b"\xe2\x81\xa6\xe2\x81\xa9",
    "zero width": b"a\xe2\x80\x8bb\xef\xbb\xbf",
    "line separator": b"a\xe2\x80\xa8b",
    "backspaces": b"good\x08\x08\x08\x08evil",
    "markup of the terminal library": b"[red]x[/red][link=file:///etc/passwd]y[/link][/]",
    "html": b"<script>alert(1)</script><img src=x onerror=alert(1)>",
    "svg": b"</text></svg><svg onload='alert(1)'>",
    "xml entity": b"&xxe;&#0;]]><!ENTITY xxe SYSTEM 'file:///etc/passwd'>",
    "formula of the plot library": b"$\\frac{1}{0}$ $ \\unknown{",
    "nul": b"a\x00b",
    "broken utf-8": b"\xff\xfe\xc0\xaf",
    "lone surrogate": b"\xed\xa0\x80",
    "beyond the basic plane": "\U000e0041\U0001f600".encode(),
    "combining marks": b"z" + "\u0301".encode() * 200,
    "format specifiers": b"%s%n{0}{__class__}",
    "path": b"../../../../etc/passwd",
    "sixty kilobytes": b"A" * 60_000,
}
EVERY_PAYLOAD = pytest.mark.parametrize("payload", PAYLOADS.values(), ids=list(PAYLOADS))

DANGEROUS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
"""Control characters but tab and line feed, bidirectional controls, and what takes no room."""

OUR_COLOURS = re.compile(r"\x1b\[(?:\d{1,2};?)*m")


def message(
    start_line: bytes, payload: bytes, *, branch: bytes = b"1", to_tag: bytes = b"", body: bytes = b""
) -> bytes:
    """A message that carries the payload in whatever the program shows of it."""
    lines = [
        start_line,
        b"Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK" + branch,
        b'From: "' + payload + b'" <sip:' + payload + b"@192.0.2.10>;tag=" + payload,
        b"To: <sip:bob@192.0.2.20>" + to_tag,
        b"Call-ID: " + payload + b"@192.0.2.10",
        b"CSeq: 1 INVITE",
        b'Reason: Q.850;cause=34;text="' + payload + b'"',
        b"Warning: 399 " + payload + b' "' + payload + b'"',
        b"User-Agent: " + payload,
        b"Contact: <sip:" + payload + b"@192.0.2.10>",
        payload + b": " + payload,
        b"Content-Type: application/sdp",
        b"Content-Length: " + str(len(body)).encode(),
    ]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def description(address: bytes, port: int, payload: bytes, sections: int) -> bytes:
    """A session description with the payload in names and formats; the answer has fewer sections than the offer."""
    head = b"v=0\r\no=" + payload + b" 1 1 IN IP4 " + address + b"\r\ns=" + payload
    rtpmap = b"\r\na=rtpmap:96 " + payload + b"/8000\r\na=" + payload + b":" + payload
    media = b"".join(b"\r\nm=audio %d RTP/AVP 0 96 %s" % (port + 2 * n, payload) + rtpmap for n in range(sections))
    return head + b"\r\nc=IN IP4 " + address + b"\r\nt=0 0" + media + b"\r\n"


def frame(source: str, target: str, ports: tuple[int, int], payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", *ports, 8 + len(payload), 0) + payload
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, packed(source), packed(target))
    return bytes(12) + b"\x08\x00" + ip + udp


def capture_with(payload: bytes) -> bytes:
    """An INVITE, its answer with an error, a voice stream, and a refused call of another caller."""
    uri = b"sip:bob@192.0.2.20" if len(payload) > 1000 else b"sip:" + payload.replace(b" ", b"") + b"@192.0.2.20"
    short = payload[:4000]
    tag = b";tag=b1"
    caller, callee = "192.0.2.10", "192.0.2.20"
    offer, answer = description(b"192.0.2.10", 4000, short, 2), description(b"192.0.2.20", 5000, short, 1)
    invite = message(b"INVITE " + uri + b" SIP/2.0", short, body=offer)
    if len(payload) > 10_000:
        invite = message(b"INVITE sip:bob@192.0.2.20 SIP/2.0", b"x", body=offer[:2000]).replace(
            b"User-Agent: x", b"User-Agent: " + payload
        )
        short = b"x"
    frames = [
        frame(caller, callee, (5060, 5060), invite),
        frame(callee, caller, (5060, 5060), message(b"SIP/2.0 200 " + short, short, to_tag=tag, body=answer)),
        frame(
            caller, callee, (5060, 5060), message(b"INVITE sip:bob@192.0.2.20 SIP/2.0", b"other" + short, branch=b"2")
        ),
        frame(
            callee,
            caller,
            (5060, 5060),
            message(b"SIP/2.0 503 " + short, b"other" + short, branch=b"2", to_tag=b";tag=b2"),
        ),
    ]
    for number in range(60):
        rtp = struct.pack("!BBHII", 0x80, 0, number, number * 160, 7) + bytes(160)
        frames.append(frame(callee, caller, (5000, 4000), rtp))
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
    records = [
        struct.pack("<IIII", 1_700_000_000, number * 20_000 % 1_000_000, len(item), len(item)) + item
        for number, item in enumerate(frames[:50])
    ]
    return head + b"".join(records)


@pytest.fixture
def hostile(tmp_path: Path) -> Callable[[bytes], Path]:
    """A capture that carries a payload, in a folder of its own."""

    def write(payload: bytes) -> Path:
        folder = tmp_path / "captures"
        folder.mkdir(exist_ok=True)
        path = folder / "hostile.pcap"
        path.write_bytes(capture_with(payload))
        return path

    return write


def test_hostile_captures_hold_calls_findings_and_streams(hostile):
    trace = analyze(str(hostile(b"plain")))
    assert (len(trace.calls), len(trace.streams), bool(trace.findings)) == (2, 1, True)


# -- text


@EVERY_PAYLOAD
@pytest.mark.parametrize(
    "command",
    [("analyze",), ("calls",), ("calls", "--format", "csv"), ("show",), ("sdp",), ("ladder", "--all"), ("media",)],
    ids=" ".join,
)
def test_text_holds_nothing_that_a_terminal_obeys(run, hostile, command, payload):
    result = run(command[0], hostile(payload), *command[1:])
    assert result.exit_code in {0, 1}
    assert not DANGEROUS.search(result.stdout)
    assert not DANGEROUS.search(result.stderr)


@EVERY_PAYLOAD
def test_text_in_a_terminal_holds_no_escapes_but_the_colours(hostile, payload):
    trace = analyze(str(hostile(payload)))
    shown = summary_terminal(summary_of(trace), width=100) + ladder_terminal(ladder_of(trace), width=100)
    assert not DANGEROUS.search(OUR_COLOURS.sub("", shown))


def test_text_shows_what_it_escapes(run, hostile):
    assert (
        "\\x1b[2J"
        in run("ladder", hostile(PAYLOADS["clear screen"]), "--all").stdout
        + run("analyze", hostile(PAYLOADS["clear screen"])).stdout
    )


def test_markup_of_the_terminal_library_is_shown_as_it_came(hostile):
    trace = analyze(str(hostile(b"[red]x[/red]")))
    assert "[red]x[/red]" in summary_terminal(summary_of(trace), width=200)


@pytest.mark.parametrize("command", [("analyze",), ("ladder", "--all")], ids=" ".join)
def test_endless_value_does_not_flood_the_page(run, hostile, command):
    shown = run(command[0], hostile(PAYLOADS["sixty kilobytes"]), *command[1:]).stdout
    assert len(shown) < 20_000


# -- JSON


@EVERY_PAYLOAD
def test_json_is_valid_utf_8_and_safe_to_print(run, hostile, payload):
    result = run("analyze", hostile(payload), "--format", "json", "--messages")
    shown = result.stdout_bytes.decode("utf-8")
    assert json.loads(shown)["totals"]["calls"] >= 1
    assert not DANGEROUS.search(shown)


def test_json_keeps_the_value_itself(run, hostile):
    report = json.loads(run("analyze", hostile(PAYLOADS["window title"]), "--format", "json").stdout)
    assert report["calls"][0]["call_ids"] == ["\x1b]0;owned\x07@192.0.2.10"]


# -- pictures


@EVERY_PAYLOAD
@pytest.mark.parametrize("command", ["ladder", "media"])
def test_svg_is_well_formed_and_holds_no_foreign_elements(run, hostile, tmp_path, command, payload):
    assert run(command, hostile(payload), "-o", tmp_path / "picture.svg").exit_code == 0
    content = (tmp_path / "picture.svg").read_text("utf-8")
    root = ET.fromstring(content)
    names = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert not names & {"script", "img", "image", "foreignObject", "a", "iframe", "animate", "set"}
    assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]
    assert "<!ENTITY" not in content
    assert not DANGEROUS.search(content)


@EVERY_PAYLOAD
def test_png_is_drawn(run, hostile, tmp_path, payload):
    result = run("ladder", hostile(payload), "--all", "-o", tmp_path / "picture.png")
    assert (result.exit_code, result.exception) == (0, None)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ["formula of the plot library", "nul", "broken utf-8", "beyond the basic plane"])
def test_pdf_is_drawn(run, hostile, tmp_path, name):
    result = run("ladder", hostile(PAYLOADS[name]), "--all", "-o", tmp_path / "picture.pdf")
    assert (result.exit_code, result.exception) == (0, None)
    assert (tmp_path / "picture.pdf").read_bytes().startswith(b"%PDF")


def test_size_of_a_picture_is_not_for_the_capture_to_choose(run, hostile, tmp_path):
    run("ladder", hostile(b"plain"), "--all", "-o", tmp_path / "plain.png")
    run("ladder", hostile(PAYLOADS["sixty kilobytes"]), "--all", "-o", tmp_path / "endless.png")
    plain, endless = (
        struct.unpack("!II", (tmp_path / f"{name}.png").read_bytes()[16:24]) for name in ("plain", "endless")
    )
    assert endless[0] <= 3 * plain[0]
    assert endless[1] <= 3 * plain[1]


@pytest.mark.parametrize("style", ["png", "svg"])
@pytest.mark.parametrize("name", ["formula of the plot library", "nul"])
def test_graph_labels_are_drawn(run, hostile, tmp_path, style, name):
    result = run("media", hostile(PAYLOADS[name]), "-o", tmp_path / f"quality.{style}")
    assert (result.exit_code, result.exception) == (0, None)


# -- files


def test_files_are_written_where_the_user_said_and_nowhere_else(process, hostile, tmp_path):
    path = hostile(PAYLOADS["path"])
    before = set(tmp_path.rglob("*"))
    process("ladder", path, "--all", "-o", "picture.svg")
    process("media", path, "-o", "quality.svg")
    process("analyze", path, "-o", "report.txt")
    assert {item.name for item in tmp_path.rglob("*")} - {item.name for item in before} == {
        "picture.svg",
        "quality.svg",
        "report.txt",
    }


@pytest.mark.parametrize("name", ["a\x1b[31mb.pcap", "a\x07b.pcap", "a\u202eb.pcap", "a\nb.pcap"])
def test_name_of_a_capture_is_complained_of_without_escapes(run, tmp_path, name):
    result = run("analyze", tmp_path / name)
    assert result.exit_code == 3
    assert not DANGEROUS.search(result.stderr)
    assert len(result.stderr.splitlines()) == 1


def test_name_of_a_capture_is_shown_without_escapes(run, tmp_path):
    (tmp_path / "a\x1b[31mb.pcap").write_bytes(capture_with(b"plain"))
    assert "\x1b" not in run("analyze", tmp_path / "a\x1b[31mb.pcap").stdout
