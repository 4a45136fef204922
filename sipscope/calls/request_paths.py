"""The way of a request over its hops, told by its Vias: each proxy puts one on top (RFC 3261 §16.6)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from sipscope.model.message import Message
from sipscope.model.transaction import Transaction


@dataclass(slots=True)
class _Forwarding:
    """Transactions of one request, by the branches of all its Vias."""

    by_vias: dict[tuple[str, ...], Transaction] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    followers: dict[tuple[str, ...], Transaction] = field(default_factory=dict)


class RequestPaths:
    """Which transaction passed on the request of which other one."""

    def __init__(self, transactions: Iterable[Transaction]) -> None:
        """Sort the transactions by request."""
        self._of: dict[tuple[object, ...], _Forwarding] = {}
        for item in transactions:
            request = item.request
            if request is None:
                continue
            group = self._of.setdefault(_identity(item), _Forwarding())
            vias = vias_of(request)
            group.by_vias.setdefault(vias, item)
            group.followers.setdefault(vias[1:], item)
            group.clients.add(item.key.client)

    def before(self, transaction: Transaction) -> Transaction | None:
        """The transaction whose request was passed on in this one; None where it isn't in view."""
        group = self._of.get(_identity(transaction))
        if group is None or transaction.request is None:
            return None
        return group.by_vias.get(vias_of(transaction.request)[1:])

    def is_passed_on(self, transaction: Transaction) -> bool:
        """Whether its request went further, as its Vias show or as its server sent the same request."""
        group = self._of.get(_identity(transaction))
        if group is None or transaction.request is None:
            return False
        return vias_of(transaction.request) in group.followers or transaction.key.server in group.clients


def _identity(transaction: Transaction) -> tuple[object, ...]:
    first = transaction.first
    return (first.call_id, first.from_tag, first.cseq, transaction.method)


def vias_of(message: Message) -> tuple[str, ...]:
    """Branches of all Vias, the topmost first; the whole value where there is none."""
    return tuple(via.branch or via.text for via in message.vias)
