"""The session for early media is negotiated in a way that its peer can't follow.

What it finds
    A description of disposition `early-session` in a 2xx to INVITE or an ACK, where early media is over; an offer of
    an early session to a caller whose INVITE doesn't list `early-session`; one in a reliable response whose PRACK
    brings no answer; or one that asks for media at the address and port of the session beside it in the same message.
Why it matters
    Announcements and the call are mixed up: media of one comes where that of the other is expected, or nowhere.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183 rseq=1
              Content-Type: application/sdp
              Content-Disposition: early-session;handling=optional
              | v=0
              | o=bob 7 1 IN IP4 192.0.2.20
              | s=-
              | c=IN IP4 192.0.2.20
              | t=0 0
              | m=audio 5100 RTP/AVP 0
        1.1   alice -> bob  PRACK
              Content-Type: application/sdp
              Content-Disposition: early-session;handling=optional
              | v=0
              | o=alice 7 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 192.0.2.10
              | t=0 0
              | m=audio 4100 RTP/AVP 0
        1.2   bob -> alice  200 PRACK
        2.0   bob -> alice  180
        3.0   bob -> alice  486 INVITE
        3.1   alice -> bob  ACK
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Supported: 100rel, early-session
              m=audio 4000 RTP/AVP 0
        1.0   bob -> alice  183 rseq=1
              Content-Type: application/sdp
              Content-Disposition: early-session;handling=optional
              | v=0
              | o=bob 7 1 IN IP4 192.0.2.20
              | s=-
              | c=IN IP4 192.0.2.20
              | t=0 0
              | m=audio 5100 RTP/AVP 0
        1.1   alice -> bob  PRACK
              Content-Type: application/sdp
              Content-Disposition: early-session;handling=optional
              | v=0
              | o=alice 7 1 IN IP4 192.0.2.10
              | s=-
              | c=IN IP4 192.0.2.10
              | t=0 0
              | m=audio 4100 RTP/AVP 0
        1.2   bob -> alice  200 PRACK
        2.0   bob -> alice  180
        3.0   bob -> alice  486 INVITE
        3.1   alice -> bob  ACK
What to check
    - The callee's side should offer an early session only to callers that list `early-session`, and end it with the
      final response.
    - The caller should answer it in the PRACK, with ports of its own.
Sources
    RFC 3959 §4; RFC 3959 §6; RFC 3960 §4
"""

from collections.abc import Iterator

from sipscope.model.description import SessionDescription
from sipscope.model.dialog import Dialog, Side
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.offer_answer import ExchangeOutcome, Ledger, OfferAnswerExchange
from sipscope.model.trace import Trace
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut, label_of

OPTION_TAG = "early-session"


@rule("EM-011", name="early-session-misuse", severity=WARNING, since="0.1", subject=Dialog, needs=("early session",))
def early_session_misuse(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """Early sessions are offered to whom supports them, and answered like any other (RFC 3959 §4, §6)."""
    if not dialog.started_in_capture:
        return  # What looks like an offer may be the answer to one that is out of view.
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        if ledger is None or not ledger.early_exchanges:
            continue
        invite = next((item.request for item in leg.transactions if item.is_dialog_creating_invite), None)
        for message, text, note in _faults(ledger, invite):
            if not is_cut(message):
                yield Hit(
                    text=text,
                    evidence=(Evidence(frame=anchor(message), note=note),),
                    at=message.at,
                    identity=(dialog.key, text),
                )


def _faults(ledger: Ledger, invite: Request | None) -> Iterator[tuple[Message, str, str]]:
    """What is wrong, each with the message that shows it."""
    first = ledger.early_exchanges[0]
    if invite is not None and OPTION_TAG not in invite.supported and first.offerer is Side.CALLEE:
        label = label_of(first.offer_message)
        yield (
            first.offer_message,
            f"The {label} offers an early session, which the INVITE doesn't support.",
            _ports(first),
        )
    for exchange in ledger.early_exchanges:
        if exchange.outcome is ExchangeOutcome.BROKEN:
            label = label_of(exchange.offer_message)
            text = f"The early session that the {label} offers isn't answered by its last carrier."
            yield exchange.offer_message, text, _ports(exchange)
        for message in (exchange.offer_message, exchange.answer_message, *exchange.repeats):
            yield from _of_carrier(message)


def _of_carrier(message: Message | None) -> Iterator[tuple[Message, str, str]]:
    if message is None:
        return
    late = message.method == "INVITE" and message.is_success if isinstance(message, Response) else _is_ack(message)
    if late:
        yield message, f"The {label_of(message)} speaks of an early session, which is over then.", "early-session part"
    shared = _places(message.description) & _places(message.early_description)
    if shared:
        address, port = min(shared, key=str)
        text = f"The {label_of(message)} asks for the media of its early session where that of the session goes."
        yield message, text, f"both at {address}:{port}"


def _is_ack(message: Message) -> bool:
    return isinstance(message, Request) and message.method == "ACK"


def _places(description: SessionDescription | None) -> set[tuple[str | None, int]]:
    sections = () if description is None else description.media
    return {(section.address, section.port) for section in sections if section.port}


def _ports(exchange: OfferAnswerExchange) -> str:
    return "early session: " + " | ".join(section.media_line for section in exchange.offer.media)
