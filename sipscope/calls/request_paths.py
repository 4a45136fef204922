"""The way of a request over its hops, told by its Vias: each proxy puts one on top (RFC 3261 §16.6)."""

from collections.abc import Iterable
from dataclasses import field

from sipscope.model.message import Message
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


@dataclass(slots=True)
class _Forwarding:
    """Transactions of one request, by the branches of all its Vias."""

    by_vias: dict[tuple[str, ...], Transaction] = field(default_factory=dict)
    clients: set[str] = field(default_factory=set)
    followed: set[tuple[str, ...]] = field(default_factory=set)


class RequestPaths:
    """Which transaction passed on the request of which other one."""

    def __init__(self, transactions: Iterable[Transaction]) -> None:
        """Sort the transactions by request."""
        groups: dict[tuple[object, ...], _Forwarding] = {}
        self._places: dict[str, tuple[_Forwarding, tuple[str, ...]]] = {}
        for item in transactions:
            request = item.request
            if request is None:
                continue
            identity = _identity(item)
            group = groups.get(identity)
            if group is None:
                group = groups[identity] = _Forwarding()
            vias = vias_of(request)
            group.by_vias.setdefault(vias, item)
            group.followed.add(vias[1:])
            group.clients.add(item.key.client)
            self._places[item.id] = (group, vias)

    def before(self, transaction: Transaction) -> Transaction | None:
        """The transaction whose request was passed on in this one; None where it isn't in view."""
        place = self._places.get(transaction.id)
        return None if place is None else place[0].by_vias.get(place[1][1:])

    def is_passed_on(self, transaction: Transaction) -> bool:
        """Whether its request went further, as its Vias show or as its server sent the same request."""
        place = self._places.get(transaction.id)
        if place is None:
            return False
        group, vias = place
        return vias in group.followed or transaction.key.server in group.clients


def _identity(transaction: Transaction) -> tuple[object, ...]:
    first = transaction.first
    cseq = first.cseq
    number, method = (None, None) if cseq is None else (cseq.number, cseq.method)
    return (first.call_id, first.from_tag, number, method, transaction.method)


def vias_of(message: Message) -> tuple[str, ...]:
    """Branches of all Vias, the topmost first; the whole value where there is none."""
    return tuple([via.branch or via.text for via in message.vias])
