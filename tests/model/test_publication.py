"""What a compositor holds of a publication, by its answers (RFC 3903 §4.2 to §4.5, §6)."""

from pathlib import Path

import pytest

from sipscope.model.publication import PublicationState
from sipscope.model.time import SECOND
from sipscope.pipeline import Options, reconstruct
from tests.trace_script import BASE, capture_of

PARTIES = "alice 192.0.2.10\nbob 192.0.2.20\n"


def publish(at: float, call: int, tag: str = "", given: str = "", *, expires: int = 120, status: int = 200) -> str:
    match = f"      SIP-If-Match: {tag}\n" if tag else ""
    answer = f"{at + 0.1} bob -> alice {status}\n" if status else ""
    answer += f"      SIP-ETag: {given}\n      Expires: {expires}\n" if status == 200 else ""
    return (
        f"{at} alice -> bob PUBLISH new call={call}\n      Event: presence\n      Expires: {expires}\n{match}{answer}"
    )


FIRST = publish(0, 1, given="a1")

STATES = {
    "accepted": (FIRST, 60, PublicationState.PUBLISHED),
    "ran out": (FIRST, 121, PublicationState.EXPIRED),
    "refreshed": (FIRST + publish(100, 2, "a1", "a2"), 219, PublicationState.PUBLISHED),
    "taken back": (FIRST + publish(60, 2, "a1", "a2", expires=0), 500, PublicationState.REMOVED),
    "refused at once": (publish(0, 1, status=489), 60, PublicationState.REFUSED),
    "known no more": (FIRST + publish(60, 2, "a1", status=412), 61, PublicationState.REFUSED),
    "refresh failed for another reason": (
        FIRST + publish(60, 2, "a1", status=503),
        100,
        PublicationState.PUBLISHED,
    ),
    "never answered": (publish(0, 1, status=0), 60, PublicationState.UNKNOWN),
}


@pytest.mark.parametrize(("script", "second", "state"), STATES.values(), ids=STATES.keys())
def test_state_follows_from_the_last_answer_that_tells(
    tmp_path: Path, script: str, second: int, state: PublicationState
) -> None:
    path = tmp_path / "script.pcap"
    path.write_bytes(capture_of(PARTIES + script))
    (publication,) = reconstruct(str(path), Options()).publications
    assert publication.state_at(BASE + second * SECOND) is state
