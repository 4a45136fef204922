"""The way of a request over its hops, told by its Vias: each proxy puts one on top (RFC 3261 §16.6)."""

from collections.abc import Iterable

from sipscope.model.message import Message
from sipscope.model.transaction import Transaction


class RequestPaths:
    """Which transaction passed on the request of which other one."""

    def __init__(self, transactions: Iterable[Transaction]) -> None:
        """Sort the transactions by request."""
        self._before: dict[str, Transaction] = {}
        self._passed_on: set[str] = set()
        groups: dict[tuple[object, ...], list[tuple[Transaction, tuple[str, ...]]]] = {}
        for item in transactions:
            if item.request is not None:
                groups.setdefault(_identity(item), []).append((item, vias_of(item.request)))
        for group in groups.values():
            self._follow(group)

    def before(self, transaction: Transaction) -> Transaction | None:
        """The transaction whose request was passed on in this one; None where it isn't in view."""
        return self._before.get(transaction.id)

    def is_passed_on(self, transaction: Transaction) -> bool:
        """Whether its request went further, as its Vias show or as its server sent the same request."""
        return transaction.id in self._passed_on

    def _follow(self, group: list[tuple[Transaction, tuple[str, ...]]]) -> None:
        """Find the way of one request, from its transactions with the branches of all their Vias."""
        # Of two with equal Vias, the first counts.
        by_vias = {vias: item for item, vias in reversed(group)}
        followed = {vias[1:] for _, vias in group}
        clients = {item.key.client for item, _ in group}
        for item, vias in group:
            before = by_vias.get(vias[1:])
            if before is not None:
                self._before[item.id] = before
            if vias in followed or item.key.server in clients:
                self._passed_on.add(item.id)


def _identity(transaction: Transaction) -> tuple[object, ...]:
    first = transaction.first
    cseq = first.cseq
    number, method = (None, None) if cseq is None else (cseq.number, cseq.method)
    return (first.call_id, first.from_tag, number, method, transaction.method)


def vias_of(message: Message) -> tuple[str, ...]:
    """Branches of all Vias, the topmost first; the whole value where there is none."""
    return tuple([via.branch or via.text for via in message.vias])
