"""Which party of a dialog says that it is a conference focus (RFC 3840 §9)."""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Side
from sipscope.model.header_values import Address
from sipscope.model.message import Message
from sipscope.model.transaction import Transaction

METHODS = frozenset({"INVITE", "UPDATE"})


def names_focus(dialog: Dialog) -> bool:
    """Whether anything that a party said of itself in a dialog can name a focus; few dialogs do."""
    for item in dialog.transactions:
        if item.method in METHODS:
            for message in item.messages:
                for contact in message.contacts:
                    # Few Contacts have parameters; searching a whole message takes longer than asking for them.
                    if contact.parameters.items and "isfocus" in contact.parameters:
                        return True
    return False


def as_focus(dialog: Dialog, side: Side) -> Iterator[tuple[Message, Address]]:
    """Messages in which a party says that it is a focus, with its Contact; those of refused requests left out."""
    for leg in dialog.legs:
        for item in leg.transactions:
            if item.method not in METHODS or _is_refused(item):
                continue
            for message in item.messages:
                # Few have the parameter.
                if b"isfocus" in message.payload and leg.side_of(message) is side and _is_of(message, dialog):
                    contact = next((each for each in message.contacts if "isfocus" in each.parameters), None)
                    if contact is not None:
                        yield message, contact


def _is_refused(transaction: Transaction) -> bool:
    return transaction.final is not None and not transaction.final.is_success


def _is_of(message: Message, dialog: Dialog) -> bool:
    """Whether it is no response of another fork: they share the INVITE."""
    return message.to_tag in {None, "", dialog.key.callee_tag, dialog.key.caller_tag}
