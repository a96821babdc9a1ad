"""A look at an address before it is a source: what stands there, and what else its site has. One request after the other, within bounds."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar, cast

from services.cli.place import Place as Where
from services.fetch import hosts
from services.fetch.core.assess import Finding, assess, failure, problem_of, recommend
from services.fetch.core.discover import (
    FEED_PLACES,
    SITEMAP_PLACES,
    Look,
    Place,
    distinct,
    is_portal,
    look_at,
    sitemaps_of,
    usual_places,
)
from services.fetch.core.entries import Child
from services.fetch.core.horizon import promising
from shared import urls
from shared.clock import now
from shared.http import FEED, PAGE, Answer
from shared.parts import PARSE_LIMIT, Parts
from shared.stage import Reject, Retry

MAX_PLACES = 30  # that one look tries
MAX_TIME_S = 90.0
_INSIDE = 2  # sitemaps of an index that are looked into
_LOOK = f"{look_at.__module__}:{look_at.__name__}"
_ACCEPT = f"{PAGE},{FEED.partition(',*/*')[0]}"
T = TypeVar("T")


def look_around(where: Where, work: Callable[["Looker"], Awaitable[T]]) -> T:
    """Run `work` with a looker, and close all that it used."""
    return asyncio.run(_look_around(where, work))


async def _look_around(where: Where, work: Callable[["Looker"], Awaitable[T]]) -> T:
    parts = Parts(where.settings)
    turns = hosts.build(parts.fetcher, now, where.settings)
    try:
        return await work(Looker(parts, turns))
    finally:
        await parts.fetcher.close()
        await turns.close()
        parts.sandbox.close()


class Looker:
    """Looks at addresses. Robots.txt is asked for pages and guesses; what a person gave or a site names as its feed is no crawl."""

    def __init__(self, parts: Parts, turns: hosts.Hosts) -> None:
        self._parts, self._turns = parts, turns
        self._floor = parts.settings.poll_floor
        self._until = time.monotonic() + MAX_TIME_S
        self._left = MAX_PLACES
        self._seen: set[str] = set()

    async def look(self, place: Place, *, twice: bool = False) -> tuple[Finding, Look | None]:
        """What stands at a place. `twice`: asked once more, conditionally, to see whether the server can say that nothing changed."""
        self._seen.add(urls.sendable(place["url"]))
        try:
            answer = await self._get(place)
            look = await self._parse(answer)
            etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
            validators = bool(etag or last_modified)
            conditional = None
            if twice and validators and look["listing"] is not None:
                conditional = (await self._get(place, etag=etag, last_modified=last_modified)).status == 304
            self._seen.add(urls.sendable(answer.url))
            found = assess(
                place, look, now=now(), ends_at=answer.url, conditional=conditional, validators=validators, floor=self._floor
            )
        except (Reject, Retry) as problem:
            return failure(place, problem.error_class, problem.detail), None
        if look["listing"] is not None and look["listing"]["children"]:
            found = await self._look_inside(found, look["listing"]["children"])
        return found, look

    async def site(self, url: str) -> list[Finding]:
        """What stands at an address, and where it is a page, the sources of its site, the best of them recommended."""
        if is_portal(url):
            return [replace(_portal(url), recommended=True)]
        given, look = await self.look(Place(url=url, why="given", title=None), twice=True)
        if look is None and given.problems and given.problems[0].name not in ("http_gone", "http_refused"):
            return [given]
        if look is not None and look["kind"] in ("feed", "sitemap", "list"):
            return recommend([given])
        at = given.ends_at or given.url
        given, named = await self._named(given, look, at)
        found = [given, *await self._all(named)]
        if not any(one.kind == "feed" and one.entries and "comments" not in {p.name for p in one.problems} for one in found):
            found += await self._until_one(usual_places(at, FEED_PLACES), lambda one: one.kind == "feed")
        if not any(one.kind == "sitemap" and one.news for one in found):
            found += await self._until_one(usual_places(at, SITEMAP_PLACES), lambda one: one.kind == "sitemap" and one.news)
        return recommend(found)

    async def _named(self, given: Finding, look: Look | None, at: str) -> tuple[Finding, list[Place]]:
        """The places that the page and its robots.txt name. A page that robots.txt closes is not read for links."""
        places = look["places"] if look is not None else []
        try:
            await self._turns.robots.check(at)
        except (Reject, Retry) as problem:
            given = replace(given, problems=(*given.problems, problem_of(problem.error_class, problem.detail)))
            places = [place for place in places if place["why"] == "alternate"]
        return given, [*places, *sitemaps_of(await self._robots_text(at), at)]

    async def _all(self, places: Iterable[Place]) -> list[Finding]:
        found = []
        for place in distinct(places, self._seen):
            if not self._may_go_on():
                break
            found.append((await self.look(place))[0])
        return found

    async def _until_one(self, places: Iterable[Place], is_good: Callable[[Finding], bool]) -> list[Finding]:
        """What stands at usual places, until one is good: the others would be the same in another dress."""
        found = []
        for place in distinct(places, self._seen):
            if not self._may_go_on():
                break
            one, _ = await self.look(place)
            if one.kind in ("feed", "sitemap", "list"):
                found.append(one)
            if is_good(one):
                break
        return found

    async def _look_inside(self, found: Finding, children: list[Child]) -> Finding:
        """The facts of an index, from its most promising sitemaps."""
        since = (now() - timedelta(days=30)).isoformat()
        for child in promising(children, since)[:_INSIDE]:
            if not self._may_go_on():
                break
            inner, look = await self.look(Place(url=child["url"], why="robots", title=None))
            if look is not None and look["listing"] is not None:
                newest = max((time for time in (found.newest, inner.newest) if time is not None), default=None)
                found = replace(
                    found,
                    entries=found.entries + inner.entries,
                    newest=newest,
                    every=found.every or inner.every,
                    language=found.language or inner.language,
                    title=found.title or inner.title,
                    news=found.news or inner.news,
                    keys=found.keys | inner.keys,
                )
        return found

    def _may_go_on(self) -> bool:
        self._left -= 1
        return self._left >= 0 and time.monotonic() < self._until

    async def _get(self, place: Place, *, etag: str | None = None, last_modified: str | None = None) -> Answer:
        guessed = place["why"] in ("link", "usual place")
        async with self._turns.turn(place["url"], feed=not guessed) as turn:
            return await self._parts.fetcher.get(
                place["url"], etag=etag, last_modified=last_modified, accept=_ACCEPT, before=turn.follow
            )

    async def _parse(self, answer: Answer) -> Look:
        content_type = answer.headers.get("content-type")
        found = await self._parts.sandbox.async_call(_LOOK, answer.body, timeout=PARSE_LIMIT, content_type=content_type, url=answer.url)
        return cast(Look, found)

    async def _robots_text(self, at: str) -> str:
        parts = urls.host_port(at)
        robots = f"{at[: at.find('/', len(parts[0]) + 3)]}/robots.txt"
        try:
            answer = await self._get(Place(url=robots, why="given", title=None))
        except (Reject, Retry):
            return ""
        return answer.body[:500_000].decode("utf-8", "replace")


def _portal(url: str) -> Finding:
    return Finding(url=url, why="given", kind="portal", title="Wikipedia: Current events", language="en")


def as_of(at: datetime | None, moment: datetime) -> str:
    """How long ago something was, in words."""
    if at is None:
        return "–"
    return f"{span(moment - at)} ago" if at <= moment else "to come"


def span(length: timedelta | None) -> str:
    """A duration in one number."""
    if length is None:
        return "–"
    seconds = length.total_seconds()
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size or (unit == "min" and seconds >= 60):
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
