"""A callee answers one request under several To tags.

What it finds
    A phone or gateway that rings under one To tag and answers the same INVITE under another, with the same Contact,
    Server and Allow, where nothing shows a fork or a forwarded call; and a response inside a dialog whose To tag
    isn't that of its request.
Why it matters
    The caller takes the answer for that of a second phone: early media is cut, PRACK and UPDATE lose their dialog,
    and some products refuse the answer.
Example
    Bad:
        alice   192.0.2.10
        gateway 192.0.2.20
        0.0   alice -> gateway  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   gateway -> alice  180 tag=one
              Contact: <sip:gw@192.0.2.20>
              Server: Gateway/1.0
        2.0   gateway -> alice  200 tag=two
              Contact: <sip:gw@192.0.2.20>
              Server: Gateway/1.0
              m=audio 5000 RTP/AVP 0
        2.1   alice -> gateway  ACK uri=sip:gw@192.0.2.20 to-tag=two
    Good:
        alice   192.0.2.10
        gateway 192.0.2.20
        0.0   alice -> gateway  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   gateway -> alice  180 tag=one
              Contact: <sip:gw@192.0.2.20>
              Server: Gateway/1.0
        2.0   gateway -> alice  200 tag=one
              Contact: <sip:gw@192.0.2.20>
              Server: Gateway/1.0
              m=audio 5000 RTP/AVP 0
        2.1   alice -> gateway  ACK uri=sip:gw@192.0.2.20 to-tag=one
What to check
    - A callee makes one To tag for a request, and puts it into every response but 100.
    - Does that element try several targets behind it? It should then keep one tag towards the caller.
Sources
    RFC 3261 §8.2.6.2; RFC 3261 §16.7
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule

ELSEWHERE = frozenset({181, 182})
"""Call Is Being Forwarded, and Queued: the answer then comes from elsewhere (RFC 3261 §21.1.3, §21.1.4)."""


@rule("FRK-002", name="to-tag-unstable", severity=WARNING, since="0.1", subject=Transaction, needs=("request",))
def to_tag_unstable(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """The same tag stands in all responses to a request, and that of the request where it has one (§8.2.6.2)."""
    request = transaction.request
    if request is None:
        return
    if request.to_tag is not None:
        for response in transaction.responses:
            if response.to_tag != request.to_tag and response.status > 100 and response.to is not None:
                yield _changed(transaction, request, response)
                return
    elif transaction.method == "INVITE" and len(transaction.responses) > 1 and request.to is not None:
        yield from _of_invite(transaction, trace)


def _of_invite(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    tagged = [item for item in transaction.responses if item.to_tag and 100 < item.status < 300]
    if len({item.to_tag for item in tagged}) != 2:
        return
    early, success = [item for item in tagged if item.status < 200], [item for item in tagged if item.is_success]
    tags, answered = {item.to_tag for item in early}, {item.to_tag for item in success}
    if len(tags) != 1 or len(answered) != 1 or tags == answered:
        return
    if any(item.status in ELSEWHERE for item in early) or not _same_element(early[-1], success[0]):
        return
    server = transaction.key.server
    if not any(item.key.client == server for item in trace.index.same_request(transaction)):
        yield _hit(transaction, early[-1], success[0])


def _same_element(one: Response, other: Response) -> bool:
    """Whether two responses name the same Contact, product and methods: else several phones may stand behind them.

    A PBX that lets a queue or an announcement ring and an agent answer tells them apart by features and methods.
    """
    if not one.contacts or one.user_agent is None or one.user_agent != other.user_agent:
        return False
    if one.allow and other.allow and set(one.allow) != set(other.allow):
        return False
    return one.headers.get("contact") == other.headers.get("contact")


def _hit(transaction: Transaction, early: Response, success: Response) -> Hit:
    return Hit(
        text=(
            f"{transaction.hop.destination} sent {early.label} under To tag {early.to_tag} and {success.label} under "
            f"To tag {success.to_tag}, both with the same Contact and the same Server."
        ),
        evidence=(
            Evidence(frame=early.frames[-1], note=f"{early.label}, To tag {early.to_tag}"),
            Evidence(frame=success.frames[-1], note=f"{success.label}, To tag {success.to_tag}"),
        ),
        at=success.at,
        confidence=Confidence.LIKELY,
        guards=("An element that hides a fork behind one Contact looks the same.",),
        identity=(success.call_id, early.to_tag, success.to_tag),
    )


def _changed(transaction: Transaction, request: Request, response: Response) -> Hit:
    return Hit(
        text=(
            f"{transaction.hop.destination} answered {response.label} to {request.method} with To tag "
            f"{response.to_tag or 'none'}, where the request has {request.to_tag}."
        ),
        evidence=(
            Evidence(frame=request.frames[-1], note=f"{request.method}, To tag {request.to_tag}"),
            Evidence(frame=response.frames[-1], note=f"{response.label}, To tag {response.to_tag or 'none'}"),
        ),
        at=response.at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )
