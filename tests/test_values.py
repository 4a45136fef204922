"""Values: what types promise and what running code does."""

import subprocess
import sys
from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from sipscope.model.network import Endpoint

PAIR = """
from dataclasses import replace
from sipscope.values import ENFORCED, dataclass

@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    first: int
    second: int = 2

@dataclass(slots=True)
class Counter:
    count: int = 0

@dataclass(frozen=True, slots=True)
class Folded:
    name: str

    def __hash__(self) -> int:
        return 7

pair = Pair(first=1)
assert not ENFORCED
assert pair == Pair(first=1, second=2) and {pair: "found"}[Pair(first=1)] == "found"
assert replace(pair, second=3) == Pair(first=1, second=3) != pair
assert Counter.__hash__ is None and hash(Folded("a")) == 7
pair.second = 4
"""


def test_tests_run_with_frozen_values() -> None:
    with pytest.raises(FrozenInstanceError):
        Endpoint("192.0.2.1", 5060).port = 5061  # type: ignore[misc]


def test_values_compare_hash_and_are_made_anew_where_nothing_enforces_them() -> None:
    subprocess.run([sys.executable, "-c", PAIR], check=True)


def test_who_checks_types_refuses_a_change(tmp_path: Path) -> None:
    changed = tmp_path / "changed.py"
    changed.write_text("from sipscope.model.network import Endpoint\nEndpoint('192.0.2.1', 5060).port = 5061\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", str(changed)]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert 'Property "port" defined in "Endpoint" is read-only' in told.stdout
