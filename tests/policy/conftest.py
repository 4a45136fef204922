"""Configurations as texts."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import date

import pytest

from sipscope.policy.in_force import InForce
from sipscope.policy.loading import in_force

TODAY = date(2030, 6, 15)


@pytest.fixture
def force() -> Callable[..., InForce]:
    """What a text says, and other files that it may name."""

    def forced(text: str, **others: str) -> InForce:
        files = {"sipscope.toml": text, **{f"{name}.toml": content for name, content in others.items()}}

        def read(path: str) -> Mapping[str, object]:
            return tomllib.loads(files[path])

        return in_force("sipscope.toml", read, today=TODAY)

    return forced
