"""Methods that a peer doesn't take, against its Allow (RFC 3261 §20.5)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged


def call(allow: str, answer: str, *, method: str = "INFO") -> str:
    """A call whose callee sends an Allow, or none, and a request of the caller with its answer."""
    stated = f"      Allow: {allow}\n" if allow else ""
    return (
        "alice 192.0.2.10\nbob 192.0.2.20\n0.0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n"
        f"0.1 bob -> alice 200\n{stated}      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
        f"1.0 alice -> bob {method} call=1\n1.1 bob -> alice {answer}\n      Allow: INVITE, ACK, CANCEL, BYE\n"
        "2.0 alice -> bob BYE\n2.1 bob -> alice 200\n"
    )


WITHOUT, WITH = "INVITE, ACK, CANCEL, BYE", "INVITE, ACK, CANCEL, BYE, INFO, OPTIONS"

LEGITIMATE = {
    "no Allow": call("", "405"),
    "listed and taken": call(WITH, "200"),
    "listed, but not here and now": call(WITH, "405"),
    "not listed and taken all the same": call(WITHOUT, "200"),
    "refused for another reason": call(WITHOUT, "415"),
    "outside a dialog": "alice 192.0.2.10\nbob 192.0.2.20\n0 alice -> bob OPTIONS call=1 new\n0.1 bob -> alice 405\n"
    f"      Allow: {WITHOUT}\n1 alice -> bob OPTIONS call=1 new\n1.1 bob -> alice 405\n      Allow: {WITHOUT}\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_method_that_may_be_tried_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "MSGM-006")] == []


BROKEN = {
    "not listed, 405": (call(WITHOUT, "405"), "doesn't list it"),
    "not listed, 501": (call(WITHOUT, "501"), "doesn't list it"),
    "listed, 501": (call(WITH, "501"), "lists it"),
    "OPTIONS in a call": (call(WITHOUT, "405", method="OPTIONS"), "doesn't list it"),
}


@pytest.mark.parametrize(("script", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_method_that_the_peer_refuses_is_told_with_its_allow(judged: Judged, script: str, words: str) -> None:
    (found,) = judged(script, "MSGM-006")
    assert (found.severity, found.frames) == (Severity.WARNING, (2, 4, 5))
    assert found.text.endswith(f"sent last {words}.")
