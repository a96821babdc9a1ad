"""The sample's wiki: a portal of current events in the form of Wikipedia's, behind as much of MediaWiki's API as reading it takes.

A day's file is a head in TOML between two lines `+++` (`day`, and `appears` where it is a later state of a page), then the page's
wikitext. In it `@{year}`, `@{month}`, `@{day}` and `@{padded}` (month with two digits; day with two) are the day's, `@{url HOST/SLUG}` is
an article's address, and `<!-- event: KEY -->` at a bullet's end says which event its author meant; the page is served without it.
"""

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from services.cli.sample.moments import Offset, parse_offset

FENCE = "+++\n"
_FIRST_REVISION = 1000
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
_FORM = re.compile(r"@\{(\w+)(?: ([^{}\s]+))?\}")
_MEANT = re.compile(r"<!-- event: ([a-z0-9-]+) -->")


@dataclass(frozen=True, kw_only=True)
class PortalDay:
    """A state of a day's page. `number` is its revision, among all states of all days."""

    day: Offset
    appears: timedelta
    wikitext: str
    number: int

    @property
    def events(self) -> tuple[str, ...]:
        """The events that its items are about, in order."""
        return tuple(_MEANT.findall(self.wikitext))

    @property
    def cited(self) -> tuple[str, ...]:
        """`HOST/SLUG` of the articles that it cites."""
        return tuple(found[2] for found in _FORM.finditer(self.wikitext) if found[1] == "url")


def load_days(folder: Path) -> tuple[PortalDay, ...]:
    """A wiki's days in the order in which their states appear. ValueError, naming the file, where one cannot be read."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        try:
            empty, head, body = path.read_text(encoding="utf-8").split(FENCE, 2)
            table = tomllib.loads(head)
            day, appears = parse_offset(table.pop("day")), parse_offset(table.pop("appears", "+0s"))
            if empty or table or day.time_of_day is None or appears.time_of_day is not None:
                raise ValueError(f"a day and when it appears are wanted, not {sorted(table)}")
            written(body, date(2000, 1, 1), lambda name: f"http://{name}")
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path}: {error}") from error
        found.append((day, appears.delta, body))
    found.sort(key=lambda one: (one[1], one[0].delta))
    return tuple(
        PortalDay(day=day, appears=appears, wikitext=body, number=_FIRST_REVISION + at) for at, (day, appears, body) in enumerate(found)
    )


def written(wikitext: str, day: date, url_of: Callable[[str], str]) -> str:
    """The page's text on a day. KeyError or ValueError where a form is unknown."""
    forms = {"year": str(day.year), "month": f"{day.month:02}", "day": str(day.day), "padded": f"{day.day:02}"}
    return _MEANT.sub("", _FORM.sub(lambda found: url_of(found[2]) if found[1] == "url" else forms[found[1]], wikitext))


def standing(days: Sequence[PortalDay], at: datetime, epoch: datetime) -> dict[date, PortalDay]:
    """The state in which each day's page stands at a moment."""
    return {one.day.at(epoch).date(): one for one in days if epoch + one.appears <= at}


def answer_wiki(
    path_with_query: str, days: Mapping[date, PortalDay], portal: str, url_of: Callable[[str], str]
) -> tuple[int, str, str] | None:
    """(status, content type, text) of an answer of the API or of a page; None where there is no such page. `portal`: its path."""
    at = urlsplit(path_with_query)
    title = unquote(portal.partition("/wiki/")[2]).replace("_", " ")
    names = {day: f"{title}/{day.year} {_MONTHS[day.month - 1]} {day.day}" for day in days}
    pages = {names[day]: (one, written(one.wikitext, day, url_of)) for day, one in days.items()}
    if at.path == "/w/api.php":
        query = {name: values[0] for name, values in parse_qs(at.query).items()}
        return 200, "application/json; charset=utf-8", json.dumps(_queried(query, pages), ensure_ascii=False)
    name = unquote(at.path.removeprefix("/wiki/")).replace("_", " ")
    if name == title:
        links = "".join(f'<li><a href="/wiki/{page.replace(" ", "_")}">{page}</a></li>' for page in reversed(pages))
        return 200, "text/html; charset=utf-8", f"<!doctype html><title>{title}</title><h1>{title}</h1><ul>{links}</ul>"
    if name in pages:
        return 200, "text/html; charset=utf-8", f"<!doctype html><title>{name}</title><h1>{name}</h1><pre>{escape(pages[name][1])}</pre>"
    return None


def _queried(query: Mapping[str, str], pages: Mapping[str, tuple[PortalDay, str]]) -> dict[str, Any]:
    """`action=query&prop=revisions&formatversion=2`, of the pages that are there and of those that are not."""
    content = "content" in query.get("rvprop", "").split("|")
    found: list[dict[str, Any]] = []
    for title in query.get("titles", "").split("|"):
        if title not in pages:
            found.append({"ns": 100, "title": title, "missing": True})
            continue
        one, text = pages[title]
        main = {"contentmodel": "wikitext", "contentformat": "text/x-wiki"} | ({"content": text} if content else {})
        found.append({"pageid": one.number, "ns": 100, "title": title, "revisions": [{"revid": one.number, "slots": {"main": main}}]})
    return {"batchcomplete": True, "query": {"pages": found}}
