"""Wikipedia's Current Events portal: the pages of the last days, read through MediaWiki's API.

A poll asks which revisions stand, and for the text of what changed alone. Each item of a day is brought as an event page, a document of
its own; what it cites are articles to fetch. The source's state holds, by day, the revision that was read and what its items are known by.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NotRequired, TypedDict
from urllib.parse import urlencode

from services.fetch.core import mediawiki
from services.fetch.core.mediawiki import Page, Site
from services.fetch.core.portalday import Day, Item
from services.fetch.core.portalitems import Seen, remember
from services.fetch.reading import MAX_ERROR, Brought, Cited, Due, PageRead, Reading, Refusal, Tools
from shared import urls
from shared.stage import Reject

WINDOW = 7  # days whose pages are looked at: most edits come within two
MOST_DAYS = 31  # after a pause
MAX_PARTS = 20  # of an answer that the wiki gives in parts
DAYS_AT_ONCE = 4  # whose text is asked for: a page has at most 2 MiB
OUTLET = "Wikipedia: Current events"
_READ = "services.fetch.core.portalday:read_portal_day"
_WIKITEXT = "text/x-wiki; charset=utf-8"
_MARKDOWN = "text/markdown; charset=utf-8"
_JSON = "application/json"


class _Known(TypedDict):
    """What is remembered of a day. No `revid`: its last revision could not be read, or the page is not there."""

    revid: NotRequired[int]
    items: dict[str, Seen]


@dataclass(kw_only=True)
class _Reader:
    """One poll: what is known by day, and what has come so far."""

    due: Due
    site: Site
    tools: Tools
    known: dict[str, _Known]
    documents: list[Brought] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cited: dict[str, Cited] = field(default_factory=dict)  # by the address's key
    withdrawn: list[str] = field(default_factory=list)
    pages: list[PageRead] = field(default_factory=list)

    async def ask(self, days: Sequence[date], *, content: bool) -> dict[date, Page | None]:
        """The pages of these days, part by part, one request after the other. Raises as `Fetcher.get` and `mediawiki.read_answer` do."""
        pages: dict[date, Page | None] = {}
        more: Mapping[str, str] | None = None
        for _ in range(MAX_PARTS):
            asked = urlencode(mediawiki.request(self.site, days, content=content, more=more))
            answer = await self.tools.ask(f"{self.site.api}?{asked}", accept=_JSON)
            part = mediawiki.read_answer(self.site, answer.body, days, answer.headers)
            pages |= part.pages
            more = part.more
            if not more:
                break
        return pages

    def is_news(self, day: date, page: Page | None) -> bool:
        """Whether a day's page is to be read: another revision than the known one, or gone with items that are known."""
        known = self.known.get(day.isoformat())
        if page is None:
            return known is not None and any(not item.get("gone") for item in known["items"].values())
        return known is None or known.get("revid") != page.revid

    async def read_day(self, day: date, page: Page) -> None:
        """Take in what a day's page says, or why it says nothing."""
        url, title = self._url(day), self.site.title(day)
        if page.wikitext is None:
            self.refusals.append(Refusal(reason="feed_malformed", detail="the wiki does not show the page's text", url=url, title=title))
            return
        body = page.wikitext.encode("utf-8", "surrogatepass")
        sha256 = await asyncio.to_thread(self.tools.raw.put, body)
        self.pages.append(PageRead(url=url, version=str(page.revid), sha256=sha256, size=len(body), content_type=_WIKITEXT))
        try:
            read = await self._parse(day, page.wikitext, url)
        except Reject as problem:  # to be tried again: its revision is not remembered
            self.refusals.append(Refusal(reason=problem.error_class, detail=problem.detail[:MAX_ERROR], url=url, title=title))
            self.known[day.isoformat()] = _Known(items=self._items(day))
            return
        for item in read["items"]:
            await self._bring(day, url, item)
        self._remember(day, _Known(revid=page.revid, items=read["known"]))

    def forget(self, day: date) -> None:
        """A day whose page is no more: its items are gone."""
        self._remember(day, _Known(items=remember(self._items(day), [], [])))

    def _remember(self, day: date, known: _Known) -> None:
        self.known[day.isoformat()] = known
        self.withdrawn += [self._key(day, name) for name, one in sorted(known["items"].items()) if one.get("gone")]

    def _items(self, day: date) -> dict[str, Seen]:
        return self.known.get(day.isoformat(), _Known(items={}))["items"]

    def _url(self, day: date) -> str:
        return self.site.address(self.site.title(day))

    def _key(self, day: date, item: str) -> str:
        """By which an item is known for good, whatever becomes of its bullet."""
        portal = urls.key(self.site.address(self.site.portal)).removeprefix("//")
        return f"portal:{portal}:{day.isoformat()}:{item}"

    async def _parse(self, day: date, wikitext: str, url: str) -> Day:
        payload = {"wikitext": wikitext, "known": self._items(day)}
        given: dict[str, Any] = {"day": day.isoformat(), "site": list(self.site)}
        read: Day = await self.tools.sandbox.async_call(_READ, payload, timeout=self.tools.parse_limit, whose=url, **given)
        return read

    async def _bring(self, day: date, url: str, item: Item) -> None:
        body = item["page"].encode("utf-8", "replace")
        self.documents.append(
            Brought(
                key=self._key(day, item["id"]),
                sha256=await asyncio.to_thread(self.tools.raw.put, body),
                size=len(body),
                outlet=self.due.outlet or OUTLET,
                url=f"{url}#{item['id']}",
                content_type=_MARKDOWN,
                title=item["headline"],
                published=f"{day.isoformat()}T00:00:00+00:00",
            )
        )
        for outlet, address in item["sources"]:
            try:
                self.cited.setdefault(urls.key(address), Cited(url=urls.canonical(address), outlet=outlet))
            except Reject as problem:
                detail = problem.detail[:MAX_ERROR]
                self.refusals.append(Refusal(reason=problem.error_class, detail=detail, url=address[:2000], title=item["headline"]))


async def read(due: Due, tools: Tools) -> Reading:
    """The items of the days whose pages changed. A day that cannot be read is refused by itself and tried again at the next poll."""
    at = tools.clock()
    reader = _Reader(due=due, site=mediawiki.site_of(due.url), tools=tools, known=dict((due.state or {}).get("days", {})))
    days = window(at.date(), due.last_ok_at.date() if due.last_ok_at else None, everything=due.mode == "backfill")
    standing = await reader.ask(days, content=False)
    changed = [day for day, page in sorted(standing.items()) if reader.is_news(day, page)]
    for start in range(0, len(changed), DAYS_AT_ONCE):
        some = changed[start : start + DAYS_AT_ONCE]
        there = [day for day in some if standing[day] is not None]
        texts = await reader.ask(there, content=True) if there else {}
        for day in some:
            page = texts.get(day)
            if page is not None:
                await reader.read_day(day, page)
            elif day not in there or day in texts:
                reader.forget(day)
    oldest = (at.date() - timedelta(days=MOST_DAYS)).isoformat()
    return Reading(
        at=at,
        status=200 if changed else 304,
        documents=reader.documents,
        refusals=reader.refusals,
        cited=list(reader.cited.values()),
        withdrawn=reader.withdrawn,
        pages=reader.pages,
        state={"days": {day: one for day, one in sorted(reader.known.items()) if day >= oldest}},
    )


def window(today: date, last: date | None, *, everything: bool = False) -> list[date]:
    """The days to look at, oldest first: the last week's, and as many more as have gone by since the portal was last read."""
    missed = max(0, (today - last).days) if last is not None else 0
    size = MOST_DAYS if everything else min(WINDOW + missed, MOST_DAYS)
    return [today - timedelta(days=back) for back in reversed(range(size))]
