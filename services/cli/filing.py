"""Articles that came by hand, into the database: their rows, their documents, and the work that these ask for."""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from pathlib import PurePath

from sqlmodel import Session

from services.fetch.core.given import Given
from services.fetch.keeping import brought, keep
from services.fetch.reading import Brought
from shared import ledger, urls
from shared.intake import FILE_OUTLET, add_article
from shared.messages import ArticleAnnounced, Message
from shared.pipeline import PIPELINE

# What people add by hand they want to see: it goes ahead of what the feeds bring.
PRIORITY = -1


def file_all(session: Session, given: Iterable[Given], at: datetime) -> tuple[dict[int, str], int]:
    """Write articles and documents, and the work that they ask for. Returns the articles' labels by id, and how many have new work.

    Documents' bytes are in the raw store already.
    """
    labels: dict[int, str] = {}
    facts: list[tuple[Message, str | None, int]] = []
    for one in given:
        number, fact = _announced(session, one, at) if one.body is None else keep(session, _brought(one, one.body), at)
        labels[number] = one.label
        if fact is not None:
            facts.append((fact, None, PRIORITY))
    session.flush()
    new = ledger.emit(session.connection(), PIPELINE, facts, at)
    return labels, min(len(new), len({fact.subject_id for fact, _, _ in facts}))  # an archive may hold several revisions of one


def _announced(session: Session, one: Given, at: datetime) -> tuple[int, Message]:
    """An address to be fetched, though it may have been fetched before."""
    url = one.url or ""
    article = add_article(session, key=urls.key(url), url=url, outlet=one.outlet or url, at=at)
    if one.title and not article.feed_title:
        article.feed_title = one.title
    if one.published and not article.feed_published_at:
        article.feed_published_at = datetime.fromisoformat(one.published)
    session.add(article)
    return article.id or 0, ArticleAnnounced(article_id=article.id or 0, generation=one.generation or f"by hand {at.isoformat()}")


def _brought(one: Given, body: bytes) -> Brought:
    digest = sha256(body).hexdigest()
    outlet = one.outlet or FILE_OUTLET + (one.name or PurePath(one.label).name)
    return brought(one, body, sha256=digest, key=f"sha256:{digest}", outlet=outlet)
