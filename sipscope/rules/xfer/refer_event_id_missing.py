"""NOTIFYs don't say which of two REFERs they are about.

What it finds
    A second REFER accepted in a dialog, and a NOTIFY about it whose Event has no id, although the first REFER has had
    its result. Also a NOTIFY whose id is the CSeq number of no REFER in that dialog, where the dialog began in the
    capture. A REFER that was challenged or refused isn't counted, and while the first one is open a NOTIFY without
    an id may be its own.
Why it matters
    The result of one attempt is taken for that of the other.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=486
        2.3   alice -> bob  200
        4.0   alice -> bob  REFER call=1
              Refer-To: <sip:dave@192.0.2.40>
        4.1   bob -> alice  202
        4.2   bob -> alice  NOTIFY call=1 sipfrag=486
        4.3   alice -> bob  200
        9.0   alice -> bob  BYE call=1
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE call=1
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        2.0   alice -> bob  REFER call=1
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY call=1 sipfrag=486
        2.3   alice -> bob  200
        4.0   alice -> bob  REFER call=1 cseq=93
              Refer-To: <sip:dave@192.0.2.40>
        4.1   bob -> alice  202
        4.2   bob -> alice  NOTIFY call=1 sipfrag=486
              Event: refer;id=93
        4.3   alice -> bob  200
        9.0   alice -> bob  BYE call=1
        9.1   bob -> alice  200
What to check
    - From the second REFER of a dialog on, the transferee must put id=, with the CSeq number of that REFER, into Event.
Sources
    RFC 3515 §2.4.4; RFC 3515 §2.4.6
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Request
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.api import WARNING, Hit, rule
from sipscope.rules.exchanges import anchor, is_cut


@rule(
    "XFER-008",
    name="refer-event-id-missing",
    severity=WARNING,
    since="0.1",
    subject=Dialog,
    needs=("REFER", "NOTIFY", "event"),
)
def refer_event_id_missing(dialog: Dialog, trace: Trace) -> Iterator[Hit]:
    """From the second REFER on, Event has its CSeq number as id (RFC 3515 §2.4.6)."""
    refers = [item for item in dialog.transactions if item.method == "REFER" and item.request is not None]
    for notify in dialog.transactions:
        request = notify.request
        if notify.method != "NOTIFY" or request is None or request.event is None or is_cut(request):
            continue
        if request.event.value.lower() != "refer" or not refers:
            continue
        fault = _fault(request, dialog, refers, trace)
        if fault is not None:
            yield _hit(request, fault, refers)


def _fault(request: Request, dialog: Dialog, refers: list[Transaction], trace: Trace) -> str | None:
    identifier = None if request.event is None else request.event.parameters.get("id")
    asked = [item for item in refers if item.first.from_tag != request.from_tag and item.started_at <= request.at]
    if identifier is not None:
        known = {str(item.first.cseq.number) for item in refers if item.first.cseq is not None}
        return (
            f"id={identifier} is the CSeq number of no REFER"
            if dialog.started_in_capture and identifier not in known
            else None
        )
    accepted = [item for item in asked if item.final is not None and item.final.is_success]
    if len(accepted) < 2 or not _is_told(accepted[:-1], accepted[-1], trace):
        return None
    return "no id, although more than one REFER was accepted in this dialog"


def _is_told(earlier: list[Transaction], last: Transaction, trace: Trace) -> bool:
    """Whether each earlier REFER had its result before the last one was sent."""
    told = {
        transfer.refer.id
        for transfer in trace.transfers
        if any(report.is_final and report.at < last.started_at for report in transfer.reports)
    }
    return all(item.id in told for item in earlier)


def _hit(request: Request, fault: str, refers: list[Transaction]) -> Hit:
    return Hit(
        text=f"The NOTIFY doesn't tell which REFER it is about: its Event has {fault}.",
        evidence=(
            *(Evidence(frame=anchor(item.first), note="REFER") for item in refers),
            Evidence(frame=anchor(request), note=f"NOTIFY, Event: {request.headers.get('event') or ''}"),
        ),
        at=request.at,
        identity=(request.call_id, request.from_tag, request.cseq),
    )
