"""Registrations of RFC 3665 §2, and those through proxies with Path and Service-Route."""

from tests.flows.story import Flow, flow

PARTIES = """
bob 192.0.2.20
registrar 192.0.2.1
visited 192.0.2.2 proxy
edge 192.0.2.3 proxy
"""
CHALLENGE = '    WWW-Authenticate: Digest realm="b.example", nonce="n1"\n'
CREDENTIALS = (
    '    Authorization: Digest username="bob", realm="b.example", nonce="n1", uri="sip:192.0.2.1", response="00"\n'
)
BOB = "<sip:bob@192.0.2.20:5060>"
DESK = "<sip:+1-972-555-2222@gw1.example.com>"


def register(at: float, *lines: str, to: str = "registrar") -> str:
    """A REGISTER of bob's address of record."""
    fields = "".join(f"    {line}\n" for line in lines)
    return f"{at} bob -> {to} REGISTER call=1 to=registrar\n    To: <sip:bob@b.example>\n{fields}"


def accepted(at: float, *lines: str) -> str:
    """The 200 with the bindings."""
    return f"{at} registrar -> bob 200 tag=r1\n" + "".join(f"    {line}\n" for line in lines)


FLOWS: tuple[tuple[Flow, tuple[str, ...]], ...] = (
    (
        flow(
            "RFC 3665 §2.1",
            "Successful New Registration",
            PARTIES
            + register(0.0, f"Contact: {BOB}", "Expires: 3600")
            + f"0.1 registrar -> bob 401 tag=r0\n{CHALLENGE}"
            + register(0.2, f"Contact: {BOB}", "Expires: 3600")
            + CREDENTIALS
            + accepted(0.3, f"Contact: {BOB};expires=3600")
            + "60 end\n",
        ),
        ("registered for 3600 s with 1 contact in 2 attempts",),
    ),
    (
        flow(
            "RFC 3665 §2.2",
            "Update of Contact List",
            PARTIES
            + register(0.0, "Contact: <mailto:bob@b.example>")
            + CREDENTIALS
            + accepted(0.1, f"Contact: {BOB};expires=3600, <mailto:bob@b.example>;expires=4294967295")
            + "60 end\n",
        ),
        ("registered for 4294967295 s with 2 contacts in 1 attempt",),
    ),
    (
        flow(
            "RFC 3665 §2.3",
            "Request for Current Contact List",
            PARTIES
            + register(0.0, "Contact:")
            + CREDENTIALS
            + accepted(0.1, f"Contact: {BOB};expires=3600, {DESK};expires=3600")
            + "60 end\n",
        ),
        ("fetched for 3600 s with 2 contacts in 1 attempt",),
    ),
    (
        flow(
            "RFC 3665 §2.4",
            "Cancellation of Registration",
            PARTIES + register(0.0, "Contact: *", "Expires: 0") + CREDENTIALS + accepted(0.1, "Contact:") + "60 end\n",
        ),
        ("removed with 0 contacts in 1 attempt",),
    ),
    (
        flow(
            "RFC 3665 §2.5",
            "Unsuccessful Registration",
            PARTIES
            + register(0.0, f"Contact: {BOB}")
            + f"0.1 registrar -> bob 401 tag=r0\n{CHALLENGE}"
            + register(0.2, f"Contact: {BOB}")
            + CREDENTIALS
            + f"0.3 registrar -> bob 401 tag=r1\n{CHALLENGE}60 end\n",
            findings="AUTH-001",
        ),
        ("rejected with 1 contact in 2 attempts",),
    ),
    (
        flow(
            "F03",
            "two contacts, and less time than asked for",
            PARTIES
            + register(0.0, f"Contact: {BOB}", "Expires: 3600")
            + f"0.1 registrar -> bob 401 tag=r0\n{CHALLENGE}"
            + register(0.2, f"Contact: {BOB}", "Expires: 3600")
            + CREDENTIALS
            + accepted(0.3, f"Contact: {BOB};expires=600, {DESK};expires=300")
            + "60 end\n",
        ),
        ("registered for 600 s with 2 contacts in 2 attempts",),
    ),
    (
        flow(
            "F04",
            "through a visited and an edge proxy with Path and Service-Route",
            PARTIES
            + register(0.0, f"Contact: {BOB}", "Supported: path", to="visited")
            + "0.01 visited -> edge REGISTER\n    Path: <sip:192.0.2.2;lr>\n"
            + "0.02 edge -> registrar REGISTER\n    Path: <sip:192.0.2.3;lr>, <sip:192.0.2.2;lr>\n"
            + "0.10 registrar -> edge 200 tag=r1\n"
            + f"    Contact: {BOB};expires=600\n    Service-Route: <sip:192.0.2.3;lr>\n"
            + "    Path: <sip:192.0.2.3;lr>, <sip:192.0.2.2;lr>\n"
            + "0.11 edge -> visited 200\n0.12 visited -> bob 200\n60 end\n",
        ),
        ("registered for 600 s with 1 contact in 1 attempt",),
    ),
    (
        flow(
            "F05",
            "two contacts refreshed, then one removed",
            PARTIES
            + register(0.0, f"Contact: {BOB}, {DESK}", "Expires: 600")
            + accepted(0.1, f"Contact: {BOB};expires=600, {DESK};expires=600")
            + register(300.0, f"Contact: {BOB}, {DESK}", "Expires: 600")
            + accepted(300.1, f"Contact: {BOB};expires=600, {DESK};expires=600")
            + register(400.0, f"Contact: {DESK};expires=0")
            + accepted(400.1, f"Contact: {BOB};expires=500")
            + "430 end\n",
        ),
        (
            "registered for 600 s with 2 contacts in 1 attempt",
            "registered for 600 s with 2 contacts in 1 attempt",
            "removed with 1 contact in 1 attempt",
        ),
    ),
)
