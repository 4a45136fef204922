"""Registration state, presence and instant messages are told as their systems mean them, and nobody is accused."""

from pathlib import Path

import pytest

from sipscope.model.trace import Trace
from sipscope.pipeline import analyze
from tests.flows.story import AUDIO, accusations_of
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nreg 192.0.2.1\npa 192.0.2.2\nrls 192.0.2.3\napp 192.0.2.4\n"


def told(folder: Path, script: str) -> Trace:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(PARTIES + script))
    return analyze(str(path))


def document(kind: str, attributes: str, namespace: str) -> str:
    return f'     | <?xml version="1.0"?><{kind} xmlns="urn:ietf:params:xml:ns:{namespace}" {attributes}/>\n'


def reginfo(version: int, state: str) -> str:
    return "     Content-Type: application/reginfo+xml\n" + document(
        "reginfo", f'version="{version}" state="{state}"', "reginfo"
    )


def subscribe(at: float, one: str, other: str, event: str, label: str, more: str = "") -> str:
    return (
        f"{at} {one} -> {other} SUBSCRIBE call={label}\n     Event: {event}\n     Expires: 3600\n{more}"
        f"{at + 0.1:.1f} {other} -> {one} 200\n     Expires: 3600\n{more.replace('Supported', 'Require')}"
    )


def notify(at: float, one: str, other: str, event: str, label: str, body: str, state: str = "active") -> str:
    return (
        f"{at} {one} -> {other} NOTIFY call={label}\n     Event: {event}\n"
        f"     Subscription-State: {state};expires=3500\n{body}{at + 0.1:.1f} {other} -> {one} 200\n"
    )


REGISTRATION_WATCHED = (
    subscribe(0, "app", "reg", "reg", "1")
    + notify(0.3, "reg", "app", "reg", "1", reginfo(0, "full"))
    + "5.0 bob -> reg REGISTER call=2\n     To: <sip:bob@example.org>\n     Contact: <sip:bob@192.0.2.20>\n"
    "     Expires: 600\n5.1 reg -> bob 200\n     Contact: <sip:bob@192.0.2.20>;expires=600\n"
    + notify(5.2, "reg", "app", "reg", "1", reginfo(1, "partial"))
    + "6.0 app -> bob MESSAGE call=3\n     Content-Type: text/plain\n     | welcome\n6.1 bob -> app 200\n20 end\n"
)
"""F28: an application greets whoever registers, which the registrar tells it."""


def test_registration_that_an_application_watches_is_told_by_versions_and_greeted(tmp_path: Path) -> None:
    trace = told(tmp_path, REGISTRATION_WATCHED)
    (subscription,) = trace.subscriptions
    documents = [item.document for item in subscription.notifications]
    assert [(item.version, item.is_full) for item in documents if item is not None] == [(0, True), (1, False)]
    assert [(item.address_of_record, item.outcome.value) for item in trace.registrations] == [
        ("sip:bob@example.org", "registered")
    ]
    assert [(item.method, item.final_status) for item in trace.transactions][-1] == ("MESSAGE", 200)
    assert trace.calls == ()
    assert accusations_of(trace) == ()


def publish(at: float, asked: str, given: str, *, body: bool, expires: int = 600) -> str:
    match = f"     SIP-If-Match: {asked}\n" if asked else ""
    presence = "     Content-Type: application/pidf+xml\n" + document(
        "presence", 'entity="pres:bob@example.org"', "pidf"
    )
    return (
        f"{at} bob -> pa PUBLISH call=9 uri=sip:bob@example.org\n     Event: presence\n     Expires: {expires}\n{match}"
        f"{presence if body else ''}{at + 0.1:.1f} pa -> bob 200\n     SIP-ETag: {given}\n     Expires: {expires}\n"
    )


LISTS = "     Supported: eventlist\n     Accept: application/pidf+xml, application/rlmi+xml, multipart/related\n"

PRESENCE = (
    publish(0, "", "e1", body=True)
    + subscribe(1, "bob", "pa", "presence.winfo", "2")
    + notify(
        1.3,
        "pa",
        "bob",
        "presence.winfo",
        "2",
        "     Content-Type: application/watcherinfo+xml\n"
        + document("watcherinfo", 'version="0" state="full"', "watcherinfo"),
    )
    + subscribe(2, "alice", "rls", "presence", "1", LISTS)
    + notify(
        2.3,
        "rls",
        "alice",
        "presence",
        "1",
        '     Require: eventlist\n     Content-Type: multipart/related;type="application/rlmi+xml";boundary=cut\n'
        "     | --cut\n     | Content-Type: application/rlmi+xml\n     |\n"
        + document("list", 'uri="sip:friends@example.org" version="0" fullState="true"', "rlmi")
        + "     | --cut--\n",
    )
    + notify(
        2.6,
        "pa",
        "bob",
        "presence.winfo",
        "2",
        "     Content-Type: application/watcherinfo+xml\n"
        + document("watcherinfo", 'version="1" state="partial"', "watcherinfo"),
    )
    + publish(300, "e1", "e2", body=False)
    + publish(400, "e2", "e3", body=True)
    + publish(500, "e3", "e4", body=False, expires=0)
    + "510 end\n"
)
"""F30: bob publishes and sees who watches him; alice watches a list that he is on."""


@pytest.fixture(scope="module")
def presence(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    return told(tmp_path_factory.mktemp("presence"), PRESENCE)


def test_publication_is_one_chain_of_tags_from_its_beginning_to_its_removal(presence: Trace) -> None:
    (publication,) = presence.publications
    steps = [(step.operation.value, step.asked_tag, step.given_tag) for step in publication.steps]
    assert steps == [
        ("initial", None, "e1"),
        ("refresh", "e1", "e2"),
        ("modify", "e2", "e3"),
        ("remove", "e3", "e4"),
    ]


def test_watchers_lists_and_watchers_of_watchers_are_subscriptions_of_their_own(presence: Trace) -> None:
    documents = {
        item.event: [found.document.kind.value for found in item.notifications if found.document is not None]
        for item in presence.subscriptions
    }
    assert documents == {"presence.winfo": ["watcherinfo", "watcherinfo"], "presence": ["list"]}


def test_presence_by_the_book_accuses_nobody(presence: Trace) -> None:
    assert accusations_of(presence) == ()


MSRP = "\n     m=message {port} TCP/MSRP *\n     a=accept-types:text/plain\n     a=path:msrp://{host}:{port}/s1;tcp"

MESSAGES = (
    "0.0 alice -> bob MESSAGE call=1\n     Content-Type: text/plain\n     | on my way\n0.1 bob -> alice 200\n"
    f"5.0 alice -> bob INVITE call=2{MSRP.format(port=2855, host='192.0.2.10')}\n"
    f"6.0 bob -> alice 200{MSRP.format(port=2866, host='192.0.2.20')}\n6.1 alice -> bob ACK\n"
    "60 bob -> alice BYE call=2\n60.1 alice -> bob 200 BYE\n70 end\n"
)
"""F31: a message on its own, and a session for messages."""


def test_message_on_its_own_is_no_call_and_a_session_for_messages_is_one(tmp_path: Path) -> None:
    trace = told(tmp_path, MESSAGES)
    (call,) = trace.calls
    assert [service.name for service in call.services] == ["establish", "accept", "message-session", "release"]
    assert [item.final_status for item in trace.transactions if item.method == "MESSAGE"] == [200]
    (ledger,) = trace.ledgers
    assert [section.kind for section in ledger.exchanges[0].offer.media] == ["message"]
    assert accusations_of(trace) == ()


def test_message_within_a_call_is_part_of_it(tmp_path: Path) -> None:
    script = (
        f"0 alice -> bob INVITE{AUDIO}\n1 bob -> alice 200{AUDIO}\n1.1 alice -> bob ACK\n"
        "3 bob -> alice MESSAGE\n     Content-Type: text/plain\n     | look at page 3\n3.1 alice -> bob 200\n"
        "9 alice -> bob BYE\n9.1 bob -> alice 200 BYE\n60 end\n"
    )
    (call,) = told(tmp_path, script).calls
    assert [(item.name, item.by) for item in call.services if item.name == "message"] == [("message", "callee")]
