"""Addresses in all their forms."""

import pytest

from sipscope.sip.address import address_of, addresses_of, bracketed_addresses_of, parse_address


def codes(text: str) -> list[str]:
    return [fault.code for fault in address_of(text)[1]]


@pytest.mark.parametrize(
    ("text", "display_name", "aor", "tag"),
    [
        ('"A, B" <sip:a@h>;tag=1', "A, B", "sip:a@h", "1"),
        ('"a \\"q\\" <x>" <sip:a@h>;tag=1', 'a "q" <x>', "sip:a@h", "1"),
        ("Anonymous<sip:a@h>", "Anonymous", "sip:a@h", None),
        ("<sip:a@h;tag=uri>;tag=header", None, "sip:a@h", "header"),
        ("sip:a@h;tag=1", None, "sip:a@h", "1"),
        ('sip:a@h;+sip.instance="<urn:uuid:1>";tag=2', None, "sip:a@h", "2"),
        ('"" <sip:a@h>', "", "sip:a@h", None),
        ("<tel:+123>;Tag=x", None, "tel:+123", "x"),
    ],
)
def test_parts_of_an_address(text: str, display_name: str | None, aor: str, tag: str | None) -> None:
    address = parse_address(text)
    assert address is not None
    assert (address.display_name, address.uri.address_of_record, address.tag) == (display_name, aor, tag)
    assert codes(text) == []


def test_parameters_of_a_bare_uri_belong_to_the_header() -> None:
    address = parse_address("sip:a@h;transport=tcp")
    assert address is not None
    assert (address.bracketed, address.parameters.get("transport"), len(address.uri.parameters)) == (False, "tcp", 0)


def test_tag_survives_an_unreadable_uri() -> None:
    address, faults = address_of("<alice>;tag=7")
    assert address is not None
    assert (address.tag, address.uri.text, [fault.code for fault in faults]) == ("7", "alice", ["malformed-uri"])


def test_list_divides_at_commas_outside_quotes_and_brackets() -> None:
    addresses, faults = addresses_of('"A, B" <sip:a,x@h>, sip:c@h;q=1,<sip:d@h?x=1,2>')
    assert [address.uri.user for address in addresses or ()] == ["a,x", "c", "d"]
    assert faults == ()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty-header-value"),
        ('"Bob <sip:a@h>', "unterminated-quoted-string"),
        ("Bell, A <sip:a@h>", "unquoted-display-name"),
        ("Zoë <sip:a@h>", "unquoted-display-name"),
        ("<sip:a@h", "unclosed-angle-bracket"),
        ("< sip:a@h >", "space-in-uri"),
        ("<sip:a@h> x;tag=1", "malformed-address"),
        ("sip:a@h?x=1", "name-addr-required"),
        ("<sip:a@h>;;tag=1", "stray-separator"),
        ("<sip:a@h>;tag=1;TAG=2", "duplicate-parameter"),
        ('<sip:a@h>;x="y', "unterminated-quoted-string"),
        ("<sip:a@h>;tag=", "malformed-parameter"),
    ],
)
def test_fault_of_an_address(text: str, code: str) -> None:
    assert codes(text) == [code]


def test_route_needs_brackets() -> None:
    routes, faults = bracketed_addresses_of("sip:p@h;lr")
    assert len(routes or ()) == 1
    assert [fault.code for fault in faults] == ["name-addr-required"]
