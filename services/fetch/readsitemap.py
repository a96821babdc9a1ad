"""Sitemaps, and indexes of them: within a budget of sitemaps, bytes, entries and time."""

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import cast

from services.fetch.core import budget
from services.fetch.core.budget import MAX_DEPTH, Candidate, KnownSitemap, Queue, is_of_site
from services.fetch.core.entries import Child, Entry, plain
from services.fetch.core.horizon import Taken, remembered, take
from services.fetch.reading import MAX_ERROR, Due, Reading, Refusal, Tools
from shared.http import Answer
from shared.stage import Reject, Retry

MAX_BYTES = 30_000_000  # of one poll's sitemaps
MAX_REFUSALS = 20  # told one by one
# The last sitemap is begun this long after the poll, and has this long: together they stay below DATELINE_ROW_LIMIT.
BEGUN_S, ONE_S = 18.0, 8.0
_MAX_TROUBLES = 2  # times that the host fails before it is left alone until the next poll
_TAKE = f"{take.__module__}:{take.__name__}"


async def read(due: Due, tools: Tools) -> Reading:
    """The recent entries of a sitemap, or of those sitemaps of an index that changed or are to be looked at."""
    begun = time.monotonic()
    answer = await tools.get(due)
    walk = _Walk(due, tools, begun)
    if answer.status == 304:
        if not due.sitemaps:
            return Reading(at=tools.clock(), status=304, etag=due.etag, last_modified=due.last_modified)
        await walk.go()
        return walk.reading(status=200 if walk.entries else 304, etag=due.etag, last_modified=due.last_modified)
    found = await walk.take(answer, lately=_changed(answer) >= walk.at - tools.sitemap_horizon, limit=tools.max_entries)
    walk.keep(due.url, found)
    etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
    if found["form"] != "index":
        return walk.reading(status=answer.status, etag=etag, last_modified=last_modified, whole=not found["old"])
    walk.bases = (due.url, answer.url)
    walk.offer(found["children"], parent=due.url, depth=1)
    await walk.go()
    if walk.queue.waits(due.url):  # with validators the next poll would not hear of them
        etag = last_modified = None
    return walk.reading(status=answer.status, etag=etag, last_modified=last_modified)


@dataclass
class _Walk:
    """One poll's way through the sitemaps of an index."""

    due: Due
    tools: Tools
    begun: float
    at: datetime = field(init=False)
    queue: Queue = field(init=False)
    bases: tuple[str, ...] = field(init=False)
    entries: list[Entry] = field(default_factory=list)
    states: list[KnownSitemap] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    memory: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    size: int = 0
    good: int = 0  # sitemaps that were read, or had not changed
    troubles: int = 0
    problem: Reject | Retry | None = None

    def __post_init__(self) -> None:
        self.at = self.tools.clock()
        self.bases = (self.due.url,)
        known = {one.url: one for one in self.due.sitemaps}
        self.queue = Queue(known, self.at, self.at - self.tools.sitemap_horizon, self.tools.sitemap_budget)

    def offer(self, children: list[Child], *, parent: str, depth: int) -> None:
        """What an index names, without what it must not name."""
        own = []
        for child in children:
            if not is_of_site(child["url"], *self.bases):
                self.refuse("sitemap_foreign", child["url"])
            elif child["url"] in (self.due.url, parent) or self.queue.is_taken(child["url"]):
                self.refuse("sitemap_nested", child["url"], "an index that names itself")
            else:
                own.append(child)
        self.queue.offer(own, parent=parent, depth=depth)

    async def go(self) -> None:
        """Read as many sitemaps as the budget allows; those that cannot be read cost half."""
        read = tried = 0
        most = self.tools.sitemap_budget
        while read < most and tried < 2 * most and self._has_room() and (one := self.queue.next()) is not None:
            tried += 1
            try:
                async with asyncio.timeout(ONE_S):
                    read += await self._read(one)
            except TimeoutError:
                self._failed(one, Retry("too_slow", f"{one.url[:200]}: not within {ONE_S:g} s"))
            except (Reject, Retry) as problem:
                self._failed(one, problem)

    def _has_room(self) -> bool:
        return (
            time.monotonic() - self.begun < BEGUN_S
            and self.size < MAX_BYTES
            and len(self.entries) < self.tools.max_entries
            and self.troubles < _MAX_TROUBLES
        )

    async def _read(self, one: Candidate) -> int:
        """Read one sitemap. Returns what it costs of the budget."""
        known = one.known
        answer = await self.tools.ask(one.url, etag=known.etag, last_modified=known.last_modified)
        if answer.status == 304:
            self.good += 1
            self.states.append(budget.after_no_change(one, self.at))
            return 0
        if not is_of_site(answer.url, *self.bases):
            raise Reject("sitemap_foreign", f"redirects to {answer.url[:200]}")
        self.size += len(answer.body)
        room = self.tools.max_entries - len(self.entries)
        found = await self.take(answer, lately=one.lastmod is not None, limit=room)
        if found["form"] == "index" and one.depth >= MAX_DEPTH:
            raise Reject("sitemap_nested", f"{one.depth + 1} indexes deep")
        self.good += 1
        self.keep(one.url, found)
        if found["form"] == "index":
            self.offer(found["children"], parent=one.url, depth=one.depth + 1)
        self.states.append(self._state(one, answer, found, whole=not found["cut"] or room == self.tools.max_entries))
        return 1

    def _state(self, one: Candidate, answer: Answer, found: Taken, *, whole: bool) -> KnownSitemap:
        return budget.after_reading(
            one,
            self.at,
            etag=answer.headers.get("etag"),
            last_modified=answer.headers.get("last-modified"),
            fruitful=bool(found["entries"] or found["children"]),
            newest=datetime.fromisoformat(found["newest"]) if found["newest"] else None,
            whole=whole,
        )

    async def take(self, answer: Answer, *, lately: bool, limit: int) -> Taken:
        """What is recent in a document, parsed where the parser can be killed."""
        memory = (self.due.state or {}).get("undated", {})
        found = await self.tools.sandbox.async_call(
            _TAKE,
            answer.body,
            timeout=self.tools.parse_limit,
            whose=answer.url,
            content_type=answer.headers.get("content-type"),
            url=answer.url,
            limit=limit,
            since=(self.at - self.tools.sitemap_horizon).isoformat(),
            lately=lately,
            memory=memory.get(answer.url),
        )
        if found["memory"] is not None:
            self.memory[answer.url] = found["memory"]
        return cast(Taken, found)

    def keep(self, url: str, found: Taken) -> None:
        """Take a document's entries over."""
        self.entries += found["entries"]
        self.cut = self.cut or found["cut"]
        if found["old"]:
            self.passed_over["too_old"] = self.passed_over.get("too_old", 0) + found["old"]

    def refuse(self, reason: str, url: str, detail: str = "") -> None:
        """Note a sitemap that is not read; after some, only their number."""
        if len(self.refusals) < MAX_REFUSALS:
            self.refusals.append(Refusal(reason=reason, url=url, detail=detail))
        else:
            self.passed_over[reason] = self.passed_over.get(reason, 0) + 1

    def _failed(self, one: Candidate, problem: Reject | Retry) -> None:
        self.problem = self.problem or problem
        if isinstance(problem, Retry):
            self.troubles += 1
            if not problem.counted:  # the host asks for patience: no fault of this sitemap
                self.troubles = _MAX_TROUBLES
                return
        else:
            self.refuse(problem.error_class, one.url, problem.detail)
        self.states.append(budget.after_failing(one, self.at, dead=isinstance(problem, Reject)))

    def _unfinished(self, one: KnownSitemap) -> KnownSitemap:
        """An index of which something is still to be read: the next poll reads it once more."""
        return replace(one, lastmod=None, etag=None, last_modified=None)

    def reading(self, *, status: int, etag: str | None, last_modified: str | None, whole: bool = False) -> Reading:
        """What the poll brought. It failed where all that it asked failed, and nothing else is left to ask or known to be good."""
        hopeless = self.problem is not None and not self.good
        if isinstance(self.problem, Reject) and (not self.queue.is_empty() or any(one.is_fruitful() for one in self.due.sitemaps)):
            hopeless = False
        memory = (self.due.state or {}).get("undated", {})
        return Reading(
            at=self.tools.clock(),
            status=status,
            entries=self.entries,
            refusals=self.refusals,
            passed_over=self.passed_over,
            cut=self.cut,
            whole=whole,
            sitemaps=[self._unfinished(one) if self.queue.waits(one.url) else one for one in self.states],
            etag=etag,
            last_modified=last_modified,
            state={"undated": remembered(memory, self.memory)} if self.memory else None,
            error_class=self.problem.error_class if hopeless and self.problem else None,
            error=plain(str(self.problem), MAX_ERROR) if hopeless else None,
            wait=self.problem.after if hopeless and isinstance(self.problem, Retry) else None,
        )


def _changed(answer: Answer) -> datetime:
    """When a document says that it changed last; long ago where it does not."""
    try:
        date = parsedate_to_datetime(answer.headers.get("last-modified", ""))
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=UTC)
    return date if date.tzinfo else date.replace(tzinfo=UTC)
