"""Who is in a conference by its documents: full and partial, in and out of order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipscope.signalling.rosters import read_roster
from tests.flows.conferences import FOCUS, notified, roster, subscribed

STORIES = {
    "partial documents add and remove": (
        [(0, "full", ("alice", "bob")), (1, "partial", ("carol",)), (2, "partial", ("-bob",))],
        ["alice bob", "alice bob carol", "alice carol"],
    ),
    "full document replaces what was known": (
        [(0, "full", ("alice", "bob")), (1, "full", ("carol",))],
        ["alice bob", "carol"],
    ),
    "who is called or has left is not in": (
        [(0, "full", ("alice", "bob=alerting", "carol=disconnected"))],
        ["alice"],
    ),
    "who holds or is muted is in": ([(0, "full", ("alice=on-hold", "bob=muted-via-focus"))], ["alice bob"]),
    "version that came before changes nothing": (
        [(4, "full", ("alice",)), (4, "partial", ("bob",)), (3, "full", ()), (5, "partial", ("carol",))],
        ["alice", "alice", "alice", "alice carol"],
    ),
    "nobody is left": ([(0, "full", ("alice",)), (1, "partial", ("-alice",))], ["alice", ""]),
}


@pytest.mark.parametrize(("documents", "present"), STORIES.values(), ids=STORIES.keys())
def test_documents_add_up_to_who_is_in(trace_of, documents, present):
    script = FOCUS + subscribed("alice", 0, call=1)
    for place, (version, state, users) in enumerate(documents):
        script += notified("alice", place + 1, roster(version, *users, state=state), call=1, left=590)
    (conference,) = trace_of(script).conferences
    told = [" ".join(uri[4:].partition("@")[0] for uri in item.present) for item in conference.reports]
    assert told == present


def test_subscription_alone_shows_a_conference_and_who_only_the_focus_tells_of(trace_of):
    script = FOCUS + subscribed("alice", 0, call=1) + notified("alice", 1, roster(0, "bob", "carol"), call=1, left=590)
    (conference,) = trace_of(script).conferences
    assert [(item.uri, item.entry.value) for item in conference.participants] == [
        ("sip:bob@192.0.2.20", "told only"),
        ("sip:carol@192.0.2.30", "told only"),
    ]


UNREADABLE = {
    "cut": b"<conference-info><users>",
    "another root": b"<presence/>",
    "declared entities": b'<!DOCTYPE x [<!ENTITY y "z">]><conference-info/>',
    "unknown encoding": b'<?xml version="1.0" encoding="none"?><conference-info/>',
    "nothing": b"",
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_document_that_can_not_be_read_says_nothing(content):
    assert read_roster(content) is None


def test_status_of_an_endpoint_that_is_gone_does_not_count():
    found = read_roster(
        b'<conference-info><users><user entity="a"><endpoint entity="b" state="deleted"><status>connected</status>'
        b"</endpoint></user></users></conference-info>"
    )
    assert found is not None
    assert found.users[0].statuses == (("b", None),)


def test_partial_user_keeps_its_other_endpoints():
    found = read_roster(
        b'<conference-info state="partial"><users><user entity="a" state="partial"><endpoint entity="c"><status>pending'
        b"</status></endpoint></user></users></conference-info>"
    )
    assert found is not None
    assert (found.is_whole, found.users[0].is_partial) == (False, True)


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from([b"<users>", b"</users>", b"<user entity='a'>", b"</user>", b"<endpoint>", b"connected", b"&"])
    )
)
def test_any_content_is_read_without_raising(pieces):
    found = read_roster(b"<conference-info>" + b"".join(pieces) + b"</conference-info>")
    assert found is None or all(user.entity for user in found.users)
