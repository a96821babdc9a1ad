"""The settings: read once, frozen, and wrong ones named in one sentence."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.outcomes import Limits
from shared.settings import Settings, problems, table


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("DATELINE_")]:
        monkeypatch.delenv(name)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_LEASE", "2.5")
    monkeypatch.setenv("DATELINE_ROW_LIMIT", "1")
    monkeypatch.setenv("DATELINE_POLL_FLOOR", "PT15M")
    monkeypatch.setenv("DATELINE_ALLOWED_HOSTS", '["10.0.0.5:8080"]')
    monkeypatch.setenv("DATELINE_ROUTES", '{"*.test": "127.0.0.1:9000"}')
    made = Settings()
    assert made.lease == timedelta(seconds=2.5)
    assert made.poll_floor == timedelta(minutes=15)
    assert made.allowed_hosts == {"10.0.0.5:8080"}
    assert made.routes == {"*.test": "127.0.0.1:9000"}


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("LEASE", value) for value in ("soon", "0", "-1", "nan", "inf")),
        *(("PORT", "99999"), ("BATCH", "0"), ("ROUTES", '["a"]')),
        *(("LOG_LEVEL", "loud"), ("SQLITE_SYNCHRONOUS", "OFF")),
    ],
)
def test_a_wrong_setting_is_named_with_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"DATELINE_{name}", value)
    with pytest.raises(ValidationError) as error:
        Settings()
    (line,) = problems(error.value)
    assert line.startswith(f"DATELINE_{name}: ")
    assert "README.md" in line


def test_the_database_stands_in_the_data_folder_unless_named(tmp_path: Path) -> None:
    assert Settings(data=tmp_path).database_url == f"sqlite:///{tmp_path}/dateline.db"
    assert Settings(data=tmp_path, database="postgresql://h/d").database_url == "postgresql://h/d"
    assert Settings(data=tmp_path).raw_folder == tmp_path / "raw"
    assert Settings(data=tmp_path, raw=Path("/shared")).raw_folder == Path("/shared")


def test_defaults_keep_the_order_of_the_limits() -> None:
    """A row ends before half the lease, or rows would be started that cannot end in time; delivery's own defaults are the settings'."""
    made = Settings()
    assert made.row_limit <= made.lease / 2
    limits = Limits()
    assert (limits.lease, limits.row_limit, limits.max_attempts) == (made.lease, made.row_limit, made.max_attempts)
    assert (limits.retry_base, limits.batch) == (made.retry_base, made.batch)


def test_the_table_names_every_setting() -> None:
    lines = table().splitlines()
    assert len(lines) == 2 + len(Settings.model_fields)
    assert all(len(line.split(" | ")) == 3 for line in lines)
