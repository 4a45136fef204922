"""Expressions: what a filter asks of the values of a thing."""

import re
from collections.abc import Callable
from operator import eq, ge, gt, le, lt
from typing import Protocol

from sipscope.filter.fields import Value, Values
from sipscope.filter.patterns import is_found
from sipscope.values import dataclass

_COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {"==": eq, "<": lt, "<=": le, ">": gt, ">=": ge}


class Expression(Protocol):
    """Something that holds for a thing, or doesn't."""

    def holds(self, values: Values) -> bool:
        """Whether it holds for the thing with these values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A field compared: it holds where one of the field's values fits.

    Attributes:
        field: The field.
        operator: `==`, `<`, `<=`, `>` or `>=`.
        value: What to compare with; text in lower case.
    """

    field: str
    operator: str
    value: Value

    def holds(self, values: Values) -> bool:
        """Whether one of the field's values fits."""
        compare = _COMPARISONS[self.operator]
        return any(compare(_lower(item), self.value) for item in values[self.field])


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A field matched: it holds where the pattern is found in one of the field's values.

    Attributes:
        field: The field.
        pattern: What to find.
    """

    field: str
    pattern: re.Pattern[str]

    def holds(self, values: Values) -> bool:
        """Whether the pattern is found in one of the field's values."""
        return any(is_found(self.pattern, str(item)) for item in values[self.field])


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A field that has no value.

    Attributes:
        field: The field.
    """

    field: str

    def holds(self, values: Values) -> bool:
        """Whether nothing was seen."""
        return not values[self.field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Negation:
    """The contrary of an expression.

    Attributes:
        inner: That expression.
    """

    inner: Expression

    def holds(self, values: Values) -> bool:
        """Whether the inner expression doesn't hold."""
        return not self.inner.holds(values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """Holds where all parts do.

    Attributes:
        parts: The parts.
    """

    parts: tuple[Expression, ...]

    def holds(self, values: Values) -> bool:
        """Whether all parts hold."""
        return all(part.holds(values) for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Either:
    """Holds where one part does.

    Attributes:
        parts: The parts.
    """

    parts: tuple[Expression, ...]

    def holds(self, values: Values) -> bool:
        """Whether one part holds."""
        return any(part.holds(values) for part in self.parts)


def _lower(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value
