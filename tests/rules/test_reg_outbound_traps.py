"""What an outbound registration must have, and what need not be (RFC 5626 §4.2.1, §6)."""

import pytest

from sipscope.model.defects import Severity
from tests.rules.conftest import Judged

WARNING, INFO = Severity.WARNING, Severity.INFO

PARTIES = "alice 192.0.2.10\nreg 192.0.2.1\n"
OWN = "<sip:alice@192.0.2.10>"
INSTANCE = ';+sip.instance="<urn:uuid:1>"'


def register(parameters: str, supported: str = "", require: str = "", status: int = 200) -> str:
    option = f"      Supported: {supported}\n" if supported else ""
    demand = f"      Require: {require}\n" if require else ""
    return (
        f"{PARTIES}0 alice -> reg REGISTER\n      Contact: {OWN}{parameters}\n{option}"
        f"0.1 reg -> alice {status}\n      Contact: {OWN};expires=3600\n{demand}9 end\n"
    )


LEGITIMATE = {
    "everything": register(f"{INSTANCE};reg-id=1", "outbound, path", "outbound"),
    "instance alone": register(INSTANCE, "gruu"),
    "outbound that isn't asked for this time": register(INSTANCE, "outbound, path"),
    "neither": register(""),
    "first hop lacks outbound": register(f"{INSTANCE};reg-id=1", "outbound, path", status=439),
    "removal": register(f"{INSTANCE};reg-id=1;expires=0", "outbound, path"),
    "names in capitals": register(f"{INSTANCE};Reg-ID=1", "Outbound, PATH", "Outbound"),
}


@pytest.mark.parametrize("script", LEGITIMATE.values(), ids=LEGITIMATE.keys())
def test_whole_outbound_registration_gives_no_finding(judged: Judged, script: str) -> None:
    assert [item.text for item in judged(script, "REG-011")] == []


BROKEN = {
    "reg-id without instance": (register(";reg-id=1", "outbound, path"), WARNING, (1,)),
    "outbound without path": (register(f"{INSTANCE};reg-id=1", "outbound", "outbound"), WARNING, (1,)),
    "registrar that doesn't know it": (register(f"{INSTANCE};reg-id=1", "outbound, path"), INFO, (1, 2)),
}


@pytest.mark.parametrize(("script", "severity", "frames"), BROKEN.values(), ids=BROKEN.keys())
def test_incomplete_outbound_registration_gives_one_finding(
    judged: Judged, script: str, severity: Severity, frames: tuple[int, ...]
) -> None:
    found = judged(script, "REG-011")
    assert [(item.severity, item.frames) for item in found] == [(severity, frames)]
