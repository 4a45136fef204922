"""What the rules about registrations say, and what devices and registrars do rightly (RFC 3261 §10)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nspare 192.0.2.2\n"
OWN = "<sip:alice@192.0.2.10:5060>"
END = "500 end\n"


def register(at: float, *lines: str, options: str = "", call: str = "1", to: str = "reg") -> str:
    fields = "".join(f"      {line}\n" for line in ("To: <sip:alice@example.org>", *lines))
    return f"{at} alice -> {to} REGISTER call={call} {options}\n{fields}"


def reply(at: float, status: int, *lines: str, by: str = "reg") -> str:
    return f"{at} {by} -> alice {status}\n" + "".join(f"      {line}\n" for line in lines)


def granted(at: float, seconds: int = 60) -> str:
    return reply(at, 200, f"Contact: {OWN};expires={seconds}")


ASKS = 'WWW-Authenticate: Digest realm="r", nonce="a"'
GIVES = 'Authorization: Digest username="al", realm="r", nonce="a", uri="sip:192.0.2.1", response="0"'
TWO_HOPS = """alice 192.0.2.10
edge 192.0.2.2 proxy
reg 192.0.2.1
0.0 alice -> edge REGISTER to=reg
0.05 edge -> reg REGISTER
"""

LEGITIMATE = {
    "refreshed in time": register(0) + granted(0.1) + register(50) + granted(50.1) + "80 end\n",
    "refresh sent at the last moment and answered late": register(0)
    + granted(0.1)
    + register(59.9)
    + granted(61)
    + "80 end\n",
    "device that is switched off and doesn't come back": register(0) + granted(0.1),
    "device that unregisters and comes back": register(0)
    + granted(0.1)
    + register(20, "Expires: 0")
    + reply(20.1, 200)
    + register(200)
    + granted(200.1, 3600),
    "answer a moment behind the time": register(0) + granted(0.1) + register(61) + granted(61.1) + "80 end\n",
    "interval too brief, then asked for longer": register(0, "Expires: 60")
    + reply(0.1, 423, "Min-Expires: 600")
    + register(0.2, "Expires: 600")
    + granted(0.3, 600),
    "interval too brief at the end of the capture": register(0, "Expires: 60")
    + reply(0.1, 423, "Min-Expires: 600")
    + "10 end\n",
    "query": register(0, "Contact:") + reply(0.1, 200),
    "query that lists bindings": register(0, "Contact:")
    + reply(0.1, 200, "Contact: <sip:alice@192.0.2.99>;expires=3000"),
    "all removed": register(0, "Contact: *", "Expires: 0") + reply(0.1, 200),
    "own contact among others": register(0)
    + reply(0.1, 200, f"Contact: <sip:alice@192.0.2.99>;expires=3000, {OWN};expires=3600"),
    "default port left out on the way back": register(0)
    + reply(0.1, 200, "Contact: <sip:alice@192.0.2.10>;expires=3600"),
    "time in Expires alone": register(0) + reply(0.1, 200, f"Contact: {OWN}", "Expires: 3600"),
    "less granted than asked": register(0, "Expires: 7200") + granted(0.1, 3600),
    "one of two contacts removed": register(0, f"Contact: {OWN};expires=600, <sip:alice@192.0.2.11>;expires=0")
    + granted(0.1, 600),
    "request repeated": register(0) + "0.5 alice -> reg REGISTER again\n" + granted(0.6, 3600),
    "fail-over with the same number": "0.0 spare -> alice OPTIONS call=p\n0.01 alice -> spare 200\n"
    + register(1)
    + "1.5 alice -> reg REGISTER again\n2.5 alice -> reg REGISTER again\n"
    + register(5, options="cseq=1", to="spare")
    + reply(5.1, 200, f"Contact: {OWN};expires=3600", by="spare")
    + "20 end\n",
    "another registrar with numbers of its own": register(0, options="cseq=9")
    + granted(0.1, 3600)
    + register(1, options="cseq=1", call="2", to="spare")
    + reply(1.1, 200, f"Contact: {OWN};expires=3600", by="spare"),
    "another Call-ID behind a restart": register(0, options="cseq=5")
    + granted(0.1, 3600)
    + register(300, options="cseq=1", call="2")
    + granted(300.1, 3600),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_normal_registration_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else END
    assert [(item.rule, item.text) for item in judged(PARTIES + script + end) if item.severity is not INFO] == []


def test_registration_through_a_proxy_gives_no_finding(judged: Judged) -> None:
    script = TWO_HOPS + "0.1 reg -> edge 200\n0.15 edge -> alice 200\n9 end\n"
    assert judged(script, "REG") == []


BROKEN = {
    "forbidden": (register(0) + reply(0.1, 403), "REG-001", ERROR, (1, 2)),
    "forbidden behind a challenge": (
        register(0) + reply(0.1, 401, ASKS) + register(0.2, GIVES) + reply(0.3, 403),
        "REG-001",
        ERROR,
        (1, 2, 3, 4),
    ),
    "registrar down": (register(0) + reply(0.1, 503), "REG-001", ERROR, (1, 2)),
    "declined for good": (register(0) + reply(0.1, 603), "REG-001", ERROR, (1, 2)),
    "interval too brief, and given up": (
        register(0, "Expires: 60") + reply(0.1, 423, "Min-Expires: 600"),
        "REG-001",
        ERROR,
        (1, 2),
    ),
    "refused again and again": (
        register(0) + reply(0.1, 403) + register(60) + reply(60.1, 403),
        "REG-001",
        ERROR,
        (1, 2, 3, 4),
    ),
    "refreshed too late": (
        register(0) + granted(0.1) + register(75) + granted(75.1, 3600),
        "REG-002",
        ERROR,
        (2, 3),
    ),
    "back with another Call-ID": (
        register(0) + granted(0.1) + register(75, call="2") + granted(75.1, 3600),
        "REG-002",
        INFO,
        (2, 3),
    ),
    "nothing listed": (register(0) + reply(0.1, 200, "Contact:"), "REG-003", ERROR, (1, 2)),
    "somebody else listed": (
        register(0) + reply(0.1, 200, "Contact: <sip:carol@192.0.2.30>;expires=60"),
        "REG-003",
        ERROR,
        (1, 2),
    ),
    "address rewritten on the way back": (
        register(0) + reply(0.1, 200, "Contact: <sip:alice@198.51.100.7:1024>;expires=60"),
        "REG-003",
        WARNING,
        (1, 2),
    ),
    "no time told": (register(0) + reply(0.1, 200, f"Contact: {OWN}"), "REG-003", ERROR, (1, 2)),
    "time of 0": (register(0) + granted(0.1, 0), "REG-003", ERROR, (1, 2)),
    "longer than asked": (register(0, "Expires: 600") + granted(0.1, 3600), "REG-003", WARNING, (1, 2)),
    "number used twice": (
        register(0, options="cseq=7") + granted(0.1, 3600) + register(60, options="cseq=7") + granted(60.1, 3600),
        "REG-004",
        ERROR,
        (1, 3),
    ),
    "number falls": (
        register(0, options="cseq=7") + granted(0.1, 3600) + register(60, options="cseq=3") + reply(60.1, 200),
        "REG-004",
        ERROR,
        (1, 3),
    ),
    "another Call-ID each time": (
        "".join(register(at, call=str(at)) + granted(at + 0.1, 3600) for at in (1, 60, 120)),
        "REG-004",
        WARNING,
        (2, 4, 6),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_registration_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(PARTIES + script + END, "REG")
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, severity, frames)]


def test_refusal_of_a_refresh_tells_how_long_the_binding_lasts(judged: Judged) -> None:
    script = register(0) + granted(0, 600) + register(400) + reply(400.1, 403)
    (found,) = judged(PARTIES + script + END, "REG")
    assert "ends 200 s after" in found.text


def test_source_whose_every_address_of_record_is_refused_is_a_scanner(judged: Judged) -> None:
    script = "".join(
        f"{at} alice -> reg REGISTER call={at}\n      To: <sip:{at}@example.org>\n{at}.1 reg -> alice 404\n"
        for at in (1, 2, 3, 4)
    )
    found = judged(PARTIES + script + END, "REG")
    assert [(item.rule, item.severity, len(item.frames)) for item in found] == [("REG-001", INFO, 8)]


def test_lapse_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    script = register(0) + granted(0.1) + register(75) + granted(75.1, 3600)
    (found,) = judged(PARTIES + script + END, "REG", lossy_at=50.0)
    assert found.confidence is Confidence.POSSIBLE
