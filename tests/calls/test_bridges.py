"""Legs of one call on the two sides of a B2BUA: what joins them, and what keeps two calls apart."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.call import Correlation, CorrelationKind
from sipscope.model.trace import Trace
from sipscope.pipeline import Options, reconstruct
from tests.capture.builders import pcap
from tests.capture.hep import carried, chunk, hep3
from tests.conftest import REPOSITORY
from tests.trace_script import capture_of

TraceOf = Callable[[str], Trace]

PARTIES = "alice 192.0.2.10\ndave 192.0.2.11\npbx 192.0.2.1\nedge 198.51.100.1\nbob 192.0.2.20\n"


def leg(start: float, one: str, other: str, label: object, *lines: str, answer: float = 1.0) -> str:
    """A call that is answered `answer` seconds after it began and lasts until 5 s."""
    head = "".join(f"      {line}\n" for line in lines)
    return (
        f"{start} {one} -> {other} INVITE call={label}\n{head}"
        f"{start + answer / 2} {other} -> {one} 180 call={label}\n"
        f"{start + answer} {other} -> {one} 200 call={label}\n"
        f"{start + answer + 0.05} {one} -> {other} ACK call={label}\n"
    )


def to(number: str) -> str:
    return f"To: <sip:{number}@example.org>"


def by(number: str, tag: str) -> str:
    return f"From: <sip:{number}@example.org>;tag={tag}"


def bridges(trace: Trace) -> list[Correlation]:
    return [item for item in trace.correlations if item.kind is not CorrelationKind.SAME_CALL_ID]


SAME_NUMBERS = leg(0, "alice", "pbx", 1, by("+4930111111", "a1"), to("+4930222222"), answer=1.1) + leg(
    0.02, "pbx", "bob", 2, by("0304930111111", "p1"), to("4930222222")
)


def test_legs_with_the_same_numbers_and_relayed_responses_are_one_call(trace_of: TraceOf) -> None:
    trace = trace_of(PARTIES + SAME_NUMBERS)
    (call,) = trace.calls
    (edge,) = bridges(trace)
    assert (len(call.call_ids), edge.kind.value, edge.confidence.value) == (2, "bridge", "likely")
    assert edge.text.startswith("192.0.2.1 sent this INVITE 20 ms after it got the other one")


def test_call_is_told_from_the_leg_of_the_caller(trace_of: TraceOf) -> None:
    flow = (
        "0.0 alice -> pbx INVITE call=1\n      To: <sip:200@example.org>\n"
        "0.1 pbx -> bob INVITE call=2\n      To: <sip:200@example.org>\n"
        "0.5 bob -> pbx 180 call=2\n0.6 pbx -> alice 180 call=1\n"
        "1.0 bob -> pbx 200 call=2\n1.05 pbx -> bob ACK call=2\n"
        "1.2 pbx -> alice 503 call=1\n1.3 alice -> pbx ACK call=1\n"
        "1.4 pbx -> bob BYE call=2\n1.5 bob -> pbx 200\n"
    )
    (call,) = trace_of(PARTIES + flow).calls
    assert (call.outcome.value, call.final_status, call.answered_at) == ("rejected", 503, None)
    assert len(call.dialogs) == 2


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        pytest.param(
            "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000",
            "Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000",
            "session-id",
            id="the same Session-ID",
        ),
        pytest.param(
            'P-Charging-Vector: icid-value="a1b2c3d4e5f6";orig-ioi=one.example',
            "P-Charging-Vector: icid-value=a1b2c3d4e5f6",
            "header",
            id="the same charging identifier",
        ),
        pytest.param("Subject: x", "X-CID: 1@192.0.2.10", "header", id="a header field names the Call-ID"),
    ],
)
def test_content_joins_through_a_box_with_two_addresses(trace_of: TraceOf, first: str, second: str, kind: str) -> None:
    flow = leg(0, "alice", "pbx", 1, to("100"), first) + leg(3, "edge", "bob", 2, to("9999"), second)
    trace = trace_of(PARTIES + flow)
    assert [edge.kind.value for edge in bridges(trace)] == [kind]
    assert len(trace.calls) == 1


def test_call_id_with_an_addition_joins(trace_of: TraceOf) -> None:
    flow = leg(0, "alice", "pbx", 1, to("100")) + leg(3, "edge", "bob", "1@192.0.2.10_b2b-1", to("9999"))
    (edge,) = bridges(trace_of(PARTIES + flow))
    assert (edge.kind.value, edge.confidence.value) == ("header", "likely")


OFFER = ("o=alice 77 1 IN IP4 192.0.2.10", "c=IN IP4 192.0.2.10", "m=audio 4000 RTP/AVP 0")


def test_description_that_passed_through_joins(trace_of: TraceOf) -> None:
    flow = leg(0, "alice", "pbx", 1, to("100"), *OFFER) + leg(0.1, "edge", "bob", 2, to("9999"), *OFFER)
    trace = trace_of(PARTIES + flow)
    assert [edge.kind.value for edge in bridges(trace)] == ["description"]


APART = {
    "one caller who calls twice with one description": leg(0, "alice", "bob", 1, *OFFER)
    + leg(0.5, "alice", "bob", 2, *OFFER),
    "two callers of one server with one description, as test tools have": leg(0, "alice", "pbx", 1, *OFFER)
    + leg(0.5, "dave", "pbx", 2, *OFFER),
    "nothing but the time in common": leg(0, "alice", "pbx", 1, by("100", "a1"), to("200"))
    + leg(0.02, "pbx", "bob", 2, by("300", "p1"), to("400")),
    "the nil Session-ID": leg(0, "alice", "pbx", 1, to("100"), f"Session-ID: {'0' * 32}")
    + leg(0.1, "edge", "bob", 2, to("9999"), f"Session-ID: {'0' * 32}"),
    "anonymous callers": leg(0, "alice", "pbx", 1, by("anonymous", "a1"), to("200"), answer=1.1)
    + leg(0.02, "pbx", "bob", 2, by("anonymous", "p1"), to("400")),
    "the element had taken the call before the callee answered": leg(
        0, "alice", "pbx", 1, by("100", "a1"), to("200"), answer=0.2
    )
    + leg(0.3, "pbx", "bob", 2, by("100", "p1"), to("200")),
    "the first call had failed before": "0 alice -> pbx INVITE call=1\n      To: <sip:200@example.org>\n"
    "0.1 pbx -> alice 486 call=1\n0.15 alice -> pbx ACK call=1\n" + leg(0.5, "pbx", "bob", 2, to("200")),
    "minutes later": leg(0, "alice", "pbx", 1, by("100", "a1"), to("200"))
    + leg(100, "pbx", "bob", 2, by("100", "p1"), to("200")),
    "two calls that fit equally well": leg(0, "alice", "pbx", 1, by("100", "a1"), to("200"), answer=1.1)
    + leg(0.01, "dave", "pbx", 2, by("100", "d1"), to("200"), answer=1.1)
    + leg(0.05, "pbx", "bob", 3, by("100", "p1"), to("200")),
}


@pytest.mark.parametrize("flow", APART.values(), ids=APART.keys())
def test_calls_stay_apart(trace_of: TraceOf, flow: str) -> None:
    trace = trace_of(PARTIES + flow)
    assert bridges(trace) == []
    assert len(trace.calls) == flow.count(" INVITE")


def test_two_bridged_calls_at_once_are_told_apart_by_what_was_relayed(trace_of: TraceOf) -> None:
    flow = (
        leg(0, "alice", "pbx", 1, by("100", "a1"), to("200"), answer=1.1)
        + leg(0.01, "dave", "pbx", 2, by("101", "d1"), to("200"), answer=2.1)
        + leg(0.05, "pbx", "bob", 3, by("100", "p1"), to("200"), answer=1.0)
        + leg(0.06, "pbx", "bob", 4, by("101", "p2"), to("200"), answer=2.0)
    )
    calls = trace_of(PARTIES + flow).calls
    assert [call.caller.uri.user for call in calls if call.caller is not None] == ["100", "101"]
    assert [len(call.call_ids) for call in calls] == [2, 2]


def test_challenged_call_is_joined_behind_its_second_attempt(trace_of: TraceOf) -> None:
    flow = (
        "0.0 alice -> pbx INVITE call=1\n      To: <sip:200@example.org>\n"
        "0.1 pbx -> alice 407 call=1\n0.15 alice -> pbx ACK call=1\n"
        "0.2 alice -> pbx INVITE call=1 new\n      To: <sip:200@example.org>\n"
        '      Proxy-Authorization: Digest username="a", realm="r", nonce="n", uri="sip:200", response="0"\n'
        "0.3 pbx -> bob INVITE call=2\n      To: <sip:200@example.org>\n"
        "0.5 bob -> pbx 200 call=2\n0.55 pbx -> bob ACK call=2\n"
        "0.6 pbx -> alice 200 call=1\n0.65 alice -> pbx ACK call=1\n"
    )
    (call,) = trace_of(PARTIES + flow).calls
    assert (call.outcome.value, len(call.call_ids)) == ("answered", 2)


def test_call_that_a_refer_brought_about_is_linked_and_not_joined(trace_of: TraceOf) -> None:
    flow = (
        leg(0, "alice", "pbx", 1, by("100", "a1"), to("200"))
        + "3.0 alice -> pbx REFER call=1\n      Refer-To: <sip:bob@192.0.2.20>\n3.1 pbx -> alice 202\n"
        + leg(3.2, "pbx", "bob", 2, by("200", "p1"), to("bob"))
    )
    trace = trace_of(PARTIES + flow)
    assert [edge.kind.value for edge in bridges(trace)] == ["refer"]
    assert len(trace.calls) == 2


NAMED_IN_OWN_HEADER = leg(0, "alice", "pbx", 1, to("100")) + leg(
    2.5, "edge", "bob", 2, to("200"), "Original-Call-Id: 1@192.0.2.10"
)


@pytest.mark.parametrize(
    ("names", "calls"), [((), 2), (("Original-Call-ID",), 1), (("Subject",), 2)], ids=["unnamed", "named", "another"]
)
def test_header_field_that_the_user_names_joins(tmp_path: Path, names: tuple[str, ...], calls: int) -> None:
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(PARTIES + NAMED_IN_OWN_HEADER))
    assert len(reconstruct(str(path), Options(call_id_headers=names)).calls) == calls


THROUGH_TWO = (
    "0.00 alice -> pbx INVITE call=1\n      To: <sip:4930222222@example.org>\n"
    "0.02 pbx -> edge INVITE call=2\n      To: <sip:4930222222@example.org>\n"
    "0.04 edge -> bob INVITE call=3\n      To: <sip:4930222222@example.org>\n"
    "0.50 bob -> edge 180 call=3\n0.51 edge -> pbx 180 call=2\n0.52 pbx -> alice 180 call=1\n"
    "1.00 bob -> edge 200 call=3\n1.01 edge -> pbx 200 call=2\n1.02 pbx -> alice 200 call=1\n"
)


def test_call_through_two_b2buas_is_one_call(trace_of: TraceOf) -> None:
    (call,) = trace_of(PARTIES + THROUGH_TWO).calls
    assert (len(call.call_ids), call.outcome.value) == (3, "answered")


@pytest.mark.parametrize("side", ["1", "2", "3"])
def test_capture_on_one_side_of_the_b2buas_gives_the_same_call(trace_of: TraceOf, side: str) -> None:
    lines = THROUGH_TWO.replace("\n      ", " @ ").splitlines()
    seen = "\n".join(line for line in lines if f"call={side}" in line).replace(" @ ", "\n      ") + "\n"
    (call,) = trace_of(PARTIES + seen).calls
    assert (len(call.call_ids), call.outcome.value) == (1, "answered")


HIDDEN = REPOSITORY / "samples" / "topology-hiding.pcapng"


def test_call_through_a_proxy_that_hides_the_topology_is_one_call() -> None:
    (call,) = reconstruct(str(HIDDEN)).calls
    assert (len(call.call_ids), call.outcome.value, len(call.stream_ids)) == (2, "answered", 2)


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark takes the sides apart")
@pytest.mark.parametrize("party", ["192.0.2.10", "192.0.2.20"], ids=["caller's side", "callee's side"])
def test_each_side_of_a_hiding_proxy_gives_the_same_call(tmp_path: Path, party: str) -> None:
    side = tmp_path / "side.pcap"
    kept = f"ip.addr=={party} and (!sip or ip.addr==192.0.2.1)"
    subprocess.run(["tshark", "-r", HIDDEN, "-Y", kept, "-F", "pcap", "-w", side], check=True, capture_output=True)
    (whole,), (call,) = reconstruct(str(HIDDEN)).calls, reconstruct(str(side)).calls
    assert (len(call.call_ids), len(call.stream_ids)) == (1, 2)
    assert (call.outcome, call.released_by) == (whole.outcome, whole.released_by)


def test_from_tag_made_from_the_other_one_joins_legs_out_of_another_address_with_other_media(trace_of: TraceOf) -> None:
    incoming = leg(0, "alice", "pbx", 1, by("anonymous", "00e9d478"), to("200"))
    outgoing = leg(0.02, "edge", "bob", 2, by("unavailable", "SD4909701-00e9d478"), to("61963177"))
    (edge,) = bridges(trace_of(PARTIES + incoming + outgoing))
    assert (edge.kind.value, edge.confidence.value) == ("header", "likely")
    assert edge.text == "The From tag is the other one with an addition."


def test_from_tags_that_share_a_short_ending_join_nothing(trace_of: TraceOf) -> None:
    incoming = leg(0, "alice", "pbx", 1, by("anonymous", "a1"), to("200"))
    outgoing = leg(0.02, "edge", "bob", 2, by("unavailable", "SD4909701-a1"), to("61963177"))
    assert bridges(trace_of(PARTIES + incoming + outgoing)) == []


NUMBERED_ANEW = leg(0, "alice", "pbx", "first-call", by("100", "a1"), to("200")) + leg(
    0.3, "edge", "bob", "second-call", by("700", "e1"), to("800")
)


@pytest.mark.parametrize(("names_first", "calls"), [(False, 2), (True, 1)])
def test_correlation_id_of_a_capture_agent_joins_the_calls_it_names(
    tmp_path: Path, names_first: bool, calls: int
) -> None:
    path = tmp_path / "hep.pcap"
    path.write_bytes(capture_of(PARTIES + NUMBERED_ANEW))
    messages = reconstruct(str(path)).messages
    first = messages[0].call_id or ""
    frames = []
    for message in messages:
        ends = (message.hop.source, message.hop.destination)
        told = hep3(
            message.payload,
            ends=(ends[0].address, ends[1].address),
            ports=(ends[0].port, ends[1].port),
            extra=chunk(17, (first if names_first else message.call_id or "").encode()),
            at=message.at,
        )
        frames.append(carried(told))
    path.write_bytes(pcap(frames))
    trace = reconstruct(str(path))
    assert len(trace.calls) == calls
    assert [edge.kind.value for edge in bridges(trace)] == ["header"] * (2 - calls)
