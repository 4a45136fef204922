"""What subjects hold, a word each, so that a rule isn't asked about a subject of which it can't speak.

A rule names in `needs` the traits without which it never yields a hit. Thousands of subjects have a few dozen sets of
traits: a subject costs one look-up, and the rules that may speak of it are found once for all that hold the same.

Traits of a message:
    `INVITE`: the method, of a response that of CSeq, as it came. `response 401`, `response 4xx` and `response failure`
    for whatever is 300 or above; `INVITE 401`, `INVITE 4xx` and `INVITE failure`. The canonical names of its header
    lines, such as `rseq`. `body`; `sdp` for a session description in whatever part, with the traits of that; `defects`;
    `vias other than one` unless it has one line of Via with one value.
Traits of a transaction:
    Those of its messages, retransmissions included, and of its own: its method; `request` or `no request`, `final` or
    `no final`, `state timed-out` and the like, `in dialog` for a request with a To tag and `out of dialog` for one
    without, `copies`, `anomalies`, `cancelled`, `responses behind final` where another response follows the first
    final one, and `other hops` where the same request has other transactions; each of these also behind its method,
    such as `INVITE no final`.
Traits of a series, a dialog and the capture:
    Those of every transaction in it. `several attempts` of a series; of a dialog its usages, such as `refer`, `several
    legs`, `several byes` and `dialog anomalies`; `several exchanges` where one of its legs has more than one offer,
    `early session`, and the codes of the anomalies in its offers and answers, such as `OA-018`; `media` in a capture
    that holds streams; of the capture those of every message.
Traits of a call:
    `several dialogs`; `early phase`, and `p-early-media` where such a header field came in it; `media` in a capture
    that holds streams.
Traits of an offer/answer exchange:
    Those of the descriptions that are offer and answer; `exchange answered` and the like for its outcome, `pattern
    INVITE/200`, `described before` where one of the parties had said something in an exchange before, `exchange
    anomalies` and the code of each; what sets its answer apart, in the words of `sipscope.rules.answer_traits`.
Traits of a session description:
    `a=crypto` and the like for the names of its attributes, at whatever level; `SRTP` where a section has a profile of
    SRTP. As a party wrote it, it has `promise` where it may be an offer or an answer; then `asks for media`, and
    `address private` and the like for the reach of the addresses that it asks for media at. It has `defect
    connection-line-missing` and the like.

A trait says that something is there. Whoever needs an absence names the trait that says so, such as `no final`.
"""

from collections.abc import Callable, Iterable
from typing import Any

from sipscope.model.call import Call
from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Dialog
from sipscope.model.message import Message, Request, Response
from sipscope.model.network_scope import Scope, scope_of
from sipscope.model.offer_answer import Ledger, OfferAnswerExchange
from sipscope.model.series import RequestSeries
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.model.written_description import WrittenDescription
from sipscope.rules.answer_traits import answer_traits
from sipscope.values import dataclass

MOST_KEYS = 10_000
"""How many keys are remembered. A capture has a few hundred; one that is made to have a new one each message only
costs time."""


@dataclass(slots=True, eq=False)
class Form:
    """What subjects that hold the same have in common; one object for them all, so that it is a quick key.

    Attributes:
        traits: See the module.
    """

    traits: frozenset[str]


class Forms:
    """Finds the forms of a trace's subjects."""

    def __init__(self, trace: Trace) -> None:
        """Begin with none."""
        self._trace = trace
        self._media = ("media",) if trace.streams else ()
        self._known: dict[tuple[object, ...], Form] = {}
        self._of_traits: dict[frozenset[str], Form] = {}
        self._of_transaction: dict[str, Form] = {}
        self._of_message: dict[tuple[object, ...], tuple[tuple[str, ...], Form]] = {}
        self._several_hops = trace.index.of_several.keys()
        self._of_description: dict[int, tuple[SessionDescription, Form]] = {}

    def of_kind(self, kind: type[object]) -> Callable[[Any], Form] | None:
        """What finds the forms of subjects of a type; None for types whose subjects have none."""
        makers: dict[type[object], Callable[[Any], Form]] = {
            Transaction: self.of_transaction,
            RequestSeries: self.of_series,
            Dialog: self.of_dialog,
            OfferAnswerExchange: self.of_exchange,
            WrittenDescription: self.of_written,
            Call: self.of_call,
            Trace: self.of_trace,
        }
        return makers.get(kind)

    def of_message(self, message: Message) -> Form:
        """Form of a message."""
        status = message.status if isinstance(message, Response) else None
        method = message.method if isinstance(message, Request) else "" if message.cseq is None else message.cseq.method
        described: tuple[Form, ...] = ()
        for part in message.parts:
            if part.description is not None:
                described += (self.of_description(part.description),)
        names = message.headers.names
        rest = (method, status, described, bool(message.parts), bool(message.defects), len(message.vias))
        # Names that come again are mostly one object, which is a quicker key than two dozen names. It is kept beside
        # the form, so that no other can take its identity.
        place = (id(names), *rest)
        found = self._of_message.get(place)
        if found is None:
            if len(self._of_message) >= MOST_KEYS:
                self._of_message.clear()
            found = self._of_message[place] = (names, self._message(message, method, (names, *rest)))
        return found[1]

    def _message(self, message: Message, method: str, key: tuple[object, ...]) -> Form:
        known = self._known.get(key)
        if known is not None:
            return known
        names, parts, vias = message.headers.names, message.parts, len(message.vias)
        described = [self.of_description(part.description) for part in parts if part.description is not None]
        other_vias = not vias == 1 == names.count("via")
        held = ((parts, "body"), (described, "sdp"), (message.defects, "defects"), (other_vias, "vias other than one"))
        own = [trait for holds, trait in held if holds]
        status = message.status if isinstance(message, Response) else None
        return self._made(key, (method, *own, *_traits_of_status(status, method), *names), described)

    def of_transaction(self, transaction: Transaction) -> Form:
        """Form of a transaction, found once however many subjects it is part of."""
        known = self._of_transaction.get(transaction.id)
        if known is None:
            known = self._of_transaction[transaction.id] = self._transaction(transaction)
        return known

    def of_series(self, series: RequestSeries) -> Form:
        """Form of a request series."""
        own = ("several attempts",) if len(series.attempts) > 1 else ()
        parts = [self.of_transaction(item) for item in series.transactions]
        return self._union(own, parts) if own or len(parts) > 1 else parts[0]

    def of_dialog(self, dialog: Dialog) -> Form:
        """Form of a dialog."""
        own = dialog.usages + self._media
        if len(dialog.legs) > 1:
            own += ("several legs",)
        if len(dialog.byes) > 1:
            own += ("several byes",)
        if dialog.anomalies:
            own += ("dialog anomalies",)
        for leg in dialog.legs:
            ledger = self._trace.index.ledgers.get((leg.id, dialog.id))
            if ledger is not None:
                own += _of_ledger(ledger)
        return self._union(own, [self.of_transaction(item) for item in dialog.transactions])

    def of_exchange(self, exchange: OfferAnswerExchange) -> Form:
        """Form of an offer/answer exchange."""
        own: tuple[str, ...] = (f"exchange {exchange.outcome}", f"pattern {exchange.pattern}")
        if exchange.previous_offerer is not None or exchange.previous_answerer is not None:
            own += ("described before",)
        if exchange.anomalies:
            own += ("exchange anomalies", *[item.code for item in exchange.anomalies])
        own += answer_traits(exchange)
        parts = [self.of_description(item) for item in (exchange.offer, exchange.answer) if item is not None]
        return self._union(own, parts)

    def of_description(self, description: SessionDescription) -> Form:
        """Form of a description by itself, found once however many messages carry it."""
        known = self._of_description.get(id(description))
        if known is None:
            if len(self._of_description) >= MOST_KEYS:
                self._of_description.clear()
            # The description is kept beside its form, so that no other can take its identity.
            known = self._of_description[id(description)] = (description, self._description(description))
        return known[1]

    def _description(self, description: SessionDescription) -> Form:
        key = (
            "description",
            tuple([item.name for item in description.attributes]) if description.attributes else (),
            tuple([item.form or (item.attribute_names, item.protocol) for item in description.media]),
        )
        known = self._known.get(key)
        if known is not None:
            return known
        names = {item.name for item in description.attributes}.union(
            *(item.attribute_names for item in description.media)
        )
        own = [f"a={name}" for name in names]
        if any("RTP/SAVP" in item.protocol.upper() for item in description.media):
            own.append("SRTP")
        return self._made(key, own, ())

    def of_written(self, written: WrittenDescription) -> Form:
        """Form of a description as a party wrote it."""
        description = written.description
        own: tuple[str, ...] = ()
        if written.is_promise:
            own = ("promise",)
            if written.promised_media:
                addresses = {item.address for item in written.promised_media}
                own = ("promise", "asks for media", *[_REACH[scope_of(item)] for item in addresses if item is not None])
        if description.defects:
            own += tuple([f"defect {item.code}" for item in description.defects])
        return self._union(own, [self.of_description(description)])

    def of_call(self, call: Call) -> Form:
        """Form of a call."""
        own = self._media + (("several dialogs",) if len(call.dialogs) > 1 else ())
        if call.early is not None:
            own += ("early phase", "p-early-media") if call.early.gates else ("early phase",)
        return self._union(own, [])

    def of_trace(self, trace: Trace) -> Form:
        """Form of the whole capture: messages that are in no transaction included."""
        found = {self.of_transaction(item) for item in trace.transactions}
        if sum([len(item.messages) + item.copies for item in trace.transactions]) != len(trace.messages):
            in_transactions = {id(message) for item in trace.transactions for message in item.all_messages}
            found.update(self.of_message(item) for item in trace.messages if id(item) not in in_transactions)
        return Form(frozenset().union(*(form.traits for form in found)))

    def _transaction(self, transaction: Transaction) -> Form:
        copies, request, final = transaction.copies, transaction.request, transaction.final
        parts = [self.of_message(item) for item in transaction.all_messages]
        key = (
            transaction.method,
            transaction.state,
            request is None,
            request is not None and request.to_tag is not None,
            bool(transaction.anomalies),
            transaction.cancelled_by is not None,
            final is None,
            final is not None and transaction.responses[-1] is not final,
            transaction.id in self._several_hops,
            # However often and in whatever order messages are sent again, they hold the same.
            frozenset(parts) if copies else tuple(parts),
        )
        known = self._known.get(key)
        return self._made(key, _own_traits(transaction, self._trace), parts) if known is None else known

    def _union(self, own: tuple[str, ...], parts: list[Form]) -> Form:
        key = (*own, frozenset(parts))
        known = self._known.get(key)
        return self._made(key, own, parts) if known is None else known

    def _made(self, key: tuple[object, ...], own: Iterable[str], parts: Iterable[Form]) -> Form:
        if len(self._known) >= MOST_KEYS:
            self._known.clear()
            self._of_traits.clear()
        traits = frozenset(own).union(*(form.traits for form in parts))
        form = self._known[key] = self._of_traits.setdefault(traits, Form(traits))
        return form


def _traits_of_status(status: int | None, method: str) -> list[str]:
    if status is None:
        return []
    classes = [str(status), f"{status // 100}xx"] + (["failure"] if status >= 300 else [])
    return [f"{kind} {each}" for kind in ("response", method) for each in classes]


def _of_ledger(ledger: Ledger) -> tuple[str, ...]:
    """What a dialog holds by the offers and answers of one of its legs."""
    held: tuple[str, ...] = ()
    if len(ledger.exchanges) > 1:
        held += ("several exchanges",)
    if ledger.early_exchanges:
        held += ("early session",)
    if ledger.anomalies:
        held += tuple([item.code for item in ledger.anomalies])
    for exchange in ledger.exchanges:
        if exchange.anomalies:
            held += tuple([item.code for item in exchange.anomalies])
    return held


def _own_traits(transaction: Transaction, trace: Trace) -> list[str]:
    """What a transaction holds beside its messages; all of it is in its key."""
    request, final = transaction.request, transaction.final
    held = (
        (request is not None and request.to_tag is not None, "in dialog"),
        (request is not None and request.to_tag is None, "out of dialog"),
        (transaction.copies, "copies"),
        (transaction.anomalies, "anomalies"),
        (transaction.cancelled_by is not None, "cancelled"),
        (final is not None and transaction.responses[-1] is not final, "responses behind final"),
        (len(trace.index.same_request(transaction)) > 1, "other hops"),
    )
    own = [
        f"state {transaction.state}",
        "no request" if request is None else "request",
        "no final" if final is None else "final",
        *[trait for holds, trait in held if holds],
    ]
    return [transaction.method, *own, *[f"{transaction.method} {trait}" for trait in own]]


_REACH = {scope: f"address {scope}" for scope in Scope}
