"""What the rules about one session description say of faults, and that they stay silent about what is legal."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
PROXIED = "alice 192.0.2.10\nproxy 192.0.2.1 proxy record-route\nbob 192.0.2.20\n"
ANSWERED = "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"

VERSION = "v=0"
ORIGIN = "o=- 1 1 IN IP4 192.0.2.10"
NAME = "s=-"
CONNECTION = "c=IN IP4 192.0.2.10"
TIME = "t=0 0"
AUDIO = "m=audio 4000 RTP/AVP 0"
WHOLE = (VERSION, ORIGIN, NAME, CONNECTION, TIME, AUDIO)


def body(*lines: str) -> str:
    """A description line by line, nothing filled in."""
    return "      Content-Type: application/sdp\n" + "".join(f"      | {line}\n" for line in lines)


def sdp(*lines: str) -> str:
    """Lines of a description whose session level is filled in."""
    return "".join(f"      {line}\n" for line in lines)


def call(offer: str, *then: str) -> str:
    """A call of frames 1 to 3 whose INVITE carries that, and its release."""
    return PARTIES + "0.0 alice -> bob INVITE\n" + offer + ANSWERED + "".join(then) + BYE


def test_whole_description_gives_nothing(judged: Judged) -> None:
    assert judged(call(body(*WHOLE)), "SDP") == []


@pytest.mark.parametrize(
    "lines",
    [
        (ORIGIN, NAME, CONNECTION, TIME, AUDIO),
        (VERSION, NAME, CONNECTION, TIME, AUDIO),
        (VERSION, ORIGIN, CONNECTION, TIME, AUDIO),
        (VERSION, ORIGIN, NAME, CONNECTION, AUDIO),
        (VERSION, ORIGIN, NAME, NAME, CONNECTION, TIME, AUDIO),
        ("v=1", ORIGIN, NAME, CONNECTION, TIME, AUDIO),
        (VERSION, ORIGIN, NAME, CONNECTION, AUDIO, TIME),
    ],
    ids=["no v=", "no o=", "no s=", "no t=", "two s=", "version 1", "t= behind m="],
)
def test_mandatory_lines_must_stand_in_the_session_level_once(judged: Judged, lines: tuple[str, ...]) -> None:
    found = [item for item in judged(call(body(*lines)), "SDP") if item.rule == "SDP-001"]
    assert [(item.severity, item.frames) for item in found] == [(Severity.ERROR, (1,))]


def test_description_that_starts_otherwise_than_with_its_version_is_told(judged: Judged) -> None:
    found = judged(call(body(ORIGIN, VERSION, NAME, CONNECTION, TIME, AUDIO)), "SDP-001")
    assert [item.evidence[0].note for item in found] == [f"line 1: {ORIGIN}"]


def test_description_cut_by_its_content_length_is_not_judged(judged: Judged) -> None:
    offer = body(*WHOLE) + "      Content-Length: 30\n"
    assert judged(call(offer), "SDP") == []


def test_description_shorter_than_its_content_length_is_not_judged(judged: Judged) -> None:
    offer = body(VERSION, ORIGIN) + "      Content-Length: 300\n"
    assert judged(call(offer), "SDP") == []


def test_fault_of_a_description_that_negotiates_nothing_is_a_warning(judged: Judged) -> None:
    script = (
        PARTIES + "0.0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n" + body(VERSION, ORIGIN, NAME, CONNECTION, AUDIO)
    )
    assert [(item.rule, item.severity) for item in judged(script, "SDP")] == [("SDP-001", Severity.WARNING)]


def test_body_that_is_no_description_at_all_is_told_once(judged: Judged) -> None:
    assert [item.rule for item in judged(call(body("good")), "SDP")] == ["SDP-001"]


def test_same_fault_in_a_later_version_is_the_same_finding(judged: Judged) -> None:
    lines = [VERSION, ORIGIN, CONNECTION, TIME, AUDIO]
    later = [VERSION, "o=- 1 2 IN IP4 192.0.2.10", CONNECTION, TIME, AUDIO, "a=sendonly"]
    again = "2.0 alice -> bob INVITE\n" + body(*later) + "2.1 bob -> alice 200\n" + sdp("m=audio 5000 RTP/AVP 0")
    again += "      a=recvonly\n2.2 alice -> bob ACK\n"
    assert [item.frames for item in judged(call(body(*lines), again), "SDP-001")] == [(1, 4)]


def test_same_fault_of_both_parties_is_two_findings(judged: Judged) -> None:
    answer = "0.1 bob -> alice 200\n" + body(VERSION, "o=bob 7 1 IN IP4 192.0.2.20", CONNECTION, TIME, AUDIO)
    script = PARTIES + "0.0 alice -> bob INVITE\n" + body(VERSION, ORIGIN, CONNECTION, TIME, AUDIO)
    script += answer + "0.2 alice -> bob ACK\n" + BYE
    assert [item.frames for item in judged(script, "SDP-001")] == [(1,), (2,)]


def through_proxy(first: str, second: str) -> str:
    """A call whose proxy hands on that second body instead of the first."""
    return (
        PROXIED
        + "0.0 alice -> proxy INVITE\n"
        + first
        + "0.01 proxy -> bob INVITE\n"
        + second
        + "0.1 bob -> proxy 200\n      m=audio 5000 RTP/AVP 0\n0.11 proxy -> alice 200\n"
        + "0.2 alice -> proxy ACK\n0.21 proxy -> bob ACK\n"
    )


def test_fault_on_two_hops_is_one_finding_at_the_first(judged: Judged) -> None:
    found = judged(through_proxy(body(VERSION, ORIGIN, NAME, TIME, CONNECTION, AUDIO), ""), "SDP")
    assert [(item.rule, item.frames) for item in found] == [("SDP-002", (1,))]


@pytest.mark.parametrize(
    "lines",
    [
        (VERSION, ORIGIN, NAME, TIME, CONNECTION, AUDIO),
        (VERSION, NAME, ORIGIN, CONNECTION, TIME, AUDIO),
        (*WHOLE, "a=ptime:20", "c=IN IP4 192.0.2.11"),
        (VERSION, ORIGIN, NAME, "b= AS:64", CONNECTION, TIME, AUDIO),
        (*WHOLE, "what is this"),
        (VERSION, ORIGIN, NAME, CONNECTION, TIME, "", AUDIO),
        (VERSION, ORIGIN, NAME, CONNECTION, TIME, "y=7", AUDIO),
    ],
    ids=["c= behind t=", "s= before o=", "c= behind a=", "blank", "no letter", "empty line", "unknown letter"],
)
def test_lines_out_of_order_or_form_are_one_warning(judged: Judged, lines: tuple[str, ...]) -> None:
    found = judged(call(body(*lines)), "SDP")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("SDP-002", Severity.WARNING, (1,))]


def test_line_that_stands_wrong_is_shown_as_it_came(judged: Judged) -> None:
    found = judged(call(body(VERSION, ORIGIN, NAME, TIME, CONNECTION, AUDIO)), "SDP-002")
    assert [item.note for item in found[0].evidence] == [f"line 5: {CONNECTION}"]


@pytest.mark.parametrize(
    "lines",
    [
        (VERSION, ORIGIN, "s= a name", CONNECTION, TIME, AUDIO),
        (VERSION, ORIGIN, NAME, "e=a@example.com", CONNECTION, "b=AS:64", TIME, "a=tool:x", AUDIO, "i=speech"),
        (*WHOLE, ""),
    ],
    ids=["blank in a name", "optional lines in order", "empty line at the end"],
)
def test_optional_lines_in_their_order_are_no_fault(judged: Judged, lines: tuple[str, ...]) -> None:
    assert judged(call(body(*lines)), "SDP") == []


def test_section_with_its_own_connection_line_needs_none_of_the_session(judged: Judged) -> None:
    assert judged(call(body(VERSION, ORIGIN, NAME, TIME, AUDIO, CONNECTION)), "SDP") == []


def test_section_that_no_connection_line_covers_is_told(judged: Judged) -> None:
    lines = (VERSION, ORIGIN, NAME, TIME, AUDIO, CONNECTION, "m=video 4002 RTP/AVP 31")
    found = judged(call(body(*lines)), "SDP")
    assert [(item.rule, item.evidence[0].note) for item in found] == [
        ("SDP-003", "line 7: m=video 4002 RTP/AVP 31"),
    ]


def test_refused_section_needs_no_connection_line(judged: Judged) -> None:
    lines = (VERSION, ORIGIN, NAME, TIME, AUDIO, CONNECTION, "m=video 0 RTP/AVP 31")
    assert judged(call(body(*lines)), "SDP") == []


@pytest.mark.parametrize("lines", [(VERSION, ORIGIN, NAME, TIME, AUDIO), (*WHOLE, "m=audio 4002 RTP/AVP 101")])
def test_capabilities_in_a_refusal_are_no_offer(judged: Judged, lines: tuple[str, ...]) -> None:
    script = PARTIES + "0.0 alice -> bob INVITE\n" + sdp(AUDIO) + "0.1 bob -> alice 488\n" + body(*lines)
    script += "0.2 alice -> bob ACK\n"
    assert judged(script, "SDP") == []


@pytest.mark.parametrize(
    "origin",
    [
        "o=John Doe 1706695200 1 IN IP4 192.0.2.10",
        "o=- 20240131T10:00 1 IN IP4 192.0.2.10",
        "o=- 1 9223372036854775808 IN IP4 192.0.2.10",
        "o=- 1 1 IN IP6 192.0.2.10",
        "o=- 1 1 192.0.2.10",
    ],
    ids=["blank in the name", "id is a date", "64 bits", "IPv4 under IP6", "four fields"],
)
def test_malformed_origin_lines_are_told(judged: Judged, origin: str) -> None:
    found = judged(call(body(VERSION, origin, NAME, CONNECTION, TIME, AUDIO)), "SDP")
    assert [(item.rule, item.evidence[0].note) for item in found] == [("SDP-004", f"line 2: {origin}")]


def test_blank_in_the_user_name_is_named(judged: Judged) -> None:
    origin = "o=John Doe 1706695200 1 IN IP4 192.0.2.10"
    assert "user name has a blank" in judged(call(body(VERSION, origin, NAME, CONNECTION, TIME, AUDIO)), "SDP")[0].text


@pytest.mark.parametrize("origin", ["o=- 1 9223372036854775807 IN IP4 a.example", "o=alice 0 0 IN IP6 2001:db8::1"])
def test_large_numbers_and_host_names_are_legal_in_the_origin(judged: Judged, origin: str) -> None:
    assert judged(call(body(VERSION, origin, NAME, CONNECTION, TIME, AUDIO)), "SDP") == []


@pytest.mark.parametrize(
    "media", ["m=audio 4000 RTP/AVP 0 96", "m=audio 4000 RTP/SAVPF 0 35", "m=audio 4000 RTP/AVP 20"]
)
def test_payload_types_without_meaning_or_mapping_are_told(judged: Judged, media: str) -> None:
    assert [(item.rule, item.frames) for item in judged(call(sdp(media)), "SDP")] == [("SDP-005", (1,))]


@pytest.mark.parametrize(
    "lines",
    [
        (AUDIO, "m=audio 0 RTP/AVP 101"),
        ("m=audio 4000 RTP/AVP 0 8 3 18 13",),
        (AUDIO, "m=image 4002 udptl t38"),
        ("m=audio 4000 RTP/AVP 0 19",),
    ],
    ids=["refused", "static", "not RTP", "reserved"],
)
def test_formats_that_need_no_mapping_are_no_fault(judged: Judged, lines: tuple[str, ...]) -> None:
    assert judged(call(sdp(*lines)), "SDP") == []


@pytest.mark.parametrize(
    ("session", "sections"),
    [
        (("c=IN IP4 2001:db8::5",), (AUDIO,)),
        (("c=IN IP6 192.0.2.10",), (AUDIO,)),
        (("c=IN IP4 192.0.2.10/32",), (AUDIO,)),
        (("c=IN IP4 239.1.1.1",), (AUDIO,)),
        (("c=192.0.2.10",), (AUDIO,)),
        ((CONNECTION,), ("m=audio 70000 RTP/AVP 0",)),
        ((CONNECTION, "c=IN IP4 192.0.2.11"), (AUDIO,)),
        ((CONNECTION,), (AUDIO, "c=IN IP4 2001:db8::5")),
    ],
    ids=["v6 as IP4", "v4 as IP6", "prefix", "no TTL", "one field", "port", "two session c=", "section's own"],
)
def test_addresses_and_ports_without_their_form_are_told(
    judged: Judged, session: tuple[str, ...], sections: tuple[str, ...]
) -> None:
    found = judged(call(body(VERSION, ORIGIN, NAME, *session, TIME, *sections)), "SDP")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("SDP-011", Severity.ERROR, (1,))]


def test_host_name_in_a_connection_line_is_information(judged: Judged) -> None:
    found = judged(call(sdp("c=IN IP4 media.example.com", AUDIO)), "SDP")
    assert [(item.rule, item.severity) for item in found] == [("SDP-011", Severity.INFO)]
    assert found[0].evidence[0].note == "line 4: c=IN IP4 media.example.com"


PUBLIC = "alice 198.51.100.7\nbob 203.0.113.9\n"
FAR = "c=IN IP4 192.168.1.20"


def far(offer: str, *then: str, parties: str = PUBLIC, answer: str = sdp("m=audio 5000 RTP/AVP 0")) -> str:
    """A call whose INVITE asks for media at a far address."""
    script = parties + "0.0 alice -> bob INVITE\n" + offer + "0.1 bob -> alice 200\n" + answer
    return script + "0.2 alice -> bob ACK\n" + "".join(then) + BYE


@pytest.mark.parametrize("address", ["192.168.1.20", "10.1.2.3", "100.64.0.9", "169.254.3.4"])
def test_address_out_of_reach_is_told_where_sip_is_public(judged: Judged, address: str) -> None:
    found = judged(far(sdp(f"c=IN IP4 {address}", AUDIO)), "SDP")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("SDP-012", Severity.WARNING, (1,))]
    assert found[0].evidence[0].note == f"line 4: c=IN IP4 {address}"


def test_loopback_address_is_an_error(judged: Judged) -> None:
    found = judged(far(sdp("c=IN IP4 127.0.0.1", AUDIO)), "SDP")
    assert [(item.rule, item.severity) for item in found] == [("SDP-012", Severity.ERROR)]


@pytest.mark.parametrize(
    "script",
    [
        far(sdp(FAR, AUDIO), parties="alice 192.168.1.20\nbob 10.0.0.9\n"),
        far(sdp("c=IN IP4 127.0.0.1", AUDIO), parties="alice 127.0.0.1:5061\nbob 127.0.0.1:5062\n"),
        far(sdp("c=IN IP4 0.0.0.0", AUDIO, "a=inactive"), answer=sdp("m=audio 5000 RTP/AVP 0", "a=inactive")),
        far(sdp(FAR, "m=audio 0 RTP/AVP 0"), answer=sdp("m=audio 0 RTP/AVP 0")),
        far(sdp(FAR, AUDIO, "a=sendonly"), answer=sdp("m=audio 5000 RTP/AVP 0", "a=recvonly")),
        PUBLIC + "0.0 alice -> bob OPTIONS\n0.1 bob -> alice 200\n" + sdp(FAR, AUDIO),
        far(sdp("c=IN IP4 192.0.2.99", AUDIO)),
    ],
    ids=["private SIP", "one host", "null address", "no port", "only sends", "capabilities", "public"],
)
def test_address_that_need_not_or_can_be_reached_is_not_judged(judged: Judged, script: str) -> None:
    assert judged(script, "SDP-012") == []


def test_public_candidate_makes_it_information(judged: Judged) -> None:
    candidate = "a=candidate:1 1 UDP 1694498815 198.51.100.7 4000 typ srflx raddr 192.168.1.20 rport 4000"
    assert [item.severity for item in judged(far(sdp(FAR, AUDIO, candidate)), "SDP-012")] == [Severity.INFO]


def test_media_that_finds_its_way_makes_it_information(judged: Judged) -> None:
    both = "0.3-8 alice => bob PCMU from=198.51.100.7:6000\n0.3-8 bob => alice PCMU to=198.51.100.7:6000\n"
    assert [item.severity for item in judged(far(sdp(FAR, AUDIO), both), "SDP-012")] == [Severity.INFO]


def test_media_that_arrives_within_that_network_makes_it_information(judged: Judged) -> None:
    parties = "alice 192.168.1.20\nbob 203.0.113.9\n"
    both = "0.3-8 alice => bob PCMU\n0.3-8 bob => alice PCMU\n"
    assert [item.severity for item in judged(far(sdp(AUDIO), both, parties=parties), "SDP-012")] == [Severity.INFO]


def test_media_between_private_hosts_is_within_one_network(judged: Judged) -> None:
    both = "0.3-8 alice => bob PCMU\n0.3-8 bob => alice PCMU\n"
    answer = sdp("c=IN IP4 192.168.1.30", "m=audio 5000 RTP/AVP 0")
    assert judged(far(sdp(FAR, AUDIO), both, answer=answer), "SDP-012") == []


def test_sip_from_that_very_address_leaves_it_possible(judged: Judged) -> None:
    """The tap may be in front of a NAT that rewrites the description, or there is none."""
    (found,) = judged(far(sdp(AUDIO), parties="alice 192.168.1.20\nbob 203.0.113.9\n"), "SDP-012")
    assert (found.severity, found.confidence) == (Severity.WARNING, Confidence.POSSIBLE)
    assert "rewrite" in found.guards[0]


def test_private_addresses_of_both_parties_leave_it_possible(judged: Judged) -> None:
    found = judged(far(sdp(FAR, AUDIO), answer=sdp("c=IN IP4 192.168.1.30", "m=audio 5000 RTP/AVP 0")), "SDP-012")
    assert [(item.frames, item.confidence) for item in found] == [
        ((1,), Confidence.POSSIBLE),
        ((2,), Confidence.POSSIBLE),
    ]


def test_media_that_runs_the_other_way_alone_makes_it_an_error_that_explains_the_silence(judged: Judged) -> None:
    one_way = "0.3-8 alice => bob PCMU from=198.51.100.7:4000\n"
    found = judged(far(sdp(FAR, AUDIO), one_way))
    assert [(item.rule, item.severity) for item in found] == [
        ("SDP-012", Severity.ERROR),
        ("RTP-002", Severity.ERROR),
    ]


def test_address_is_judged_at_the_hop_that_leaves_the_network(judged: Judged) -> None:
    parties = "alice 192.168.1.20\nproxy 192.168.1.1 proxy record-route\nbob 203.0.113.9\n"
    script = parties + "0.0 alice -> proxy INVITE\n" + sdp(AUDIO) + "0.01 proxy -> bob INVITE\n"
    found = judged(script, "SDP-012")
    assert [(item.rule, item.evidence[-1].note) for item in found] == [
        ("SDP-012", "SIP went 192.168.1.1:5060 → 203.0.113.9:5060"),
    ]
