"""Fields that an expression may name, and the values they have."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

from sipscope.values import dataclass

Value: TypeAlias = str | float
"""A text or a number; durations are in milliseconds."""

Values: TypeAlias = Mapping[str, tuple[Value, ...]]
"""The values of one thing by field; none where nothing was seen, several where there are several."""


class Kind(StrEnum):
    """What the values of a field are."""

    TEXT = "text"
    NUMBER = "number"
    MILLISECONDS = "duration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field.

    Attributes:
        name: As an expression spells it.
        text: What it is, in a few words.
        kind: What its values are.
        choices: All values it can have; empty for any.
    """

    name: str
    text: str
    kind: Kind = Kind.TEXT
    choices: tuple[str, ...] = ()
