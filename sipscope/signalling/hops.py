"""One transaction for each request, however many hops of a proxy show it."""

from collections.abc import Iterable

from sipscope.model.transaction import Transaction


def once_per_request(transactions: Iterable[Transaction]) -> tuple[Transaction, ...]:
    """The first hop's transaction of every request, by time: equal Call-ID, tags, CSeq and method are one request."""
    found: dict[tuple[object, ...], Transaction] = {}
    for transaction in transactions:
        first = transaction.first
        request = transaction.request
        to_tag = request.to_tag if request is not None else first.to_tag
        found.setdefault((first.call_id, first.from_tag, to_tag, first.cseq, transaction.method), transaction)
    return tuple(found.values())
