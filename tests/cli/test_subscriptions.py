import json

SCRIPT = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  SUBSCRIBE call=1
      Event: dialog
      Expires: 600
0.1   bob -> alice  200
      Expires: 300
0.2   bob -> alice  NOTIFY call=1
      Event: dialog
      Subscription-State: active;expires=300
      Content-Type: application/dialog-info+xml
      | <dialog-info version="0" state="full" entity="sip:bob@192.0.2.20"/>
0.3   alice -> bob  200
9.0   bob -> alice  NOTIFY call=1
      Event: dialog
      Subscription-State: terminated;reason=deactivated
9.1   alice -> bob  200
"""

REFUSED = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  SUBSCRIBE call=1
      Event: presence
0.1   bob -> alice  489
"""

REFER = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  REFER call=1
      Refer-To: <sip:carol@192.0.2.30>
0.1   bob -> alice  202
0.2   bob -> alice  NOTIFY call=1 sipfrag=100 state=active;expires=60
0.3   alice -> bob  200
"""


def _row(output: str, word: str) -> list[str]:
    (row,) = [line for line in output.splitlines() if word in line]
    return row.split()[2:]


def test_table_tells_who_watches_whom_and_how_it_ended(run, capture):
    assert _row(run("subscriptions", capture(SCRIPT)).output, "deactivated") == [
        "dialog",
        "sip:alice@192.0.2.10",
        "sip:bob@192.0.2.20",
        "600",
        "300",
        "2",
        "terminated",
        "deactivated",
    ]


def test_refused_subscription_tells_its_status(run, capture):
    row = _row(run("subscriptions", capture(REFUSED)).output, "presence")
    assert row == ["presence", "sip:alice@192.0.2.10", "sip:bob@192.0.2.20", "0", "refused", "489"]


def test_subscription_made_by_refer_is_told_as_such(run, capture):
    assert "(by REFER)" in run("subscriptions", capture(REFER)).output


def test_json_tells_every_notify_with_its_document(run, capture):
    report = json.loads(run("subscriptions", capture(SCRIPT), "--format", "json").stdout)
    (subscription,) = report["subscriptions"]
    first, last = subscription["notifications"]
    assert first["document"] == {"kind": "dialog-info", "version": 0, "full": True, "entity": "sip:bob@192.0.2.20"}
    assert (last["state"], last["reason"], last["frames"]) == ("terminated", "deactivated", [5, 6])


def test_json_tells_how_long_it_was_to_last(run, capture):
    report = json.loads(run("subscriptions", capture(SCRIPT), "--format", "json").stdout)
    (subscription,) = report["subscriptions"]
    assert [(term["frame"], term["seconds"]) for term in subscription["terms"]] == [(2, 300), (3, 300)]


def test_several_captures_are_an_array(run, capture):
    paths = [capture(SCRIPT, name="a.pcap"), capture(REFUSED, name="b.pcap")]
    reports = json.loads(run("subscriptions", *paths, "--format", "json").stdout)
    assert [report["subscriptions"][0]["state"] for report in reports] == ["terminated", "refused"]


def test_capture_without_subscriptions_says_so(run, capture):
    assert "0 subscriptions" in run("subscriptions", capture()).output
