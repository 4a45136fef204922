import json

from tests.flows.conferences import DIAL_IN
from tests.views.test_standing import AOR, PARTIES, presence, register

WATCHED = PARTIES + register(0, 600) + presence(2, "closed") + "20 end\n"


def _row(output: str, word: str) -> str:
    (row,) = [line for line in output.splitlines() if word in line]
    return " ".join(row.split())


def test_page_tells_documents_by_version(run, capture):
    output = run("subscriptions", capture(DIAL_IN)).output
    assert _row(output, "bob@192.0.2.20 deleted") == (
        "1 22:13:40.200 conference-info 2 partial sip:bob@192.0.2.20 deleted 21"
    )


def test_page_tells_who_is_registered_but_not_available(run, capture):
    row = _row(run("subscriptions", capture(WATCHED)).output, "but not")
    assert row == f"{AOR} holds closed 22:13:22.200 registered, but not available"


def test_json_tells_users_and_what_was_told_of_them(run, capture):
    report = json.loads(run("subscriptions", capture(WATCHED), "--format", "json").stdout)
    ((user,), (subscription,)) = (report["users"], report["subscriptions"])
    assert (user["registered"], user["available"]) == (True, False)
    assert subscription["notifications"][0]["told"] == [
        {"entity": "pres:bob@example.org", "state": "closed", "detail": ""}
    ]
