"""Look-up tables of a trace."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from sipscope.model.call import Call
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.series import Attempt, RequestSeries
from sipscope.model.stream import RtpStream
from sipscope.model.subscription import Subscription
from sipscope.model.transaction import Transaction

Key = TypeVar("Key", bound=Hashable)
Item = TypeVar("Item")

_MANY = 8
"""From more transactions of one request than these, the ones of a node are found by a table."""


class TraceIndex:
    """Look-up tables of a trace, each made when it is first asked for: a capture needs few of them."""

    def __init__(
        self,
        *,
        messages: Sequence[Request | Response] = (),
        transactions: Sequence[Transaction] = (),
        series: Sequence[RequestSeries] = (),
        dialogs: Sequence[Dialog] = (),
        ledgers: Sequence[Ledger] = (),
        subscriptions: Sequence[Subscription] = (),
        calls: Sequence[Call] = (),
        streams: Sequence[RtpStream] = (),
        accepting_other_uris: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """Keep what is to be found.

        Args:
            messages: Of the trace, as all that follows.
            transactions: By time.
            series: By time.
            dialogs: By time.
            ledgers: In the order of the dialogs and their legs.
            subscriptions: By time.
            calls: By time.
            streams: Bound to dialogs.
            accepting_other_uris: Servers, each with a realm, that accepted credentials made for another Request-URI.
        """
        self._messages = messages
        self._transactions = transactions
        self._series = series
        self._dialogs = dialogs
        self._ledgers = ledgers
        self._subscriptions = subscriptions
        self._calls = calls
        self._streams = streams
        self.accepting_other_uris = accepting_other_uris

    def forget(self) -> None:
        """Drop the tables made so far: rules ask for more of them than whoever shows what they found.

        Each is made anew when it is asked for again.
        """
        for name in [name for name, table in vars(type(self)).items() if isinstance(table, cached_property)]:
            self.__dict__.pop(name, None)

    @cached_property
    def messages(self) -> Mapping[str, Request | Response]:
        """Messages by id."""
        return {item.id: item for item in self._messages}

    @cached_property
    def transactions(self) -> Mapping[str, Transaction]:
        """Transactions by id."""
        return {item.id: item for item in self._transactions}

    @cached_property
    def dialogs(self) -> Mapping[str, Dialog]:
        """Dialogs by id."""
        return {item.id: item for item in self._dialogs}

    @cached_property
    def legs(self) -> Mapping[str, Leg]:
        """Legs by id."""
        return {leg.id: leg for dialog in self._dialogs for leg in dialog.legs}

    @cached_property
    def ledgers(self) -> Mapping[tuple[str, str], Ledger]:
        """Ledgers by leg id and dialog id."""
        return {(item.leg_id, item.dialog_id): item for item in self._ledgers}

    @cached_property
    def exchanges(self) -> Mapping[str, OfferAnswerExchange]:
        """Exchanges by id."""
        return {exchange.id: exchange for ledger in self._ledgers for exchange in ledger.exchanges}

    @cached_property
    def streams(self) -> Mapping[str, RtpStream]:
        """Streams by id."""
        return {item.id: item for item in self._streams}

    @cached_property
    def calls(self) -> Mapping[int, Call]:
        """Calls by id."""
        return {item.id: item for item in self._calls}

    @cached_property
    def call_of_dialog(self) -> Mapping[str, int]:
        """Call id by dialog id."""
        return {dialog.id: call.id for call in self._calls for dialog in call.dialogs}

    @cached_property
    def call_of_transaction(self) -> Mapping[str, int]:
        """Call id by transaction id; an INVITE counts for the call that it begins."""
        found = {item.id: call.id for call in self._calls for item in call.invites}
        for call in self._calls:
            for dialog in call.dialogs:
                for item in dialog.transactions:
                    found.setdefault(item.id, call.id)
        return found

    @cached_property
    def streams_of_dialog(self) -> Mapping[str, tuple[RtpStream, ...]]:
        """Streams by the id of the dialog that they are bound to."""
        bound = [(item.binding.dialog_id, item) for item in self._streams if item.binding is not None]
        return _grouped(bound)

    @cached_property
    def dialogs_of_call_id(self) -> Mapping[str, tuple[Dialog, ...]]:
        """Dialogs by Call-ID."""
        return _grouped((item.key.call_id, item) for item in self._dialogs)

    @cached_property
    def subscriptions_of_call_id(self) -> Mapping[str | None, tuple[Subscription, ...]]:
        """Subscriptions by Call-ID."""
        return _grouped((item.call_id, item) for item in self._subscriptions)

    @cached_property
    def series_of_transaction(self) -> Mapping[str, RequestSeries]:
        """Series by the id of each of their transactions."""
        return {
            item.id: series for series in self._series for attempt in series.attempts for item in attempt.transactions
        }

    @cached_property
    def authenticating(self) -> tuple[RequestSeries, ...]:
        """Series with credentials or a challenge, by time."""
        return tuple([series for series in self._series if any(map(_authenticates, series.attempts))])

    @cached_property
    def transactions_of_request(self) -> Mapping[tuple[str, str, int, str], tuple[Transaction, ...]]:
        """Transactions of one request over its hops and branches, by Call-ID, From tag, CSeq number and method."""
        return _grouped(
            ((first.call_id, first.from_tag or "", first.cseq.number, item.method), item)
            for item in self._transactions
            if (first := item.first).call_id is not None and first.cseq is not None
        )

    @cached_property
    def streams_from(self) -> Mapping[Endpoint, tuple[RtpStream, ...]]:
        """Streams by the endpoint that sends them."""
        return _grouped((item.hop.source, item) for item in self._streams)

    @cached_property
    def streams_to(self) -> Mapping[Endpoint, tuple[RtpStream, ...]]:
        """Streams by the endpoint that they are sent to."""
        return _grouped((item.hop.destination, item) for item in self._streams)

    @cached_property
    def unbound_streams(self) -> tuple[RtpStream, ...]:
        """Streams that belong to no dialog, in their order."""
        return tuple([item for item in self._streams if item.binding is None])

    @cached_property
    def ledgers_announcing(self) -> Mapping[Endpoint, tuple[Ledger, ...]]:
        """Ledgers by each endpoint that was in force in them at any time."""
        return _grouped(
            (endpoint, ledger)
            for ledger in self._ledgers
            for endpoint in dict.fromkeys(
                Endpoint(item.media.address, item.media.port)
                for item in ledger.in_force
                if item.media.address is not None and item.media.port
            )
        )

    @cached_property
    def described_from(self) -> Mapping[Endpoint, tuple[Request | Response, ...]]:
        """Requests and non-failure responses with a session description, by the endpoint they came from."""
        return _grouped(
            (item.hop.source, item)
            for item in self._messages
            if item.description is not None and (isinstance(item, Request) or item.status < 300)
        )

    def same_request(self, transaction: Transaction) -> tuple[Transaction, ...]:
        """Every transaction of the same request, this one included: other hops, forks, fail-over."""
        return self.of_several.get(transaction.id, (transaction,))

    def same_request_from(self, client: str, transaction: Transaction) -> Sequence[Transaction]:
        """Every transaction of the same request that a node sent."""
        group = self.same_request(transaction)
        if len(group) > _MANY:
            return self._of_many.get((group[0].id, client), ())
        return [item for item in group if item.key.client == client]

    @cached_property
    def _of_many(self) -> Mapping[tuple[str, str], tuple[Transaction, ...]]:
        """Transactions of the requests that have many, by the id of the first one and the node that sent them."""
        groups = self.transactions_of_request.values()
        return _grouped(
            ((group[0].id, item.key.client), item) for group in groups if len(group) > _MANY for item in group
        )

    @cached_property
    def of_several(self) -> Mapping[str, tuple[Transaction, ...]]:
        """All transactions of a request by the id of each, where there are several."""
        groups = self.transactions_of_request.values()
        return {item.id: group for group in groups if len(group) > 1 for item in group}


def _authenticates(attempt: Attempt) -> bool:
    return bool(attempt.first.credentials or (attempt.final is not None and attempt.final.challenges))


def _grouped(pairs: Iterable[tuple[Key, Item]]) -> dict[Key, tuple[Item, ...]]:
    """Items by key, in their order."""
    found: dict[Key, list[Item]] = {}
    for key, item in pairs:
        found.setdefault(key, []).append(item)
    return {key: tuple(items) for key, items in found.items()}
