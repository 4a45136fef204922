"""Two messages crossed on their way, as they lawfully may: what looks like a fault behind them is none.

What it finds
    In a dialog, two requests of both parties that were on their way at the same time: a BYE and a BYE, re-INVITE,
    UPDATE or REFER; or two re-INVITEs or UPDATEs of which one is refused with 491. Each was sent before the answer to
    the other one and within half a second of it. And a CANCEL that left when the 2xx was under way already.
    It is an explanation and no fault; RFC 5407 collects such races.
Why it matters
    The one that came second is refused, mostly with 481, 487 or 491, or has no effect. Without this explanation that
    looks like a lost dialog, or like a callee that doesn't listen.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.01  bob -> alice  BYE
        9.1   bob -> alice  200 BYE
        9.11  alice -> bob  481 BYE
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
        40    end
What to check
    - Nothing is wrong. Behind a BYE both ends take the call for ended; behind 491 each tries again after a while.
    - A caller that cancelled too late acknowledges the 2xx and hangs up: TXN-019 tells where it doesn't.
Sources
    RFC 3261 §9.2; RFC 3261 §12.2.2; RFC 3261 §14.2; RFC 3261 §15.1.1; RFC 3261 §15.1.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import label_of

ON_THE_WAY: Duration = SECOND // 2
"""Requests within T1 of each other may be on their way at the same time (RFC 3261 §17.1.1.1)."""

CROSSING = frozenset({"BYE", "INVITE", "UPDATE", "REFER"})
"""Requests whose crossing with a BYE is explained."""

CROSSING_BYE = ("several byes", *(f"{method} in dialog" for method in sorted(CROSSING - {"BYE"})))
"""What a dialog holds of which something may cross with its BYE."""

REFUSED_OR_CANCELLED = ("response 491", "INVITE cancelled")
"""What a dialog holds that another race leaves."""

OFFERING = frozenset({"INVITE", "UPDATE"})
"""Requests that change the session, of which one is refused where two cross (RFC 3261 §14.2)."""

PENDING = 491
"""Request Pending: the receiver has a request of its own under way (RFC 3261 §21.4.27)."""


@rule(
    "TXN-027",
    name="known-race",
    severity=INFO,
    since="0.1",
    subject=Dialog,
    needs=(("BYE in dialog", *REFUSED_OR_CANCELLED), (*CROSSING_BYE, *REFUSED_OR_CANCELLED)),
)
def known_race(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """What each party sent before it could know of what the other one had sent (RFC 3261 §14.2, §15.1.1)."""
    if not dialog.is_invite:
        return
    for found in (_with_bye(dialog), _glare(dialog)):
        if found is not None:
            yield _hit(dialog, *found)
    yield from _late_cancel(dialog, trace)


def _with_bye(dialog: Dialog) -> tuple[Transaction, Transaction] | None:
    for leg in dialog.legs if dialog.byes else ():
        for bye in leg.transactions:
            other = _crossed(leg, bye, CROSSING) if bye.method == "BYE" else None
            if other is not None:
                return bye, other
    return None


def _glare(dialog: Dialog) -> tuple[Transaction, Transaction] | None:
    for leg in dialog.legs:
        for item in leg.transactions:
            if item.final_status == PENDING and item.method in OFFERING:
                other = _crossed(leg, item, OFFERING)
                if other is not None:
                    return other, item
    return None


def _crossed(leg: Leg, one: Transaction, methods: frozenset[str]) -> Transaction | None:
    """What the other party sent before it answered a request, and before its own request was answered."""
    request = one.request
    if request is None or request.to_tag is None:
        return None
    for item in leg.transactions:
        other = item.request
        if other is None or item.method not in methods or other.to_tag is None:
            continue
        if other.from_tag != request.to_tag or abs(other.at - request.at) > ON_THE_WAY:
            continue
        first, second = (one, item) if request.at <= other.at else (item, one)
        # An answer to the first one before the second one left would show that it had arrived.
        if first.responses and second.responses and first.responses[0].at > second.started_at:
            return item
    return None


def _late_cancel(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """A CANCEL right behind the 2xx: it left before its sender had the 2xx, and has no effect (RFC 3261 §9.2)."""
    invite = dialog.creating_transaction
    cancel = None if invite is None else trace.index.transactions.get(invite.cancelled_by or "")
    if invite is None or cancel is None or invite.final is None or not invite.final.is_success:
        return
    if not 0 <= cancel.started_at - invite.final.at <= ON_THE_WAY:
        return
    evidence = [
        Evidence(frame=invite.final.frames[-1], note=label_of(invite.final)),
        Evidence(frame=cancel.first.frames[-1], note=f"CANCEL from {cancel.hop.source}"),
    ]
    yield Hit(
        text=(
            f"The CANCEL of {cancel.hop.source} and the {invite.final.label} of the callee crossed on their way: this "
            "is a race. The call is answered, and the CANCEL has no effect."
        ),
        evidence=tuple(evidence),
        at=cancel.started_at,
        confidence=Confidence.LIKELY,
        identity=(dialog.key, "CANCEL"),
    )


def _hit(dialog: Dialog, one: Transaction, other: Transaction) -> Hit:
    evidence = [
        Evidence(frame=item.first.frames[-1], note=f"{item.method} from {item.hop.source}") for item in (one, other)
    ]
    evidence += [
        Evidence(frame=item.final.frames[-1], note=label_of(item.final)) for item in (one, other) if item.final
    ]
    return Hit(
        text=(
            f"The {one.method} of one party and the {other.method} of the other one crossed on their way: this is a "
            "race, and no fault."
        ),
        evidence=tuple(evidence),
        at=max(one.started_at, other.started_at),
        confidence=Confidence.LIKELY,
        identity=(dialog.key, one.method == "BYE"),
    )
