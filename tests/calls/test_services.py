"""What happened in a call, in a user's words: who, from when to when, and in which frames."""

import pytest

from sipscope.model.call import Call, Service
from tests.calls.conftest import Calls, told

PARTIES = """
alice 192.0.2.10
bob   192.0.2.20
proxy 192.0.2.1 proxy
"""

ANSWERED = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.1  bob -> alice  180
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
1.1  alice -> bob  ACK
"""
)

TWO_FORKS = (
    PARTIES
    + """
carol 192.0.2.30
0.00 alice -> proxy INVITE to=bob
     m=audio 4000 RTP/AVP 0
0.01 proxy -> bob   INVITE
0.02 proxy -> carol INVITE
0.10 bob   -> proxy 180 tag=b1
0.11 proxy -> alice 180
0.20 carol -> proxy 180 tag=c1
0.21 proxy -> alice 180 tag=c1
"""
)


def offered(at: float, offerer: str, answerer: str, wish: str, answer: str = "") -> str:
    """A re-INVITE with a line of media, its answer and its ACK, a tenth of a second apart."""
    ports = {"alice": 4000, "bob": 5000}
    return f"""
{at:.1f}  {offerer} -> {answerer}  INVITE
     m=audio {ports[offerer]} RTP/AVP 0
     {wish or "a=sendrecv"}
{at + 0.1:.1f}  {answerer} -> {offerer}  200
     m=audio {ports[answerer]} RTP/AVP 0
     {answer or "a=sendrecv"}
{at + 0.2:.1f}  {offerer} -> {answerer}  ACK
"""


def holds(calls_of: Calls, script: str) -> list[tuple[str, str | None, int | None, int | None]]:
    (call,) = calls_of(script)
    return [told(service) for service in call.services if service.name in {"hold", "resume"}]


def deeds(call: Call) -> tuple[Service, ...]:
    """The services of a call that are more than its bones, which every call has."""
    return tuple(item for item in call.services if item.name not in {"establish", "accept", "refuse", "release"})


# -- hold


@pytest.mark.parametrize(
    ("wish", "answer"),
    [
        ("a=sendonly", "a=recvonly"),
        ("a=sendonly", "a=inactive"),
        ("a=inactive", "a=inactive"),
        ("c=IN IP4 0.0.0.0", "a=sendrecv"),
    ],
)
def test_offer_that_asks_for_no_media_is_hold_until_the_offerer_asks_again(calls_of, wish, answer):
    script = ANSWERED + offered(2, "alice", "bob", wish, answer) + offered(5, "alice", "bob", "a=sendrecv")
    assert holds(calls_of, script) == [("hold", "caller", 2100, 5100), ("resume", "caller", 5100, None)]


def test_callee_holds_too(calls_of):
    script = ANSWERED + offered(2, "bob", "alice", "a=sendonly", "a=recvonly")
    assert holds(calls_of, script) == [("hold", "callee", 2100, None)]


def test_hold_names_the_frame_of_its_offer(calls_of):
    (call,) = calls_of(ANSWERED + offered(2, "alice", "bob", "a=sendonly", "a=recvonly"))
    assert [service.frames for service in deeds(call)] == [(5,)]


def test_recvonly_is_no_hold(calls_of):
    assert holds(calls_of, ANSWERED + offered(2, "alice", "bob", "a=recvonly", "a=sendonly")) == []


def test_answer_that_a_hold_requires_sets_no_hold_of_its_own(calls_of):
    script = (
        ANSWERED + offered(2, "alice", "bob", "a=inactive", "a=inactive") + offered(5, "alice", "bob", "a=sendrecv")
    )
    assert {service[1] for service in holds(calls_of, script)} == {"caller"}


def test_sendonly_answer_to_sendrecv_is_hold_by_the_answerer(calls_of):
    script = ANSWERED + offered(2, "alice", "bob", "a=sendrecv", "a=sendonly")
    assert holds(calls_of, script) == [("hold", "callee", 2100, None)]


def test_both_hold_and_resume_in_the_other_order(calls_of):
    script = (
        ANSWERED
        + offered(2, "alice", "bob", "a=sendonly", "a=recvonly")
        + offered(3, "bob", "alice", "a=inactive", "a=inactive")
        + offered(4, "alice", "bob", "a=recvonly", "a=inactive")
        + offered(5, "bob", "alice", "a=sendrecv", "a=sendrecv")
    )
    assert holds(calls_of, script) == [
        ("hold", "caller", 2100, 4100),
        ("hold", "callee", 3100, 5100),
        ("resume", "caller", 4100, None),
        ("resume", "callee", 5100, None),
    ]


def test_repeated_hold_is_one_hold(calls_of):
    script = (
        ANSWERED
        + offered(2, "alice", "bob", "a=sendonly", "a=recvonly")
        + offered(3, "alice", "bob", "a=sendonly", "a=recvonly")
        + offered(5, "alice", "bob", "a=sendrecv")
    )
    assert [service[0] for service in holds(calls_of, script)] == ["hold", "resume"]


def test_refused_hold_is_none(calls_of):
    script = (
        ANSWERED
        + """
2.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     a=sendonly
2.1  bob -> alice  488
2.2  alice -> bob  ACK
"""
    )
    assert holds(calls_of, script) == []


ANNOUNCEMENT = PARTIES + (
    """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     a=sendonly
1.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
     a=recvonly
1.1  alice -> bob  ACK
"""
)


def test_first_exchange_is_no_hold(calls_of):
    assert holds(calls_of, ANNOUNCEMENT) == []


def test_sendonly_from_the_start_is_no_hold_when_it_is_repeated(calls_of):
    assert holds(calls_of, ANNOUNCEMENT + offered(60, "alice", "bob", "a=sendonly", "a=recvonly")) == []


PROXIED = (
    PARTIES
    + """
0.0  alice -> proxy  INVITE
     m=audio 4000 RTP/AVP 0
0.1  proxy -> bob    INVITE
1.0  bob -> proxy    200
     m=audio 5000 RTP/AVP 0
1.1  proxy -> alice  200
1.2  alice -> bob    ACK
"""
)


def test_hold_on_the_direct_way_behind_a_proxy_that_does_not_record_route_is_seen(calls_of):
    script = PROXIED + offered(2, "alice", "bob", "a=sendonly", "a=recvonly") + offered(5, "alice", "bob", "a=sendrecv")
    assert holds(calls_of, script) == [("hold", "caller", 2100, 5100), ("resume", "caller", 5100, None)]


def test_hold_in_a_capture_that_begins_inside_the_call_is_seen(calls_of):
    script = PARTIES + "0.5 alice -> bob ACK cseq=1 to-tag=b1\n     Call-ID: 1@192.0.2.10\n"
    script += offered(2, "alice", "bob", "a=sendonly", "a=recvonly").replace("INVITE", "INVITE to-tag=b1")
    assert holds(calls_of, script) == [("hold", "caller", 2100, None)]


def test_sendonly_from_the_start_is_no_hold_when_it_is_repeated_on_the_direct_way(calls_of):
    script = PROXIED.replace("0 RTP/AVP 0", "0 RTP/AVP 0\n     a=sendonly", 1)
    assert holds(calls_of, script + offered(60, "alice", "bob", "a=sendonly", "a=recvonly")) == []


def test_hold_through_a_record_routing_proxy_is_told_once(calls_of):
    script = (
        PROXIED.replace("192.0.2.1 proxy", "192.0.2.1 proxy record-route").replace(
            "1.2  alice -> bob    ACK", "1.2  alice -> proxy  ACK\n1.3  proxy -> bob    ACK"
        )
        + """
2.0  alice -> proxy  INVITE
     m=audio 4000 RTP/AVP 0
     a=sendonly
2.1  proxy -> bob    INVITE
2.2  bob -> proxy    200
     m=audio 5000 RTP/AVP 0
     a=recvonly
2.3  proxy -> alice  200
2.4  alice -> proxy  ACK
2.5  proxy -> bob    ACK
"""
    )
    assert holds(calls_of, script) == [("hold", "caller", 2300, None)]


def test_hold_by_update_before_the_answer_and_back(calls_of):
    script = (
        PARTIES
        + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
     Supported: 100rel
0.1  bob -> alice  183 rseq=1
     m=audio 5000 RTP/AVP 0
0.2  alice -> bob  PRACK
0.3  bob -> alice  200 PRACK
1.0  alice -> bob  UPDATE
     m=audio 4000 RTP/AVP 0
     a=inactive
1.1  bob -> alice  200 UPDATE
     m=audio 5000 RTP/AVP 0
     a=inactive
2.0  alice -> bob  UPDATE
     m=audio 4000 RTP/AVP 0
2.1  bob -> alice  200 UPDATE
     m=audio 5000 RTP/AVP 0
3.0  bob -> alice  200 INVITE
3.1  alice -> bob  ACK
"""
    )
    assert holds(calls_of, script) == [("hold", "caller", 1100, 2100), ("resume", "caller", 2100, None)]


# -- forks and redirects


def test_two_early_dialogs_of_one_invite_are_a_fork(calls_of):
    (call,) = calls_of(TWO_FORKS)
    assert [(service.name, service.frames) for service in deeds(call)] == [("fork", (1,))]


def test_one_early_dialog_is_no_fork(calls_of):
    (call,) = calls_of(ANSWERED)
    assert deeds(call) == ()


def test_redirect_names_the_frame_of_the_302(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> bob  INVITE
0.1  bob -> alice  302
     Contact: <sip:carol@192.0.2.30>
0.2  alice -> bob  ACK
"""
    )
    assert [(told(service), service.frames) for service in deeds(call)] == [(("redirect", None, 100, None), (2,))]


# -- early media


EARLY = (
    PARTIES
    + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.1  bob -> alice  183
     m=audio 5000 RTP/AVP 0
0.5-{end} bob => alice PCMU
"""
)


def test_media_to_the_caller_before_the_answer_is_early_media_until_the_answer(calls_of):
    script = EARLY.format(end=3) + "2.0 bob -> alice 200\n     m=audio 5000 RTP/AVP 0\n2.1 alice -> bob ACK\n"
    (call,) = calls_of(script)
    assert [told(service) for service in deeds(call)] == [("early-media", "callee", 500, 2000)]


def test_media_that_overtakes_the_answer_is_not_early_media(calls_of):
    (call,) = calls_of(
        EARLY.format(end=3) + "0.9 bob -> alice 200\n     m=audio 5000 RTP/AVP 0\n1.0 alice -> bob ACK\n"
    )
    assert deeds(call) == ()


def test_announcement_before_a_refusal_is_early_media_until_the_refusal(calls_of):
    (call,) = calls_of(EARLY.format(end=3) + "3.5 bob -> alice 404\n3.6 alice -> bob ACK\n")
    assert [told(service) for service in deeds(call)] == [("early-media", "callee", 500, 3500)]


def test_media_after_the_answer_is_not_early(calls_of):
    (call,) = calls_of(ANSWERED + "1.2-3 bob => alice PCMU\n1.2-3 alice => bob PCMU\n")
    assert deeds(call) == ()


def test_media_from_the_caller_before_the_answer_is_not_early_media(calls_of):
    (call,) = calls_of(
        PARTIES
        + """
0.0  alice -> bob  INVITE
     m=audio 4000 RTP/AVP 0
0.1  bob -> alice  183
     m=audio 5000 RTP/AVP 0
0.5-3 alice => bob PCMU
2.0  bob -> alice  200
     m=audio 5000 RTP/AVP 0
2.1  alice -> bob  ACK
"""
    )
    assert deeds(call) == ()


# -- transfers


def test_blind_transfer_names_the_transferor_the_refer_and_its_last_report(calls_of):
    calls = calls_of(
        ANSWERED
        + """
carol 192.0.2.30
2.0  bob -> alice  REFER
     Refer-To: <sip:carol@192.0.2.30>
2.1  alice -> bob  202
2.2  alice -> bob  NOTIFY sipfrag=100
2.3  bob -> alice  200
2.4  alice -> carol INVITE
     m=audio 4002 RTP/AVP 0
     Referred-By: <sip:bob@192.0.2.20>
3.0  carol -> alice 200
     m=audio 6000 RTP/AVP 0
3.1  alice -> carol ACK
3.2  alice -> bob  NOTIFY sipfrag=200
3.3  bob -> alice  200
"""
    )
    (service,) = deeds(calls[0])
    assert (told(service), service.frames) == (("blind-transfer", "callee", 2000, 3200), (5,))


def test_call_that_a_transfer_brings_about_has_no_transfer_service_of_its_own(calls_of):
    calls = calls_of(
        ANSWERED
        + """
carol 192.0.2.30
2.0  bob -> alice  REFER
     Refer-To: <sip:carol@192.0.2.30>
2.1  alice -> bob  202
2.4  alice -> carol INVITE
     Referred-By: <sip:bob@192.0.2.20>
3.0  carol -> alice 486
3.1  alice -> carol ACK
"""
    )
    assert deeds(calls[1]) == ()


def test_services_are_sorted_by_time(calls_of):
    script = (
        TWO_FORKS
        + """
0.3-2 bob => alice PCMU from=192.0.2.20:5000
2.0  bob -> proxy  200 tag=b1
     m=audio 5000 RTP/AVP 0
2.1  proxy -> alice 200
2.2  alice -> bob  ACK
"""
    )
    (call,) = calls_of(script + offered(3, "alice", "bob", "a=sendonly", "a=recvonly"))
    assert [service.name for service in deeds(call)] == ["fork", "early-media", "hold"]


# -- the bones of a call

ENDINGS = {
    "answered, and the callee hangs up with a reason": (
        ANSWERED + '5.0 bob -> alice BYE\n     Reason: Q.850;cause=16;text="normal"\n5.1 alice -> bob 200\n',
        [
            ("establish", "caller", 0, 1000, ""),
            ("accept", "callee", 1000, None, ""),
            ("release", "callee", 5000, None, "Q.850 16 normal"),
        ],
    ),
    "refused by the callee": (
        PARTIES + "0.0 alice -> bob INVITE\n1.0 bob -> alice 486\n1.1 alice -> bob ACK\n",
        [("establish", "caller", 0, 1000, ""), ("refuse", "callee", 1000, None, "486 Busy Here")],
    ),
    "cancelled by the caller": (
        PARTIES
        + "0.0 alice -> bob INVITE\n0.5 bob -> alice 180\n2.0 alice -> bob CANCEL\n2.1 bob -> alice 200 CANCEL\n"
        "2.2 bob -> alice 487 INVITE\n2.3 alice -> bob ACK\n",
        [("establish", "caller", 0, 2200, ""), ("cancel", "caller", 2000, 2200, "")],
    ),
    "cancelled too late by the caller": (
        PARTIES
        + "0.0 alice -> bob INVITE\n0.5 bob -> alice 180\n2.0 alice -> bob CANCEL\n2.1 bob -> alice 200 INVITE\n"
        "2.15 bob -> alice 200 CANCEL\n2.2 alice -> bob ACK\n2.3 alice -> bob BYE\n2.4 bob -> alice 200 BYE\n",
        [
            ("establish", "caller", 0, 2100, ""),
            ("cancel", "caller", 2000, 2100, "followed by 200 OK"),
            ("accept", "callee", 2100, None, ""),
            ("release", "caller", 2300, None, ""),
        ],
    ),
}


@pytest.mark.parametrize(("script", "story"), ENDINGS.values(), ids=ENDINGS.keys())
def test_every_call_tells_who_asked_accepted_and_ended_it(calls_of, script, story):
    (call,) = calls_of(script)
    assert [(*told(service), service.detail) for service in call.services] == story


# -- what offers change


CHANGES = {
    "the caller's port and address": (
        "m=audio 4100 RTP/AVP 0",
        "c=IN IP4 192.0.2.99",
        "m=audio 5000 RTP/AVP 0",
        "audio address 192.0.2.10 → 192.0.2.99, audio port 4000 → 4100",
    ),
    "video added": (
        "m=audio 4000 RTP/AVP 0",
        "m=video 4002 RTP/AVP 31",
        "m=audio 5000 RTP/AVP 0\n     m=video 5002 RTP/AVP 31",
        "video added; callee: video added",
    ),
    "the codec of both": (
        "m=audio 4000 RTP/AVP 8",
        "a=sendrecv",
        "m=audio 5000 RTP/AVP 8",
        "audio codecs; callee: audio codecs",
    ),
}


@pytest.mark.parametrize(("media", "more", "answer", "detail"), CHANGES.values(), ids=CHANGES.keys())
def test_reinvite_tells_what_it_changed(calls_of, media, more, answer, detail):
    flow = (
        f"2.0 alice -> bob INVITE\n     {media}\n     {more}\n2.1 bob -> alice 200\n     {answer}\n"
        "2.2 alice -> bob ACK\n"
    )
    (call,) = calls_of(ANSWERED + flow)
    assert [(told(item), item.detail) for item in deeds(call)] == [(("session-change", "caller", 2100, None), detail)]


def test_offer_that_says_the_same_again_changes_nothing(calls_of):
    (call,) = calls_of(ANSWERED + offered(60, "alice", "bob", ""))
    assert deeds(call) == ()


def test_refused_change_names_the_status_and_who_refused(calls_of):
    flow = "2.0 alice -> bob INVITE\n     m=audio 4100 RTP/AVP 0\n2.1 bob -> alice 488\n2.2 alice -> bob ACK\n"
    (call,) = calls_of(ANSWERED + flow)
    assert [(told(item), item.detail) for item in deeds(call)] == [
        (("session-change-refused", "callee", 2000, 2100), "488 Not Acceptable Here, audio port 4000 → 4100")
    ]


# -- calls that go elsewhere

TRIED = (
    PARTIES
    + """
carol 192.0.2.30
0.00 alice -> proxy INVITE to=bob
0.01 proxy -> bob   INVITE uri=sip:bob@192.0.2.20
"""
)
THEN_CAROL = """
{at} proxy -> carol INVITE uri=sip:{user}@192.0.2.30
{later} carol -> proxy 200
{last} proxy -> alice 200
"""
REFUSED = "0.5 bob -> proxy {status}\n0.6 proxy -> bob ACK\n"

ELSEWHERE = {
    "busy": (
        TRIED + REFUSED.format(status=486) + THEN_CAROL.format(at=0.7, later=1.0, last=1.1, user="carol"),
        ("forward-busy", "bob: 486 Busy Here"),
    ),
    "no answer": (
        TRIED
        + "0.2 bob -> proxy 180\n9.0 proxy -> bob CANCEL\n9.1 bob -> proxy 200 CANCEL\n9.2 bob -> proxy 487 INVITE\n"
        "9.3 proxy -> bob ACK\n" + THEN_CAROL.format(at=9.4, later=10.0, last=10.1, user="carol"),
        ("forward-no-answer", "bob: 487 Request Terminated"),
    ),
    "a full gateway": (
        TRIED + REFUSED.format(status=503) + THEN_CAROL.format(at=0.7, later=1.0, last=1.1, user="bob"),
        ("failover", "bob: 503 Service Unavailable"),
    ),
    "told by Diversion": (
        PARTIES
        + "0.0 alice -> bob INVITE\n     Diversion: <sip:dave@example.org>;reason=user-busy\n1.0 bob -> alice 200\n",
        ("forward-busy", "by dave"),
    ),
    "told by History-Info": (
        PARTIES + "0.0 alice -> bob INVITE\n"
        "     History-Info: <sip:dave@example.org>;index=1, <sip:bob@192.0.2.20;cause=408>;index=1.1\n"
        "1.0 bob -> alice 200\n",
        ("forward-no-answer", ""),
    ),
    "told by 181 without a reason": (PARTIES + "0.0 alice -> bob INVITE\n0.5 bob -> alice 181\n", ("forward", "")),
}


@pytest.mark.parametrize(("script", "story"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_call_that_went_elsewhere_tells_why(calls_of, script, story):
    (call,) = calls_of(script)
    assert [(item.name, item.detail) for item in deeds(call) if item.name != "cancel"] == [story]


def test_fork_is_no_forwarding(calls_of):
    (call,) = calls_of(TWO_FORKS + "1.0 bob -> proxy 486 tag=b1\n1.1 carol -> proxy 200 tag=c1\n")
    assert [item.name for item in deeds(call)] == ["fork"]


# -- digits


def info(at: float, sender: str, receiver: str, content_type: str, body: str) -> str:
    return (
        f"{at} {sender} -> {receiver} INFO\n     Content-Type: {content_type}\n     | {body}\n"
        f"{at + 0.1} {receiver} -> {sender} 200 INFO\n"
    )


def test_digits_by_info_are_told_in_order_by_party(calls_of):
    script = ANSWERED + info(2, "alice", "bob", "application/dtmf-relay", "Signal= 1")
    script += info(2.5, "alice", "bob", "application/dtmf-relay", "Signal=2") + info(
        3, "bob", "alice", "application/dtmf", "#"
    )
    (call,) = calls_of(script + info(60, "alice", "bob", "application/dtmf", "9"))
    assert [(told(item), item.detail) for item in deeds(call)] == [
        (("digits", "caller", 2000, 2500), "12 by INFO"),
        (("digits", "callee", 3000, None), "# by INFO"),
        (("digits", "caller", 60000, None), "9 by INFO"),
    ]


def test_info_without_a_digit_is_none(calls_of):
    (call,) = calls_of(ANSWERED + info(2, "alice", "bob", "application/media_control+xml", "Signal=1"))
    assert deeds(call) == ()
