"""Reliable provisional responses of one INVITE don't count up one by one.

What it finds
    Within one INVITE and one To tag: the next reliable provisional response has an RSeq other than the one before
    plus one; or another response uses an RSeq again; or a new reliable provisional response comes more than 0.2 s
    behind the final response. The set is judged, not the order of arrival, because UDP may swap packets. A number
    that another hop or a PRACK shows is not missing, and where one direction alone was captured nothing is judged.
Why it matters
    A caller must ignore what is out of order: it never sends the PRACK, and the call times out.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.5   bob -> alice  180 rseq=3
        0.6   alice -> bob  PRACK rack=3
        0.7   bob -> alice  200 PRACK
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.2   alice -> bob  PRACK
        0.3   bob -> alice  200 PRACK
        0.5   bob -> alice  180 rseq=2
        0.6   alice -> bob  PRACK
        0.7   bob -> alice  200 PRACK
        5.0   bob -> alice  486 INVITE
        5.1   alice -> bob  ACK
What to check
    - The answering product must keep one RSeq counter for each INVITE and each To tag.
    - Do two elements answer under one To tag, such as a media server and a gateway behind one B2BUA?
    - As a workaround, turn 100rel off on one side.
Sources
    RFC 3262 §3; RFC 3262 §4
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.reliability import invites_of, pracks_of, reliable_responses

OVERTAKING: Duration = SECOND // 5
"""A final response may overtake a provisional one on UDP; what comes later was sent later."""


@rule("PRK-003", name="rseq-sequence-broken", severity=ERROR, since="0.1", subject=Dialog, needs=("rseq",))
def rseq_sequence_broken(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """RSeq rises by exactly one with every reliable response of a transaction (RFC 3262 §3)."""
    for leg in dialog.legs:
        if not leg.both_directions:
            continue
        for invite in invites_of(leg):
            responses = reliable_responses(invite, dialog)
            yield from _gaps(dialog, trace, invite, responses)
            yield from _reused(dialog, responses)
            yield from _behind_final(dialog, invite, responses)


def _gaps(dialog: Dialog, trace: Trace, invite: Transaction, responses: Sequence[Response]) -> Iterator[Hit]:
    by_number = {item.rseq or 0: item for item in responses}
    existed = _numbers_elsewhere(dialog, invite)
    for before, after in pairwise(sorted(by_number)):
        if after == before + 1 or any(before < number < after for number in existed):
            continue
        first, second = by_number[before], by_number[after]
        doubtful = guards.capture_lossy_near(trace, first.at, second.at)
        yield Hit(
            text=(
                f"The {second.label} has RSeq {after}, but {before + 1} is due after the {first.label} with RSeq "
                f"{before}: the caller must ignore it."
            ),
            evidence=(_evidence(first), _evidence(second)),
            at=second.at,
            confidence=Confidence.POSSIBLE if doubtful else Confidence.CERTAIN,
            guards=("The capture itself lost packets at that time.",) if doubtful else (),
            identity=(dialog.key, second.cseq, "gap", after),
        )


def _numbers_elsewhere(dialog: Dialog, invite: Transaction) -> set[int]:
    """Numbers that a PRACK names or that another hop shows: where one is missing, only the capture lacks it."""
    cseq = invite.first.cseq
    racks = [item.request.rack for leg in dialog.legs for item in pracks_of(leg) if item.request is not None]
    named = {rack.rseq for rack in racks if rack is not None and cseq is not None and rack.cseq_number == cseq.number}
    shown = {
        response.rseq or 0
        for leg in dialog.legs
        for other in invites_of(leg)
        if other.first.cseq == cseq
        for response in reliable_responses(other, dialog)
    }
    return named | shown


def _reused(dialog: Dialog, responses: Sequence[Response]) -> Iterator[Hit]:
    first_of: dict[int, Response] = {}
    for response in responses:
        earlier = first_of.setdefault(response.rseq or 0, response)
        if earlier is not response and earlier.status != response.status:
            yield Hit(
                text=(
                    f"The {response.label} has RSeq {response.rseq}, which the {earlier.label} used before: the caller "
                    "takes it for a retransmission and never acknowledges it."
                ),
                evidence=(_evidence(earlier), _evidence(response)),
                at=response.at,
                identity=(dialog.key, response.cseq, "reused", response.rseq),
            )


def _behind_final(dialog: Dialog, invite: Transaction, responses: Sequence[Response]) -> Iterator[Hit]:
    final = invite.final
    for response in responses:
        if final is None or response.at - final.at <= OVERTAKING or response.to_tag != final.to_tag:
            continue
        yield Hit(
            text=f"A new reliable {response.label} (RSeq {response.rseq}) comes behind the final {final.label}.",
            evidence=(Evidence(frame=final.frames[-1], note=final.label), _evidence(response)),
            at=response.at,
            identity=(dialog.key, response.cseq, "behind-final", response.rseq),
        )


def _evidence(response: Response) -> Evidence:
    return Evidence(frame=response.frames[-1], note=f"{response.label}, RSeq {response.rseq}")
