"""What a newcomer types first."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from composefile import ROOT

TARGETS = ["help", "setup", "run", "test", "lint", "types", "arch", "bench", "fuzz", "storm", "orders", "deploy-check", "up", "down"]
PROGRAM = """#!/bin/sh
echo "words: $*"
echo "port $DATELINE_PORT, data $DATELINE_DATA, lease $DATELINE_LEASE"
"""


def make(folder: Path, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run make with nothing of ours in the environment."""
    if shutil.which("make") is None:
        pytest.skip("no make")
    bare = {"PATH": environment.pop("PATH", os.environ["PATH"]), "HOME": str(folder), "LANG": "C.UTF-8", **environment}
    return subprocess.run(["make", *words], cwd=folder, env=bare, capture_output=True, text=True, timeout=60)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile and what it stands on, with a stand-in for the installed program."""
    (tmp_path / "deploy").mkdir()
    for name in ("Makefile", "pyproject.toml", "deploy/setup.sh", "deploy/requirements.lock", "deploy/requirements-test.lock"):
        shutil.copyfile(ROOT / name, tmp_path / name)
    program = tmp_path / ".venv" / "bin" / "dateline"
    program.parent.mkdir(parents=True)
    program.write_text(PROGRAM)
    program.chmod(0o755)
    (tmp_path / ".venv" / ".runtime").touch()
    return tmp_path


@pytest.mark.parametrize("words", [[], ["help"]])
def test_make_lists_what_it_can_do(words: list[str]) -> None:
    said = make(ROOT, *words)
    assert re.findall(r"^  make (\S+) +\S", said.stdout, re.MULTILINE) == TARGETS


def test_run_takes_its_settings_from_the_command_line(checkout: Path) -> None:
    said = make(checkout, "run", "PORT=9001", "DATA=/tmp/a folder", "DATELINE_LEASE=20", "SOURCES=my feeds.toml", "ARGS=--until-idle")
    assert said.stdout == "words: run --sources my feeds.toml --until-idle\nport 9001, data /tmp/a folder, lease 20\n"


def test_run_takes_its_settings_from_the_environment(checkout: Path) -> None:
    said = make(checkout, "run", PORT="9002", DATA="elsewhere", DATELINE_LEASE="30")
    assert said.stdout == "words: run\nport 9002, data elsewhere, lease 30\n"
    assert make(checkout, "run", DATELINE_PORT="9003").stdout == "words: run\nport 9003, data , lease \n"


def test_without_a_python_that_fits_set_up_says_what_is_wanted(checkout: Path) -> None:
    shutil.rmtree(checkout / ".venv")
    old = checkout / "old-python"
    old.write_text("#!/bin/sh\necho 'SyntaxError' >&2\nexit 1\n")
    old.chmod(0o755)
    # Without uv: it would bring a Python.
    path = os.pathsep.join(folder for folder in os.environ["PATH"].split(os.pathsep) if not (Path(folder) / "uv").exists())
    said = make(checkout, "run", f"PYTHON={old}", PATH=path)
    assert said.returncode == 2
    assert "Dateline needs Python 3.11 or later" in said.stderr
    assert f"PYTHON={old} is not such a one" in said.stderr
    assert not (checkout / ".venv").exists()


def test_what_only_tests_need_is_not_installed_to_run() -> None:
    said = make(ROOT, "--dry-run", "--always-make", "run")
    assert "setup.sh deploy/requirements.lock" in said.stdout
    assert "requirements-test.lock" not in said.stdout
