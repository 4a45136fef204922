"""What the rules about multiplexing, groups and candidates say, and that they stay silent about what is legal."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 203.0.113.5\nbob 203.0.113.9\n"
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"
AUDIO, ANSWER = "m=audio 4000 RTP/AVP 0", "m=audio 5000 RTP/AVP 0"
VIDEO, ANSWERED_VIDEO = "m=video 4002 RTP/AVP 31", "m=video 5002 RTP/AVP 31"


def sdp(*lines: str) -> str:
    """Lines of a description whose session level is filled in."""
    return "".join(f"      {line}\n" for line in lines)


def call(offer: tuple[str, ...], answer: tuple[str, ...], *then: str) -> str:
    """A call of frames 1 to 3, then what follows, and its release."""
    script = PARTIES + "0.0 alice -> bob INVITE\n" + sdp(*offer) + "0.1 bob -> alice 200\n" + sdp(*answer)
    return script + "0.2 alice -> bob ACK\n" + "".join(then) + BYE


def reinvite(offer: tuple[str, ...], answer: tuple[str, ...]) -> str:
    """A re-INVITE of frames 4 to 6."""
    script = "3.0 alice -> bob INVITE\n" + sdp(*offer) + "3.1 bob -> alice 200\n" + sdp(*answer)
    return script + "3.2 alice -> bob ACK\n"


def test_multiplexing_that_was_not_offered_is_told(judged: Judged) -> None:
    found = judged(call((AUDIO,), (ANSWER, "a=rtcp-mux")), "MSEC")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("MSEC-007", Severity.ERROR, (1, 2))]


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        ((AUDIO, "a=rtcp-mux"), (ANSWER, "a=rtcp-mux")),
        ((AUDIO, "a=rtcp-mux"), (ANSWER,)),
        ((AUDIO, "a=rtcp-mux-only"), (ANSWER, "a=rtcp-mux")),
        (("a=group:BUNDLE a", AUDIO, "a=mid:a"), ("a=group:BUNDLE a", ANSWER, "a=mid:a", "a=rtcp-mux")),
        ((AUDIO,), ("m=audio 0 RTP/AVP 0", "a=rtcp-mux")),
    ],
    ids=["both", "declined", "only", "group", "refused"],
)
def test_multiplexing_that_was_offered_or_declined_is_no_fault(
    judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...]
) -> None:
    assert judged(call(offer, answer), "MSEC") == []


def test_multiplexing_in_an_unreliable_preview_is_not_judged(judged: Judged) -> None:
    script = PARTIES + "0.0 alice -> bob INVITE\n" + sdp(AUDIO) + "0.1 bob -> alice 183\n" + sdp(ANSWER, "a=rtcp-mux")
    assert judged(script + "0.2 bob -> alice 486\n0.3 alice -> bob ACK\n", "MSEC") == []


SESSION_LEVEL = (
    PARTIES
    + "0.0 alice -> bob INVITE\n      | v=0\n      | o=alice 1 1 IN IP4 203.0.113.5\n      | s=-\n"
    + "      | c=IN IP4 203.0.113.5\n      | t=0 0\n      | a=rtcp:4001\n      | m=audio 4000 RTP/AVP 0\n"
    + "      Content-Type: application/sdp\n0.1 bob -> alice 200\n"
    + sdp(ANSWER)
    + "0.2 alice -> bob ACK\n"
    + BYE
)


@pytest.mark.parametrize(
    ("script", "frame", "line"),
    [
        (SESSION_LEVEL, 1, "a=rtcp:4001"),
        (call((AUDIO, "a=rtcp:4000"), (ANSWER,)), 1, "a=rtcp:4000"),
        (call((AUDIO, "a=rtcp-mux"), (ANSWER, "a=rtcp:5000 IN IP4 203.0.113.9")), 2, "a=rtcp:5000 IN IP4 203.0.113.9"),
    ],
    ids=["session level", "own port", "own port and address"],
)
def test_rtcp_port_that_means_nothing_is_told(judged: Judged, script: str, frame: int, line: str) -> None:
    (found,) = judged(script, "MSEC")
    assert (found.rule, found.severity, found.frames) == ("MSEC-008", Severity.WARNING, (frame,))
    assert line in found.evidence[0].note


@pytest.mark.parametrize(
    "offer",
    [
        (AUDIO, "a=rtcp:53020"),
        (AUDIO, "a=rtcp:4001 IN IP4 203.0.113.5"),
        (AUDIO, "a=rtcp:4000 IN IP4 203.0.113.77"),
        (AUDIO, "a=rtcp:4000", "a=rtcp-mux"),
        ("a=group:BUNDLE a", AUDIO, "a=mid:a", "a=rtcp:4000"),
        ("m=audio 4001 RTP/AVP 0",),
        (AUDIO, "a=rtcp:nonsense"),
    ],
    ids=["other port", "next port", "other address", "multiplexed", "group", "odd port", "unreadable"],
)
def test_rtcp_port_of_its_own_is_no_fault(judged: Judged, offer: tuple[str, ...]) -> None:
    assert judged(call(offer, (ANSWER,)), "MSEC-008") == []


GROUP = "a=group:BUNDLE a b"
BOTH = (GROUP, AUDIO, "a=mid:a", "m=video 4000 RTP/AVP 31", "a=mid:b")
BOTH_ANSWERED = (GROUP, ANSWER, "a=mid:a", "m=video 5000 RTP/AVP 31", "a=mid:b")


@pytest.mark.parametrize(
    ("offer", "answer", "frame", "words"),
    [
        ((GROUP, AUDIO, "a=mid:a"), (ANSWER,), 1, "names b, and no section"),
        (BOTH, (GROUP, ANSWER, "a=mid:a", "m=video 0 RTP/AVP 31"), 2, "names b, and no section"),
        (
            (AUDIO, "a=mid:a", VIDEO, "a=mid:b"),
            (GROUP, ANSWER, "a=mid:a", "m=video 5000 RTP/AVP 31", "a=mid:b"),
            2,
            "none was offered",
        ),
        (
            ("a=group:BUNDLE a", AUDIO, "a=mid:a", VIDEO, "a=mid:b"),
            BOTH_ANSWERED,
            2,
            "takes in b, which wasn't offered",
        ),
        (
            (GROUP, AUDIO, "a=mid:a", VIDEO, "a=mid:b", "a=bundle-only"),
            BOTH_ANSWERED,
            1,
            "bundle-only and has port 4002",
        ),
        (BOTH, (GROUP, ANSWER, "a=mid:a", ANSWERED_VIDEO, "a=mid:b"), 2, "2 addresses or ports"),
    ],
    ids=["no such mid", "mid removed", "group not offered", "mid not offered", "bundle-only", "two ports"],
)
def test_groups_that_do_not_fit_are_told(
    judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...], frame: int, words: str
) -> None:
    (found,) = judged(call(offer, answer), "MSEC")
    assert (found.rule, found.severity, found.frames) == ("MSEC-009", Severity.WARNING, (frame,))
    assert words in found.text


@pytest.mark.parametrize(
    ("offer", "answer"),
    [
        (BOTH, BOTH_ANSWERED),
        (BOTH, (ANSWER, "a=mid:a", ANSWERED_VIDEO, "a=mid:b")),
        (BOTH, ("a=group:BUNDLE a", ANSWER, "a=mid:a", "m=video 0 RTP/AVP 31", "a=mid:b")),
        (BOTH, (GROUP, ANSWER, "a=mid:a", "m=video 0 RTP/AVP 31", "a=mid:b")),
        ((GROUP, AUDIO, "a=mid:a", VIDEO, "a=mid:b"), BOTH_ANSWERED),
        (
            (GROUP, AUDIO, "a=mid:a", "m=video 0 RTP/AVP 31", "a=mid:b", "a=bundle-only"),
            BOTH_ANSWERED,
        ),
        (("a=group:LS a b", AUDIO, "a=mid:a", VIDEO, "a=mid:b"), (ANSWER, "a=mid:a", ANSWERED_VIDEO, "a=mid:b")),
    ],
    ids=["agreed", "declined", "one refused", "refused in the group", "own ports offered", "bundle-only", "lip sync"],
)
def test_groups_that_fit_are_no_fault(judged: Judged, offer: tuple[str, ...], answer: tuple[str, ...]) -> None:
    assert judged(call(offer, answer), "MSEC-009") == []


HOST = "a=candidate:1 1 UDP 2130706431 10.0.0.4 4000 typ host"
PUBLIC = "a=candidate:2 1 UDP 1694498815 203.0.113.5 4000 typ srflx raddr 10.0.0.4 rport 4000"
FRAGMENT, PASSWORD = "a=ice-ufrag:8hhY", "a=ice-pwd:asd88fgpdd777uzjYhagZg"


def test_default_address_that_is_no_candidate_is_told(judged: Judged) -> None:
    found = judged(call((AUDIO, FRAGMENT, PASSWORD, HOST), (ANSWER,)), "MSEC")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("MSEC-010", Severity.WARNING, (1,))]
    assert found[0].evidence[0].note == f"{AUDIO}, c= 203.0.113.5; candidates: 10.0.0.4 4000 typ host"


def test_peer_that_tells_the_mismatch_is_told(judged: Judged) -> None:
    found = judged(call((AUDIO, FRAGMENT, PASSWORD, HOST, PUBLIC), (ANSWER, "a=ice-mismatch")), "MSEC")
    assert [(item.rule, item.frames) for item in found] == [("MSEC-010", (2,))]


@pytest.mark.parametrize(
    "offer",
    [
        (AUDIO, HOST, PUBLIC),
        ("c=IN IP4 0.0.0.0", "m=audio 9 RTP/AVP 0", HOST),
        ("c=IN IP4 media.example.com", AUDIO, HOST),
        (AUDIO, "a=candidate:1 1 UDP 2130706431 4f2a.local 4000 typ host"),
        ("m=audio 9 RTP/AVP 0", HOST),
        (AUDIO, "a=candidate:nonsense"),
        (AUDIO,),
    ],
    ids=["among them", "trickle", "host name", "name of a candidate", "port 9", "unreadable", "no candidates"],
)
def test_default_addresses_that_stand_for_a_candidate_are_no_fault(judged: Judged, offer: tuple[str, ...]) -> None:
    assert judged(call((*offer, FRAGMENT, PASSWORD), (ANSWER,)), "MSEC") == []


def test_refused_section_may_name_any_address(judged: Judged) -> None:
    offer = (AUDIO, "m=video 0 RTP/AVP 31", HOST)
    assert judged(call(offer, (ANSWER, "m=video 0 RTP/AVP 31")), "MSEC") == []


@pytest.mark.parametrize(
    ("credentials", "faults"),
    [
        (("a=ice-ufrag:9uB6", PASSWORD), 1),
        ((FRAGMENT, "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh"), 1),
        (("a=ice-ufrag:9uB6", "a=ice-pwd:YH75Fviy6338Vbrhrlp8Yh"), 0),
        ((FRAGMENT, PASSWORD), 0),
        ((), 0),
    ],
    ids=["fragment alone", "password alone", "restart", "unchanged", "no ICE"],
)
def test_credentials_change_together(judged: Judged, credentials: tuple[str, ...], faults: int) -> None:
    again = reinvite((AUDIO, *credentials), (ANSWER,))
    found = judged(call((AUDIO, FRAGMENT, PASSWORD), (ANSWER,), again), "MSEC")
    assert [(item.rule, item.frames) for item in found] == [("MSEC-010", (4,))] * faults


def test_another_attempt_has_other_credentials(judged: Judged) -> None:
    first = PARTIES + "0.0 alice -> bob INVITE\n" + sdp(AUDIO, FRAGMENT, PASSWORD)
    second = "0.1 bob -> alice 407\n0.2 alice -> bob ACK\n0.3 alice -> bob INVITE\n"
    script = first + second + sdp(AUDIO, "a=ice-ufrag:9uB6", PASSWORD) + "0.4 bob -> alice 200\n" + sdp(ANSWER)
    assert judged(script + "0.5 alice -> bob ACK\n" + BYE, "MSEC") == []
