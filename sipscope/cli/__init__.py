"""The command line. Commands are options → pipeline → view → render → write → exit code; no SIP in here."""

from sipscope.cli.main import main

__all__ = ["main"]
