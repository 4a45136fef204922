"""Conferences with a focus: who counts, and from when."""

from tests.calls.conftest import milliseconds
from tests.flows.conferences import FOCUS, HELD, HOLD, IS_FOCUS, changed, released, up
from tests.flows.story import AUDIO, PARTIES

IS_BOB = "\n      Contact: <sip:bob@192.0.2.20:5060>;isfocus"


def ways(conference):
    return [(item.uri[4:].partition("@")[0], item.entry.value) for item in conference.participants]


def test_call_that_becomes_a_conference_counts_from_then(trace_of):
    script = (
        PARTIES + up("alice", "bob", 0, call=1) + changed("bob", "alice", 3, call=1, offer=AUDIO + IS_BOB) + "9 end\n"
    )
    (conference,) = trace_of(script).conferences
    assert [milliseconds(item.joined_at) for item in conference.participants] == [3000, 3000]


def test_refused_offer_makes_no_conference(trace_of):
    script = (
        PARTIES
        + up("alice", "bob", 0, call=1)
        + f"3 bob -> alice INVITE call=1{AUDIO}{IS_BOB}\n3.1 alice -> bob 488 INVITE\n"
        + "3.2 bob -> alice ACK call=1\n9 end\n"
    )
    assert trace_of(script).conferences == ()


def test_same_room_is_one_conference_over_all_its_calls(trace_of):
    script = (
        FOCUS
        + up("alice", "room", 0, call=1, answer=IS_FOCUS)
        + released("alice", "room", 3, call=1)
        + up("bob", "room", 5, call=2, answer=IS_FOCUS)
        + released("bob", "room", 8, call=2)
    )
    (conference,) = trace_of(script).conferences
    assert (ways(conference), milliseconds(conference.ended_at)) == (
        [("alice", "dial-in"), ("bob", "dial-in")],
        8000,
    )


def test_device_that_lists_other_packages_does_not_know_conferences(trace_of):
    script = (
        FOCUS + up("alice", "room", 0, call=1, answer=IS_FOCUS, extra="\n      Allow-Events: talk, hold") + "9 end\n"
    )
    (conference,) = trace_of(script).conferences
    assert conference.participants[0].is_aware is False


def test_device_that_lists_the_package_knows_conferences(trace_of):
    script = (
        FOCUS + up("alice", "room", 0, call=1, answer=IS_FOCUS, extra="\n      Allow-Events: conference") + "9 end\n"
    )
    (conference,) = trace_of(script).conferences
    assert conference.participants[0].is_aware is True


def test_who_joins_by_join_or_replaces_is_told_so(trace_of):
    script = (
        FOCUS
        + up("alice", "room", 0, call=1, answer=IS_FOCUS)
        + up(
            "bob", "room", 2, call=2, answer=IS_FOCUS, extra="\n      Join: 1@192.0.2.10;to-tag=room-1;from-tag=alice-1"
        )
        + up("carol", "room", 4, call=3, answer=IS_FOCUS, extra="\n      Replaces: 9@x;to-tag=room-9;from-tag=dave-9")
        + "9 end\n"
    )
    (conference,) = trace_of(script).conferences
    assert ways(conference) == [("alice", "dial-in"), ("bob", "dial-in by Join"), ("carol", "dial-in by Replaces")]


def test_server_that_hides_its_focus_is_not_guessed(trace_of):
    script = FOCUS + up("alice", "room", 0, call=1) + up("bob", "room", 2, call=2) + up("carol", "room", 4, call=3)
    assert trace_of(script + "9 end\n").conferences == ()


def test_held_participant_stays_in(trace_of):
    script = (
        FOCUS
        + up("alice", "room", 0, call=1, answer=IS_FOCUS)
        + changed("alice", "room", 3, call=1, offer=HOLD, answer=HELD)
        + "9 end\n"
    )
    (conference,) = trace_of(script).conferences
    assert conference.participants[0].left_at is None
