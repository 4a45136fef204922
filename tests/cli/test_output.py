"""What a terminal gets, and what everything else gets."""

import os
import re
import subprocess
from collections.abc import Callable

import pytest

from sipscope.cli.output import ending_of, printable
from tests.cli.conftest import FAULTY, PROGRAM

pty = pytest.importorskip("pty", reason="this system has no pseudo-terminals")

InTerminal = Callable[..., tuple[int, str]]


@pytest.fixture
def in_terminal() -> InTerminal:
    """Run the program in a pseudo-terminal; exit code and what the terminal got."""

    def run(*arguments: object, **environment: str) -> tuple[int, str]:
        inherited = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "TERM", "COLUMNS"}}
        descriptor, terminal = pty.openpty()
        started = subprocess.Popen(
            [*PROGRAM, *map(str, arguments)], stdout=terminal, stderr=terminal, env={**inherited, **environment}
        )
        os.close(terminal)
        output = b""
        while chunk := _read(descriptor):
            output += chunk
        os.close(descriptor)
        return started.wait(timeout=60), output.decode()

    return run


def _read(descriptor: int) -> bytes:
    """The next bytes; none at the end, which Linux tells by an error."""
    try:
        return os.read(descriptor, 65536)
    except OSError:
        return b""


COLOUR = re.compile(r"\x1b\[[\d;]*m")
COMMANDS = pytest.mark.parametrize("command", ["analyze", "ladder", "media"])


@COMMANDS
def test_terminal_gets_colour(in_terminal, capture, command):
    assert "\x1b[1m" in in_terminal(command, capture(FAULTY), TERM="xterm-256color")[1]


@COMMANDS
@pytest.mark.parametrize(
    "environment",
    [{"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}],
    ids=["NO_COLOR", "dumb terminal"],
)
def test_colour_can_be_declined(in_terminal, capture, command, environment):
    assert not COLOUR.search(in_terminal(command, capture(FAULTY), **environment)[1])


def test_empty_no_color_declines_nothing(in_terminal, capture):
    assert "\x1b[1m" in in_terminal("analyze", capture(FAULTY), TERM="xterm", NO_COLOR="")[1]


def test_ascii_ladder_has_no_colour_in_a_terminal_either(in_terminal, capture):
    assert "\x1b[1m" not in in_terminal("ladder", capture(), "--ascii", TERM="xterm")[1]


@pytest.mark.parametrize("environment", [{"TERM": "xterm"}, {"TERM": "dumb"}], ids=["colour", "plain"])
def test_lines_fit_the_terminal(in_terminal, capture, environment):
    _, shown = in_terminal("ladder", capture(), COLUMNS="70", **environment)
    lines = [line for line in COLOUR.sub("", shown).splitlines() if "frames read" not in line]
    assert max(map(len, lines)) <= 70


def test_exit_code_is_the_same_in_a_terminal(in_terminal, capture):
    assert in_terminal("analyze", capture(FAULTY), TERM="xterm")[0] == 1


def test_json_in_a_terminal_has_no_colour(in_terminal, capture):
    _, shown = in_terminal("analyze", capture(), "--format", "json", TERM="dumb")
    assert "\x1b" not in shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a b", "a b"), ("a\x1b[2J", "a\ufffd[2J"), ("a\nb", "a\ufffdb"), ("é→", "é→"), ("\u202e", "\ufffd")],
)
def test_complaints_are_one_line_without_controls(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    ("path", "ending"), [("a.svg", "svg"), ("A.SVG", "svg"), ("a.b/c", ""), (".svg", ""), ("a.tar.gz", "gz"), ("-", "")]
)
def test_ending_of_a_path(path, ending):
    assert ending_of(path) == ending
