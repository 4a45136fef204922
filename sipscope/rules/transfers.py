"""What the rules about transfers share."""

from sipscope.model.dialog import Dialog, Leg, Side
from sipscope.model.finding import Evidence
from sipscope.model.header_values import DialogReference
from sipscope.model.message import Request
from sipscope.model.time import SECOND, Duration, Instant
from sipscope.model.trace import Trace
from sipscope.model.transfer import ProgressReport, Transfer
from sipscope.rules import guards

DIRECT_SCORE = 70
"""From this score on, the triggered request is told by direct evidence."""

FIRST_NOTIFY: Duration = 4 * SECOND
"""How long the first NOTIFY may take; RFC 3515 §2.4.4 wants it at once."""


def refer_request(transfer: Transfer) -> Request | None:
    """The REFER itself."""
    return transfer.refer.request


def accepted_at(transfer: Transfer) -> Instant | None:
    """When the REFER was accepted; None when it wasn't."""
    final = transfer.refer.final
    return final.at if final is not None and final.is_success else None


def subscription_granted(transfer: Transfer) -> bool:
    """Whether accepting the REFER created an implicit subscription (RFC 4488 §4, RFC 7614 §4)."""
    request, final = transfer.refer.request, transfer.refer.final
    if request is None or final is None:
        return False
    return final.refer_sub != "false" and not {"nosub", "explicitsub"} & set(request.require)


def asked_for_silence(transfer: Transfer) -> bool:
    """Whether the REFER asked for no subscription with Refer-Sub (RFC 4488 §4), granted or not."""
    request = transfer.refer.request
    return request is not None and request.refer_sub == "false"


def leg_of(transfer: Transfer, trace: Trace) -> Leg | None:
    """The leg that the REFER was seen on."""
    return None if transfer.leg_id is None else trace.index.legs.get(transfer.leg_id)


def original_dialog(transfer: Transfer, trace: Trace) -> Dialog | None:
    """The call that is transferred: that of the REFER, else the one its Target-Dialog names (RFC 5589 §6.1)."""
    dialog = None if transfer.dialog_id is None else trace.index.dialogs.get(transfer.dialog_id)
    if dialog is not None and dialog.is_invite:
        return dialog
    request = transfer.refer.request
    named = None if request is None else request.target_dialog
    return None if named is None else dialog_named(named, trace)


def dialog_named(reference: DialogReference, trace: Trace) -> Dialog | None:
    """The dialog with that Call-ID and those tags, whoever called; None where it isn't in view."""
    wanted = {reference.to_tag or "", reference.from_tag or ""}
    dialogs = trace.index.dialogs_of_call_id.get(reference.call_id, ())
    return next((item for item in dialogs if {item.key.caller_tag, item.key.callee_tag} == wanted), None)


def transferor_side_of(transfer: Transfer, dialog: Dialog) -> Side | None:
    """Which side of a dialog the transferor is: by its tag, else by the address that the REFER came from."""
    if dialog.id == transfer.dialog_id:
        return transfer.transferor_side
    host = transfer.refer.first.hop.source.address
    sides = [side for side in Side if dialog.party(side).endpoint.address == host]
    return sides[0] if len(sides) == 1 else None


def notify_would_pass(transfer: Transfer, trace: Trace) -> bool:
    """Whether a NOTIFY of the transferee passes this tap.

    A REFER inside a dialog followed the dialog's route set to this leg, and requests the other way follow the same
    one. A REFER outside a dialog may have been routed by a proxy that doesn't stay in the path.
    """
    request = transfer.refer.request
    if request is None or not guards.answers_visible(trace, request):
        return False
    return request.to_tag is not None


def transferor_left(transfer: Transfer, trace: Trace, before: Instant) -> Request | None:
    """The BYE with which the transferor left the dialog of the REFER before an instant."""
    dialog = None if transfer.dialog_id is None else trace.index.dialogs.get(transfer.dialog_id)
    if dialog is None or transfer.transferor_side is None:
        return None
    for bye in dialog.byes:
        if bye.request is not None and dialog.sender_of(bye.request) is transfer.transferor_side:
            return bye.request if bye.request.at <= before else None
    return None


def transferee_side(transfer: Transfer) -> Side | None:
    """The side of the dialog that got the REFER."""
    return None if transfer.transferor_side is None else transfer.transferor_side.other


def refer_evidence(transfer: Transfer) -> tuple[Evidence, ...]:
    """The REFER and its final response."""
    request, final = transfer.refer.request, transfer.refer.final
    found = []
    if request is not None:
        target = request.headers.get("refer-to") or "no Refer-To"
        found.append(Evidence(frame=request.frames[-1], note=f"REFER, Refer-To: {target}"))
    if final is not None:
        found.append(Evidence(frame=final.frames[-1], note=final.label))
    return tuple(found)


def report_evidence(report: ProgressReport) -> Evidence:
    """One NOTIFY with what it said."""
    status = "no sipfrag" if report.status is None else f"sipfrag {report.status} {report.reason_phrase}".strip()
    return Evidence(
        frame=report.transaction.first.frames[-1],
        note=f"NOTIFY: {status}, Subscription-State: {report.state or 'missing'}",
    )


def target_words(transfer: Transfer) -> str:
    """Who the transfer was to."""
    return "an unknown target" if transfer.target is None else transfer.target.uri.address_of_record


def transfer_identity(transfer: Transfer, *rest: object) -> tuple[object, ...]:
    """Equal for one REFER over all hops."""
    first = transfer.refer.first
    return (first.call_id, first.from_tag, first.cseq, *rest)
