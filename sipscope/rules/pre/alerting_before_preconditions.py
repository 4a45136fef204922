"""The callee is alerted before mandatory preconditions are met, or they never are.

What it finds
    A 180 to an INVITE, while a resource that must be reserved first isn't: the caller never told that it has its
    own, the callee's 180 itself says that one is missing, or nobody could have reserved any, because the callee
    gave no address yet. Also a call whose preconditions were still unmet 20 s behind the callee's description, and
    that then failed without having been answered. Callees that don't know preconditions aren't judged, unless the
    INVITE requires them.
Why it matters
    The phone rings, and whoever picks it up hears nothing, because there is no bearer for the media; or the call
    never rings at all.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              Require: precondition
              m=audio 4000 RTP/AVP 0
              a=curr:qos local none
              a=curr:qos remote none
              a=des:qos mandatory local sendrecv
              a=des:qos none remote sendrecv
        0.1   bob -> alice  180
        5.0   bob -> alice  486
        5.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              Require: precondition
              m=audio 4000 RTP/AVP 0
              a=curr:qos local none
              a=curr:qos remote none
              a=des:qos mandatory local sendrecv
              a=des:qos none remote sendrecv
        0.1   bob -> alice  183 rseq=1
              Require: 100rel, precondition
              m=audio 5000 RTP/AVP 0
              a=curr:qos local none
              a=curr:qos remote none
              a=des:qos mandatory local sendrecv
              a=des:qos mandatory remote sendrecv
              a=conf:qos remote sendrecv
        0.2   alice -> bob  PRACK rack=1
        0.3   bob -> alice  200 PRACK
        0.5   alice -> bob  UPDATE
              Require: precondition
              m=audio 4000 RTP/AVP 0
              a=curr:qos local sendrecv
              a=curr:qos remote none
              a=des:qos mandatory local sendrecv
              a=des:qos mandatory remote sendrecv
        0.6   bob -> alice  200 UPDATE
              m=audio 5000 RTP/AVP 0
              a=curr:qos local sendrecv
              a=curr:qos remote sendrecv
              a=des:qos mandatory local sendrecv
              a=des:qos mandatory remote sendrecv
        0.7   bob -> alice  180
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
What to check
    - The callee's product should send 180 when every mandatory line is met, and 183 until then.
    - Where the session never resumes: does the caller's product send an UPDATE when its bearer is there? Did the
      network refuse the bearer? Look at its policy server.
Sources
    RFC 3312 §4; RFC 3312 §6
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut, label_of
from sipscope.rules.preconditions import MIRRORED, OPTION_TAG, Demand, demands_of

LONGEST_WAIT: Duration = 20 * SECOND
"""How long resources may take; bearers of mobile networks come within seconds."""

GAVE_UP = frozenset({408, 480, 487, 504, 580})
"""Final responses that fit a session which never resumed."""


@rule("PRE-002", name="alerting-before-preconditions", severity=ERROR, since="0.1", subject=Dialog, needs=("a=des",))
def alerting_before_preconditions(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The user isn't alerted until all mandatory preconditions are met (RFC 3312 §6)."""
    for leg in dialog.legs:
        invite = next((item for item in leg.transactions if item.is_dialog_creating_invite), None)
        request = None if invite is None or not leg.both_directions else invite.request
        if invite is None or request is None or not _speaks(dialog, leg, request):
            continue
        own = tuple(item for item in leg.messages if _is_of(dialog, item))
        if any(is_cut(item) for item in own):
            continue
        if guards.capture_lossy_near(trace, invite.started_at, own[-1].at):
            continue
        yield from _alerted(dialog, leg, own)
        yield from _suspended(dialog, leg, invite, own)


def _is_of(dialog: Dialog, message: Message) -> bool:
    """Whether a message belongs to this dialog and not to another fork; failures end them all."""
    return not isinstance(message, Response) or message.status >= 300 or message.to_tag == dialog.key.callee_tag


def _speaks(dialog: Dialog, leg: Leg, invite: Request) -> bool:
    """Whether the callee must know preconditions, or shows that it does."""
    if OPTION_TAG in invite.require:
        return True
    for transaction in leg.transactions:
        for response in transaction.responses if transaction.method == "INVITE" else ():
            shown = OPTION_TAG in response.require or (response.parts and demands_of(response.description))
            if shown and _is_of(dialog, response):
                return True
    return False


def _alerted(dialog: Dialog, leg: Leg, messages: tuple[Message, ...]) -> Iterator[Hit]:
    ringing = next((item for item in messages if isinstance(item, Response) and item.status == 180), None)
    if ringing is None:
        return
    found = _unmet_at(leg, messages, ringing)
    if found is None:
        return
    carrier, demand, words = found
    yield Hit(
        text=(
            f"The callee ({leg.callee}) is alerted while a mandatory precondition isn't met: {words}. Until then, "
            "nobody should be alerted."
        ),
        evidence=(*_notes(carrier, demand), Evidence(frame=anchor(ringing), note=ringing.label)),
        at=ringing.at,
        identity=(dialog.key, "alerted"),
    )


def _unmet_at(leg: Leg, messages: tuple[Message, ...], ringing: Response) -> tuple[Message, Demand, str] | None:
    """A mandatory demand that can't have been met when the 180 was sent; its carrier, and how that is known."""
    for demand in demands_of(ringing.description):
        if demand.is_mandatory and demand.is_unmet:
            return ringing, demand, "the 180 itself tells what is missing"
    caller, callee = (_last(leg, messages, side, ringing.at) for side in (Side.CALLER, Side.CALLEE))
    if caller is None or not _caller_is_visible(leg, callee, ringing.at):
        return None
    asked = {(item.type, MIRRORED.get(item.segment)) for item in _mandatory(callee)}
    for demand in demands_of(caller.description):
        if demand.type != "qos" or not demand.is_unmet:
            continue
        if demand.segment == "local" and (demand.is_mandatory or (demand.type, "local") in asked):
            return caller, demand, "the caller hasn't told that its own resources are there"
        if demand.segment == "e2e" and demand.is_mandatory and callee is None:
            return caller, demand, "the callee hasn't given an address that resources could be reserved for"
    return None


def _mandatory(message: Message | None) -> tuple[Demand, ...]:
    return () if message is None else tuple(item for item in demands_of(message.description) if item.is_mandatory)


def _last(leg: Leg, messages: tuple[Message, ...], side: Side, before: Instant) -> Message | None:
    """The last message with a description that a party sent before an instant."""
    found = [item for item in messages if item.description is not None and leg.side_of(item) is side]
    return next((item for item in reversed(found) if item.at < before), None)


def _caller_is_visible(leg: Leg, callee: Message | None, before: Instant) -> bool:
    """Whether an UPDATE of the caller would be seen on this leg; before the callee's description none is possible."""
    return callee is None or guards.in_dialog_path_visible(leg, Side.CALLER, before)


def _suspended(dialog: Dialog, leg: Leg, invite: Transaction, messages: tuple[Message, ...]) -> Iterator[Hit]:
    """A session that never resumed: nobody rang, and nobody told that the missing resources came."""
    final = invite.final
    if final is None or final.status not in GAVE_UP or any(getattr(item, "status", 0) == 180 for item in messages):
        return
    caller, callee = (_last(leg, messages, side, final.at) for side in (Side.CALLER, Side.CALLEE))
    if caller is None or callee is None or final.at - callee.at < LONGEST_WAIT:
        return
    if not _caller_is_visible(leg, callee, final.at):
        return
    latest = max(caller, callee, key=lambda item: item.at)
    demand = next((item for item in _mandatory(latest) if item.is_unmet), None)
    if demand is None:
        return
    waited = in_seconds(final.at - latest.at)
    yield Hit(
        text=(
            f"The session waits for a mandatory precondition and never resumes: {demand.section.kind} still has "
            f"{demand}, and {waited:.0f} s later the call ends with {final.label}."
        ),
        evidence=(*_notes(latest, demand), Evidence(frame=anchor(final), note=f"{final.label}, nobody rang")),
        at=final.at,
        identity=(dialog.key, "suspended"),
    )


def _notes(carrier: Message, demand: Demand) -> tuple[Evidence, ...]:
    return (Evidence(frame=anchor(carrier), note=f"{label_of(carrier)}: {demand.section.media_line}, {demand}"),)
