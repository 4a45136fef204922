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


@lru_cache(maxsize=4096)
def scope_of(text: str) -> Scope:
    """The scope of an address; `NAME` for what is no IP literal."""
    try:
        address = ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return Scope.NAME
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
