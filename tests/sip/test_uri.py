"""URIs of every sort."""

import pytest

from sipscope.sip.uri import parse_uri, uri_of


def codes(text: str) -> list[str]:
    return [fault.code for fault in uri_of(text)[1]]


@pytest.mark.parametrize(
    ("text", "user", "host", "port"),
    [
        ("sip:example.com", None, "example.com", None),
        ("SIP:Alice@Example.COM:5070", "Alice", "example.com", 5070),
        ("sips:a:secret@192.0.2.4", "a", "192.0.2.4", None),
        ("sip:a@[2001:DB8::10]:5070", "a", "2001:db8::10", 5070),
        ("sip:[2001:db8::10]", None, "2001:db8::10", None),
        ("sip:+15551234;ext=5@gw", "+15551234;ext=5", "gw", None),
        ("sip:a@h?Replaces=1@2", "a", "h", None),
        ("sip:a@h;x=y@z", "a", "h", None),
        ("im:a@h", "a", "h", None),
        ("http://u@www.example.com:8080/x?y", "u", "www.example.com", 8080),
        ("tel:+1-201-555-0123;phone-context=x", "+1-201-555-0123", "", None),
        ("urn:service:sos", "service:sos", "", None),
    ],
)
def test_parts_of_a_uri(text: str, user: str | None, host: str, port: int | None) -> None:
    uri = parse_uri(text)
    assert uri is not None
    assert (uri.user, uri.host, uri.port, uri.text) == (user, host, port, text)


def test_password_is_apart_from_the_user() -> None:
    uri = parse_uri("sip:alice:secret@example.com")
    assert uri is not None
    assert uri.password == "secret"


def test_parameters_keep_order_and_case() -> None:
    uri = parse_uri("sip:h;Transport=tcp;lr;maddr=1.2.3.4")
    assert uri is not None
    assert uri.parameters.items == (("Transport", "tcp"), ("lr", None), ("maddr", "1.2.3.4"))


def test_headers_are_unescaped_once() -> None:
    uri = parse_uri("sip:h?Subject=a%2520b&Priority=urgent")
    assert uri is not None
    assert uri.headers == (("Subject", "a%20b"), ("Priority", "urgent"))


def test_escaped_bytes_that_are_no_utf_8_survive() -> None:
    uri = parse_uri("sip:%e9@h")
    assert uri is not None
    assert uri.user == "\udce9"


@pytest.mark.parametrize("text", ["", "alice", "alice@example.com", "sip:", "sip:@", "sip:a@;lr", "192.0.2.1:5060"])
def test_no_uri_is_none(text: str) -> None:
    assert parse_uri(text) is None
    assert "malformed-uri" in codes(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sip:a@2001:db8::1", "unbracketed-ipv6"),
        ("sip:a@[2001:db8::1", "malformed-host"),
        ("sip:a@ho_st!", "malformed-host"),
        ("sip:a@h:70000", "port-out-of-range"),
        ("sip:a@h:0", "port-out-of-range"),
        ("sip:a@h:", "port-out-of-range"),
        ("sip:@h", "empty-user"),
        ("sip:a@b@h", "malformed-uri"),
        ("sip:a%4@h", "malformed-escape"),
        ("sip:a b@h", "space-in-uri"),
        ("sip:é@h", "unescaped-character"),
        ("sip:h;lr;LR", "duplicate-parameter"),
        ("sip:h;;lr", "stray-separator"),
    ],
)
def test_fault_of_a_uri(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_unbracketed_ipv6_is_read_whole() -> None:
    uri = parse_uri("sip:2001:db8::1")
    assert uri is not None
    assert (uri.host, uri.port) == ("2001:db8::1", None)


@pytest.mark.parametrize("text", ["sip:a%20b@h", "sip:a@h-1.example.com.", "sip:a@under_score", "sip:*21#@h"])
def test_sound_uri_has_no_fault(text: str) -> None:
    assert codes(text) == []
