"""REFERs followed to their end: what they triggered, what was told, what really happened (RFC 3515, RFC 5589)."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sipscope.model.dialog import Dialog, Side
from sipscope.model.message import Request
from sipscope.model.request_times import RequestTimes
from sipscope.model.subscription import Subscription
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction, TransactionState
from sipscope.model.transfer import ProgressReport, Transfer, TransferKind, TransferOutcome
from sipscope.signalling.focus import as_focus
from sipscope.signalling.hops import once_per_request
from sipscope.signalling.progress_report import report_of
from sipscope.signalling.transfer_machine import run_machine
from sipscope.signalling.triggered_request import (
    InviteSeries,
    Match,
    Reference,
    known_call_ids,
    series_of,
    span_of,
    triggered_by,
)

CHALLENGES = frozenset({401, 407})
CONSULTATION_WINDOW: Duration = 60 * SECOND
"""How long before the REFER a call of the transferor to the target counts as consultation."""


def transfers_of(
    transactions: Sequence[Transaction],
    dialogs: Sequence[Dialog],
    subscriptions: Sequence[Subscription],
    *,
    capture_ended_at: Instant | None,
) -> tuple[Transfer, ...]:
    """One transfer for each REFER, challenges and hops folded, by time."""
    referring = [item for item in transactions if item.method == "REFER"]
    if not referring:
        return ()
    context = _Context(dialogs, subscriptions, series_of(transactions))
    refers = _last_attempts(once_per_request(referring))
    times = _times_by_host(refers)
    found = [_transfer(refer, context, _sent_later(refer, times), capture_ended_at) for refer in refers]
    found.sort(key=lambda transfer: (transfer.started_at, transfer.refer.first.frames))
    return tuple(replace(transfer, id=f"x{number}") for number, transfer in enumerate(found, start=1))


class _Context:
    """Everything a REFER may refer to, indexed."""

    def __init__(
        self, dialogs: Sequence[Dialog], subscriptions: Sequence[Subscription], series: Sequence[InviteSeries]
    ) -> None:
        self.used: set[int] = set()
        self._series = series
        self._times = RequestTimes([item.first for item in series])
        self._called: dict[str | None, list[Dialog]] = {}
        for dialog in dialogs:
            if dialog.is_invite and dialog.callee.address is not None:
                self._called.setdefault(dialog.callee.address.uri.user, []).append(dialog)
        self._by_tags: dict[tuple[str, frozenset[str]], Dialog] = {
            (dialog.key.call_id, frozenset({dialog.key.caller_tag, dialog.key.callee_tag})): dialog
            for dialog in dialogs
        }
        self._subscriptions = {item.requests[0].id: item for item in subscriptions if item.implicit and item.requests}

    def dialog(self, call_id: str | None, *tags: str | None) -> Dialog | None:
        """The dialog with that Call-ID and those two tags, in either order."""
        return self._by_tags.get((call_id or "", frozenset(tag or "" for tag in tags)))

    def subscription(self, refer: Transaction) -> Subscription | None:
        """The implicit subscription of a REFER."""
        return self._subscriptions.get(refer.id)

    def called(self, user: str | None) -> Sequence[Dialog]:
        """Dialogs by INVITE to a user, by time."""
        return self._called.get(user, ())

    def unused(self, reference: Reference) -> list[InviteSeries]:
        """INVITEs of the time of a REFER that no earlier one has claimed."""
        since, until = span_of(reference)
        places = slice(self._times.since(since), self._times.before(until + 1))
        return [series for series in self._series[places] if id(series) not in self.used]


def _last_attempts(refers: Sequence[Transaction]) -> list[Transaction]:
    """REFERs without those that were challenged and tried again with credentials."""
    retried: set[str] = set()
    waiting: dict[tuple[str | None, str | None], Transaction] = {}
    for refer in refers:
        key = (refer.first.call_id, refer.first.from_tag)
        if refer.request is not None and refer.request.credentials and key in waiting:
            retried.add(waiting.pop(key).id)
        if refer.final_status in CHALLENGES:
            waiting[key] = refer
    return [refer for refer in refers if refer.id not in retried]


def _times_by_host(refers: Sequence[Transaction]) -> dict[str, list[Instant]]:
    """When each host sent its REFERs, in order."""
    found: dict[str, list[Instant]] = {}
    for item in refers:
        found.setdefault(item.hop.source.address, []).append(item.started_at)
    for times in found.values():
        times.sort()
    return found


def _sent_later(refer: Transaction, times_by_host: Mapping[str, Sequence[Instant]]) -> Sequence[Instant]:
    """When the same host sent further REFERs."""
    times = times_by_host[refer.hop.source.address]
    return times[bisect_right(times, refer.started_at) :]


def _transfer(
    refer: Transaction, context: _Context, sent_later: Sequence[Instant], capture_ended_at: Instant | None
) -> Transfer:
    request = refer.request
    own = _dialog_of(refer, context)
    dialog = _session_of(request, own, context)
    side = None if dialog is None or request is None else _side_of(request, dialog, is_own=dialog is own)
    subscription = context.subscription(refer)
    reports = _reports(subscription)
    match = _match(refer, dialog, side, reports, context)
    draft = Transfer(
        id="",
        kind=TransferKind.OTHER,
        dialog_id=None if dialog is None else dialog.id,
        leg_id=_leg_id(own, refer),
        transferor=None if request is None else request.from_,
        transferor_side=side,
        transferee=None if request is None else request.to,
        target=None if request is None else request.refer_to,
        refer=refer,
        reports=reports,
        subscription_id=None if subscription is None else subscription.id,
    )
    consultation = _consultation(draft, dialog, context)
    draft = replace(
        draft,
        kind=_kind(draft, dialog, consultation),
        consultation_dialog_id=None if consultation is None else consultation.id,
    )
    return run_machine(_with_result(draft, match, context), dialog, sent_later, capture_ended_at)


def _dialog_of(refer: Transaction, context: _Context) -> Dialog | None:
    request = refer.request
    if request is None:
        return None
    if request.to_tag is not None:
        return context.dialog(request.call_id, request.from_tag, request.to_tag)
    final = refer.final
    return None if final is None else context.dialog(request.call_id, request.from_tag, final.to_tag)


def _session_of(request: Request | None, own: Dialog | None, context: _Context) -> Dialog | None:
    """The dialog that is transferred: that of the REFER, or the one that its Target-Dialog names (RFC 5589 §6.1)."""
    named = None if request is None else request.target_dialog
    if named is None or (own is not None and own.is_invite):
        return own
    return context.dialog(named.call_id, named.to_tag, named.from_tag) or own


def _side_of(request: Request, dialog: Dialog, *, is_own: bool) -> Side | None:
    """The transferor's side: of another dialog the one at its address, else the one with the `remote-tag`."""
    if is_own:
        return dialog.sender_of(request)
    host, named = request.hop.source.address, request.target_dialog
    found = [side for side in Side if dialog.party(side).endpoint.address == host]
    if len(found) != 1 and named is not None:
        found = [side for side in Side if dialog.party(side).tag == named.from_tag]
    return found[0] if len(found) == 1 else None


def _leg_id(dialog: Dialog | None, refer: Transaction) -> str | None:
    if dialog is None:
        return None
    return next((leg.id for leg in dialog.legs if any(item.id == refer.id for item in leg.transactions)), None)


def _reports(subscription: Subscription | None) -> tuple[ProgressReport, ...]:
    return () if subscription is None else tuple(report_of(item) for item in subscription.notifications)


def _match(
    refer: Transaction,
    dialog: Dialog | None,
    side: Side | None,
    reports: Sequence[ProgressReport],
    context: _Context,
) -> Match | None:
    request, final = refer.request, refer.final
    if request is None or request.refer_to is None or final is None or not final.is_success:
        return None
    if not _asks_for_invite(request):
        return None
    reference = Reference(
        refer=request,
        target=request.refer_to,
        replaces=request.refer_to_replaces,
        referred_by=request.referred_by or request.from_,
        transferee=None if dialog is None or side is None else dialog.party(side.other),
        transferee_address=request.hop.destination.address,
        accepted_at=final.at,
        known_call_ids=known_call_ids(dialog, request.refer_to_replaces),
        told_at=next((report.at for report in reports if report.is_final), None),
    )
    match = triggered_by(reference, context.unused(reference))
    if match is not None:
        context.used.add(id(match.series))
    return match


def _with_result(draft: Transfer, match: Match | None, context: _Context) -> Transfer:
    reported = next((report.status for report in reversed(draft.reports) if report.is_final), None)
    if match is None:
        return replace(draft, reported_status=reported, outcome=_outcome(draft, None, reported))
    last = match.series.last
    success = last.final if last.final is not None and last.final.is_success else None
    resulting = None if success is None else context.dialog(success.call_id, success.from_tag, success.to_tag)
    return replace(
        draft,
        triggered=last,
        triggered_score=match.score,
        triggered_evidence=match.evidence,
        resulting_dialog_id=None if resulting is None else resulting.id,
        reported_status=reported,
        observed_status=last.final_status,
        outcome=_outcome(draft, last, reported),
    )


def _outcome(draft: Transfer, triggered: Transaction | None, reported: int | None) -> TransferOutcome:
    """What really happened; where the triggered call is not in view, what was told of it."""
    final = draft.refer.final
    if final is None:
        refused = draft.refer.state is TransactionState.TIMED_OUT
        return TransferOutcome.REFUSED if refused else TransferOutcome.UNKNOWN
    if final.status >= 300:
        return TransferOutcome.REFUSED
    observed = None if triggered is None else triggered.final_status
    decided = observed if observed is not None else reported
    if decided is None:
        return TransferOutcome.UNKNOWN
    return TransferOutcome.SUCCEEDED if decided < 300 else TransferOutcome.FAILED


def _consultation(draft: Transfer, dialog: Dialog | None, context: _Context) -> Dialog | None:
    """The transferor's dialog with the target: named by Replaces, else a recent call to the same user."""
    request = draft.refer.request
    if request is None or request.refer_to is None:
        return None
    replaces = request.refer_to_replaces
    if replaces is not None:
        return context.dialog(replaces.call_id, replaces.to_tag, replaces.from_tag)
    called = context.called(request.refer_to.uri.user)
    found = [item for item in called if item is not dialog and _is_consultation(item, request, dialog)]
    return found[-1] if found else None


def _is_consultation(candidate: Dialog, refer: Request, dialog: Dialog | None) -> bool:
    target, sender = refer.refer_to, refer.from_
    callee = candidate.callee.address
    if not candidate.is_invite or target is None or sender is None or callee is None or not target.uri.user:
        return False
    started = candidate.transactions[0].started_at
    if not refer.at - CONSULTATION_WINDOW <= started <= refer.at:
        return False
    own_host = None if dialog is None else refer.hop.source.address
    return callee.uri.user == target.uri.user and candidate.caller.endpoint.address == own_host


def _kind(draft: Transfer, dialog: Dialog | None, consultation: Dialog | None) -> TransferKind:
    """RFC 5589 §6 and §7: by what Refer-To carries, who is asked, and what the transferor did before."""
    request = draft.refer.request
    if request is None or request.refer_to is None or not _asks_for_invite(request):
        return TransferKind.OTHER
    if request.refer_to_replaces is not None:
        return TransferKind.ATTENDED
    if "isfocus" in request.refer_to.parameters or _is_asked_of_a_focus(draft, dialog):
        return TransferKind.CONFERENCE
    if request.to_tag is None and (dialog is None or not dialog.is_invite):
        return TransferKind.OUT_OF_DIALOG
    unanswered = consultation is not None and consultation.confirmed_at is None
    return TransferKind.SEMI_ATTENDED if unanswered else TransferKind.BLIND


def _is_asked_of_a_focus(draft: Transfer, dialog: Dialog | None) -> bool:
    """Whether the REFER asks a conference focus to call somebody in: nobody is sent away by it."""
    final, side = draft.refer.final, draft.transferor_side
    if final is not None and any("isfocus" in contact.parameters for contact in final.contacts):
        return True
    return dialog is not None and side is not None and any(as_focus(dialog, side.other))


def _asks_for_invite(request: Request) -> bool:
    """INVITE is what Refer-To asks for unless its URI names another method (RFC 3515 §2.1)."""
    method = None if request.refer_to is None else request.refer_to.uri.parameters.get("method")
    return method is None or method.upper() == "INVITE"
