"""Servers that let the uri of credentials differ from the Request-URI."""

from collections.abc import Callable

from sipscope.model.trace import Trace

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"


def registration(uri: str, status: int) -> str:
    return (
        f'{PARTIES}0 alice -> reg REGISTER uri=sip:r\n      Authorization: Digest username="al", realm="r", nonce="a", '
        f'uri="{uri}", response="0"\n0.1 reg -> alice {status}\n'
    )


def test_a_server_that_accepts_another_uri_is_known_with_its_realm(trace_of: Callable[[str], Trace]) -> None:
    assert trace_of(registration("sip:192.0.2.1", 200)).index.accepting_other_uris == {("192.0.2.1", "r")}


def test_a_refusal_shows_no_acceptance(trace_of: Callable[[str], Trace]) -> None:
    assert trace_of(registration("sip:192.0.2.1", 403)).index.accepting_other_uris == frozenset()


def test_the_uri_that_is_due_shows_nothing_about_others(trace_of: Callable[[str], Trace]) -> None:
    assert trace_of(registration("sip:r", 200)).index.accepting_other_uris == frozenset()
