"""deploy/ as far as a machine without a Docker engine can check it: `make deploy-check` runs this file."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import click
import composefile
import pytest
from composefile import COMPOSE, ROOT, SECRETS

from services.cli.main import main
from shared.pipeline import PIPELINE
from shared.settings import PREFIX, Settings

DEPLOY = ROOT / "deploy"
FLOWER = DEPLOY / "compose.flower.yaml"
BIN = Path(sys.executable).parent
SERVICES: dict[str, dict[str, Any]] = composefile.read()["services"]
FOREIGN = {"redis", "postgres"}
OWN = sorted(set(SERVICES) - FOREIGN)
WORKERS = {name: service["command"][1:] for name, service in SERVICES.items() if service["command"][0] == "worker"}


def compose() -> list[str] | None:
    """The command that is Compose 2, by whatever name."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]):
            said = subprocess.run([*command, "version"], capture_output=True, text=True)
            if said.returncode == 0 and re.search(r"v?[2-9]\d*\.\d+", said.stdout):
                return command
    return None


@pytest.mark.parametrize("files", [[COMPOSE], [COMPOSE, FLOWER]], ids=["compose", "with flower opened"])
def test_compose_accepts_its_files(files: list[Path]) -> None:
    command = compose()
    if command is None:
        pytest.skip("no compose plugin")
    given = [part for file in files for part in ("-f", str(file))]
    said = subprocess.run([*command, *given, "config", "--quiet"], env={**os.environ, **SECRETS}, capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")


def test_our_reading_of_the_file_is_compose_s_own() -> None:
    import json

    command = compose()
    if command is None:
        pytest.skip("no compose plugin")
    environment = {**os.environ, **SECRETS, "DATELINE_CONTACT": "desk@example.org"}
    said = subprocess.run(
        [*command, "-f", str(COMPOSE), "config", "--format", "json"], env=environment, capture_output=True, text=True, check=True
    )
    theirs = json.loads(said.stdout)["services"]
    ours = composefile.read(environment=environment)["services"]
    for name, service in ours.items():
        given = {key: value for key, value in (theirs[name].get("environment") or {}).items() if value is not None}
        assert service.get("environment", {}) == given
        assert [str(part).replace("$$", "$") for part in theirs[name]["command"]] == [str(part).strip() for part in service["command"]]
        assert sorted(theirs[name]["networks"]) == sorted(service["networks"])


def test_the_compose_files_follow_the_specification() -> None:
    said = subprocess.run(
        [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE, FLOWER], capture_output=True, text=True
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    program = BIN / "hadolint"
    if not program.exists():
        pytest.skip("no hadolint")
    said = subprocess.run([program, DEPLOY / "Dockerfile"], capture_output=True, text=True)
    assert (said.returncode, said.stdout) == (0, "")


def test_a_forgotten_password_is_asked_for() -> None:
    for name in SECRETS:
        with pytest.raises(KeyError, match=r"deploy/\.env"):
            composefile.read(environment={key: value for key, value in SECRETS.items() if key != name})


def test_redis_refuses_rather_than_forgets_and_keeps_what_it_has() -> None:
    command = " ".join(SERVICES["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--appendonly yes" in command
    assert '--requirepass "$REDIS_PASSWORD"' in command
    assert SERVICES["redis"]["environment"]["REDIS_PASSWORD"] == SECRETS["REDIS_PASSWORD"]
    assert SERVICES["redis"]["volumes"] == ["redis:/data"]


def test_only_the_site_is_published_and_by_itself_on_loopback_only() -> None:
    assert {name for name, service in SERVICES.items() if service.get("ports")} == {"web"}
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]
    opened = composefile.read(FLOWER)["services"]
    assert opened["flower"]["ports"] == ["127.0.0.1:5555:5555"]


def test_only_those_that_fetch_and_the_site_are_on_a_network_with_a_way_out() -> None:
    networks = composefile.read()["networks"]
    assert networks["inside"] == {"internal": True}
    outside = {name for name, service in SERVICES.items() if "outside" in service["networks"]}
    assert outside == {"poll", "fetch", "web"}
    assert all("inside" in service["networks"] for service in SERVICES.values())


def test_flower_asks_for_a_password() -> None:
    assert SERVICES["flower"]["environment"]["FLOWER_BASIC_AUTH"] == SECRETS["FLOWER_AUTH"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_service_restarts_ends_in_time_has_limits_and_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == ("no" if name == "migrate" else "unless-stopped")
    assert re.fullmatch(r"\d+s", service["stop_grace_period"])
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}
    assert service["healthcheck"] == {"disable": True} if name == "migrate" else service["healthcheck"]["test"]
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", OWN)
def test_our_services_share_one_image_and_have_no_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["image"] == "dateline:local"
    assert service["build"] == {"context": "..", "dockerfile": "deploy/Dockerfile"}
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_every_stage_has_a_service_of_its_own_that_scales() -> None:
    # What people decide is rare: the linker carries it out.
    assert {name: ["edit", name] if name == "link" else [name] for name in PIPELINE.names if name != "edit"} == WORKERS
    assert not any("container_name" in service or "hostname" in service for service in SERVICES.values())


def test_a_worker_is_given_longer_to_stop_than_a_batch_may_take() -> None:
    lease = Settings.model_fields["lease"].default.total_seconds()
    assert all(int(SERVICES[name]["stop_grace_period"].rstrip("s")) > lease for name in WORKERS)


def test_the_raw_documents_are_where_they_are_written_and_read() -> None:
    for name in ("poll", "fetch", "clean", "scheduler"):
        assert "data:/data" in SERVICES[name]["volumes"]
        assert SERVICES[name]["environment"]["DATELINE_RAW"].startswith("/data/")


@pytest.mark.parametrize("name", OWN)
def test_every_command_is_one_of_dateline_s(name: str) -> None:
    group = click.Context(main)
    words = SERVICES[name]["command"]
    command = main.get_command(group, words[0])
    assert command is not None, f"dateline has no command {words[0]}"
    command.make_context(words[0], list(words[1:]), parent=group)


@pytest.mark.parametrize("name", OWN)
def test_every_environment_makes_settings(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [one for one in os.environ if one.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    environment = SERVICES[name]["environment"]
    for variable, value in environment.items():
        monkeypatch.setenv(variable, value)
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    assert {variable for variable in environment if variable.startswith(PREFIX)} <= known
    assert Settings().broker == f"redis://:{SECRETS['REDIS_PASSWORD']}@redis:6379/0"


def test_every_setting_can_be_made_in_the_env_file_or_is_fixed_by_compose() -> None:
    fixed = set(SERVICES["web"]["environment"]) - composefile.passed_on()
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    of_sqlite = {"DATELINE_SQLITE_SYNCHRONOUS"}
    assert composefile.passed_on() | fixed == known - of_sqlite
    assert not composefile.passed_on() & fixed


def test_the_example_explains_every_variable_and_knows_no_other() -> None:
    wanted = composefile.names(COMPOSE) | composefile.names(FLOWER) | composefile.passed_on()
    lines = (DEPLOY / ".env.example").read_text().splitlines()
    set_here = [re.match(r"#?([A-Z_]+)=", line) for line in lines]
    assert {found[1] for found in set_here if found} == wanted
    explained = {found[1] for before, found in zip(["", *lines], set_here, strict=False) if found and re.match(r"# |#?[A-Z_]+=", before)}
    assert explained == wanted


def test_the_defaults_in_the_example_are_the_program_s(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in [one for one in os.environ if one.startswith(PREFIX)]:
        monkeypatch.delenv(variable)
    plain = Settings()
    # Those without a default are shown by an example.
    examples = {"allowed_hosts", "routes", "base_url", "contact"}
    fields = set(Settings.model_fields) - examples
    for line in (DEPLOY / ".env.example").read_text().splitlines():
        found = re.match(rf"#{PREFIX}([A-Z_]+)=(.*)", line)
        if found and found[1].lower() in fields:
            monkeypatch.setenv(PREFIX + found[1], found[2])
    assert Settings() == plain


def test_new_env_writes_passwords_that_nobody_else_reads(tmp_path: Path) -> None:
    made = tmp_path / ".env"
    subprocess.run(["sh", DEPLOY / "new-env.sh", DEPLOY / ".env.example", made], check=True, capture_output=True)
    assert made.stat().st_mode & 0o077 == 0
    given = dict(line.split("=", 1) for line in made.read_text().splitlines() if line and not line.startswith("#"))
    assert all(re.fullmatch(r"(?:dateline:)?[0-9a-f]{48}", given[name]) for name in SECRETS)
    composefile.read(environment=given)


def dockerfile() -> list[list[str]]:
    """The Dockerfile's stages, each its instructions, continued lines joined."""
    lines = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    stages: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("FROM"):
            stages.append([])
        if line and not line.startswith("#"):
            stages[-1].append(line)
    return stages


def test_the_image_is_built_from_hashes_in_a_stage_that_is_left_behind_and_runs_as_nobody_in_particular() -> None:
    _, build, last = dockerfile()
    assert any("--require-hashes -r deploy/requirements.lock" in line for line in build)
    assert not any("pip" in line or "apt-get" in line for line in last)
    users = [line.split()[1] for line in last if line.startswith("USER")]
    assert users
    assert users[-1].partition(":")[0] not in ("0", "root")
    assert 'ENTRYPOINT ["dateline"]' in last


def test_the_image_holds_the_packages_and_the_bundled_files_and_the_context_lets_them_in() -> None:
    copied = {
        word for stage in dockerfile() for line in stage if line.startswith("COPY") and "--from" not in line for word in line.split()[1:-1]
    }
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {*packages, "deploy/sample", "deploy/sources.toml", "deploy/probe.py"} <= copied
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
    assert all((ROOT / one).exists() for one in copied)
