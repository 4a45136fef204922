"""A NOTIFY names another event than the SUBSCRIBE of its dialog.

What it finds
    A NOTIFY in a dialog that a captured SUBSCRIBE created, whose Event package or id equals that of none of the
    dialog's subscriptions, byte by byte, or that has no Event. It is likely where some subscription of the dialog has
    NOTIFYs of its own, and certain where none has. Other parameters of Event don't matter.
Why it matters
    The subscriber finds no subscription that fits: it answers 481 or 489, and its lamps never change.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog;id=7
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=600
        0.3   alice -> bob  200
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog;id=7
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog;id=7
              Subscription-State: active;expires=600
        0.3   alice -> bob  200
        40    end
What to check
    - The notifier repeats the Event of the SUBSCRIBE as it came, its id included.
    - Does an element in between change Event on one way only?
Sources
    RFC 6665 §8.2.1; RFC 6665 §4.4.1; RFC 6665 §4.5.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.subscription import Subscription
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.subscriptions import event_words, frame_of, is_explicit, subscription_identity


@rule("EVT-006", name="event-mismatch", severity=ERROR, since="0.1", subject=Subscription)
def event_mismatch(subscription: Subscription, trace: Trace) -> Iterator[Hit]:
    """NOTIFY and SUBSCRIBE have the same package and the same id, or none (RFC 6665 §8.2.1)."""
    if subscription.requests or not is_explicit(subscription) or not _creation_seen(subscription, trace):
        return
    asked = [
        other
        for other in trace.index.subscriptions_of_call_id.get(subscription.call_id, ())
        if other.requests and other.dialog_id == subscription.dialog_id and other.event
    ]
    # A REFER in the same dialog may be notified under any id: that is for the rules about transfers.
    if not asked or not all(is_explicit(other) for other in asked):
        return
    notified = any(other.notifications for other in asked)
    yield Hit(
        text=(
            f"The NOTIFY names {event_words(subscription)}, and the SUBSCRIBE of its dialog "
            f"{' and '.join(event_words(other) for other in asked)}."
        ),
        evidence=(
            *(Evidence(frame=frame_of(o.first.first), note=f"SUBSCRIBE, Event: {event_words(o)}") for o in asked),
            *(
                Evidence(frame=frame_of(item.request), note=f"NOTIFY, Event: {event_words(subscription)}")
                for item in subscription.notifications
            ),
        ),
        at=subscription.started_at,
        confidence=Confidence.LIKELY if notified else Confidence.CERTAIN,
        guards=("Another subscription of the dialog has NOTIFYs of its own.",) if notified else (),
        identity=subscription_identity(subscription),
    )


def _creation_seen(subscription: Subscription, trace: Trace) -> bool:
    dialog = None if subscription.dialog_id is None else trace.index.dialogs.get(subscription.dialog_id)
    return dialog is not None and dialog.started_in_capture and dialog.created_by == "SUBSCRIBE"
