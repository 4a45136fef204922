"""Session descriptions, each once, with the messages that carried it."""

from collections.abc import Iterable

from sipscope.model.description import SessionDescription
from sipscope.model.message import Message
from sipscope.model.transaction import Transaction
from sipscope.model.written_description import WrittenDescription

_Key = tuple[str | None, str, bytes]
_Carrier = tuple[Message, SessionDescription, int, Transaction]

NEGOTIATED = frozenset({"session", "early-session"})
"""Dispositions of descriptions that set up media; others, such as `render`, are shown to somebody."""

NOT_WHOLE = frozenset({"message-truncated", "content-length-mismatch", "excess-behind-body", "multipart-unclosed"})
"""Defects of a message that leave open where its bodies end: what such a body lacks proves nothing."""


def descriptions_of(transactions: Iterable[Transaction]) -> tuple[WrittenDescription, ...]:
    """Every description once a Call-ID, by the time it was first shown; those cut short are left out."""
    found: dict[_Key, list[_Carrier]] = {}
    for transaction in transactions:
        for message in transaction.messages:
            if message.parts:
                _add(found, message, transaction)
    written = [_written(key, carriers) for key, carriers in found.items()]
    written.sort(key=lambda item: (item.messages[0].at, item.messages[0].frames, item.offset))
    return tuple(written)


def _add(found: dict[_Key, list[_Carrier]], message: Message, transaction: Transaction) -> None:
    if message.defects and any(defect.code in NOT_WHOLE for defect in message.defects):
        return
    for part in message.parts:
        description = part.description
        disposition = part.disposition or "session"
        if description is not None and disposition in NEGOTIATED:
            key = (message.call_id, disposition, part.content)
            carriers = found.get(key)
            if carriers is None:
                carriers = found[key] = []
            carriers.append((message, description, part.offset, transaction))


def _written(key: _Key, carriers: list[_Carrier]) -> WrittenDescription:
    if len(carriers) > 1:
        carriers.sort(key=lambda carrier: (carrier[0].at, carrier[0].frames))
    message, description, offset, transaction = carriers[0]
    return WrittenDescription(
        id=message.id,
        call_id=key[0],
        description=description,
        disposition=key[1],
        messages=tuple([carrier[0] for carrier in carriers]),
        offset=offset,
        transaction_id=transaction.id,
    )
