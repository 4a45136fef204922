"""Which endpoints are one SIP element.

A node is named by its address. Where an address talks SIP to itself, as on a loopback interface or a server with
several processes, its ports are different elements and the name is `address:port`.
"""

from collections.abc import Iterable

from sipscope.model.message import Message
from sipscope.model.network import Endpoint


class Nodes:
    """Names of the elements in a capture, decided over all its messages."""

    def __init__(self, messages: Iterable[Message]) -> None:
        """Learn which addresses host several elements."""
        self._shared = {
            message.hop.source.address
            for message in messages
            if message.hop.source.address == message.hop.destination.address
        }

    def name(self, endpoint: Endpoint) -> str:
        """The node of an endpoint."""
        return str(endpoint) if endpoint.address in self._shared else endpoint.address

    def names(self, one: Endpoint, other: Endpoint) -> tuple[str, str]:
        """The nodes of two endpoints."""
        return (self.name(one), self.name(other)) if self._shared else (one.address, other.address)
