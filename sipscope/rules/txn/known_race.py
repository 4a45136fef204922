"""Two messages crossed on their way, as they lawfully may: what looks like a fault behind them is none.

What it finds
    In a dialog, two requests of both parties that were on their way at the same time: a BYE and a BYE, or a BYE and a
    re-INVITE or UPDATE, where each was sent before the answer to the other one and within half a second of it. It is
    an explanation and no fault; RFC 5407 collects such races.
Why it matters
    The one that came second is refused, mostly with 481 or 487. Without this explanation that looks like a lost dialog.
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
    - Nothing is wrong. Both ends take the call for ended.
Sources
    RFC 3261 §12.2.2; RFC 3261 §15.1.1; RFC 3261 §15.1.2
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import label_of

ON_THE_WAY: Duration = SECOND // 2
"""Requests within T1 of each other may be on their way at the same time (RFC 3261 §17.1.1.1)."""

CROSSING = frozenset({"BYE", "INVITE", "UPDATE"})
"""Requests whose crossing with a BYE is explained."""


@rule("TXN-027", name="known-race", severity=INFO, since="0.1", subject=Dialog)
def known_race(dialog: Dialog, _trace: Trace) -> Iterator[Hit]:
    """A BYE ends the call for its sender at once, whatever is under way to it (RFC 3261 §15.1.1)."""
    if not dialog.is_invite or not dialog.byes:
        return
    for leg in dialog.legs:
        for bye in leg.transactions:
            if bye.method == "BYE" and bye.request is not None:
                other = _crossed(leg, bye, bye.request)
                if other is not None:
                    yield _hit(dialog, bye, other)
                    return


def _crossed(leg: Leg, bye: Transaction, request: Request) -> Transaction | None:
    """What the other party sent before it answered the BYE, and before its own request was answered."""
    for item in leg.transactions:
        other = item.request
        if other is None or item.method not in CROSSING or other.to_tag is None:
            continue
        if other.from_tag != request.to_tag or abs(other.at - request.at) > ON_THE_WAY:
            continue
        first, second = (bye, item) if request.at <= other.at else (item, bye)
        # An answer to the first one before the second one left would show that it had arrived.
        if first.responses and second.responses and first.responses[0].at > second.started_at:
            return item
    return None


def _hit(dialog: Dialog, bye: Transaction, other: Transaction) -> Hit:
    evidence = [
        Evidence(frame=bye.first.frames[-1], note=f"BYE from {bye.hop.source}"),
        Evidence(frame=other.first.frames[-1], note=f"{other.method} from {other.hop.source}"),
    ]
    evidence += [
        Evidence(frame=item.final.frames[-1], note=label_of(item.final)) for item in (bye, other) if item.final
    ]
    return Hit(
        text=f"A BYE and the {other.method} of the other party crossed on their way: this is a race, and no fault.",
        evidence=tuple(evidence),
        at=max(bye.started_at, other.started_at),
        confidence=Confidence.LIKELY,
        identity=(dialog.key,),
    )
