"""The transfer machine is one literal table: total, every state reachable, every event used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipscope.model.transfer import TransferState as S
from sipscope.signalling.transfer_table import TABLE, Event, Transition

PLANNED = {f"XFER-{number:03d}" for number in range(1, 23)}


def walk(*events: Event) -> tuple[S, list[str]]:
    state, anomalies = S.SENT, []
    for event in events:
        step = TABLE[state].get(event, Transition(state))
        state = step.state
        anomalies.extend(step.actions)
    return state, anomalies


def test_every_state_has_a_row() -> None:
    assert set(TABLE) == set(S)


def test_every_state_is_reachable_from_the_refer() -> None:
    reached = {S.SENT}
    while True:
        further = {step.state for state in reached for step in TABLE[state].values()} | reached
        if further == reached:
            break
        reached = further
    assert reached == set(S)


def test_every_event_is_used() -> None:
    assert {event for row in TABLE.values() for event in row} == set(Event)


def test_every_anomaly_names_a_transfer_rule() -> None:
    assert {step.anomaly for row in TABLE.values() for step in row.values() if step.anomaly} <= PLANNED


@given(st.lists(st.sampled_from(list(Event)), max_size=30))
def test_any_sequence_of_events_stays_inside_the_table(events: list[Event]) -> None:
    assert walk(*events)[0] in TABLE


NOTIFIED_SUCCESS = (Event.ACCEPTED, Event.NOTIFY_PROVISIONAL, Event.TRIGGERED, Event.TRIGGERED_SUCCESS)
NOTIFIED_FAILURE = (Event.ACCEPTED, Event.NOTIFY_PROVISIONAL, Event.TRIGGERED, Event.TRIGGERED_FAILURE)


@pytest.mark.parametrize(
    ("events", "state"),
    [
        pytest.param(
            (*NOTIFIED_SUCCESS, Event.NOTIFY_SUCCESS, Event.BYE_TRANSFEROR), S.COMPLETE, id="transferor-leaves"
        ),
        pytest.param(
            (*NOTIFIED_SUCCESS, Event.NOTIFY_SUCCESS, Event.BYE_TRANSFEREE), S.COMPLETE, id="transferee-leaves"
        ),
        pytest.param(
            (*NOTIFIED_SUCCESS, Event.BYE_TRANSFEREE, Event.NOTIFY_SUCCESS), S.COMPLETE, id="bye-before-notify"
        ),
        pytest.param((*NOTIFIED_FAILURE, Event.NOTIFY_FAILURE, Event.RESUME), S.RECOVERED, id="failure-then-resume"),
        pytest.param((*NOTIFIED_FAILURE, Event.RESUME), S.RECOVERED, id="resume-before-the-notify"),
        pytest.param((*NOTIFIED_FAILURE, Event.NOTIFY_FAILURE, Event.BYE_TRANSFEROR), S.ABANDONED, id="gives-up"),
        pytest.param((*NOTIFIED_FAILURE, Event.TRIGGERED, Event.TRIGGERED_SUCCESS), S.ANSWERED, id="second-attempt"),
        pytest.param((Event.ACCEPTED, Event.NOTIFY_SUCCESS), S.REPORTED_SUCCESS, id="single-notify"),
        pytest.param((Event.ACCEPTED, Event.BYE_TRANSFEROR), S.RELEASED, id="leaves-at-once"),
        pytest.param((Event.BYE_TRANSFEROR, Event.ACCEPTED), S.RELEASED, id="leaves-before-the-answer"),
        pytest.param((Event.ACCEPTED, Event.BYE_TRANSFEROR, Event.TRIGGERED_SUCCESS), S.COMPLETE, id="unattended"),
        pytest.param(
            (Event.ACCEPTED, Event.BYE_TRANSFEROR, Event.NOTIFY_SUCCESS), S.COMPLETE, id="unattended-notified"
        ),
        pytest.param((Event.ACCEPTED_UNSUBSCRIBED, Event.TRIGGERED_SUCCESS), S.ANSWERED, id="no-subscription"),
        pytest.param((Event.ACCEPTED_UNSUBSCRIBED, Event.BYE_TRANSFEROR), S.RELEASED, id="no-subscription-leaves"),
    ],
)
def test_legitimate_flow_ends_without_anomaly(events: tuple[Event, ...], state: S) -> None:
    assert walk(*events) == (state, [])


@pytest.mark.parametrize(
    ("events", "state", "anomalies"),
    [
        pytest.param((Event.REFUSED,), S.REPORTED_FAILURE, ["XFER-002"], id="refused"),
        pytest.param((Event.ACCEPTED, Event.FIRST_NOTIFY_DUE), S.ACCEPTED, ["XFER-004"], id="no-first-notify"),
        pytest.param(
            (Event.ACCEPTED, Event.TRIGGERED_SUCCESS, Event.FIRST_NOTIFY_DUE),
            S.ANSWERED,
            ["XFER-004"],
            id="answered-and-no-first-notify",
        ),
        pytest.param((*NOTIFIED_SUCCESS, Event.FINAL_NOTIFY_DUE), S.ANSWERED, ["XFER-005"], id="no-final-notify"),
        pytest.param(
            (Event.ACCEPTED, Event.NOTIFY_FINAL_ACTIVE, Event.NOTIFY_SUCCESS),
            S.REPORTED_SUCCESS,
            ["XFER-007"],
            id="final-status-while-active",
        ),
        pytest.param(
            (Event.ACCEPTED, Event.NOTIFY_SUCCESS, Event.NOTIFY_PROVISIONAL),
            S.REPORTED_SUCCESS,
            ["XFER-007"],
            id="notify-after-the-end",
        ),
        pytest.param((*NOTIFIED_FAILURE, Event.NOTIFY_SUCCESS), S.REPORTED_SUCCESS, ["XFER-009"], id="false-success"),
        pytest.param((*NOTIFIED_SUCCESS, Event.NOTIFY_FAILURE), S.REPORTED_FAILURE, ["XFER-009"], id="false-failure"),
        pytest.param(
            (Event.ACCEPTED, Event.NOTIFY_SUCCESS, Event.TRIGGERED, Event.TRIGGERED_FAILURE),
            S.REPORTED_SUCCESS,
            ["XFER-009"],
            id="optimistic-success",
        ),
        pytest.param(
            (Event.ACCEPTED_UNSUBSCRIBED, Event.NOTIFY_PROVISIONAL), S.UNSUBSCRIBED, ["XFER-010"], id="unwanted-notify"
        ),
        pytest.param((*NOTIFIED_FAILURE, Event.RECOVERY_DUE), S.FAILED, ["XFER-017"], id="no-recovery"),
        pytest.param(
            (Event.ACCEPTED, Event.BYE_TRANSFEROR, Event.TRIGGERED, Event.TRIGGERED_FAILURE),
            S.ABANDONED,
            ["XFER-018"],
            id="left-before-the-failure",
        ),
        pytest.param((*NOTIFIED_FAILURE, Event.BYE_TRANSFEROR), S.ABANDONED, ["XFER-018"], id="left-after-the-failure"),
    ],
)
def test_fault_is_named_where_it_shows(events: tuple[Event, ...], state: S, anomalies: list[str]) -> None:
    assert walk(*events) == (state, anomalies)
