"""Requests by when they were sent, so that those of a short time are found without asking a whole long dialog."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate

from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction


class RequestTimes:
    """Places in a sequence of transactions between which the requests of a time are.

    Mostly the order is that of time. A capture may hold a request behind its response, so its bounds hold whatever the
    order is: they leave out what can't be of the time, and may leave in what isn't.
    """

    def __init__(self, transactions: Sequence[Transaction]) -> None:
        """Note the times of the requests; without one, the time of what is there instead."""
        times = [(item.request or item.first).at for item in transactions]
        self._latest = list(accumulate(times, max))
        self._soonest = list(accumulate(reversed(times), min))[::-1]

    def since(self, at: Instant) -> int:
        """The first place that may hold a request sent at a time or later: none before it does."""
        return bisect_left(self._latest, at)

    def before(self, at: Instant) -> int:
        """The place from which on no request was sent before a time."""
        return bisect_left(self._soonest, at)
