"""How far an address reaches: the registries of special-purpose addresses (RFC 6890, RFC 6598)."""

import ipaddress
from enum import StrEnum
from functools import lru_cache

_SHARED = ipaddress.ip_network("100.64.0.0/10")
_DOCUMENTATION = tuple(
    ipaddress.ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


class Scope(StrEnum):
    """Reach of an address. Documentation addresses count as global: examples stand for public hosts."""

    GLOBAL = "global"
    PRIVATE = "private"
    SHARED = "shared"
    LOOPBACK = "loopback"
    LINK_LOCAL = "link-local"
    MULTICAST = "multicast"
    UNSPECIFIED = "unspecified"
    NAME = "name"


# First octets of networks with a purpose; an IPv4 address that begins otherwise is a plain one.
_SPECIAL = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203, *range(224, 256)})


@lru_cache(maxsize=4096)
def literal_of(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, in brackets or not; None for a name."""
    try:
        return ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return None


@lru_cache(maxsize=4096)
def scope_of(text: str) -> Scope:
    """The scope of an address; `NAME` for what is no IP literal."""
    address = literal_of(text)
    if address is None:
        return Scope.NAME
    if address.version == 4:
        first = int(address) >> 24
        if first == 10:
            return Scope.PRIVATE
        if first not in _SPECIAL:
            return Scope.GLOBAL
    return _registered(address)


def _registered(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> Scope:
    """What the registries say."""
    if address.is_unspecified:
        return Scope.UNSPECIFIED
    if any(address.version == network.version and address in network for network in _DOCUMENTATION):
        return Scope.GLOBAL
    for scope, holds in (
        (Scope.LOOPBACK, address.is_loopback),
        (Scope.LINK_LOCAL, address.is_link_local),
        (Scope.MULTICAST, address.is_multicast),
        (Scope.SHARED, address.version == 4 and address in _SHARED),
        (Scope.PRIVATE, address.is_private),
    ):
        if holds:
            return scope
    return Scope.GLOBAL
