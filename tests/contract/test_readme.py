"""What README.md says of the program is what the program says of itself."""

from pathlib import Path

from services.cli.main import COMMANDS
from shared.settings import table

ROOT = Path(__file__).parents[2]


def test_the_table_of_settings_is_the_programs_own() -> None:
    assert table() in (ROOT / "README.md").read_text(encoding="utf-8"), "run `python -m shared.settings` and paste its table"


def test_every_command_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in COMMANDS if f"`{name}`" not in readme and f"dateline {name}" not in readme]
    assert missing == []


def test_the_two_commands_stand_on_the_first_screen() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()[:15]
    assert any(line.startswith("make run") for line in first)
    assert any(line.startswith("make test") for line in first)
