"""Several captures made one for tshark, by the program that comes with it for that."""

import shutil
import subprocess
from typing import TYPE_CHECKING

from sipscope.errors import EngineUnavailable, UnreadableInput

if TYPE_CHECKING:
    from collections.abc import Sequence


def merge_captures(paths: "Sequence[str]", target: str) -> None:
    """Write the packets of all captures to `target`, in the order of time.

    Raises:
        EngineUnavailable: mergecap isn't installed.
        UnreadableInput: One of the captures can't be read.
    """
    program = shutil.which("mergecap")
    if program is None:
        raise EngineUnavailable("mergecap, which comes with tshark and merges captures for it, is not installed here")
    done = subprocess.run(  # noqa: S603
        [program, "-F", "pcapng", "-w", target, "--", *paths], capture_output=True, text=True, check=False
    )
    if done.returncode:
        complaint = (done.stderr.strip().splitlines() or ["no reason given"])[-1].removeprefix("mergecap: ")
        raise UnreadableInput(f"{paths[0]} and {len(paths) - 1} more can't be merged: {complaint.rstrip('.')}")
