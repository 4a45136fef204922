"""Text of an expression → tokens, each with its column."""

import re
from collections.abc import Iterator
from enum import StrEnum

from sipscope.errors import UsageError
from sipscope.values import dataclass

MAX_LENGTH = 2000
"""Characters of an expression."""


class TokenKind(StrEnum):
    """What a token is."""

    WORD = "word"
    STRING = "string"
    OPERATOR = "operator"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token.

    Attributes:
        kind: What it is.
        text: Its text; of a string, what is between the quotation marks.
        column: Where it begins, counted from 1.
    """

    kind: TokenKind
    text: str
    column: int


_TOKEN = re.compile(
    r"""(?P<blank>\s+)"""
    r"""|(?P<string>"[^"]*"|'[^']*')"""
    r"""|(?P<operator>==|!=|<=|>=|[<>~(),])"""
    r"""|(?P<word>[\w.:@+/%*-]+)"""
)


def error_at(column: int, text: str) -> UsageError:
    """The error of an expression: where, what, what to try."""
    return UsageError(f"filter, column {column}: {text}")


def tokens_of(text: str) -> tuple[Token, ...]:
    """The tokens of an expression, an END behind them.

    Raises:
        UsageError: The text is too long, or holds what is no token.
    """
    if len(text) > MAX_LENGTH:
        raise error_at(MAX_LENGTH + 1, f"the expression is longer than {MAX_LENGTH} characters")
    return (*_tokens(text), Token(kind=TokenKind.END, text="", column=len(text) + 1))


def _tokens(text: str) -> Iterator[Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise error_at(position + 1, _advice(text[position]))
        if match["string"] is not None:
            yield Token(kind=TokenKind.STRING, text=match["string"][1:-1], column=position + 1)
        elif match["operator"] is not None:
            yield Token(kind=TokenKind.OPERATOR, text=match["operator"], column=position + 1)
        elif match["word"] is not None:
            yield Token(kind=TokenKind.WORD, text=match["word"], column=position + 1)
        position = match.end()


def _advice(character: str) -> str:
    if character in "\"'":
        return "this quotation mark is never closed"
    if character == "=":
        return "write == to compare"
    if character in "&|!":
        return "write and, or, not"
    return f"{character!r} means nothing here; put text between quotation marks"
