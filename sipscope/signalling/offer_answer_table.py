"""The offer/answer machine as a literal table (RFC 3264, RFC 3262 §5, RFC 3311, RFC 6337).

What may live here: states, events, the next state, and what the step means. What may not: messages and descriptions.

One machine runs for each early or confirmed dialog on each leg. It doesn't know which party is observed: "UAC" is the
sender of the newest INVITE. A pair that is missing in a row is ignored: it is impossible, or says nothing about offers.
SDP in an unreliable response never completes an exchange.
"""

from collections.abc import Mapping
from enum import Enum, auto

from sipscope.model.offer_answer import MachineState as S
from sipscope.values import dataclass


class Event(Enum):
    """What a message means to the machine; SDP of disposition `session` only."""

    INVITE_SDP = auto()
    INVITE_PLAIN = auto()
    UNRELIABLE_PLAIN = auto()
    UNRELIABLE_SDP = auto()
    RELIABLE_PLAIN = auto()
    RELIABLE_SDP = auto()
    PRACK_PLAIN = auto()
    PRACK_SDP = auto()
    """PRACK with SDP for a response that carried SDP."""
    PRACK_SDP_STRAY = auto()
    """PRACK with SDP for a response that carried none."""
    PRACK_SUCCESS_PLAIN = auto()
    PRACK_SUCCESS_SDP = auto()
    PRACK_FAILURE = auto()
    UPDATE_BY_UAC = auto()
    """UPDATE with SDP; one without is no offer and no event."""
    UPDATE_BY_UAS = auto()
    UPDATE_SUCCESS_PLAIN = auto()
    UPDATE_SUCCESS_SDP = auto()
    UPDATE_FAILURE = auto()
    SUCCESS_PLAIN = auto()
    SUCCESS_SDP = auto()
    ACK_PLAIN = auto()
    ACK_SDP = auto()
    FAILURE = auto()
    """Final response of 300 or above to the INVITE."""
    RELEASE = auto()
    """BYE."""

    # The table is asked for every message; the hash of an enumeration's member is computed in Python.
    __hash__ = object.__hash__


class Action(Enum):
    """What a step does with the exchanges."""

    NOTHING = "nothing"
    OFFER = "offer"
    ANSWER = "answer"
    PREVIEW = "preview"
    COMPARE = "compare with what was said"
    TAKE_PREVIEW = "preview taken for the answer"
    BREAK = "answer never came"
    KEEP = "no change"
    REFUSE = "offer refused"
    END = "end"

    __hash__ = object.__hash__


@dataclass(frozen=True, slots=True)
class Transition:
    """One cell of the table.

    Attributes:
        state: The next state.
        action: What it means for the exchange in progress.
        anomaly: Code of the rule that speaks of it; empty where nothing is wrong. With `COMPARE` it applies only if the
            description differs from everything its sender has written since the INVITE.
        variant: Sub-case of the rule.
    """

    state: S
    action: Action = Action.NOTHING
    anomaly: str = ""
    variant: str = ""

    @property
    def actions(self) -> tuple[str, ...]:
        """Action and anomaly in words, for the printed table."""
        words = [] if self.action is Action.NOTHING else [self.action.value]
        return (*words, *([self.anomaly] if self.anomaly else []))


Row = Mapping[Event, Transition]

_INITIAL: dict[S, dict[Event, Transition]] = {
    S.NOTHING: {
        Event.INVITE_SDP: Transition(S.OFFERED, Action.OFFER),
        Event.INVITE_PLAIN: Transition(S.WAITING),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # An offer is out. Only a reliable response can answer it.
    S.OFFERED: {
        Event.UNRELIABLE_SDP: Transition(S.PREVIEWED, Action.PREVIEW),
        Event.RELIABLE_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.PRACK_SDP: Transition(S.OFFERED, anomaly="PRK-011"),
        Event.PRACK_SDP_STRAY: Transition(S.OFFERED, anomaly="PRK-011"),
        Event.PRACK_SUCCESS_SDP: Transition(S.OFFERED, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.OFFERED, anomaly="UPD-002"),
        Event.UPDATE_BY_UAS: Transition(S.OFFERED, anomaly="UPD-002"),
        Event.SUCCESS_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.SUCCESS_PLAIN: Transition(S.BROKEN, Action.BREAK, "OA-015"),
        Event.FAILURE: Transition(S.ENDED, Action.REFUSE),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # As before, with the SDP of an unreliable response at hand: callers act on it, so the real answer must not differ.
    S.PREVIEWED: {
        Event.UNRELIABLE_SDP: Transition(S.PREVIEWED, Action.PREVIEW),
        Event.RELIABLE_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.PRACK_SDP: Transition(S.PREVIEWED, anomaly="PRK-011"),
        Event.PRACK_SDP_STRAY: Transition(S.PREVIEWED, anomaly="PRK-011"),
        Event.PRACK_SUCCESS_SDP: Transition(S.PREVIEWED, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.PREVIEWED, anomaly="UPD-002"),
        Event.UPDATE_BY_UAS: Transition(S.PREVIEWED, anomaly="UPD-002"),
        Event.SUCCESS_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.SUCCESS_PLAIN: Transition(S.STABLE, Action.TAKE_PREVIEW, "OA-015", "unreliable-only"),
        Event.FAILURE: Transition(S.ENDED, Action.REFUSE),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # The INVITE had no SDP: the first reliable response must carry the offer.
    S.WAITING: {
        Event.UNRELIABLE_SDP: Transition(S.WAITING, anomaly="OA-018", variant="hint"),
        Event.RELIABLE_PLAIN: Transition(S.WAITING, anomaly="OA-018"),
        Event.RELIABLE_SDP: Transition(S.RELIABLE_OFFER, Action.OFFER),
        Event.PRACK_SDP: Transition(S.WAITING, anomaly="PRK-011"),
        Event.PRACK_SDP_STRAY: Transition(S.WAITING, anomaly="PRK-011"),
        Event.PRACK_SUCCESS_SDP: Transition(S.WAITING, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.WAITING, anomaly="UPD-002"),
        Event.UPDATE_BY_UAS: Transition(S.WAITING, anomaly="UPD-002"),
        Event.SUCCESS_SDP: Transition(S.ACK_DUE, Action.OFFER),
        Event.SUCCESS_PLAIN: Transition(S.BROKEN, anomaly="OA-018"),
        Event.FAILURE: Transition(S.ENDED, Action.REFUSE),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.RELIABLE_OFFER: {
        Event.UNRELIABLE_SDP: Transition(S.RELIABLE_OFFER, Action.COMPARE, "OA-017"),
        Event.RELIABLE_SDP: Transition(S.RELIABLE_OFFER, Action.COMPARE, "OA-028"),
        Event.PRACK_PLAIN: Transition(S.BROKEN, Action.BREAK, "OA-019"),
        Event.PRACK_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.PRACK_SDP_STRAY: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.PRACK_SUCCESS_SDP: Transition(S.RELIABLE_OFFER, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.RELIABLE_OFFER, anomaly="UPD-002"),
        Event.UPDATE_BY_UAS: Transition(S.RELIABLE_OFFER, anomaly="UPD-002"),
        # The answer is still due in the PRACK although the INVITE is answered.
        Event.SUCCESS_PLAIN: Transition(S.RELIABLE_OFFER_LATE),
        Event.SUCCESS_SDP: Transition(S.RELIABLE_OFFER_LATE, Action.COMPARE, "OA-028"),
        Event.FAILURE: Transition(S.ENDED, Action.REFUSE),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.ACK_DUE: {
        Event.UPDATE_BY_UAC: Transition(S.ACK_DUE, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.ACK_DUE, anomaly="OA-020"),
        Event.ACK_PLAIN: Transition(S.BROKEN, Action.BREAK, "OA-019"),
        Event.ACK_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # The exchange is complete while the INVITE goes on. Only PRACK and UPDATE may offer.
    S.EARLY_COMPLETE: {
        Event.UNRELIABLE_SDP: Transition(S.EARLY_COMPLETE, Action.COMPARE, "OA-017"),
        Event.RELIABLE_SDP: Transition(S.EARLY_COMPLETE, Action.COMPARE, "OA-017"),
        Event.PRACK_SDP: Transition(S.PRACK_OFFER, Action.OFFER),
        Event.PRACK_SDP_STRAY: Transition(S.EARLY_COMPLETE, anomaly="PRK-011"),
        Event.PRACK_SUCCESS_SDP: Transition(S.EARLY_COMPLETE, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.EARLY_UPDATE_CALLER, Action.OFFER),
        Event.UPDATE_BY_UAS: Transition(S.EARLY_UPDATE_CALLEE, Action.OFFER),
        Event.UPDATE_SUCCESS_SDP: Transition(S.EARLY_COMPLETE, anomaly="OA-028"),
        Event.SUCCESS_PLAIN: Transition(S.STABLE),
        Event.SUCCESS_SDP: Transition(S.STABLE, Action.COMPARE, "OA-017"),
        # The 2xx isn't in the capture.
        Event.ACK_PLAIN: Transition(S.STABLE),
        Event.FAILURE: Transition(S.ENDED, Action.END),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.PRACK_OFFER: {
        Event.UNRELIABLE_SDP: Transition(S.PRACK_OFFER, Action.COMPARE, "OA-017"),
        Event.RELIABLE_SDP: Transition(S.PRACK_OFFER, Action.COMPARE, "OA-028"),
        Event.PRACK_SDP: Transition(S.PRACK_OFFER, anomaly="OA-020"),
        Event.PRACK_SDP_STRAY: Transition(S.PRACK_OFFER, anomaly="OA-020"),
        Event.PRACK_SUCCESS_PLAIN: Transition(S.EARLY_COMPLETE, Action.KEEP, "OA-015"),
        Event.PRACK_SUCCESS_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.PRACK_FAILURE: Transition(S.EARLY_COMPLETE, Action.REFUSE, "PRK-007"),
        Event.UPDATE_BY_UAC: Transition(S.PRACK_OFFER, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.PRACK_OFFER, anomaly="OA-021"),
        # The answer of the PRACK may still come.
        Event.SUCCESS_PLAIN: Transition(S.PRACK_OFFER_LATE),
        Event.SUCCESS_SDP: Transition(S.PRACK_OFFER_LATE, Action.COMPARE, "OA-017"),
        Event.FAILURE: Transition(S.ENDED, Action.END),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.EARLY_UPDATE_CALLER: {
        Event.UNRELIABLE_SDP: Transition(S.EARLY_UPDATE_CALLER, Action.COMPARE, "OA-017"),
        Event.RELIABLE_SDP: Transition(S.EARLY_UPDATE_CALLER, Action.COMPARE, "OA-028"),
        Event.PRACK_SDP: Transition(S.EARLY_UPDATE_CALLER, anomaly="OA-021", variant="prack"),
        Event.PRACK_SDP_STRAY: Transition(S.EARLY_UPDATE_CALLER, anomaly="OA-021", variant="prack"),
        Event.PRACK_SUCCESS_SDP: Transition(S.EARLY_UPDATE_CALLER, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.EARLY_UPDATE_CALLER, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.EARLY_UPDATE_CALLER, anomaly="OA-021"),
        Event.UPDATE_SUCCESS_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.UPDATE_SUCCESS_PLAIN: Transition(S.EARLY_COMPLETE, Action.KEEP, "OA-015"),
        Event.UPDATE_FAILURE: Transition(S.EARLY_COMPLETE, Action.REFUSE),
        Event.SUCCESS_PLAIN: Transition(S.UPDATE_CALLER),
        Event.SUCCESS_SDP: Transition(S.UPDATE_CALLER, Action.COMPARE, "OA-017"),
        Event.FAILURE: Transition(S.ENDED, Action.END),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.EARLY_UPDATE_CALLEE: {
        Event.UNRELIABLE_SDP: Transition(S.EARLY_UPDATE_CALLEE, Action.COMPARE, "OA-017"),
        Event.RELIABLE_SDP: Transition(S.EARLY_UPDATE_CALLEE, Action.COMPARE, "OA-028"),
        Event.PRACK_SDP: Transition(S.EARLY_UPDATE_CALLEE, anomaly="OA-021", variant="prack"),
        Event.PRACK_SDP_STRAY: Transition(S.EARLY_UPDATE_CALLEE, anomaly="OA-021", variant="prack"),
        Event.PRACK_SUCCESS_SDP: Transition(S.EARLY_UPDATE_CALLEE, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.EARLY_UPDATE_CALLEE, anomaly="OA-021"),
        Event.UPDATE_BY_UAS: Transition(S.EARLY_UPDATE_CALLEE, anomaly="OA-020"),
        Event.UPDATE_SUCCESS_SDP: Transition(S.EARLY_COMPLETE, Action.ANSWER),
        Event.UPDATE_SUCCESS_PLAIN: Transition(S.EARLY_COMPLETE, Action.KEEP, "OA-015"),
        Event.UPDATE_FAILURE: Transition(S.EARLY_COMPLETE, Action.REFUSE),
        Event.SUCCESS_PLAIN: Transition(S.UPDATE_CALLEE),
        Event.SUCCESS_SDP: Transition(S.UPDATE_CALLEE, Action.COMPARE, "OA-017"),
        Event.FAILURE: Transition(S.ENDED, Action.END),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
}

DURING_REINVITE: Mapping[S, S] = {
    S.OFFERED: S.R_OFFERED,
    S.PREVIEWED: S.R_PREVIEWED,
    S.WAITING: S.R_WAITING,
    S.RELIABLE_OFFER: S.R_RELIABLE_OFFER,
    S.ACK_DUE: S.R_ACK_DUE,
    S.EARLY_COMPLETE: S.R_COMPLETE,
    S.PRACK_OFFER: S.R_PRACK_OFFER,
    S.EARLY_UPDATE_CALLER: S.R_UPDATE_CALLER,
    S.EARLY_UPDATE_CALLEE: S.R_UPDATE_CALLEE,
}
"""The same states during a re-INVITE: a failure goes back to the stable state instead of ending the dialog."""


def _reinvite_row(row: Row) -> dict[Event, Transition]:
    """A row of the initial INVITE as it holds during a re-INVITE (RFC 3261 §14.1, RFC 6337 §3.4)."""
    changed = {
        event: Transition(DURING_REINVITE.get(step.state, step.state), step.action, step.anomaly, step.variant)
        for event, step in row.items()
    }
    if Event.FAILURE in row:
        refused = row[Event.FAILURE].action is Action.REFUSE
        # A completed exchange inside a re-INVITE that fails leaves the session ambiguous (RFC 6141 §3.3).
        changed[Event.FAILURE] = (
            Transition(S.STABLE, Action.REFUSE) if refused else Transition(S.STABLE, Action.KEEP, "OA-025")
        )
    return changed


_LATER: dict[S, dict[Event, Transition]] = {
    S.STABLE: {
        Event.INVITE_SDP: Transition(S.R_OFFERED, Action.OFFER),
        Event.INVITE_PLAIN: Transition(S.R_WAITING),
        Event.PRACK_SUCCESS_SDP: Transition(S.STABLE, anomaly="OA-028"),
        Event.UPDATE_BY_UAC: Transition(S.UPDATE_CALLER, Action.OFFER),
        Event.UPDATE_BY_UAS: Transition(S.UPDATE_CALLEE, Action.OFFER),
        Event.UPDATE_SUCCESS_SDP: Transition(S.STABLE, anomaly="OA-028"),
        Event.ACK_SDP: Transition(S.STABLE, anomaly="OA-017"),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.UPDATE_CALLER: {
        Event.UPDATE_BY_UAC: Transition(S.UPDATE_CALLER, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.UPDATE_CALLER, anomaly="OA-021"),
        Event.UPDATE_SUCCESS_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.UPDATE_SUCCESS_PLAIN: Transition(S.STABLE, Action.KEEP, "OA-015"),
        Event.UPDATE_FAILURE: Transition(S.STABLE, Action.REFUSE),
        Event.ACK_SDP: Transition(S.UPDATE_CALLER, anomaly="OA-017"),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.UPDATE_CALLEE: {
        Event.UPDATE_BY_UAC: Transition(S.UPDATE_CALLEE, anomaly="OA-021"),
        Event.UPDATE_BY_UAS: Transition(S.UPDATE_CALLEE, anomaly="OA-020"),
        Event.UPDATE_SUCCESS_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.UPDATE_SUCCESS_PLAIN: Transition(S.STABLE, Action.KEEP, "OA-015"),
        Event.UPDATE_FAILURE: Transition(S.STABLE, Action.REFUSE),
        Event.ACK_SDP: Transition(S.UPDATE_CALLEE, anomaly="OA-017"),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # The 2xx overtook the PRACK exchange; the ACK says nothing about it.
    S.RELIABLE_OFFER_LATE: {
        Event.PRACK_PLAIN: Transition(S.BROKEN, Action.BREAK, "OA-019"),
        Event.PRACK_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.PRACK_SDP_STRAY: Transition(S.STABLE, Action.ANSWER),
        Event.UPDATE_BY_UAC: Transition(S.RELIABLE_OFFER_LATE, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.RELIABLE_OFFER_LATE, anomaly="OA-020"),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.PRACK_OFFER_LATE: {
        Event.PRACK_SUCCESS_PLAIN: Transition(S.STABLE, Action.KEEP, "OA-015"),
        Event.PRACK_SUCCESS_SDP: Transition(S.STABLE, Action.ANSWER),
        Event.PRACK_FAILURE: Transition(S.STABLE, Action.REFUSE, "PRK-007"),
        Event.UPDATE_BY_UAC: Transition(S.PRACK_OFFER_LATE, anomaly="OA-020"),
        Event.UPDATE_BY_UAS: Transition(S.PRACK_OFFER_LATE, anomaly="OA-021"),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # A due answer never came. The call may go on; the next complete exchange sets a new base.
    S.BROKEN: {
        Event.INVITE_SDP: Transition(S.R_OFFERED, Action.OFFER),
        Event.INVITE_PLAIN: Transition(S.R_WAITING),
        Event.UPDATE_BY_UAC: Transition(S.UPDATE_CALLER, Action.OFFER),
        Event.UPDATE_BY_UAS: Transition(S.UPDATE_CALLEE, Action.OFFER),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    # The capture begins inside the dialog: the first message that tells decides.
    S.UNKNOWN: {
        Event.INVITE_SDP: Transition(S.R_OFFERED, Action.OFFER),
        Event.INVITE_PLAIN: Transition(S.R_WAITING),
        Event.UPDATE_BY_UAC: Transition(S.UPDATE_CALLER, Action.OFFER),
        Event.UPDATE_BY_UAS: Transition(S.UPDATE_CALLEE, Action.OFFER),
        Event.SUCCESS_PLAIN: Transition(S.STABLE),
        Event.ACK_PLAIN: Transition(S.STABLE),
        Event.ACK_SDP: Transition(S.STABLE),
        Event.RELEASE: Transition(S.ENDED, Action.END),
    },
    S.ENDED: {},
}

TABLE: Mapping[S, Row] = {
    **_INITIAL,
    **{DURING_REINVITE[state]: _reinvite_row(row) for state, row in _INITIAL.items() if state in DURING_REINVITE},
    **_LATER,
}
"""The whole machine: one row a state."""
