"""What the caller heard when, and how early media was negotiated, in the flows of early media."""

from pathlib import Path

import pytest

import sipscope
from sipscope.model.early_media import EarlyMediaModel, EarlyPhase, Policy
from sipscope.model.time import SECOND
from tests.flows.early_media import FLOWS
from tests.trace_script import BASE, capture_of

HEARD = {
    "F12 gateway model: rings locally until media arrives": "1.0 local ring-back, 3.0 media",
    "F13 application-server model: an early session beside that of the call": "1.0 media",
    "F14 no 180 and no media": "1.0 silence",
    "F14 180 with SDP and no media": "1.0 local ring-back",
    "F14 180 and media at once": "1.0 media",
    "F15 callee speaks before its answer, and its first words behind it are missing": "1.0 local ring-back, 8.2 media",
}

SCRIPTS = {flow.name: flow.script for flow in FLOWS}


def early(name: str, folder: Path) -> EarlyPhase:
    path = folder / "flow.pcap"
    path.write_bytes(capture_of(SCRIPTS[name]))
    (call,) = sipscope.analyze(str(path)).calls
    assert call.early is not None
    return call.early


def words(phase: EarlyPhase, policy: Policy = Policy.FOLLOWS_PACKETS) -> str:
    return ", ".join(f"{(item.start - BASE) / SECOND:.1f} {item.heard}" for item in phase.timeline(policy))


@pytest.mark.parametrize("name", HEARD)
def test_caller_hears_what_the_local_ringback_policy_gives(name: str, tmp_path: Path) -> None:
    assert words(early(name, tmp_path)) == HEARD[name]


def test_caller_that_stops_ringing_at_sdp_hears_silence(tmp_path: Path) -> None:
    assert words(early("F14 180 with SDP and no media", tmp_path), Policy.SDP_SUPPRESSES) == "1.0 silence"


@pytest.mark.parametrize(
    ("name", "model"),
    [
        ("F12 gateway model: rings locally until media arrives", EarlyMediaModel.GATEWAY),
        (
            "F13 application-server model: an early session beside that of the call",
            EarlyMediaModel.APPLICATION_SERVER,
        ),
        ("F14 no 180 and no media", None),
    ],
)
def test_model_of_early_media_is_told(name: str, model: EarlyMediaModel | None, tmp_path: Path) -> None:
    assert early(name, tmp_path).model is model
