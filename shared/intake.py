"""Articles and their documents into the database: the one way for what was fetched and for what came by hand."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel, col, select

from shared.messages import DocumentFetched
from shared.models import Alias, Article, Document

# The outlet of a document that came as a file, until cleaning finds who publishes it: this, and the file's name.
FILE_OUTLET = "file:"
_CHUNK = 500  # parameters of one statement


def insert_new(session: Session, rows: Sequence[SQLModel], unique: str) -> None:
    """Insert the rows (of one table, without ids) whose `unique` column is not there yet; what stands stays as it is."""
    if not rows:
        return
    table = type(rows[0])
    values = [row.model_dump(exclude={"id"}) for row in rows]
    if session.get_bind().dialect.name == "sqlite":
        session.execute(sqlite.insert(table).on_conflict_do_nothing(index_elements=[unique]), values)
    else:
        session.execute(postgresql.insert(table).on_conflict_do_nothing(index_elements=[unique]), values)


def find_articles(session: Session, keys: list[str]) -> dict[str, Article]:
    """The articles of these address keys, by key: by their own, or by an alias."""
    found: dict[str, Article] = {}
    for start in range(0, len(keys), _CHUNK):
        some = keys[start : start + _CHUNK]
        for article in session.exec(select(Article).where(col(Article.url_key).in_(some))):
            found[article.url_key] = article
        aliased = select(Alias.url_key, Article).join(Article, col(Article.id) == col(Alias.article_id)).where(col(Alias.url_key).in_(some))
        for key, article in session.exec(aliased):
            found.setdefault(key, article)
    return found


def add_article(
    session: Session, *, key: str, url: str | None, outlet: str, at: datetime, source_id: int | None = None, sample: bool = False
) -> Article:
    """The article of this key (`shared.urls.key`, or `sha256:…` of a document without an address), added where it is not known."""
    known = find_articles(session, [key]).get(key)
    if known is not None:
        return known
    row = Article(url_key=key, url=url, outlet=outlet, announced_at=at, source_id=source_id, sample=sample)
    insert_new(session, [row], "url_key")
    return session.exec(select(Article).where(Article.url_key == key)).one()


def keep_document(
    session: Session,
    article: Article,
    *,
    sha256: str,
    size: int,
    at: datetime,
    url: str | None = None,
    content_type: str | None = None,
    status: int | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> DocumentFetched | None:
    """Write a document that the raw store holds as the article's next revision; None where it is the present one again.

    The caller holds the article's row (`SELECT … FOR UPDATE`), and the raw store has the bytes on disk.
    """
    if article.id is None:
        raise ValueError("an article without a row")
    present = session.exec(select(Document).where(Document.article_id == article.id, Document.revision == article.revision)).first()
    if present is not None and present.sha256 == sha256:
        present.etag, present.last_modified = etag or present.etag, last_modified or present.last_modified
        session.add(present)
        return None
    article.revision += 1
    session.add(article)
    session.add(
        Document(
            article_id=article.id,
            revision=article.revision,
            sha256=sha256,
            url=url,
            content_type=content_type,
            status=status,
            etag=etag,
            last_modified=last_modified,
            size=size,
            fetched_at=at,
        )
    )
    return DocumentFetched(article_id=article.id, revision=article.revision, sha256=sha256)
