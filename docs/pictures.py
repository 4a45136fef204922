"""The pictures in the documentation: what the commands draw of the samples."""

from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

from sipscope.cli.main import main

REPOSITORY = Path(__file__).parent.parent

COMMANDS = {
    "media-line-dropped.svg": ("ladder", "dropped-media-line.pcapng", "--call", "1"),
    "transfer.svg": ("ladder", "blind-transfer.pcapng", "--transfer", "1"),
    "network.svg": ("topology", "b2bua.pcapng"),
    "quality.png": ("media", "lossy-call.pcapng"),
}
"""File names with the command, its sample, and its options."""


def pictures() -> Iterator[tuple[str, bytes]]:
    """Each picture by its name. Those that matplotlib draws depend on its version."""
    with TemporaryDirectory() as folder, chdir(REPOSITORY):
        for name, (command, sample, *options) in COMMANDS.items():
            path = Path(folder, name)
            arguments = [command, f"samples/{sample}", *options, "--no-config", "-o", str(path)]
            main.main(arguments, standalone_mode=False)
            yield name, path.read_bytes()
