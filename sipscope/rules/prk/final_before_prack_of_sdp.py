"""The callee answers the call while its reliable response with SDP still waits for the PRACK.

What it finds
    A 2xx to an INVITE that passes before the PRACK for a reliable provisional response with SDP of the same dialog.
    Without a PRACK at all it needs proof that the caller's requests pass here, and it is merely likely; a response
    that stands for longer than T1 without being repeated has had its PRACK out of view. A PRACK within 10 ms behind
    the 2xx may be an effect of the capture.
Why it matters
    The caller may never have seen the SDP, because only the PRACK proves that it did: a call that is connected and
    has no media.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        5.0   bob -> alice  183 rseq=1
              m=audio 5000 RTP/AVP 0
        5.02  bob -> alice  200
        5.1   alice -> bob  PRACK
        5.11  bob -> alice  200 PRACK
        5.12  alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              Supported: 100rel
        5.0   bob -> alice  183 rseq=1
              m=audio 5000 RTP/AVP 0
        5.08  alice -> bob  PRACK
        5.09  bob -> alice  200 PRACK
        5.2   bob -> alice  200 INVITE
        5.22  alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The answering product must hold its 2xx back until the PRACK has come.
    - Does a user answer within moments, such as an automaton? Then send the SDP in the 2xx alone.
    - As a workaround, remove 100rel from Supported at the caller.
Sources
    RFC 3262 §3; RFC 3262 §5
"""

from collections.abc import Iterator

from sipscope.model.defects import Confidence
from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Request, Response
from sipscope.model.time import MILLISECOND, Duration, in_milliseconds
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules import guards
from sipscope.rules.api import ERROR, Hit, rule
from sipscope.rules.exchanges import loss_guard, media_lines
from sipscope.rules.reliability import CAPTURE_ORDER, acknowledged, invites_of, prack_for, reliable_responses

T1: Duration = 500 * MILLISECOND
"""First interval of retransmissions (RFC 3261 §17.1.1.1)."""


@rule("PRK-009", name="final-before-prack-of-sdp", severity=ERROR, since="0.1", subject=Dialog, needs=("rseq",))
def final_before_prack_of_sdp(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """The 2xx waits for the PRACK of every response with a session description (RFC 3262 §5)."""
    for leg in dialog.legs:
        if not leg.both_directions:
            continue
        for invite in invites_of(leg):
            final = invite.final
            if final is None or not final.is_success:
                continue
            for response in reliable_responses(invite, dialog):
                told = response.description is not None and response.to_tag == final.to_tag
                if told and response.at < final.at and _is_early(dialog, leg, invite, response, final):
                    yield _hit(dialog, leg, trace, response, final)


def _is_early(dialog: Dialog, leg: Leg, invite: Transaction, response: Response, final: Response) -> bool:
    """Whether the 2xx went out before the PRACK came in."""
    prack = prack_for(leg, response)
    if prack is not None:
        return prack.at - final.at > CAPTURE_ORDER
    if acknowledged(dialog, response):
        # It passes on another hop, so this one can't tell the order.
        return False
    repeated = bool(invite.copies_of(response)) or final.at - response.at <= T1
    return repeated and guards.in_dialog_path_visible(leg, leg.side_of(final).other)


def _hit(dialog: Dialog, leg: Leg, trace: Trace, response: Response, final: Response) -> Hit:
    prack = prack_for(leg, response)
    lossy = loss_guard(trace, response.at, final.at)
    described = "" if response.description is None else media_lines(response.description)
    return Hit(
        text=(
            f"The {final.label} came while the reliable {response.label} (RSeq {response.rseq}), which carries SDP, "
            f"was not acknowledged: {_prack_words(prack, final)}."
        ),
        evidence=(
            Evidence(frame=response.frames[-1], note=f"{response.label}, RSeq {response.rseq}: {described}"),
            Evidence(frame=final.frames[-1], note=f"{final.label} to INVITE"),
            *(() if prack is None else (Evidence(frame=prack.frames[-1], note=f"RAck: {prack.headers.get('rack')}"),)),
        ),
        at=final.at,
        confidence=Confidence.POSSIBLE if lossy else Confidence.LIKELY if prack is None else Confidence.CERTAIN,
        guards=lossy,
        identity=(dialog.key, response.cseq, response.rseq),
    )


def _prack_words(prack: Request | None, final: Response) -> str:
    if prack is None:
        return "no PRACK that names it came"
    return f"its PRACK came {in_milliseconds(prack.at - final.at):.0f} ms later"
