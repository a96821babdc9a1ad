"""A hole in what a source announced, filled from the sitemaps of its site: what they date since the last poll before it."""

import asyncio
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from services.fetch import readsitemap
from services.fetch.core.discover import SITEMAP_PLACES, usual_places
from services.fetch.core.entries import Entry, link
from services.fetch.core.holes import likely, within
from services.fetch.core.robots import Rules, agent_name
from services.fetch.course import memory
from services.fetch.reading import Due, Reading, Tools
from shared.stage import Reject, Retry

MARGIN = timedelta(hours=1)  # before the last poll: entries come late
MAX_ENTRIES = 500  # of one hole: the newest
MAX_SITEMAPS = 4  # of a site
MAX_TRIED = 8  # addresses at which one may stand
# The last one is begun this long after the first; readsitemap.py bounds each. Below DATELINE_ROW_LIMIT together.
_BEGUN_S, _ONE_S = 12.0, 12.0


async def read(due: Due, tools: Tools) -> Reading:
    """The articles that the site's sitemaps date within the hole. `state` names the sitemaps that could be read, for the next time.

    Raises Reject("http_gone") where there is no sitemap, Retry where none could be read.
    """
    hole = memory(due.state).get("hole")
    if hole is None:  # filled meanwhile
        return Reading(at=tools.clock())
    start = datetime.fromisoformat(hole["from"]) - MARGIN
    entries, good = await _search(due, tools, hole["site"], start)
    chosen = within(entries, hole["site"], start, tools.clock())
    return Reading(
        at=tools.clock(), status=200, entries=chosen[:MAX_ENTRIES], cut=len(chosen) > MAX_ENTRIES, whole=False, state={"sitemaps": good}
    )


async def _search(due: Due, tools: Tools, site: str, start: datetime) -> tuple[list[Entry], list[str]]:
    """The recent entries of the site's sitemaps, and the addresses of those that were read."""
    begun = time.monotonic()
    entries: list[Entry] = []
    good: list[str] = []
    problem: Reject | Retry | None = None
    for url in await _candidates(due, tools, site):
        if len(good) >= MAX_SITEMAPS or len(entries) >= tools.max_entries or time.monotonic() - begun > _BEGUN_S:
            break
        try:
            async with asyncio.timeout(_ONE_S):
                found = await _read(due, tools, url, start)
        except TimeoutError:
            problem = problem or Retry("too_slow", f"{url[:200]}: not within {_ONE_S:g} s")
        except (Reject, Retry) as failure:
            problem = failure if isinstance(failure, Retry) else problem
        else:
            good.append(url)
            entries += found
    if not good:
        raise problem or Reject("http_gone", f"no sitemap of {site[:200]}")
    return entries, good


async def _candidates(due: Due, tools: Tools, site: str) -> list[str]:
    """Where the site's sitemaps stand, the most promising first: where they were, where robots.txt says, else at the usual places."""
    if due.kind == "sitemap":
        return [due.url]
    known: list[str] = memory(due.state).get("sitemaps", [])
    if known:
        return known
    try:
        answer = await tools.get(_asked(due, urljoin(site, "/robots.txt")))
        rules = Rules(answer.body, answer.status)
    except Reject:
        rules = Rules(b"", 404)
    told = likely([target for one in rules.sitemaps if (target := link(site, one))])
    agent = agent_name(tools.fetcher.user_agent)
    guessed = [place["url"] for place in usual_places(site, SITEMAP_PLACES) if rules.allows(place["url"], agent)]
    return (told or guessed)[:MAX_TRIED]


async def _read(due: Due, tools: Tools, url: str, start: datetime) -> list[Entry]:
    """A sitemap's entries since `start`, within the budget of a poll."""
    horizon = tools.clock() - start
    found = await readsitemap.read(_asked(due, url), replace(tools, sitemap_horizon=horizon))
    if found.error_class is not None:
        kind: Any = Retry if found.wait else Reject
        raise kind(found.error_class, found.error or "")
    return found.entries


def _asked(due: Due, url: str) -> Due:
    """The same source at another address, of which nothing is known."""
    return Due(id=due.id, kind="sitemap", url=url, outlet=due.outlet)

