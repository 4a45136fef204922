"""What is wrong with one description, by itself (RFC 8866 §5, RFC 3264 §5)."""

import pytest

from sipscope.model.defects import Defect, Severity
from sipscope.sdp import parse_description

GOOD = "v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|c=IN IP4 192.0.2.1|t=0 0|m=audio 4000 RTP/AVP 0"
NO_CONNECTION = GOOD.replace("c=IN IP4 192.0.2.1|", "")


def found(text: str, end: str = "\r\n") -> tuple[Defect, ...]:
    """Defects of a description whose lines bars separate."""
    return parse_description("".join(line + end for line in text.split("|")).encode()).defects


def codes(text: str) -> list[str]:
    return [defect.code for defect in found(text)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(GOOD, id="usual"),
        pytest.param(GOOD.replace("s=-", "s= "), id="session name of one blank"),
        pytest.param(GOOD.replace("s=-", "s=  weekly call"), id="session name that begins with blanks"),
        pytest.param(GOOD.replace("s=-", "s=-|i=info|u=http://x|e=a@b|p=+1"), id="optional lines"),
        pytest.param(
            GOOD.replace("t=0 0", "b=AS:64|t=0 0|r=7d 1h 0 25h|t=1 2|z=0 -1h|k=clear:x|a=tool:x"), id="time lines"
        ),
        pytest.param(f"{NO_CONNECTION}|i=left|c=IN IP4 192.0.2.1|b=AS:64|k=prompt|a=sendrecv", id="section lines"),
        pytest.param(GOOD.replace("0 0|m", "0 0|a=sendrecv|m"), id="session attribute"),
        pytest.param("v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|t=0 0", id="no media"),
        pytest.param(NO_CONNECTION.replace("4000", "0"), id="no connection for a refused section"),
        pytest.param(GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP6 2001:db8::1"), id="other family than the origin"),
        pytest.param(GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 media.example"), id="host name"),
        pytest.param(GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 0.0.0.0"), id="null address"),
        pytest.param(GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1/127/3"), id="multicast"),
        pytest.param(GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP6 FF15::101/3"), id="IPv6 multicast has no TTL"),
        pytest.param(f"{NO_CONNECTION}|c=IN IP4 224.2.1.1/127|c=IN IP4 224.2.1.2/127", id="layers of a section"),
        pytest.param(GOOD.replace("1 1 IN", "9223372036854775807 0 IN"), id="63 bits"),
        pytest.param(GOOD.replace("AVP 0", "AVP 0 2 19 72"), id="reserved payload types"),
        pytest.param(GOOD.replace("AVP 0", "AVP 101|a=rtpmap:101 telephone-event/8000"), id="mapped dynamic type"),
        pytest.param(GOOD.replace("audio 4000 RTP/AVP 0", "image 4000 udptl t38|a=T38FaxVersion:0"), id="fax"),
        pytest.param(GOOD.replace("4000 RTP/AVP 0", "0 RTP/AVP 101"), id="refused sections may drop their rtpmaps"),
    ],
)
def test_these_have_no_defect(text: str) -> None:
    assert found(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(GOOD.removeprefix("v=0|"), "sdp-required-line-missing", id="no version"),
        pytest.param(GOOD.replace("s=-|", ""), "sdp-required-line-missing", id="no session name"),
        pytest.param(GOOD.replace("o=- 1 1 IN IP4 192.0.2.1|", ""), "sdp-required-line-missing", id="no origin"),
        pytest.param(GOOD.replace("t=0 0|", ""), "sdp-required-line-missing", id="no time"),
        pytest.param(GOOD.replace("v=0", "v=1"), "sdp-required-line-missing", id="other version"),
        pytest.param(GOOD.replace("s=-", "s=-|s=-"), "sdp-required-line-missing", id="two session names"),
        pytest.param(
            "v=0|o=- 1 1 IN IP4 192.0.2.1|s=-|t=0 0|c=IN IP4 192.0.2.1|m=audio 4000 RTP/AVP 0",
            "sdp-line-order-or-form",
            id="connection behind the time",
        ),
        pytest.param(GOOD.replace("t=0 0", "a=tool:x|t=0 0"), "sdp-line-order-or-form", id="time behind an attribute"),
        pytest.param(f"{NO_CONNECTION}|a=sendrecv|c=IN IP4 192.0.2.1", "sdp-line-order-or-form", id="inside a section"),
        pytest.param(f"{GOOD}|s=-", "sdp-line-order-or-form", id="session line in a section"),
        pytest.param(f"{GOOD}|x=1", "sdp-line-order-or-form", id="unknown letter"),
        pytest.param(f"{GOOD}|A=sendrecv", "sdp-line-order-or-form", id="letters have a case"),
        pytest.param(f"{GOOD}|a =sendrecv", "sdp-line-order-or-form", id="blank before the equals sign"),
        pytest.param(f"{GOOD}|a= sendrecv", "sdp-line-order-or-form", id="blank behind it"),
        pytest.param(f"{GOOD}|sendrecv", "sdp-line-order-or-form", id="no letter"),
        pytest.param(GOOD.replace("s=-|", "s=-||"), "sdp-line-order-or-form", id="empty line"),
        pytest.param(GOOD.replace("o=-", "o=John Doe"), "origin-line-malformed", id="user name with a blank"),
        pytest.param(GOOD.replace("o=- 1 1", "o=1 1"), "origin-line-malformed", id="five fields"),
        pytest.param(GOOD.replace("o=- 1 1", "o=- 1 v1"), "origin-line-malformed", id="version is no number"),
        pytest.param(GOOD.replace("o=- 1", "o=- -1"), "origin-line-malformed", id="negative session id"),
        pytest.param(GOOD.replace("o=- 1", "o=- 9223372036854775808"), "origin-line-malformed", id="64 bits"),
        pytest.param(GOOD.replace("1 1 IN IP4", "1 1 IN IP6"), "origin-line-malformed", id="family of the origin"),
        pytest.param(NO_CONNECTION, "connection-line-missing", id="no connection"),
        pytest.param(GOOD.replace("c=IN IP4", "c=IN IP6"), "address-or-port-ill-formed", id="IPv4 under IP6"),
        pytest.param(
            GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 ::1"), "address-or-port-ill-formed", id="IPv6 under IP4"
        ),
        pytest.param(
            GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1/127"),
            "address-or-port-ill-formed",
            id="slash behind a unicast address",
        ),
        pytest.param(
            GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 224.2.1.1"),
            "address-or-port-ill-formed",
            id="multicast without TTL",
        ),
        pytest.param(
            GOOD.replace("c=IN IP4 192.0.2.1", "c=IN IP4 192.0.2.1|c=IN IP4 192.0.2.2"),
            "address-or-port-ill-formed",
            id="two connections of the session",
        ),
        pytest.param(f"{NO_CONNECTION}|c=IN IP4", "address-or-port-ill-formed", id="connection without address"),
        pytest.param(GOOD.replace("4000", "65536"), "address-or-port-ill-formed", id="port beyond 65535"),
        pytest.param(GOOD.replace("4000", "port"), "address-or-port-ill-formed", id="port is no number"),
        pytest.param(GOOD.replace(" RTP/AVP 0", ""), "address-or-port-ill-formed", id="no formats"),
        pytest.param(GOOD.replace("AVP 0", "AVP 0 101"), "dynamic-pt-without-rtpmap", id="dynamic type"),
        pytest.param(GOOD.replace("AVP 0", "AVP 0 35"), "dynamic-pt-without-rtpmap", id="unassigned type"),
    ],
)
def test_this_is_the_only_defect(text: str, expected: str) -> None:
    assert codes(text) == [expected]


def test_an_empty_body_has_one_defect() -> None:
    assert [defect.text for defect in parse_description(b"").defects] == ["The description is empty."]


@pytest.mark.parametrize("body", [b"\xff" * 200, b"\x00\x01\x02garbage", b"INVITE sip:x SIP/2.0\r\n"])
def test_bytes_that_are_no_description_lack_every_required_line(body: bytes) -> None:
    defects = parse_description(body).defects
    assert [item.text for item in defects if item.code == "sdp-required-line-missing"] == [
        "The mandatory line v= is missing.",
        "The mandatory line o= is missing.",
        "The mandatory line s= is missing.",
        "There is no t= line.",
    ]


def test_each_section_is_judged_for_itself() -> None:
    defects = found(
        f"{NO_CONNECTION}|c=IN IP4 192.0.2.1|m=video 4002 RTP/AVP 34|m=audio 4004 RTP/AVP 0 101|c=IN IP4 192.0.2.1"
    )
    assert [item.text for item in defects] == [
        "No c= line applies to m-line 2.",
        "Payload type 101 of m-line 3 has no rtpmap.",
    ]


@pytest.mark.parametrize(
    ("end", "severity"), [("\n", Severity.INFO), ("\r", Severity.WARNING), ("\r\r\n", Severity.WARNING)]
)
def test_line_ends_other_than_crlf_are_told(end: str, severity: Severity) -> None:
    first = found(GOOD, end)[0]
    assert (first.code, first.severity) == ("sdp-line-order-or-form", severity)


def test_a_mixture_of_line_ends_is_a_warning() -> None:
    body = GOOD.replace("|", "\r\n") + "\n"
    assert [item.severity for item in parse_description(body.encode()).defects] == [Severity.WARNING]


@pytest.mark.parametrize("tail", ["\r\n", "\r\n\r\n", "\r\n \r\n", "", "\x00\x00", "\r\n\x00"])
def test_what_stands_behind_the_last_line_is_no_fault(tail: str) -> None:
    assert parse_description((GOOD.replace("|", "\r\n") + tail).encode()).defects == ()


def test_a_defect_says_where_it_stands() -> None:
    body = f"{GOOD}|a= sendrecv".replace("|", "\r\n").encode()
    (defect,) = parse_description(body).defects
    assert defect.span is not None
    assert body[defect.span.start : defect.span.end] == b"a= sendrecv"


def test_an_empty_line_is_where_it_stands() -> None:
    body = b"v=0\r\n\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n"
    (defect,) = parse_description(body).defects
    assert defect.span is not None
    assert (defect.span.start, defect.span.end) == (5, 5)


def test_an_absence_stands_nowhere() -> None:
    assert [item.span for item in found(GOOD.replace("s=-|", ""))] == [None]
