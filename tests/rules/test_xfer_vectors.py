"""The ten transfer scenarios that every version must judge alike: blind, attended, failed, lost, contradicted."""

import pytest

from tests.rules.conftest import Judged
from tests.transfer_script import (
    ACCEPTED,
    ANSWER,
    ATTENDED,
    BUSY,
    CALL,
    CONSULTATION,
    END,
    HOLD,
    INVITE,
    LEAVES,
    PARTIES,
    REFER,
    RELEASED,
    REPLACING,
    RINGING,
    told,
)

HELD = PARTIES + CALL + HOLD
BLIND = HELD + REFER + ACCEPTED + INVITE
CONSULTED = HELD + CONSULTATION + ATTENDED + ACCEPTED
RESUMED = """
6.0   alice -> bob  INVITE call=1
      m=audio 4000 RTP/AVP 0
6.1   bob -> alice  200
      m=audio 5000 RTP/AVP 0
6.2   alice -> bob  ACK
"""
GONE = "2.2 alice -> bob BYE call=1\n2.3 bob -> alice 200\n"
SWAPPED = REPLACING.replace("to-tag=c9;from-tag=alice-c", "to-tag=alice-c;from-tag=c9")
UNKNOWN = BUSY.replace("486", "481")
OVER = "59 alice -> carol BYE call=c\n59.1 carol -> alice 200\n"
SILENT = "      Refer-Sub: false\n"
UNWANTED = "2.2 bob -> alice NOTIFY call=1 sipfrag=100\n2.3 alice -> bob 200\n"

SCENARIOS = {
    "1 blind": (BLIND + ANSWER + told(200) + LEAVES + END, set(), "Blind transfer, succeeded"),
    "2 no final notify": (BLIND + ANSWER + END, {"XFER-005"}, "Blind transfer, succeeded"),
    "3 busy and resumed": (
        BLIND + BUSY + told(486) + RESUMED + END,
        set(),
        "Blind transfer, failed with 486 and taken",
    ),
    "4 busy told as success": (
        BLIND + BUSY + told(200) + LEAVES + END,
        {"XFER-009"},
        "Blind transfer, failed with 486",
    ),
    "5 lost caller": (
        HELD + REFER + "2.1 bob -> alice 202\n" + GONE + INVITE + BUSY.replace("486", "404") + END,
        {"XFER-018"},
        "Blind transfer, failed with 404",
    ),
    "6 attended": (
        CONSULTED + REPLACING + ANSWER + RELEASED + told(200) + LEAVES + END,
        set(),
        "Attended transfer, succeeded",
    ),
    "7 swapped tags": (
        CONSULTED.replace("Dc9%3Bfrom-tag%3Dalice-c", "Dalice-c%3Bfrom-tag%3Dc9")
        + SWAPPED
        + UNKNOWN
        + told(481)
        + OVER,
        {"XFER-014", "XFER-017"},
        "Attended transfer, failed with 481",
    ),
    "8 target still rings": (
        HELD + RINGING + ATTENDED + ACCEPTED + REPLACING + UNKNOWN + told(481) + RESUMED + END,
        {"XFER-015"},
        "Attended transfer to a target that still rings, failed with 481",
    ),
    "9 consultation kept": (
        CONSULTED + REPLACING + ANSWER + told(200) + LEAVES + OVER,
        {"XFER-016"},
        "Attended transfer, succeeded",
    ),
    "10 notify that nobody waits for": (
        HELD + REFER + SILENT + "2.1 bob -> alice 202\n" + SILENT + UNWANTED + INVITE + ANSWER + LEAVES + END,
        {"XFER-010"},
        "Blind transfer, succeeded",
    ),
}


@pytest.mark.parametrize(("script", "codes", "story"), SCENARIOS.values(), ids=SCENARIOS.keys())
def test_scenario_gives_its_codes_and_its_story(judged: Judged, script: str, codes: set[str], story: str) -> None:
    found = judged(script, "XFER")
    # A finding at the level of information beside the fault itself, such as an early BYE, is no verdict of its own.
    assert {item.rule for item in found if item.severity != "info"} == codes
    assert next(item.text for item in found if item.rule == "XFER-012").startswith(story)
