"""Calls as a person counts them: how they ended, by whom, and how long each part took."""

import pytest

from sipscope.model.call import Call
from sipscope.model.time import MILLISECOND
from tests.calls.conftest import Calls, milliseconds

PARTIES = """
alice 192.0.2.10
bob   192.0.2.20
carol 192.0.2.30
proxy 192.0.2.1 proxy
inner 192.0.2.2 proxy
"""

REFUSED = """
0.0  alice -> bob  INVITE
0.2  bob -> alice  {status}
0.3  alice -> bob  ACK
"""

RINGING = """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.2  bob -> alice  180
"""

ANSWERED = (
    RINGING
    + """
3.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
3.1  alice -> bob  ACK
"""
)

BUSY_BEHIND_PROXY = """
0.0  alice -> proxy  INVITE
0.1  proxy -> bob    INVITE
0.2  bob -> proxy    {inner}
0.3  proxy -> bob    ACK
0.4  proxy -> alice  {outer}
0.5  alice -> proxy  ACK
"""

GIVEN_UP_BY_PROXY = """
 0.0  alice -> proxy  INVITE
 0.1  proxy -> bob    INVITE
 0.2  bob -> proxy    180
 0.3  proxy -> alice  180
20.0  proxy -> bob    CANCEL
20.1  bob -> proxy    200 CANCEL
20.2  bob -> proxy    487
20.3  proxy -> bob    ACK
20.4  proxy -> alice  {status}
20.5  alice -> proxy  ACK
"""

CHALLENGED = """
0.0  alice -> bob  INVITE
0.1  bob -> alice  407
     Proxy-Authenticate: Digest realm="x", nonce="n1"
0.2  alice -> bob  ACK
"""

FORKED = """
0.00 alice -> proxy INVITE to=bob
0.01 proxy -> bob   INVITE
0.02 proxy -> carol INVITE
"""

RETRIED = """
0.3  alice -> bob  INVITE
     Proxy-Authorization: Digest username="alice", realm="x", nonce="n1", uri="sip:bob@192.0.2.20", response="0"
"""

INVITES_ANOTHER = """
0.0 alice -> bob INVITE
    m=audio 4000 RTP/AVP 0
0.2 bob -> alice {status}
    Contact: <sip:carol@192.0.2.30>
{more}0.3 alice -> bob ACK
"""

OUTCOMES = [
    ("answered and ended by the caller", ANSWERED + "9 alice -> bob BYE\n9.1 bob -> alice 200\n",
     ("answered", 200, "caller", 9000)),
    ("answered and ended by the callee", ANSWERED + "9 bob -> alice BYE\n9.1 alice -> bob 200\n",
     ("answered", 200, "callee", 9000)),
    ("answered and still open", ANSWERED + "60 end\n", ("answered", 200, None, None)),
    ("ended by a BYE that nobody answers", ANSWERED + "9 bob -> alice BYE\n60 end\n",
     ("answered", 200, "callee", 9000)),
    ("busy", REFUSED.format(status=486), ("rejected", 486, "callee", 200)),
    ("declined", REFUSED.format(status=603), ("rejected", 603, "callee", 200)),
    ("server failure", REFUSED.format(status=503), ("rejected", 503, "network", 200)),
    ("timed out downstream", REFUSED.format(status=408), ("unanswered", 408, "network", 200)),
    ("redirected", REFUSED.format(status=302), ("redirected", 302, "callee", 200)),
    ("busy behind a proxy", BUSY_BEHIND_PROXY.format(inner=486, outer=486), ("rejected", 486, "callee", 400)),
    ("refused by a proxy that got something else", BUSY_BEHIND_PROXY.format(inner=480, outer=404),
     ("rejected", 404, "network", 400)),
    ("unknown at the next hop, which nobody answers behind", REFUSED.format(status=404),
     ("rejected", 404, "network", 200)),
    ("not allowed by the callee that rings", RINGING + "3 bob -> alice 403\n3.1 alice -> bob ACK\n",
     ("rejected", 403, "callee", 3000)),
    ("cancelled while ringing",
     RINGING + "4 alice -> bob CANCEL\n4.1 bob -> alice 200\n4.2 bob -> alice 487\n4.3 alice -> bob ACK\n",
     ("cancelled", 487, "caller", 4200)),
    ("cancelled, and the 487 is not in view", RINGING + "4 alice -> bob CANCEL\n4.1 bob -> alice 200\n",
     ("cancelled", None, "caller", None)),
    ("cancelled out of view: nobody is blamed", RINGING + "4.2 bob -> alice 487\n4.3 alice -> bob ACK\n",
     ("cancelled", 487, None, 4200)),
    ("given up by BYE before the answer",
     RINGING + "4 alice -> bob BYE\n4.1 bob -> alice 200\n4.2 bob -> alice 487 INVITE\n4.3 alice -> bob ACK\n",
     ("cancelled", 487, "caller", 4200)),
    ("answer crosses the CANCEL",
     ANSWERED.replace("3.1", "3.05 alice -> bob CANCEL\n3.06 bob -> alice 200 CANCEL\n3.1")
     + "3.2 alice -> bob BYE\n3.3 bob -> alice 200\n",
     ("answered", 200, "caller", 3200)),
    ("given up by a proxy is not cancelled by the caller", GIVEN_UP_BY_PROXY.format(status=480),
     ("rejected", 480, "network", 20400)),
    ("given up by a proxy with 408", GIVEN_UP_BY_PROXY.format(status=408), ("unanswered", 408, "network", 20400)),
    ("nobody answers the INVITE", "0.0 alice -> bob INVITE\n40 end\n", ("unanswered", None, None, None)),
    ("capture ends while it rings", RINGING + "5 end\n", ("open", None, None, None)),
    ("capture ends behind the INVITE", "0.0 alice -> bob INVITE\n1 end\n", ("open", None, None, None)),
    ("challenged and then busy", CHALLENGED + RETRIED + "0.4 bob -> alice 486\n0.5 alice -> bob ACK\n",
     ("rejected", 486, "callee", 400)),
    ("challenged and no more", CHALLENGED + "9 end\n", ("rejected", 407, "network", 100)),
    ("challenged, and the capture ends before a retry could come", CHALLENGED + "3 end\n", ("open", None, None, None)),
    ("challenged, and the capture ends behind the new attempt", CHALLENGED + RETRIED, ("open", None, None, None)),
    ("redirected, and the capture goes on without another attempt",
     INVITES_ANOTHER.format(status=302, more="") + "9 end\n", ("redirected", 302, "callee", 200)),
    *((f"{status} at the end", INVITES_ANOTHER.format(status=status, more=""), ("open", None, None, None))
      for status in (302, 415, 420, 422)),
    ("another offer is asked for at the end of the capture",
     INVITES_ANOTHER.format(status=488, more="      m=audio 0 RTP/AVP 8\n"), ("open", None, None, None)),
    ("not acceptable, without a word what would be", INVITES_ANOTHER.format(status=488, more=""),
     ("rejected", 488, "callee", 200)),
    ("busy at the end of the capture", INVITES_ANOTHER.format(status=486, more=""), ("rejected", 486, "callee", 200)),
    ("one fork busy, the other still rings",
     FORKED + "0.2 bob -> proxy 486\n0.21 proxy -> bob ACK\n0.3 carol -> proxy 180 tag=c1\n1 end\n",
     ("open", None, None, None)),
    ("capture begins inside the call", "0 alice -> bob BYE cseq=9 to-tag=b1\n0.1 bob -> alice 200\n",
     ("open", None, None, 0)),
    ("capture begins behind the INVITE",
     ("0 alice -> bob INVITE unseen\n0.1 bob -> alice 200\n0.2 alice -> bob ACK\n9 bob -> alice BYE\n"
      "9.1 alice -> bob 200 BYE\n"), ("answered", 200, "callee", 9000)),
]  # fmt: skip


def told(call: Call) -> tuple[str, int | None, str | None, int | None]:
    released_by = None if call.released_by is None else call.released_by.value
    return (call.outcome.value, call.final_status, released_by, milliseconds(call.ended_at))


def test_fork_whose_answer_never_reached_the_caller_keeps_no_call_open(calls_of):
    script = (
        FORKED
        + "0.3 bob -> proxy 180 tag=b1\n0.4 carol -> proxy 180 tag=c1\n1.0 carol -> proxy 200 tag=c1\n"
        + "1.1 bob -> proxy 200 tag=b1\n1.2 proxy -> alice 200 tag=b1\n1.3 alice -> proxy ACK\n1.4 proxy -> bob ACK\n"
        + "9.0 alice -> proxy BYE\n9.1 proxy -> bob BYE\n9.2 bob -> proxy 200\n9.3 proxy -> alice 200\n"
    )
    (call,) = calls_of(PARTIES + script)
    assert told(call) == ("answered", 200, "caller", 9000)


@pytest.mark.parametrize(("script", "expected"), [row[1:] for row in OUTCOMES], ids=[row[0] for row in OUTCOMES])
def test_call_ends(calls_of: Calls, script: str, expected: tuple[object, ...]) -> None:
    (call,) = calls_of(PARTIES + script)
    assert told(call) == expected


# -- attempts of one call


def test_challenged_attempt_and_its_repetition_are_one_call(calls_of):
    (call,) = calls_of(PARTIES + CHALLENGED + RETRIED + "0.4 bob -> alice 486\n0.5 alice -> bob ACK\n")
    assert len(call.invites) == 2


def test_attempt_is_judged_by_the_hop_of_the_caller_where_a_b2bua_keeps_the_call_id(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> bob   INVITE cseq=1
0.1  bob -> carol   INVITE cseq=900 from-tag=b2b
     Call-ID: 1@192.0.2.10
0.2  carol -> bob   503
0.3  bob -> carol   ACK
0.4  bob -> alice   486 call=1
0.5  alice -> bob   ACK call=1
"""
    )
    assert (call.call_ids, call.final_status) == (("1@192.0.2.10",), 486)


def test_failover_to_a_second_server_counts_by_its_last_answer(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> bob   INVITE cseq=1
0.1  bob -> alice   503
0.2  alice -> bob   ACK
0.3  alice -> carol INVITE cseq=1 from-tag=alice-1
     Call-ID: 1@192.0.2.10
0.4  carol -> alice 486
0.5  alice -> carol ACK
     Call-ID: 1@192.0.2.10
"""
    )
    assert (call.final_status, milliseconds(call.ended_at)) == (486, 400)


def test_proxy_that_cancels_a_branch_at_the_edge_of_the_capture_is_not_called_the_caller(calls_of):
    behind = "\n".join(line for line in GIVEN_UP_BY_PROXY.splitlines() if "alice" not in line)
    via = "     Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKalice"
    (call,) = calls_of(PARTIES + behind.replace("INVITE", f"INVITE\n{via}", 1))
    assert (call.outcome.value, call.released_by) == ("cancelled", None)


def test_independent_calls_between_the_same_parties_stay_apart(calls_of):
    calls = calls_of(
        PARTIES
        + REFUSED.format(status=486)
        + "1 alice -> bob INVITE call=2\n1.2 bob -> alice 200\n1.3 alice -> bob ACK\n"
    )
    assert [(call.id, call.outcome.value) for call in calls] == [(1, "rejected"), (2, "answered")]


def test_refused_reinvite_leaves_the_call_answered(calls_of):
    (call,) = calls_of(
        PARTIES
        + ANSWERED
        + "4 bob -> alice INVITE\n4.1 alice -> bob 488\n4.2 bob -> alice ACK\n"
        + "9 alice -> bob BYE\n9.1 bob -> alice 200\n"
    )
    assert told(call) == ("answered", 200, "caller", 9000)


def test_reinvite_makes_no_new_call_and_no_new_attempt(calls_of):
    (call,) = calls_of(PARTIES + ANSWERED + "4 bob -> alice INVITE\n4.1 alice -> bob 200\n4.2 bob -> alice ACK\n")
    assert len(call.invites) == 1


def test_retransmissions_change_nothing(calls_of):
    again = ANSWERED + "0.5 alice -> bob INVITE again\n3.5 bob -> alice 200 again\n3.6 alice -> bob ACK again\n"
    (once,), (twice,) = calls_of(PARTIES + ANSWERED + "9 end\n"), calls_of(PARTIES + again + "9 end\n")
    assert (told(twice), twice.setup, twice.ringing) == (told(once), once.setup, once.ringing)


def test_registration_options_and_message_are_no_calls(calls_of):
    assert (
        calls_of(
            PARTIES + "0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n1 alice -> bob MESSAGE\n1.1 bob -> alice 200\n"
        )
        == ()
    )


def test_second_2xx_of_a_fork_is_part_of_the_call(calls_of):
    (call,) = calls_of(
        PARTIES
        + FORKED
        + """
1.0  bob -> proxy   200 tag=b1
1.1  proxy -> alice 200
1.2  carol -> proxy 200 tag=c1
1.3  proxy -> alice 200 tag=c1
"""
    )
    assert [dialog.key.callee_tag for dialog in call.dialogs] == ["b1", "c1"]


# -- how long each part took


def spans(call: Call) -> tuple[int | None, ...]:
    return tuple(None if part is None else part // MILLISECOND for part in (call.setup, call.ringing, call.talking))


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (ANSWERED + "9.5 alice -> bob BYE\n9.6 bob -> alice 200\n", (200, 2800, 6500)),
        (ANSWERED, (200, 2800, None)),
        (ANSWERED.replace("0.2  bob -> alice  180\n", ""), (3000, None, None)),
        (RINGING + "5.2 bob -> alice 486\n5.3 alice -> bob ACK\n", (200, 5000, None)),
        (REFUSED.format(status=486), (None, None, None)),
        ("0 alice -> bob INVITE\n0.1 bob -> alice 100\n0.5 bob -> alice 183\n1 bob -> alice 180\n", (1000, None, None)),
        ("0 alice -> bob INVITE\n0.1 bob -> alice 100\n0.5 bob -> alice 183\n", (500, None, None)),
        ("0.0 alice -> bob INVITE\n0.1 bob -> alice 100\n", (None, None, None)),
    ],
    ids=["whole", "open", "no ringing", "rang, refused", "refused", "183 before 180", "183 alone", "trying only"],
)  # fmt: skip
def test_setup_ringing_and_talking_times(calls_of, script, expected):
    (call,) = calls_of(PARTIES + script)
    assert spans(call) == expected


def test_setup_counts_from_the_first_attempt_over_a_challenge(calls_of):
    (call,) = calls_of(PARTIES + CHALLENGED + RETRIED + "0.9 bob -> alice 180\n")
    assert spans(call)[0] == 900


def test_setup_is_measured_over_two_proxies(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> proxy INVITE to=bob
0.1  proxy -> inner INVITE
0.2  inner -> bob   INVITE
0.3  bob -> inner   180
0.4  inner -> proxy 180
0.5  proxy -> alice 180
"""
    )
    assert (spans(call)[0], len(call.invites), len(call.dialogs)) == (300, 3, 1)


# -- who, and what belongs to it


def test_caller_and_callee_are_from_and_to_of_the_first_invite(calls_of):
    (call,) = calls_of(PARTIES + ANSWERED)
    assert (call.caller.uri.text, call.callee.uri.text) == ("sip:alice@192.0.2.10", "sip:bob@192.0.2.20")


def test_caller_stays_the_caller_when_the_callee_asks_again(calls_of):
    (call,) = calls_of(PARTIES + ANSWERED + "4 bob -> alice INVITE\n4.1 alice -> bob 200\n4.2 bob -> alice ACK\n")
    assert call.caller.uri.user == "alice"


def test_legs_are_the_hops_and_the_direct_way_behind_them(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> proxy INVITE
0.1  proxy -> bob   INVITE
1.0  bob -> proxy   200
1.1  proxy -> alice 200
1.2  alice -> bob   ACK
"""
    )
    hops = [(leg.caller.address, leg.callee.address) for dialog in call.dialogs for leg in dialog.legs]
    assert hops == [("192.0.2.10", "192.0.2.1"), ("192.0.2.1", "192.0.2.20"), ("192.0.2.10", "192.0.2.20")]


def test_streams_carry_the_number_of_their_call(trace_of):
    trace = trace_of(PARTIES + ANSWERED + "3.2-4 alice => bob PCMU\n3.2-4 bob => alice PCMU\n")
    assert trace.calls[0].stream_ids == ("s1", "s2")
    assert {stream.binding.call_id for stream in trace.streams} == {1}


def test_calls_are_counted_by_time(calls_of):
    calls = calls_of(PARTIES + "2 alice -> bob INVITE call=a\n1 carol -> bob INVITE call=b\n")
    assert [(call.id, call.call_ids) for call in calls] == [(1, ("b@192.0.2.30",)), (2, ("a@192.0.2.10",))]
