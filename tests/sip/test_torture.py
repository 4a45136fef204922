"""The messages of RFC 4475, each against what its section says."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sipscope.model.defects import Severity
from sipscope.model.message import Request, Response
from sipscope.model.network import Endpoint, Hop
from sipscope.sip import parse_message

HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))

# RFC 4475 §3.1.1, §3.3 and §3.4: well formed, whatever an application thinks of the content.
VALID = [
    "wsinv",
    "intmeth",
    "esc01",
    "escnull",
    "esc02",
    "lwsdisp",
    "longreq",
    "dblreq",
    "semiuri",
    "transports",
    "mpart01",
    "unreason",
    "noreason",
    "unkscm",
    "novelsc",
    "unksm2",
    "bext01",
    "invut",
    "regaut01",
    "bcast",
    "zeromf",
    "cparam01",
    "cparam02",
    "regescrt",
    "sdp01",
    "inv2543",
]

# §3.1.2, §3.2, and the messages of §3.3 that are themselves broken: the codes that must be among the errors.
INVALID = {
    "badinv01": {"stray-separator"},
    "clerr": {"content-length-mismatch"},
    "ncl": {"malformed-content-length"},
    "scalar02": {"cseq-out-of-range", "scalar-out-of-range"},
    "scalarlg": {"cseq-out-of-range", "malformed-warning"},
    "quotbal": {"unterminated-quoted-string"},
    "ltgtruri": {"request-uri-in-brackets"},
    "lwsruri": {"space-in-uri"},
    "lwsstart": {"request-line-spacing"},
    "trws": {"request-line-spacing"},
    "escruri": {"uri-component-not-allowed"},
    "baddate": {"malformed-date"},
    "regbadct": {"name-addr-required"},
    "badaspec": {"space-in-uri"},
    "baddn": {"unquoted-display-name"},
    "badvers": {"unknown-sip-version"},
    "mismatch01": {"cseq-method-mismatch"},
    "mismatch02": {"cseq-method-mismatch"},
    "bigcode": {"status-code-out-of-range"},
    "badbranch": {"branch-without-identifier"},
    "insuf": {"missing-mandatory-header"},
    "multi01": {"duplicate-single-header"},
    "mcl01": {"duplicate-single-header"},
}


def parsed(shared: Path, name: str) -> Request | Response:
    payload = (shared / "torture" / f"{name}.dat").read_bytes()
    message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP)
    assert message is not None
    return message


def request(shared: Path, name: str) -> Request:
    message = parsed(shared, name)
    assert isinstance(message, Request)
    return message


def error_codes(message: Request | Response) -> set[str]:
    return {defect.code for defect in message.defects if defect.severity is Severity.ERROR}


def test_all_49_messages_are_in_the_tables() -> None:
    assert len({*VALID, *INVALID}) == 49


@pytest.mark.parametrize("name", VALID)
def test_well_formed_message_has_no_error(shared: Path, name: str) -> None:
    assert error_codes(parsed(shared, name)) == set()


@pytest.mark.parametrize("name", INVALID)
def test_malformed_message_is_told_by_its_fault(shared: Path, name: str) -> None:
    assert error_codes(parsed(shared, name)) >= INVALID[name]


@pytest.mark.parametrize("name", INVALID)
def test_malformed_message_has_no_error_beside_its_fault(shared: Path, name: str) -> None:
    # Of badinv01's Via values two are empty but for a semicolon; the archive's baddn ends without its empty line.
    allowed = {"badinv01": {"malformed-via"}, "baddn": {"empty-line-missing"}}.get(name, set())
    assert error_codes(parsed(shared, name)) - allowed == INVALID[name]


METHOD = "!interesting-Method0123456789_*+`.%indeed'~"
USER = "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"

FACTS: list[tuple[str, str, Callable[[Request], object], object]] = [
    ("wsinv", "CSeq 0009 is 9", lambda m: (m.cseq.number, m.cseq.method), (9, "INVITE")),
    ("wsinv", "Max-Forwards 0068 is 68", lambda m: m.max_forwards, 68),
    ("wsinv", "folded To keeps its tag", lambda m: m.to_tag, "1918181833n"),
    ("wsinv", "quoted pairs are resolved", lambda m: m.from_.display_name, 'J Rosenberg \\"'),
    ("wsinv", "an empty Subject is empty", lambda m: m.headers.get("subject"), ""),
    (
        "wsinv",
        "a fold is one space",
        lambda m: m.headers.get("newfangledheader"),
        "newfangled value continued newfangled value",
    ),
    ("wsinv", "an unknown header is text", lambda m: m.headers.get("unknownheaderwithunusualvalue"), ";;,,;;,;"),
    (
        "wsinv",
        "Via lines and lists join",
        lambda m: [v.sent_by for v in m.vias],
        ["192.0.2.2", "spindle.example.com", "192.168.255.111"],
    ),
    ("wsinv", "Via has blanks around its slashes", lambda m: [v.transport for v in m.vias], ["UDP", "TCP", "UDP"]),
    ("wsinv", "a folded branch is whole", lambda m: m.vias[2].branch, "z9hG4bK30239"),
    ("wsinv", "Request-URI parameter without value", lambda m: "unknownparam" in m.request_uri.parameters, True),
    ("wsinv", "Route URI parameters", lambda m: m.routes[0].uri.parameters.get("unknownwith"), "value"),
    (
        "wsinv",
        "Contact parameters",
        lambda m: (m.contacts[0].display_name, m.contacts[0].parameters.get("q")),
        ('Quoted string ""', "0.33"),
    ),
    ("wsinv", "the body has its length", lambda m: len(m.body), 150),
    ("intmeth", "the method is any token", lambda m: (m.method, m.cseq.method), (METHOD, METHOD)),
    ("intmeth", "user part", lambda m: m.request_uri.user, USER),
    ("intmeth", "password", lambda m: m.request_uri.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"),
    ("intmeth", "host", lambda m: m.request_uri.host, "example.com"),
    ("intmeth", "quoted control characters", lambda m: m.to.display_name, "BEL:\x07 NUL:\x00 DEL:\x7f"),
    ("intmeth", "tag of token characters", lambda m: m.from_tag, "_token~1'+`*%!-."),
    ("intmeth", "Call-ID of word characters", lambda m: m.call_id, "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"),
    (
        "esc01",
        "user is unescaped",
        lambda m: (m.request_uri.user, m.request_uri.host),
        ("sips:user@example.com", "example.net"),
    ),
    ("esc01", "%75se%72 is user", lambda m: m.to.uri.user, "user"),
    ("esc01", "blanks in a user", lambda m: m.from_.uri.user, "I have spaces"),
    (
        "esc01",
        "parameters are unescaped once",
        lambda m: m.contacts[0].uri.parameters.items,
        (("lr", None), ("name", "value%41")),
    ),
    ("escnull", "NUL does not end a user", lambda m: m.to.uri.user, "null-\x00-null"),
    ("escnull", "two distinct contacts", lambda m: [c.uri.user for c in m.contacts], ["\x00", "\x00\x00"]),
    ("esc02", "% in a method is no escape", lambda m: m.method, "RE%47IST%45R"),
    ("esc02", "% in a display name is no escape", lambda m: m.from_.display_name, "%Z%45"),
    ("esc02", "C%6Fntact is no Contact", lambda m: len(m.contacts), 2),
    ("lwsdisp", "no blank before the bracket", lambda m: (m.from_.display_name, m.from_tag), ("caller", "323")),
    ("longreq", "34 Via values", lambda m: (len(m.vias), m.vias[0].host), (34, "sip33.example.com")),
    ("longreq", "a tag of 155 characters", lambda m: len(m.from_tag), 155),
    ("longreq", "long URI parameters", lambda m: (m.to.uri.port, len(m.to.uri.parameters)), (6000, 3)),
    ("dblreq", "bytes behind the body are cut", lambda m: (m.body, m.payload[-10:]), (b"", b"gth: 0\r\n\r\n")),
    ("semiuri", "a semicolon in the user part", lambda m: m.request_uri.user, "user;par=u@example.net"),
    ("semiuri", "folded Accept list", lambda m: len(m.accept), 6),
    (
        "transports",
        "unknown transport",
        lambda m: [v.transport for v in m.vias],
        ["UDP", "SCTP", "TLS", "UNKNOWN", "TCP"],
    ),
    (
        "mpart01",
        "two parts",
        lambda m: [str(p.content_type) for p in m.parts],
        ["text/plain", "application/octet-stream"],
    ),
    ("mpart01", "the text part", lambda m: m.parts[0].content, b"Hello"),
    (
        "mpart01",
        "the binary part is whole",
        lambda m: (len(m.parts[1].content), m.parts[1].content[:2]),
        (342, b"\x30\x82"),
    ),
    ("ltgtruri", "brackets are ignored", lambda m: m.request_uri.user, "user"),
    ("lwsstart", "blanks are ignored", lambda m: m.request_uri.address_of_record, "sip:user@example.com"),
    ("quotbal", "the URI is still found", lambda m: m.to.uri.address_of_record, "sip:j.user@example.com"),
    ("clerr", "the body is what is there", lambda m: (m.content_length, len(m.body)), (9999, 154)),
    ("ncl", "a negative length is none", lambda m: m.content_length, None),
    ("scalar02", "the number is kept", lambda m: m.cseq.number, 36893488147419103232),
    ("scalar02", "a number of a hundred digits is none", lambda m: m.expires, None),
    ("badaspec", "blanks in brackets are ignored", lambda m: m.to.uri.host, "example.org"),
    ("baddn", "the comma divides nothing", lambda m: (m.from_.display_name, m.from_tag), ("Bell, Alexander", "43")),
    (
        "regbadct",
        "the header in the URI is kept",
        lambda m: m.contacts[0].uri.headers,
        (("Route", "<sip:sip.example.com>"),),
    ),
    (
        "multi01",
        "the first of several counts",
        lambda m: (m.cseq.number, m.call_id, m.from_tag, m.max_forwards),
        (5, "multi01.98asdh@192.0.2.1", "3413415", 70),
    ),
    (
        "unkscm",
        "an unknown scheme",
        lambda m: (m.request_uri.scheme, m.request_uri.user),
        ("nobodyknowsthisscheme", "totallyopaquecontent"),
    ),
    (
        "novelsc",
        "another scheme's authority",
        lambda m: (m.request_uri.scheme, m.request_uri.host, m.request_uri.port),
        ("soap.beep", "192.0.2.103", 3002),
    ),
    (
        "unksm2",
        "schemes in headers",
        lambda m: (m.to.uri.scheme, m.from_.uri.scheme, m.contacts[0].uri.scheme),
        ("isbn", "http", "name"),
    ),
    ("bext01", "option tags, lower-case", lambda m: m.require, ("nothingsupportsthis", "nothingsupportsthiseither")),
    (
        "regaut01",
        "an unknown scheme of credentials",
        lambda m: (m.credentials[0].scheme, m.credentials[0].parameters.get("opaque-data")),
        ("NoOneKnowsThisScheme", "here"),
    ),
    ("zeromf", "Max-Forwards of 0", lambda m: m.max_forwards, 0),
    (
        "cparam01",
        "without brackets it belongs to the header",
        lambda m: ("unknownparam" in m.contacts[0].parameters, len(m.contacts[0].uri.parameters)),
        (True, 0),
    ),
    (
        "cparam02",
        "within brackets it belongs to the URI",
        lambda m: ("unknownparam" in m.contacts[0].uri.parameters, len(m.contacts[0].parameters)),
        (True, 0),
    ),
    (
        "regescrt",
        "a header in a bracketed URI",
        lambda m: m.contacts[0].uri.headers,
        (("Route", "<sip:sip.example.com>"),),
    ),
    ("inv2543", "no branch", lambda m: (m.vias[0].branch, m.from_tag), (None, None)),
    ("inv2543", "no Content-Length", lambda m: m.body[:4], b"v=0\r"),
]


@pytest.mark.parametrize(("name", "claim", "value", "expected"), FACTS, ids=[f"{n}: {c}" for n, c, _, _ in FACTS])
def test_value(shared: Path, name: str, claim: str, value: Callable[[Request], object], expected: object) -> None:
    assert value(request(shared, name)) == expected


def test_reason_phrase_may_be_utf_8(shared: Path) -> None:
    message = parsed(shared, "unreason")
    assert isinstance(message, Response)
    assert message.reason_phrase.startswith("= 2**3 * 5**2 но сто")


def test_reason_phrase_may_be_empty(shared: Path) -> None:
    message = parsed(shared, "noreason")
    assert isinstance(message, Response)
    assert (message.status, message.reason_phrase) == (100, "")


def test_every_span_lies_within_the_bytes_and_holds_the_header(shared: Path) -> None:
    for path in sorted((shared / "torture").glob("*.dat")):
        payload = path.read_bytes()
        message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP)
        for line in message.headers if message else ():
            assert payload[line.span.start : line.span.end].lower().startswith(line.raw_name.lower().encode())
        for defect in message.defects if message else ():
            assert defect.span is None or 0 <= defect.span.start <= defect.span.end <= len(payload)


def test_no_mutation_raises_and_every_span_stays_within_the_bytes(shared: Path) -> None:
    dice = random.Random(4475)
    for path in sorted((shared / "torture").glob("*.dat")):
        original = path.read_bytes()
        for _ in range(12):
            payload = mutated(original, dice)
            message = parse_message(payload, id="m1", frames=(1,), at=0, hop=HOP, stream=dice.random() < 0.5)
            for defect in message.defects if message else ():
                assert defect.span is None or 0 <= defect.span.start <= defect.span.end <= len(payload)


MARKS = (b'"', b"\\", b"<", b">", b"\r\n", b"\n ", b";", b",", b"%", b"\x00", b"\xff", b":", b"@", b"(")


def mutated(original: bytes, dice: random.Random) -> bytes:
    """The bytes with a few changed, cut out, or doubled."""
    payload = bytearray(original)
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(payload))
        kind = dice.randrange(4)
        if kind == 0:
            payload[at] = dice.randrange(256)
        elif kind == 1:
            payload[at : at + dice.randint(1, 20)] = b""
        elif kind == 2:
            payload[at:at] = bytes(payload[at : at + dice.randint(1, 40)])
        else:
            payload[at:at] = dice.choice(MARKS)
    return bytes(payload) or b"x"
