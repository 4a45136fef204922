"""What the rules share about the subscription that a REFER makes: how it ends, and what was told outside of it."""

from sipscope.model.message import Request
from sipscope.model.time import SECOND, Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer


def told_otherwise(transfer: Transfer, trace: Trace, deadline: Instant) -> bool:
    """Whether a NOTIFY of the refer event came in the same dialog with an id that no REFER in view has."""
    return any(
        transfer.started_at <= notification.transaction.started_at <= deadline
        for subscription in trace.subscriptions
        if subscription.event == "refer" and subscription.dialog_id == transfer.dialog_id and not subscription.requests
        for notification in subscription.notifications
    )


def subscribe_requests(transfer: Transfer, trace: Trace) -> tuple[Request, ...]:
    """SUBSCRIBEs within the subscription, which refresh or end it (RFC 3515 §2.4.4)."""
    subscription = next((item for item in trace.subscriptions if item.id == transfer.subscription_id), None)
    requests = () if subscription is None else tuple(item.request for item in subscription.requests)
    return tuple(request for request in requests if request is not None and request.method == "SUBSCRIBE")


def unsubscribed(transfer: Transfer, trace: Trace) -> bool:
    """Whether the transferor ended the subscription with a SUBSCRIBE (RFC 3515 §2.4.4)."""
    return any(request.expires == 0 for request in subscribe_requests(transfer, trace))


def expires_at(report: ProgressReport) -> Instant | None:
    """When the subscription runs out by the duration that a NOTIFY announced."""
    granted = state_parameter(report, "expires")
    if granted is None or not granted.isascii() or not granted.isdigit():
        return None
    return report.at + int(granted[:12]) * SECOND


def state_parameter(report: ProgressReport, name: str) -> str | None:
    """A parameter of Subscription-State; None where it is absent."""
    request = report.transaction.request
    state = None if request is None else request.subscription_state
    return None if state is None else state.parameters.get(name)


def is_terminated(report: ProgressReport) -> bool:
    """Whether a NOTIFY ends the subscription."""
    return (report.state or "").startswith("terminated")
