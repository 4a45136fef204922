"""How far an address reaches (RFC 6890, RFC 6598)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.network_scope import Scope, _registered, scope_of


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("10.1.2.3", Scope.PRIVATE),
        ("192.168.1.1", Scope.PRIVATE),
        ("172.31.0.1", Scope.PRIVATE),
        ("172.32.0.1", Scope.GLOBAL),
        ("100.64.0.1", Scope.SHARED),
        ("127.0.0.1", Scope.LOOPBACK),
        ("169.254.1.1", Scope.LINK_LOCAL),
        ("224.0.0.1", Scope.MULTICAST),
        ("0.0.0.0", Scope.UNSPECIFIED),
        ("192.0.2.1", Scope.GLOBAL),
        ("8.8.8.8", Scope.GLOBAL),
        ("[2001:db8::1]", Scope.GLOBAL),
        ("fd00::1", Scope.PRIVATE),
        ("::1", Scope.LOOPBACK),
        ("10.1.2", Scope.NAME),
        ("media.example", Scope.NAME),
        ("", Scope.NAME),
    ],
)
def test_an_address_has_the_reach_of_its_network(text: str, scope: Scope) -> None:
    assert scope_of(text) is scope


@pytest.mark.parametrize(
    "rest", ["0.0.0", "0.0.1", "0.2.1", "16.0.1", "18.0.1", "51.100.1", "64.0.1", "168.0.1", "254.0.1"]
)
def test_no_first_octet_hides_what_the_registries_say(rest: str) -> None:
    for first in range(256):
        address = ipaddress.IPv4Address(f"{first}.{rest}")
        assert scope_of(str(address)) is _registered(address)


@given(st.ip_addresses(v=4))
def test_every_address_has_the_reach_that_the_registries_say(address: ipaddress.IPv4Address) -> None:
    assert scope_of(str(address)) is _registered(address)
