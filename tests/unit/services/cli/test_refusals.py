"""What is wrong outside the program (a folder, a database, a setting, a number) gets one sentence that says what to do."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.main import main

HUGE = "99999999999999999999"


def dateline(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with an empty database."""
    assert dateline("--data", str(tmp_path / "data"), "migrate").exit_code == 0
    return tmp_path / "data"


@pytest.mark.parametrize("words", [["run"], ["status"], ["migrate"], ["publish", "out"]])
def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path, words: list[str]) -> None:
    (tmp_path / "data").write_text("mine")
    done = dateline("--data", str(tmp_path / "data"), *words)
    assert done.exit_code == 1
    assert str(tmp_path / "data") in done.output
    assert "--data" in done.output


def test_a_raw_store_that_cannot_be_written_is_named(tmp_path: Path, data: Path) -> None:
    (data / "raw").write_text("mine")
    (tmp_path / "note.txt").write_text("Some words.")
    done = dateline("--data", str(data), "add", "--no-wait", str(tmp_path / "note.txt"))
    assert done.exit_code == 1
    assert str(data / "raw") in done.output


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("nonsense")
    done = dateline("--database", f"sqlite:///{tmp_path}/x.db", "status")
    assert done.exit_code == 1
    assert "x.db" in done.output
    assert "DATELINE_DATABASE" in done.output
    assert "server" not in done.output


def test_a_database_of_a_later_version_is_left_alone(data: Path) -> None:
    with sqlite3.connect(data / "dateline.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    done = dateline("--data", str(data), "status")
    assert done.exit_code == 1
    assert "9999" in done.output
    assert "Update Dateline" in done.output


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["trace", HUGE], 1),
        (["trace", f"work:{HUGE}"], 1),
        (["dead", "show", HUGE], 2),
        (["dead", "replay", HUGE], 2),
        (["sources", "remove", HUGE], 1),
        (["sources", "pause", HUGE], 1),
    ],
)
def test_a_number_beyond_the_databases_is_nobodys(data: Path, words: list[str], status: int) -> None:
    done = dateline("--data", str(data), *words)
    assert done.exit_code == status
    assert HUGE in done.output


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DATELINE_ROW_LIMIT", "100", "DATELINE_LEASE"),
        ("DATELINE_LEASE", "20", "DATELINE_ROW_LIMIT"),
        ("DATELINE_BROKER", "localhost:6379", "redis://"),
        ("DATELINE_BASE_URL", "news.example.org", "https://"),
        ("DATELINE_ROUTES", '{"*.test": "nowhere"}', "host:port"),
        ("DATELINE_ALLOWED_HOSTS", '["10.0.0.5"]', "host:port"),
    ],
)
def test_a_setting_that_could_not_work_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(name, value)
    done = dateline("--data", str(tmp_path / "data"), "status")
    assert done.exit_code == 2
    assert name in done.output
    assert said in done.output


def test_a_run_with_stages_that_cannot_be_loaded_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_STAGES", "nowhere:build")
    done = dateline("--data", str(tmp_path / "data"), "run", "--port", "0")
    assert done.exit_code == 1
    assert "nowhere:build" in done.output
