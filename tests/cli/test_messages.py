import json

SCRIPT = """
alice 192.0.2.10
bob   192.0.2.20
0.0   alice -> bob  MESSAGE call=1 new
      Content-Type: text/plain
      | the secret word
0.1   bob -> alice  200
9.0   bob -> alice  MESSAGE call=2 new
      Content-Type: text/plain
      | thanks
9.1   alice -> bob  200
20    alice -> bob  MESSAGE call=3 new
      Content-Type: text/plain
      | bye
20.1  bob -> alice  480
"""


def test_table_tells_who_wrote_whom_and_what_failed(run, capture):
    (row,) = [line for line in run("messages", capture(SCRIPT)).output.splitlines() if "text/plain" in line]
    assert row.split() == [
        "22:13:20.000",
        "22:13:40.000",
        "sip:alice@192.0.2.10",
        "sip:bob@192.0.2.20",
        "2",
        "1",
        "text/plain",
        "1",
        "×",
        "480",
    ]


def test_json_tells_type_size_and_status_of_each_message(run, capture):
    (found,) = json.loads(run("messages", capture(SCRIPT), "--format", "json").stdout)["conversations"]
    assert [(item["from"], item["bytes"], item["status"], item["frames"]) for item in found["messages"]] == [
        ("sip:alice@192.0.2.10", 17, 200, [1, 2]),
        ("sip:bob@192.0.2.20", 8, 200, [3, 4]),
        ("sip:alice@192.0.2.10", 5, 480, [5, 6]),
    ]


def test_what_was_written_is_not_shown(run, capture):
    path = capture(SCRIPT)
    assert "secret" not in run("messages", path).output + run("messages", path, "--format", "json").output


def test_capture_without_messages_says_so(run, capture):
    assert "0 conversations, 0 messages" in run("messages", capture()).output
