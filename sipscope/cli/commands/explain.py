"""`sipscope explain`: the page of one rule."""

import click
from click.shell_completion import CompletionItem

from sipscope.cli.output import write_text
from sipscope.errors import UsageError


def _codes(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from sipscope.rules.registry import RULES

    return [CompletionItem(rule.code, help=rule.name) for rule in RULES if rule.code.startswith(incomplete.upper())]


@click.command("explain", epilog="Example: sipscope explain OA-003")
@click.argument("code", metavar="CODE", shell_complete=_codes)
def command(code: str) -> None:
    """Show what a rule finds, why it matters, an example, what to check, and the clauses it rests on.

    CODE is a rule's code or name, such as OA-003 or media-section-dropped.
    """
    from sipscope.rules.registry import RETIRED, rule_of
    from sipscope.views.rule_page import rule_text

    rule = rule_of(code)
    if rule is None:
        retired = RETIRED.get(code.upper())
        raise UsageError(retired or f"there is no rule {code}; `sipscope rules` lists them all")
    write_text(rule_text(rule), None)
