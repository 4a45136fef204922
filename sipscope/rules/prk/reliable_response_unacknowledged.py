"""A reliable provisional response is never acknowledged with PRACK.

What it finds
    A reliable provisional response that is repeated three times or more, or that stands for more than 4 s before
    the final response, without a PRACK whose RAck names it. A response whose RSeq is out of order, or that comes
    behind the final response, needs none. One that is never repeated may have had a PRACK out of view: that is merely
    possible.
Why it matters
    Ringing or the early answer is repeated, then the call fails with 5xx although the callee was willing.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.6   bob -> alice  183 again
        1.6   bob -> alice  183 again
        3.6   bob -> alice  183 again
        7.6   bob -> alice  183 again
        32.2  bob -> alice  504
        32.3  alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        0.1   bob -> alice  183 rseq=1
        0.6   bob -> alice  183 again
        0.7   alice -> bob  PRACK
        0.8   bob -> alice  200 PRACK
        9.0   bob -> alice  486 INVITE
        9.1   alice -> bob  ACK
What to check
    - Where does the PRACK go? Read Contact and Record-Route of the provisional response, and look for it there.
    - Does the caller support 100rel at all, or does an element in between claim so in its name?
    - As a workaround, remove 100rel from Supported at the caller.
Sources
    RFC 3262 §3; RFC 3262 §4
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Response
from sipscope.model.time import SECOND, Duration, Instant, in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.reliability import acknowledged, invites_of, reliable_responses

PATIENCE: Duration = 4 * SECOND
"""How long a reliable response may stand without PRACK before it is remarkable."""

TELLING_COPIES = 3
"""Retransmissions that prove by themselves that no PRACK arrived."""


@rule("PRK-004", name="reliable-response-unacknowledged", severity=ERROR, since="0.1", subject=Dialog, needs=("rseq",))
def reliable_response_unacknowledged(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Every reliable provisional response in order is acknowledged by PRACK (RFC 3262 §4)."""
    for leg in dialog.legs:
        for invite in invites_of(leg):
            for response in _due(invite, dialog):
                yield from _check(dialog, leg, trace, invite, response)


def _due(invite: Transaction, dialog: Dialog) -> list[Response]:
    """The reliable responses in RSeq order without a gap: only these must be acknowledged."""
    expected: int | None = None
    due = []
    for response in reliable_responses(invite, dialog):
        if expected is not None and response.rseq != expected:
            break
        expected = (response.rseq or 0) + 1
        due.append(response)
    return due


def _check(dialog: Dialog, leg: Leg, trace: Trace, invite: Transaction, response: Response) -> Iterator[Hit]:
    if acknowledged(dialog, response):
        return
    copies = [copy for copy in invite.copies_of(response) if not _behind_final(invite, copy.at)]
    until = _stood_until(invite, trace)
    if len(copies) < TELLING_COPIES and (until is None or until - response.at <= PATIENCE):
        return
    sender = leg.side_of(response).other
    proved = len(copies) >= TELLING_COPIES or _path_visible(dialog, leg, sender)
    if not proved or not leg.both_directions:
        return
    yield _hit(dialog, trace, invite, response, copies)


def _path_visible(dialog: Dialog, leg: Leg, sender: Side) -> bool:
    return guards.in_dialog_path_visible(leg, sender) or guards.next_hop_is_on_leg(dialog, leg, sender)


def _stood_until(invite: Transaction, trace: Trace) -> Instant | None:
    final = invite.final
    return trace.ended_at if final is None else final.at


def _behind_final(invite: Transaction, at: Instant) -> bool:
    return invite.final is not None and at > invite.final.at


def _hit(dialog: Dialog, trace: Trace, invite: Transaction, response: Response, copies: list[Message]) -> Hit:
    doubts = _doubts(trace, response, copies)
    final = invite.final
    ending = "" if final is None or final.status < 500 else f" The call then failed with {final.status}."
    evidence = [Evidence(frame=response.frames[-1], note=f"{response.label}, RSeq {response.rseq}")]
    evidence += [
        Evidence(frame=copy.frames[-1], note=f"repeated after {in_seconds(copy.at - response.at):.1f} s")
        for copy in copies
    ]
    number = 0 if response.cseq is None else response.cseq.number
    return Hit(
        text=(
            f"No PRACK acknowledged the reliable {response.label} (RSeq {response.rseq}), which was sent "
            f"{1 + len(copies)} times; `RAck: {response.rseq} {number} INVITE` is due.{ending}"
        ),
        evidence=tuple(evidence),
        at=response.at,
        confidence=Confidence.POSSIBLE if doubts else Confidence.CERTAIN,
        guards=doubts,
        identity=(dialog.key, response.cseq, response.rseq),
    )


def _doubts(trace: Trace, response: Response, copies: list[Message]) -> tuple[str, ...]:
    doubts = []
    if not copies:
        # RFC 3262 §3: a response without its PRACK is repeated from T1 on, whatever the transport.
        doubts.append("It was never repeated, so its sender may have had a PRACK that this tap didn't see.")
    if guards.capture_lossy_near(trace, response.at, response.at + PATIENCE):
        doubts.append("The capture itself lost packets at that time.")
    return tuple(doubts)
