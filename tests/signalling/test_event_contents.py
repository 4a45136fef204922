"""What notified documents say of whom."""

import pytest

from sipscope.model.header_values import MediaType
from sipscope.model.message import BodyPart
from sipscope.signalling.event_contents import entries_of

PIDF = "application/pidf+xml"
DOCUMENTS = {
    "registration with two contacts": (
        "application/reginfo+xml",
        (
            '<reginfo version="0" state="full"><registration aor="sip:bob@example.org" id="a" state="active">'
            '<contact id="1" state="active" event="registered"><uri>sip:bob@192.0.2.20</uri></contact>'
            '<contact id="2" state="terminated" event="expired"><uri>sip:bob@192.0.2.21</uri></contact>'
            "</registration></reginfo>"
        ),
        [
            (
                "sip:bob@example.org",
                "active",
                "sip:bob@192.0.2.20 active registered, sip:bob@192.0.2.21 terminated expired",
            )
        ],
    ),
    "one device is enough to be available": (
        PIDF,
        (
            '<presence entity="pres:bob@example.org"><tuple id="1"><status><basic>closed</basic></status></tuple>'
            '<tuple id="2"><status><basic>open</basic></status></tuple></presence>'
        ),
        [("pres:bob@example.org", "open", "1 closed, 1 open")],
    ),
    "presence without a status": (
        PIDF,
        '<presence entity="pres:bob@example.org"><note>out to lunch</note></presence>',
        [("pres:bob@example.org", "", "")],
    ),
    "prefixed names": (
        PIDF,
        (
            '<p:presence xmlns:p="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.org"><p:tuple id="1"><p:status>'
            "<p:basic>open</p:basic></p:status></p:tuple></p:presence>"
        ),
        [("pres:bob@example.org", "open", "")],
    ),
    "list with a member that doesn't answer": (
        "application/rlmi+xml",
        (
            '<list uri="sip:friends@example.org" version="0" fullState="true">'
            '<resource uri="sip:bob@example.org"><instance id="1" state="active"/></resource>'
            '<resource uri="sip:dave@example.org"><instance id="1" state="terminated" reason="noresource"/></resource>'
            "</list>"
        ),
        [("sip:bob@example.org", "active", ""), ("sip:dave@example.org", "terminated", "noresource")],
    ),
    "watchers": (
        "application/watcherinfo+xml",
        (
            '<watcherinfo version="0" state="full"><watcher-list resource="sip:bob@example.org" package="presence">'
            '<watcher id="1" status="active" event="approved">sip:alice@example.org</watcher>'
            '<watcher id="2" status="pending" event="subscribe">sip:dave@example.org</watcher></watcher-list>'
            "</watcherinfo>"
        ),
        [("sip:alice@example.org", "active", "approved"), ("sip:dave@example.org", "pending", "subscribe")],
    ),
    "dialogs of a phone": (
        "application/dialog-info+xml",
        (
            '<dialog-info version="1" state="full" entity="sip:bob@example.org"><dialog id="1" direction="recipient">'
            "<state>early</state></dialog></dialog-info>"
        ),
        [("sip:bob@example.org", "early", "recipient")],
    ),
    "participants": (
        "application/conference-info+xml",
        (
            '<conference-info entity="sip:room@example.org"><users><user entity="sip:bob@example.org"><endpoint '
            'entity="sip:bob@192.0.2.20"><status>on-hold</status></endpoint></user>'
            '<user entity="sip:dave@example.org" state="deleted"/></users></conference-info>'
        ),
        [("sip:bob@example.org", "on-hold", ""), ("sip:dave@example.org", "deleted", "")],
    ),
    "waiting messages": (
        "application/simple-message-summary",
        "Messages-Waiting: yes\r\nMessage-Account: sip:bob@vm.example.org\r\nVoice-Message: 2/8 (0/2)\r\n",
        [("sip:bob@vm.example.org", "yes", "voice-message 2/8 (0/2)")],
    ),
    "no messages": ("application/simple-message-summary", "Messages-Waiting: no\r\n", [("", "no", "")]),
    "text of somebody": ("text/plain", "Messages-Waiting: yes\r\n", []),
    "cut document": (PIDF, '<presence entity="pres:bob@example.org"><tuple', []),
    "declared entities": (PIDF, '<!DOCTYPE x [<!ENTITY y "z">]><presence entity="pres:bob@example.org"/>', []),
    "unknown encoding": (PIDF, '<?xml version="1.0" encoding="none"?><presence/>', []),
    "deep nesting": (PIDF, "<a>" * 100_000, []),
    "no body": (PIDF, "", []),
}


@pytest.mark.parametrize(("kind", "text", "told"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_document_tells_states_by_user(kind: str, text: str, told: list[tuple[str, str, str]]) -> None:
    main, _, sub = kind.partition("/")
    part = BodyPart(content_type=MediaType(type=main, subtype=sub), content=text.encode())
    assert [(item.entity, item.state, item.detail) for item in entries_of((part,))] == told
