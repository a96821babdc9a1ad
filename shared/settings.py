"""The settings: read once from the environment, frozen, passed on as an argument. Nothing else reads the environment.

`python -m shared.settings` prints the table that stands in README.md.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

PREFIX = "DATELINE_"


def seconds(value: float) -> timedelta:
    """A duration, for the defaults below."""
    return timedelta(seconds=value)


def _duration(value: Any) -> Any:
    """A bare number in the environment means seconds; pydantic reads only numbers as such, not their text."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


Duration = Annotated[timedelta, BeforeValidator(_duration), Field(gt=timedelta(0))]


class Settings(BaseSettings):
    """Every setting, in the order of the table in README.md. Durations are given in seconds or as ISO 8601 (`PT15M`)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    data: Path = Field(Path("data"), description="folder of the embedded stack's database, raw documents and logs")
    database: str | None = Field(None, description="SQLAlchemy address of the database; without one, SQLite in the data folder")
    broker: str | None = Field(None, description="Redis address of the queues; without one, an embedded server")
    raw: Path | None = Field(None, description="folder of the raw documents, shared by all workers; without one, `raw` in the data folder")
    concepts: Path | None = Field(
        None, description="folder of the imported concepts, shared by all workers; without one, `concepts` in the data folder"
    )

    host: str = Field("127.0.0.1", description="address that the site listens on")
    port: int = Field(8000, ge=0, le=65535, description="port of the site; 0 for a free one")
    site_name: str = Field("Dateline", description="name on the pages")
    base_url: str | None = Field(None, description="public address of the site, such as https://news.example.org, for a proxy in front")
    contact: str | None = Field(None, description="web or mail address in the User-Agent, for publishers who want to reach you")

    sample: bool = Field(True, description="serve and read the bundled sample outlets")
    allowed_hosts: frozenset[str] = Field(
        frozenset(), description='JSON list of `host:port` that may be fetched although their address is private, such as ["10.0.0.5:8080"]'
    )
    routes: dict[str, str] = Field(
        {}, description='JSON object of host patterns and the `address:port` to connect to instead, such as {"*.test": "127.0.0.1:9000"}'
    )
    fetch_deadline: Duration = Field(seconds(20), description="one deadline for a whole fetch, redirects included")
    fetch_max_bytes: int = Field(10_000_000, ge=1000, description="largest document, on the wire and decompressed")
    host_apart: Duration = Field(seconds(0.5), description="shortest time between the starts of two requests to one host, by all workers")
    host_at_once: int = Field(2, ge=1, le=100, description="most requests to one host at once, by all workers")
    poll_floor: Duration = Field(seconds(300), description="shortest time between two polls of a source")
    poll_ceiling: Duration = Field(seconds(86_400), description="longest time between two polls of a source")
    sitemap_budget: int = Field(5, ge=1, le=100, description="sitemaps of an index that one poll reads at most")
    sitemap_horizon: Duration = Field(seconds(259_200), description="a sitemap's articles that are older than this are not read")
    rechecks: Annotated[tuple[Duration, ...], Field(max_length=20)] = Field(
        (seconds(3600), seconds(21_600), seconds(86_400)),
        description="JSON list of the times after a page's first fetch at which it is looked at again; `[]` for never",
    )

    batch: int = Field(32, ge=1, le=1000, description="most rows of work in one message")
    queue_high: int = Field(2048, ge=1, description="rows of work that wait in one Redis queue at most")
    backlog_high: int = Field(20_000, ge=1, description="a stage rests while more ready rows than this wait in the stages after it")
    lease: Duration = Field(seconds(120), description="how long a worker holds a batch before it is taken for dead")
    row_limit: Duration = Field(
        seconds(30), validate_default=True, description="how long one row of work may take; at most half of the lease"
    )
    max_attempts: int = Field(5, ge=1, description="attempts before a failing row is quarantined")
    retry_base: Duration = Field(seconds(5), description="wait after the first failure; four times longer after each further one")
    sweep: Duration = Field(seconds(1), description="how often the scheduler looks")
    hint_age: Duration = Field(seconds(15), description="a ready row that was hinted this long ago may be hinted again")
    worker_memory_mb: int = Field(2048, ge=0, description="address space of a worker process, in MB; 0 for no limit")
    stages: str = Field("services.cli.stages:build", description="`module:function` that makes the stages; the place to plug in your own")

    sqlite_synchronous: Literal["FULL", "NORMAL"] = Field("FULL", description="NORMAL is faster, but a power cut may take the last commits")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="least severe records that are logged")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: coloured on a terminal, JSON elsewhere")

    @field_validator("row_limit")
    @classmethod
    def _ends_within_the_lease(cls, limit: timedelta, info: ValidationInfo) -> timedelta:
        lease = info.data.get("lease")
        if lease is not None and limit > lease / 2:
            raise ValueError(f"must be at most half of {PREFIX}LEASE, which is {lease.total_seconds():g} s")
        return limit

    @field_validator("rechecks")
    @classmethod
    def _in_order(cls, times: tuple[timedelta, ...]) -> tuple[timedelta, ...]:
        return tuple(sorted(set(times)))

    @field_validator("broker")
    @classmethod
    def _is_redis(cls, url: str | None) -> str | None:
        if url and not re.match(r"rediss?://\S", url):
            raise ValueError("must be an address such as redis://localhost:6379/0")
        return url or None

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, url: str | None) -> str | None:
        if url and not re.match(r"https?://[^\s/]", url):
            raise ValueError("must be an address such as https://news.example.org")
        return url or None

    @field_validator("allowed_hosts", "routes")
    @classmethod
    def _name_ports(cls, given: Any) -> Any:
        targets = given.values() if isinstance(given, dict) else given
        wrong = [one for one in targets if not re.fullmatch(r"\S+:\d{1,5}", one)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no `host:port`")
        return given

    @property
    def database_url(self) -> str:
        """Where the database is."""
        return self.database or f"sqlite:///{self.data.absolute() / 'dateline.db'}"

    @property
    def raw_folder(self) -> Path:
        """Where the raw documents are."""
        return self.raw or self.data / "raw"

    @property
    def concepts_folder(self) -> Path:
        """Where imported concepts are, and the gazetteer that was compiled from them."""
        return self.concepts or self.data / "concepts"


def problems(error: ValidationError | SettingsError) -> list[str]:
    """One sentence for each wrong setting: which, what is wrong, where the table stands."""
    if isinstance(error, SettingsError):
        found = re.search(r'field "(\w+)"', str(error))
        return [f"{PREFIX}{found[1].upper() if found else '…'}: this is no JSON; README.md has the table of settings"]
    lines = []
    for one in error.errors():
        name = PREFIX + "_".join(str(part) for part in one["loc"][:1]).upper()
        said = one["msg"].removeprefix("Value error, ")
        got = f"{one['input'].total_seconds():g} s" if isinstance(one["input"], timedelta) else repr(one["input"])
        lines.append(f"{name}: {said} (got {got}); README.md has the table of settings")
    return lines


def table() -> str:
    """The settings as a Markdown table."""
    lines = ["| variable | default | meaning |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, timedelta):
            default = f"{default.total_seconds():g}"
        elif isinstance(default, tuple):
            default = f"[{', '.join(f'{one.total_seconds():g}' for one in default)}]"
        elif default is None or default in (frozenset(), {}):
            default = ""
        lines.append(f"| `{PREFIX}{name.upper()}` | {f'`{default}`' if default != '' else ''} | {field.description} |")
    return "\n".join(lines)


if __name__ == "__main__":
    print(table())
