"""Ladders from traces."""

from dataclasses import replace

import pytest

from sipscope.model.call import Service
from sipscope.model.defects import Severity
from sipscope.model.dialog import Side
from sipscope.model.finding import SubjectKind
from sipscope.model.header_values import Parameters, Parametrised
from sipscope.model.network import Endpoint
from sipscope.model.time import SECOND
from sipscope.model.trace import Trace
from sipscope.views.ladder import Arrow, Band, Break, Ladder, Note, ladder_of, related_calls
from sipscope.views.tone import Tone
from tests.views.builders import ALICE, BOB, PROXY, START, Script, address, description, proxied_call


@pytest.fixture(scope="module")
def trace() -> Trace:
    return proxied_call().trace("Media from bob is lost.")


@pytest.fixture(scope="module")
def ladder(trace: Trace) -> Ladder:
    return ladder_of(trace, [1])


def arrows(ladder: Ladder) -> list[Arrow]:
    return [row for row in ladder.rows if isinstance(row, Arrow)]


def nodes(ladder: Ladder) -> list[str]:
    return [lane.node for lane in ladder.lanes]


def one_call(**names: Endpoint) -> Script:
    return Script(dict(names))


def test_lanes_stand_in_the_order_of_the_call(ladder):
    assert nodes(ladder) == ["192.0.2.10", "192.0.2.1", "192.0.2.20"]


def test_a_lane_names_its_party_and_product(ladder):
    assert ladder.lanes[0].lines == ("alice", "Linphone/5.2.4")


def test_a_proxy_is_given_its_role_and_not_the_product_it_passes_on(ladder):
    assert ladder.lanes[1].lines == ("proxy (likely)",)


def test_phones_have_no_role_at_their_lanes(ladder):
    assert [[line for line in lane.lines if "agent" in line] for lane in ladder.lanes] == [[] for _ in ladder.lanes]


def test_a_callee_behind_a_proxy_has_its_own_product(ladder):
    assert ladder.lanes[2].lines == ("bob", "FPBX-16.0.40(18.9)")


def test_ports_of_an_address_share_a_lane():
    script = one_call(alice=Endpoint("192.0.2.10", 51000), bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.response(1, "bob", "alice", 486, "Busy Here", branch="a")
    assert nodes(ladder_of(script.trace(), [1])) == ["192.0.2.10", "192.0.2.20"]


def test_nodes_that_share_an_address_have_a_lane_each():
    script = one_call(alice=Endpoint("127.0.0.1", 5060), bob=Endpoint("127.0.0.1", 5080))
    script.request(0, "alice", "bob", "INVITE", branch="a")
    assert nodes(ladder_of(script.trace(), [1])) == ["127.0.0.1:5060", "127.0.0.1:5080"]


def test_media_of_nodes_that_share_an_address_runs_between_their_lanes():
    script = one_call(alice=Endpoint("127.0.0.1", 5060), bob=Endpoint("127.0.0.1", 5080))
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.response(1, "bob", "alice", 200, "OK", branch="a")
    script.stream(2, 3, Endpoint("127.0.0.1", 4000), Endpoint("127.0.0.1", 6000))
    band = next(row for row in ladder_of(script.trace(), [1]).rows if isinstance(row, Band))
    assert (band.first, band.second, band.leftward) == (0, 1, None)


def test_a_media_relay_gets_a_lane_of_its_own():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.response(1, "bob", "alice", 200, "OK", branch="a")
    script.stream(2, 3, Endpoint("192.0.2.10", 4000), Endpoint("198.51.100.7", 6000))
    ladder = ladder_of(script.trace(), [1])
    assert nodes(ladder) == ["192.0.2.10", "198.51.100.7", "192.0.2.20"]
    assert not ladder.lanes[1].carries_signalling


def test_branches_of_a_fork_stand_behind_their_proxy():
    carol = Endpoint("192.0.2.30", 5060)
    script = one_call(alice=ALICE, proxy=PROXY, bob=BOB, carol=carol)
    script.request(0, "alice", "proxy", "INVITE", branch="a")
    script.request(0.1, "proxy", "bob", "INVITE", branch="b", via_count=2)
    script.request(0.2, "proxy", "carol", "INVITE", branch="c", via_count=2)
    assert nodes(ladder_of(script.trace(), [1])) == ["192.0.2.10", "192.0.2.1", "192.0.2.20", "192.0.2.30"]


def test_a_response_runs_against_its_request(ladder):
    trying = next(arrow for arrow in arrows(ladder) if arrow.label == "100 Trying")
    assert (trying.source, trying.destination) == (1, 0)


def test_retransmissions_are_folded_into_one_arrow(ladder):
    invites = [arrow for arrow in arrows(ladder) if arrow.label == "INVITE" and arrow.source == 1]
    assert [(arrow.repeats, arrow.repeated_until) for arrow in invites] == [(2, 1_500_000_000)]


def test_an_offer_is_told_from_an_answer(ladder):
    lines = [line for arrow in arrows(ladder) for line in arrow.details]
    assert "offer: audio 4000 PCMA PCMU tel-ev sendrecv" in lines
    assert "answer: audio 6000 PCMA tel-ev sendrecv" in lines


def test_the_media_address_is_said_where_it_is_not_the_senders(ladder):
    assert any("offer: audio 192.0.2.10:4000" in line for arrow in arrows(ladder) for line in arrow.details)


def test_hold_shows_as_direction(ladder):
    assert any(line.endswith("PCMA sendonly") for arrow in arrows(ladder) for line in arrow.details)


def test_a_bye_says_its_reason(ladder):
    bye = next(arrow for arrow in arrows(ladder) if arrow.label == "BYE")
    assert bye.details == ('Reason: Q.850 16 "Normal call clearing"',)


def test_tones_follow_the_class_of_a_response(ladder):
    assert {arrow.label: arrow.tone for arrow in arrows(ladder) if arrow.label in {"100 Trying", "200 OK", "ACK"}} == {
        "100 Trying": Tone.PROVISIONAL,
        "200 OK": Tone.SUCCESS,
        "ACK": Tone.REQUEST,
    }


def test_offsets_count_from_the_first_message(ladder):
    assert arrows(ladder)[-1].offset == 65_600_000_000


def test_rows_are_in_order_of_time(ladder):
    times = [row.at for row in ladder.rows if not isinstance(row, Break)]
    assert times == sorted(times)


def test_both_directions_of_media_are_one_band(ladder):
    bands = [row for row in ladder.rows if isinstance(row, Band)]
    assert [(band.rightward.packets, band.leftward.packets) for band in bands] == [(3000, 690)]


def test_a_band_tells_loss_score_and_digits(ladder):
    band = next(row for row in ladder.rows if isinstance(row, Band))
    assert (round(band.leftward.loss_percent, 1), band.leftward.mos) == (4.8, 3.1)
    assert band.details == ("→ digits 1 2 #",)


def test_a_long_pause_is_a_break(ladder):
    assert 14_750_000_000 in [row.duration for row in ladder.rows if isinstance(row, Break)]


def test_retransmissions_are_no_pause(ladder):
    first = next(row for row in ladder.rows if isinstance(row, Break))
    assert first.offset == 1_610_000_000


def test_a_finding_is_a_badge_on_its_message(ladder):
    codes = {arrow.frame: [badge.code for badge in arrow.badges] for arrow in arrows(ladder) if arrow.badges}
    assert codes == {3: ["TXN-001"], 11: ["OA-021"]}


def test_a_finding_of_several_messages_is_a_badge_on_the_one_of_its_time(trace):
    (first, *rest) = trace.findings
    later = next(arrow for arrow in arrows(ladder_of(trace, [1])) if arrow.frame == 11)
    finding = replace(first, frames=(*first.frames, 11), at=later.at)
    moved = ladder_of(replace(trace, findings=(finding, *rest)), [1])
    (badged,) = [arrow.frame for arrow in arrows(moved) if first.rule in [badge.code for badge in arrow.badges]]
    assert badged == 11


def test_a_finding_about_a_stream_is_a_badge_on_its_band(ladder):
    band = next(row for row in ladder.rows if isinstance(row, Band))
    assert [badge.code for badge in band.badges] == ["RTP-003"]


def test_a_finding_without_an_arrow_is_a_note(ladder):
    notes = [row for row in ladder.rows if isinstance(row, Note) and row.badges]
    assert [note.text for note in notes] == ["Nobody sent a session refresh."]


def test_no_finding_is_lost(ladder, trace):
    assert [badge.finding_id for badge in ladder.findings] == [finding.id for finding in trace.findings]


def test_a_service_is_a_note(trace):
    hold = Service(name="hold", at=START + 20 * SECOND, until=START + 32 * SECOND, by=Side.CALLER, frames=(11,))
    held = replace(trace, calls=(replace(trace.calls[0], services=(hold,)),))
    notes = [row for row in ladder_of(held, [1]).rows if isinstance(row, Note) and row.tone is Tone.SERVICE]
    assert [(note.text, note.frame) for note in notes] == [("hold by caller, 12.0 s", 11)]


def test_the_diagnosis_stands_beneath_the_title(ladder):
    assert ladder.title == "Call 1: alice → bob"
    assert "Media from bob is lost." in ladder.subtitle


def test_media_and_findings_can_be_left_out(trace):
    ladder = ladder_of(trace, [1], with_media=False, with_findings=False)
    assert not [row for row in ladder.rows if isinstance(row, Band)]
    assert ladder.findings == ()


def test_a_ladder_can_be_confined_to_a_dialog(trace):
    ladder = ladder_of(trace, dialogs=[trace.dialogs[0].id])
    assert len(arrows(ladder)) == len(arrows(ladder_of(trace, [1])))


def test_an_unknown_call_gives_an_empty_ladder(trace):
    ladder = ladder_of(trace, [99])
    assert (ladder.rows, ladder.lanes, ladder.started_at) == ((), (), None)


def test_without_a_choice_the_whole_capture_is_shown():
    script = proxied_call()
    script.request(70, "alice", "proxy", "OPTIONS", branch="o", call_id="other")
    assert "OPTIONS" in [arrow.label for arrow in arrows(ladder_of(script.trace()))]


def test_a_message_outside_the_call_is_not_shown():
    script = proxied_call()
    script.request(70, "alice", "proxy", "OPTIONS", branch="o", call_id="other")
    assert "OPTIONS" not in [arrow.label for arrow in arrows(ladder_of(script.trace(), [1]))]


def test_a_cancel_belongs_to_the_call_of_its_call_id():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.request(1, "alice", "bob", "CANCEL", branch="a")
    assert "CANCEL" in [arrow.label for arrow in arrows(ladder_of(script.trace(), [1]))]


def test_a_notify_tells_what_its_fragment_reports():
    script = one_call(alice=ALICE, bob=BOB)
    state = Parametrised("terminated", Parameters((("reason", "noresource"),)))
    script.request(
        0,
        "alice",
        "bob",
        "NOTIFY",
        branch="n",
        event=Parametrised("refer"),
        subscription_state=state,
        sipfrag="SIP/2.0 486 Busy Here\r\nTo: x",
    )
    assert arrows(ladder_of(script.trace()))[0].details == (
        "Event: refer · terminated (noresource)",
        "reports 486 Busy Here",
    )


def test_a_redirection_tells_where_to():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a")
    contacts = (address("sip:bob@192.0.2.99"),)
    script.response(1, "bob", "alice", 302, "Moved Temporarily", branch="a", contact=contacts)
    moved = arrows(ladder_of(script.trace(), [1]))[1]
    assert (moved.tone, moved.details) == (Tone.REDIRECT, ("Contact: sip:bob@192.0.2.99",))


def test_a_refer_does_not_spill_the_headers_of_its_target():
    script = one_call(alice=ALICE, bob=BOB)
    target = address("sip:carol@example.com?Replaces=abc%3Bto-tag%3D1")
    script.request(0, "alice", "bob", "REFER", branch="r", refer_to=target)
    assert arrows(ladder_of(script.trace()))[0].details == ("Refer-To: sip:carol@example.com",)


def test_a_refused_section_is_said_so():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a", sdp=description("192.0.2.10", 0, "PCMA"))
    assert "SDP: audio refused (port 0)" in arrows(ladder_of(script.trace(), [1]))[0].details


def test_a_key_is_never_in_a_ladder():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a", sdp=description("192.0.2.10", 4000, "PCMA", key="SECRET"))
    ladder = ladder_of(script.trace(), [1])
    assert "SECRET" not in repr(ladder)
    assert "SDP: audio 4000 PCMA SRTP sendrecv" in arrows(ladder)[0].details


def test_a_stream_of_another_call_is_not_shown():
    script = proxied_call()
    script.stream(1, 2, Endpoint("198.51.100.1", 1), Endpoint("198.51.100.2", 2), receiver=None)
    assert "198.51.100.1" not in nodes(ladder_of(script.trace(), [1]))


def test_a_finding_of_another_call_is_not_shown():
    script = proxied_call()
    script.finding("TXN-009", "elsewhere", call_id=2, kind=SubjectKind.CALL, severity=Severity.INFO)
    assert "elsewhere" not in repr(ladder_of(script.trace(), [1]))


def test_streams_one_after_the_other_are_two_bands():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(0, "alice", "bob", "INVITE", branch="a")
    script.response(1, "bob", "alice", 200, "OK", branch="a")
    there, back = Endpoint("192.0.2.10", 4000), Endpoint("192.0.2.20", 6000)
    script.stream(2, 3, there, back)
    script.stream(4, 5, back, there, receiver=Side.CALLER)
    bands = [row for row in ladder_of(script.trace(), [1]).rows if isinstance(row, Band)]
    assert [(band.rightward is None, band.leftward is None) for band in bands] == [(False, True), (True, False)]


def test_calls_that_share_a_transfer_are_related(trace):
    call = trace.calls[0]
    calls = (
        replace(call, id=1, transfer_ids=("x1",)),
        replace(call, id=2, transfer_ids=("x1", "x2")),
        replace(call, id=3, transfer_ids=("x2",)),
        replace(call, id=4),
    )
    assert related_calls(replace(trace, calls=calls), 1) == (1, 2, 3)


def test_media_before_any_signalling_is_placed_first():
    script = one_call(alice=ALICE, bob=BOB)
    script.request(10, "alice", "bob", "OPTIONS", branch="o")
    script.stream(1, 2, Endpoint("192.0.2.10", 4000), Endpoint("192.0.2.20", 6000), receiver=None)
    first = ladder_of(script.trace()).rows[0]
    assert isinstance(first, Band)
    assert first.offset == -9 * SECOND


def test_a_register_tells_contact_and_its_expiry():
    script = one_call(alice=ALICE, bob=BOB)
    contact = replace(address("sip:alice@192.0.2.10"), parameters=Parameters((("expires", "60"),)))
    script.request(0, "alice", "bob", "REGISTER", branch="r", contact=(contact,), expires=3600)
    assert arrows(ladder_of(script.trace()))[0].details == ("Contact: sip:alice@192.0.2.10", "expires 60 s")
