import pytest

from sipscope.model.network import Endpoint, Hop, Transport
from tests.capture.text.logs import LOGS, REQUEST, RESPONSE

ALICE, BOB = Endpoint("10.0.0.1", 5060), Endpoint("10.0.0.2", 5080)
NAMED = REQUEST.replace("bob@10.0.0.2:5080", "bob@example.com")


def received(message: str, peer: str = "10.0.0.1:5060") -> str:
    return f"<--- Received SIP request (9 bytes) from UDP:{peer} --->\n{message}\n"


def sent(message: str, peer: str = "10.0.0.1:5060") -> str:
    return f"<--- Transmitting SIP response (9 bytes) to UDP:{peer} --->\n{message}\n"


def with_header(message: str, header: str) -> str:
    return message.replace("Content-Length", f"{header}\nContent-Length")


def of_call(message: str, call_id: str) -> str:
    return message.replace("a84b4c76e66710", call_id)


def hops(read) -> list[Hop]:
    return [packet.hop for packet in read.packets]


def test_own_address_is_the_via_of_what_is_sent(log):
    request = REQUEST.replace("10.0.0.1:5060;branch", "10.0.0.9:5070;branch")
    assert hops(log(sent(request, peer="10.0.0.2:5080"))) == [Hop(Endpoint("10.0.0.9", 5070), BOB)]


def test_own_address_is_the_via_of_the_response_that_comes(log):
    assert hops(log(received(RESPONSE, peer="10.0.0.2:5080"))) == [Hop(BOB, ALICE)]


def test_own_address_is_the_contact_of_the_response_that_goes(log):
    response = with_header(RESPONSE, "Contact: <sip:bob@10.0.0.2:5080>")
    assert hops(log(received(NAMED) + sent(response))) == [Hop(ALICE, BOB), Hop(BOB, ALICE)]


def test_own_address_is_never_one_of_the_registered(log):
    answer = with_header(RESPONSE.replace("OPTIONS", "REGISTER"), "Contact: <sip:alice@10.0.0.77>")
    (hop,) = hops(log(sent(answer)))
    assert hop.source == Endpoint("own-side", 0)


def test_own_address_is_none_of_a_peer(log):
    relayed = with_header(RESPONSE, "Contact: <sip:bob@10.0.0.77:5060>")
    read = log(received(NAMED) + sent(relayed) + of_call(received(NAMED, peer="10.0.0.77:5060"), "other"))
    assert Endpoint("10.0.0.77", 5060) not in {hop.destination for hop in hops(read)}


def test_own_address_is_told_per_peer(log):
    inside = REQUEST.replace("10.0.0.2:5080", "10.0.0.20:5060")
    outside = of_call(REQUEST.replace("10.0.0.2:5080", "192.0.2.20:5060"), "other")
    read = log(received(inside) + received(outside, peer="192.0.2.1:5060"))
    assert [hop.destination.address for hop in hops(read)] == ["10.0.0.20", "192.0.2.20"]


def test_own_address_of_a_silent_message_is_the_commonest(log):
    outgoing = of_call(REQUEST.replace("10.0.0.1:5060;branch", "10.0.0.2:5080;branch"), "other")
    assert hops(log(received(NAMED) + sent(outgoing, peer="10.0.0.3:5060")))[0] == Hop(ALICE, BOB)


def test_name_stands_where_no_address_is_told(log):
    assert hops(log(received(NAMED)))[0].destination == Endpoint("example.com", 5060)


def test_end_that_nothing_tells_is_called_so(log):
    read = log(sent(RESPONSE))
    assert hops(read) == [Hop(Endpoint("own-side", 0), ALICE)]
    assert any("own-side" in note for note in read.facts.notes)


def test_request_and_response_take_one_path(log):
    response = with_header(RESPONSE, "Contact: <sip:bob@10.0.0.99:5060>")
    first, second = hops(log(received(REQUEST) + sent(response)))
    assert first == second.reversed()


@pytest.mark.parametrize(
    ("via", "source"),
    [
        ("10.0.0.1:5060;branch=z9hG4bKa1", ALICE),
        ("10.0.0.1;branch=z9hG4bKa1", ALICE),
        ("10.0.0.1:5060;branch=z9hG4bKa1;received=192.0.2.7;rport=1024", Endpoint("192.0.2.7", 1024)),
        ("[2001:db8::1]:5060;received=2001:db8::7;branch=z9hG4bKa1", Endpoint("2001:db8::7", 5060)),
        ("phone.example.com;branch=z9hG4bKa1", Endpoint("phone.example.com", 5060)),
    ],
)
def test_peer_that_the_log_doesnt_tell_is_the_via_as_seen(log, via, source):
    request = REQUEST.replace("10.0.0.1:5060;branch=z9hG4bKa1", via)
    assert hops(log(f"Received:\n{request}\n")) == [Hop(source, BOB)]


def test_peer_of_what_is_sent_is_the_topmost_route(log):
    request = with_header(REQUEST, "Route: <sip:10.0.0.50;lr>, <sip:10.0.0.51;lr>")
    assert hops(log(f"Sent:\n{request}\n")) == [Hop(ALICE, Endpoint("10.0.0.50", 5060))]


def test_port_of_tls_is_5061(log):
    request = REQUEST.replace("SIP/2.0/UDP 10.0.0.1:5060", "SIP/2.0/TLS 10.0.0.1")
    assert hops(log(f"Received:\n{request}\n")) == [Hop(Endpoint("10.0.0.1", 5061), BOB, Transport.TLS)]


def test_response_without_its_request_comes_from_its_contact(log):
    response = with_header(RESPONSE, "Contact: <sip:bob@10.0.0.2:5080>")
    assert hops(log(f"{response}\n")) == [Hop(BOB, ALICE)]


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("sngrep-text", ["This is a log"]),
        ("asterisk-pjsip-log", ["This is a log", "The log doesn't tell its server's own address: 10.0.0.2:5080"]),
        ("asterisk-sip-log", ["This is a log", "1972", "whole seconds", "10.0.0.2:5080"]),
        ("freeswitch-siptrace", ["This is a log", "1970-01-01", "10.0.0.2:5080"]),
        ("cisco-ios-ccsip", ["This is a log", "1972", "10.0.0.2:5080", "2 of 2"]),
        ("sip-text", ["This is a log", "no times", "Nothing tells who sent"]),
    ],
)
def test_notes_tell_what_was_filled_in(log, name, notes):
    read = log(LOGS[name]).facts.notes
    assert len(read) == len(notes)
    assert all(note in text for note, text in zip(notes, read, strict=True))
