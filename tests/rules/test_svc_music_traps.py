"""SVC-002: music on hold that goes on after the hold (RFC 7088 §2.1)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

AUDIO = "      m=audio {port} RTP/AVP 0\n"
ALICE, BOB = AUDIO.format(port=4000), AUDIO.format(port=5000)
HELD = (
    "alice 192.0.2.10\nbob 192.0.2.20\nmusic 192.0.2.40\n"
    f"0 alice -> bob INVITE call=1\n{ALICE}0.1 bob -> alice 200\n{BOB}0.2 alice -> bob ACK\n"
    f"0.3-5 alice => bob PCMU ssrc=1\n5 alice -> bob INVITE call=1\n{ALICE}      a=sendonly\n"
    f"5.1 bob -> alice 200\n{BOB}      a=recvonly\n5.2 alice -> bob ACK\n"
)
RESUMED = f"20 alice -> bob INVITE call=1\n{ALICE}20.1 bob -> alice 200\n{BOB}20.2 alice -> bob ACK\n"
VOICE = "20.2-30 alice => bob PCMU ssrc=1\n"
BYE = "30 alice -> bob BYE call=1\n30.1 bob -> alice 200\n"


def music(until: float, *, since: float = 6, source: str = "192.0.2.40:7000", ssrc: int = 2) -> str:
    """A stream to bob's address that isn't of the call itself."""
    return f"{since}-{until} music => bob PCMU from={source} to=192.0.2.20:5000 ssrc={ssrc}\n"


SILENT = {
    "ends with the hold": HELD + music(20.1) + RESUMED + VOICE + BYE,
    "goes on for less than 2 s": HELD + music(22) + RESUMED + VOICE + BYE,
    "pauses, and comes again": HELD + music(20) + music(28, since=21, ssrc=3) + RESUMED + VOICE + BYE,
    "music and voice from one address and port": HELD
    + music(28, source="192.0.2.10:4000")
    + RESUMED
    + VOICE.replace("ssrc=1", "ssrc=3")
    + BYE,
    "no voice beside it": HELD + music(28) + RESUMED + BYE,
    "voice from elsewhere only": HELD
    + music(28)
    + RESUMED
    + "20.2-30 music => bob PCMU from=192.0.2.99:4000 to=192.0.2.20:5000 ssrc=1\n"
    + BYE,
    "same stream captured behind a relay": HELD
    + music(28)
    + RESUMED
    + music(28, since=20.2, source="192.0.2.10:4000")
    + BYE,
    "began before the hold": HELD + music(28, since=2) + RESUMED + VOICE + BYE,
    "began after the hold": HELD + music(28, since=20.3) + RESUMED + VOICE + BYE,
    "held again at once": HELD
    + music(28)
    + RESUMED
    + f"21 alice -> bob INVITE call=1\n{ALICE}      a=sendonly\n21.1 bob -> alice 200\n{BOB}      a=recvonly\n"
    + "21.2 alice -> bob ACK\n20.2-21 alice => bob PCMU ssrc=1\n"
    + BYE,
    "call ends at once": HELD
    + music(28)
    + RESUMED
    + "20.2-21 alice => bob PCMU ssrc=1\n21 alice -> bob BYE call=1\n21.1 bob -> alice 200\n",
    "held by the other one then": HELD
    + music(28)
    + RESUMED.replace("200\n" + BOB, "200\n" + BOB + "      a=sendonly\n")
    + BYE,
    "resumed at another port": HELD
    + music(28)
    + RESUMED.replace("200\n" + BOB, "200\n" + AUDIO.format(port=5002))
    + "20.2-30 alice => bob PCMU ssrc=1\n"
    + BYE,
}


@pytest.mark.parametrize("script", SILENT.values(), ids=SILENT.keys())
def test_music_that_disturbs_nobody_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "SVC-002")] == []


FAULTS = {
    "from a server": (HELD + music(28) + RESUMED + VOICE + BYE, "Music from 192.0.2.40:7000 went on for 7.9 s"),
    "just over 2 s": (HELD + music(22.3) + RESUMED + VOICE + BYE, "went on for 2.2 s beside the voice, after"),
    "from another port of the one who held": (
        HELD + music(28, source="192.0.2.10:4010") + RESUMED + VOICE + BYE,
        "Music from 192.0.2.10:4010 went on",
    ),
}


@pytest.mark.parametrize(("script", "words"), FAULTS.values(), ids=FAULTS.keys())
def test_music_over_the_voice_is_told(judged: Judged, script: str, words: str) -> None:
    (found,) = judged(script, "SVC-002")
    assert found.severity is Severity.WARNING
    assert words in found.text
    assert [item.note for item in found.evidence][1:] == ["end of the hold", "from here on", "last packet of the music"]
