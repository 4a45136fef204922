"""Sessions for instant messages within calls."""

import pytest

from tests.calls.conftest import Calls, told

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
MSRP = "     m=message {} TCP/MSRP *\n     a=accept-types:text/plain message/cpim\n"
TLS = "     m=message {} TCP/TLS/MSRP *\n"
AUDIO = "     m=audio {} RTP/AVP 0\n"


def exchange(at: float, offer: str, answer: str) -> str:
    return f"{at} alice -> bob INVITE\n{offer}{at + 0.1} bob -> alice 200\n{answer}{at + 0.2} alice -> bob ACK\n"


END = "9 alice -> bob BYE\n9.1 bob -> alice 200\n"


SESSIONS = {
    "for the whole call": (
        exchange(0, MSRP.format(2855), MSRP.format(2866)) + END,
        [("message-session", "caller", 100, 9000)],
    ),
    "over TLS": (
        exchange(0, TLS.format(2855), TLS.format(2866)) + END,
        [("message-session", "caller", 100, 9000)],
    ),
    "beside audio, ended before it": (
        exchange(0, AUDIO.format(4000) + MSRP.format(2855), AUDIO.format(5000) + MSRP.format(2866))
        + exchange(5, AUDIO.format(4000) + MSRP.format(0), AUDIO.format(5000) + MSRP.format(0))
        + END,
        [("message-session", "caller", 100, 5100)],
    ),
    "refused beside audio": (
        exchange(0, AUDIO.format(4000) + MSRP.format(2855), AUDIO.format(5000) + MSRP.format(0)) + END,
        [],
    ),
    "audio alone": (exchange(0, AUDIO.format(4000), AUDIO.format(5000)) + END, []),
    "capture ends before": (
        exchange(0, MSRP.format(2855), MSRP.format(2866)),
        [("message-session", "caller", 100, None)],
    ),
}


@pytest.mark.parametrize(("script", "sessions"), SESSIONS.values(), ids=SESSIONS.keys())
def test_message_session_lasts_from_the_answer_to_its_end(calls_of: Calls, script: str, sessions: list[object]) -> None:
    (call,) = calls_of(PARTIES + script)
    assert [told(service) for service in call.services if service.name == "message-session"] == sessions


def test_message_session_tells_what_the_answerer_takes(calls_of: Calls) -> None:
    (call,) = calls_of(PARTIES + exchange(0, TLS.format(2855), MSRP.format(2866)) + END)
    assert [service.detail for service in call.services if service.name == "message-session"] == [
        "text/plain, message/cpim"
    ]
