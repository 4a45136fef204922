"""A B2BUA recorded on one side, on the other, and on both: the same calls each time."""

import subprocess
from pathlib import Path

import pytest

import sipscope
from sipscope.calls.topology import topology_of
from sipscope.model.call import Call
from sipscope.model.topology import Role

B2BUA = "192.0.2.1"
ALICE, BOB = "192.0.2.10", "192.0.2.20"

CALLS = [
    ("alice", "bob", "answered", 200, "callee", "establish accept hold resume release"),
    ("alice", "bob", "rejected", 486, "callee", "establish refuse"),
    ("alice", "bob", "cancelled", 487, "caller", "establish cancel"),
]


def told(call: Call) -> tuple[str | None, str | None, str, int | None, str | None, str]:
    return (
        None if call.caller is None else call.caller.uri.user,
        None if call.callee is None else call.callee.uri.user,
        call.outcome.value,
        call.final_status,
        None if call.released_by is None else call.released_by.value,
        " ".join(service.name for service in call.services),
    )


@pytest.mark.tshark
@pytest.mark.parametrize("party", [ALICE, BOB], ids=["caller's side", "callee's side"])
def test_each_side_gives_the_calls_of_both(samples: Path, tmp_path: Path, party: str) -> None:
    side = tmp_path / "side.pcap"
    kept = ["-Y", f"ip.addr=={party}", "-F", "pcap", "-w", str(side)]
    subprocess.run(["tshark", "-r", str(samples / "b2bua.pcapng"), *kept], check=True, capture_output=True)
    trace = sipscope.analyze(str(side))
    assert [told(call) for call in trace.calls] == CALLS
    assert trace.findings == ()


def test_both_sides_together_are_the_same_calls_on_two_legs_each(samples: Path) -> None:
    trace = sipscope.analyze(str(samples / "b2bua.pcapng"))
    assert [told(call) for call in trace.calls] == CALLS
    assert [len(call.dialogs) for call in trace.calls] == [2, 2, 2]
    assert trace.findings == ()


def test_hold_names_the_frames_of_both_legs(samples: Path) -> None:
    trace = sipscope.analyze(str(samples / "b2bua.pcapng"))
    assert [item.frames for item in trace.calls[0].services if item.name in {"hold", "resume"}] == [(10, 12), (17, 19)]


def test_element_that_keeps_the_call_id_under_tags_of_its_own_is_told_as_a_b2bua(samples: Path) -> None:
    topology = topology_of(sipscope.analyze(str(samples / "b2bua.pcapng")))
    assert {host.node: host.roles[0].role for host in topology.hosts} == {
        ALICE: Role.USER_AGENT_CLIENT,
        B2BUA: Role.B2BUA,
        BOB: Role.USER_AGENT_SERVER,
    }
