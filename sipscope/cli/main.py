"""The group of commands, loaded one by one, and what is common to all of them."""

import atexit
import gc
import os
import sys
from importlib import import_module

import click

from sipscope.errors import SipscopeError
from sipscope.version import VERSION

COMMANDS = {
    "analyze": "Tell what captures hold: calls, findings, media.",
    "info": "Tell what captures are and what they can't show.",
    "calls": "List calls, one row each.",
    "show": "Tell who did what when in a call.",
    "ladder": "Draw calls as ladders: in the terminal, as SVG, PNG, PDF.",
    "sdp": "Show what a call negotiated, exchange by exchange.",
    "topology": "Show which hosts there are, and what each of them did.",
    "media": "Tell how RTP streams fared, or draw it.",
    "registrations": "List registrations, and the bindings they made.",
    "subscriptions": "List subscriptions, and how they ended.",
    "publications": "List publications, and what became of them.",
    "transfers": "List transfers: reported against observed result.",
    "conferences": "List conferences: who was in when.",
    "messages": "List instant messages outside of calls.",
    "probes": "List peers that OPTIONS probe: up or down, since when.",
    "audit": "Audit whole directories of captures into a database.",
    "watch": "Audit the files of a rotating capture as they come.",
    "kpi": "Tell performance metrics of an audit or of captures.",
    "report": "Write what an audit found: HTML, SARIF, JUnit, CSV …",
    "rules": "List every rule.",
    "explain": "Explain a rule, with examples and clauses.",
    "config": "Check the configuration, or show what is in force.",
    "completion": "Print the tab completion script for a shell.",
}
"""What each command is for, by name, in the order that `--help` shows; each lives in a module of its name."""


class _Group(click.Group):
    """A group that imports a command when it is named, and turns the program's errors into exit codes."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of `COMMANDS`."""
        return list(COMMANDS)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, for which none of them is loaded."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

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


def _spare_last_search() -> None:
    """When the program ends, have what it holds go with its memory, without being searched for cycles before."""
    # DuckDB looks whether all of its objects were taken apart, and complains of those that weren't.
    if "duckdb" not in sys.modules:
        gc.freeze()


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
    atexit.register(_spare_last_search)
