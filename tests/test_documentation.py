"""What the documentation shows works, and what is generated is fresh."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import REPOSITORY

PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:\.venv/bin/)?sipscope [^|<>&;$`*]+")
SAMPLE = "samples/attended-transfer.pcapng"
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def blocks(language: str) -> list[tuple[str, str]]:
    return [
        (f"{page.relative_to(REPOSITORY)}-{number}", match[2])
        for page in PAGES
        for number, match in enumerate(BLOCK.finditer(page.read_text("utf-8")))
        if match[1] == language
    ]


PYTHON = blocks("python")


@pytest.mark.parametrize("code", [code for _, code in PYTHON], ids=[name for name, _ in PYTHON])
def test_python_examples_run(code: str):
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def commands() -> list[str]:
    """Every command line that the pages show and that needs nothing but a capture."""
    lines = [line.split("  #")[0].strip() for _, block in blocks("sh") for line in block.splitlines()]
    return sorted(
        {line.removeprefix(".venv/bin/") for line in lines if COMMAND.fullmatch(line) and "--keylog" not in line}
    )


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two captures in a directory, and beside it what an audit of them left."""
    made = tmp_path_factory.mktemp("captures")
    for name in ("busy.pcapng", "cancelled.pcapng"):
        shutil.copy(REPOSITORY / "samples" / name, made)
    command = [sys.executable, "-m", "sipscope", "audit", str(made), "-o", f"{made}-results"]
    subprocess.run(command, capture_output=True, check=True)
    return made


@pytest.mark.parametrize("line", commands())
def test_commands_run(line: str, tmp_path: Path, folder: Path):
    words = shlex.split(line)[1:]
    for place, word in enumerate(words):
        if place and words[place - 1] in {"-o", "--output"}:
            words[place] = str(tmp_path / Path(word).name)
        elif word == "results":
            words[place] = f"{folder}-results"
        elif Path(word).name == "captures":
            words[place] = str(folder)
        elif Path(word).suffix == ".duckdb":
            words[place] = f"{folder}-results/audit.duckdb"
        elif Path(word).suffix in {".pcap", ".pcapng"} and not (REPOSITORY / word).exists():
            words[place] = SAMPLE
    if words[0] == "watch":
        words += ["--settle", "0", "--once"]
    command = [sys.executable, "-m", "sipscope", *words]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode in {0, 1}, run.stderr


def test_there_are_examples_to_run():
    assert len(PYTHON) >= 3
    assert len(commands()) >= 10


def test_links_lead_somewhere():
    broken = [
        f"{page.relative_to(REPOSITORY)}: {target}"
        for page in PAGES
        for target in LINK.findall(BLOCK.sub("", page.read_text("utf-8")))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_generated_pages_are_fresh():
    command = [sys.executable, "docs/generate.py", "--check"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


def test_every_rule_has_a_page_and_no_other_has():
    from sipscope.rules.registry import RULES

    pages = {page.stem for page in (REPOSITORY / "docs/reference/rules").glob("*.md")}
    assert {rule.code.lower() for rule in RULES} == pages - {"index"}
