import json

SCRIPT = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  OPTIONS call=1 new
0.1   bob -> alice  200
30    alice -> bob  OPTIONS call=2 new
90    alice -> bob  OPTIONS call=3 new
90.1  bob -> alice  503
150   end
"""

REGISTERED = """
bob   192.0.2.20
reg   192.0.2.1
0.0   bob -> reg  REGISTER call=1
      Expires: 3600
0.1   reg -> bob  200
      Expires: 3600
5.0   reg -> bob  MESSAGE call=2 new uri=sip:bob@192.0.2.20
5.1   bob -> reg  480
"""


def test_table_tells_who_is_down_and_since_when(run, capture):
    (row,) = [line for line in run("probes", capture(SCRIPT)).output.splitlines() if "192.0.2.20" in line]
    assert row.split()[:5] == ["192.0.2.20", "192.0.2.10", "3", "2", "down"]
    assert row.rstrip().endswith("up 22:13:20.000 (200 OK), down 22:13:50.000 (no answer)")


def test_json_tells_every_change_with_its_frame(run, capture):
    (probing,) = json.loads(run("probes", capture(SCRIPT), "--format", "json").stdout)["probes"]
    assert [(item["availability"], item["frame"]) for item in probing["changes"]] == [("up", 1), ("down", 3)]


def test_capture_without_probes_says_so(run, capture):
    assert "0 peers probed by OPTIONS" in run("probes", capture(REGISTERED)).output


def test_registrations_tell_that_a_registered_contact_was_not_there(run, capture):
    assert "down 22:13:25.000 (480" in run("registrations", capture(REGISTERED)).output


def test_json_of_registrations_tells_it_with_the_frame(run, capture):
    (binding,) = json.loads(run("registrations", capture(REGISTERED), "--format", "json").stdout)["bindings"]
    assert [(item["availability"], item["frame"]) for item in binding["reached"]] == [("down", 3)]
