"""A request inside a call carries the wrong tags, so that the other end can't tell which call it belongs to.

What it finds
    A BYE, UPDATE, INFO, PRACK, REFER or re-INVITE on the hop and with the Call-ID of a dialog whose beginning was
    captured: without a To tag; or answered 481, with tags of no dialog, with both tags swapped, or with the tag of a
    branch of a fork that lost long before. A BYE, UPDATE, INFO or PRACK without a To tag that was accepted all the
    same is a warning.
Why it matters
    The request is refused, or rings the other phone as a new call while this one is put on hold.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  INFO to-tag=other
        9.1   bob -> alice  481
        12    alice -> bob  BYE
        12.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  INFO
        9.1   bob -> alice  200
        12    alice -> bob  BYE
        12.1  bob -> alice  200
What to check
    - The From tag is the sender's own, the To tag its peer's, whoever of the two made the call.
    - Did the sender keep the To tag of the 2xx, or that of another phone that rang?
    - Does an element in between keep the tags of its two sides apart?
Sources
    RFC 3261 §12.2.1.1; RFC 3261 §12.2.2; RFC 3261 §12.1.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.dialog_routing import RACE, outcome_words
from sipscope.rules.request_fields import same_target
from sipscope.rules.unanswered import DEADLINE

INSIDE = frozenset({"BYE", "UPDATE", "INFO", "PRACK", "REFER", "INVITE"})
"""Methods that are judged. A NOTIFY may bring the tag of a fork that nothing showed before (RFC 6665 §4.4.1)."""

NEVER_OUTSIDE = frozenset({"BYE", "UPDATE", "INFO", "PRACK"})
"""Methods that have no meaning outside of a dialog."""


@rule(
    "DLG-003",
    name="dialog-identifiers-wrong",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=(("out of dialog", "response 481"), ("BYE", "UPDATE", "INFO", "PRACK", "REFER", "INVITE")),
)
def dialog_identifiers_wrong(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """The From tag of a request is the sender's own, its To tag the peer's (RFC 3261 §12.2.1.1)."""
    request = transaction.request
    if request is None or transaction.method not in INSIDE:
        return
    if request.to_tag is not None and transaction.final_status != 481:
        return
    dialogs = trace.index.dialogs_of_call_id.get(request.call_id or "", ())
    if request.to_tag is None and not _may_renew(request, dialogs):
        return
    proven = [item for item in dialogs if _proven(item, request)]
    if not proven or request.to is None or request.replaces is not None:
        return
    fault = _tag_missing(transaction, request, proven) if request.to_tag is None else _tags_wrong(request, proven)
    if fault is not None:
        yield _hit(transaction, request, proven, fault, trace)


def _proven(dialog: Dialog, request: Request) -> bool:
    """Whether a response that made the dialog was captured, on the request's hop, before the request left."""
    made_at = dialog.confirmed_at if dialog.early_at is None else dialog.early_at
    if made_at is None or made_at >= request.at:
        return False
    if not dialog.is_invite or not dialog.started_in_capture or not dialog.key.callee_tag:
        return False
    hop = {request.hop.source.address, request.hop.destination.address}
    return any(hop == {leg.caller.address, leg.callee.address} for leg in dialog.legs)


def _may_renew(request: Request, dialogs: Sequence[Dialog]) -> bool:
    """Whether a request without a To tag may be meant for a dialog, asked before many calls of one Call-ID are."""
    if request.method in NEVER_OUTSIDE:
        return True
    tag = request.from_tag
    for dialog in dialogs if request.method == "INVITE" else ():
        if tag in (dialog.key.caller_tag, dialog.key.callee_tag):
            return True
    return False


def _tag_missing(transaction: Transaction, request: Request, proven: list[Dialog]) -> str | None:
    fault = "has no To tag"
    if transaction.method in NEVER_OUTSIDE:
        return fault
    return fault if transaction.method == "INVITE" and any(_renews(request, item) for item in proven) else None


def _renews(request: Request, dialog: Dialog) -> bool:
    """Whether an INVITE without a To tag comes from a party of an established call, for that call.

    One with a lower number, or sent before the answer arrived, tries the first INVITE again.
    """
    side, creating = dialog.sender_of(request), dialog.creating_transaction
    first = None if creating is None else creating.request
    if side is None or first is None or first.cseq is None or request.cseq is None or dialog.confirmed_at is None:
        return False
    if request.at <= dialog.confirmed_at + RACE or (dialog.ended_at is not None and dialog.ended_at <= request.at):
        return False
    if not any(item.method == "ACK" and item.started_at < request.at for item in dialog.transactions):
        return False
    if side is Side.CALLEE:
        return True
    same_callee = request.to is not None and first.to is not None and same_target(request.to.uri, first.to.uri)
    return same_callee and request.cseq.number > first.cseq.number


def _tags_wrong(request: Request, proven: list[Dialog]) -> str | None:
    """What is wrong with the tags of a request that was answered 481."""
    tags = {request.from_tag or "", request.to_tag or ""}
    matching = next((item for item in proven if tags == {item.key.caller_tag, item.key.callee_tag}), None)
    if matching is None:
        return None if _of_unseen_fork(request, proven) else "has tags of no dialog of this call"
    if _swapped(request, matching):
        return "has its From and To tags swapped"
    lost = matching.confirmed_at is None and request.cseq is not None and request.cseq.method not in {"BYE", "PRACK"}
    siblings = [item for item in proven if item.confirmed_at is not None and item.id in matching.forked_with]
    if lost and any(item.confirmed_at is not None and item.confirmed_at + DEADLINE < request.at for item in siblings):
        return "has the To tag of a branch that another one had won over"
    return None


def _of_unseen_fork(request: Request, proven: list[Dialog]) -> bool:
    """Whether it may come from a phone whose own responses took a path out of view (guard G-FORK).

    Such a phone sends its own tag towards the caller, through the proxy that forked.
    """
    to_caller = any(request.to_tag == item.key.caller_tag for item in proven)
    return to_caller and (len(request.vias) != 1 or len(proven) > 1)


def _swapped(request: Request, dialog: Dialog) -> bool:
    """Whether a party sends its peer's tag as its own, on the only hop between the two."""
    if len(dialog.legs) != 1 or dialog.caller.endpoint.address == dialog.callee.endpoint.address:
        return False
    side = dialog.sender_of(request)
    return side is not None and request.hop.source.address == dialog.party(side.other).endpoint.address


def _made_by(dialog: Dialog) -> Response | None:
    """The response that tells the callee's tag, the 2xx where there is one."""
    creating = dialog.creating_transaction
    responses = () if creating is None else creating.responses
    own = [item for item in responses if item.to_tag == dialog.key.callee_tag and 101 <= item.status < 300]
    return next((item for item in own if item.is_success), own[0] if own else None)


def _hit(transaction: Transaction, request: Request, proven: list[Dialog], fault: str, trace: Trace) -> Hit:
    dialog = min(proven, key=lambda item: item.confirmed_at is None)
    source = request.hop.source.address
    by_caller = any(source == leg.caller.address for leg in dialog.legs)
    own, peer = dialog.key.caller_tag, dialog.key.callee_tag
    if not by_caller:
        own, peer = peer, own
    seen = f"From tag {request.from_tag or 'none'}, To tag {request.to_tag or 'none'}"
    evidence = [Evidence(frame=request.frames[-1], note=f"{request.method}: {seen}")]
    made = _made_by(dialog)
    if made is not None:
        evidence.insert(0, Evidence(frame=made.frames[-1], note=f"{made.label}, To tag {dialog.key.callee_tag}"))
    if transaction.final is not None:
        evidence.append(Evidence(frame=transaction.final.frames[-1], note=transaction.final.label))
    lossy = guards.capture_lossy_near(trace, dialog.confirmed_at or request.at, request.at)
    sure = Confidence.CERTAIN if request.to_tag is None else Confidence.LIKELY
    return Hit(
        text=(
            f"The {request.method} from {request.hop.source} {fault}: due are From tag {own} and To tag {peer}, seen "
            f"are {seen}.{outcome_words(transaction)}"
        ),
        evidence=tuple(evidence),
        at=request.at,
        severity=WARNING if transaction.is_accepted and transaction.method != "INVITE" else None,
        confidence=Confidence.POSSIBLE if lossy else sure,
        guards=("The capture itself lost packets during the call.",) if lossy else (),
        identity=(request.call_id, request.from_tag, request.to_tag, request.method),
    )
