"""How an address, with a port or without, is spelt wherever a name belongs to it."""

import ipaddress
import re

_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[^:]*)):(?P<port>\d{1,5})")


def node_name(text: str) -> str:
    """An address, or an address with a port, as nodes are called; IPv6 in the form of RFC 5952.

    Raises:
        ValueError: It is neither.
    """
    with_port = _WITH_PORT.fullmatch(text)
    if with_port is None:
        return str(ipaddress.ip_address(text))
    address = str(ipaddress.ip_address(with_port["six"] or with_port["four"]))
    return f"[{address}]:{with_port['port']}" if ":" in address else f"{address}:{with_port['port']}"
