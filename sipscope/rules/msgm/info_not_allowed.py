"""An INFO is sent where its receiver never said that it takes it.

What it finds
    An INFO outside a call; an INFO whose Info-Package isn't in the Recv-Info that the peer sent last in the dialog
    before it, or where the peer made the dialog without Recv-Info; an INFO that itself carries Recv-Info; and a 469
    without Recv-Info. An error where the INFO is refused, a warning where it is taken all the same. INFO without
    Info-Package is the older use and lawful in a call, and a Recv-Info that crossed the INFO on its way is let be.
Why it matters
    The receiver answers 469, 481 or nothing: the digits, the floor request or the picture update that it carries are
    lost.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Recv-Info: bar
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Recv-Info: foo
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INFO
              Info-Package: bar
        5.1   bob -> alice  469
              Recv-Info: foo
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              Recv-Info: bar
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              Recv-Info: foo
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        5.0   alice -> bob  INFO
              Info-Package: foo
        5.1   bob -> alice  200
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - The sender uses only packages that the peer lists in Recv-Info of its INVITE, 18x or 2xx.
    - Does an element in between take Recv-Info out of the messages?
    - INFO belongs into the dialog of a call: is its To tag that of the call?
Sources
    RFC 6086 §4.2.1; RFC 6086 §4.2.2; RFC 6086 §5.2.2; RFC 6086 §7.2
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.message import Message, Request, Response
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transaction import Transaction
from sipscope.rules.allow import is_of_peer
from sipscope.rules.api import ERROR, WARNING, Hit, rule
from sipscope.rules.exchanges import is_cut

CROSSED: Duration = SECOND // 2
"""A Recv-Info so little older than the INFO may not have arrived when the INFO left (RFC 6086 §4.2.1)."""

BAD_PACKAGE = 469
"""Bad Info Package (RFC 6086 §11.6)."""


@rule("MSGM-003", name="info-not-allowed", severity=ERROR, since="0.1", subject=Transaction, needs=("INFO", "request"))
def info_not_allowed(transaction: Transaction, trace: Trace) -> Iterator[Hit]:
    """INFO goes in a call, and for a package that the peer takes (RFC 6086 §4.2.1)."""
    request = transaction.request
    if transaction.method != "INFO" or request is None or is_cut(request):
        return
    dialog = _dialog_of(request, trace)
    if _is_outside(request, dialog, trace):
        yield _hit(transaction, request, "was sent outside a call, where it has no place")
    elif "recv-info" in request.headers:
        yield _hit(transaction, request, "carries Recv-Info, which tells nothing there")
    elif request.info_package and dialog is not None:
        yield from _package(transaction, request, request.info_package, dialog)
    final = transaction.final
    if isinstance(final, Response) and final.status == BAD_PACKAGE and "recv-info" not in final.headers:
        yield _hit(transaction, request, "was answered 469 without the Recv-Info that says what is taken")


def _is_outside(request: Request, dialog: Dialog | None, trace: Trace) -> bool:
    """Whether it has no call at all; tags that went wrong in one are told by DLG-003."""
    if any(item.is_invite for item in trace.index.dialogs_of_call_id.get(request.call_id or "", ())):
        return False
    return request.to_tag is None if dialog is None else dialog.started_in_capture


def _package(transaction: Transaction, request: Request, package: str, dialog: Dialog) -> Iterator[Hit]:
    """Whether the peer said last, or just before, that it takes the package."""
    stated = _stated(dialog, request, (request.at, request.frames))
    if stated is None:
        made = _made_without(dialog, request)
        if made is not None:
            yield _hit(transaction, request, f"is for the package {package}; the peer never sent Recv-Info", made)
        return
    before = _stated(dialog, request, (request.at - CROSSED, request.frames))
    if any(package in message.recv_info for message in (stated, before) if message is not None):
        return
    listed = ", ".join(stated.recv_info) or "none"
    yield _hit(transaction, request, f"is for the package {package}; the peer takes {listed}", stated)


def _dialog_of(request: Request, trace: Trace) -> Dialog | None:
    tags = {request.from_tag, request.to_tag}
    for dialog in trace.index.dialogs_of_call_id.get(request.call_id or "", ()):
        if {dialog.key.caller_tag, dialog.key.callee_tag} == tags:
            return dialog
    return None


def _stated(dialog: Dialog, request: Request, before: tuple[Instant, tuple[int, ...]]) -> Message | None:
    """The newest message of the peer with Recv-Info; a refused request leaves what was before it (RFC 6086 §5.2.4)."""
    newest: Message | None = None
    for item in dialog.transactions:
        if item.method == "INFO" or (item.final_status or 200) >= 300:
            continue
        for message in item.messages:
            if _place(message) < before and "recv-info" in message.headers and is_of_peer(message, request):
                newest = message if newest is None or _place(message) > _place(newest) else newest
    return newest


def _place(message: Message) -> tuple[Instant, tuple[int, ...]]:
    """In the order of frames where times don't tell, as in some logs."""
    return message.at, message.frames


def _made_without(dialog: Dialog, request: Request) -> Message | None:
    """What the peer made the dialog with: its INVITE, or its 2xx; None where the capture doesn't hold both."""
    created = dialog.creating_transaction
    if created is None or created.request is None or created.final is None or not 200 <= created.final.status < 300:
        return None
    message: Message = created.request if created.request.from_tag == request.to_tag else created.final
    return message if is_of_peer(message, request) and not is_cut(message) else None


def _hit(transaction: Transaction, request: Request, words: str, stated: Message | None = None) -> Hit:
    final = transaction.final
    refused = final is not None and final.status >= 300
    answer = "" if final is None else f"; it was answered {final.label}" if final.status != BAD_PACKAGE else ""
    evidence = [Evidence(frame=request.frames[-1], note=f"INFO, Info-Package: {request.info_package or 'none'}")]
    if stated is not None:
        note = f"Recv-Info: {', '.join(stated.recv_info)}" if "recv-info" in stated.headers else "no Recv-Info"
        evidence.insert(0, Evidence(frame=stated.frames[-1], note=note))
    if final is not None:
        evidence.append(Evidence(frame=final.frames[-1], note=final.label))
    return Hit(
        text=f"The INFO from {request.hop.source} {words}{answer}.",
        evidence=tuple(evidence),
        at=request.at,
        severity=ERROR if refused else WARNING,
        identity=(request.call_id, request.from_tag, words),
    )
