"""What the rules about ACK share: which ACKs mean an INVITE, and whether a final response was repeated to the end."""

from collections.abc import Sequence

from sipscope.model.dialog import Dialog
from sipscope.model.message import Message, Response
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction

LONGEST_PAUSE: Duration = 12 * SECOND
"""Copies follow each other within T2 (4 s); a longer pause than three of these is no chance."""


def stray_acks(invite: Transaction, trace: Trace) -> tuple[Transaction, ...]:
    """ACKs of the INVITE's client with its Call-ID, From tag and number that aren't part of its transaction."""
    first = invite.first
    if first.call_id is None or first.cseq is None:
        return ()
    key = (first.call_id, first.from_tag or "", first.cseq.number, "ACK")
    found = trace.index.transactions_of_request.get(key, ())
    return tuple(item for item in found if item.key.client == invite.key.client and item.request is not None)


def success_of(invite: Transaction, dialog: Dialog) -> Response | None:
    """The 2xx of an INVITE that belongs to a dialog."""
    if invite.method != "INVITE":
        return None
    tags = (dialog.key.caller_tag, dialog.key.callee_tag)
    for item in invite.responses:
        if 200 <= item.status < 300 and (item.to_tag or "") in tags:
            return item
    return None


def failures_of(invite: Transaction) -> tuple[Response, ...]:
    """Its 3xx to 6xx responses."""
    return tuple(item for item in invite.responses if item.status >= 300)


def ceased(copies: Sequence[Message], until: Instant) -> bool:
    """Whether the repetition of a response ended long before `until`: a UAS goes on until the ACK arrives."""
    return until - copies[-1].at > LONGEST_PAUSE
