"""The stage `clean`: from a kept document to the article's text and metadata."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlmodel import Session, select

from services.clean.core.document import RULES, Cleaned
from services.clean.core.lines import from_json, to_json
from shared.intake import FILE_OUTLET
from shared.messages import ArticleCleaned, DocumentFetched
from shared.models import Article, Document
from shared.stage import Superseded


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
        article = session.get_one(Article, message.article_id)
        found = select(Document).where(Document.article_id == message.article_id, Document.revision == message.revision)
        document = session.exec(found).one()
        published = article.feed_published_at
        return Given(
            sha256=message.sha256,
            facts={
                "content_type": document.content_type,
                "url": document.url or article.url,
                "feed_title": article.feed_title,
                "feed_published": published.isoformat() if published else None,
                "outlet": None if article.outlet.startswith(FILE_OUTLET) else article.outlet,
                "fetched_at": document.fetched_at.isoformat(),
            },
        )

    def run(self, given: Given) -> Cleaned:
        """The article. Raises Reject for what holds none."""
        body = self.raw.get(given.sha256)
        return from_json(self.parser.call("services.clean.core.lines:clean_raw", body, timeout=self.limit, **given.facts))

    def save(self, session: Session, message: DocumentFetched, done: Cleaned) -> list[ArticleCleaned]:
        """Write the article's cleaned fields, unless a newer revision's stand there."""
        article = session.exec(select(Article).where(Article.id == message.article_id).with_for_update()).one()
        if article.cleaned_revision > message.revision:
            raise Superseded
        article.cleaned_revision = message.revision
        if article.outlet.startswith(FILE_OUTLET):
            article.outlet = publisher(done) or article.outlet.removeprefix(FILE_OUTLET)
        article.title = done.title
        article.authors = list(done.authors)
        article.agency = done.agency
        article.published_at = done.published
        article.published_provenance = done.provenance.get("published")
        article.modified_at = done.modified
        article.language = done.language
        article.site_name = done.site_name
        article.canonical_url = done.canonical_url
        article.image = done.image
        article.section = done.section
        article.kind = done.kind
        article.standfirst = done.standfirst
        article.text = done.text
        article.captions = list(done.captions)
        article.copy_of_url = done.copy_of_url
        article.provenance = dict(done.provenance)
        article.context = to_json(done)["context"] if done.context is not None else None
        session.add(article)
        return [ArticleCleaned(article_id=message.article_id, revision=message.revision, rules=RULES)]


def publisher(done: Cleaned) -> str | None:
    """Who publishes a document that came without saying so: the site that it names, else the host of the address that it names."""
    if done.kind == "event_page":
        return "The Context"  # whose form event pages have
    return done.site_name or (urlsplit(done.canonical_url or "").hostname or "").removeprefix("www.") or None
