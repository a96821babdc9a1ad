"""Documents that need no fetching, because they came with a source or by hand, as revisions of their articles."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlmodel import Session, select

from services.fetch.core.given import Given
from services.fetch.core.received import kept_headers
from services.fetch.reading import Brought
from shared import urls
from shared.intake import add_article, document_of, insert_new, keep_document
from shared.messages import DocumentFetched
from shared.models import Alias, Article


def brought(one: Given, body: bytes, *, sha256: str, key: str, outlet: str) -> Brought:
    """A document that was given, with what its file says of it. `key` counts where it has no address of its own."""
    return Brought(
        key=urls.key(one.url) if one.url else key,
        sha256=sha256,
        size=len(body),
        outlet=outlet,
        url=one.url,
        content_type=one.content_type,
        title=one.title,
        published=one.published,
        at=one.at,
        status=one.status,
        headers=one.headers,
        found_at=one.found_at,
        directives=one.directives,
    )


def keep(
    session: Session, one: Brought, at: datetime, *, source_id: int | None = None, sample: bool = False
) -> tuple[int, DocumentFetched | None]:
    """Write a document as its article's next revision; the article's id, and the fact where there is one.

    Nothing changes where the same bytes are the present revision, or where an archive dates the document no later than that: so an archive
    can be read again, and an old one beside what is newer. Times in the future are `at`.
    """
    moment = min(one.at, at) if one.at is not None else at
    article = add_article(session, key=one.key, url=one.url, outlet=one.outlet, at=moment, source_id=source_id, sample=sample)
    article = session.exec(select(Article).where(Article.id == article.id).with_for_update()).one()
    number = article.id or 0
    newest = document_of(session, article) if one.at is not None else None
    if newest is not None and newest.fetched_at >= moment:
        return number, None
    article.feed_title = one.title or article.feed_title
    if one.at is not None:  # an archive says how it was answered; of other documents nothing is known
        article.directives = list(one.directives)
    article.feed_published_at = datetime.fromisoformat(one.published) if one.published else article.feed_published_at
    session.add(article)
    if one.found_at is not None and (key := urls.key(one.found_at)) != article.url_key and urlsplit(one.found_at).path.strip("/"):
        insert_new(session, Alias, [{"url_key": key, "article_id": number}], "url_key")
    return number, keep_document(
        session,
        article,
        sha256=one.sha256,
        size=one.size,
        at=moment,
        url=one.found_at or one.url,
        content_type=one.content_type,
        status=one.status,
        headers=kept_headers((name.encode(), value.encode()) for name, value in one.headers) or None,
        directives=one.directives,
    )
