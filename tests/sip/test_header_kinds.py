"""The typed value of each header field."""

import pytest

from sipscope.model.header_values import AuthenticationValue, CSeq, DialogReference, MediaType, RAck, WarningValue
from sipscope.sip.header_kinds import HEADER_KINDS
from sipscope.sip.header_names import COMPACT_FORMS, HEADER_NAMES, canonical_name


def value_of(name: str, text: str) -> object | None:
    return HEADER_KINDS[name].parse(text)[0]


def codes(name: str, text: str) -> list[str]:
    return [fault.code for fault in HEADER_KINDS[name].parse(text)[1]]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("cseq", "0009  INVITE", CSeq(9, "INVITE")),
        ("rack", "776656 1 INVITE", RAck(776656, 1, "INVITE")),
        ("max-forwards", "70", 70),
        ("min-se", "90;foo=bar", 90),
        ("content-length", "000", 0),
        ("content-length", "0" * 30 + "7", 7),
        ("require", "100rel, Timer", ("100rel", "timer")),
        ("supported", "", ()),
        ("allow", "INVITE,ACK", ("INVITE", "ACK")),
        ("privacy", "id;Critical", ("id", "critical")),
        ("content-type", 'Multipart/Mixed;boundary="a;b"', "multipart/mixed"),
        ("call-id", "a84b4c76e66710", "a84b4c76e66710"),
        ("refer-sub", "FALSE;x=1", "false"),
        ("info-package", "nurse;x=1", "nurse"),
        ("recv-info", "a, b;x=1", ("a", "b")),
        ("user-agent", "Phone/1.0 (x; y)", "Phone/1.0 (x; y)"),
        ("expires", "36893488147419103232", 36893488147419103232),
    ],
)
def test_plain_value(name: str, text: str, expected: object) -> None:
    value = value_of(name, text)
    assert (str(value) if isinstance(value, MediaType) else value) == expected


@pytest.mark.parametrize(
    ("name", "text", "value", "parameter"),
    [
        ("retry-after", "120 (I'm (so) busy) ;duration=60", "120", ("duration", "60")),
        ("event", "refer;id=93809824", "refer", ("id", "93809824")),
        ("subscription-state", "Terminated;reason=noresource", "terminated", ("reason", "noresource")),
        ("session-expires", "1800;refresher=uac", "1800", ("refresher", "uac")),
        ("content-disposition", "Session;handling=optional", "session", ("handling", "optional")),
        (
            "session-id",
            "ab30317f1a784dc48ff824d0d3715d86;remote=00",
            "ab30317f1a784dc48ff824d0d3715d86",
            ("remote", "00"),
        ),
    ],
)
def test_value_with_parameters(name: str, text: str, value: str, parameter: tuple[str, str]) -> None:
    parsed = value_of(name, text)
    assert (parsed.value, parsed.parameters.items) == (value, (parameter,))


def test_reason_is_a_list_with_quoted_texts() -> None:
    reasons = value_of("reason", 'Q.850;cause=16;text="Terminated, all", SIP;cause=200')
    assert [(r.value, r.parameters.get("cause"), r.parameters.get("text")) for r in reasons] == [
        ("Q.850", "16", "Terminated, all"),
        ("SIP", "200", None),
    ]


def test_several_vias_stand_on_one_line() -> None:
    vias = value_of("via", "SIP/2.0/UDP a.example.com:5062;branch=z9hG4bK1, SIP/2.0/tls [2001:DB8::9];received=1.2.3.4")
    assert [(v.transport, v.sent_by, v.branch, v.received) for v in vias] == [
        ("UDP", "a.example.com:5062", "z9hG4bK1", None),
        ("TLS", "2001:db8::9", None, "1.2.3.4"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SIP/2.0/UDP Client.Example.org", "client.example.org:5060"),
        ("SIP/2.0/TCP 192.0.2.1:5060", "192.0.2.1:5060"),
        ("SIP/2.0/UDP 192.0.2.1:5061", "192.0.2.1:5061"),
        ("SIP/2.0/TLS 192.0.2.1", "192.0.2.1:5061"),
        ("SIP/2.0/TLS 192.0.2.1:5060", "192.0.2.1:5060"),
    ],
)
def test_via_without_a_port_means_the_default_port_of_its_transport(text: str, expected: str) -> None:
    (via,) = value_of("via", text)
    assert via.sent_by_with_port == expected


def test_challenge_has_its_parameters_unquoted() -> None:
    challenge = value_of("www-authenticate", 'Digest realm="a, b", qop="auth,auth-int" ,nonce="x\\"y", stale=FALSE')[0]
    assert isinstance(challenge, AuthenticationValue)
    assert (challenge.header, challenge.scheme, challenge.parameters.items) == (
        "www-authenticate",
        "Digest",
        (("realm", "a, b"), ("qop", "auth,auth-int"), ("nonce", 'x"y'), ("stale", "FALSE")),
    )


def test_two_challenges_on_one_line_are_two() -> None:
    challenges = value_of("proxy-authenticate", 'Digest realm="a", nonce="1", Digest realm="b", nonce="2"')
    assert [challenge.parameters.get("nonce") for challenge in challenges] == ["1", "2"]


def test_warning_has_code_agent_and_text() -> None:
    assert value_of("warning", '399 h.example.com:5060 "a \\"b\\", c"') == (
        WarningValue(399, "h.example.com:5060", 'a "b", c'),
    )


def test_replaces_names_a_dialog() -> None:
    text = "98732@sip.example.com;from-tag=r33th4x0r;to-tag=ff87ff;early-only"
    assert value_of("replaces", text) == DialogReference("98732@sip.example.com", "ff87ff", "r33th4x0r", True, text)


def test_target_dialog_has_local_and_remote_tag() -> None:
    text = "fa77as7dad8-sd98ajzz@host.example.com;local-tag=kkaz-;remote-tag=6544"
    reference = value_of("target-dialog", text)
    assert (reference.to_tag, reference.from_tag) == ("kkaz-", "6544")


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("cseq", "2147483648 INVITE", "cseq-out-of-range"),
        ("cseq", "-1 INVITE", "cseq-out-of-range"),
        ("cseq", "² INVITE", "cseq-out-of-range"),
        ("cseq", "1", "malformed-cseq"),
        ("cseq", "9" * 5000 + " INVITE", "cseq-out-of-range"),
        ("max-forwards", "256", "scalar-out-of-range"),
        ("max-forwards", "", "malformed-number"),
        ("expires", "4294967296", "scalar-out-of-range"),
        ("expires", "Thu, 01 Dec 1994 16:00:00 GMT", "expires-as-date"),
        ("content-length", "five", "malformed-content-length"),
        ("content-length", "-1", "malformed-content-length"),
        ("session-expires", "soon", "malformed-number"),
        ("retry-after", "99999999999", "scalar-out-of-range"),
        ("rack", "1 INVITE", "malformed-rack"),
        ("date", "Fri, 01 Jan 2010 16:00:00 EST", "malformed-date"),
        ("content-type", "sdp", "malformed-content-type"),
        ("via", "UDP 192.0.2.1", "malformed-via"),
        ("via", "", "malformed-via"),
        ("via", "SIP/3.0/UDP h;branch=z9hG4bK1", "unknown-sip-version"),
        ("via", "SIP/2.0/UDP h;branch=z9hG4bK", "branch-without-identifier"),
        ("via", "SIP/2.0/UDP h;ttl=300", "scalar-out-of-range"),
        ("via", "SIP/2.0/UDP 2001:db8::9;branch=z9hG4bK1", "unbracketed-ipv6"),
        ("contact", "<sip:a@h>;expires=-1", "scalar-out-of-range"),
        ("contact", "<sip:a@h>;q=1.1", "scalar-out-of-range"),
        ("contact", "", "empty-header-value"),
        ("call-id", "", "empty-header-value"),
        ("allow", "INVITE,,ACK", "stray-separator"),
        ("require", "", "empty-header-value"),
        ("supported", "100rel timer", "malformed-token"),
        ("warning", '1812 overture "In Progress"', "malformed-warning"),
        ("warning", '399 h "open', "unterminated-quoted-string"),
        ("www-authenticate", "", "malformed-authentication"),
        ("replaces", "1@h;to-tag=2", "malformed-dialog-reference"),
        ("event", ";id=1", "empty-header-value"),
        ("reason", "SIP, ;cause=200", "empty-header-value"),
        ("contact", "<sip:a@h>;q=x", "scalar-out-of-range"),
        ("rack", "4294967296 1 INVITE", "scalar-out-of-range"),
        ("cseq", "1 IN(VITE", "malformed-method"),
        ("join", "1@h;from-tag=2", "malformed-dialog-reference"),
        ("via", "SIP/2.0/UDP h;branch=z9hG4bK1;rport=70000", "scalar-out-of-range"),
    ],
)
def test_fault_of_a_value(name: str, text: str, code: str) -> None:
    assert codes(name, text) == [code]


def test_no_value_of_an_unreadable_text() -> None:
    assert [value_of(name, "x y z") for name in ("cseq", "rack", "expires", "content-type", "date")] == [None] * 5


def test_every_typed_header_is_in_the_table_of_names() -> None:
    assert set(HEADER_KINDS) - {name for name, _, _ in HEADER_NAMES} == set()


def test_names_are_listed_once_and_sorted() -> None:
    names = [name for name, _, _ in HEADER_NAMES]
    assert names == sorted(set(names))


def test_compact_forms_are_those_of_the_registry() -> None:
    assert "".join(sorted(COMPACT_FORMS)) == "abcdefijklmnorstuvxy"


@pytest.mark.parametrize(
    ("raw_name", "name"), [("V", "via"), ("Call-ID", "call-id"), ("X-Vendor", "x-vendor"), ("x", "session-expires")]
)
def test_canonical_name(raw_name: str, name: str) -> None:
    assert canonical_name(raw_name) == name
