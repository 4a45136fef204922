"""What the rules about payload types, packet times and bodies say, and that they stay silent about what is legal."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
ANSWERED = "0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n0.2 alice -> bob ACK\n"
BYE = "9.0 alice -> bob BYE\n9.1 bob -> alice 200\n"
AUDIO = "m=audio 4000 RTP/AVP 0"


def call(*offer: str) -> str:
    """A call whose INVITE carries those lines of a description."""
    lines = "".join(f"      {line}\n" for line in offer)
    return PARTIES + "0.0 alice -> bob INVITE\n" + lines + ANSWERED + BYE


def told(judged: Judged, *offer: str) -> list[tuple[str, Severity, str]]:
    """Rule, severity and the last line of evidence of what the family says; every finding is of frame 1."""
    found = judged(call(*offer), "SDP")
    assert all(item.frames == (1,) for item in found)
    return [(item.rule, item.severity, item.evidence[-1].note.partition(": ")[2]) for item in found]


@pytest.mark.parametrize(
    ("number", "mapping"),
    [(8, "G726-32/8000"), (18, "iLBC/8000"), (5, "DVI4/16000"), (13, "CN/16000"), (0, "L16/8000")],
)
def test_static_types_mapped_to_something_else_are_told(judged: Judged, number: int, mapping: str) -> None:
    line = f"a=rtpmap:{number} {mapping}"
    assert told(judged, f"m=audio 4000 RTP/AVP 0 {number}".replace(" 0 0", " 0"), line) == [
        ("SDP-006", Severity.WARNING, line)
    ]


@pytest.mark.parametrize("mapping", ["18 G729A/8000", "18 G729ab/8000", "4 G723.1/8000"])
def test_common_names_of_the_same_codec_are_information(judged: Judged, mapping: str) -> None:
    found = told(judged, f"m=audio 4000 RTP/AVP 0 {mapping.partition(' ')[0]}", f"a=rtpmap:{mapping}")
    assert [(rule, severity) for rule, severity, _ in found] == [("SDP-006", Severity.INFO)]


@pytest.mark.parametrize(
    "offer",
    [
        ("m=audio 4000 RTP/AVP 0 8 18 9", "a=rtpmap:0 pcmu/8000", "a=rtpmap:8 PCMA/8000/1", "a=rtpmap:18 g729/8000"),
        ("m=audio 4000 RTP/AVP 0 2", "a=rtpmap:2 G726-32/8000"),
        (AUDIO, "m=audio 0 RTP/AVP 8", "a=rtpmap:8 G726-32/8000"),
        ("m=audio 4000 RTP/AVP 0 10", "a=rtpmap:10 L16/44100/2"),
    ],
    ids=["spelling", "reserved number", "refused", "as in the table"],
)
def test_static_types_in_their_own_meaning_are_no_fault(judged: Judged, offer: tuple[str, ...]) -> None:
    assert told(judged, *offer) == []


@pytest.mark.parametrize(
    "mapping",
    [
        "opus/48000",
        "opus/16000/2",
        "opus/48000/1",
        "G722/16000",
        "AMR/16000",
        "AMR-WB/8000",
        "iLBC/16000",
        "G729/16000",
        "H264/8000",
    ],
)
def test_clocks_and_channels_that_a_codec_does_not_have_are_told(judged: Judged, mapping: str) -> None:
    line = f"a=rtpmap:96 {mapping}"
    assert told(judged, "m=audio 4000 RTP/AVP 0 96", line) == [("SDP-008", Severity.ERROR, line)]


@pytest.mark.parametrize(
    "mapping",
    ["opus/48000/2", "G722/8000", "AMR-WB/16000", "AMR-WB/16000/2", "PCMU/16000", "L16/16000", "H264/90000", "X/1"],
)
def test_clocks_that_are_legal_are_no_fault(judged: Judged, mapping: str) -> None:
    assert told(judged, "m=audio 4000 RTP/AVP 0 96", f"a=rtpmap:96 {mapping}") == []


def test_wrong_clock_of_a_static_type_is_told_by_one_rule(judged: Judged) -> None:
    found = told(judged, AUDIO, "a=rtpmap:0 PCMU/16000")
    assert [rule for rule, _, _ in found] == ["SDP-008"]


@pytest.mark.parametrize(
    "lines",
    [
        ("a=rtpmap:18 G729/8000",),
        ("a=fmtp:101 0-15",),
        ("a=rtcp-fb:96 nack",),
        ("a=rtpmap:0 PCMU/8000", "a=rtpmap:0 PCMU/8000"),
        ("a=fmtp:0 x=1", "a=fmtp:0 y=2"),
    ],
    ids=["rtpmap", "fmtp", "rtcp-fb", "two rtpmap", "two fmtp"],
)
def test_attributes_of_formats_that_are_not_listed_or_doubled_are_told(judged: Judged, lines: tuple[str, ...]) -> None:
    assert told(judged, AUDIO, *lines) == [("SDP-007", Severity.WARNING, lines[-1])]


@pytest.mark.parametrize(
    "lines",
    [
        (AUDIO, "a=rtcp-fb:* nack"),
        ("m=audio 4000 RTP/AVP 0 96", "a=rtpmap:96 AMR/8000", "a=fmtp:96 mode-set=7", "a=rtcp-fb:96 nack"),
        (AUDIO, "m=audio 0 RTP/AVP 8", "a=rtpmap:18 G729/8000"),
        (AUDIO, "m=message 5000 TCP/MSRP *", "a=fmtp:1 x"),
    ],
    ids=["wildcard", "listed", "refused", "not RTP"],
)
def test_attributes_of_listed_formats_are_no_fault(judged: Judged, lines: tuple[str, ...]) -> None:
    assert told(judged, *lines) == []


@pytest.mark.parametrize(
    ("offer", "severity"),
    [
        (("m=audio 4000 RTP/AVP 0 72",), Severity.WARNING),
        (("m=audio 4000 RTP/AVP 0 200",), Severity.WARNING),
        (("m=audio 4000 RTP/AVP 0 80", "a=rtpmap:80 x/8000", "a=rtcp-mux"), Severity.WARNING),
        (("m=audio 4000 RTP/AVP 0 80", "a=rtpmap:80 x/8000"), Severity.INFO),
    ],
    ids=["reserved", "above 127", "multiplexed", "apart"],
)
def test_types_that_look_like_rtcp_are_told(judged: Judged, offer: tuple[str, ...], severity: Severity) -> None:
    assert told(judged, *offer) == [("SDP-009", severity, offer[0])]


def test_types_from_35_to_63_may_be_multiplexed(judged: Judged) -> None:
    assert told(judged, "m=audio 4000 RTP/AVP 0 40", "a=rtpmap:40 opus/48000/2", "a=rtcp-mux") == []


@pytest.mark.parametrize(
    "offer",
    [
        (AUDIO, "a=ptime:0"),
        (AUDIO, "a=ptime:many"),
        (AUDIO, "a=maxptime:20", "a=ptime:30"),
        ("m=audio 4000 RTP/AVP 18 0", "a=ptime:15"),
        ("m=audio 4000 RTP/AVP 4 0", "a=ptime:20"),
    ],
    ids=["zero", "word", "above the maximum", "half a frame", "G723"],
)
def test_packet_times_that_cannot_be_are_told(judged: Judged, offer: tuple[str, ...]) -> None:
    assert told(judged, *offer) == [("SDP-010", Severity.WARNING, offer[-1])]


@pytest.mark.parametrize(
    "offer",
    [
        (AUDIO, "a=ptime:20", "a=maxptime:150"),
        ("m=audio 4000 RTP/AVP 18 4", "a=ptime:20"),
        (AUDIO, "a=ptime:2.5"),
        (AUDIO, "m=audio 0 RTP/AVP 4", "a=ptime:0"),
    ],
    ids=["usual", "first codec counts", "fraction", "refused"],
)
def test_packet_times_that_can_be_are_no_fault(judged: Judged, offer: tuple[str, ...]) -> None:
    assert told(judged, *offer) == []


DESCRIPTION = (
    "v=0",
    "o=alice 1 1 IN IP4 192.0.2.10",
    "s=-",
    "c=IN IP4 192.0.2.10",
    "t=0 0",
    "m=audio 4000 RTP/AVP 0",
)
ISUP = ("Content-Type: application/ISUP", "", "01")


def sent(content_type: str, *body: str, then: str = ANSWERED + BYE) -> str:
    """A call whose INVITE carries that body."""
    lines = "".join(f"      | {line}\n" for line in body)
    return PARTIES + f"0.0 alice -> bob INVITE\n      Content-Type: {content_type}\n" + lines + then


def part(*head: str) -> tuple[str, ...]:
    """One part of a multipart body with a description."""
    return ("--b", *head, "", *DESCRIPTION)


def multipart(*parts: tuple[str, ...], end: str = "--b--") -> tuple[str, ...]:
    """A multipart body."""
    return (*(line for each in parts for line in each), end)


SDP = part("Content-Type: application/sdp")
EARLY = part("Content-Type: application/sdp", "Content-Disposition: early-session")
REFUSED = "0.1 bob -> alice 415\n0.2 alice -> bob ACK\n"


@pytest.mark.parametrize(
    "script",
    [
        sent("application/SDP-data", *DESCRIPTION, then=REFUSED),
        sent("text/plain", *DESCRIPTION, then=REFUSED),
        sent("multipart/mixed", *multipart(SDP), then=REFUSED),
        sent("multipart/mixed;boundary=x", *multipart(SDP), then=REFUSED),
        sent("multipart/mixed;boundary=b", *multipart(SDP, end="")),
        sent("multipart/mixed;boundary=b", *multipart(SDP, SDP)),
    ],
    ids=["wrong type", "text", "no boundary", "other boundary", "not closed", "two sessions"],
)
def test_descriptions_that_cannot_be_found_are_told(judged: Judged, script: str) -> None:
    found = judged(script, "SDP")
    assert [(item.rule, item.severity, item.frames) for item in found] == [("SDP-013", Severity.ERROR, (1,))]


def test_description_without_content_type_is_told(judged: Judged) -> None:
    lines = "".join(f"      | {line}\n" for line in DESCRIPTION)
    found = judged(PARTIES + "0.0 alice -> bob INVITE\n" + lines + REFUSED, "SDP")
    assert [item.evidence[0].note for item in found] == ["there is no Content-Type, and the body starts with v=0"]


@pytest.mark.parametrize(
    "script",
    [
        sent("multipart/mixed;boundary=b", *multipart(SDP, ("--b", *ISUP))),
        sent("multipart/alternative;boundary=b", *multipart(SDP, SDP)),
        sent("multipart/mixed;boundary=b", *multipart(SDP, EARLY)),
        sent("application/SDP", *DESCRIPTION),
        PARTIES + "0.0 alice -> bob MESSAGE\n      Content-Type: text/plain\n      | v=0\n      | m=x\n",
        sent("application/ISUP", "01"),
    ],
    ids=["ISUP beside", "alternatives", "early-session", "type in capitals", "text of a MESSAGE", "ISUP alone"],
)
def test_descriptions_that_can_be_found_are_no_fault(judged: Judged, script: str) -> None:
    assert judged(script, "SDP") == []


def test_same_body_on_two_hops_is_told_once(judged: Judged) -> None:
    script = sent("text/plain", *DESCRIPTION, then="").replace("alice -> bob", "alice -> proxy")
    script = script.replace(PARTIES, PARTIES + "proxy 192.0.2.1 proxy\n") + "0.01 proxy -> bob INVITE\n"
    assert [item.frames for item in judged(script, "SDP")] == [(1, 2)]
