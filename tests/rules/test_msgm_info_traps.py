"""INFO inside and outside of calls, with and without packages; texts too large for UDP."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"


def call(middle: str, *, caller: str = "Recv-Info: bar", callee: str = "Recv-Info: foo") -> str:
    """A call with the Recv-Info of both sides, and what happens in it."""
    caller_line = f"      {caller}\n" if caller else ""
    callee_line = f"      {callee}\n" if callee else ""
    return (
        f"{PARTIES}0.0 alice -> bob INVITE\n{caller_line}      m=audio 4000 RTP/AVP 0\n"
        f"0.1 bob -> alice 200\n{callee_line}      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
        f"{middle}30 alice -> bob BYE\n30.1 bob -> alice 200\n"
    )


def info(package: str, answer: str, *, at: float = 5) -> str:
    header = f"      Info-Package: {package}\n" if package else ""
    return f"{at} alice -> bob INFO\n{header}{at + 0.1} bob -> alice {answer}\n"


CHANGED = "4.8 bob -> alice UPDATE\n      Recv-Info: other\n4.9 alice -> bob 200\n      Recv-Info: bar\n"

LEGITIMATE = {
    "a package that the peer takes": call(info("foo", "200")),
    "parameters are no part of the name": call(info("foo;param=1", "200")),
    "one of several": call(info("foo", "200"), callee="Recv-Info: baz, foo"),
    "the older use needs no Recv-Info": call(info("", "200"), caller="", callee=""),
    "the older use beside packages": call(info("", "200")),
    "the peer changed its mind while the INFO was under way": call(
        CHANGED + info("foo", "469\n      Recv-Info: other")
    ),
    "the call was up before the capture began": f"{PARTIES}0 alice -> bob INVITE unseen\n0.1 bob -> alice 200 unseen\n"
    "0.2 alice -> bob ACK unseen\n" + info("foo", "200"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_lawful_info_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "MSGM")] == []


EARLIER_CHANGE = CHANGED.replace("4.8", "2.0").replace("4.9", "2.1")

BROKEN = {
    "a package that isn't listed": (call(info("bar", "469\n      Recv-Info: foo")), (2, 4, 5), "the peer takes foo"),
    "names are told apart by case": (call(info("Foo", "469\n      Recv-Info: foo")), (2, 4, 5), "the peer takes foo"),
    "no longer listed": (
        call(EARLIER_CHANGE + info("foo", "469\n      Recv-Info: other")),
        (4, 6, 7),
        "the peer takes other",
    ),
    "the peer knows no packages": (
        call(info("foo", "489"), caller="", callee=""),
        (2, 4, 5),
        "the peer never sent Recv-Info; it was answered 489",
    ),
    "469 without Recv-Info": (call(info("foo", "469")), (4, 5), "without the Recv-Info"),
    "outside a call": (f"{PARTIES}0 alice -> bob INFO\n0.1 bob -> alice 481\n", (1, 2), "outside a call"),
}


@pytest.mark.parametrize(("script", "frames", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_refused_info_is_an_error(judged: Judged, script: str, frames: tuple[int, ...], words: str) -> None:
    (found,) = judged(script, "MSGM")
    assert (found.rule, found.severity, found.frames) == ("MSGM-003", Severity.ERROR, frames)
    assert words in found.text


def test_a_package_that_is_taken_all_the_same_is_a_warning(judged: Judged) -> None:
    (found,) = judged(call(info("bar", "200")), "MSGM")
    assert (found.rule, found.severity) == ("MSGM-003", Severity.WARNING)


def test_recv_info_in_an_info_is_told(judged: Judged) -> None:
    (found,) = judged(call("5 alice -> bob INFO\n      Recv-Info: bar\n5.1 bob -> alice 200\n"), "MSGM")
    assert (found.rule, found.severity, found.frames) == ("MSGM-003", Severity.WARNING, (4, 5))


def test_the_same_fault_of_one_party_is_told_once(judged: Judged) -> None:
    repeated = "".join(info("bar", "469\n      Recv-Info: foo", at=at) for at in (5, 10, 15))
    (found,) = judged(call(repeated), "MSGM-003")
    assert found.frames == (2, 4, 5, 6, 7, 8, 9)


def text(length: int) -> str:
    """A MESSAGE with a body of that length."""
    lines = f"0 alice -> bob MESSAGE\n      Content-Type: text/plain\n      | {'x' * length}\n"
    return f"{PARTIES}{lines}0.1 bob -> alice 200\n"


def test_a_short_text_over_udp_is_fine(judged: Judged) -> None:
    assert judged(text(800), "MSGM") == []


def test_a_text_of_more_than_1300_bytes_over_udp_is_told_with_its_size(judged: Judged) -> None:
    (found,) = judged(text(1300), "MSGM")
    assert (found.rule, found.severity, found.frames) == ("MSGM-001", Severity.WARNING, (1, 2))
    assert "over UDP to 192.0.2.20:5060; it was answered 200 OK." in found.text


def test_a_large_text_inside_a_call_is_not_told(judged: Judged) -> None:
    inside = f"5 alice -> bob MESSAGE\n      | {'x' * 1400}\n5.1 bob -> alice 200\n"
    assert judged(call(inside), "MSGM") == []
