"""Tokens → expression, by recursive descent.

either     = every *( "or" every )
every      = negation *( "and" negation )
negation   = "not" negation / "(" either ")" / "has" "(" value ")" / comparison
comparison = FIELD ( "==" / "!=" / "<" / "<=" / ">" / ">=" / "~" ) value
           / FIELD ["not"] "in" "(" value *( "," value ) ")"
value      = WORD / STRING / NUMBER [ "ms" / "s" / "min" / "h" / "%" ] / "null"
"""

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from sipscope.filter.expressions import Absence, Comparison, Either, Every, Expression, Match, Negation
from sipscope.filter.fields import Field, Kind, Value
from sipscope.filter.patterns import pattern_of
from sipscope.filter.tokens import Token, TokenKind, error_at, tokens_of

MAX_DEPTH = 40
"""Parentheses and `not` inside one another."""

_LONGEST_NAME = 60
_LISTED_NAMES = 40

_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "~")
_NUMBER = re.compile(r"(?P<number>-?[0-9]{1,15}(?:\.[0-9]{1,9})?)(?P<unit>ms|s|min|h|%)?")
_MILLISECONDS = {"ms": 1.0, "s": 1000.0, "min": 60_000.0, "h": 3_600_000.0}


def parse(text: str, fields: Sequence[Field], *, has: Sequence[str] = ()) -> Expression:
    """The expression of a text.

    Args:
        text: What the user wrote.
        fields: The fields there are.
        has: The fields that `has(…)` looks in.

    Raises:
        UsageError: It is no expression; the message names the column, and the nearest name where one is unknown.
    """
    parser = _Parser(tokens_of(text), {field.name: field for field in fields}, has)
    expression = parser.either(0)
    parser.expect_end()
    return expression


class _Parser:
    """Where in the tokens the parsing stands."""

    def __init__(self, tokens: tuple[Token, ...], fields: Mapping[str, Field], has: Sequence[str]) -> None:
        self._tokens, self._fields, self._has = tokens, fields, has
        self._next = 0

    def either(self, depth: int) -> Expression:
        """Parts with `or` between them."""
        parts = [self._every(depth)]
        while self._took("or"):
            parts.append(self._every(depth))
        return parts[0] if len(parts) == 1 else Either(parts=tuple(parts))

    def expect_end(self) -> None:
        """Nothing may follow."""
        token = self._tokens[self._next]
        if token.kind is not TokenKind.END:
            raise error_at(token.column, f"and, or, or the end is expected, not {token.text!r}")

    def _every(self, depth: int) -> Expression:
        parts = [self._negation(depth)]
        while self._took("and"):
            parts.append(self._negation(depth))
        return parts[0] if len(parts) == 1 else Every(parts=tuple(parts))

    def _negation(self, depth: int) -> Expression:
        token = self._tokens[self._next]
        if depth > MAX_DEPTH:
            raise error_at(token.column, f"more than {MAX_DEPTH} parentheses inside one another")
        if self._took("not"):
            return Negation(inner=self._negation(depth + 1))
        if self._took("("):
            inner = self.either(depth + 1)
            self._expect(")")
            return inner
        if self._took("has"):
            return self._having()
        return self._comparison()

    def _having(self) -> Expression:
        self._expect("(")
        value = self._take_value()
        self._expect(")")
        parts = tuple(Comparison(field=name, operator="==", value=value.text.lower()) for name in self._has)
        return Either(parts=parts)

    def _comparison(self) -> Expression:
        field = self._take_field()
        negated = self._took("not")
        if negated or self._is_next("in"):
            self._expect("in")
            expression = self._membership(field)
            return Negation(inner=expression) if negated else expression
        token = self._tokens[self._next]
        if token.kind is not TokenKind.OPERATOR or token.text not in _OPERATORS:
            raise error_at(token.column, f"one of {' '.join(_OPERATORS)} or in is expected after {field.name}")
        self._next += 1
        return _compared(field, token, self._take_value())

    def _membership(self, field: Field) -> Expression:
        self._expect("(")
        parts = [_equal(field, self._take_value())]
        while self._took(","):
            parts.append(_equal(field, self._take_value()))
        self._expect(")")
        return Either(parts=tuple(parts))

    def _take_field(self) -> Field:
        token = self._tokens[self._next]
        if token.kind is TokenKind.END:
            raise error_at(token.column, "the name of a field is expected, but the expression ends here")
        field = self._fields.get(token.text.lower()) if token.kind is TokenKind.WORD else None
        if field is None:
            raise error_at(token.column, f"there is no field {token.text!r}{_nearest(token.text, list(self._fields))}")
        self._next += 1
        return field

    def _take_value(self) -> Token:
        token = self._tokens[self._next]
        if token.kind not in {TokenKind.WORD, TokenKind.STRING}:
            raise error_at(token.column, "a value is expected here")
        self._next += 1
        return token

    def _is_next(self, text: str) -> bool:
        token = self._tokens[self._next]
        return token.kind in {TokenKind.WORD, TokenKind.OPERATOR} and token.text.lower() == text

    def _took(self, text: str) -> bool:
        """Whether the next token is this one; it is consumed then."""
        found = self._is_next(text)
        self._next += found
        return found

    def _expect(self, text: str) -> None:
        if not self._took(text):
            token = self._tokens[self._next]
            raise error_at(token.column, f"{text!r} is expected here")


def _compared(field: Field, operator: Token, value: Token) -> Expression:
    if operator.text == "~":
        if field.kind is not Kind.TEXT:
            raise error_at(operator.column, f"~ looks into text, but {field.name} is a {field.kind.value}")
        try:
            return Match(field=field.name, pattern=pattern_of(value.text))
        except ValueError as error:
            raise error_at(value.column, str(error)) from None
    if operator.text == "==":
        return _equal(field, value)
    if operator.text == "!=":
        return Negation(inner=_equal(field, value))
    if field.choices or _is_null(value):
        raise error_at(operator.column, f"{operator.text} asks for an order; use ==, != or in")
    return Comparison(field=field.name, operator=operator.text, value=_value(field, value))


def _equal(field: Field, value: Token) -> Expression:
    if _is_null(value):
        return Absence(field=field.name)
    return Comparison(field=field.name, operator="==", value=_value(field, value))


def _value(field: Field, token: Token) -> Value:
    """What the field is to be compared with: text in lower case, or a number in the unit of the field."""
    if field.kind is Kind.TEXT:
        if field.choices and token.text.lower() not in _lower(field.choices):
            raise error_at(token.column, f"{field.name} is never {token.text!r}{_nearest(token.text, field.choices)}")
        return token.text.lower()
    match = _NUMBER.fullmatch(token.text)
    if match is None:
        raise error_at(token.column, f"{field.name} is a {field.kind.value}, which {token.text!r} is not")
    number, unit = float(match["number"]), match["unit"]
    if unit is None:
        return number
    if field.kind is Kind.MILLISECONDS and unit in _MILLISECONDS:
        return number * _MILLISECONDS[unit]
    if unit == "%" and field.name.endswith("_percent"):
        return number
    raise error_at(token.column, f"{field.name} is not measured in {unit}")


def _is_null(value: Token) -> bool:
    return value.kind is TokenKind.WORD and value.text.lower() == "null"


def _lower(names: Sequence[str]) -> list[str]:
    return [name.lower() for name in names]


def _nearest(text: str, known: Sequence[str]) -> str:
    """What to try in place of an unknown name: the one that looks like it, else those there are."""
    spelt = {name.lower(): name for name in known}
    close = get_close_matches(text.lower()[:_LONGEST_NAME], list(spelt), n=1, cutoff=0.6)
    if close:
        return f"; did you mean {spelt[close[0]]}?"
    return f"; there are {', '.join(known)}" if len(known) <= _LISTED_NAMES else ""
