"""Who answers: probes by OPTIONS, and requests to contacts that are registered."""

import pytest

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nreg 192.0.2.1\n"


def probe(at: float, answer: str = "200") -> str:
    call = round(at * 10) + 1
    return f"{at} alice -> bob OPTIONS call={call} new\n" + (f"{at + 0.1} bob -> alice {answer}\n" if answer else "")


PROBES = {
    "answered": (probe(0) + probe(30), 2, 0, [("up", 1)]),
    "silent in between": (probe(0) + probe(30, "") + probe(80), 3, 1, [("up", 1), ("down", 3), ("up", 4)]),
    "server error": (probe(0, "503"), 1, 1, [("down", 1)]),
    "method not known": (probe(0, "405") + probe(30, "501"), 2, 0, [("up", 1)]),
    "challenged": (probe(0, "401"), 1, 0, [("up", 1)]),
    "nobody's packets pass here": (probe(0, "") + probe(50, ""), 2, 0, []),
    "capture ends before the answer is due": (probe(0) + "30 alice -> bob OPTIONS call=9 new\n", 2, 0, [("up", 1)]),
    "inside a dialog": ("0 alice -> bob OPTIONS call=1 to-tag=x\n0.1 bob -> alice 200\n", None, None, None),
}


@pytest.mark.parametrize(("script", "sent", "failed", "changes"), PROBES.values(), ids=PROBES.keys())
def test_probes_tell_when_a_peer_went_down_and_came_back(trace_of, script, sent, failed, changes):
    end = "" if "call=9 new" in script else "150 end\n"
    probes = trace_of(PARTIES + script + end).probes
    assert [(item.probes, item.failures) for item in probes] == ([] if sent is None else [(sent, failed)])
    found = [(change.availability.value, change.frame) for item in probes for change in item.changes]
    assert found == (changes or [])


REGISTER = "0.0 bob -> reg REGISTER call=1\n      Expires: 3600\n0.1 reg -> bob 200\n      Expires: 3600\n"


def call(at: float, *answers: str) -> str:
    number = round(at * 10) + 2
    lines = [f"{at} reg -> bob INVITE call={number} new uri=sip:bob@192.0.2.20:5060"]
    lines += [f"{at + 0.1 + step / 10:.1f} bob -> reg {answer}" for step, answer in enumerate(answers)]
    return "\n".join(lines) + "\n"


REACHED = {
    "nobody called": (REGISTER, []),
    "answered": (REGISTER + call(5, "180", "486"), [("up", "486 Busy Here")]),
    "rings": (REGISTER + call(5, "180"), [("up", "180 Ringing")]),
    "silent": (REGISTER + call(5), [("down", "no answer")]),
    "logged off": (REGISTER + call(5, "480"), [("down", "480 Response")]),
    "came back": (REGISTER + call(5) + call(60, "486"), [("down", "no answer"), ("up", "486 Busy Here")]),
    "another contact": (REGISTER + call(5, "486").replace("sip:bob@192.0.2.20:5060", "sip:b@192.0.2.20"), []),
    "not registered any more": (
        REGISTER + "1 bob -> reg REGISTER call=1\n      Expires: 0\n1.1 reg -> bob 200\n" + call(5, "486"),
        [],
    ),
}


@pytest.mark.parametrize(("script", "reached"), REACHED.values(), ids=REACHED.keys())
def test_binding_tells_whether_requests_to_its_contact_reached_anybody(trace_of, script, reached):
    (binding,) = trace_of(PARTIES + script + "150 end\n").bindings
    assert [(change.availability.value, change.said) for change in binding.reached] == reached
