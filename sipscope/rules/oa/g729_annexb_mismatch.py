"""The offer rules comfort noise of G.729 out, and the answer allows it.

What it finds
    G.729 that is offered with `annexb=no` and accepted with `annexb=yes`, or without the parameter, which means the
    same. The outcome is `no` for both sides, so that nothing breaks as long as they know. An offer that allows comfort
    noise and an answer that rules it out is a plain choice, and no finding.
Why it matters
    The answerer may send comfort noise that the offerer's equipment plays as clicks, or takes for loss.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 18
              a=rtpmap:18 G729/8000
              a=fmtp:18 annexb=no
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 18
              a=rtpmap:18 G729/8000
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 18
              a=rtpmap:18 G729/8000
              a=fmtp:18 annexb=no
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 18
              a=rtpmap:18 G729/8000
              a=fmtp:18 annexb=no
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Set `annexb=no` on both sides where silence suppression is off; leaving it out means yes.
    - Listen for clicks or dead pauses in the direction of the offerer: comfort noise that it doesn't expect.
Sources
    RFC 7261 §3; RFC 4856 §2.1.9
"""

from collections.abc import Iterator

from sipscope.model.description import RtpFormat
from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, pair_evidence, responder
from sipscope.rules.format_parameters import format_line, parameters_of
from sipscope.rules.remembered import Formats, of_formats


@rule(
    "OA-031",
    name="g729-annexb-mismatch",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("annexb offered",),
)
def g729_annexb_mismatch(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """Left out means yes, and one no makes the result no (RFC 7261 §3, RFC 4856 §2.1.9)."""
    if not is_answered(exchange):
        return
    for media in exchange.media:
        if media.offer is None or media.answer is None:
            continue
        mismatch = _mismatch(media.offer.rtp_formats, media.answer.rtp_formats)
        if mismatch is None or not media.is_accepted:
            continue
        offered, answered = mismatch
        stated = parameters_of(answered).get("annexb")
        yield Hit(
            text=(
                f"m-line {media.index + 1} offers G.729 with annexb=no, and {responder(exchange, trace)} accepts it "
                f"{'without annexb, which means yes' if stated is None else f'with annexb={stated}'}: no comfort noise "
                "may be sent, and the answer doesn't say so."
            ),
            evidence=pair_evidence(exchange, format_line(offered), format_line(answered)),
            at=exchange.answered_at or exchange.at,
            identity=exchange_identity(exchange, trace, media.index),
        )


@of_formats
def _mismatch(offers: Formats, answers: Formats) -> tuple[RtpFormat, RtpFormat] | None:
    """G.729 as it was offered without comfort noise, and as it was answered with it."""
    offered, answered = _g729(offers), _g729(answers)
    if offered is None or answered is None or not _rules_out(offered) or _rules_out(answered):
        return None
    return offered, answered


def _g729(formats: Formats) -> RtpFormat | None:
    return next((item for item in formats if (item.encoding or "").upper() == "G729"), None)


def _rules_out(rtp_format: RtpFormat) -> bool:
    return parameters_of(rtp_format).get("annexb", "yes").lower() == "no"
