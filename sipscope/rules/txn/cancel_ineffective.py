"""A CANCEL doesn't end its INVITE.

What it finds
    A CANCEL that matches its INVITE, and: it was answered 2xx but the INVITE got no final response within 64·T1 (32 s);
    or neither was answered in that time; or it was answered 481 although the INVITE brought a new provisional response
    or a 2xx behind that. A 2xx that crossed the CANCEL is no fault, and where an element sent the INVITE on in vain,
    the last hop is told.
Why it matters
    The callee rings on, and channels leak: on a trunk the calls that nobody has any more count against its capacity.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.1   bob -> alice  200 CANCEL
        60    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  180
        5.0   alice -> bob  CANCEL
        5.1   bob -> alice  200 CANCEL
        5.2   bob -> alice  487 INVITE
        5.3   alice -> bob  ACK
        60    end
What to check
    - A user agent answers the INVITE with 487 as soon as a CANCEL reaches it.
    - A proxy that has a CANCEL sends one on each branch that is still pending.
    - Is the 487 lost on its way back? Look for it behind the element that answered the CANCEL.
Sources
    RFC 3261 §9.1; RFC 3261 §9.2; RFC 3261 §16.10
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.cancellation import differences_of, sign_of_life
from sipscope.rules.unanswered import DEADLINE, answered_out_of_view, confidence_in_silence, forwarded_in_vain


@rule(
    "TXN-018",
    name="cancel-ineffective",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("cancelled", "request"),
)
def cancel_ineffective(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """A UAS that gets a CANCEL in time answers it 200 and the INVITE 487 (RFC 3261 §9.2)."""
    if transaction.cancelled_by is None or transaction.request is None:
        return
    cancel = trace.index.transactions.get(transaction.cancelled_by)
    if cancel is None or cancel.request is None:
        return
    answer = cancel.final
    if answer is not None and answer.status == 481:
        yield from _refused(transaction, cancel, answer)
    elif transaction.final is None and (answer is None or answer.is_success):
        yield from _left_open(transaction, cancel, trace)


def _refused(invite: Transaction, cancel: Transaction, answer: Response) -> Iterator[Hit]:
    """The server denies a transaction that it goes on serving."""
    life = sign_of_life(invite, cancel)
    if life is None or invite.request is None or cancel.request is None:
        return
    if differences_of(invite.request, cancel.request):
        # TXN-017 tells why the server didn't find it.
        return
    yield Hit(
        text=(
            f"The CANCEL was answered {answer.label}, but its INVITE was pending: the {life.label} was sent "
            f"{in_seconds(life.at - answer.at):.1f} s later."
        ),
        evidence=(
            Evidence(frame=invite.first.frames[-1], note="INVITE"),
            Evidence(frame=cancel.first.frames[-1], note="CANCEL"),
            Evidence(frame=answer.frames[-1], note=f"{answer.label} to the CANCEL"),
            Evidence(frame=life.frames[-1], note=f"{life.label} to the INVITE"),
        ),
        at=cancel.started_at,
        identity=_identity(invite),
    )


def _left_open(invite: Transaction, cancel: Transaction, trace: Trace) -> Iterator[Hit]:
    if not guards.capture_continues(trace, cancel.started_at, DEADLINE) or answered_out_of_view(trace, invite):
        return
    if any(other.final is not None for other in trace.index.same_request(invite)) or forwarded_in_vain(trace, invite):
        return
    if not invite.responses:
        # TXN-001 tells of a server that says nothing at all.
        return
    confidence, doubts = _confidence(cancel, trace)
    answer = cancel.final
    answered = "was never answered" if answer is None else f"was answered {answer.label}"
    evidence = [Evidence(frame=invite.first.frames[-1], note="INVITE")]
    evidence += [Evidence(frame=item.frames[-1], note=item.label) for item in invite.provisionals[-1:]]
    evidence += [Evidence(frame=cancel.first.frames[-1], note="CANCEL")]
    if answer is not None:
        evidence.append(Evidence(frame=answer.frames[-1], note=f"{answer.label} to the CANCEL"))
    yield Hit(
        text=f"The CANCEL {answered}, and the INVITE got no final response within 32 s of it; a 487 was due.",
        evidence=tuple(evidence),
        at=cancel.started_at,
        confidence=confidence,
        guards=doubts,
        identity=_identity(invite),
    )


def _confidence(cancel: Transaction, trace: Trace) -> tuple[Confidence, tuple[str, ...]]:
    if cancel.final is None:
        return confidence_in_silence(trace, cancel)
    if guards.capture_lossy_near(trace, cancel.started_at, cancel.started_at + DEADLINE):
        return Confidence.POSSIBLE, ("The capture itself lost packets at that time.",)
    if cancel.final.to_tag is None:
        return Confidence.POSSIBLE, ("A peer that follows RFC 2543 sends no 487.",)
    return Confidence.LIKELY, ("The 487 may have taken a path out of view.",)


def _identity(invite: Transaction) -> tuple[object, ...]:
    return (invite.first.call_id, invite.first.from_tag, invite.first.cseq)
