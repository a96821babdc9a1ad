"""One article, one row: what a page's rel=canonical means for the rows of its article and of others."""

from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select
from sqlmodel import Session, col

from services.clean.core.document import Cleaned
from services.clean.core.identity import claim, named_alike, same_article
from shared.intake import insert_new
from shared.models import Alias, Article


def went_into_another(session: Session, article_id: int, held: Any, done: Cleaned) -> bool:
    """Join an article that was cleaned for the first time with the one that stands under its canonical address, or that claimed its own.

    `held` is its row: url, url_key, sample, and `claimant`, the article that an alias of its own key names. True where it is no more:
    nothing follows from it then, and its address is an alias. Only an article that nobody has filed can go: it has no edges and no event.
    """
    claimed = claim(held.url, done.canonical_url)
    there = session.connection().execute(_by_key(), {"key": claimed}).first() if claimed else None
    for other in (there, _read(session, held.claimant)):
        if other is not None and _is_same(article_id, held, done, other):
            session.connection().execute(_removed(), {"article": article_id})
            insert_new(session, Alias, [{"url_key": held.url_key, "article_id": other.id}], "url_key")
            return True
    if claimed and done.canonical_url and named_alike(held.url, done.canonical_url):
        _claim(session, article_id, claimed, there)
    return False


def _is_same(article_id: int, held: Any, done: Cleaned, other: Any) -> bool:
    """Whether the other article was read, and says the same."""
    if other.id == article_id or other.sample != held.sample or not other.cleaned_revision:
        return False
    return same_article((done.title, done.text, done.published), (other.title, other.text, other.published_at))


def _claim(session: Session, article_id: int, claimed: str, there: Any) -> None:
    """Note whose address this one is said to be; that of nobody, once two different articles have said so.

    Where an article of its own was announced there and not read yet, that one looks for the note when it is.
    """
    if there is None or (there.url_key == claimed and not there.cleaned_revision):
        insert_new(session, Alias, [{"url_key": claimed, "article_id": article_id}], "url_key")
    elif there.url_key != claimed and there.id != article_id:
        session.connection().execute(_disputed(), {"key": claimed})


def _read(session: Session, article_id: int | None) -> Any:
    return session.connection().execute(_by_id(), {"article": article_id}).first() if article_id is not None else None


# Statements are built once each: to build one costs five times as much as to run it.


def _columns() -> Any:
    a = Article
    return select(*(col(one) for one in (a.id, a.url_key, a.sample, a.cleaned_revision, a.title, a.text, a.published_at)))  # type: ignore[arg-type]


@cache
def _by_key() -> Executable:
    """The article of a key: by its own, else by an alias."""
    own = col(Article.url_key) == bindparam("key")
    named = select(col(Alias.article_id)).where(col(Alias.url_key) == bindparam("key")).scalar_subquery()
    found: Executable = _columns().where(own | (col(Article.id) == named)).order_by(own.desc()).limit(1)
    return found


@cache
def _by_id() -> Executable:
    found: Executable = _columns().where(col(Article.id) == bindparam("article"))
    return found


@cache
def _removed() -> Executable:
    return delete(Article).where(col(Article.id) == bindparam("article"))


@cache
def _disputed() -> Executable:
    return delete(Alias).where(col(Alias.url_key) == bindparam("key"))
