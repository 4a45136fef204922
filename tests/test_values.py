"""Values: what types promise and what running code does."""

import dataclasses
import inspect
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field
from pathlib import Path
from typing import Any

import pytest

from sipscope import values
from sipscope.model.call import Service
from sipscope.model.header_values import Via
from sipscope.model.message import Headers, Response
from sipscope.model.network import Endpoint, Hop

HOP = Hop(Endpoint("192.0.2.1", 5060), Endpoint("192.0.2.2", 5060))

PAIR = """
from dataclasses import field
from sipscope.values import ENFORCED, dataclass, replace

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

@dataclass(frozen=True, slots=True)
class Sum:
    first: int
    second: int
    total: int = field(init=False, repr=False, compare=False)
    is_even: bool = field(init=False, repr=False, compare=False)

    def __derived__(self) -> tuple[int, bool]:
        total = self.first + self.second
        return total, total % 2 == 0

@dataclass(frozen=True, slots=True)
class LongSum(Sum):
    third: int = 0

@dataclass(frozen=True, slots=True, order=True)
class OrderedSum(Sum):
    pass

pair = Pair(first=1)
assert not ENFORCED
assert pair == Pair(first=1, second=2) and {pair: "found"}[Pair(first=1)] == "found"
assert replace(pair, second=3) == Pair(first=1, second=3) != pair
assert Counter.__hash__ is None and hash(Folded("a")) == 7
assert (Sum(1, 2).total, Sum(1, 3).is_even, Sum(1, 2)) == (3, True, Sum(1, 2))
assert (LongSum(1, 2, 4).total, replace(LongSum(1, 2, 4), first=2).is_even, OrderedSum(1, 2).total) == (3, True, 3)
pair.second = 4
"""


def test_a_value_with_other_fields_is_the_one_that_dataclasses_would_make() -> None:
    service = Service(name="hold", at=1, frames=(4, 5))
    other = values.replace(service, until=7, frames=())
    assert other == dataclasses.replace(service, until=7, frames=()) == Service(name="hold", at=1, until=7)
    assert service == Service(name="hold", at=1, frames=(4, 5))


def test_what_a_value_derives_from_its_fields_is_derived_anew() -> None:
    via = Via(text="v", transport="UDP", host="192.0.2.1")
    assert values.replace(via, port=5062).sent_by == "192.0.2.1:5062"


def test_no_value_has_a_field_that_its_class_does_not_name() -> None:
    with pytest.raises(TypeError):
        values.replace(Endpoint("192.0.2.1", 5060), host="b")  # type: ignore[call-arg]


def test_derived_fields_are_there_where_changes_are_refused() -> None:
    response = Response(id="m1", frames=(1,), at=1, hop=HOP, payload=b"", headers=Headers(), status=180)
    assert (response.call_id, response.vias, response.is_provisional) == (None, (), True)
    assert values.replace(response, status=200).is_success
    with pytest.raises(FrozenInstanceError):
        response.is_final = True  # type: ignore[misc]


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


class Plain:
    first: int
    second: str = "two"


class Nothing:
    pass


class One:
    only: tuple[int, ...]


class Filled:
    label: str
    items: list[int] = field(default_factory=list, compare=False)
    names: dict[str, int] = field(default_factory=dict, repr=False, init=False, compare=False)
    count: int = field(default=7, init=False)
    size: int = field(init=False, repr=False, compare=False)
    later: int = field(default=1, kw_only=True)
    unhashed: int = field(default=5, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", len(self.items))


class Own:
    name: str

    def __eq__(self, other: object) -> bool:
        return getattr(other, "name", None) == self.name

    def __hash__(self) -> int:
        return 3

    def __repr__(self) -> str:
        return "own"


SHAPES: list[tuple[type, tuple[Any, ...], dict[str, Any]]] = [
    (Plain, (1,), {"second": "zwei"}),
    (Nothing, (), {}),
    (One, (), {"only": (1, 2)}),
    (Filled, ("a", [1, 2]), {"later": 4}),
    (Filled, ("a",), {"unhashed": 6}),
    (Own, ("n",), {}),
]
OPTIONS = [{"frozen": True, "slots": True}, {"slots": True}, {"frozen": True}, {}]


def copies(shape: type, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """The class as a running program has it, and as `dataclasses` makes it."""
    monkeypatch.setattr(values, "ENFORCED", False)
    body = {name: value for name, value in vars(shape).items() if name not in {"__dict__", "__weakref__"}}
    body["__qualname__"] = "Shape"
    lazy: Callable[[type], Any] = values.dataclass(**options)
    return lazy(type("Shape", (), dict(body))), dataclasses.dataclass(**options)(type("Shape", (), dict(body)))


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize(("shape", "arguments", "named"), SHAPES)
def test_lazy_methods_answer_as_those_of_dataclasses(
    shape: type, arguments: Any, named: Any, options: dict[str, bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    lazy, eager = copies(shape, options, monkeypatch)
    for _ in range(2):  # once while the methods are made, once with the methods made
        one, other = lazy(*arguments, **named), eager(*arguments, **named)
        assert repr(one) == repr(other)
        for each in dataclasses.fields(other):
            assert getattr(one, each.name) == getattr(other, each.name)
        assert one == lazy(*arguments, **named)
        assert (one == other) == (shape is Own)
        if eager.__hash__ is None:
            assert lazy.__hash__ is None
        else:
            assert hash(one) == hash(other)
        assert dataclasses.replace(one) == one
    made, given = inspect.signature(lazy), inspect.signature(eager)
    assert [(each.name, each.kind) for each in made.parameters.values()] == [
        (each.name, each.kind) for each in given.parameters.values()
    ]
    assert lazy.__match_args__ == eager.__match_args__
    assert lazy.__init__.__qualname__ == "Shape.__init__"


def test_lazy_objects_differ_where_a_compared_field_does(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy, _ = copies(Filled, OPTIONS[0], monkeypatch)
    assert lazy("a", [1]) == lazy("a", [2])
    assert lazy("a", later=2) != lazy("a", later=3)
    assert hash(lazy("a", unhashed=1)) == hash(lazy("a", unhashed=2))
    assert lazy("a") != "a"
    assert lazy("a").items is not lazy("a").items


def test_a_wrong_call_is_refused_by_the_name_of_the_class(monkeypatch: pytest.MonkeyPatch) -> None:
    lazy, _ = copies(Plain, OPTIONS[0], monkeypatch)
    with pytest.raises(TypeError, match=r"Shape\.__init__\(\) missing 1 required positional argument: 'first'"):
        lazy()


def test_a_subclass_has_methods_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    base, _ = copies(Plain, OPTIONS[0], monkeypatch)
    derived = values.dataclass(frozen=True, slots=True)(
        type("Derived", (base,), {"__annotations__": {"third": int}, "third": 3, "__qualname__": "Derived"})
    )
    assert repr(derived(1)) == "Derived(first=1, second='two', third=3)"
    assert repr(base(1)) == "Shape(first=1, second='two')"
    assert derived(1) != base(1)
    assert derived(1, third=4) != derived(1)


def test_a_value_is_sent_from_a_process_that_enforces_to_one_that_does_not() -> None:
    script = "import pickle, sys; print(repr(pickle.loads(sys.stdin.buffer.read())))"
    sent = pickle.dumps(Endpoint("192.0.2.1", 5060))
    told = subprocess.run([sys.executable, "-c", script], input=sent, capture_output=True, check=True)
    assert told.stdout.decode().strip() == repr(Endpoint("192.0.2.1", 5060))


def test_a_value_is_sent_back_to_a_process_that_enforces() -> None:
    script = (
        "import pickle, sys; from sipscope.model.network import Endpoint; "
        "sys.stdout.buffer.write(pickle.dumps(Endpoint('192.0.2.1', 5060)))"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert pickle.loads(told.stdout) == Endpoint("192.0.2.1", 5060)


def test_values_are_copied_and_sent_to_other_processes() -> None:
    script = (
        "import copy, pickle; from sipscope.model.network import Endpoint as E; one = E('192.0.2.1', 5060); "
        "assert copy.copy(one) == pickle.loads(pickle.dumps(one)) == one"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
