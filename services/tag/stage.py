"""The stage `tag`: from an article's text to its tags and its entry in the index, by which the linker finds it."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.tag import queries
from services.tag.core import Tag, tag_article
from services.tag.core.stated import with_stated
from services.tag.shelf import Shelf
from services.tag.snapshots import MARK, snapshot_of
from services.tag.standing import is_as_it_stands
from shared import urls
from shared.features import Features, copy_postings, index_keys, make_features, posting_day
from shared.messages import ArticleCleaned, ArticleTagged
from shared.stage import Conflict, Reject, Superseded


@dataclass(frozen=True, kw_only=True)
class Given:
    """What an article says, and where it stands.

    `stated`: the tags that an event page bears, as (title of a wiki's article, how it is called there). `addresses` and `cited`: keys of
    its own addresses, and of those that an event page names as its sources.
    """

    title: str | None
    standfirst: str | None
    text: str | None
    language: str | None
    published: datetime | None
    sample: bool
    stated: tuple[tuple[str, str], ...] = ()
    addresses: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Tagged:
    """The tags and the index entry of what was `given`."""

    given: Given
    gazetteer: str  # the digest of the one that was used
    tags: tuple[Tag, ...]
    features: Features
    keys: dict[int, int]


@dataclass(frozen=True)
class TagArticle:
    """Consumes ArticleCleaned; produces ArticleTagged."""

    shelf: Shelf = field(default_factory=Shelf)

    def load(self, session: Session, message: ArticleCleaned) -> Given:
        """The article as it was cleaned, of this revision."""
        article = queries.article(session, message.article_id)
        _check(article, message)
        return _given(article)

    def run(self, given: Given) -> Tagged:
        """Tags, features and keys."""
        body = "\n\n".join(filter(None, (given.standfirst, given.text)))
        gazetteer = self.shelf.current()
        day = given.published.date() if given.published else None
        tags = tag_article(given.title, body, given.language, gazetteer, published=day)
        tags = with_stated(tags, given.stated, gazetteer) if given.stated else tags
        made = make_features(
            title=given.title,
            text=given.text or given.standfirst,
            tags=[(tag.id, tag.weight, tag.kind) for tag in tags],
            published=given.published,
            language=given.language,
            sample=given.sample,
            addresses=given.addresses,
            cited=given.cited,
        )
        return Tagged(given=given, gazetteer=gazetteer.digest, tags=tags, features=made, keys=index_keys(made))

    def save(self, session: Session, message: ArticleCleaned, done: Tagged) -> list[ArticleTagged]:
        """Replace the article's tags and its entry in the index; the linker's search sees both or neither.

        Where a rebuild makes what stands already, that is noted and nothing follows: the linker's work on it stays good.
        """
        article = queries.article(session, message.article_id, hold=True)
        _check(article, message)
        if _given(article) != done.given:
            raise Conflict  # cleaned anew meanwhile, by other rules
        snapshot = snapshot_of(message.rules, done.gazetteer)
        rows = [_tag_row(message.article_id, tag) for tag in done.tags]
        if message.rebuild:
            if message.same and is_as_it_stands(session, message.article_id, message.revision, done.features, rows, done.keys):
                queries.mark_checked(session, message.article_id, snapshot)
                return []
            snapshot += MARK + message.rebuild
        if article.is_indexed:  # a new article has nothing to clear
            queries.clear(session, message.article_id)
        queries.insert_tags(session, rows)
        # Of what looks like a reprint the index holds no more than tells so, until the linker knows: many at once would crowd others out.
        day, copies = posting_day(done.features.day), copy_postings(done.features)
        copied = queries.copied(session, message.article_id, day, copies)
        kept = {*copies, *done.features.addresses, *done.features.cites}
        keys = done.keys if copied is None else {key: weight for key, weight in done.keys.items() if key in kept}
        entry = {
            "article_id": message.article_id,
            "revision": message.revision,
            "day": done.features.day,
            "sample": done.given.sample,
            "snapshot": snapshot,
            "features": done.features.to_json(),
            "mark": done.features.mark,
            "follows": copied,
        }
        queries.insert_entry(session, entry)
        queries.insert_postings(session, message.article_id, day, keys)
        queries.mark_tagged(session, message.article_id, message.revision)
        return [ArticleTagged(article_id=message.article_id, revision=message.revision, snapshot=snapshot, rebuild=message.rebuild)]


def _check(article: Any, message: ArticleCleaned) -> None:
    if max(article.cleaned_revision, article.tagged_revision) > message.revision:
        raise Superseded


def _given(article: Any) -> Given:
    context = article.context or {}
    own = [article.canonical_url] if article.canonical_url and article.canonical_url != article.url else []
    return Given(
        title=article.title,
        standfirst=article.standfirst,
        text=article.text,
        language=article.language,
        published=article.published_at,
        sample=article.sample,
        stated=tuple((tag["name"], tag["surface"]) for tag in context.get("tags", ())),
        addresses=tuple(dict.fromkeys((article.url_key, *_keys(own)))) if article.url else tuple(_keys(own)),
        cited=tuple(_keys(source["url"] for source in context.get("sources", ()))),
    )


def _keys(addresses: Iterable[str]) -> Iterator[str]:
    """The keys of these addresses; what is none, is passed over."""
    for address in addresses:
        with suppress(Reject):
            yield urls.key(address)


def _tag_row(article_id: int, tag: Tag) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "tag_id": tag.id,
        "name": tag.name,
        "kind": tag.kind,
        "surfaces": list(tag.surfaces),
        "count": tag.count,
        "weight": tag.weight,
    }
