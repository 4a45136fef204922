"""The two sides of a dialog: who they are, where they speak from, and how they are reached (RFC 3261 §12.1)."""

from collections.abc import Sequence

from sipscope.model.dialog import DialogKey, Party, Side
from sipscope.model.header_values import Address
from sipscope.model.message import Message, Request, Response
from sipscope.model.network import Endpoint
from sipscope.model.transaction import Transaction
from sipscope.signalling.dialog_routing import TARGET_REFRESH, highest_number_of, remote_targets_of, route_set_of


def parties_of(
    transactions: Sequence[Transaction], key: DialogKey, caller: Endpoint, callee: Endpoint, *, by_invite: bool
) -> tuple[Party, Party]:
    """Caller and callee, told by the transactions of a dialog by time.

    Args:
        transactions: Of all legs.
        key: The dialog's.
        caller: Endpoint of the caller on its own hop.
        callee: Endpoint of the callee on its own hop.
        by_invite: Whether an INVITE created the dialog; route sets and targets are followed for those alone.
    """
    by_caller, by_callee = _sent(transactions, key)
    routed = [item for item in transactions if item.method in TARGET_REFRESH] if by_invite else []
    return (
        _party(transactions, routed, by_caller, key, Side.CALLER, caller),
        _party(transactions, routed, by_callee, key, Side.CALLEE, callee),
    )


def _sent(transactions: Sequence[Transaction], key: DialogKey) -> tuple[list[Message], list[Message]]:
    """What the caller sent, and what the callee sent."""
    caller_tag, callee_tag = key.caller_tag, key.callee_tag
    by_caller: list[Message] = []
    by_callee: list[Message] = []
    for transaction in transactions:
        for message in transaction.messages:
            tag = (message.to_tag if isinstance(message, Response) else message.from_tag) or ""
            if tag == caller_tag:
                by_caller.append(message)
            # Tags are equal where both are missing.
            if tag == callee_tag:
                by_callee.append(message)
    return by_caller, by_callee


def _party(
    transactions: Sequence[Transaction],
    routed: Sequence[Transaction],
    sent: Sequence[Message],
    key: DialogKey,
    side: Side,
    endpoint: Endpoint,
) -> Party:
    """One side: who, from which endpoint, where to reach it, and what it runs."""
    tag = key.caller_tag if side is Side.CALLER else key.callee_tag
    address = _own_address(sent)
    return Party(
        address=_address_in_use(transactions, tag) if address is None else address,
        tag=tag,
        endpoint=endpoint,
        contact=_contact(sent),
        user_agent=_user_agent(sent),
        route_set=route_set_of(routed, key, side, endpoint),
        remote_targets=remote_targets_of(routed, key, side, endpoint),
        highest_number=highest_number_of(sent),
    )


def _own_address(sent: Sequence[Message]) -> Address | None:
    """How a party calls itself."""
    for message in sent:
        address = message.to if isinstance(message, Response) else message.from_
        if address is not None:
            return address
    return None


def _address_in_use(transactions: Sequence[Transaction], tag: str) -> Address | None:
    """How its peer calls a party that says nothing."""
    for transaction in transactions:
        for message in transaction.messages:
            own, other = message.from_tag or "", message.to_tag or ""
            address = message.to
            if isinstance(message, Response):
                own, other, address = other, own, message.from_
            if own != tag and other == tag and address is not None:
                return address
    return None


def _contact(sent: Sequence[Message]) -> Address | None:
    """The last Contact that is a remote target."""
    for message in reversed(sent):
        if message.contacts and _sets_target(message):
            return message.contacts[0]
    return None


def _user_agent(sent: Sequence[Message]) -> str | None:
    for message in sent:
        product = message.user_agent
        if product:
            return product
    return None


def _sets_target(message: Message) -> bool:
    """Whether Contact of this message is a remote target: target refresh requests and their 1xx and 2xx."""
    cseq = message.cseq
    if cseq is None or cseq.method not in TARGET_REFRESH:
        return False
    return isinstance(message, Request) or (isinstance(message, Response) and 100 < message.status < 300)
