"""The group of commands, loaded one by one, and what is common to all of them."""

import gc
import os
from importlib import import_module

import click

from sipscope.errors import SipscopeError
from sipscope.version import VERSION

COMMANDS = (
    "analyze",
    "info",
    "calls",
    "show",
    "ladder",
    "sdp",
    "topology",
    "media",
    "registrations",
    "subscriptions",
    "publications",
    "transfers",
    "conferences",
    "messages",
    "probes",
    "audit",
    "watch",
    "kpi",
    "report",
    "rules",
    "explain",
    "config",
    "completion",
)
"""Names of the commands, in the order that `--help` shows; each lives in a module of its name."""


class _Group(click.Group):
    """A group that imports a command when it is named, and turns the program's errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; None when there is none."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"sipscope.cli.commands.{cmd_name}").command
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run, and show an error of the program as one line with its exit code."""
        from sipscope.cli.output import complain
        from sipscope.cli.stopping import EXIT_CODE, exit_code_of

        try:
            return super().invoke(ctx)
        except SipscopeError as error:
            complain(str(error))
            ctx.exit(exit_code_of(ctx, error.exit_code))
        except click.exceptions.Exit as end:
            ctx.exit(exit_code_of(ctx, end.exit_code))
        except KeyboardInterrupt:
            complain("stopped")
            ctx.exit(EXIT_CODE)


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: sipscope analyze call.pcap",
)
@click.version_option(VERSION, "-V", "--version", prog_name="sipscope")
def main() -> None:
    r"""Say why a VoIP call failed, from the capture alone.

    sipscope reads pcap and pcapng files, reconstructs SIP transactions, dialogs, offers and answers, transfers and RTP
    streams, checks them against the standards, and draws what happened. It works offline.

    \b
    Exit codes: 0 nothing found · 1 findings at or above --fail-on · 2 wrong usage · 3 input unreadable or damaged ·
    130 stopped with Ctrl-C
    """
    # Two threads of the linear algebra library on short arrays cost far more than they give.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # A trace is millions of objects without a cycle, and a command ends soon: searching them for cycles is lost time.
    gc.disable()
