"""A transfer as one story: its kind, who sent whom where, what became of it, and how long it took.

What it finds
    Each REFER that was answered. The kind is told by Replaces in Refer-To and by what the transferor did with the
    target before; the outcome by the call that the REFER triggered, or by what was told of it where that call isn't
    in view. Roles that no message shows are called unknown.
Why it matters
    A transfer is three or four calls in a capture, and whoever looks for a lost caller must put them together first.
Example
    Bad:
        alice 192.0.2.10
        bob   192.0.2.20
        carol 192.0.2.30
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        1.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
              a=sendonly
        1.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
              a=recvonly
        1.2   alice -> bob  ACK
        2.0   alice -> bob  REFER
              Refer-To: <sip:carol@192.0.2.30>
        2.1   bob -> alice  202
        2.2   bob -> alice  NOTIFY sipfrag=100
        2.3   alice -> bob  200
        2.4   bob -> carol  INVITE call=2
              m=audio 5002 RTP/AVP 0
              Referred-By: <sip:alice@192.0.2.10>
        2.5   carol -> bob  200 call=2
              m=audio 6000 RTP/AVP 0
        2.6   bob -> carol  ACK call=2
        2.7   bob -> alice  NOTIFY sipfrag=200
        2.8   alice -> bob  200
        3.0   alice -> bob  BYE
        3.1   bob -> alice  200
        9.0   bob -> carol  BYE call=2
        9.1   carol -> bob  200 call=2
    Good:
        alice 192.0.2.10
        bob   192.0.2.20
        0.0   alice -> bob  INVITE
              m=audio 4000 RTP/AVP 0
        0.1   bob -> alice  200
              m=audio 5000 RTP/AVP 0
        0.2   alice -> bob  ACK
        9.0   alice -> bob  BYE
        9.1   bob -> alice  200
What to check
    - Nothing, where this is what the users meant to do.
    - Is the outcome what the transferor was told, and what its user said?
Sources
    RFC 5589 §6; RFC 5589 §7; RFC 3515 §2.4.4
"""

from collections.abc import Iterator

from sipscope.model.dialog import Dialog
from sipscope.model.finding import Evidence
from sipscope.model.header_values import Address
from sipscope.model.message import Message
from sipscope.model.time import in_seconds
from sipscope.model.trace import Trace
from sipscope.model.transfer import Transfer, TransferOutcome, TransferState
from sipscope.rules.api import INFO, Hit, rule
from sipscope.rules.hold import hold_in_force
from sipscope.rules.transfer_kinds import consultation_of, kind_words
from sipscope.rules.transfers import (
    original_dialog,
    refer_evidence,
    report_evidence,
    transfer_identity,
    transferor_side_of,
)


@rule("XFER-012", name="transfer-classified", severity=INFO, since="0.1", subject=Transfer)
def transfer_classified(transfer: Transfer, trace: Trace) -> Iterator[Hit]:
    """One finding for each REFER that was answered (RFC 5589 §6, §7)."""
    if transfer.refer.request is None or transfer.refer.final is None:
        return
    sentences = (_summary(transfer, trace), _times(transfer), _hold(transfer, trace), *_releases(transfer, trace))
    yield Hit(
        text=" ".join(sentence for sentence in sentences if sentence),
        evidence=_evidence(transfer, trace),
        at=transfer.started_at,
        identity=transfer_identity(transfer),
    )


def _summary(transfer: Transfer, trace: Trace) -> str:
    kind = kind_words(transfer, trace)
    return (
        f"{kind[0].upper()}{kind[1:]}, {_outcome_words(transfer)}: {_party(transfer.transferor)} sent "
        f"{_party(transfer.transferee)} to {_party(transfer.target)}."
    )


def _party(address: Address | None) -> str:
    return "an unknown party" if address is None else address.uri.address_of_record


def _outcome_words(transfer: Transfer) -> str:
    observed, reported = transfer.observed_status, transfer.reported_status
    status = observed if observed is not None else reported
    if transfer.outcome is TransferOutcome.REFUSED:
        return f"refused with {transfer.refer.final_status}"
    if transfer.outcome is TransferOutcome.UNKNOWN or status is None:
        return "outcome not in view"
    words = transfer.outcome.value if transfer.outcome is TransferOutcome.SUCCEEDED else f"failed with {status}"
    if observed is None:
        return f"{words} by what was told of it"
    return f"{words} and taken back" if transfer.state is TransferState.RECOVERED else words


def _times(transfer: Transfer) -> str:
    """From the REFER to the INVITE, from there to its answer, and when the result was told."""
    parts = []
    triggered, final = transfer.triggered, None if transfer.triggered is None else transfer.triggered.final
    if triggered is not None:
        parts.append(f"REFER to INVITE {in_seconds(triggered.started_at - transfer.started_at):.2f} s")
        if final is not None:
            end = "answer" if final.is_success else str(final.status)
            parts.append(f"INVITE to {end} {in_seconds(final.at - triggered.started_at):.2f} s")
    told = next((report for report in transfer.reports if report.is_final), None)
    if told is not None:
        parts.append(f"result told after {in_seconds(told.at - transfer.started_at):.2f} s")
    return f"{', '.join(parts)}." if parts else ""


def _hold(transfer: Transfer, trace: Trace) -> str:
    """For how long the transferee had been on hold at the answer of the new call, else at the REFER."""
    original = original_dialog(transfer, trace)
    side = None if original is None else transferor_side_of(transfer, original)
    if original is None or side is None:
        return ""
    step = hold_in_force(original, trace, side, transfer.started_at)
    if step is None:
        return ""
    final = None if transfer.triggered is None else transfer.triggered.final
    until, moment = transfer.started_at, "the REFER came"
    if final is not None and final.is_success:
        until, moment = final.at, "the new call was answered"
    return f"The transferee had been on hold for {in_seconds(until - step.at):.1f} s when {moment}."


def _releases(transfer: Transfer, trace: Trace) -> Iterator[str]:
    """Who ended the old call and the consultation behind the REFER."""
    original, consultation = original_dialog(transfer, trace), consultation_of(transfer, trace)
    if original is not None:
        yield _release("old call", original, transfer, "transferee")
    if consultation is not None and consultation is not original:
        yield _release("consultation", consultation, transfer, "target")


def _release(what: str, dialog: Dialog, transfer: Transfer, peer: str) -> str:
    release, side = dialog.release, transferor_side_of(transfer, dialog)
    if release is None or release.by is None or side is None or release.message.at < transfer.started_at:
        return ""
    if release.by is not side:
        return f"The {what} was ended by the {peer}."
    known = peer == "target" or transfer.outcome is TransferOutcome.REFUSED
    told = known or any(report.is_final and report.at <= release.message.at for report in transfer.reports)
    return f"The {what} was ended by the transferor{'' if told else ', who had not been told the result'}."


def _evidence(transfer: Transfer, trace: Trace) -> tuple[Evidence, ...]:
    found = [*refer_evidence(transfer), *(report_evidence(report) for report in transfer.reports)]
    for dialog, name in (
        (original_dialog(transfer, trace), "call"),
        (consultation_of(transfer, trace), "consultation"),
    ):
        if dialog is not None:
            found.append(_note(dialog.transactions[0].first, f"{name}, Call-ID {dialog.key.call_id}"))
            if dialog.release is not None:
                found.append(_note(dialog.release.message, f"end of the {name}"))
    if transfer.triggered is not None:
        found.append(_note(transfer.triggered.first, f"INVITE that the REFER triggered, Call-ID {_call_id(transfer)}"))
        if transfer.triggered.final is not None:
            found.append(_note(transfer.triggered.final, transfer.triggered.final.label))
    return tuple({item.frame: item for item in reversed(found)}.values())


def _call_id(transfer: Transfer) -> str:
    return "" if transfer.triggered is None else transfer.triggered.first.call_id or "unknown"


def _note(message: Message, note: str) -> Evidence:
    return Evidence(frame=message.frames[-1], note=note)
