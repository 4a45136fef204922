import json

SCRIPT = """
alice 192.0.2.10
reg   192.0.2.1
0.0   alice -> reg  REGISTER
      To: <sip:alice@example.org>
      From: <sip:alice@example.org>;tag=1
      Expires: 7200
0.1   reg -> alice  401
      WWW-Authenticate: Digest realm="r", nonce="a"
0.2   alice -> reg  REGISTER
      To: <sip:alice@example.org>
      From: <sip:alice@example.org>;tag=1
      Expires: 7200
      Authorization: Digest username="al", realm="r", nonce="a", uri="sip:192.0.2.1", response="0"
0.3   reg -> alice  200
      Contact: <sip:alice@192.0.2.10:5060>;expires=60
90    end
"""


def test_table_tells_who_registered_where_and_how_it_ended(run, capture):
    output = run("registrations", capture(SCRIPT)).output
    (row,) = [line for line in output.splitlines() if "registered 200" in line]
    assert row.split()[1:] == [
        "sip:alice@example.org",
        "sip:alice@192.0.2.10:5060",
        "7200",
        "60",
        "2",
        "registered",
        "200",
        "192.0.2.1:5060",
    ]


def test_bindings_tell_when_they_ran_out(run, capture):
    assert "expired 22:14:20" in run("registrations", capture(SCRIPT)).output


def test_json_is_one_document_with_registrations_and_bindings(run, capture):
    report = json.loads(run("registrations", capture(SCRIPT), "--format", "json").stdout)
    (registration,) = report["registrations"]
    assert (registration["asked_s"], registration["granted_s"], registration["attempts"]) == (7200, 60, 2)
    (binding,) = report["bindings"]
    assert [event["event"] for event in binding["history"]] == ["added", "expired"]


def test_several_captures_are_an_array(run, capture):
    paths = [capture(SCRIPT, name="a.pcap"), capture(SCRIPT, name="b.pcap")]
    reports = json.loads(run("registrations", *paths, "--format", "json").stdout)
    assert [len(report["registrations"]) for report in reports] == [1, 1]
