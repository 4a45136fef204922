"""Who talks to whom: endpoints, hops and transports."""

from enum import StrEnum

from sipscope.values import dataclass


class Transport(StrEnum):
    """The transport a message travelled on, in the spelling of the Via header (RFC 3261 §20.42)."""

    UDP = "UDP"
    TCP = "TCP"
    TLS = "TLS"
    SCTP = "SCTP"
    WS = "WS"
    WSS = "WSS"


@dataclass(frozen=True, slots=True, order=True)
class Endpoint:
    """An address and a port, as the IP and transport headers of a packet carry them.

    Attributes:
        address: IPv4 in dotted form, or IPv6 in the compressed form of RFC 5952, without brackets.
        port: The port number; 0 where the packet shows none.
    """

    address: str
    port: int

    def __str__(self) -> str:
        """`address:port`, IPv6 in brackets."""
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class Hop:
    """One direction between two endpoints on one transport: the path of a single message.

    Attributes:
        source: Where the packet came from.
        destination: Where it was sent to.
        transport: What carried it.
    """

    source: Endpoint
    destination: Endpoint
    transport: Transport = Transport.UDP

    def reversed(self) -> "Hop":
        """The same path in the other direction."""
        return Hop(self.destination, self.source, self.transport)

    def __str__(self) -> str:
        """`source → destination`."""
        return f"{self.source} → {self.destination}"
