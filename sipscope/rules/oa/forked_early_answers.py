"""One INVITE gets SDP from several early dialogs.

What it finds
    Provisional responses with SDP under two or more To tags, before the INVITE is answered. It accuses nobody.
Why it matters
    Each To tag is a dialog with an answer of its own. A caller that keeps the first one sends its media to the wrong
    branch after the pickup: one-way audio on forked and forwarded calls alone.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 tag=a
              m=audio 5000 RTP/AVP 0
        0.2   bob -> alice  183 tag=b
              m=audio 6000 RTP/AVP 0
        1.0   bob -> alice  200 tag=b
              m=audio 6000 RTP/AVP 0
        1.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  183 tag=a
              m=audio 5000 RTP/AVP 0
        1.0   bob -> alice  200 tag=a
              m=audio 5000 RTP/AVP 0
        1.1   alice -> bob  ACK
        5.0   alice -> bob  BYE
        5.1   bob -> alice  200
What to check
    - Does the caller's media go to the SDP of the To tag that answered?
    - Which early media did the caller hear, and did two sources send at once?
    - Where the caller can't handle forks, let the forking element give out one dialog alone.
Sources
    RFC 3261 §13.2.1; RFC 3261 §13.2.2.4
"""

from collections.abc import Iterator

from sipscope.model.finding import Evidence
from sipscope.model.message import Response
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.exchanges import anchor, connection_words, label_of, media_lines


@rule(
    "OA-029",
    name="forked-early-answers",
    severity=INFO,
    since="0.1",
    subject=Transaction,
    needs=("INVITE out of dialog", "sdp"),
)
def forked_early_answers(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """An INVITE that results in several dialogs has an exchange in each (RFC 3261 §13.2.1)."""
    if not transaction.is_dialog_creating_invite or transaction.request is None:
        return
    early = _early(transaction)
    if len(early) < 2:
        return
    other = trace.index.same_request(transaction)[0]
    yield Hit(
        text=(
            f"{len(early)} early dialogs of one INVITE gave SDP, under the To tags {', '.join(early)}"
            f"{_winner(transaction, early)}."
        ),
        evidence=tuple(_evidence(response) for response in early.values()),
        at=list(early.values())[1].at,
        identity=(other.first.call_id, other.first.from_tag, other.first.cseq),
    )


def _early(transaction: Transaction) -> dict[str, Response]:
    """The first provisional response with SDP of each To tag, before the first 2xx."""
    found: dict[str, Response] = {}
    for response in transaction.responses:
        if response.is_final:
            break
        if response.description is not None and response.to_tag:
            found.setdefault(response.to_tag, response)
    return found


def _winner(transaction: Transaction, early: dict[str, Response]) -> str:
    final = transaction.final
    if final is None or not final.is_success or not final.to_tag:
        return ""
    return f"; {final.to_tag} answered" + ("" if final.to_tag in early else ", which had given none")


def _evidence(response: Response) -> Evidence:
    description = response.description
    lines = "" if description is None else connection_words(description) + media_lines(description)
    return Evidence(frame=anchor(response), note=f"{label_of(response)}, To tag {response.to_tag}: {lines}")
