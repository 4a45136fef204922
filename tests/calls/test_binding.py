"""Streams and the media sections they belong to."""

from dataclasses import replace

from sipscope.calls.binding import bind_streams
from sipscope.model.description import Attribute, Connection, Direction, MediaDescription, RtpFormat
from sipscope.model.dialog import Dialog, DialogKey, DialogState, Leg, Party, Side
from sipscope.model.network import Endpoint, Hop
from sipscope.model.offer_answer import Basis, Ledger, MachineState, MediaInForce
from sipscope.model.stream import RtpStream
from sipscope.model.time import SECOND, Instant

CALLER = Endpoint("192.0.2.10", 5060)
CALLEE = Endpoint("192.0.2.20", 5060)
PCMA = RtpFormat(payload_type=8, encoding="PCMA", clock_rate_hz=8000)
EVENTS = RtpFormat(payload_type=101, encoding="telephone-event", clock_rate_hz=8000)


def section(
    address: str, port: int, *formats: RtpFormat, protocol: str = "RTP/AVP", kind: str = "audio", **other: object
) -> MediaDescription:
    return MediaDescription(
        index=0,
        kind=kind,
        port=port,
        protocol=protocol,
        connection=Connection("IN", "IP4", address),
        rtp_formats=formats or (PCMA, EVENTS),
        **other,
    )


A = section("192.0.2.11", 4000)
B = section("192.0.2.21", 5000)


def in_force(
    side: Side,
    media: MediaDescription,
    remote: MediaDescription | None = None,
    *,
    since: float = 0,
    until: float | None = None,
    exchange: str = "e1",
) -> MediaInForce:
    return MediaInForce(
        since=round(since * SECOND),
        until=None if until is None else round(until * SECOND),
        side=side,
        media=media,
        remote=remote,
        basis=Basis.ANSWER if remote is not None else Basis.OFFER,
        exchange_id=exchange,
        direction=Direction.SENDRECV,
    )


def ledger(*sections: MediaInForce, leg: str = "l1", dialog: str = "d1") -> Ledger:
    return Ledger(leg_id=leg, dialog_id=dialog, exchanges=(), in_force=sections, state=MachineState.STABLE)


def dialog(
    *legs: str,
    name: str = "d1",
    call_id: str = "c1",
    ended_at: Instant | None = None,
    caller: Endpoint = CALLER,
    callee: Endpoint = CALLEE,
) -> Dialog:
    return Dialog(
        id=name,
        key=DialogKey(call_id, "a", "b"),
        state=DialogState.CONFIRMED,
        created_by="INVITE",
        caller=Party(address=None, tag="a", endpoint=caller),
        callee=Party(address=None, tag="b", endpoint=callee),
        legs=tuple(
            Leg(
                id=leg,
                dialog_id=name,
                caller=caller,
                callee=callee,
                caller_node=caller.address,
                callee_node=callee.address,
                transactions=(),
                both_directions=True,
            )
            for leg in legs or ("l1",)
        ),
        started_in_capture=True,
        ended_at=ended_at,
    )


def stream(source: str, destination: str, *, start: float = 1, end: float = 5, **other: object) -> RtpStream:
    ends = [Endpoint(text.rsplit(":", 1)[0], int(text.rsplit(":", 1)[1])) for text in (source, destination)]
    return RtpStream(
        **{
            "id": "s1",
            "ssrc": 77,
            "hop": Hop(*ends),
            "payload_types": (8,),
            "first_packet_at": round(start * SECOND),
            "last_packet_at": round(end * SECOND),
            "first_frame": 1,
            "last_frame": 9,
            "packets": 200,
            "expected": 200,
            "lost": 0,
            **other,
        }
    )


TO_CALLEE = stream("192.0.2.11:4000", "192.0.2.21:5000")
TO_CALLER = stream("192.0.2.21:5000", "192.0.2.11:4000")
BOTH = ledger(in_force(Side.CALLER, A, B), in_force(Side.CALLEE, B, A))


def bound(one: RtpStream, *ledgers: Ledger, dialogs: tuple[Dialog, ...] = ()) -> RtpStream:
    (found,) = bind_streams([one], ledgers, dialogs or (dialog(),))
    return found


def test_destination_source_types_and_time_add_up():
    found = bound(TO_CALLEE, BOTH).binding
    assert found is not None
    assert (found.receiver, found.score, len(found.reasons)) == (Side.CALLEE, 105, 4)


def test_binding_names_leg_dialog_position_and_exchange():
    found = bound(TO_CALLER, BOTH).binding
    assert found is not None
    assert (found.leg_id, found.dialog_id, found.media_index, found.exchange_id) == ("l1", "d1", 0, "e1")
    assert found.call_id is None


def test_codec_clock_and_kind_come_from_the_section():
    named = section("192.0.2.21", 5000, RtpFormat(payload_type=97, encoding="AMR-WB", clock_rate_hz=16000))
    found = bound(replace(TO_CALLEE, payload_types=(97,)), ledger(in_force(Side.CALLEE, named, A)))
    assert (found.codec, found.clock_rate_hz, found.media_kind) == ("AMR-WB", 16000, "audio")


def test_codec_is_that_of_the_voice_where_key_presses_are_more():
    found = bound(replace(TO_CALLEE, payload_types=(101, 8)), BOTH)
    assert found.codec == "PCMA"


def test_bound_stream_is_scored():
    found = bound(TO_CALLEE, BOTH)
    assert found.score is not None
    assert found.score_note == ""


def test_stream_that_nothing_describes_is_unbound_but_judged():
    found = bound(stream("198.51.100.1:1000", "198.51.100.2:2000"), BOTH)
    assert found.binding is None
    assert found.score_note == "The codec is unknown: no session description names the payload type."


def test_payload_type_and_time_alone_never_bind():
    assert bound(stream("198.51.100.1:1000", "198.51.100.2:5000"), BOTH).binding is None


def test_secure_profile_makes_a_stream_encrypted():
    secure = section("192.0.2.21", 5000, protocol="UDP/TLS/RTP/SAVPF")
    assert bound(TO_CALLEE, ledger(in_force(Side.CALLEE, secure, A))).encrypted


def test_plain_profile_does_not():
    assert not bound(TO_CALLEE, BOTH).encrypted


def test_media_before_the_answer_binds_to_the_offer():
    found = bound(TO_CALLER, ledger(in_force(Side.CALLER, A))).binding
    assert found is not None
    assert found.score == 80


def test_port_used_by_two_calls_belongs_to_the_one_in_force():
    first = ledger(in_force(Side.CALLEE, B, A, since=0, until=10))
    second = ledger(in_force(Side.CALLEE, B, A, since=60, exchange="e2"), leg="l2", dialog="d2")
    calls = (dialog(), dialog("l2", name="d2", call_id="c2"))
    found = [bound(replace(TO_CALLEE, first_packet_at=at * SECOND), first, second, dialogs=calls) for at in (1, 61)]
    assert [one.binding and one.binding.exchange_id for one in found] == ["e1", "e2"]


def test_call_that_ended_gives_its_port_to_the_next():
    first = ledger(in_force(Side.CALLEE, B, A, since=0))
    second = ledger(in_force(Side.CALLEE, B, A, since=60, exchange="e2"), leg="l2", dialog="d2")
    calls = (dialog(ended_at=50 * SECOND), dialog("l2", name="d2", call_id="c2"))
    found = bound(replace(TO_CALLEE, first_packet_at=59 * SECOND + 1), first, second, dialogs=calls).binding
    assert found is not None
    assert found.exchange_id == "e2"


def test_section_in_force_at_the_start_wins_over_the_next():
    changed = ledger(in_force(Side.CALLEE, B, A, until=3), in_force(Side.CALLEE, B, A, since=3, exchange="e2"))
    found = bound(TO_CALLEE, changed).binding
    assert found is not None
    assert found.exchange_id == "e1"


def test_stream_to_what_was_asked_for_before_is_tentative():
    moved = section("192.0.2.21", 6000)
    changed = ledger(in_force(Side.CALLEE, B, A, until=3), in_force(Side.CALLEE, moved, A, since=3))
    found = bound(replace(TO_CALLEE, first_packet_at=8 * SECOND), changed).binding
    assert found is not None
    assert found.score == 55


def test_same_description_on_two_hops_binds_to_the_hop_nearest_the_caller():
    near = BOTH
    far = ledger(in_force(Side.CALLER, A, B, since=0.1), in_force(Side.CALLEE, B, A, since=0.1), leg="l2")
    found = bound(TO_CALLEE, near, far, dialogs=(dialog("l1", "l2"),)).binding
    assert found is not None
    assert found.leg_id == "l1"


def test_one_source_over_a_relay_binds_each_leg_to_its_own():
    relay_out, relay_in = section("192.0.2.99", 7000), section("192.0.2.99", 7002)
    first = ledger(in_force(Side.CALLEE, relay_out, A))
    second = ledger(in_force(Side.CALLEE, B, relay_in), leg="l2", dialog="d2")
    streams = [stream("192.0.2.11:4000", "192.0.2.99:7000"), stream("192.0.2.99:7002", "192.0.2.21:5000", id="s2")]
    found = bind_streams(streams, [first, second], [dialog(), dialog("l2", name="d2", call_id="c2")])
    assert [one.binding and one.binding.leg_id for one in found] == ["l1", "l2"]


def test_private_address_in_the_description_binds_by_port_and_signalling_host():
    private = section("10.0.0.5", 5000)
    calls = (dialog(callee=Endpoint("198.51.100.7", 5060)),)
    found = bound(
        stream("192.0.2.11:4000", "198.51.100.7:5000"), ledger(in_force(Side.CALLEE, private, A)), dialogs=calls
    ).binding
    assert found is not None
    assert (found.receiver, found.score) == (Side.CALLEE, 75)


def test_media_astray_from_a_known_source_is_tentative():
    found = bound(stream("192.0.2.11:4000", "203.0.113.9:9999"), BOTH).binding
    assert found is not None
    assert (found.receiver, found.score) == (Side.CALLEE, 45)


def test_reverse_of_a_bound_flow_belongs_to_the_same_position():
    # The callee sends from where it said, to an address that no description names.
    streams = [stream("203.0.113.9:40000", "192.0.2.21:5000"), stream("192.0.2.21:5000", "203.0.113.9:40000", id="s2")]
    found = bind_streams(streams, [BOTH], [dialog()])
    assert [one.binding and one.binding.receiver for one in found] == [Side.CALLEE, Side.CALLER]
    assert found[1].binding is not None
    assert found[1].binding.score >= 60


def test_announced_source_counts():
    announcing = replace(A, attributes=(Attribute("ssrc", "77 cname:x"),))
    found = bound(TO_CALLEE, ledger(in_force(Side.CALLEE, B, announcing))).binding
    assert found is not None
    assert found.score == 155


def test_ice_candidate_is_a_destination_too():
    with_candidate = replace(B, ice_candidates=("1 1 UDP 2130706431 10.1.1.1 9000 typ host",))
    found = bound(stream("192.0.2.11:4000", "10.1.1.1:9000"), ledger(in_force(Side.CALLEE, with_candidate, A))).binding
    assert found is not None
    assert found.receiver is Side.CALLEE


def test_refused_section_binds_nothing():
    assert (
        bound(stream("192.0.2.11:4000", "192.0.2.21:0"), ledger(in_force(Side.CALLEE, replace(B, port=0)))).binding
        is None
    )


def test_fax_over_udptl_is_no_rtp_section():
    fax = section("192.0.2.21", 5000, protocol="udptl", kind="image")
    assert bound(stream("198.51.100.1:1", "192.0.2.21:5000"), ledger(in_force(Side.CALLEE, fax))).binding is None


def test_order_of_streams_is_kept():
    assert [one.id for one in bind_streams([TO_CALLER, replace(TO_CALLEE, id="s0")], [BOTH], [dialog()])] == [
        "s1",
        "s0",
    ]
