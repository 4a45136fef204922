import json

SCRIPT = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  PUBLISH new call=1
      Event: presence
      Expires: 600
      Content-Type: application/pidf+xml
      | <presence/>
0.1   bob -> alice  200
      SIP-ETag: a1
      Expires: 300
200   alice -> bob  PUBLISH new call=2
      Event: presence
      SIP-If-Match: a1
200.1 bob -> alice  200
      SIP-ETag: a2
      Expires: 300
"""

REFRESHED_TAGS = "a1 > a2"

REMOVED = (
    SCRIPT
    + """
250   alice -> bob  PUBLISH new call=3
      Event: presence
      SIP-If-Match: a2
      Expires: 0
250.1 bob -> alice  200
      SIP-ETag: a3
      Expires: 0
"""
)

REFUSED = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  PUBLISH new call=1
      Event: presence
      | <presence/>
0.1   bob -> alice  489
"""


def _row(output: str) -> str:
    (row,) = [line for line in output.splitlines() if " presence " in line]
    return row


def test_table_tells_what_was_published_and_until_when_it_holds(run, capture):
    row = _row(run("publications", capture(SCRIPT)).output)
    assert "sip:bob@192.0.2.20" in row
    assert "1 initial, 1 refresh" in row
    assert "published until 22:21:40" in row
    assert row.rstrip().endswith(REFRESHED_TAGS)


def test_publication_that_ran_out_is_told_as_such(run, capture):
    assert "expired at 22:21:40" in _row(run("publications", capture(SCRIPT + "900 end\n")).output)


def test_publication_that_was_taken_back_is_told_as_such(run, capture):
    assert "removed" in _row(run("publications", capture(REMOVED)).output)


def test_refused_publication_tells_its_status(run, capture):
    assert "refused 489" in _row(run("publications", capture(REFUSED)).output)


def test_json_tells_every_step_with_its_tags(run, capture):
    report = json.loads(run("publications", capture(SCRIPT), "--format", "json").stdout)
    (publication,) = report["publications"]
    assert [
        (step["operation"], step["asked_tag"], step["given_tag"], step["asked_s"], step["granted_s"], step["frames"])
        for step in publication["steps"]
    ] == [("initial", None, "a1", 600, 300, [1, 2]), ("refresh", "a1", "a2", None, 300, [3, 4])]


def test_several_captures_are_an_array(run, capture):
    paths = [capture(SCRIPT, name="a.pcap"), capture(REFUSED, name="b.pcap")]
    reports = json.loads(run("publications", *paths, "--format", "json").stdout)
    assert [report["publications"][0]["state"] for report in reports] == ["published", "refused"]


def test_capture_without_publications_says_so(run, capture):
    assert "0 publications" in run("publications", capture()).output


def test_report_and_summary_count_publications(run, capture):
    report = json.loads(run("analyze", capture(SCRIPT), "--format", "json").stdout)
    assert [item["state"] for item in report["publications"]] == ["published"]
    assert "1 publication" in run("analyze", capture(SCRIPT)).output
