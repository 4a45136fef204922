"""The offer/answer machine is one literal table: total, every state reachable, every event used (RFC 6337)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.offer_answer import MachineState as S
from sipscope.signalling.offer_answer_table import DURING_REINVITE, TABLE, Action, Event, Transition

NAMED = {
    "OA-015", "OA-017", "OA-018", "OA-019", "OA-020", "OA-021", "OA-025", "OA-028", "PRK-007", "PRK-011", "UPD-002",
}  # fmt: skip
INITIAL = sorted(DURING_REINVITE, key=str)
WAITS = {Action.ANSWER, Action.PREVIEW, Action.TAKE_PREVIEW, Action.BREAK, Action.REFUSE, Action.KEEP}


def after(state: S, event: Event) -> Transition:
    """Where an event leads; a pair that is not in the table says nothing about offers."""
    return TABLE[state].get(event, Transition(state))


def test_every_state_has_a_row() -> None:
    assert set(TABLE) == set(S)


@pytest.mark.parametrize("state", S)
def test_every_event_leaves_a_state_for_one_that_has_a_row(state: S) -> None:
    assert {after(state, event).state for event in Event} <= set(TABLE)


def test_every_state_is_reachable_from_the_beginning_of_a_dialog() -> None:
    reached = {S.NOTHING, S.UNKNOWN}
    while True:
        further = reached | {step.state for state in reached for step in TABLE[state].values()}
        if further == reached:
            break
        reached = further
    assert reached == set(S)


def test_every_event_that_carries_a_description_is_used() -> None:
    used = {event for row in TABLE.values() for event in row}
    assert set(Event) - used == {Event.UNRELIABLE_PLAIN}


def test_every_anomaly_names_a_rule_of_the_catalogue() -> None:
    assert {step.anomaly for row in TABLE.values() for step in row.values() if step.anomaly} == NAMED


def test_nothing_leaves_an_ended_dialog() -> None:
    assert not TABLE[S.ENDED]


@pytest.mark.parametrize("state", [state for state in S if state is not S.ENDED])
def test_a_release_ends_every_state(state: S) -> None:
    assert after(state, Event.RELEASE).state is S.ENDED


@pytest.mark.parametrize("state", INITIAL)
def test_a_refused_initial_invite_ends_the_dialog_unless_it_was_answered(state: S) -> None:
    assert after(state, Event.FAILURE).state is (S.ACK_DUE if state is S.ACK_DUE else S.ENDED)


@pytest.mark.parametrize("state", INITIAL)
def test_a_refused_reinvite_goes_back_to_the_stable_session(state: S) -> None:
    during = DURING_REINVITE[state]
    assert after(during, Event.FAILURE).state is (S.R_ACK_DUE if state is S.ACK_DUE else S.STABLE)


@pytest.mark.parametrize("state", [S.R_COMPLETE, S.R_PRACK_OFFER, S.R_UPDATE_CALLER, S.R_UPDATE_CALLEE])
def test_a_reinvite_refused_after_a_complete_exchange_is_told(state: S) -> None:
    assert after(state, Event.FAILURE).anomaly == "OA-025"


@pytest.mark.parametrize("state", INITIAL)
def test_a_reinvite_moves_as_the_initial_invite_does(state: S) -> None:
    initial = {event: step for event, step in TABLE[state].items() if event is not Event.FAILURE}
    during = {event: step for event, step in TABLE[DURING_REINVITE[state]].items() if event is not Event.FAILURE}
    assert during == {
        event: Transition(DURING_REINVITE.get(step.state, step.state), step.action, step.anomaly, step.variant)
        for event, step in initial.items()
    }


@pytest.mark.parametrize("state", [state for state in S if state in {*DURING_REINVITE, *DURING_REINVITE.values()}])
def test_an_unreliable_response_never_completes_an_exchange(state: S) -> None:
    assert after(state, Event.UNRELIABLE_SDP).action in {Action.NOTHING, Action.PREVIEW, Action.COMPARE}


@pytest.mark.parametrize("state", S)
def test_an_answer_is_never_taken_where_no_offer_waits(state: S) -> None:
    waiting = {
        S.OFFERED, S.PREVIEWED, S.WAITING, S.RELIABLE_OFFER, S.ACK_DUE, S.PRACK_OFFER,
        S.EARLY_UPDATE_CALLER, S.EARLY_UPDATE_CALLEE,
        S.R_OFFERED, S.R_PREVIEWED, S.R_WAITING, S.R_RELIABLE_OFFER, S.R_ACK_DUE, S.R_PRACK_OFFER,
        S.R_UPDATE_CALLER, S.R_UPDATE_CALLEE,
        S.RELIABLE_OFFER_LATE, S.PRACK_OFFER_LATE, S.UPDATE_CALLER, S.UPDATE_CALLEE,
    }  # fmt: skip
    settles = {event for event, step in TABLE[state].items() if step.action in WAITS and step.anomaly != "OA-025"}
    assert not settles or state in waiting


@pytest.mark.parametrize("state", S)
def test_no_state_opens_a_second_offer_while_one_waits(state: S) -> None:
    opens = {event for event, step in TABLE[state].items() if step.action is Action.OFFER}
    settles = {event for event, step in TABLE[state].items() if step.action is Action.ANSWER}
    assert not (opens and settles)


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_any_sequence_of_events_stays_inside_the_table(events: list[Event]) -> None:
    state = S.NOTHING
    for event in events:
        state = after(state, event).state
    assert state in TABLE


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Transition(S.STABLE), ()),
        (Transition(S.STABLE, Action.ANSWER), ("answer",)),
        (Transition(S.STABLE, anomaly="OA-017"), ("OA-017",)),
        (Transition(S.BROKEN, Action.BREAK, "OA-015"), ("answer never came", "OA-015")),
    ],
)
def test_a_printed_step_says_its_action_and_its_anomaly(step: Transition, words: tuple[str, ...]) -> None:
    assert step.actions == words
