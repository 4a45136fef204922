"""`sipscope completion`: the script that teaches a shell."""

import shutil
import subprocess

import pytest
from click.shell_completion import ShellComplete

from sipscope.cli import main
from sipscope.cli.main import COMMANDS


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_asks_the_program_for_completions(run, shell):
    result = run("completion", shell)
    assert result.exit_code == 0
    assert f"_SIPSCOPE_COMPLETE={shell}_complete" in result.stdout
    assert "sipscope" in result.stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shell_accepts_the_script(run, shell, tmp_path):
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    (tmp_path / "script").write_text(run("completion", shell).stdout)
    checked = subprocess.run([program, "-n", str(tmp_path / "script")], capture_output=True, check=False, timeout=30)
    assert (checked.returncode, checked.stderr) == (0, b"")


@pytest.mark.parametrize("shell", ["tcsh", "", "BASH"])
def test_unknown_shell_is_wrong_usage(run, shell):
    assert run("completion", shell).exit_code == 2


def completions(arguments: list[str], incomplete: str) -> list[str]:
    found = ShellComplete(main, {}, "sipscope", "_SIPSCOPE_COMPLETE").get_completions(arguments, incomplete)
    return [item.value for item in found]


def test_commands_are_completed():
    assert completions([], "") == list(COMMANDS)


def test_options_are_completed():
    assert completions(["analyze"], "--fail") == ["--fail-on"]


def test_choices_are_completed():
    assert completions(["ladder", "--format"], "p") == ["png", "pdf"]
