"""`sipscope config`: whether the configuration is right, and what is in force."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from sipscope.cli.options import CONFIGURATION, chosen_path
from sipscope.cli.output import complain, write_text

if TYPE_CHECKING:
    from sipscope.policy.in_force import InForce

_WIDEST = 60
"""Columns of a value with its origin beside it."""


@click.command("config", epilog="Example: sipscope config show --config lab/sipscope.toml")
@click.argument("what", metavar="check|show", type=click.Choice(["check", "show"]))
@CONFIGURATION[0]
@CONFIGURATION[1]
@click.pass_context
def command(context: click.Context, what: str) -> None:
    """Check the configuration, or show what is in force and which file says so.

    It is looked for as every command does: --config, else sipscope.toml or pyproject.toml with a table tool.sipscope,
    in the current directory or above it. reference/configuration in the documentation lists all that it may hold.
    """
    from sipscope.cli.configuration import configuration_at
    from sipscope.policy.loading import WrongConfiguration

    path = chosen_path()
    try:
        configured = configuration_at(path)
    except WrongConfiguration as error:
        for problem in error.problems:
            complain(problem)
        context.exit(error.exit_code)
    for item in configured.expired:
        complain(f"the suppression of {item.rule} ({item.reason}) expired on {item.expires}: it holds no more")
    if what == "show":
        write_text("\n".join(_lines(configured)) + "\n", None)
    elif path is None:
        write_text("no configuration: defaults are in force\n", None)
    else:
        write_text(f"{path} is right: {_in_words(configured)}\n", None)


def _in_words(configured: "InForce") -> str:
    from sipscope.views.words import counted

    policy = configured.policy
    return ", ".join(
        (
            counted(len(policy.rules), "rule setting"),
            counted(len(policy.thresholds), "threshold"),
            counted(len(policy.peers), "peer"),
            counted(len(policy.suppressions), "suppression"),
            counted(len(policy.expectations), "expectation"),
        )
    )


def _lines(configured: "InForce") -> Iterator[str]:
    """What is in force, a line each, with the file that says so behind it."""
    from sipscope.policy.description import described

    rows = list(described(configured))
    width = min(max(len(text) for text, _ in rows), _WIDEST)
    for text, origin in rows:
        yield f"{text:<{width}}  # {origin}"
