"""Endpoints as logs and header fields write them."""

import ipaddress
from functools import lru_cache

from sipscope.model.network import Endpoint


@lru_cache(maxsize=4096)
def endpoint_of(text: bytes, default_port: int = 0, *, has_port: bool = False) -> Endpoint | None:
    """The endpoint in `10.0.0.1:5060`, `[2001:db8::1]:5060`, `10.0.0.1:[5060]` or `host.example`.

    IPv6 without brackets has a port behind its last colon when `has_port` says so, as ngrep writes it. None when there
    is nothing in front of the port.
    """
    word = text.decode("latin-1").strip()
    if word.startswith("["):
        host, _, port = word[1:].partition("]")
    elif not has_port and _is_address(word):
        host, port = word, ""
    else:
        host, _, port = word.rpartition(":") if ":" in word else (word, "", "")
    port = port.strip(":[] ")
    number = int(port) if port.isascii() and port.isdigit() and len(port) <= 5 else default_port
    return Endpoint(_normal(host), number if number < 1 << 16 else 0) if host else None


@lru_cache(maxsize=4096)
def is_literal(endpoint: Endpoint) -> bool:
    """Whether it names an address and not a host."""
    return _is_address(endpoint.address)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _normal(host: str) -> str:
    """IPv6 compressed (RFC 5952), names in lower case (RFC 3261 §19.1.4)."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()
