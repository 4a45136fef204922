"""What the rules about subscriptions share."""

from sipscope.model.message import Message
from sipscope.model.subscription import Notification, Subscription
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction


def is_explicit(subscription: Subscription) -> bool:
    """Whether a SUBSCRIBE made it; what a REFER made is left to the rules about transfers."""
    return not subscription.implicit and subscription.event != "refer"


def event_words(subscription: Subscription) -> str:
    """The Event value that names it: `dialog;id=7`."""
    if not subscription.event:
        return "no Event"
    return subscription.event if subscription.event_id is None else f"{subscription.event};id={subscription.event_id}"


def subscription_identity(subscription: Subscription, *rest: object) -> tuple[object, ...]:
    """Equal for one subscription of one dialog."""
    return (subscription.call_id, subscription.dialog_id, subscription.event, subscription.event_id, *rest)


def accepted_subscribes(subscription: Subscription) -> tuple[Transaction, ...]:
    """SUBSCRIBE transactions that were answered 200 or 202, so that a NOTIFY is due (RFC 6665 §4.2.2).

    A 204 says that none comes (RFC 6665 §4.1.2.2).
    """
    return tuple(
        item for item in subscription.requests if item.method == "SUBSCRIBE" and item.final_status in {200, 202}
    )


def ended_by_subscriber(subscription: Subscription, before: Instant) -> bool:
    """Whether the subscriber asked for its end, by Expires 0, before an instant (RFC 6665 §4.1.2.3)."""
    return any(
        item.request is not None and item.request.expires == 0 and item.started_at <= before
        for item in subscription.requests
    )


def frame_of(message: Message) -> int:
    """The frame that completes a message."""
    return message.frames[-1]


def delivered(notification: Notification) -> bool:
    """Whether the subscriber took a NOTIFY, as far as the capture shows."""
    final = notification.transaction.final
    return final is not None and final.is_success


def number_of(notification: Notification) -> int:
    """The sequence number of a NOTIFY; -1 where it can't be read."""
    return -1 if notification.request.cseq is None else notification.request.cseq.number
