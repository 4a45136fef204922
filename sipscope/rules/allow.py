"""What a peer says that it takes: its Allow header field (RFC 3261 §20.5)."""

from sipscope.model.message import Message, Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction

REFUSALS = frozenset({405, 501})
"""Responses that say that a method isn't taken (RFC 3261 §21.4.6, §21.5.2)."""


def last_allow(request: Request, transaction: Transaction, trace: Trace) -> Message | None:
    """The newest message with Allow that the peer had sent on this hop in this dialog."""
    nodes = {transaction.key.client, transaction.key.server}
    tags = {request.from_tag, request.to_tag}
    newest: Message | None = None
    for dialog in trace.index.dialogs_of_call_id.get(request.call_id or "", ()):
        if {dialog.key.caller_tag, dialog.key.callee_tag} != tags:
            continue
        for other in dialog.transactions:
            if {other.key.client, other.key.server} == nodes:
                for message in other.messages:
                    if message.at < request.at and message.allow and is_of_peer(message, request):
                        newest = message if newest is None or message.at > newest.at else newest
    return newest


def is_of_peer(message: Message, request: Request) -> bool:
    """Whether a message of the dialog comes from the one who gets the request."""
    if isinstance(message, Request):
        return message.from_tag == request.to_tag
    return message.to_tag == request.to_tag and message.from_tag == request.from_tag
