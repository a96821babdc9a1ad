"""The sample outlets as data: what lies in `deploy/sample/`, checked and frozen."""

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Any

from services.cli.sample.moments import Offset, fill_dates, parse_offset
from services.cli.sample.wiki import PortalDay, load_days

FENCE = "+++\n"


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A second state of an article under the same address, from `at` after the epoch on."""

    at: timedelta
    modified: Offset
    title: str
    replace: tuple[tuple[str, str], ...]
    append: str


@dataclass(frozen=True, kw_only=True)
class Article:
    """One article as its author wrote it; dates are relative to the epoch."""

    slug: str
    title: str
    event: str
    section: str
    summary: str
    authors: tuple[str, ...]
    body: str
    published: Offset
    appears: timedelta = timedelta(0)
    copy_of: str | None = None
    correction: Correction | None = None
    via: str | None = None
    """A path of the same host that the feed links to and that redirects to the article."""
    feed_link: str = "page"
    """Which address the feed gives: `page`, `via` or `amp`."""
    refused: str | None = None
    """Why no polite reader gets at it: `robots`."""


@dataclass(frozen=True, kw_only=True)
class StrayLink:
    """A feed entry that leads away from the outlet."""

    title: str
    url: str
    summary: str
    published: Offset


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What an outlet announces its articles through."""

    kind: str
    """`rss`, `atom`, `sitemap`, `portal` (a wiki's); or `dead`, answered with `status` and `body` as they stand."""
    path: str
    encoding: str = "utf-8"
    content_type: str = "application/rss+xml"
    date_style: str = "rfc822"
    full_text: bool = False
    relative_links: bool = False
    link_suffix: str = ""
    status: int = 200
    body: str = ""


@dataclass(frozen=True, kw_only=True)
class Outlet:
    """One host with everything it serves."""

    host: str
    name: str
    language: str
    feed: Feed
    address: str = "/{slug}"
    """Pattern of an article's path: {slug}, {section}, {y}, {m}, {d} of the local day of publication."""
    charset: str = "utf-8"
    charset_in: str = "header"
    """Where a page states its charset: `header`, `meta` or `both`."""
    utc_offset: timedelta = timedelta(0)
    delay: timedelta = timedelta(0)
    validators: str = "both"
    """Which of ETag and Last-Modified it sends: `both`, `etag`, `last-modified`, `none`."""
    gzip: bool = False
    images: bool = False
    amp: bool = False
    robots: str | None = None
    articles: tuple[Article, ...] = ()
    stray: tuple[StrayLink, ...] = ()
    days: tuple[PortalDay, ...] = ()  # a portal's pages, each in each of its states

    def local(self, moment: datetime) -> datetime:
        """The same moment on this outlet's clock."""
        return moment.astimezone(timezone(self.utc_offset))

    def path(self, article: Article, epoch: datetime) -> str:
        """The article's path, from the host's root on."""
        day = self.local(article.published.at(epoch))
        return self.address.format(slug=article.slug, section=article.section, y=f"{day:%Y}", m=f"{day:%m}", d=f"{day:%d}")

    def url(self, article: Article, epoch: datetime) -> str:
        """The article's canonical address, without a port."""
        return f"http://{self.host}{self.path(article, epoch)}"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Something to poll: kind (`feed`, `sitemap` or `portal`), its URL, and the outlet's name and language."""

    kind: str
    url: str
    outlet: str
    language: str


@dataclass(frozen=True, kw_only=True)
class Intended:
    """What the author meant an article to be: the judge of the linker on the sample."""

    event: str
    copy_group: str | None
    """The `host/slug` of the original, for it and for its copies; None where nobody copied."""
    outlet: str
    language: str
    refused: str | None


@dataclass(frozen=True, kw_only=True)
class Event:
    """An intended event; `look_alike` and `related` name others."""

    key: str
    what: str
    look_alike: tuple[str, ...] = ()
    related: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """All outlets of the folder."""

    folder: Path
    outlets: tuple[Outlet, ...]
    events: tuple[Event, ...] = field(default=())

    @cached_property
    def by_host(self) -> dict[str, Outlet]:
        """Outlets by host."""
        return {outlet.host: outlet for outlet in self.outlets}

    @property
    def hosts(self) -> list[str]:
        """Every host name, those of dead feeds included."""
        return [outlet.host for outlet in self.outlets]

    def sources(self) -> list[Source]:
        """What to poll, dead feeds included."""
        return [
            Source(
                kind=outlet.feed.kind if outlet.feed.kind in ("sitemap", "portal") else "feed",
                url=f"http://{outlet.host}{outlet.feed.path}",
                outlet=outlet.name,
                language=outlet.language,
            )
            for outlet in self.outlets
        ]

    def last_moment(self) -> timedelta:
        """How long after the epoch the last article has appeared and the last correction has been made."""
        articles = [article for outlet in self.outlets for article in outlet.articles]
        moments = [a.appears for a in articles] + [a.correction.at for a in articles if a.correction]
        moments += [day.appears for outlet in self.outlets for day in outlet.days]
        return max(moments, default=timedelta(0))

    def url(self, name: str, epoch: datetime) -> str:
        """The canonical address of the article `HOST/SLUG`. KeyError where there is none."""
        host, _, slug = name.partition("/")
        outlet = self.by_host[host]
        return outlet.url({article.slug: article for article in outlet.articles}[slug], epoch)

    def truth(self, epoch: datetime) -> dict[str, Intended]:
        """The intended event and group of copies of each article, by its canonical URL."""
        originals = {article.copy_of for outlet in self.outlets for article in outlet.articles if article.copy_of}
        truth: dict[str, Intended] = {}
        for outlet in self.outlets:
            for article in outlet.articles:
                name = f"{outlet.host}/{article.slug}"
                truth[outlet.url(article, epoch)] = Intended(
                    event=article.event,
                    copy_group=article.copy_of or (name if name in originals else None),
                    outlet=outlet.name,
                    language=outlet.language,
                    refused=article.refused,
                )
        return truth


def load_sample(folder: Path) -> Sample:
    """Read every outlet of a folder. ValueError, naming the file, where something is missing, unknown or contradictory."""
    outlets = tuple(_load_outlet(path.parent) for path in sorted(folder.glob("*/outlet.toml")))
    if not outlets:
        raise ValueError(f"{folder}: no sample outlets here (a folder HOST/outlet.toml each)")
    table = tomllib.loads((folder / "events.toml").read_text(encoding="utf-8"))
    events = tuple(
        Event(key=key, what=event["what"], look_alike=tuple(event.get("look_alike", ())), related=tuple(event.get("related", ())))
        for key, event in table.items()
    )
    sample = Sample(folder, outlets, events)
    _check(sample)
    return sample


def _check(sample: Sample) -> None:
    known = {event.key for event in sample.events}
    names = {f"{outlet.host}/{article.slug}": article for outlet in sample.outlets for article in outlet.articles}
    days = [day for outlet in sample.outlets for day in outlet.days]
    for day in days:
        if missing := ({*day.events} - known) | ({*day.cited} - names.keys()):
            raise ValueError(f"a day of the portal names what is not there: {', '.join(sorted(missing))}")
    for name, article in names.items():
        if article.event not in known:
            raise ValueError(f"{name}: the event {article.event!r} is not in events.toml")
        if article.copy_of and (article.copy_of not in names or names[article.copy_of].event != article.event):
            raise ValueError(f"{name}: a copy of {article.copy_of!r}, which does not exist or is on another event")
    for event in sample.events:
        for other in event.look_alike + event.related:
            if other not in known:
                raise ValueError(f"events.toml: {event.key} names the unknown event {other!r}")


def _load_outlet(folder: Path) -> Outlet:
    where = folder / "outlet.toml"
    try:
        table = tomllib.loads(where.read_text(encoding="utf-8"))
        stray = tuple(StrayLink(**{**entry, "published": parse_offset(entry["published"])}) for entry in table.pop("stray", ()))
        return Outlet(
            host=folder.name,
            feed=Feed(**table.pop("feed")),
            utc_offset=timedelta(hours=table.pop("utc_offset_hours", 0)),
            delay=timedelta(seconds=table.pop("delay_seconds", 0)),
            stray=stray,
            articles=tuple(_load_article(path) for path in sorted((folder / "articles").glob("*.txt"))),
            days=load_days(folder / "days"),
            **table,
        )
    except (tomllib.TOMLDecodeError, TypeError, KeyError) as error:
        raise ValueError(f"{where}: {error}") from error


def _load_article(path: Path) -> Article:
    try:
        empty, head, body = path.read_text(encoding="utf-8").split(FENCE, 2)
        if empty:
            raise ValueError("text before the first +++")
        table: dict[str, Any] = tomllib.loads(head)
        correction = table.pop("correction", None)
        article = Article(
            slug=path.stem,
            body=body.strip(),
            published=parse_offset(table.pop("published")),
            appears=_after(table.pop("appears", "+0s")),
            authors=tuple(table.pop("authors")),
            correction=_correction(correction, table["title"], body) if correction else None,
            **table,
        )
        fill_dates(body, datetime(2000, 1, 1, tzinfo=UTC), "en")  # an unknown form fails here, not when it is served
    except (ValueError, TypeError, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error
    return article


def _after(text: str) -> timedelta:
    offset = parse_offset(text)
    if offset.time_of_day is not None or offset.delta < timedelta(0):
        raise ValueError(f"not a time after the start: {text!r}")
    return offset.delta


def _correction(table: dict[str, Any], title: str, body: str) -> Correction:
    replace = tuple((old, new) for old, new in table.get("replace", ()))
    for old, _new in replace:
        if old not in body:
            raise ValueError(f"the correction replaces what is not in the text: {old!r}")
    return Correction(
        at=_after(table["at"]),
        modified=parse_offset(table["modified"]),
        title=table.get("title", title),
        replace=replace,
        append=table.get("append", ""),
    )
