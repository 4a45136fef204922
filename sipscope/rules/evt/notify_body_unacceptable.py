"""A NOTIFY has a body that its subscriber didn't ask for, or that nobody can read.

What it finds
    A NOTIFY whose Content-Type is none that the Accept of the newest SUBSCRIBE names; without Accept, none that the
    event package takes by default, for dialog, message-summary and presence. An XML document that isn't well-formed, or
    whose root isn't the one of its type; a message summary without its status line, or with counts that aren't new/old.
    A type that the subscriber takes with 200 is a warning. Empty bodies, multipart bodies, which lists have, and
    documents with a document type declaration are let be, and so are NOTIFYs that a REFER caused.
Why it matters
    The subscriber answers 415 or 406, or ignores the state: lamps, presence or the message light stand still.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: presence
              Accept: application/pidf+xml
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: presence
              Subscription-State: active;expires=600
              Content-Type: application/xpidf+xml
              | <presence/>
        0.3   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: presence
              Accept: application/pidf+xml
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: presence
              Subscription-State: active;expires=600
              Content-Type: application/pidf+xml
              | <presence/>
        0.3   alice -> bob  200
What to check
    - The notifier sends a type of the Accept, else the default of the package; if it has none of these, it answers the
      SUBSCRIBE 406.
    - Are characters such as `&` and `<` escaped, and is the encoding the one that the first line names?
Sources
    RFC 6665 §4.1.2.1; RFC 6665 §5.4.5; RFC 3842 §3.5; RFC 3842 §5.2; RFC 3856 §6.5;
    RFC 4235 §3.5
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.subscription import Notification, Subscription
from sipscope.model.trace import Trace
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut
from sipscope.rules.subscriptions import delivered, event_words, frame_of, is_explicit, subscription_identity

_DEFAULTS = {
    "dialog": "application/dialog-info+xml",
    "message-summary": "application/simple-message-summary",
    "presence": "application/pidf+xml",
}
"""What a subscriber without Accept takes (RFC 4235 §3.5, RFC 3842 §3.5, RFC 3856 §6.5)."""


@rule("EVT-010", name="notify-body-unacceptable", severity=ERROR, since="0.1", subject=Subscription)
def notify_body_unacceptable(subscription: Subscription, _trace: Trace) -> Iterator[Hit]:
    """A NOTIFY has a body that Accept names, in the format of its type (RFC 6665 §4.1.2.1, §5.4.5)."""
    if not is_explicit(subscription):
        return
    asked = [item.request for item in subscription.requests if item.method == "SUBSCRIBE" and item.request is not None]
    for notification in subscription.notifications:
        request = notification.request
        if not request.body or is_cut(request):
            continue
        if notification.body_fault is not None:
            yield _hit(
                subscription, notification, f"has a body that can't be read: {notification.body_fault}", (), ERROR
            )
            continue
        before = [item for item in asked if item.at <= request.at and not is_cut(item)]
        if before and not _is_accepted(subscription, request, before):
            yield _unasked(subscription, notification, before)


def _is_accepted(subscription: Subscription, request: Request, asked: Sequence[Request]) -> bool:
    """Whether its type is one that the newest Accept names, or the default where there is none."""
    kind = _kind(request)
    if kind is None or kind.startswith("multipart/"):
        return True
    ranges = _ranges(asked)
    if not ranges:
        return _DEFAULTS.get(subscription.event, kind) == kind
    return bool({kind, kind.partition("/")[0] + "/*", "*/*", "*"} & set(ranges))


def _kind(request: Request) -> str | None:
    found = request.content_type
    return None if found is None else f"{found.type}/{found.subtype}".lower()


def _ranges(asked: Sequence[Request]) -> list[str]:
    """The media ranges of the newest Accept: a refresh may leave it out."""
    accepts = [item.accept for item in asked if item.accept]
    return [value.value.lower().replace(" ", "") for value in accepts[-1]] if accepts else []


def _unasked(subscription: Subscription, notification: Notification, asked: Sequence[Request]) -> Hit:
    ranges = _ranges(asked)
    due = ", ".join(ranges) if ranges else f"{_DEFAULTS[subscription.event]}, the default of the package"
    words = f"has a body of the type {_kind(notification.request)}, asked for was {due}"
    accepting = [item for item in asked if item.accept] or list(asked)
    evidence = (Evidence(frame=frame_of(accepting[-1]), note=f"Accept: {', '.join(ranges) or 'none'}"),)
    severity = WARNING if delivered(notification) else ERROR
    # A refresh without Accept may mean what was said before, or the default.
    doubtful = len(asked) > 1
    return _hit(
        subscription, notification, words, evidence, severity, Confidence.POSSIBLE if doubtful else Confidence.CERTAIN
    )


def _hit(
    subscription: Subscription,
    notification: Notification,
    words: str,
    evidence: tuple[Evidence, ...],
    severity: Severity,
    confidence: Confidence = Confidence.CERTAIN,
) -> Hit:
    request, final = notification.request, notification.transaction.final
    answer = () if final is None else (Evidence(frame=frame_of(final), note=final.label),)
    ending = "" if final is None or final.is_success else f" It was answered {final.label}."
    return Hit(
        text=f"A NOTIFY of {event_words(subscription)} {words}.{ending}",
        evidence=(
            *evidence,
            Evidence(frame=frame_of(request), note=f"NOTIFY, Content-Type: {request.headers.get('content-type')}"),
            *answer,
        ),
        at=request.at,
        severity=severity,
        confidence=confidence,
        guards=("A refresh may have changed what is accepted.",) if confidence is Confidence.POSSIBLE else (),
        identity=subscription_identity(subscription, words),
    )
