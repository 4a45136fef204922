"""Conferences are told as their documents tell them: who was in when, how they came, and nobody is accused."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from sipscope.model.conference import Conference
from sipscope.model.trace import Trace
from sipscope.pipeline import analyze
from tests.flows import conferences
from tests.flows.story import accusations_of
from tests.trace_script import BASE, capture_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A conference: kind and user of its URI, then `who how from-until` in seconds of the script, each participant."""

    conference: str
    participants: tuple[str, ...]


def expected(conference: str, *participants: str) -> Expected:
    return Expected(conference=conference, participants=participants)


FLOWS = {
    "F38 dial-in, one watches": (
        conferences.DIAL_IN,
        [expected("focus room", "alice dial-in 1-", "bob dial-in 4-20", "carol dial-in 11-")],
    ),
    "F38 dial-out by REFER, removed by REFER": (
        conferences.DIAL_OUT_BY_REFER,
        [expected("focus room", "alice dial-in 1-", "carol dial-out by REFER 4.5-20.4")],
    ),
    "F38 dial-out by REFER to somebody busy": (
        conferences.DIAL_OUT_REFUSED,
        [expected("focus room", "alice dial-in 1-", "carol dial-out by REFER refused 486")],
    ),
    "RFC 4579 dial-in by REFER": (
        conferences.REFERRED_IN,
        [expected("focus room", "alice dial-in 1-", "bob dial-in by REFER 7.5-")],
    ),
    "cascaded conferences": (
        conferences.CASCADED,
        [
            expected("focus room", "alice dial-in 1-", "hall dial-out 4-"),
            expected("focus hall", "bob dial-in 2-", "room dial-in 4-"),
        ],
    ),
    "RFC 4579 phone becomes the focus of its calls": (
        conferences.AD_HOC,
        [expected("focus bob", "alice taken in 10-", "bob host 10-", "carol taken in 10.5-30")],
    ),
    "F37 phone joins two calls": (
        conferences.MIXED_BY_A_PHONE,
        [expected("mixing phone bob", "bob host 10.1-30", "alice taken in 10.1-30", "carol taken in 10.1-30")],
    ),
    "F37 referee joins the referrer": (
        conferences.MIXED_BY_THE_REFEREE,
        [expected("mixing phone bob", "bob host 9.1-30", "alice taken in 9.1-30", "carol taken in 9.1-30")],
    ),
    "going to and fro between two calls is none": (conferences.GOING_TO_AND_FRO, []),
}

EVERY_FLOW = pytest.mark.parametrize(("script", "story"), FLOWS.values(), ids=FLOWS.keys())


def trace_of(script: str, folder: Path) -> Trace:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(script))
    return analyze(str(path))


def told(conference: Conference) -> Expected:
    participants = []
    for item in conference.participants:
        times = f"{seconds(item.joined_at)}-{seconds(item.left_at)}"
        came = times if item.refused_with is None else f"refused {item.refused_with}"
        participants.append(f"{user(item.uri)} {item.entry.value} {came}")
    return expected(f"{conference.kind.value} {user(conference.uri)}", *participants)


def user(uri: str) -> str:
    return uri.removeprefix("sip:").partition("@")[0]


def seconds(instant: int | None) -> str:
    return "" if instant is None else f"{(instant - BASE) / 1e9:g}"


@EVERY_FLOW
def test_conference_is_told_with_who_was_in_when(script: str, story: list[Expected], tmp_path: Path) -> None:
    assert [told(item) for item in trace_of(script, tmp_path).conferences] == story


@EVERY_FLOW
def test_conference_flow_accuses_nobody(script: str, story: list[Expected], tmp_path: Path) -> None:
    assert accusations_of(trace_of(script, tmp_path)) == ()


@EVERY_FLOW
def test_every_call_of_a_conference_names_it_as_a_service(script: str, story: list[Expected], tmp_path: Path) -> None:
    trace = trace_of(script, tmp_path)
    dialogs = {item.dialog_id for conference in trace.conferences for item in conference.participants}
    in_one = [call.id for call in trace.calls if dialogs & {dialog.id for dialog in call.dialogs}]
    assert [call.id for call in trace.calls if "conference" in {item.name for item in call.services}] == in_one


def test_documents_tell_versions_and_who_is_in(tmp_path: Path) -> None:
    (conference,) = trace_of(conferences.DIAL_IN, tmp_path).conferences
    assert [(item.version, item.is_full, [user(uri) for uri in item.present]) for item in conference.reports] == [
        (0, True, ["alice", "bob"]),
        (1, False, ["alice", "bob", "carol"]),
        (2, False, ["alice", "carol"]),
    ]


def test_times_told_stand_beside_those_of_the_dialogs(tmp_path: Path) -> None:
    (conference,) = trace_of(conferences.DIAL_IN, tmp_path).conferences
    times = {
        user(item.uri): [(seconds(each.since), seconds(each.until)) for each in item.told]
        for item in conference.participants
    }
    assert times == {"alice": [("5.2", "")], "bob": [("5.2", "20.2")], "carol": [("11.2", "")]}


def test_who_watches_the_conference_is_aware_of_it(tmp_path: Path) -> None:
    (conference,) = trace_of(conferences.DIAL_IN, tmp_path).conferences
    assert [item.is_aware for item in conference.participants] == [True, None, None]


def test_who_asked_for_it_is_named_where_somebody_is_called_in_and_removed(tmp_path: Path) -> None:
    (conference,) = trace_of(conferences.DIAL_OUT_BY_REFER, tmp_path).conferences
    carol = conference.participants[-1]
    assert (carol.invited_by, carol.removed_by) == ("sip:alice@192.0.2.10", "sip:alice@192.0.2.10")


def test_refer_to_a_focus_sends_nobody_away(tmp_path: Path) -> None:
    (dial_out, removal) = trace_of(conferences.DIAL_OUT_BY_REFER, tmp_path).transfers
    assert (dial_out.kind.value, dial_out.outcome.value, removal.kind.value) == ("conference", "succeeded", "other")


def test_cascaded_conferences_name_each_other(tmp_path: Path) -> None:
    conference, other = trace_of(conferences.CASCADED, tmp_path).conferences
    assert (conference.cascaded_with, other.cascaded_with) == (("sip:hall@192.0.2.51",), ("sip:room@192.0.2.50",))
