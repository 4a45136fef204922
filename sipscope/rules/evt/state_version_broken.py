"""The version of notified documents doesn't count up by one.

What it finds
    Within one subscription, taken by CSeq: a dialog-info, reginfo, watcherinfo or list document whose version equals or
    falls below the one before (error), or jumps (warning, for a NOTIFY may be lost); a conference-info document whose
    version falls (error); a first dialog-info or watcherinfo document above 0 (information). A document may be sent
    again where its NOTIFY was challenged, rejected or not answered. A subscription that ended starts again at any
    number, and a jump is merely possible where CSeq jumps too or the capture lost packets.
Why it matters
    Subscribers throw the document away: a lamp stays on or off, a list of participants is wrong.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=600
              Content-Type: application/dialog-info+xml
              | <dialog-info version="0" state="full" entity="sip:bob@192.0.2.20"/>
        0.3   alice -> bob  200
        5.0   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=595
              Content-Type: application/dialog-info+xml
              | <dialog-info version="0" state="partial" entity="sip:bob@192.0.2.20"/>
        5.1   alice -> bob  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  SUBSCRIBE call=1
              Event: dialog
              Expires: 600
        0.1   bob -> alice  200
              Expires: 600
        0.2   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=600
              Content-Type: application/dialog-info+xml
              | <dialog-info version="0" state="full" entity="sip:bob@192.0.2.20"/>
        0.3   alice -> bob  200
        5.0   bob -> alice  NOTIFY call=1
              Event: dialog
              Subscription-State: active;expires=595
              Content-Type: application/dialog-info+xml
              | <dialog-info version="1" state="partial" entity="sip:bob@192.0.2.20"/>
        5.1   alice -> bob  200
What to check
    - Is the counter kept for each subscription, or for each resource or process?
    - Does the notifier run on several nodes that don't share the counter, or did it restart?
    - For a jump, look for the NOTIFY that is missing.
Sources
    RFC 4235 §4.1; RFC 4235 §4.3
"""

from collections.abc import Iterator
from itertools import pairwise

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Evidence
from sipscope.model.subscription import DocumentKind, Notification, StateDocument, Subscription, SubscriptionState
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.subscriptions import (
    delivered,
    event_words,
    frame_of,
    is_explicit,
    number_of,
    subscription_identity,
)

_FROM_ZERO = frozenset({DocumentKind.DIALOGS, DocumentKind.WATCHERS})


@rule("EVT-012", name="state-version-broken", severity=ERROR, since="0.1", subject=Subscription)
def state_version_broken(subscription: Subscription, trace: Trace) -> Iterator[Hit]:
    """Versions start at 0 and rise by one for each new document of a subscription (RFC 4235 §4.1)."""
    if len(subscription.notifications) == 0 or not is_explicit(subscription):
        return
    ordered = _by_number(subscription)
    if subscription.requests and ordered:
        yield from _start(subscription, ordered[0])
    for before, after in pairwise(ordered):
        yield from _step(subscription, before, after, trace)


def _by_number(subscription: Subscription) -> list[Notification]:
    """NOTIFYs with a version, by CSeq: they may overtake each other on their way."""
    numbered = [item for item in subscription.notifications if item.request.cseq is not None and _version(item) >= 0]
    return sorted(numbered, key=number_of)


def _version(item: Notification) -> int:
    document = item.document
    return -1 if document is None or document.version is None else document.version


def _start(subscription: Subscription, first: Notification) -> Iterator[Hit]:
    document = first.document
    if document is None or document.kind not in _FROM_ZERO or not document.version:
        return
    if number_of(first) != min(number_of(item) for item in subscription.notifications):
        return
    yield Hit(
        text=f"The first {document.kind} document of a subscription has version {document.version}; it starts at 0.",
        evidence=(_evidence(first),),
        at=first.request.at,
        severity=INFO,
        identity=subscription_identity(subscription, "start"),
    )


def _step(subscription: Subscription, before: Notification, after: Notification, trace: Trace) -> Iterator[Hit]:
    old, new = before.document, after.document
    if old is None or new is None or (old.kind, old.entity) != (new.kind, new.entity):
        return
    if before.state == SubscriptionState.TERMINATED.value or number_of(before) == number_of(after):
        return
    fault = _fault(new, _version(before), _version(after))
    if fault is None or (not delivered(before) and _version(before) == _version(after)):
        return
    severity, words = fault
    doubts = _doubts(before, after, trace)
    yield Hit(
        text=(
            f"The version of the {new.kind} documents of {event_words(subscription)} {words}: "
            f"{_version(after)} follows {_version(before)}."
        ),
        evidence=(_evidence(before), _evidence(after)),
        at=after.request.at,
        severity=severity,
        confidence=Confidence.POSSIBLE if doubts and severity is WARNING else Confidence.CERTAIN,
        guards=doubts if severity is WARNING else (),
        identity=subscription_identity(subscription, words),
    )


def _fault(document: StateDocument, old: int, new: int) -> tuple[Severity, str] | None:
    if new < old:
        return ERROR, "falls"
    if document.kind is DocumentKind.CONFERENCE or new == old + 1:
        return None
    return (ERROR, "doesn't rise") if new == old else (WARNING, "jumps")


def _doubts(before: Notification, after: Notification, trace: Trace) -> tuple[str, ...]:
    doubts = []
    if number_of(after) > number_of(before) + 1:
        doubts.append("CSeq jumps too, so a NOTIFY between them isn't in the capture.")
    if guards.capture_lossy_near(trace, before.request.at, after.request.at):
        doubts.append("The capture itself lost packets at that time.")
    return tuple(doubts)


def _evidence(item: Notification) -> Evidence:
    fullness = {True: ", full", False: ", partial", None: ""}[None if item.document is None else item.document.is_full]
    return Evidence(frame=frame_of(item.request), note=f"NOTIFY: version {_version(item)}{fullness}")
