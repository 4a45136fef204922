"""What the rules about routing inside a dialog share: a party's own requests, where they go, and whether they show."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TypeAlias

from sipscope.model.dialog import Dialog, Party, RemoteTarget, Side
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.remembered import of_last
from sipscope.rules.request_fields import same_target

RACE: Duration = SECOND
"""A request this near to a change of target may have been under way already."""


SIDES = tuple(Side)
"""Both sides; a walk over the class itself costs more than what most dialogs are asked."""

Sent: TypeAlias = tuple[Transaction, Request]
"""A transaction and its request."""


class TargetUse(Enum):
    """How a Request-URI relates to the Contacts that the sender has seen of its peer."""

    CURRENT = "current"
    STALE = "stale"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"


def own_requests(dialog: Dialog, side: Side) -> Sequence[Sent]:
    """A party's requests inside the dialog as they left it: one Via, from the party's own address.

    Behind the first proxy the route is shorter and the Request-URI may be another (RFC 3261 §16.4, §16.5).
    """
    return _own_requests(dialog)[side]


@of_last
def _own_requests(dialog: Dialog) -> Mapping[Side, Sequence[Sent]]:
    """The requests of both parties; four rules ask for them."""
    found: dict[Side, list[Sent]] = {Side.CALLER: [], Side.CALLEE: []}
    caller, callee = dialog.caller.endpoint.address, dialog.callee.endpoint.address
    for transaction in dialog.transactions:
        request = transaction.request
        if request is None or request.to_tag is None or transaction.method == "CANCEL":
            continue
        hop, side = request.hop, dialog.sender_of(request)
        own = caller if side is Side.CALLER else callee
        if side is not None and hop.source.address == own != hop.destination.address and len(request.vias) == 1:
            found[side].append((transaction, request))
    return found


def requests_would_show(dialog: Dialog, side: Side) -> bool:
    """Whether in-dialog requests of a party pass the tap: one was seen, or the route leads along it (guard G-ONE).

    Its requests may leave it for another next hop than the INVITE came by: only the leg at its own end tells.
    """
    own = dialog.party(side).endpoint.address
    return any(
        guards.in_dialog_path_visible(leg, side) or guards.next_hop_is_on_leg(dialog, leg, side)
        for leg in dialog.legs
        if leg.both_directions and own == (leg.caller if side is Side.CALLER else leg.callee).address
    )


def routes_strictly(party: Party) -> bool:
    """Whether the first route lacks `lr`: the Request-URI then is that route (RFC 3261 §12.2.1.1)."""
    routes = () if party.route_set is None else party.route_set.routes
    return bool(routes) and "lr" not in routes[0].uri.parameters


def target_at(party: Party, request: Request) -> RemoteTarget | None:
    """The target in force when a request was sent; None where none is known, or it changed a moment before."""
    known = [
        target
        for target in party.remote_targets
        if target.committed_at is not None and target.committed_at + RACE < request.at
    ]
    return known[-1] if known else None


def is_foreign(party: Party, request: Request) -> bool:
    """Whether a Request-URI is none of the targets, and should be one."""
    uri = request.request_uri
    if uri is not None:
        for target in party.remote_targets:
            if target.uri.text == uri.text:
                return False
    return target_use(party, request) is TargetUse.FOREIGN


def target_use(party: Party, request: Request) -> TargetUse:
    """Which of the targets a Request-URI is."""
    current, uri = target_at(party, request), request.request_uri
    if current is None or uri is None or uri.scheme not in {"sip", "sips"}:
        return TargetUse.UNKNOWN
    if routes_strictly(party) or not all(map(_plain, party.remote_targets)):
        return TargetUse.UNKNOWN
    used = [target for target in party.remote_targets if same_target(target.uri, uri)]
    if not used:
        return TargetUse.FOREIGN
    stale = all(target.message.at < current.message.at for target in used)
    return TargetUse.STALE if stale else TargetUse.CURRENT


def _plain(target: RemoteTarget) -> bool:
    """Whether a Contact is an address of its own; one with `gr` or `ob` is resolved elsewhere (RFC 5627, RFC 5626)."""
    parameters = target.uri.parameters
    return target.uri.scheme in {"sip", "sips"} and "gr" not in parameters and "ob" not in parameters


def outcome_words(transaction: Transaction) -> str:
    """What became of a request, as a sentence to append; empty where it isn't known."""
    final = transaction.final
    return "" if final is None else f" It was answered {final.label}."
