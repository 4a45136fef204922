"""What a person is told about a capture before concluding anything from it."""

from dataclasses import replace

import pytest

from sipscope.model.network import Endpoint, Hop
from sipscope.model.packets import CaptureInterface, Comment, EncryptedFlow, Gap, GapKind
from sipscope.model.stream import MediaFacts
from sipscope.model.trace import Trace
from sipscope.views.info import info_of, info_report
from tests.views.builders import proxied_call

NAMES = (
    "schema sipscope path format engine written_by link_types packets first_packet_at last_packet_at interfaces "
    "sip_messages rtp_packets rtcp_packets rtcp_reports_without_stream encrypted_flows set_aside cut_packets "
    "duplicates one_sided gaps notes names comments"
)
INTERFACE_NAMES = (
    "number name description link_type capture_filter operating_system hardware snap_length_bytes ticks_per_second "
    "packets received accepted dropped_by_interface dropped_by_system"
)
ETHERNET = CaptureInterface(number=0, link_type="ethernet", frames=3)


@pytest.fixture(scope="module")
def trace() -> Trace:
    return proxied_call().trace()


def with_facts(trace: Trace, **facts: object) -> Trace:
    return replace(trace, facts=replace(trace.facts, **facts))


def lines_of(trace: Trace, title: str) -> list[tuple[str, ...]]:
    tables = [table for table in info_of(trace).tables if table.title.startswith(title)]
    return [tuple(cell.text for cell in row) for table in tables for row in table.rows]


@pytest.mark.parametrize(
    ("engine", "frames", "told"),
    [
        ("native", 1, "1 packet"),
        ("text", 7, "7 lines"),
        ("native+text", 9, "9 packets and lines"),
        ("wireshark+text", 9, "9 packets and lines"),
    ],
)
def test_headline_counts_packets_of_captures_and_lines_of_logs(trace, engine, frames, told):
    assert info_of(with_facts(trace, engine=engine, frames=frames)).headline.startswith(f"{told}, ")


def test_interface_is_a_line_with_what_it_dropped(trace):
    interface = replace(
        ETHERNET, name="eth0", snap_length=96, received=9, accepted=5, dropped_by_interface=1, dropped_by_system=2
    )
    found = lines_of(with_facts(trace, interfaces=(interface,)), "Interfaces")
    assert found == [("0", "eth0", "ethernet", "", "96", "µs", "3", "9", "5", "3", "")]


def test_drops_that_nobody_counted_are_left_empty_rather_than_nought(trace):
    assert lines_of(with_facts(trace, interfaces=(ETHERNET,)), "Interfaces")[0][9] == ""


@pytest.mark.parametrize(
    ("ticks", "text"),
    [(1, "s"), (1000, "ms"), (10**6, "µs"), (10**9, "ns"), (2**10, "1/1024 s"), (2**127, "below ps")],
)
def test_resolution_is_told_in_its_unit(trace, ticks, text):
    found = lines_of(with_facts(trace, interfaces=(replace(ETHERNET, ticks_per_second=ticks),)), "Interfaces")
    assert found[0][5] == text


def test_gaps_are_told_by_kind(trace):
    gaps = (Gap(kind=GapKind.CLOCK_STEP, text="Time goes back."), Gap(kind=GapKind.STREAM_BYTES_MISSING, text="Hole."))
    found = lines_of(with_facts(trace, gaps=gaps), "What it lacks")
    assert found == [("clock-step", "Time goes back."), ("stream-bytes-missing", "Hole.")]


def test_nothing_lacking_gives_no_table(trace):
    assert "What it lacks, and what it holds twice" not in [table.title for table in info_of(trace).tables]


@pytest.mark.parametrize(
    ("facts", "cause"),
    [
        ({"link_types": ("linux-cooked-v2",)}, "the any device"),
        ({"interfaces": (ETHERNET, replace(ETHERNET, number=1))}, "several of the interfaces"),
        ({"interfaces": (ETHERNET, replace(ETHERNET, number=1, frames=0))}, "a mirror port"),
        ({"interfaces": (ETHERNET, ETHERNET)}, "a mirror port"),
        ({}, "a mirror port"),
    ],
)
def test_copies_have_their_share_and_probable_cause(trace, facts, cause):
    copied = replace(with_facts(trace, **facts), message_copies=len(trace.messages))
    ((name, text),) = lines_of(copied, "What it lacks")
    assert name == "duplicates"
    assert f"{len(trace.messages)} of {2 * len(trace.messages)} SIP packets (50 %)" in text
    assert cause in text


def test_signalling_in_one_direction_is_told_with_both_addresses(trace):
    hop = Hop(Endpoint("192.0.2.77", 5060), Endpoint("192.0.2.78", 5060))
    stray = replace(trace.messages[0], hop=hop)
    vantage = replace(
        trace.vantage,
        signalling_pairs={**trace.vantage.signalling_pairs, ("192.0.2.77", "192.0.2.78"): stray.at},
    )
    found = lines_of(replace(trace, messages=(*trace.messages, stray), vantage=vantage), "What it lacks")
    assert found == [
        ("one direction", "1 SIP message from 192.0.2.77 to 192.0.2.78, none from 192.0.2.78 to 192.0.2.77")
    ]


def test_everything_set_aside_is_told_by_reason_the_most_first(trace):
    found = lines_of(with_facts(trace, set_aside={"arp": 2, "dns": 7}), "What it holds")
    assert [text for name, text in found if name == "set aside"] == ["dns: 7", "arp: 2"]


@pytest.mark.parametrize(
    ("stray", "text"),
    [(0, "3 packets"), (1, "3 packets; 1 report on streams that aren't in the capture")],
)
def test_rtcp_about_streams_that_are_not_there_is_told(trace, stray, text):
    told = replace(trace, media=MediaFacts(rtcp_packets=3, reports_without_stream=stray))
    assert ("RTCP", text) in lines_of(told, "What it holds")


def test_names_and_comments_are_shown(trace):
    comments = (Comment(text="before", subject="section"), Comment(text="look here", subject="packet", frame=4))
    told = with_facts(trace, names={"192.0.2.1": "sbc"}, comments=comments)
    assert lines_of(told, "Names") == [("192.0.2.1", "sbc")]
    assert lines_of(told, "Comments") == [("section", "before"), ("frame 4", "look here")]


def test_report_keeps_its_names(trace):
    report = info_report(with_facts(trace, interfaces=(ETHERNET,)), version="1.2.3")
    assert set(NAMES.split()) <= set(report)
    assert set(INTERFACE_NAMES.split()) == set(report["interfaces"][0])


@pytest.mark.parametrize(
    ("facts", "title", "shown"),
    [
        ({"interfaces": (ETHERNET,) * 25}, "Interfaces", 20),
        ({"names": {f"192.0.2.{number}": "n" for number in range(105)}}, "Names", 100),
        ({"comments": (Comment(text="x", subject="section"),) * 55}, "Comments", 50),
    ],
)
def test_long_tables_say_how_much_they_leave_out(trace, facts, title, shown):
    (table,) = [table for table in info_of(with_facts(trace, **facts)).tables if table.title == title]
    assert len(table.rows) == shown
    assert table.note == "and 5 more: see the JSON document"


def test_connections_that_cannot_be_read_are_told(trace):
    flow = EncryptedFlow(
        client=Endpoint("192.0.2.10", 40000), server=Endpoint("192.0.2.20", 5061), frame=3, at=0, version="TLS 1.3"
    )
    told = with_facts(trace, encrypted_flows=(flow,))
    ((_, text),) = [line for line in lines_of(told, "What it holds") if line[0] == "TLS"]
    assert text.startswith("1 flow to 192.0.2.20:5061 (TLS 1.3)")
    assert [item["packet"] for item in info_report(told, version="1.2.3")["encrypted_flows"]] == [3]
