"""Feeds the transfer machine with what was seen, in order of time, and with the observer's timers."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Dialog
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import TransactionState
from sipscope.model.transfer import ProgressReport, Transfer, TransferState
from sipscope.signalling.transfer_table import TABLE, Event
from sipscope.signalling.triggered_request import DIRECT

FIRST_NOTIFY: Duration = 4 * SECOND
"""The first NOTIFY is due at once (RFC 3515 §2.4.4); this much delay is excused."""
FINAL_NOTIFY: Duration = 4 * SECOND
"""How long after the triggered request's final response the final NOTIFY may come."""
RECOVERY: Duration = 15 * SECOND
"""How long a transferor may take to resume after a failure; no RFC sets a limit."""

ANSWER: Duration = 32 * SECOND
"""64·T1, after which a REFER without final response is refused by silence (RFC 3261 §17.1.2.2)."""

_Step = tuple[Instant, int, Event, Message | None]


def run_machine(
    transfer: Transfer, dialog: Dialog | None, sent_later: Sequence[Instant], capture_ended_at: Instant | None
) -> Transfer:
    """The transfer with the machine's last state and its anomalies.

    Args:
        transfer: What is known so far.
        dialog: The dialog that is transferred; None where it isn't in view.
        sent_later: When the transferor sent further REFERs.
        capture_ended_at: Timers don't run beyond it.
    """
    steps = sorted(_steps(transfer, dialog, sent_later, capture_ended_at), key=lambda step: (step[0], step[1]))
    state = TransferState.SENT
    anomalies: list[Anomaly] = []
    for _, _, event, message in steps:
        step = TABLE[state].get(event)
        if step is None:
            continue
        if step.anomaly:
            ids = () if message is None else (message.id,)
            anomalies.append(Anomaly(code=step.anomaly, variant=event.name.lower().replace("_", "-"), message_ids=ids))
        state = step.state
    return replace(transfer, state=state, anomalies=tuple(anomalies))


def _steps(
    transfer: Transfer, dialog: Dialog | None, sent_later: Sequence[Instant], capture_ended_at: Instant | None
) -> Iterator[_Step]:
    final = transfer.refer.final
    if final is not None and final.is_success:
        subscribed = _is_subscribed(transfer)
        yield final.at, 0, Event.ACCEPTED if subscribed else Event.ACCEPTED_UNSUBSCRIBED, final
        for report in transfer.reports:
            yield from _report_steps(report, final.at)
        yield from _triggered_steps(transfer)
        yield from _timers(transfer, final.at, capture_ended_at)
    elif final is not None:
        yield final.at, 0, Event.REFUSED, final
    elif transfer.refer.state is TransactionState.TIMED_OUT:
        yield transfer.started_at + ANSWER, 0, Event.REFUSED, None
    if dialog is not None:
        yield from _dialog_steps(transfer, dialog, transfer.started_at)
        yield from _recovery_steps(transfer, dialog, sent_later, capture_ended_at)


def _is_subscribed(transfer: Transfer) -> bool:
    request, final = transfer.refer.request, transfer.refer.final
    if final is not None and final.refer_sub == "false":
        return False
    return request is None or not {"nosub", "explicitsub"} & set(request.require)


def _report_steps(report: ProgressReport, accepted_at: Instant) -> Iterator[_Step]:
    """A NOTIFY that overtook the response to the REFER is applied right behind it."""
    at = max(report.at, accepted_at)
    message = report.transaction.first
    if report.status is None:
        return
    if report.status < 200:
        yield at, 1, Event.NOTIFY_PROVISIONAL, message
        return
    if report.state is not None and not report.state.startswith("terminated"):
        yield at, 1, Event.NOTIFY_FINAL_ACTIVE, message
    yield at, 2, Event.NOTIFY_SUCCESS if report.status < 300 else Event.NOTIFY_FAILURE, message


def _triggered_steps(transfer: Transfer) -> Iterator[_Step]:
    triggered = transfer.triggered
    if triggered is None or transfer.triggered_score < DIRECT:
        return
    yield triggered.started_at, 1, Event.TRIGGERED, triggered.first
    final = triggered.final
    if final is not None:
        yield final.at, 1, Event.TRIGGERED_SUCCESS if final.is_success else Event.TRIGGERED_FAILURE, final


def _dialog_steps(transfer: Transfer, dialog: Dialog, since: Instant) -> Iterator[_Step]:
    bye = next((item.request for item in dialog.byes if item.request is not None and item.request.at >= since), None)
    if bye is not None:
        own = dialog.sender_of(bye) is transfer.transferor_side
        yield bye.at, 3, Event.BYE_TRANSFEROR if own else Event.BYE_TRANSFEREE, bye
    for request in _offers_of_transferor(transfer, dialog):
        if request.at >= since and _flows_both_ways(request):
            yield request.at, 3, Event.RESUME, request


def _offers_of_transferor(transfer: Transfer, dialog: Dialog) -> list[Request]:
    """INVITEs and UPDATEs with a description that the transferor sent in the dialog of the REFER, by time."""
    requests = [item.request for item in dialog.transactions if item.method in {"INVITE", "UPDATE"}]
    return [
        request
        for request in requests
        if request is not None
        and request.description is not None
        and dialog.sender_of(request) is transfer.transferor_side
    ]


def _flows_both_ways(request: Request) -> bool:
    """Whether an offer asks for media both ways: a re-INVITE that does so resumes."""
    sections = () if request.description is None else request.description.media
    return any(
        section.port
        and section.direction.sends
        and section.direction.receives
        and not (section.connection and section.connection.is_null)
        for section in sections
    )


def _timers(transfer: Transfer, accepted_at: Instant, capture_ended_at: Instant | None) -> Iterator[_Step]:
    """Timers run out only where the capture goes on beyond them."""
    if capture_ended_at is None:
        return
    first_due = accepted_at + FIRST_NOTIFY
    if capture_ended_at >= first_due and not any(report.at <= first_due for report in transfer.reports):
        yield first_due, 4, Event.FIRST_NOTIFY_DUE, None
    final = _triggered_final(transfer)
    if final is None:
        return
    final_due = final.at + FINAL_NOTIFY
    told = any(report.is_final and report.at <= final_due for report in transfer.reports)
    if capture_ended_at >= final_due and not told:
        yield final_due, 4, Event.FINAL_NOTIFY_DUE, None


def _recovery_steps(
    transfer: Transfer, dialog: Dialog, sent_later: Sequence[Instant], capture_ended_at: Instant | None
) -> Iterator[_Step]:
    """A failure while the transferee is on hold asks the transferor to act; another REFER is acting too."""
    failed = _failed_at(transfer)
    if failed is None or capture_ended_at is None or capture_ended_at < failed + RECOVERY:
        return
    before = [request for request in _offers_of_transferor(transfer, dialog) if request.at <= failed]
    if not before or _flows_both_ways(before[-1]):
        return
    if not any(failed <= at <= failed + RECOVERY for at in sent_later):
        yield failed + RECOVERY, 4, Event.RECOVERY_DUE, None


def _failed_at(transfer: Transfer) -> Instant | None:
    """When the transferor could first know of the failure; None when nothing failed."""
    answer, final = transfer.refer.final, _triggered_final(transfer)
    if answer is not None and not answer.is_success:
        return answer.at
    moments = [report.at for report in transfer.reports if report.status is not None and report.status >= 300]
    if final is not None and not final.is_success:
        moments.append(final.at)
    return min(moments, default=None)


def _triggered_final(transfer: Transfer) -> Response | None:
    """The final response of a triggered request that is told by direct evidence."""
    triggered = transfer.triggered
    return None if triggered is None or transfer.triggered_score < DIRECT else triggered.final
