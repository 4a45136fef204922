import json
import struct

import pytest

from sipscope.cli.aliases import aliases_from
from sipscope.errors import UsageError
from tests.capture.builders import A4, B4, OPTIONS, block, enhanced, ethernet, interface, ipv4, section, udp
from tests.cli.conftest import CALL


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("192.0.2.1=SBC", {"192.0.2.1": "SBC"}),
        ("192.0.2.1:5062=SBC inside", {"192.0.2.1:5062": "SBC inside"}),
        ("2001:DB8:0::1=core", {"2001:db8::1": "core"}),
        ("[2001:DB8:0::1]:5062=core", {"[2001:db8::1]:5062": "core"}),
        (" 192.0.2.1 = a=b ", {"192.0.2.1": "a=b"}),
    ],
)
def test_alias_names_a_node_in_its_canonical_form(argument, expected):
    assert aliases_from([argument], None) == expected


@pytest.mark.parametrize("argument", ["192.0.2.1", "192.0.2.1=", "=SBC", "sbc=SBC", "192.0.2.300=SBC", "1.2.3.4:x=SBC"])
def test_what_names_no_address_is_wrong_usage(argument):
    with pytest.raises(UsageError, match="--alias"):
        aliases_from([argument], None)


def test_file_holds_a_name_a_line_with_remarks(tmp_path):
    path = tmp_path / "names"
    path.write_text("# our network\n192.0.2.1  SBC #1\n\n2001:db8::1\tcore west # behind the firewall\n")
    assert aliases_from([], str(path)) == {"192.0.2.1": "SBC", "2001:db8::1": "core west"}


def test_argument_goes_before_the_file(tmp_path):
    path = tmp_path / "names"
    path.write_text("192.0.2.1 file\n192.0.2.2 other\n")
    assert aliases_from(["192.0.2.1=argument"], str(path)) == {"192.0.2.1": "argument", "192.0.2.2": "other"}


def test_error_in_a_file_names_the_line(tmp_path):
    path = tmp_path / "names"
    path.write_text("192.0.2.1 SBC\nsbc 192.0.2.1\n")
    with pytest.raises(UsageError, match="line 2"):
        aliases_from([], str(path))


@pytest.mark.parametrize("content", [None, b"192.0.2.1 caf\xe9\n"])
def test_file_that_cannot_be_read_is_wrong_usage(tmp_path, content):
    path = tmp_path / "names"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match="can't read"):
        aliases_from([], str(path))


def test_lane_has_the_alias_at_its_head_and_the_address_beneath(run, capture):
    lines = run("ladder", capture(), "--alias", "192.0.2.10=desk").stdout.splitlines()
    head = next(number for number, line in enumerate(lines) if "desk" in line)
    assert "192.0.2.20" in lines[head]
    assert "192.0.2.10" in lines[head + 1]


@pytest.mark.parametrize("ending", ["svg", "txt"])
def test_alias_is_drawn_in_pictures(run, tmp_path, capture, ending):
    target = tmp_path / f"call.{ending}"
    run("ladder", capture(), "--alias", "192.0.2.10=desk", "-o", target)
    assert "desk" in target.read_text("utf-8")


def test_media_table_names_both_ends(run, capture):
    output = run("media", capture(), "--alias", "192.0.2.10=desk", "--alias", "192.0.2.20:5000=phone").stdout
    assert "desk 192.0.2.10:4000" in output
    assert "phone 192.0.2.20:5000" in output


def test_party_without_a_user_is_named_by_its_host(run, capture):
    script = CALL.replace("INVITE\n", "INVITE\n      From: <sip:192.0.2.10>;tag=a\n", 1)
    output = run("analyze", capture(script), "--alias", "192.0.2.10=desk").stdout
    assert "desk" in output[output.index("Calls") : output.index("Media")]


def test_report_tells_the_names(run, capture):
    report = json.loads(run("analyze", capture(), "--format", "json", "--alias", "192.0.2.10=desk").stdout)
    assert report["capture"]["names"] == {"192.0.2.10": "desk"}


def test_alias_file_is_taken(run, tmp_path, capture):
    path = tmp_path / "names"
    path.write_text("192.0.2.10 desk\n")
    assert "desk" in run("ladder", capture(), "--alias-file", path).stdout


def test_wrong_alias_exits_2(run, capture):
    result = run("analyze", capture(), "--alias", "desk")
    assert result.exit_code == 2
    assert "is no address" in result.stderr


def named_in_the_file(name: bytes) -> bytes:
    value = bytes([192, 0, 2, 1]) + name + b"\x00"
    names = block(4, struct.pack("<HH", 1, len(value)) + value + bytes(-len(value) % 4) + bytes(4))
    return section() + interface() + names + enhanced(ethernet(ipv4(udp(OPTIONS), source=A4, destination=B4)))


def test_names_of_the_file_head_lanes_where_no_alias_does(run, tmp_path):
    path = tmp_path / "named.pcapng"
    path.write_bytes(named_in_the_file(b"sbc.example"))
    assert "sbc.example" in run("ladder", path).stdout
    output = run("ladder", path, "--alias", f"{A4}=edge").stdout
    assert "edge" in output
    assert "sbc.example" not in output


def test_name_in_a_file_is_never_obeyed(run, tmp_path):
    path = tmp_path / "named.pcapng"
    path.write_bytes(named_in_the_file(b"\x1b[2Jgone\x9b"))
    for arguments in (("ladder", path), ("ladder", path, "-o", "-", "--format", "svg"), ("info", path)):
        output = run(*arguments).stdout
        assert "gone" in output
        assert not any(character in output for character in "\x1b\x9b\udc9b")


def test_graphs_name_both_ends(run, tmp_path, capture):
    target = tmp_path / "quality.svg"
    run("media", capture(), "--alias", "192.0.2.10=desk", "-o", target)
    assert "desk" in target.read_text("utf-8")
