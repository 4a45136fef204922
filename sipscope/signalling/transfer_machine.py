"""Feeds the transfer machine with what was seen, in order of time, and with the observer's timers."""

from collections.abc import Iterator
from dataclasses import replace

from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Dialog
from sipscope.model.message import Message
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.transaction import Transaction
from sipscope.model.transfer import ProgressReport, Transfer, TransferState
from sipscope.signalling.transfer_table import TABLE, Event
from sipscope.signalling.triggered_request import DIRECT

FIRST_NOTIFY: Duration = 4 * SECOND
"""The first NOTIFY is due at once (RFC 3515 §2.4.4); this much delay is excused."""
FINAL_NOTIFY: Duration = 4 * SECOND
"""How long after the triggered request's final response the final NOTIFY may come."""
RECOVERY: Duration = 15 * SECOND
"""How long a transferor may take to resume after a failure; no RFC sets a limit."""

_Step = tuple[Instant, int, Event, Message | None]


def run_machine(transfer: Transfer, dialog: Dialog | None, capture_ended_at: Instant | None) -> Transfer:
    """The transfer with the machine's last state and its anomalies."""
    steps = sorted(_steps(transfer, dialog, capture_ended_at), key=lambda step: (step[0], step[1]))
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


def _steps(transfer: Transfer, dialog: Dialog | None, capture_ended_at: Instant | None) -> Iterator[_Step]:
    final = transfer.refer.final
    if final is None:
        return
    if final.status >= 300:
        yield final.at, 0, Event.REFUSED, final
    else:
        subscribed = _is_subscribed(transfer)
        yield final.at, 0, Event.ACCEPTED if subscribed else Event.ACCEPTED_UNSUBSCRIBED, final
        for report in transfer.reports:
            yield from _report_steps(report, final.at)
        yield from _triggered_steps(transfer)
        yield from _timers(transfer, final.at, capture_ended_at)
    if dialog is not None:
        yield from _dialog_steps(transfer, dialog, final.at)


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
    for bye in dialog.byes:
        if bye.request is None or bye.request.at < since:
            continue
        own = dialog.sender_of(bye.request) is transfer.transferor_side
        yield bye.request.at, 3, Event.BYE_TRANSFEROR if own else Event.BYE_TRANSFEREE, bye.request
        return
    for transaction in dialog.transactions:
        if _resumes(transaction, transfer, dialog, since) and transaction.request is not None:
            yield transaction.request.at, 3, Event.RESUME, transaction.request


def _resumes(transaction: Transaction, transfer: Transfer, dialog: Dialog, since: Instant) -> bool:
    """A re-INVITE or UPDATE of the transferor that offers media both ways again."""
    request = transaction.request
    if request is None or transaction.method not in {"INVITE", "UPDATE"} or request.at < since:
        return False
    description = request.description
    if description is None or dialog.sender_of(request) is not transfer.transferor_side:
        return False
    return any(section.port and section.direction.sends and section.direction.receives for section in description.media)


def _timers(transfer: Transfer, accepted_at: Instant, capture_ended_at: Instant | None) -> Iterator[_Step]:
    """Timers run out only where the capture goes on beyond them."""
    if capture_ended_at is None:
        return
    first_due = accepted_at + FIRST_NOTIFY
    if capture_ended_at >= first_due and not any(report.at <= first_due for report in transfer.reports):
        yield first_due, 4, Event.FIRST_NOTIFY_DUE, None
    triggered = transfer.triggered
    final = None if triggered is None or transfer.triggered_score < DIRECT else triggered.final
    if final is None:
        return
    final_due = final.at + FINAL_NOTIFY
    told = any(report.is_final and report.at <= final_due for report in transfer.reports)
    if capture_ended_at >= final_due and not told:
        yield final_due, 4, Event.FINAL_NOTIFY_DUE, None
    if not final.is_success and capture_ended_at >= final.at + RECOVERY:
        yield final.at + RECOVERY, 4, Event.RECOVERY_DUE, None
