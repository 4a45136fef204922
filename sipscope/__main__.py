"""`python -m sipscope`: the command line without its script."""

from sipscope.cli import main

main(prog_name="sipscope")
