"""Who ended a call, how and why, in words."""

from pathlib import Path

import pytest

import sipscope
from sipscope.model.call import Call
from sipscope.views.releases import release_in_short, release_words
from tests.trace_script import capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"
TALKING = "0 alice -> bob INVITE{invite}\n1 bob -> alice 200{answer}\n1.1 alice -> bob ACK\n"
UP = TALKING.format(invite="", answer="")
TIMED = TALKING.format(
    invite="\n    Supported: timer\n    Session-Expires: 90;refresher=uac",
    answer="\n    Require: timer\n    Session-Expires: 90;refresher=uac",
)
RINGING = "0 alice -> bob INVITE\n1 bob -> alice 180\n"

ENDINGS = {
    "the callee hangs up": (
        UP + '5 bob -> alice BYE\n    Reason: Q.850;cause=16;text="local"\n5.1 alice -> bob 200\n',
        ("callee bob hung up (BYE, frame 4): Q.850 16 local", "callee: BYE"),
    ),
    "the session timer runs out": (
        TIMED + "61 bob -> alice BYE\n61.1 alice -> bob 200\n",
        ("callee bob hung up (BYE at the end of the session timer, frame 4)", "callee: session timer"),
    ),
    "the caller gives up": (
        RINGING + "3 alice -> bob CANCEL\n3.1 bob -> alice 200 CANCEL\n3.2 bob -> alice 487\n3.3 alice -> bob ACK\n",
        ("caller alice gave up (CANCEL, frame 3)", "caller: CANCEL"),
    ),
    "the caller gives up with a BYE": (
        RINGING + "3 alice -> bob BYE\n3.1 bob -> alice 200 BYE\n3.2 bob -> alice 487 INVITE\n3.3 alice -> bob ACK\n",
        ("caller alice hung up (BYE, frame 3)", "caller: BYE"),
    ),
    "the CANCEL is out of view": (
        RINGING + "3 bob -> alice 487\n3.1 alice -> bob ACK\n",
        ("", ""),
    ),
    "the callee is busy": (
        "0 alice -> bob INVITE\n1 bob -> alice 486\n1.1 alice -> bob ACK\n",
        ("callee bob refused: 486 Busy Here", "callee"),
    ),
    "a server has no route": (
        "0 alice -> bob INVITE\n1 bob -> alice 503\n1.1 alice -> bob ACK\n",
        ("the network refused: 503 Service Unavailable", "network"),
    ),
    "nothing shows who called": (
        "0 bob -> alice BYE cseq=9 to-tag=a1\n     Reason: Q.850;cause=16\n0.1 alice -> bob 200\n",
        ("bob hung up (BYE, frame 1): Q.850 16", ""),
    ),
    "still open": (UP, ("", "")),
}


def call_of(script: str, folder: Path) -> Call:
    path = folder / "call.pcap"
    path.write_bytes(capture_of(PARTIES + script))
    (call,) = sipscope.analyze(str(path)).calls
    return call


@pytest.mark.parametrize(("script", "expected"), ENDINGS.values(), ids=ENDINGS.keys())
def test_end_of_a_call_is_told_in_words_and_in_short(tmp_path: Path, script: str, expected: tuple[str, str]) -> None:
    call = call_of(script, tmp_path)
    assert (release_words(call, {}), release_in_short(call)) == expected
