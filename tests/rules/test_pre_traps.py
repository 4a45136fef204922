"""Preconditions: what their signalling lacks, who is alerted too early, and what stays silent."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
TAGS = "      Supported: 100rel\n      Require: precondition\n"
SEGMENTED = ("curr:qos local none", "curr:qos remote none", "des:qos mandatory local sendrecv")
DEMANDED = (*SEGMENTED, "des:qos none remote sendrecv")
ANSWERED = (*SEGMENTED, "des:qos mandatory remote sendrecv", "conf:qos remote sendrecv")
CALLER_READY = ("curr:qos local sendrecv", *ANSWERED[1:4])
BOTH_READY = ("curr:qos local sendrecv", "curr:qos remote sendrecv", *ANSWERED[2:4])
END_TO_END = ("curr:qos e2e none", "des:qos mandatory e2e sendrecv")
RELIABLE = "      Require: 100rel, precondition\n"


def sdp(port: int, *attributes: str) -> str:
    """A section of a description with its preconditions."""
    return f"      m=audio {port} RTP/AVP 0\n" + "".join(f"      a={item}\n" for item in attributes)


def invite(*attributes: str, tags: str = TAGS) -> str:
    """The INVITE of frame 1."""
    return PARTIES + "0.0 alice -> bob INVITE\n" + tags + sdp(4000, *attributes)


def progress(*attributes: str) -> str:
    """Frames 2 to 4: the callee's description, and its acknowledgement."""
    return (
        "0.1 bob -> alice 183 rseq=1\n"
        + RELIABLE
        + sdp(5000, *attributes)
        + "0.2 alice -> bob PRACK rack=1\n0.3 bob -> alice 200 PRACK\n"
    )


def update(offer: tuple[str, ...], answer: tuple[str, ...]) -> str:
    """Frames 5 and 6: the caller tells its resources, and the callee its own."""
    request = "1.0 alice -> bob UPDATE\n      Require: precondition\n" + sdp(4000, *offer)
    return request + "1.1 bob -> alice 200 UPDATE\n" + sdp(5000, *answer)


RINGING = "2.0 bob -> alice 180\n"
ANSWER = "4.0 bob -> alice 200 INVITE\n4.1 alice -> bob ACK\n6.0 alice -> bob BYE\n6.1 bob -> alice 200 BYE\n"
REFUSED = "4.0 bob -> alice 486 INVITE\n4.1 alice -> bob ACK\n"
GIVEN_UP = (
    "25.0 alice -> bob CANCEL\n25.1 bob -> alice 200 CANCEL\n25.1 bob -> alice 487 INVITE\n25.2 alice -> bob ACK\n"
)

# Both flows of the examples of RFC 3312: resources by segments, and end to end.
BY_SEGMENTS = invite(*DEMANDED) + progress(*ANSWERED) + update(CALLER_READY, BOTH_READY) + RINGING + ANSWER
FROM_END_TO_END = (
    invite(*END_TO_END)
    + progress(*END_TO_END, "conf:qos e2e recv")
    + update(("curr:qos e2e send", END_TO_END[1]), ("curr:qos e2e sendrecv", END_TO_END[1]))
    + RINGING
    + ANSWER
)
OFFER_OF_THE_CALLEE = (
    PARTIES
    + "0.0 alice -> bob INVITE\n      Supported: 100rel, precondition\n0.1 bob -> alice 183 rseq=1\n"
    + RELIABLE
    + sdp(5000, *END_TO_END, "conf:qos e2e recv")
    + "0.2 alice -> bob PRACK rack=1\n"
    + sdp(4000, *END_TO_END)
    + "0.3 bob -> alice 200 PRACK\n"
    + update(("curr:qos e2e send", END_TO_END[1]), ("curr:qos e2e sendrecv", END_TO_END[1]))
    + RINGING
    + ANSWER
)


@pytest.mark.parametrize(
    "script", [BY_SEGMENTS, FROM_END_TO_END, OFFER_OF_THE_CALLEE], ids=["segments", "end to end", "delayed offer"]
)
def test_preconditions_that_are_met_before_it_rings_give_nothing(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script) if item.severity is not Severity.INFO] == []


UNTAGGED = {
    "mandatory, no tag": (invite(*DEMANDED, tags="      Supported: 100rel\n"), "precondition"),
    "optional, no tag": (
        invite(*SEGMENTED[:2], "des:qos optional local sendrecv", tags="      Supported: 100rel\n"),
        "precondition",
    ),
    "no 100rel": (invite(*DEMANDED, tags="      Require: precondition\n"), "100rel"),
}


@pytest.mark.parametrize(("script", "missing"), UNTAGGED.values(), ids=UNTAGGED.keys())
def test_preconditions_without_their_option_tag_are_told(judged: Judged, script: str, missing: str) -> None:
    (found,) = judged(script + "1.0 bob -> alice 183\n" + REFUSED, "PRE")
    assert (found.rule, found.severity, found.frames) == ("PRE-001", Severity.WARNING, (1,))
    assert f"names {missing} neither" in found.text


def test_update_without_the_tag_is_told_once_for_its_message(judged: Judged) -> None:
    script = BY_SEGMENTS.replace("UPDATE\n      Require: precondition\n", "UPDATE\n")
    assert [(item.rule, item.frames) for item in judged(script, "PRE")] == [("PRE-001", (5,))]


TAGGED = {
    "supported alone, as mobile networks do": "      Supported: 100rel, precondition\n",
    "required and reliable": "      Require: 100rel, precondition\n",
    "in capitals": "      Supported: 100REL\n      Require: Precondition\n",
}


@pytest.mark.parametrize("tags", TAGGED.values(), ids=TAGGED.keys())
def test_option_tags_in_either_field_are_enough(judged: Judged, tags: str) -> None:
    assert judged(invite(*DEMANDED, tags=tags) + "1.0 bob -> alice 183\n" + REFUSED, "PRE") == []


def test_refused_section_needs_no_tag(judged: Judged) -> None:
    script = invite(tags="") + "      m=video 0 RTP/AVP 31\n      a=des:qos mandatory local sendrecv\n"
    assert judged(script + "1.0 bob -> alice 183\n" + REFUSED, "PRE") == []


EARLY = {
    "nothing but the INVITE": (invite(*DEMANDED) + RINGING + REFUSED, (1, 2)),
    "end to end, no address yet": (invite(*END_TO_END) + RINGING + REFUSED, (1, 2)),
    "no UPDATE": (invite(*DEMANDED) + progress(*ANSWERED) + RINGING + REFUSED, (1, 5)),
    "demanded by the callee": (
        invite(*SEGMENTED[:2], "des:qos optional local sendrecv") + progress(*ANSWERED) + RINGING + REFUSED,
        (1, 5),
    ),
    "the 180 tells itself": (
        invite(*DEMANDED)
        + progress(*ANSWERED)
        + update(CALLER_READY, ANSWERED[:4])
        + RINGING
        + sdp(5000, *ANSWERED[:4])
        + REFUSED,
        (7,),
    ),
}


@pytest.mark.parametrize(("script", "frames"), EARLY.values(), ids=EARLY.keys())
def test_ringing_before_resources_is_told(judged: Judged, script: str, frames: tuple[int, ...]) -> None:
    (found,) = (item for item in judged(script, "PRE"))
    assert (found.rule, found.severity) == ("PRE-002", Severity.ERROR)
    assert tuple(dict.fromkeys(found.frames)) == frames


def test_session_that_never_resumes_is_told(judged: Judged) -> None:
    (found,) = judged(invite(*DEMANDED) + progress(*ANSWERED) + GIVEN_UP, "PRE")
    assert (found.rule, found.frames) == ("PRE-002", (2, 7))
    assert "25 s later the call ends with 487" in found.text


SILENT = {
    "183 is no alerting": invite(*DEMANDED) + progress(*ANSWERED) + "2.0 bob -> alice 183\n" + REFUSED,
    "callee that doesn't know preconditions": invite(*DEMANDED, tags=TAGGED["supported alone, as mobile networks do"])
    + "0.1 bob -> alice 180\n"
    + sdp(5000)
    + REFUSED,
    "refused section": invite(tags=TAGS)
    + "      m=video 0 RTP/AVP 31\n      a=curr:qos local none\n      a=des:qos mandatory local sendrecv\n"
    + RINGING
    + REFUSED,
    "nothing desired": invite("curr:qos local none", "des:qos mandatory local none") + RINGING + REFUSED,
    "optional": invite(*SEGMENTED[:2], "des:qos optional local sendrecv") + RINGING + REFUSED,
    "reserved before": invite("curr:qos local sendrecv", *DEMANDED[1:]) + RINGING + REFUSED,
    "caller's requests don't pass here": invite(*DEMANDED)
    + progress(*ANSWERED).replace("PRACK rack=1", "PRACK rack=1 unseen").replace("200 PRACK", "200 PRACK unseen")
    + RINGING
    + REFUSED,
    "given up at once": invite(*DEMANDED) + progress(*ANSWERED) + GIVEN_UP.replace("25.", "5."),
    "resumed, and given up": invite(*DEMANDED) + progress(*ANSWERED) + update(CALLER_READY, BOTH_READY) + GIVEN_UP,
    "unreadable lines": invite("curr:qos", "des:qos mandatory", "des:qos mandatory local both") + RINGING + REFUSED,
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_what_may_be_right_stays_silent(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "PRE-002")] == []


def test_capture_that_lost_packets_meanwhile_accuses_nobody(judged: Judged) -> None:
    assert judged(EARLY["no UPDATE"][0], "PRE-002", lossy_at=1.0) == []
