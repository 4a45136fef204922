"""Registered is not available: both are told, each by what shows it."""

import pytest

from sipscope.pipeline import reconstruct
from sipscope.views.standing import standings_of, verdict
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\nreg 192.0.2.1\npa 192.0.2.2\n"
AOR = "sip:bob@example.org"


def register(at: float, expires: int) -> str:
    return (
        f"{at} bob -> reg REGISTER call=9\n      To: <{AOR}>\n      Contact: <sip:bob@192.0.2.20>\n"
        f"      Expires: {expires}\n{at + 0.1} reg -> bob 200\n"
        + (f"      Contact: <sip:bob@192.0.2.20>;expires={expires}\n" if expires else "")
    )


def watched(at: float, server: str, event: str, kind: str, document: str) -> str:
    call = {"presence": 1, "reg": 2}[event]
    return (
        f"{at} alice -> {server} SUBSCRIBE call={call} uri={AOR}\n      Event: {event}\n      Expires: 600\n"
        f"{at + 0.1} {server} -> alice 200\n      Expires: 600\n{at + 0.2} {server} -> alice NOTIFY call={call}\n"
        f"      Event: {event}\n      Subscription-State: active;expires=599\n      Content-Type: {kind}\n"
        f"      | {document}\n{at + 0.3} alice -> {server} 200\n"
    )


def presence(at: float, state: str) -> str:
    document = (
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="pres:bob@example.org"><tuple id="1"><status>'
        f"<basic>{state}</basic></status></tuple></presence>"
    )
    return watched(at, "pa", "presence", "application/pidf+xml", document)


def reginfo(at: float, state: str) -> str:
    document = (
        '<reginfo xmlns="urn:ietf:params:xml:ns:reginfo" version="0" state="full">'
        f'<registration aor="{AOR}" id="a" state="{state}"/></reginfo>'
    )
    return watched(at, "reg", "reg", "application/reginfo+xml", document)


@pytest.fixture
def trace_of(tmp_path):
    """The trace of a script."""

    def read(script: str):
        path = tmp_path / "script.pcap"
        path.write_bytes(capture_of(script))
        return reconstruct(str(path))

    return read


STANDINGS = {
    "both": (register(0, 600) + presence(2, "open"), "registered and available"),
    "phone is there, user is not": (register(0, 600) + presence(2, "closed"), "registered, but not available"),
    "old presence of a phone that left": (
        register(0, 600) + presence(2, "open") + register(5, 0),
        "available, but not registered",
    ),
    "neither": (register(0, 600) + register(1, 0) + presence(2, "closed"), "neither registered nor available"),
    "told registered, no REGISTER in view": (
        reginfo(2, "active") + presence(4, "closed"),
        "registered, but not available",
    ),
    "told of the registration alone": (reginfo(2, "terminated"), "not registered"),
    "told of presence alone": (presence(2, "open"), "available"),
}


@pytest.mark.parametrize(("script", "words"), STANDINGS.values(), ids=STANDINGS.keys())
def test_registered_and_available_are_told_apart(trace_of, script, words):
    trace = trace_of(PARTIES + script + "20 end\n")
    (standing,) = standings_of(trace)
    assert verdict(standing, trace.ended_at) == words


def test_user_nobody_tells_of_has_no_row(trace_of):
    assert standings_of(trace_of(PARTIES + register(0, 600))) == ()
