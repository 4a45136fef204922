"""A text message carries what belongs to calls, or doesn't wait for the one before it.

What it finds
    A MESSAGE outside a call with a Contact, or with an Expires but no Date; a 2xx to it with a Contact or a body; and a
    MESSAGE begun while another one of the same sender to the same URI is still pending. Each is told once for who
    sent it. Texts of mobile networks, which have a profile of their own, are left alone, and so are the copies of a
    fork, an answer that crosses the next text, and a text without a final response where answers can't be seen.
Why it matters
    With a Contact, a peer may believe that a dialog began, or answer 400. Texts that don't wait overtake one another,
    and flood a path that has no congestion control. Without a Date nobody can tell when a kept text has run out.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE
              Contact: <sip:alice@192.0.2.10>
              Content-Type: text/plain
              | See you at the gate.
        0.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  MESSAGE
              Content-Type: text/plain
              | See you at the gate.
        0.1   bob -> alice  200
What to check
    - Set the client to send no Contact in MESSAGE, and its peer to answer with neither Contact nor body.
    - The client sends the next text to a URI when the one before it is answered.
    - A client that writes Expires writes Date too.
Sources
    RFC 3428 §4; RFC 3428 §7; RFC 3428 §8
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.values import dataclass

PENDING: Duration = 32 * SECOND
"""How long a request without a final response is pending: 64·T1 (RFC 3261 §17.1.2.2)."""

CROSSING: Duration = SECOND // 50
"""How soon behind the next text an answer may still have crossed it."""

_MOBILE = ("3gpp", "oma.", "oma-")
_MOBILE_FIELDS = ("p-access-network-info", "p-charging-vector", "p-asserted-service")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """One breach: of what kind, by whom, in words, and the messages that show it."""

    kind: str
    who: str
    text: str
    call_id: str | None
    evidence: tuple[Evidence, ...]
    at: Instant


@rule("MSGM-002", name="message-rules", severity=WARNING, since="0.1", subject=Trace, needs=("MESSAGE",))
def message_rules(trace: Trace, _same: Trace) -> Iterator[Hit]:
    """MESSAGE begins no dialog, and goes one at a time to a URI (RFC 3428 §4, §7, §8)."""
    found: dict[tuple[str, str], list[_Fault]] = {}
    texts: dict[tuple[str, ...], list[Transaction]] = {}
    for item in trace.transactions:
        request = item.request
        if item.method != "MESSAGE" or request is None or request.to_tag is not None or _is_mobile(request):
            continue
        for fault in (*_of_request(request), *_of_answer(item)):
            found.setdefault((fault.kind, fault.who), []).append(fault)
        if len(request.vias) == 1 and request.request_uri is not None:
            texts.setdefault((item.key.client, _sender(request), request.request_uri.text), []).append(item)
    for group in texts.values():
        for fault in _overlaps(group, trace):
            found.setdefault((fault.kind, fault.who), []).append(fault)
    for faults in found.values():
        yield _hit(faults)


def _is_mobile(request: Request) -> bool:
    """Whether a mobile network's profile is at work: its content, its feature tags or its header fields."""
    content = (request.headers.get("content-type") or "").lower()
    features = (request.headers.get("accept-contact") or "").lower()
    named = any(name in content or name in features for name in _MOBILE)
    return named or any(name in request.headers for name in _MOBILE_FIELDS)


def _sender(request: Request) -> str:
    return "" if request.from_ is None else request.from_.uri.address_of_record


def _of_request(request: Request) -> Iterator[_Fault]:
    source = request.hop.source
    if request.contacts:
        note = f"Contact: {request.contacts[0].text}"
        yield _fault("contact", _sender(request), f"{source} sent a MESSAGE with a Contact", request, note)
    if request.expires and "date" not in request.headers:
        note = f"Expires: {request.expires}, no Date"
        yield _fault("expires", _sender(request), f"{source} sent a MESSAGE with an Expires but no Date", request, note)


def _of_answer(item: Transaction) -> Iterator[_Fault]:
    final = item.final
    if final is None or not final.is_success:
        return
    who = "" if final.to is None else final.to.uri.address_of_record
    text = f"{final.hop.source} answered a MESSAGE {final.label}"
    if final.contacts:
        yield _fault("contact of 2xx", who, f"{text} with a Contact", final, f"Contact: {final.contacts[0].text}")
    if final.body.strip():
        yield _fault("body of 2xx", who, f"{text} with a body", final, f"{len(final.body)} bytes of body")


def _fault(kind: str, who: str, text: str, message: Request | Response, note: str) -> _Fault:
    evidence = (Evidence(frame=message.frames[-1], note=note),)
    return _Fault(kind=kind, who=who, text=text, call_id=message.call_id, evidence=evidence, at=message.at)


def _overlaps(group: Iterable[Transaction], trace: Trace) -> Iterator[_Fault]:
    """Each text that was begun while the one before it, of the same sender to the same URI, was pending."""
    for first, second in pairwise(group):
        if first.first.call_id == second.first.call_id or not _is_pending(first, second.started_at, trace):
            continue
        uri = first.request.request_uri if first.request is not None else None
        answer = first.final
        answered = "had no final response" if answer is None else f"was answered in frame {answer.frames[-1]} only"
        yield _Fault(
            kind="overlap",
            who=" ".join((first.key.client, first.key.server, "" if uri is None else uri.text)),
            text=(
                f"{second.hop.source} began a MESSAGE to {'' if uri is None else uri.text} while another one to it "
                f"was pending, which {answered}"
            ),
            call_id=second.first.call_id,
            evidence=(
                Evidence(frame=first.first.frames[-1], note="pending"),
                Evidence(
                    frame=second.first.frames[-1],
                    note=f"begun {in_seconds(second.started_at - first.started_at):.2f} s later",
                ),
                *(() if answer is None else (Evidence(frame=answer.frames[-1], note=answer.label),)),
            ),
            at=second.started_at,
        )


def _is_pending(first: Transaction, at: Instant, trace: Trace) -> bool:
    if first.final is not None:
        return first.final.at > at + CROSSING
    if first.request is None or at >= first.started_at + PENDING:
        return False
    return guards.answers_visible(trace, first.request) and not guards.capture_lossy_near(trace, first.started_at, at)


def _hit(faults: list[_Fault]) -> Hit:
    count = len({fault.call_id for fault in faults})
    more = f"; {count} texts in all" if count > 1 else ""
    return Hit(
        text=f"{faults[0].text}{more}.",
        evidence=tuple(item for fault in faults for item in fault.evidence),
        at=faults[0].at,
    )
