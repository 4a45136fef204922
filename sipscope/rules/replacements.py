"""What the rules about Replaces share: the dialog that it names, and whether another branch took it (RFC 3891)."""

from collections.abc import Sequence

from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.header_values import DialogReference
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction

NO_REFUSAL = frozenset({401, 407, 491})
"""Statuses behind which the INVITE is sent again."""


def tag_of(text: str | None) -> str:
    """A tag, where zero and none at all are the same (RFC 3891 §6.1)."""
    return "" if text is None or text == "0" else text


def side_with_tag(dialog: Dialog, tag: str) -> Side | None:
    """The side of a dialog that has that tag."""
    return next((side for side in Side if tag_of(dialog.party(side).tag) == tag), None)


def matched(reference: DialogReference, known: Sequence[Dialog]) -> tuple[Dialog, Side] | None:
    """The dialog that both tags belong to, and the side that to-tag makes the receiver."""
    to_tag, from_tag = tag_of(reference.to_tag), tag_of(reference.from_tag)
    for dialog in known:
        side = side_with_tag(dialog, to_tag)
        if side is not None and tag_of(dialog.party(side.other).tag) == from_tag:
            return dialog, side
    return None


def accepted_elsewhere(transaction: Transaction, trace: Trace) -> bool:
    """Sent to an address of record the INVITE forks, and all but the owner of the dialog rightly refuse it."""
    return any(item.final is not None and item.final.is_success for item in trace.index.same_request(transaction))


def replaces_evidence(request: Request, final: Response, dialog: Dialog) -> tuple[Evidence, ...]:
    """The dialog, the INVITE with Replaces, and its final response."""
    created = dialog.transactions[0].first
    tags = f"caller tag {dialog.key.caller_tag}, callee tag {dialog.key.callee_tag}"
    return (
        Evidence(frame=created.frames[-1], note=f"the dialog with that Call-ID: {tags}"),
        Evidence(frame=request.frames[-1], note=f"Replaces: {request.headers.get('replaces') or ''}"),
        Evidence(frame=final.frames[-1], note=final.label),
    )
