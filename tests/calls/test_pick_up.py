"""How soon media comes each way behind the answer, and whether its codec changes there."""

from sipscope.model.pick_up import PickUp
from sipscope.model.time import MILLISECOND
from tests.calls.conftest import Calls

INVITE = "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE\n      m=audio 4000 RTP/AVP 8 18\n"
SDP = "      m=audio 5000 RTP/AVP 8 18\n"
ANSWER = f"9.0 bob -> alice 200 INVITE\n{SDP}9.05 alice -> bob ACK\n"


def pick_up(calls_of: Calls, script: str) -> PickUp:
    (call,) = calls_of(script)
    assert call.pick_up is not None
    return call.pick_up


def test_first_media_is_counted_from_the_answer_and_from_its_ack(calls_of: Calls) -> None:
    found = pick_up(calls_of, INVITE + ANSWER + "9.3-12 bob => alice PCMA\n9.15-12 alice => bob PCMA\n")
    assert (found.to_caller, found.to_callee) == (300 * MILLISECOND, 100 * MILLISECOND)


def test_media_that_goes_on_is_there_at_once(calls_of: Calls) -> None:
    early = f"1.0 bob -> alice 183\n{SDP}1.1-12 bob => alice PCMA\n"
    assert pick_up(calls_of, INVITE + early + ANSWER).to_caller == 0


def test_direction_without_media_has_no_time(calls_of: Calls) -> None:
    assert pick_up(calls_of, INVITE + ANSWER + "9.3-12 bob => alice PCMA\n").to_callee is None


def test_delayed_offer_is_counted_from_the_ack(calls_of: Calls) -> None:
    script = INVITE.replace("      m=audio 4000 RTP/AVP 8 18\n", "")
    ack = "9.5 alice -> bob ACK\n      m=audio 4000 RTP/AVP 8 18\n"
    found = pick_up(calls_of, script + f"9.0 bob -> alice 200 INVITE\n{SDP}{ack}9.6-12 bob => alice PCMA\n")
    assert (found.delayed, found.to_caller) == (True, 100 * MILLISECOND)


def test_codec_that_changes_at_the_answer_is_named(calls_of: Calls) -> None:
    early = f"1.0 bob -> alice 183\n{SDP}1.1-9 bob => alice PCMA ssrc=1\n"
    found = pick_up(calls_of, INVITE + early + ANSWER + "9.1-12 bob => alice G729 ssrc=2\n")
    assert found.codec_change == ("PCMA", "G729")


def test_codec_that_goes_on_is_no_change(calls_of: Calls) -> None:
    early = f"1.0 bob -> alice 183\n{SDP}1.1-12 bob => alice PCMA\n"
    assert pick_up(calls_of, INVITE + early + ANSWER).codec_change is None


def test_call_without_answer_has_none(calls_of: Calls) -> None:
    (call,) = calls_of(INVITE + "1 bob -> alice 486\n1.1 alice -> bob ACK\n")
    assert call.pick_up is None
