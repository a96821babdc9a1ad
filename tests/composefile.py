"""deploy/compose.yaml as Compose reads it: merge keys and `${NAME…}` resolved, without Compose."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "deploy" / "compose.yaml"
SECRETS = {"POSTGRES_PASSWORD": "pg0secret", "REDIS_PASSWORD": "redis0secret", "FLOWER_AUTH": "somebody:flower0secret"}

_NAME = re.compile(r"\$(?:\$|\{(?P<name>[A-Z_]+)(?:(?P<how>:[-?])(?P<rest>[^}]*))?\})")


def read(path: Path = COMPOSE, environment: Mapping[str, str] = SECRETS) -> dict[str, Any]:
    """The file as plain data, names resolved from `environment`. KeyError where one is demanded and missing."""
    with path.open() as file:
        found: dict[str, Any] = _resolved(YAML(typ="safe", pure=True).load(file), environment)
    for service in found["services"].values():
        given = service.get("environment")
        if given:
            passed = {name: environment.get(name) if value is None else str(value) for name, value in given.items()}
            service["environment"] = {name: value for name, value in passed.items() if value is not None}
    return found


def names(path: Path) -> set[str]:
    """Every `${NAME…}` of a file."""
    return {found["name"] for found in _NAME.finditer(path.read_text()) if found["name"]}


def passed_on(service: str = "web", path: Path = COMPOSE) -> set[str]:
    """The variables that a service takes from deploy/.env under the same name, where they are set."""
    with path.open() as file:
        raw = YAML(typ="safe", pure=True).load(file)
    return {name for name, value in raw["services"][service]["environment"].items() if value is None}


def _resolved(node: Any, environment: Mapping[str, str]) -> Any:
    if isinstance(node, dict):
        return {key: _resolved(value, environment) for key, value in node.items()}
    if isinstance(node, list):
        return [_resolved(value, environment) for value in node]
    return _NAME.sub(lambda found: _value(found, environment), node) if isinstance(node, str) else node


def _value(found: re.Match[str], environment: Mapping[str, str]) -> str:
    if not found["name"]:
        return "$"
    value = environment.get(found["name"])
    if value:
        return value
    if found["how"] == ":?":
        raise KeyError(f"{found['name']}: {found['rest']}")
    return found["rest"] or ""
