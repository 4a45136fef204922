"""A call is accepted although every medium in it is refused.

What it finds
    A completed exchange whose offer has at least one `m=` line with a port, and whose answer has port 0 in all; and
    the dialog goes on for more than 2 s without another offer. Sections with `a=bundle-only` don't count as refused.
Why it matters
    The call is charged, and nobody can hear anything.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 0 RTP/AVP 0
        0.2   alice -> bob  ACK
        30.0  alice -> bob  BYE
        30.1  bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
              m=audio 0 RTP/AVP 0
        0.3   alice -> bob  BYE
        0.4   bob -> alice  200
What to check
    - The answering product must refuse an offer that suits it in no part with 488.
    - Which codecs and transports does it support? Compare them with the offer.
    - Where refusing isn't possible, as with an offer in the 2xx, a BYE must follow.
Sources
    RFC 3264 §6; RFC 3261 §14.2
"""

from collections.abc import Iterator

from sipscope.model.offer_answer import OfferAnswerExchange
from sipscope.model.time import SECOND, Duration
from sipscope.model.trace import Trace
from sipscope.rules import guards
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import exchange_identity, is_answered, media_lines, pair_evidence, responder

PATIENCE: Duration = 2 * SECOND
"""How soon the release or another offer must follow."""


@rule(
    "OA-027",
    name="accepted-with-all-media-refused",
    severity=WARNING,
    since="0.1",
    subject=OfferAnswerExchange,
    needs=("nothing accepted",),
)
def accepted_with_all_media_refused(exchange: OfferAnswerExchange, trace: Trace) -> Iterator[Hit]:
    """A stream is refused with port 0 (RFC 3264 §6), an offer as a whole with 488 (RFC 3261 §14.2)."""
    answer, at = exchange.answer, exchange.answered_at
    if not is_answered(exchange) or answer is None or at is None or not answer.media:
        return
    for section in answer.media:
        if section.port or section.is_bundle_only:
            return
    if not any(section.port for section in exchange.offer.media) or not _goes_on(exchange, trace):
        return
    yield Hit(
        text=(
            f"The answer of {responder(exchange, trace)} refuses every medium of the offer with port 0, and the call "
            "goes on without any."
        ),
        evidence=pair_evidence(exchange, media_lines(exchange.offer), media_lines(answer)),
        at=at,
        identity=exchange_identity(exchange, trace),
    )


def _goes_on(exchange: OfferAnswerExchange, trace: Trace) -> bool:
    """Whether the dialog stays as it is for two seconds behind the answer, and the capture shows it."""
    at = exchange.answered_at or exchange.at
    dialog = trace.index.dialogs[exchange.dialog_id]
    ledger = trace.index.ledgers[(exchange.leg_id, exchange.dialog_id)]
    if dialog.ended_at is not None and dialog.ended_at <= at + PATIENCE:
        return False
    if any(item.number > exchange.number and item.at <= at + PATIENCE for item in ledger.exchanges):
        return False
    return guards.capture_continues(trace, at, PATIENCE)
