"""`sipscope topology`: tables, pictures and graphs of the network."""

import json

import pytest

from tests.cli.conftest import NO_SIP

SIGNATURES = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "graphml": b"<?xml", "json": b"{"}


def test_tables_name_hosts_and_roles(run, capture):
    lines = run("topology", capture()).stdout.splitlines()
    row = next(line for line in lines if line.startswith("192.0.2.10"))
    assert row.split() == ["192.0.2.10", "user", "agent", "client"]


@pytest.mark.parametrize("style", SIGNATURES)
def test_ending_of_the_file_is_the_format(run, capture, tmp_path, style):
    result = run("topology", capture(), "-o", tmp_path / f"network.{style}")
    assert (result.exit_code, result.stdout) == (0, "")
    assert (tmp_path / f"network.{style}").read_bytes().startswith(SIGNATURES[style])


def test_unknown_ending_is_refused_before_anything_is_read(run, tmp_path):
    result = run("topology", tmp_path / "missing.pcap", "-o", "network.txt")
    assert (result.exit_code, "endings: svg, png, graphml, json" in result.stderr) == (2, True)


def test_capture_without_sip_and_rtp_is_wrong_usage(run, capture):
    result = run("topology", capture(NO_SIP))
    assert (result.exit_code, "there is nothing to show" in result.stderr) == (2, True)


def test_alias_names_a_host(run, capture, tmp_path):
    run("topology", capture(), "--alias", "192.0.2.20=desk", "-o", tmp_path / "network.json")
    hosts = json.loads((tmp_path / "network.json").read_text("utf-8"))["hosts"]
    assert {host["host"]: host["name"] for host in hosts} == {"192.0.2.10": None, "192.0.2.20": "desk"}
