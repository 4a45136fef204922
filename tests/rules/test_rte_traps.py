"""Redirections: those that lead somewhere, and those that don't (RFC 3261 §8.1.3.4, §8.3)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

ERROR, WARNING = Severity.ERROR, Severity.WARNING
PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
BOB, CAROL = "sip:bob@192.0.2.20", "sip:carol@192.0.2.20"


def asked(at: float, uri: str, contact: str = "", *, status: int = 302) -> str:
    """An INVITE of one call to a URI, answered at once; without Contact where that is empty."""
    return (
        f"{at} alice -> bob INVITE call=1 new uri={uri} cseq={int(at) + 1} from-tag=a1\n      m=audio 4000 RTP/AVP 0\n"
        f"{at + 0.1} bob -> alice {status}\n      Contact:{' <' + contact + '>' if contact else ''}\n"
        f"{at + 0.2} alice -> bob ACK\n"
    )


LEGITIMATE = {
    "to another user": PARTIES + asked(0, BOB, CAROL),
    "to the same user by another transport": PARTIES + asked(0, BOB, f"{BOB};transport=tcp"),
    "to the same user at another port": PARTIES + asked(0, BOB, f"{BOB}:5070"),
    "to itself and to another": PARTIES + asked(0, BOB, f"{BOB}>, <{CAROL}"),
    "380 to itself": PARTIES + asked(0, BOB, BOB, status=380),
    "followed to another, that is busy": PARTIES + asked(0, BOB, CAROL) + asked(1, CAROL, status=486),
    "in a call": PARTIES
    + "0 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n0.1 bob -> alice 200\n      m=audio 5000 RTP/AVP 0\n"
    + "0.2 alice -> bob ACK\n1 alice -> bob INVITE call=1\n      m=audio 4000 RTP/AVP 0\n1.1 bob -> alice 302\n"
    + "1.2 alice -> bob ACK\n2 alice -> bob BYE\n2.1 bob -> alice 200\n",
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_usable_redirection_gives_no_finding(judged: Judged, script: str) -> None:
    assert [(item.rule, item.text) for item in judged(script, "RTE")] == []


NUMBERS = [f"sip:n{number}@192.0.2.20" for number in range(8)]

BROKEN = {
    "to itself": (PARTIES + asked(0, BOB, BOB), ERROR, (1, 2)),
    "to itself twice over": (PARTIES + asked(0, BOB, f"{BOB}>, <{BOB}"), ERROR, (1, 2)),
    "without Contact": (PARTIES + asked(0, BOB), WARNING, (1, 2)),
    "in a circle": (
        PARTIES + asked(0, BOB, CAROL) + asked(1, CAROL, BOB) + asked(2, BOB, CAROL),
        ERROR,
        (1, 2, 4, 5, 7, 8),
    ),
    "without an end": (
        PARTIES + "".join(asked(at, NUMBERS[at], NUMBERS[at + 1]) for at in range(6)),
        ERROR,
        (1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17),
    ),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_redirection_to_nowhere_is_told_once(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    (found,) = judged(script, "RTE")
    assert (found.rule, found.severity, found.frames) == ("RTE-001", severity, frames)
