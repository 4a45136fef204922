"""`sipscope completion`: the script that teaches a shell to complete commands and options."""

import click
from click.shell_completion import get_completion_class

from sipscope.cli.output import write_text


@click.command("completion", epilog='Example: eval "$(sipscope completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the tab completion script for a shell.

    Put it into the shell's start-up file, or evaluate it there.
    """
    completion = get_completion_class(shell)
    if completion is None:
        raise click.UsageError(f"no completion for {shell}")
    root = context.find_root().command
    write_text(completion(root, {}, "sipscope", "_SIPSCOPE_COMPLETE").source() + "\n", None)
