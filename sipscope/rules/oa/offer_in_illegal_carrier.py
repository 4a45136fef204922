"""SDP travels in a message that may carry neither an offer nor an answer at that moment.

What it finds
    SDP in the 2xx to a PRACK or UPDATE that had none; and, while another offer waits for its answer, SDP in a later
    response to the same INVITE that differs from all its sender has said in it. SDP in refusals, in OPTIONS and
    with a disposition of its own is legal.
Why it matters
    The sender believes that it has changed the session, and the receiver ignores it.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  UPDATE
        3.1   bob -> alice  200
              m=audio 6000 RTP/AVP 0
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        3.0   alice -> bob  UPDATE
        3.1   bob -> alice  200
        3.5   bob -> alice  UPDATE
              m=audio 6000 RTP/AVP 0
        3.6   alice -> bob  200
              m=audio 4000 RTP/AVP 0
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - The sending product must change a session with a re-INVITE or an UPDATE of its own.
    - Which description does its media follow behind that message?
    - Does an element in between put SDP into responses that had none?
Sources
    RFC 3261 §13.2.1; RFC 3262 §5; RFC 3311 §5.1
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog, Leg
from sipscope.model.finding import Evidence
from sipscope.model.message import Message
from sipscope.model.offer_answer import Ledger
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut, label_of, media_lines, messages_of


@rule("OA-028", name="offer-in-illegal-carrier", severity=WARNING, since="0.1", subject=Dialog, needs=("OA-028",))
def offer_in_illegal_carrier(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """INVITE and its responses, ACK, PRACK and UPDATE carry offers and answers, in fixed pairs (RFC 3262 §5)."""
    for leg in dialog.legs:
        ledger = trace.index.ledgers.get((leg.id, dialog.id))
        for message in () if ledger is None else _strays(ledger, trace):
            transaction = next((item for item in leg.transactions if message in item.responses), None)
            if transaction is not None and _is_out_of_place(transaction, leg):
                yield _hit(dialog, transaction, message)


def _strays(ledger: Ledger, trace: Trace) -> list[Message]:
    found = [*ledger.anomalies]
    for exchange in ledger.exchanges:
        found += exchange.anomalies
    return [messages_of(item, trace)[-1] for item in found if item.code == "OA-028"]


def _is_out_of_place(transaction: Transaction, leg: Leg) -> bool:
    """Whether the request is known: an offer that isn't in the capture may be what the SDP answers."""
    request = transaction.request
    if request is None or is_cut(request) or not leg.both_directions:
        return False
    return transaction.method == "INVITE" or not request.body


def _hit(dialog: Dialog, transaction: Transaction, message: Message) -> Hit:
    request, description = transaction.request, message.description
    lines = "" if description is None else media_lines(description)
    evidence = [Evidence(frame=anchor(message), note=f"SDP: {lines}")]
    if request is not None:
        evidence.insert(0, Evidence(frame=anchor(request), note=label_of(request)))
    return Hit(
        text=f"The {label_of(message)} carries SDP where neither an offer nor an answer may stand; it has no effect.",
        evidence=tuple(evidence),
        at=message.at,
        identity=(dialog.key, message.cseq, message.rseq, label_of(message)),
    )
