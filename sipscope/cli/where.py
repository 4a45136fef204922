"""`--where`: which calls a command speaks of."""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from sipscope.cli.reading import calls_in
from sipscope.errors import UsageError

if TYPE_CHECKING:
    from sipscope.filter import Expression
    from sipscope.model.trace import Trace

F = TypeVar("F", bound=Callable[..., Any])

_WHERE = f"{__name__}.where"
_LAST_WORD = re.compile(r"[a-z_]*\Z")
_LAST_CHOICE = re.compile(r"(?P<field>[a-z_]+)(?:==|!=)(?P<begun>[\w-]*)\Z")


def _keep(context: click.Context, _parameter: click.Parameter, text: str | None) -> None:
    """Keep the expression, wrong ones refused before anything is read."""
    context.meta[_WHERE] = None
    if text is not None:
        from sipscope.views.filtering import expression_of

        context.meta[_WHERE] = expression_of(text)


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[str]:
    """The field whose name is begun at the end of an expression, or one of its values."""
    from sipscope.views.filtering import FIELDS

    choice = _LAST_CHOICE.search(incomplete)
    if choice is not None:
        choices = next((field.choices for field in FIELDS if field.name == choice["field"]), ())
        front = incomplete[: choice.start("begun")]
        return [front + item for item in choices if item.startswith(choice["begun"])]
    word = _LAST_WORD.search(incomplete)
    begun = word[0] if word is not None else ""
    front = incomplete[: len(incomplete) - len(begun)]
    return [front + field.name for field in FIELDS if field.name.startswith(begun)]


def where_option(command: F) -> F:
    """`--where`."""
    return click.option(
        "--where",
        metavar="EXPRESSION",
        expose_value=False,
        callback=_keep,
        shell_complete=_complete,
        help="Only calls for which this holds, such as 'outcome==rejected and setup_ms>2000'.",
    )(command)


def chosen_expression() -> "Expression | None":
    """What `--where` says; None where it says nothing."""
    expression: Expression | None = click.get_current_context().meta.get(_WHERE)
    return expression


def narrowed_to_where(trace: "Trace") -> "Trace":
    """A trace with the calls alone that `--where` chooses; the whole of it where that says nothing."""
    expression = chosen_expression()
    if expression is None:
        return trace
    from sipscope.views import filtering

    return filtering.narrowed(trace, filtering.chosen_calls(trace, expression))


def chosen_calls(trace: "Trace", numbers: Sequence[int]) -> list[int] | None:
    """The calls that `--call` and `--where` choose; None where neither says anything.

    Raises:
        UsageError: A number is that of no call, or no call fits.
    """
    known = [call.id for call in trace.calls]
    for number in numbers:
        if number not in known:
            raise UsageError(f"there is no call {number} in this capture; it holds {calls_in(trace)}")
    expression = chosen_expression()
    if expression is None:
        return list(numbers) or None
    from sipscope.views import filtering

    fitting = filtering.chosen_calls(trace, expression)
    chosen = [number for number in numbers or known if number in fitting]
    if not chosen:
        raise UsageError(f"--where holds for none of the calls; the capture holds {calls_in(trace)}")
    return chosen
