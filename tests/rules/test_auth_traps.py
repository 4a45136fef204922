"""What the rules about authentication say, and what is normal between a challenge and its answer (RFC 3261 §22)."""

import pytest

from sipscope.model.defects import Confidence, Severity
from tests.rules.conftest import Judged

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\nbob 192.0.2.20\n"
SDP = "      m=audio 4000 RTP/AVP 0\n"
ANSWER = "      m=audio 5000 RTP/AVP 0\n"
END = "90 end\n"


def asks(nonce: str, more: str = "", realm: str = "r", header: str = "WWW-Authenticate") -> str:
    return f'      {header}: Digest realm="{realm}", nonce="{nonce}"{more}\n'


def gives(nonce: str, more: str = "", realm: str = "r", header: str = "Authorization", uri: str = "192.0.2.1") -> str:
    return (
        f'      {header}: Digest username="al", realm="{realm}", nonce="{nonce}", uri="sip:{uri}", response="0"{more}\n'
    )


def register(at: float, fields: str = "", options: str = "") -> str:
    return f"{at} alice -> reg REGISTER call=1 {options}\n{fields}"


def reply(at: float, status: int, fields: str = "") -> str:
    return f"{at} reg -> alice {status}\n{fields}"


def invite(at: float, fields: str = "", options: str = "") -> str:
    return f"{at} alice -> bob INVITE call=1 {options}\n{SDP}{fields}"


def refuse(at: float, status: int, fields: str = "") -> str:
    return f"{at} bob -> alice {status} INVITE\n{fields}{at + 0.01} alice -> bob ACK\n"


def proxied(nonce: str, realm: str = "p") -> str:
    return asks(nonce, realm=realm, header="Proxy-Authenticate")


def to_proxy(nonce: str, realm: str = "p") -> str:
    return gives(nonce, realm=realm, header="Proxy-Authorization", uri="bob@192.0.2.20")


BUSY = "3.0 bob -> alice 486 INVITE\n3.1 alice -> bob ACK\n"
CHALLENGED = register(0) + reply(0.1, 401, asks("a"))

LEGITIMATE = {
    "challenged once, then accepted": CHALLENGED + register(0.2, gives("a")) + reply(0.3, 200),
    "stale nonce renewed": CHALLENGED
    + register(0.2, gives("a"))
    + reply(0.3, 200)
    + register(40, gives("a"))
    + reply(40.1, 401, asks("b", ", stale=true"))
    + register(40.2, gives("b"))
    + reply(40.3, 200),
    "first nonce stale at once": CHALLENGED
    + register(0.2, gives("a"))
    + reply(0.3, 401, asks("b", ", stale=TRUE"))
    + register(0.4, gives("b"))
    + reply(0.5, 200),
    "kept nonce challenged once without stale": register(0, gives("old"))
    + reply(0.1, 401, asks("a"))
    + register(0.2, gives("a"))
    + reply(0.3, 200),
    "proxy and server challenge one call": invite(0)
    + refuse(0.1, 407, proxied("a"))
    + invite(0.3, to_proxy("a"))
    + refuse(0.4, 401, asks("b", realm="s"))
    + invite(0.6, to_proxy("a") + gives("b", realm="s", uri="bob@192.0.2.20"))
    + BUSY,
    "challenges of two proxies in one answer": invite(0)
    + refuse(0.1, 407, proxied("a") + proxied("b", "q"))
    + invite(0.3, to_proxy("a") + to_proxy("b", "q"))
    + BUSY,
    "401 that a forking proxy put together": invite(0)
    + refuse(0.1, 401, asks("a") + proxied("b"))
    + invite(0.3, gives("a", uri="bob@192.0.2.20") + to_proxy("b"))
    + BUSY,
    "proxy and server share a realm": invite(0)
    + refuse(0.1, 407, proxied("a", "r"))
    + invite(0.3, to_proxy("a", "r"))
    + refuse(0.4, 401, asks("b"))
    + invite(0.6, to_proxy("a", "r") + gives("b", uri="bob@192.0.2.20"))
    + BUSY,
    "capture ends before the answer": CHALLENGED + "20 end\n",
    "answered in a request of its own": CHALLENGED
    + "0.5 alice -> reg REGISTER call=2\n"
    + gives("a")
    + "0.6 reg -> alice 200\n",
    "password typed after twenty seconds": CHALLENGED + register(20, gives("a")) + reply(20.1, 200),
    "nonce too old for its server": CHALLENGED + register(20, gives("a")) + reply(20.1, 401, asks("b")),
    "server that says in words that the nonce was at fault": CHALLENGED
    + register(0.2, gives("a"))
    + "0.3 reg -> alice 401 phrase=nonce-has-changed\n"
    + asks("b"),
    "number skipped": register(0, options="cseq=1")
    + reply(0.1, 401, asks("a"))
    + register(0.2, gives("a"), "cseq=5")
    + reply(0.3, 200),
    "challenge repeated and answered once": CHALLENGED
    + "0.15 reg -> alice 401 again\n"
    + register(0.2, gives("a"))
    + "0.7 alice -> reg REGISTER again\n"
    + reply(0.8, 200),
    "algorithm left out means MD5": register(0)
    + reply(0.1, 401, asks("a", ", algorithm=MD5"))
    + register(0.2, gives("a"))
    + reply(0.3, 200),
    "one of two algorithms chosen": register(0)
    + reply(0.1, 401, asks("a", ", algorithm=SHA-256") + asks("a", ", algorithm=MD5"))
    + register(0.2, gives("a", ", algorithm=MD5"))
    + reply(0.3, 200),
    "nonce of Authentication-Info": CHALLENGED
    + register(0.2, gives("a"))
    + reply(0.3, 200, '      Authentication-Info: nextnonce="c"\n')
    + register(9.0, gives("a"))
    + reply(9.1, 401, asks("d"))
    + register(9.2, gives("c"))
    + reply(9.3, 200),
    "IMS client with an empty nonce": register(0, gives(""))
    + reply(0.1, 401, asks("a", ", algorithm=AKAv1-MD5"))
    + register(0.2, gives("a", ", algorithm=AKAv1-MD5"))
    + reply(0.3, 200),
    "challenge of the INVITE behind a CANCEL": invite(0)
    + "0.1 bob -> alice 100\n0.2 alice -> bob CANCEL\n0.3 bob -> alice 200 CANCEL\n"
    + refuse(0.4, 407, proxied("a"))
    + "9 end\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_normal_authentication_gives_no_finding(judged: Judged, script: str) -> None:
    end = "" if " end\n" in script else END
    assert [(item.rule, item.text) for item in judged(PARTIES + script + end) if item.severity is not INFO] == []


WRONG_PASSWORD = CHALLENGED + register(0.2, gives("a")) + reply(0.3, 401, asks("b"))

BROKEN = {
    "wrong password": (WRONG_PASSWORD, "AUTH-001", ERROR, (1, 2, 3, 4)),
    "wrong password until the server says 403": (
        WRONG_PASSWORD + register(0.4, gives("b")) + reply(0.5, 403),
        "AUTH-001",
        ERROR,
        (1, 2, 3, 4, 5, 6),
    ),
    "always stale": (
        CHALLENGED
        + register(0.2, gives("a"))
        + reply(0.3, 401, asks("b", ", stale=true"))
        + register(0.4, gives("b"))
        + reply(0.5, 401, asks("c", ", stale=true")),
        "AUTH-001",
        ERROR,
        (1, 2, 3, 4, 5, 6),
    ),
    "challenge of a call without answer": (
        invite(0) + refuse(0.1, 407, proxied("a")),
        "AUTH-002",
        WARNING,
        (1, 2),
    ),
    "challenge of a registration without answer": (CHALLENGED, "AUTH-002", WARNING, (1, 2)),
    "challenge of a probe without answer": (
        "0 alice -> reg OPTIONS\n0.1 reg -> alice 401\n" + asks("a"),
        "AUTH-002",
        INFO,
        (1, 2),
    ),
    "second challenge without answer": (
        invite(0)
        + refuse(0.1, 407, proxied("a"))
        + invite(0.3, to_proxy("a"))
        + refuse(0.4, 401, asks("b", realm="s")),
        "AUTH-002",
        WARNING,
        (4, 5),
    ),
    "number not raised": (
        register(0, options="cseq=3")
        + reply(0.1, 401, asks("a"))
        + register(0.2, gives("a"), "cseq=3")
        + reply(0.3, 200),
        "AUTH-003",
        ERROR,
        (1, 2, 3),
    ),
    "number of an INVITE not raised": (
        invite(0, options="cseq=3") + refuse(0.1, 407, proxied("a")) + invite(0.3, to_proxy("a"), "cseq=3") + BUSY,
        "AUTH-003",
        ERROR,
        (1, 2, 4),
    ),
    "Authorization for a proxy": (
        invite(0) + refuse(0.1, 407, proxied("a")) + invite(0.3, gives("a", realm="p", uri="bob@192.0.2.20")) + BUSY,
        "AUTH-004",
        ERROR,
        (2, 4),
    ),
    "Proxy-Authorization for a server": (
        CHALLENGED + register(0.2, gives("a", header="Proxy-Authorization")) + reply(0.3, 200),
        "AUTH-004",
        ERROR,
        (2, 3),
    ),
    "WWW-Authenticate alone in a 407": (
        invite(0) + refuse(0.1, 407, asks("a")) + invite(0.3, gives("a", uri="bob@192.0.2.20")) + BUSY,
        "AUTH-004",
        ERROR,
        (2,),
    ),
    "other realm": (
        CHALLENGED + register(0.2, gives("a", realm="sip.r")) + reply(0.3, 403),
        "AUTH-005",
        ERROR,
        (2, 3),
    ),
    "nonce that nobody issued": (
        CHALLENGED + register(0.2, gives("zzz")) + reply(0.3, 403),
        "AUTH-005",
        ERROR,
        (2, 3),
    ),
    "opaque left out": (
        register(0) + reply(0.1, 401, asks("a", ', opaque="o"')) + register(0.2, gives("a")) + reply(0.3, 403),
        "AUTH-005",
        ERROR,
        (2, 3),
    ),
    "other algorithm": (
        register(0)
        + reply(0.1, 401, asks("a", ", algorithm=SHA-256"))
        + register(0.2, gives("a", ", algorithm=MD5"))
        + reply(0.3, 403),
        "AUTH-005",
        ERROR,
        (2, 3),
    ),
    "CANCEL challenged": (
        invite(0)
        + "0.1 bob -> alice 180\n0.2 alice -> bob CANCEL\n0.3 bob -> alice 407 CANCEL\n"
        + proxied("a")
        + "0.4 bob -> alice 486 INVITE\n0.5 alice -> bob ACK\n",
        "AUTH-011",
        ERROR,
        (3, 4),
    ),
}


@pytest.mark.parametrize(("script", "rule", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_broken_authentication_gives_one_finding(
    judged: Judged, script: str, rule: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(PARTIES + script + END, "AUTH")
    assert [(item.rule, item.severity, item.frames) for item in found] == [(rule, severity, frames)]


def test_wrong_password_tried_again_and_again_is_told_once(judged: Judged) -> None:
    script = WRONG_PASSWORD + "".join(
        f"{at} alice -> reg REGISTER call={at}\n{at}.1 reg -> alice 401\n{asks(f'n{at}')}"
        f"{at}.2 alice -> reg REGISTER call={at}\n{gives(f'n{at}')}{at}.3 reg -> alice 401\n{asks(f'm{at}')}"
        for at in (5, 10, 15)
    )
    found = judged(PARTIES + script + END, "AUTH")
    assert [(item.rule, len(item.frames)) for item in found] == [("AUTH-001", 16)]


def test_client_that_answers_no_challenge_at_all_is_a_probe(judged: Judged) -> None:
    script = "".join(
        f"{at} alice -> reg REGISTER call={at}\n{at}.1 reg -> alice 401\n{asks(f'n{at}')}" for at in (1, 5, 9)
    )
    assert [(item.rule, item.severity) for item in judged(PARTIES + script + END, "AUTH")] == [("AUTH-002", INFO)]


def test_unanswered_challenge_is_merely_possible_where_the_capture_lost_packets(judged: Judged) -> None:
    (found,) = judged(PARTIES + CHALLENGED + END, "AUTH", lossy_at=5.0)
    assert found.confidence is Confidence.POSSIBLE
