"""Transfers: a REFER, what it triggered, and what was told about it (RFC 3515, RFC 3891, RFC 5589)."""

from enum import StrEnum

from sipscope.model.defects import Anomaly
from sipscope.model.dialog import Side
from sipscope.model.header_values import Address
from sipscope.model.time import Instant
from sipscope.model.transaction import Transaction
from sipscope.values import dataclass


class TransferKind(StrEnum):
    """How the transfer was done (RFC 5589 §6, §7)."""

    BLIND = "blind"
    ATTENDED = "attended"
    SEMI_ATTENDED = "semi-attended"
    OUT_OF_DIALOG = "out-of-dialog"
    CONFERENCE = "conference"
    OTHER = "other"


class TransferOutcome(StrEnum):
    """What really became of it."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class TransferState(StrEnum):
    """States of the transfer machine: one for every REFER. In `RELEASED` the transferor left before the result."""

    SENT = "T1"
    ACCEPTED = "T2"
    ACTIVE = "T3"
    ANSWERED = "T4"
    FAILED = "T5"
    REPORTED_SUCCESS = "T6"
    REPORTED_FAILURE = "T7"
    UNSUBSCRIBED = "TN"
    RELEASED = "TR"
    COMPLETE = "T8"
    RECOVERED = "T9"
    ABANDONED = "TX"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport:
    """What one NOTIFY of the refer event said.

    Attributes:
        transaction: The NOTIFY with its response.
        status: Status of the sipfrag; None when the body held none.
        reason_phrase: Its reason phrase.
        state: Subscription-State, lower-case; None when absent.
        problem: Why the body is no valid sipfrag, in words; None when it is one.
    """

    transaction: Transaction
    status: int | None
    reason_phrase: str = ""
    state: str | None = None
    problem: str | None = None

    @property
    def at(self) -> Instant:
        """When it was sent."""
        return self.transaction.started_at

    @property
    def is_final(self) -> bool:
        """Whether it reports a final status."""
        return self.status is not None and self.status >= 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """One REFER and its consequences.

    Attributes:
        id: `x1`, `x2` … by time.
        kind: How it was done.
        dialog_id: The dialog of transferor and transferee that it is about: the one the REFER was sent in, or the one
            that its Target-Dialog names (RFC 5589 §6.1); the REFER's own where neither is a call's, and None where that
            was refused.
        leg_id: The leg it was seen on.
        transferor: Sender of the REFER.
        transferor_side: Its side of the dialog; None when out of dialog.
        transferee: Receiver of the REFER.
        target: The Refer-To value.
        refer: The REFER transaction (the accepted or last one, after challenges).
        reports: NOTIFYs of the implicit subscription, in order.
        subscription_id: The implicit subscription.
        triggered: The INVITE transaction that the transferee sent because of it, last attempt; None when unseen.
        triggered_score: How surely it belongs to this REFER, 0–200; 70 and above is direct evidence.
        triggered_evidence: Why, in words.
        consultation_dialog_id: The dialog between transferor and target, for attended transfer.
        resulting_dialog_id: The dialog that the triggered INVITE created.
        state: Where the machine ends.
        outcome: What really became of it.
        reported_status: Last final status told by NOTIFY; None when none was.
        observed_status: Final status of the triggered INVITE; None when unseen.
        anomalies: What the machine found, each with the code of the rule that speaks of it.
    """

    id: str
    kind: TransferKind
    dialog_id: str | None
    leg_id: str | None
    transferor: Address | None
    transferor_side: Side | None
    transferee: Address | None
    target: Address | None
    refer: Transaction
    reports: tuple[ProgressReport, ...] = ()
    subscription_id: str | None = None
    triggered: Transaction | None = None
    triggered_score: int = 0
    triggered_evidence: tuple[str, ...] = ()
    consultation_dialog_id: str | None = None
    resulting_dialog_id: str | None = None
    state: TransferState = TransferState.SENT
    outcome: TransferOutcome = TransferOutcome.UNKNOWN
    reported_status: int | None = None
    observed_status: int | None = None
    anomalies: tuple[Anomaly, ...] = ()

    @property
    def started_at(self) -> Instant:
        """When the REFER was sent."""
        return self.refer.started_at
