"""Tables for people and JSON for machines, the same figures in both."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import click


def as_json(value: Any) -> None:
    """Print a value as JSON; moments as ISO 8601."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], most: int = 70) -> None:
    """Print rows under headings; `columns` maps a key to its heading. Texts are cut at `most` so that a line stays readable."""
    cells = [list(columns.values())] + [[cell(row.get(key), most) for key in columns] for row in rows]
    widths = [max(len(line[at]) for line in cells) for at in range(len(columns))]
    for number, line in enumerate(cells):
        text = "  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip()
        click.secho(text, bold=number == 0)


def cell(value: Any, most: int = 70) -> str:
    """One value as a table shows it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.1f}"
    text = " ".join(str(value).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def why(error_class: str | None, error: str | None) -> str:
    """The class and the last line of what was said, which may begin with the class itself."""
    said = "".join((error or "").strip().splitlines()[-1:]).removeprefix(f"{error_class}: ")
    return f"{error_class}: {said}" if said and said != error_class else error_class or ""


def _plain(value: Any) -> Any:
    if isinstance(value, date):  # a moment too
        return value.isoformat()
    raise TypeError(f"no JSON for {type(value).__name__}")
