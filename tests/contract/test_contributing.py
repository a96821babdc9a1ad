"""What CONTRIBUTING.md says of the tree is so, and its worked example, carried out on a copy, is a stage that works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from composefile import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text()
PIECES = re.findall(r"```(?:python|yaml)\n(.*?)```", TEXT, re.DOTALL)
EXAMPLE_TESTS = ["tests/unit/services/translate", "tests/unit/shared/test_migrations.py"]


def piece(*words: str) -> str:
    """The one piece of code that has all these words."""
    found = [one for one in PIECES if all(word in one for word in words)]
    assert len(found) == 1, f"{len(found)} pieces of CONTRIBUTING.md have {words}"
    return found[0]


def insert(path: Path, before: str, text: str) -> None:
    """Put text before the first line that begins with `before`."""
    lines = path.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.startswith(before))
    path.write_text("".join([*lines[:at], text, *lines[at:]]))


def follow_the_example(copy: Path) -> None:
    """Do on a copy of the tree what the section on `translate` says, step by step."""
    insert(copy / "shared/messages.py", "class ArticleTagged", piece("class ArticleTranslated") + "\n\n")
    insert(copy / "shared/models.py", "    cleaned_revision", piece("english_title: str | None").replace("  # in class Article", ""))
    step = copy / "shared/migrations/versions"
    newest = max(path.name.partition("_")[0] for path in step.glob("[0-9]*.py"))
    following = f"{int(newest) + 1:04}"
    text = piece("down_revision").replace('revision = "0002"', f'revision = "{following}"', 1)
    (step / f"{following}_english_titles.py").write_text(text.replace('down_revision = "0001"', f'down_revision = "{newest}"'))
    folder = copy / "services/translate"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "core.py").write_text(piece("def translate_title", "casefold"))
    (folder / "stage.py").write_text(piece("class Translate:", "def save"))
    (folder / "worker.py").write_text(piece("def stages"))
    pipeline = copy / "shared/pipeline.py"
    place = piece("StageSpec(name=")
    kept = [line for line in pipeline.read_text().splitlines(keepends=True) if 'StageSpec(name="tag"' not in line]
    pipeline.write_text("".join(kept).replace("ArticleTagged,", "ArticleTagged, ArticleTranslated,", 1))
    insert(pipeline, '        StageSpec(name="link"', place)
    insert(copy / "services/cli/stages.py", '    "tag":', piece('"services.translate.worker"'))
    tests = copy / "tests/unit/services/translate"
    tests.mkdir(parents=True)
    (tests / "test_translate.py").write_text(piece("def test_the_stage_writes"))


def test_every_file_that_is_linked_exists() -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", TEXT)
    assert len(links) > 8
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_worked_example_works(tmp_path: Path) -> None:
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("shared", "services"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=ignore)
    for name in ("pyproject.toml", "tests/conftest.py", "tests/servers.py", "tests/skipped.py", "tests/unit/shared/test_migrations.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    follow_the_example(tmp_path)

    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *EXAMPLE_TESTS]
    said = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=200)
    assert said.returncode == 0, said.stdout + said.stderr

    order = "from shared.pipeline import PIPELINE; from services.cli.stages import build; from shared.parts import Parts;"
    order += "from shared.settings import Settings; print(PIPELINE.after('clean'), *build(Parts(Settings()), ['translate']))"
    said = subprocess.run([sys.executable, "-c", order], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert said.stdout.strip() == "('translate', 'tag', 'link', 'publish') translate", said.stderr

    contracts = [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"]
    said = subprocess.run(contracts, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_example_gives_its_stage_a_service() -> None:
    assert "command: [worker, translate]" in piece("<<: *worker")
