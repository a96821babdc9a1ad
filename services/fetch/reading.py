"""What a poll is given and what it brings, whatever the kind of source: the contract between `poll.py` and the readers of each kind.

A reader is a function `read(due, tools)` in a module of its own (`readfeed.py`, `readsitemap.py`, …). It has no session; what it wants to
remember until the next poll it returns. It raises Reject and Retry for what is the source's fault.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.fetch.core.budget import KnownSitemap
from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing
from services.fetch.hosts import Hosts
from shared.clock import Clock
from shared.http import FEED, Answer, Fetcher
from shared.raw import RawStore
from shared.sandbox import Sandbox

MAX_ERROR = 500  # characters
_NOT_ASKED = frozenset(("host_paced", "host_resting"))  # error classes of polls at which nobody was asked


@dataclass(frozen=True, kw_only=True)
class Subscribed:
    """What a hub is asked for."""

    hub: str
    topic: str
    token: str
    secret: str


@dataclass
class Heard:
    """What the source's server said to `Tools.get`, noted for the schedule, whatever comes of the document."""

    answer: Answer | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """A source as it stands when its time came."""

    id: int
    kind: str
    url: str
    outlet: str = ""
    etag: str | None = None  # None too where this poll is to be unconditional
    last_modified: str | None = None
    last_ok_at: datetime | None = None
    state: dict[str, Any] | None = None
    mode: str = "poll"  # as in shared.messages.SourceDue
    pushed: str | None = None  # sha256 of what the hub brought
    pushed_type: str | None = None
    subscription: Subscribed | None = None  # where the hub is to be asked
    sitemaps: list[KnownSitemap] = field(default_factory=list)  # of an index, as earlier polls found them
    heard: Heard = field(default_factory=Heard, compare=False)


@dataclass(frozen=True, kw_only=True)
class Brought:
    """A document that the source itself holds, so that nothing need be fetched: its bytes lie in the raw store under `sha256`."""

    key: str  # shared.urls.key of its address, or another text that names it for good
    sha256: str
    size: int
    outlet: str
    url: str | None = None
    content_type: str | None = None
    title: str | None = None
    published: str | None = None  # ISO 8601 in UTC
    at: datetime | None = None  # of documents out of archives: when they were fetched there, how they were answered, where they were found
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    found_at: str | None = None
    directives: tuple[str, ...] = ()  # what their publishers reserve


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Something that the source announced and that becomes no article. `reason` is an error class."""

    reason: str
    detail: str = ""
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cited:
    """An address that a document of the source names as its own source: an article to fetch, of which the source says nothing else."""

    url: str
    outlet: str


@dataclass(frozen=True, kw_only=True)
class PageRead:
    """A page that documents were read out of, as it was received. `version` as its server counts."""

    url: str
    version: str
    sha256: str
    size: int
    content_type: str


@dataclass(frozen=True, kw_only=True)
class Reading:
    """What a poll brought. A failure is a result too: it belongs to the source, and the work is done."""

    at: datetime
    status: int | None = None  # of HTTP; 304: nothing changed
    entries: list[Entry] = field(default_factory=list)
    documents: list[Brought] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    cited: list[Cited] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)  # keys of documents that the source brought once and holds no more
    pages: list[PageRead] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)  # reason: entries that were not taken and are not told one by one
    cut: bool = False  # there were more entries than are read
    whole: bool = True  # the entries are all that it announces; False: of an index, what changed, so that two polls need not overlap
    sitemaps: list[KnownSitemap] = field(default_factory=list)  # what is known now of those that were asked
    etag: str | None = None
    last_modified: str | None = None
    ttl: timedelta | None = None  # how long the answer wants to be kept: TTL, Cache-Control
    hub: str | None = None  # of WebSub, and the address that it knows the feed by
    topic: str | None = None
    state: dict[str, Any] | None = None  # the source's new `state`; None: as it was
    error_class: str | None = None
    error: str | None = None
    wait: timedelta | None = None  # that the server asked for
    conditional: bool = False  # it was asked with validators; this and the next are for `poll.py` to fill in
    moved_to: str | None = None  # where redirects that are for good lead
    again: timedelta | None = None  # when it is to be polled next, whatever its rhythm says: a source that lies on this machine

    @property
    def asked(self) -> bool:
        """Whether anybody was asked anything. Where not, since the host's line was closed to all, it is no failure of the source."""
        held = self.error_class == "http_busy" and self.status is None  # for what another address of the host was told
        return not held and self.error_class not in _NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What readers work with."""

    fetcher: Fetcher
    hosts: Hosts
    sandbox: Sandbox
    raw: RawStore
    clock: Clock
    parse_limit: timedelta
    max_entries: int = MAX_ENTRIES
    max_bytes: int = 10_000_000  # of one document
    callback_base: str | None = None  # our public address, where hubs can call back
    sitemap_budget: int = 5  # sitemaps of an index that one poll reads
    sitemap_horizon: timedelta = timedelta(days=3)  # a sitemap's older entries are not taken

    async def get(self, due: Due) -> Answer:
        """The source's document, or 304 where its validators still hold."""
        due.heard.answer = await self.ask(due.url, etag=due.etag, last_modified=due.last_modified)
        return due.heard.answer

    async def ask(self, url: str, *, etag: str | None = None, last_modified: str | None = None, accept: str = FEED) -> Answer:
        """What stands at an address, asked for in the host's line: polls share the pace of pages. Errors as of `Fetcher.get` and
        `Hosts.turn`."""
        async with self.hosts.turn(url, feed=True) as turn:
            return await self.fetcher.get(url, etag=etag, last_modified=last_modified, accept=accept, before=turn.follow)

    async def listing(self, kind: str, body: bytes, content_type: str | None, url: str) -> Listing:
        """The entries of a document, read where its parser can be killed. `kind`: feed, sitemap or list."""
        name = "services.fetch.core.source:read_source_json"
        given = {"kind": kind, "content_type": content_type, "url": url, "limit": self.max_entries}
        found: Listing = await self.sandbox.async_call(name, body, timeout=self.parse_limit, whose=url, **given)
        return found


Reader = Callable[[Due, Tools], Awaitable[Reading]]
