"""What values in a configuration may look like, and what is made of them."""

import ipaddress
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum

from sipscope.errors import UsageError
from sipscope.filter import Kind, parse
from sipscope.model.node_names import node_name
from sipscope.model.policy import Digits, Ringing, Switch, fits_rule
from sipscope.rules.registry import RULES
from sipscope.values import dataclass
from sipscope.views.filtering import FIELDS, expression_of

Convert = Callable[[object], object]
"""Makes the value of what was written; a `ValueError` says what is wrong with it."""

_HEADER_NAME = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")
_COUNT = re.compile(r"(?P<operator>==|!=|<=?|>=?)?\s*(?P<number>\d{1,9})")
_OPERATOR = re.compile(r"\s*(==|!=|<=?|>=?|~|in\b|not\s+in\b)")
_UNIT_APART = re.compile(r"(?<=\d)\s+(?=(?:ms|s|min|h|%)\s*\Z)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueKind:
    """A kind of value.

    Attributes:
        text: What it is, as the reference tells it.
        convert: What makes it.
    """

    text: str
    convert: Convert


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text is expected")
    return value.strip()


def _texts(value: object) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        raise ValueError("at least one text is expected")
    return tuple(map(_text, items))


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")  # noqa: TRY004 -- what a user wrote is no type
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e9:
        raise ValueError("a number that is not negative is expected")
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ValueError("a whole number from 1 on is expected")
    return value


def _wholes(value: object) -> tuple[int, ...]:
    return tuple(_whole(item) for item in (value if isinstance(value, list) else [value]))


def _day(value: object) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise ValueError("a date such as 2030-12-31 is expected, without quotation marks")  # noqa: TRY004
    return value


def _rule(value: object) -> str:
    pattern = _text(value)
    if not any(fits_rule(pattern, rule.code, rule.name) for rule in RULES):
        known = [name for rule in RULES for name in (rule.code, rule.name)]
        raise ValueError(f"there is no rule {pattern!r}{nearest(pattern, known)}")
    return pattern


def _rules(value: object) -> tuple[str, ...]:
    return tuple(map(_rule, _texts(value)))


def _network(value: object) -> str:
    text = _text(value)
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise ValueError(f"{text!r} is no address, and no network such as 192.0.2.0/24") from None
    return text


def _networks(value: object) -> tuple[str, ...]:
    return tuple(map(_network, _texts(value)))


def _headers(value: object) -> tuple[str, ...]:
    names = _texts(value)
    for name in names:
        if not _HEADER_NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no name of a header field")
    return names


def _expression(value: object) -> str:
    text = _text(value)
    try:
        expression_of(text)
    except UsageError as error:
        raise ValueError(str(error)) from None
    return text


def _count(value: object) -> str:
    text = f"== {value}" if isinstance(value, int) and not isinstance(value, bool) else _text(value)
    if not _COUNT.fullmatch(text):
        raise ValueError('a count such as 2 or ">= 1" is expected')
    return text if _OPERATOR.match(text) else f"== {text}"


def condition_on(name: str) -> Convert:
    """What makes a condition on one field: an operator and a value; a value alone must be equal."""
    field = next(item for item in FIELDS if item.name == name)

    def convert(value: object) -> str:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        text = f"== {value}" if is_number else _text(value)
        if field.kind is not Kind.TEXT:
            text = _UNIT_APART.sub("", text)
        if not _OPERATOR.match(text):
            text = f'== "{text}"' if field.kind is Kind.TEXT else f"== {text}"
        try:
            parse(f"{name} {text}", FIELDS)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return text

    return convert


def _node(value: object) -> str:
    text = _text(value)
    try:
        return node_name(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address; write 192.0.2.1, or 192.0.2.1:5062") from None


def nearest(value: object, known: Sequence[str]) -> str:
    """The known name that is most like a wrong one, as the end of a sentence; empty where none is like it."""
    spelt = {name.lower(): name for name in known}
    close = get_close_matches(str(value).lower()[:60], list(spelt), n=1, cutoff=0.6)
    return f"; did you mean {spelt[close[0]]}?" if close else ""


def _one_of(choices: type[StrEnum]) -> ValueKind:
    """One of the values of an enumeration."""
    names = [str(item) for item in choices]

    def convert(value: object) -> StrEnum:
        if value not in names:
            raise ValueError(f"one of {', '.join(names)} is expected{nearest(value, names)}")
        return choices(value)

    return ValueKind(text=", ".join(f"`{name}`" for name in names), convert=convert)


TEXT = ValueKind(text="text", convert=_text)
PATTERNS = ValueKind(text="text or several", convert=_texts)
BOOLEAN = ValueKind(text="true or false", convert=_boolean)
AMOUNT = ValueKind(text="number", convert=_amount)
WHOLE = ValueKind(text="whole number", convert=_whole)
WHOLES = ValueKind(text="whole number or several", convert=_wholes)
DAY = ValueKind(text="date", convert=_day)
SWITCH = _one_of(Switch)
RINGING = _one_of(Ringing)
DIGITS = _one_of(Digits)
RULE = ValueKind(text="rule: code, name, or pattern", convert=_rule)
RULE_PATTERNS = ValueKind(text="rule or several", convert=_rules)
NODE = ValueKind(text="address, or address with a port", convert=_node)
NETWORKS = ValueKind(text="address or network, or several", convert=_networks)
HEADERS = ValueKind(text="header field or several", convert=_headers)
EXPRESSION = ValueKind(text="expression over a call", convert=_expression)
COUNT = ValueKind(text="count", convert=_count)
