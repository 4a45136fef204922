"""Calls and transfers in the report."""

from collections.abc import Iterator

from sipscope.model.call import Call, Correlation, Service
from sipscope.model.finding import Diagnosis
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer
from sipscope.views.early_media import early_media_report, pick_up_report
from sipscope.views.report_values import frames_of, masked, milliseconds_of, number_of, time_of, who


def calls_report(trace: Trace) -> Iterator[dict[str, object]]:
    """Every call, legs across proxies, forks and B2BUAs in one."""
    diagnoses = {item.call_id: item for item in trace.diagnoses}
    ordered = sorted(trace.calls, key=lambda call: (call.started_at, call.id))
    return (_call(call, diagnoses.get(call.id)) for call in ordered)


def _call(call: Call, diagnosis: Diagnosis | None) -> dict[str, object]:
    return {
        "id": call.id,
        "call_ids": list(call.call_ids),
        "caller": who(call.caller),
        "callee": who(call.callee),
        "started_at": time_of(call.started_at),
        "ringing_at": time_of(call.ringing_at),
        "answered_at": time_of(call.answered_at),
        "ended_at": time_of(call.ended_at),
        "outcome": call.outcome.value,
        "final_status": call.final_status,
        "released_by": None if call.released_by is None else call.released_by.value,
        "setup_ms": milliseconds_of(call.setup),
        "ringing_ms": milliseconds_of(call.ringing),
        "talking_ms": milliseconds_of(call.talking),
        "dialogs": [dialog.id for dialog in call.dialogs],
        "legs": list(legs_report(call)),
        "streams": list(call.stream_ids),
        "transfers": list(call.transfer_ids),
        "early_media": early_media_report(call),
        "pick_up": pick_up_report(call),
        "services": [_service(service) for service in call.services],
        "correlations": [_correlation(item) for item in call.correlations],
        "diagnosis": None if diagnosis is None else _diagnosis(diagnosis),
    }


def legs_report(call: Call) -> Iterator[dict[str, object]]:
    """Dialogs by hop; then the INVITEs that made no dialog, with None for it."""
    shown: set[str] = set()
    for dialog in call.dialogs:
        for leg in dialog.legs:
            shown.update(transaction.id for transaction in leg.transactions)
            messages = [message for transaction in leg.transactions for message in transaction.all_messages]
            yield {"hop": f"{leg.caller} → {leg.callee}", "dialog": dialog.id, "frames": frames_of(messages)}
    for invite in call.invites:
        if invite.id not in shown:
            yield {"hop": str(invite.hop), "dialog": None, "frames": frames_of(invite.all_messages)}


def _service(service: Service) -> dict[str, object]:
    return {
        "name": service.name,
        "at": time_of(service.at),
        "until": time_of(service.until),
        "by": None if service.by is None else service.by.value,
        "frames": list(service.frames),
        "detail": masked(service.detail),
    }


def _correlation(correlation: Correlation) -> dict[str, object]:
    return {
        "kind": correlation.kind.value,
        "confidence": correlation.confidence.value,
        "text": correlation.text,
        "frames": list(correlation.frames),
    }


def _diagnosis(diagnosis: Diagnosis) -> dict[str, object]:
    return {
        "headline": masked(diagnosis.headline),
        "confidence": diagnosis.confidence.value,
        "causes": list(diagnosis.causes),
        "next_steps": list(diagnosis.next_steps),
    }


def transfers_report(trace: Trace) -> list[dict[str, object]]:
    """Every REFER with what became of it."""
    ordered = sorted(trace.transfers, key=lambda item: (item.started_at, number_of(item.id)))
    return [_transfer(transfer, trace) for transfer in ordered]


def _transfer(transfer: Transfer, trace: Trace) -> dict[str, object]:
    dialog_call = None if transfer.dialog_id is None else trace.index.call_of_dialog.get(transfer.dialog_id)
    return {
        "id": transfer.id,
        "at": time_of(transfer.started_at),
        "kind": transfer.kind.value,
        "transferor": who(transfer.transferor),
        "transferee": who(transfer.transferee),
        "target": who(transfer.target),
        "refer_frame": transfer.refer.first.frames[0],
        "outcome": transfer.outcome.value,
        "reported_status": transfer.reported_status,
        "observed_status": transfer.observed_status,
        "resulting_call": _resulting_call(transfer, trace),
        "call": dialog_call,
    }


def _resulting_call(transfer: Transfer, trace: Trace) -> int | None:
    if transfer.triggered is not None:
        found = trace.index.call_of_transaction.get(transfer.triggered.id)
        if found is not None:
            return found
    resulting = transfer.resulting_dialog_id
    return None if resulting is None else trace.index.call_of_dialog.get(resulting)
