"""The stage `clean`: from a kept document to the article's text and metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import Executable, bindparam, select, update
from sqlmodel import Session, col

from services.clean.core.document import RULES, Cleaned
from services.clean.core.lines import from_json, to_json
from shared.intake import FILE_OUTLET
from shared.messages import ArticleCleaned, DocumentFetched
from shared.models import Article, Document
from shared.stage import Superseded

# Fields of the article that bear the name of what cleaning finds.
_SAME = (
    *("title", "agency", "language", "site_name", "canonical_url", "image"),
    *("section", "kind", "standfirst", "text", "copy_of_url"),
)


class Raw(Protocol):
    """Where documents are kept under the hash of their bytes."""

    def get(self, name: str) -> bytes:
        """The bytes of this hash."""


class Parser(Protocol):
    """A process that can be killed."""

    def call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        """`function(payload, **arguments)` as that process works it out."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """The hash of a document and what is known about it: the arguments of `clean_raw`, as JSON."""

    sha256: str
    facts: dict[str, Any]


@dataclass(frozen=True)
class Clean:
    """Consumes DocumentFetched; produces ArticleCleaned. Documents are parsed in a process of their own, for at most `limit`."""

    raw: Raw
    parser: Parser
    limit: timedelta

    def load(self, session: Session, message: DocumentFetched) -> Given:
        """What the document is, by its revision, and what the feed said of it."""
        given = {"article": message.article_id, "revision": message.revision}
        row = session.connection().execute(_document(), given).one()
        return Given(
            sha256=message.sha256,
            facts={
                "content_type": row.content_type,
                "url": row.url or row.announced_url,
                "feed_title": row.feed_title,
                "feed_published": row.feed_published_at.isoformat() if row.feed_published_at else None,
                "outlet": None if row.outlet.startswith(FILE_OUTLET) else row.outlet,
                "fetched_at": row.fetched_at.isoformat(),
            },
        )

    def run(self, given: Given) -> Cleaned:
        """The article. Raises Reject for what holds none."""
        body = self.raw.get(given.sha256)
        return from_json(self.parser.call("services.clean.core.lines:clean_raw", body, timeout=self.limit, **given.facts))

    def save(self, session: Session, message: DocumentFetched, done: Cleaned) -> list[ArticleCleaned]:
        """Write the article's cleaned fields, unless a newer revision's stand there."""
        connection = session.connection()
        revision, outlet = connection.execute(_held(), {"article": message.article_id}).one()
        if revision > message.revision:
            raise Superseded
        if outlet.startswith(FILE_OUTLET):
            outlet = publisher(done) or outlet.removeprefix(FILE_OUTLET)
        values = {name: getattr(done, name) for name in _SAME}
        values |= {
            "cleaned_revision": message.revision,
            "outlet": outlet,
            "authors": list(done.authors),
            "published_at": done.published,
            "published_provenance": done.provenance.get("published"),
            "modified_at": done.modified,
            "captions": list(done.captions),
            "provenance": dict(done.provenance),
            "context": to_json(done)["context"] if done.context is not None else None,
        }
        connection.execute(_cleaned(), {"article": message.article_id, **values})
        return [ArticleCleaned(article_id=message.article_id, revision=message.revision, rules=RULES)]


def publisher(done: Cleaned) -> str | None:
    """Who publishes a document that came without saying so: the site that it names, else the host of the address that it names."""
    if done.kind == "event_page":
        return "The Context"  # whose form event pages have
    return done.site_name or (urlsplit(done.canonical_url or "").hostname or "").removeprefix("www.") or None


# Statements are built once each: to build one costs five times as much as to run it.


@cache
def _document() -> Executable:
    columns: Sequence[Any] = (
        col(Article.url).label("announced_url"),
        *(col(Article.feed_title), col(Article.feed_published_at), col(Article.outlet)),
        *(col(Document.url), col(Document.content_type), col(Document.fetched_at)),
    )
    found = select(*columns).join(Document, col(Document.article_id) == col(Article.id))
    return found.where(col(Article.id) == bindparam("article"), col(Document.revision) == bindparam("revision"))


@cache
def _held() -> Executable:
    found = select(col(Article.cleaned_revision), col(Article.outlet))
    return found.where(col(Article.id) == bindparam("article")).with_for_update()


@cache
def _cleaned() -> Executable:
    return update(Article).where(col(Article.id) == bindparam("article"))
