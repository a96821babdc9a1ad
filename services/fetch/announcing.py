"""From a source's entries to articles: each announced once, under whatever address, and again with each edit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlmodel import Session, col

from services.fetch import announced
from services.fetch.announced import Known
from services.fetch.core.announce import Said, announcement, guid_keys, is_moved
from services.fetch.core.entries import Entry
from services.fetch.core.window import MAX_REMEMBERED, came_at, marks_of
from services.fetch.portalrows import CITED
from services.fetch.reading import Reading, Refusal
from shared import urls
from shared.intake import FILE_OUTLET, insert_new
from shared.messages import ArticleAnnounced
from shared.models import Alias, Article, Source
from shared.stage import Reject

# In other documents the GUID is the address, or none is given.
_WITH_GUIDS = frozenset(("feed",))


@dataclass(frozen=True, kw_only=True)
class Announced:
    """What a source's entries came to."""

    messages: list[ArticleAnnounced] = field(default_factory=list)
    new: int = 0  # articles
    fallen: list[Refusal] = field(default_factory=list)  # entries without a usable address
    entries: list[tuple[str, str | None]] = field(default_factory=list)  # keys of addresses and GUIDs, in the document's order
    fresh: list[datetime] = field(default_factory=list)  # when that came which is new to this source, whoever announced it first


class _Usable(NamedTuple):
    key: str
    url: str
    entry: Entry
    guid_key: str | None = None

    @property
    def said(self) -> Said:
        return Said(self.entry["title"], time_of(self.entry["published"]))


def announce(session: Session, source: Source, done: Reading, *, backfill: bool = False) -> Announced:
    """Write the articles that are new, and what the source says of those that are its own. The first announcement gives the address.

    `backfill`: from another document of the outlet, which words what the source told otherwise: that is no edit, nor are its GUIDs known.
    """
    usable, fallen = _usable(source, done, guids=not backfill and source.kind in _WITH_GUIDS)
    if not usable:
        return Announced(fallen=fallen)
    known = announced.find(session, list(usable))
    moved = _moved(session, source, usable, known)
    new = [_row(source, one, done.at) for key, one in sorted(usable.items()) if key not in known and key not in moved]
    insert_new(session, Article, new, "url_key")
    inserted = announced.find(session, [row["url_key"] for row in new])
    articles = known | inserted | moved
    messages: list[ArticleAnnounced] = []
    changed: list[Known] = []
    told: set[int] = set()
    taken = _taken(session, source, usable, articles)
    for key, one in usable.items():
        article = articles[key]
        if article.id in told:  # two addresses may be one article's: the first entry has the say
            continue
        told.add(article.id)
        said = announcement(one.entry)
        if key in inserted and article.source_id == source.id:  # else another source's poll came between
            messages.append(ArticleAnnounced(article_id=article.id, generation=f"1:{said}"))
        elif article.id in taken or _says_anew(article, source, said, moved=key in moved, backfill=backfill):
            changed.append(_edited(article, source, one, said, moved=key in moved))
            messages.append(ArticleAnnounced(article_id=article.id, generation=f"{article.announcements + 1}:{said}"))
        elif article.source_id == source.id and article.guid_key is None and one.guid_key is not None:
            changed.append(article._replace(guid_key=one.guid_key))
    announced.note(session, changed)
    return Announced(
        messages=messages,
        new=len(new),
        fallen=fallen,
        entries=[(key, one.entry["guid"]) for key, one in usable.items()],
        fresh=_fresh(source, done, usable, articles, inserted),
    )


def _usable(source: Source, done: Reading, *, guids: bool) -> tuple[dict[str, _Usable], list[Refusal]]:
    """The entries by the keys of their addresses, the first of each, and those that have none."""
    usable: dict[str, _Usable] = {}
    fallen: list[Refusal] = []
    for entry in done.entries:
        try:
            if not entry["url"]:
                raise Reject("entry_without_address", f"guid {entry['guid']}" if entry["guid"] else "")
            key = urls.key(entry["url"])
            if key not in usable:
                usable[key] = _Usable(key, urls.canonical(entry["url"]), entry)
        except Reject as problem:
            fallen.append(Refusal(reason=problem.error_class, detail=problem.detail, url=entry["url"], title=entry["title"]))
    if guids:
        found = guid_keys(source.id or 0, [(key, one.entry["guid"]) for key, one in usable.items()])
        usable = {key: _Usable(key, one.url, one.entry, found.get(key)) for key, one in usable.items()}
    return usable, fallen


def _moved(session: Session, source: Source, usable: Mapping[str, _Usable], known: Mapping[str, Known]) -> dict[str, Known]:
    """Articles of this source under new addresses, by these: known by GUID, said to be the same, and no longer announced at the old one."""
    asked = {one.guid_key: one for key, one in usable.items() if key not in known and one.guid_key is not None}
    if not asked or source.last_polled_at is None:
        return {}
    here = {article.id for article in known.values()}
    moved = {}
    for guid_key, article in announced.find_by_guid(session, list(asked)).items():
        one = asked[guid_key]
        before = Said(article.feed_title, article.feed_published_at)
        if article.source_id == source.id and article.id not in here and is_moved(before, one.said):
            moved[one.key] = article
    insert_new(session, Alias, [{"url_key": key, "article_id": article.id} for key, article in sorted(moved.items())], "url_key")
    return moved


def _taken(session: Session, source: Source, usable: Mapping[str, _Usable], articles: Mapping[str, Known]) -> set[int]:
    """Articles that a stranger announced first, by id, and whose own outlet's source this is: no feed may take what is another's."""
    others = {key: owner for key in usable if (owner := articles[key].source_id) not in (None, source.id)}
    near = {key: found for key in others if (found := _nearness(source.url, usable[key].url))}
    if not near:
        return set()
    owners = dict(session.execute(select(col(Source.id), col(Source.url)).where(col(Source.id).in_(set(others.values())))).all())
    return {articles[key].id for key in near if _nearness(owners.get(others[key], ""), usable[key].url) < near[key]}


def _nearness(source_url: str, url: str) -> int:
    """How near a source stands to an article: 2 on the same host, 1 on the same site, 0 elsewhere."""
    try:
        feed, page = ((urlsplit(one).hostname or "").removeprefix("www.") for one in (source_url, url))
    except ValueError:  # a folder's name
        return 0
    return 2 if feed == page else 1 if urls.site(feed) == urls.site(page) else 0


def _says_anew(article: Known, source: Source, said: str, *, moved: bool, backfill: bool) -> bool:
    """Whether an entry changes what is known of an article. Each change counts, so that an edit and its undoing are two.

    Another source's article is announced by that source, unless that is a stranger and this is not (`_taken`); one that was only cited, by
    the first that announces it.
    """
    if article.announcement == CITED:
        return True
    return article.source_id == source.id and not backfill and (article.announcement != said or moved)


def _edited(article: Known, source: Source, one: _Usable, said: str, *, moved: bool) -> Known:
    return article._replace(
        source_id=source.id,
        outlet=article.outlet if article.source_id == source.id and article.announcement != CITED else _outlet(source, one.url),
        url=one.url if moved else article.url,
        announcement=said,
        announcements=article.announcements + 1,
        feed_title=one.entry["title"] or article.feed_title,
        feed_published_at=one.said.published or article.feed_published_at,
        guid_key=one.guid_key or (article.guid_key if article.source_id == source.id else None),
    )


def _fresh(
    source: Source, done: Reading, usable: Mapping[str, _Usable], articles: Mapping[str, Known], inserted: Mapping[str, Known]
) -> list[datetime]:
    """When each entry came that is new to this source: what another source announced first, too, where all that stood here is known."""
    seen = set(source.seen) if done.whole and len(usable) <= MAX_REMEMBERED else set()
    fresh = []
    for key, one in usable.items():
        others = seen and articles[key].source_id != source.id and seen.isdisjoint(marks_of(key, one.entry["guid"]))
        if key in inserted or others:
            fresh.append(came_at(one.said.published, done.at))
    return fresh


def _row(source: Source, one: _Usable, at: datetime) -> dict[str, Any]:
    return {
        "url_key": one.key,
        "url": one.url,
        "source_id": source.id,
        "outlet": _outlet(source, one.url),
        "sample": source.sample,
        "announced_at": at,
        "announcement": announcement(one.entry),
        "announcements": 1,
        "feed_title": one.entry["title"],
        "feed_published_at": one.said.published,
        "guid_key": one.guid_key,
    }


def _outlet(source: Source, url: str) -> str:
    """Who publishes; a folder is no outlet."""
    return (urlsplit(url).hostname or url) if source.outlet.startswith(FILE_OUTLET) else source.outlet


def time_of(text: str | None) -> datetime | None:
    """A moment of an entry."""
    return datetime.fromisoformat(text) if text is not None else None
