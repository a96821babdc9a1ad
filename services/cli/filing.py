"""Articles that came by hand, into the database: their rows, their documents, and the work that these ask for."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath

from sqlmodel import Session, select

from services.fetch.core.given import Given
from shared import ledger, urls
from shared.intake import FILE_OUTLET, add_article, document_of, insert_new, keep_document
from shared.messages import ArticleAnnounced, Message
from shared.models import Alias, Article
from shared.pipeline import PIPELINE

# What people add by hand they want to see: it goes ahead of what the feeds bring.
PRIORITY = -1


def file_all(session: Session, given: Iterable[Given], at: datetime) -> tuple[dict[int, str], int]:
    """Write articles and documents, and the work that they ask for. Returns the articles' labels by id, and how many have new work.

    A document's bytes are in the raw store already. One that an archive dates no later than what is kept of its article changes nothing,
    so that an archive can be added again.
    """
    labels: dict[int, str] = {}
    facts: list[tuple[Message, str | None, int]] = []
    for one in given:
        article = _article(session, one, at)
        labels[article.id or 0] = one.label
        if one.body is None:
            again = one.generation or f"by hand {at.isoformat()}"
            facts.append((ArticleAnnounced(article_id=article.id or 0, generation=again), None, PRIORITY))
        elif (fact := _document(session, article, one, at)) is not None:
            facts.append((fact, None, PRIORITY))
    session.flush()
    new = ledger.emit(session.connection(), PIPELINE, facts, at)
    return labels, min(len(new), len({fact.subject_id for fact, _, _ in facts}))  # an archive may hold several revisions of one


def _article(session: Session, one: Given, at: datetime) -> Article:
    """The article, its row held where a document is to be written."""
    digest = hashlib.sha256(one.body).hexdigest() if one.body is not None else ""
    key = urls.key(one.url) if one.url else f"sha256:{digest}"
    outlet = one.outlet or FILE_OUTLET + (one.name or PurePath(one.label).name)
    article = add_article(session, key=key, url=one.url, outlet=outlet, at=_moment(one, at))
    if one.body is not None:
        article = session.exec(select(Article).where(Article.id == article.id).with_for_update()).one()
    if (one.title and not article.feed_title) or (one.published and not article.feed_published_at):
        article.feed_title = article.feed_title or one.title
        article.feed_published_at = article.feed_published_at or datetime.fromisoformat(one.published or "")
        session.add(article)
    return article


def _document(session: Session, article: Article, one: Given, at: datetime) -> Message | None:
    body = one.body or b""
    moment = _moment(one, at)
    newest = document_of(session, article)
    if one.at is not None and newest is not None and newest.fetched_at >= moment:
        return None
    if one.found_at and (key := urls.key(one.found_at)) != article.url_key:
        insert_new(session, Alias, [{"url_key": key, "article_id": article.id}], "url_key")
    return keep_document(
        session,
        article,
        sha256=hashlib.sha256(body).hexdigest(),
        size=len(body),
        at=moment,
        url=one.found_at or one.url,
        content_type=one.content_type,
        status=one.status,
        headers=one.headers or None,
    )


def _moment(one: Given, at: datetime) -> datetime:
    """When it was received: an archive says so; nothing comes from the future."""
    return min(one.at, at) if one.at is not None else at
