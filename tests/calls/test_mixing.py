"""A phone that mixes two calls is told from one that has two calls, and from a server."""

import pytest

from sipscope.model.conference import ConferenceKind
from tests.calls.conftest import milliseconds
from tests.flows.conferences import HELD, HOLD, MIXED_BY_A_PHONE, MIXED_BY_THE_REFEREE, changed, released, up
from tests.flows.story import PARTIES

MEDIA = (
    "11-29 alice => bob PCMU call=1\n11-29 bob => alice PCMU call=1\n"
    "11-29 carol => bob PCMU call=2\n11-29 bob => carol PCMU call=2\n"
)
HELD_FIRST = up("alice", "bob", 0, call=1) + changed("bob", "alice", 3, call=1, offer=HOLD, answer=HELD)
SECOND = up("bob", "carol", 5, call=2)
BOTH_BACK = changed("bob", "carol", 8, call=2, offer=HOLD, answer=HELD) + changed("bob", "alice", 10, call=1)

NOT_MIXED = {
    "media of one call stops": MIXED_BY_A_PHONE + MEDIA.replace("11-29 bob => alice PCMU call=1\n", ""),
    "taken back after the other call": PARTIES
    + HELD_FIRST
    + SECOND
    + released("bob", "carol", 9, call=2)
    + changed("bob", "alice", 10, call=1)
    + "60 end\n",
    "up at once for a moment": PARTIES
    + HELD_FIRST
    + SECOND
    + changed("bob", "alice", 10, call=1)
    + released("bob", "carol", 11, call=2)
    + "60 end\n",
    "second call was there before the hold": PARTIES
    + up("alice", "bob", 0, call=1)
    + up("bob", "carol", 1.5, call=2)
    + changed("bob", "alice", 4, call=1, offer=HOLD, answer=HELD)
    + changed("bob", "alice", 10, call=1)
    + "60 end\n",
    "who is held makes a call that nobody asked for": PARTIES
    + up("alice", "bob", 0, call=1)
    + changed("alice", "bob", 3, call=1, offer=HOLD, answer=HELD)
    + SECOND
    + changed("alice", "bob", 10, call=1)
    + "60 end\n",
    "server that speaks for several users": PARTIES
    + HELD_FIRST
    + SECOND.replace("INVITE call=2", "INVITE call=2\n      From: <sip:dave@192.0.2.20>;tag=bob-2")
    + changed("bob", "alice", 10, call=1)
    + "60 end\n",
    "never held": PARTIES + up("alice", "bob", 0, call=1) + SECOND + "60 end\n",
}


@pytest.mark.parametrize("script", NOT_MIXED.values(), ids=NOT_MIXED.keys())
def test_two_calls_of_one_host_are_no_conference(trace_of, script):
    assert trace_of(script).conferences == ()


MIXED = {
    "no media in view": (MIXED_BY_A_PHONE, 10_100, 30_000),
    "media both ways in both": (MIXED_BY_A_PHONE + MEDIA, 10_100, 30_000),
    "both taken back, one behind the other": (
        PARTIES + HELD_FIRST + SECOND + BOTH_BACK + changed("bob", "carol", 11, call=2) + "60 end\n",
        11_100,
        None,
    ),
    "one held again": (
        PARTIES
        + HELD_FIRST
        + SECOND
        + changed("bob", "alice", 10, call=1)
        + changed("bob", "alice", 20, call=1, offer=HOLD, answer=HELD)
        + "60 end\n",
        10_100,
        20_100,
    ),
    "asked for by REFER": (MIXED_BY_THE_REFEREE, 9_100, 30_000),
}


@pytest.mark.parametrize(("script", "since", "until"), MIXED.values(), ids=MIXED.keys())
def test_phone_that_takes_a_call_back_beside_another_mixes_them(trace_of, script, since, until):
    (conference,) = trace_of(script).conferences
    assert (conference.kind, milliseconds(conference.started_at), milliseconds(conference.ended_at)) == (
        ConferenceKind.MIXING_PHONE,
        since,
        until,
    )


def test_mixing_host_is_named_by_its_side_in_both_calls(trace_of):
    calls = trace_of(MIXED_BY_A_PHONE).calls
    services = [next(item for item in call.services if item.name == "conference") for call in calls]
    assert [(item.by and item.by.value, item.detail) for item in services] == [
        ("callee", "mixed with sip:carol@192.0.2.30"),
        ("caller", "mixed with sip:alice@192.0.2.10"),
    ]


def test_third_call_that_a_phone_joins_makes_the_same_conference_larger(trace_of):
    script = (
        PARTIES
        + "dave 192.0.2.40\n"
        + HELD_FIRST
        + SECOND
        + changed("bob", "alice", 10, call=1)
        + changed("bob", "alice", 15, call=1, offer=HOLD, answer=HELD)
        + changed("bob", "carol", 15.5, call=2, offer=HOLD, answer=HELD)
        + up("bob", "dave", 16, call=3)
        + changed("bob", "alice", 20, call=1)
        + changed("bob", "carol", 20.5, call=2)
        + "60 end\n"
    )
    found = trace_of(script).conferences
    assert [sorted(item.uri[4:].partition("@")[0] for item in each.participants) for each in found] == [
        ["alice", "bob", "carol"],
        ["alice", "bob", "carol", "dave"],
    ]
