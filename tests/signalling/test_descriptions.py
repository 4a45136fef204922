"""Every description once a Call-ID, with the messages that carried it."""

from tests.signalling.conftest import Reconstruct

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
OFFER = "0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 0\n"
RINGING = "0.1 bob -> alice 183\n      m=audio 5000 RTP/AVP 0\n"
ANSWER = "0.2 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.3 alice -> bob ACK\n"


def test_description_that_is_sent_again_is_one(trace_of: Reconstruct) -> None:
    found = trace_of(PARTIES + OFFER + RINGING + ANSWER).descriptions
    assert [[message.frames for message in item.messages] for item in found] == [[(1,)], [(2,), (3,)]]


def test_retransmissions_carry_nothing_more(trace_of: Reconstruct) -> None:
    found = trace_of(PARTIES + OFFER + "0.5 alice -> bob INVITE again\n").descriptions
    assert [[message.frames for message in item.messages] for item in found] == [[(1,)]]


def test_descriptions_of_two_calls_are_two(trace_of: Reconstruct) -> None:
    offer = "      o=- 1 1 IN IP4 192.0.2.10\n      m=audio 4000 RTP/AVP 0\n"
    script = PARTIES + "0.0 alice -> bob INVITE\n" + offer + "5.0 alice -> bob INVITE call=second\n" + offer
    assert [item.first.frames for item in trace_of(script).descriptions] == [(1,), (2,)]


def test_offer_and_answer_are_promises_and_a_refusal_is_none(trace_of: Reconstruct) -> None:
    refusal = "0.1 bob -> alice 488\n      m=audio 5000 RTP/AVP 8\n0.2 alice -> bob ACK\n"
    assert [item.is_promise for item in trace_of(PARTIES + OFFER + ANSWER).descriptions] == [True, True]
    assert [item.is_promise for item in trace_of(PARTIES + OFFER + refusal).descriptions] == [True, False]


def test_capabilities_in_options_are_no_promise(trace_of: Reconstruct) -> None:
    script = PARTIES + "0.0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 8\n"
    found = trace_of(script).descriptions
    assert [(item.is_promise, item.promised_media) for item in found] == [(False, ())]


def test_body_that_is_cut_by_its_length_is_left_out(trace_of: Reconstruct) -> None:
    script = PARTIES + OFFER + "      Content-Length: 20\n"
    assert trace_of(script).descriptions == ()


def test_body_with_another_disposition_is_left_out(trace_of: Reconstruct) -> None:
    script = PARTIES + OFFER + "      Content-Disposition: render\n"
    assert trace_of(script).descriptions == ()


def test_early_session_is_kept_apart(trace_of: Reconstruct) -> None:
    script = PARTIES + OFFER + RINGING + "      Content-Disposition: early-session\n" + ANSWER
    assert [item.disposition for item in trace_of(script).descriptions] == ["session", "early-session", "session"]
