"""Pictures of the state tables: a box for each state, a wire between two where an event leads from one to the other."""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum

from sipscope.model.offer_answer import MachineState
from sipscope.model.transaction import TransactionState
from sipscope.model.transfer import TransferState
from sipscope.render.svg import drawing_svg
from sipscope.render.topology_drawing import network_drawing
from sipscope.signalling.offer_answer_table import TABLE as OFFER_ANSWER
from sipscope.signalling.transaction_table import INVITE_TABLE, NON_INVITE_TABLE
from sipscope.signalling.transfer_table import TABLE as TRANSFER
from sipscope.views.tone import Tone
from sipscope.views.topology import NetworkBox, NetworkView, NetworkWire

Table = Mapping[Enum, Mapping[Enum, object]]
Columns = Sequence[Sequence[Enum]]

_T, _X, _S = TransactionState, TransferState, MachineState
_INVITE: Columns = (
    (_T.CALLING,),
    (_T.TIMED_OUT, _T.PROCEEDING),
    (_T.ACCEPTED, _T.COMPLETED),
    (_T.CONFIRMED,),
)
_NON_INVITE: Columns = ((_T.TRYING,), (_T.PROCEEDING, _T.TIMED_OUT), (_T.COMPLETED,))
_TRANSFER: Columns = (
    (_X.SENT,),
    (_X.ACCEPTED, _X.UNSUBSCRIBED),
    (_X.ACTIVE,),
    (_X.ANSWERED, _X.FAILED),
    (_X.REPORTED_SUCCESS, _X.REPORTED_FAILURE),
    (_X.COMPLETE, _X.RECOVERED),
)
_FIRST: Columns = (
    (_S.NOTHING,),
    (_S.OFFERED, _S.WAITING),
    (_S.PREVIEWED, _S.RELIABLE_OFFER, _S.ACK_DUE),
    (_S.EARLY_COMPLETE, _S.RELIABLE_OFFER_LATE),
    (_S.STABLE,),
)
_EARLY: Columns = (
    (_S.EARLY_COMPLETE,),
    (_S.PRACK_OFFER, _S.EARLY_UPDATE_CALLER, _S.EARLY_UPDATE_CALLEE),
    (_S.PRACK_OFFER_LATE, _S.UPDATE_CALLER, _S.UPDATE_CALLEE),
    (_S.STABLE,),
)
_LATER: Columns = (
    (_S.STABLE,),
    (_S.R_OFFERED, _S.R_WAITING),
    (_S.R_PREVIEWED, _S.R_RELIABLE_OFFER, _S.R_ACK_DUE),
    (_S.R_COMPLETE,),
    (_S.R_PRACK_OFFER, _S.R_UPDATE_CALLER, _S.R_UPDATE_CALLEE),
)


PICTURES: Sequence[tuple[str, str, Table, Columns]] = (
    ("invite-transaction", "INVITE transaction", INVITE_TABLE, _INVITE),
    ("other-transactions", "Other transactions", NON_INVITE_TABLE, _NON_INVITE),
    ("offer-answer-first", "Up to the first answer", OFFER_ANSWER, _FIRST),
    ("offer-answer-early", "Further offers before the call is answered", OFFER_ANSWER, _EARLY),
    ("offer-answer-later", "re-INVITE", OFFER_ANSWER, _LATER),
    ("transfer", "Transfer", TRANSFER, _TRANSFER),
)
"""Name, title, table and columns of each picture; states that no column names are left out."""


def diagrams() -> Iterator[tuple[str, str]]:
    """The name of each picture's file with the picture."""
    for name, title, table, columns in PICTURES:
        yield f"{name}.svg", drawing_svg(network_drawing(view_of(title, table, columns)))


def embedded(table: Table) -> str:
    """The pictures of a table as Markdown, for a page beside their folder."""
    return "\n\n".join(f"![{title}](state-tables/{name}.svg)" for name, title, other, _ in PICTURES if other is table)


def view_of(title: str, table: Table, columns: Columns) -> NetworkView:
    """The states of some columns, with what leads from one of them to another."""
    states = [state for column in columns for state in column]
    boxes = [
        NetworkBox(
            node=str(state.value),
            title=str(state.value),
            lines=() if _words(state) == str(state.value).replace("-", " ") else (_words(state).removeprefix("r "),),
            column=number,
            carries_signalling=True,
        )
        for number, column in enumerate(columns)
        for state in column
    ]
    pairs = ((first, second) for first in range(len(states)) for second in range(first + 1, len(states)))
    wires = (_wire(first, second, states, table) for first, second in pairs)
    return NetworkView(title=title, boxes=tuple(boxes), wires=tuple(wire for wire in wires if wire is not None))


def _wire(first: int, second: int, states: Sequence[Enum], table: Table) -> NetworkWire | None:
    there, back = (_events(table, states[one], states[other]) for one, other in ((first, second), (second, first)))
    if not there and not back:
        return None
    return NetworkWire(first=first, second=second, there=there, back=back, tone=Tone.PLAIN)


def _events(table: Table, source: Enum, target: Enum) -> str:
    """The events that lead from one state to another."""
    found = (event for event, step in table.get(source, {}).items() if getattr(step, "state", step) is target)
    return " · ".join(map(_words, found))


def _words(item: Enum) -> str:
    return item.name.lower().replace("_", " ")
