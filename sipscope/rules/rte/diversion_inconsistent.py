"""What a forwarded call says of its diversions contradicts itself.

What it finds
    In an INVITE that makes a call: more than five diversions, by the counters of Diversion; a topmost entry that is the
    Request-URI itself; a topmost entry that is somebody else than the one whom History-Info names as the last who
    diverted. From hop to hop, and from an INVITE to its redirection: new entries below those that were there.
    Diversion has the newest first, History-Info the oldest. History-Info is held against it only where its last entry
    is the Request-URI and an `mp` parameter names who diverted. Private and anonymous entries are left alone, and so is
    a number beside a name. An entry without a counter counts as one; a `limit` that allows more is heeded. Whether a
    181 was followed by another target isn't judged.
Why it matters
    Voicemail opens the mailbox that the entries name, and a carrier checks and bills by them: the wrong one gives the
    wrong greeting or a refused call. A circle of forwardings runs on where nobody counts.
Example
    Bad:
        first 192.0.2.1
        next  192.0.2.2 proxy
        carol 192.0.2.30
        0.0   first -> next  INVITE to=carol
              Diversion: <sip:bob@example.com>;reason=unconditional
              m=audio 4000 RTP/AVP 0
        0.01  next -> carol  INVITE
              Diversion: <sip:bob@example.com>;reason=unconditional, <sip:dave@example.com>;reason=no-answer
        0.1   carol -> next  486
        0.11  next -> carol  ACK
        0.12  next -> first  486
        0.13  first -> next  ACK
    Good:
        first 192.0.2.1
        next  192.0.2.2 proxy
        carol 192.0.2.30
        0.0   first -> next  INVITE to=carol
              Diversion: <sip:bob@example.com>;reason=unconditional
              m=audio 4000 RTP/AVP 0
        0.01  next -> carol  INVITE
              Diversion: <sip:dave@example.com>;reason=no-answer, <sip:bob@example.com>;reason=unconditional
        0.1   carol -> next  486
        0.11  next -> carol  ACK
        0.12  next -> first  486
        0.13  first -> next  ACK
What to check
    - Each element that diverts puts one entry on top: the Request-URI that it got, and why.
    - Does a gateway to the telephone network keep or raise the counter?
    - Does the border element write Diversion from History-Info, or the other way round, in the order of each?
Sources
    RFC 5806 §3.1; RFC 5806 §6.5; RFC 5806 §9.2; RFC 7044 §5; RFC 7044 §10.3
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.diversions import last_in_history, may_be_one_user, named, same_uri

MOST = 5
"""How many diversions telephone networks allow as a rule; RFC 5806 itself names no limit."""


@rule(
    "RTE-006",
    name="diversion-inconsistent",
    severity=WARNING,
    since="0.1",
    subject=Transaction,
    needs=("INVITE", "diversion"),
)
def diversion_inconsistent(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """Diversion names who diverted, the last one on top (RFC 5806 §3.1, §6.5)."""
    request = transaction.request
    if request is None or not transaction.is_dialog_creating_invite:
        return
    for before, after in _steps(request, transaction, trace):
        if _is_appended(before.diversion, after.diversion):
            yield _appended(before, after)
    if request.diversion:
        yield from _too_many(request)
        yield from _to_itself(request)
        yield from _against_history(request)


def _steps(request: Request, transaction: Transaction, trace: Trace) -> Iterator[tuple[Request, Request | Response]]:
    """The INVITE as its sender got it and as it sent it on; the INVITE and the redirection of the one who got it."""
    for item in trace.index.same_request(transaction):
        got = item.request
        if got is not None and item.key.server == transaction.key.client and got.at <= request.at:
            yield got, request
    final = transaction.final
    if final is not None and 300 <= final.status < 400:
        yield request, final


def _is_appended(before: tuple[Address, ...], after: tuple[Address, ...]) -> bool:
    """Whether entries were added, all of them below the old ones."""
    old, new = [_who(item) for item in before], [_who(item) for item in after]
    return 0 < len(old) < len(new) and new[: len(old)] == old and new[-len(old) :] != old


def _who(entry: Address) -> tuple[str, str]:
    return (entry.uri.user or "").lower(), entry.uri.host


def _appended(before: Request, after: Request | Response) -> Hit:
    added = after.diversion[len(before.diversion)]
    return Hit(
        text=(
            f"{after.hop.source} put its diversion by {added.uri.text} below those that it got; the newest belongs on "
            "top, where voicemail and carriers look for the one who diverted last."
        ),
        evidence=(_listed(before), _listed(after)),
        at=after.at,
        identity=("order", after.call_id, added.uri.text),
    )


def _too_many(request: Request) -> Iterator[Hit]:
    total = sum(_number(item, "counter", 1) for item in request.diversion)
    allowed = max(MOST, *(_number(item, "limit", 0) for item in request.diversion))
    if total > allowed:
        yield Hit(
            text=f"The INVITE was diverted {total} times by its Diversion entries; more than {allowed} is refused "
            "in many networks, and may be a circle of forwardings.",
            evidence=(_listed(request),),
            at=request.at,
            identity=("count", request.call_id),
        )


def _number(entry: Address, name: str, default: int) -> int:
    text = entry.parameters.get(name)
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= 2 else default


def _to_itself(request: Request) -> Iterator[Hit]:
    """The topmost entry is whom the request goes to; a service named by the Request-URI may well be of that user."""
    top, target = request.diversion[0], request.request_uri
    if target is None or not named(top) or "cause" in target.parameters or "target" in target.parameters:
        return
    if same_uri(top.uri, target):
        yield Hit(
            text=f"The INVITE for {target.text} says that {top.uri.text} diverted it: it is sent to the one who "
            "diverted.",
            evidence=(_listed(request),),
            at=request.at,
            confidence=Confidence.LIKELY,
            identity=("itself", request.call_id, top.uri.text),
        )


def _against_history(request: Request) -> Iterator[Hit]:
    top, other = request.diversion[0], last_in_history(request)
    if other is None or not named(top) or not named(other) or may_be_one_user(top.uri, other.uri):
        return
    yield Hit(
        text=f"Diversion says that {top.uri.text} was the last to divert, History-Info says {other.uri.text}.",
        evidence=(
            _listed(request),
            Evidence(
                frame=request.frames[-1],
                note="History-Info: " + ", ".join(item.text for item in request.history_info),
            ),
        ),
        at=request.at,
        confidence=Confidence.LIKELY,
        identity=("history", request.call_id, top.uri.text, other.uri.text),
    )


def _listed(message: Request | Response) -> Evidence:
    entries = ", ".join(item.text for item in message.diversion)
    target = f" to {message.request_uri.text}" if isinstance(message, Request) and message.request_uri else ""
    return Evidence(frame=message.frames[-1], note=f"{message.label}{target}, Diversion: {entries}")
