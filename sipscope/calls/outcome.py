"""How a call ended, and who ended it: by what the caller's own legs show."""

from collections.abc import Sequence

from sipscope.model.call import Call, CallOutcome, Release
from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Response
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.values import dataclass, replace

CHALLENGES = frozenset({401, 407})
"""Final responses that ask for credentials; the attempt goes on (RFC 3261 §22)."""

CORRECTABLE = CHALLENGES | {413, 415, 420, 421, 422}
"""Final responses behind which a client tries again by itself, corrected (RFC 3261 §8.1.3.5, RFC 4028 §7.4)."""

OTHER_OFFERS = frozenset({488, 606})
"""Refusals of the offer; with a description of what is taken they invite another one (RFC 3261 §21.4.26)."""

RETRY_WITHIN: Duration = 4 * SECOND
"""A client that can try again does so at once; a capture that goes on for longer shows that it doesn't."""

_DECIDED_BY_DOMAIN = frozenset({403, 404, 410, 416, 482, 483, 484})
"""Failures that a proxy gives on its own account, for its policy, its users and its routes (RFC 3261 §21.4)."""


@dataclass(frozen=True, slots=True)
class End:
    """How a call ended; fields as those of `Call`."""

    outcome: CallOutcome
    final_status: int | None = None
    ended_at: Instant | None = None
    released_by: Release | None = None


def end_of(invites: Sequence[Transaction], dialogs: Sequence[Dialog], *, is_answered: bool) -> End:
    """How the caller's own INVITEs and dialogs say that their call ended."""
    return _answered(dialogs) if is_answered else _unanswered(invites, dialogs)


def undecided(call: Call, capture_ended_at: Instant | None) -> Call:
    """Open instead of refused, where the capture ends so soon that the next attempt may be cut off."""
    if call.outcome not in {CallOutcome.REJECTED, CallOutcome.REDIRECTED} or call.ended_at is None:
        return call
    if capture_ended_at is None or capture_ended_at - call.ended_at > RETRY_WITHIN or not _invites_another(call):
        return call
    return replace(call, outcome=CallOutcome.OPEN, final_status=None, ended_at=None, released_by=None)


def _invites_another(call: Call) -> bool:
    """Whether a client answers what decided the call with another attempt: corrected, or elsewhere."""
    status = call.final_status or 0
    if status in CORRECTABLE:
        return True
    deciding = [item.final for item in call.invites if item.final is not None and item.final.status == status]
    if status in OTHER_OFFERS:
        return any(final.description is not None for final in deciding)
    return 300 <= status < 400 and any(final.contacts for final in deciding)


def _unanswered(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> End:
    if not invites or _was_going_on(invites, dialogs):
        return _joined_late(invites, dialogs)
    attempt = _last_attempt(invites)
    branches = _branches_of_caller(attempt)
    if branches[-1].cancelled_by is not None:
        return _cancelled(branches[-1])
    final = _deciding_response(attempt, branches)
    if final is not None:
        is_given_up = final.status == 487
        released_by = _hung_up_by(dialogs) if is_given_up else _refused_by(invites, attempt, final)
        return End(_outcome_of(final.status), final.status, final.at, released_by)
    timed_out = all(item.state is TransactionState.TIMED_OUT for item in attempt)
    return End(CallOutcome.UNANSWERED if timed_out else CallOutcome.OPEN)


def _answered(dialogs: Sequence[Dialog]) -> End:
    confirmed = [dialog for dialog in dialogs if dialog.confirmed_at is not None]
    confirmed = [dialog for dialog in confirmed if _was_taken_up(dialog)] or confirmed
    ended = [dialog.ended_at for dialog in confirmed]
    last = None if None in ended else max(at for at in ended if at is not None)
    released = None
    closing = next((dialog for dialog in confirmed if dialog.ended_at == last and last is not None), None)
    if closing is not None and closing.released_by is not None:
        released = Release.CALLER if closing.released_by is Side.CALLER else Release.CALLEE
    return End(CallOutcome.ANSWERED, 200, last, released)


def _was_taken_up(dialog: Dialog) -> bool:
    """Whether the caller got the answer of a fork: it acknowledges every one that it gets (RFC 3261 §13.2.2.4)."""
    return not dialog.forked_with or any(item.method in {"ACK", "BYE"} for item in dialog.transactions)


def _joined_late(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> End:
    """The capture begins inside the call: how it came about is unknown, how it ended may be seen.

    Where nothing shows the INVITE, who called is unknown too: the one that speaks first in view may be the callee.
    """
    ended = [dialog.ended_at for dialog in dialogs if dialog.ended_at is not None]
    released_by = _hung_up_by(dialogs) if invites else None
    return End(CallOutcome.OPEN, None, max(ended, default=None), released_by)


def _was_going_on(invites: Sequence[Transaction], dialogs: Sequence[Dialog]) -> bool:
    """Whether the capture begins inside an established dialog, where a bare INVITE response is a re-INVITE's."""
    if any(item.request is not None for item in invites):
        return False
    return any(item.method in {"ACK", "BYE"} for dialog in dialogs for item in dialog.transactions)


def _last_attempt(invites: Sequence[Transaction]) -> list[Transaction]:
    """All hops and branches of the newest INVITE of whoever sent the first one: one From tag and CSeq number."""
    newest = [item for item in invites if item.key.client == invites[0].key.client][-1].first
    return [item for item in invites if item.first.cseq == newest.cseq and item.first.from_tag == newest.from_tag]


def _branches_of_caller(attempt: Sequence[Transaction]) -> list[Transaction]:
    """The transactions of the node nearest the caller: several where a forking proxy is the first in view."""
    return [item for item in attempt if item.key.client == attempt[0].key.client]


def _cancelled(invite: Transaction) -> End:
    """Cancelled by the caller where its own INVITE was cancelled; a proxy cancels branches on its own account too."""
    request, final = invite.request, invite.final
    is_callers = request is not None and len(request.vias) == 1
    released_by = Release.CALLER if is_callers else None
    return End(CallOutcome.CANCELLED, invite.final_status, None if final is None else final.at, released_by)


def _deciding_response(attempt: Sequence[Transaction], branches: Sequence[Transaction]) -> Response | None:
    """The final response that reached the caller: the last one on the first hop, none while a branch is undecided.

    Where no response of the first hop was seen at all, the hops behind it speak, when all of them failed.
    """
    decided = [item for item in branches if item.state is not TransactionState.TIMED_OUT]
    if not any(item.responses for item in branches):
        decided = [item for item in attempt if item not in branches]
    finals = [item.final for item in decided]
    known = [final for final in finals if final is not None]
    return max(known, key=lambda final: (final.at, final.frames)) if known and len(known) == len(finals) else None


_OUTCOME_OF_STATUS = {408: CallOutcome.UNANSWERED, 487: CallOutcome.CANCELLED}


def _outcome_of(status: int) -> CallOutcome:
    return CallOutcome.REDIRECTED if status < 400 else _OUTCOME_OF_STATUS.get(status, CallOutcome.REJECTED)


def _hung_up_by(dialogs: Sequence[Dialog]) -> Release | None:
    """Who sent the first BYE, which a caller may do before the answer too (RFC 3261 §15); None where none was seen."""
    byes = [(item.request, dialog) for dialog in dialogs for item in dialog.byes if item.request is not None]
    if not byes:
        return None
    request, dialog = min(byes, key=lambda pair: (pair[0].at, pair[0].frames))
    side = dialog.sender_of(request)
    return None if side is None else Release(side.value)


def _refused_by(invites: Sequence[Transaction], attempt: Sequence[Transaction], final: Response) -> Release:
    """The callee where a last hop shows the same status, else an element in between.

    A server that asked for credentials with 407 is a proxy (RFC 3261 §22.3); what its domain decides is its own word,
    and so is such a decision of an element that no callee was heard behind before.
    """
    if final.status in CHALLENGES or final.status in {408, 500, 502, 503, 504}:
        return Release.NETWORK
    proxies = {item.key.client for item in attempt}
    if final.status in _DECIDED_BY_DOMAIN:
        proxies.update(item.key.server for item in invites if item.final_status == 407)
    last_hops = [item for item in attempt if item.key.server not in proxies]
    refusing = [item for item in last_hops if item.final_status == final.status]
    if final.status in _DECIDED_BY_DOMAIN:
        refusing = [item for item in refusing if any(response.status > 100 for response in item.provisionals)]
    return Release.CALLEE if refusing else Release.NETWORK
