"""A server answers one request twice, and differently.

What it finds
    In one transaction: a 2xx behind a refusal of an INVITE, a refusal behind a 2xx, two refusals with different
    status, or two different final responses to another request. Refusals that differ in their To tag alone are a
    warning, and so is a provisional response half a second behind the final one. Several 2xx of forks are right, and
    so is a 2xx that a proxy must pass on although it had sent a refusal: that is told as information, unless the
    Contact of the 2xx is the server itself. What may have overtaken the other on its way is let be, and so are answers
    to another request under the same branch, told by TXN-020.
Why it matters
    Caller and callee disagree on whether the call exists: ghost calls, audio to nobody, calls billed twice.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.1   bob -> alice  404
        0.9   bob -> alice  200
        40    end
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  OPTIONS
        0.1   bob -> alice  200
        40    end
What to check
    - Compare Server, Contact and To tag of the two: which elements answered?
    - Does a cluster whose members don't share their transactions take copies of the request to several of them?
    - Does a forking proxy pass on the failure of every branch instead of the best one?
Sources
    RFC 3261 §16.7; RFC 3261 §17.1.1.2; RFC 3261 §17.2.1; RFC 3261 §17.2.2
"""

from collections.abc import Iterator, Sequence

from sipscope.model.defects import Confidence, Severity
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import MILLISECOND, SECOND, Duration, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import ERROR, INFO, WARNING, Hit, rule
from sipscope.rules.retries import altered_retry
from sipscope.values import dataclass

OVERTAKING: Duration = 200 * MILLISECOND
"""Responses so near to each other may have changed places."""

STALE: Duration = SECOND // 2
"""A provisional response so far behind the final one wasn't overtaken."""


@dataclass(frozen=True, slots=True)
class _Conflict:
    """Two responses that don't go together."""

    first: Response
    second: Response
    severity: Severity = ERROR
    guards: tuple[str, ...] = ()


@rule(
    "TXN-014",
    name="conflicting-responses",
    severity=ERROR,
    since="0.1",
    subject=Transaction,
    needs=("responses behind final",),
)
def conflicting_responses(transaction: Transaction, _trace: Trace) -> Iterator[Hit]:
    """A transaction has one final response, but for the 2xx of forks (RFC 3261 §17.1.1.2, §17.2.2)."""
    responses = transaction.responses
    if len(responses) < 2 or (responses[-1].is_final and not responses[-2].is_final):
        return
    finals = [item for item in responses if item.is_final]
    if not finals or altered_retry(transaction) is not None:
        return
    found = _final_conflict(transaction, finals) or _late_provisional(responses, finals[0])
    if found is not None:
        yield _hit(transaction, found)


def _final_conflict(transaction: Transaction, finals: Sequence[Response]) -> _Conflict | None:
    first = finals[0]
    for second in finals[1:]:
        if (first.status, first.to_tag) == (second.status, second.to_tag):
            continue
        both = first.is_success and second.is_success
        if (both and transaction.method == "INVITE") or second.at - first.at < OVERTAKING:
            continue
        if first.status == second.status:
            severity = INFO if transaction.request_copies else WARNING
            return _Conflict(first, second, severity, ("A server that keeps no state may answer each copy anew.",))
        late = transaction.method == "INVITE" and second.is_success
        if late and not _answers_itself(first, second):
            said = "A proxy that sent a refusal must still pass on a 2xx of another branch."
            return _Conflict(first, second, INFO, (said,))
        return _Conflict(first, second)
    return None


def _answers_itself(refusal: Response, success: Response) -> bool:
    """Whether the server is the user agent that both responses come from, and no proxy."""
    if success.record_routes:
        return False
    own = success.hop.source.address.lower()
    return refusal.to_tag == success.to_tag or any(item.uri.host == own for item in success.contacts)


def _late_provisional(responses: Sequence[Response], final: Response) -> _Conflict | None:
    for item in responses:
        if item.is_provisional and item.at - final.at >= STALE:
            return _Conflict(final, item, WARNING)
    return None


def _hit(transaction: Transaction, found: _Conflict) -> Hit:
    first, second = found.first, found.second
    request = transaction.first
    later = in_seconds(second.at - first.at)
    return Hit(
        text=(
            f"{second.hop.source} answered {transaction.method} {first.label} (To tag {first.to_tag}), and "
            f"{later:.1f} s later {second.label} (To tag {second.to_tag})."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"{transaction.method}"),
            Evidence(frame=first.frames[-1], note=f"{first.label}, To tag {first.to_tag}"),
            Evidence(frame=second.frames[-1], note=f"{second.label}, To tag {second.to_tag}"),
        ),
        at=second.at,
        severity=found.severity,
        confidence=Confidence.LIKELY if found.guards else Confidence.CERTAIN,
        guards=found.guards,
        identity=(request.call_id, request.from_tag, request.cseq, found.severity),
    )
