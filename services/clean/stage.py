"""The stage `clean`: from a kept document to the article's text and metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Protocol
from urllib.parse import urlsplit

from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from services.clean.core.document import RULES, Cleaned
from services.clean.core.lines import from_json, to_json
from services.clean.core.revisions import Change, Former, compare, settled
from services.clean.identity import went_into_another
from shared.intake import FILE_OUTLET
from shared.messages import ArticleCleaned, DocumentFetched
from shared.models import Alias, Article, Document, Revision
from shared.stage import Conflict, Superseded

# Fields of the article that bear the name of what cleaning finds.
_SAME = (
    *("title", "agency", "language", "site_name", "canonical_url", "image"),
    *("section", "kind", "standfirst", "text", "copy_of_url"),
)
_DETAILS = ("image_credit", "image_width", "image_height", "language_declared")


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
    """The hash of a document, what is known about it (the arguments of `clean_raw`, as JSON), and what stands of its article."""

    sha256: str
    facts: dict[str, Any]
    former: Former | None = None


@dataclass(frozen=True, kw_only=True)
class Done:
    """The article as the document has it. `change` None: nothing reads differently from `stood`, the revision that was cleaned before."""

    cleaned: Cleaned
    stood: int = 0
    change: Change | None = None


@dataclass(frozen=True)
class Clean:
    """Consumes DocumentFetched; produces ArticleCleaned. Documents are parsed in a process of their own, for at most `limit`."""

    raw: Raw
    parser: Parser
    limit: timedelta

    def load(self, session: Session, message: DocumentFetched) -> Given:
        """What the document is, by its revision, and what the feed said of it."""
        given = {"article": message.article_id, "revision": message.revision}
        row = session.connection().execute(_document(), given).first()
        if row is None:  # the article went into another one, or the revision was nothing new
            raise Superseded
        former = Former(revision=row.cleaned_revision, title=row.title, standfirst=row.standfirst, text=row.text)
        return Given(
            sha256=message.sha256,
            former=former if row.cleaned_revision else None,
            facts={
                "content_type": row.content_type,
                "url": row.url or row.announced_url,
                "feed_title": row.feed_title,
                "feed_published": row.feed_published_at.isoformat() if row.feed_published_at else None,
                "outlet": None if row.outlet.startswith(FILE_OUTLET) else row.outlet,
                "fetched_at": row.fetched_at.isoformat(),
            },
        )

    def run(self, given: Given) -> Done:
        """The article, and what an edit changed in it. Raises Reject for what holds none."""
        body = self.raw.get(given.sha256)
        found = from_json(self.parser.call("services.clean.core.lines:clean_raw", body, timeout=self.limit, **given.facts))
        if given.former is None:
            return Done(cleaned=found)
        return Done(cleaned=found, stood=given.former.revision, change=compare(given.former, found))

    def save(self, session: Session, message: DocumentFetched, done: Done) -> list[ArticleCleaned]:
        """Write the article's cleaned fields, unless a newer revision's stand there, and what was edited.

        Nothing follows from a revision in which only the page's furniture changed, nor from a page that is another article's. What a
        rebuild finds as it stands is passed on as such.
        """
        connection = session.connection()
        held = connection.execute(_held(), {"article": message.article_id}).first()
        if held is None or held.cleaned_revision > message.revision:
            raise Superseded
        if held.cleaned_revision != done.stood:
            raise Conflict  # the change is to another one than what stands now
        values = _values(done.cleaned, held.outlet)
        if not done.stood and went_into_another(session, message.article_id, held, done.cleaned):
            return []
        if 0 < done.stood < message.revision:
            if done.change is None and self._is_settled(session, message, values):
                self._drop(session, message, held.revision, done.stood)
                return []
            self._note_edit(session, message, done)
        fact = ArticleCleaned(article_id=message.article_id, revision=message.revision, rules=RULES, rebuild=message.rebuild)
        if message.rebuild and done.stood == message.revision and self._stands(session, message, values) == values:
            return [fact.model_copy(update={"same": message.same})]
        connection.execute(_cleaned(), {"article": message.article_id, "cleaned_revision": message.revision, **values})
        return [fact]

    def _is_settled(self, session: Session, message: DocumentFetched, values: dict[str, Any]) -> bool:
        """Whether all that counts stands there already."""
        return settled(self._stands(session, message, values)) == settled(values)

    def _stands(self, session: Session, message: DocumentFetched, values: Mapping[str, Any]) -> dict[str, Any]:
        """What stands there of these values."""
        return dict(session.connection().execute(_standing(tuple(values)), {"article": message.article_id}).mappings().one())

    def _drop(self, session: Session, message: DocumentFetched, newest: int, stood: int) -> None:
        """Forget a document that says what the one before says. What the server calls it now goes to that one, for the next request."""
        connection = session.connection()
        given = {"article": message.article_id, "revision": message.revision}
        validators = connection.execute(_validators(), given).first()
        connection.execute(_dropped(), given)
        if validators is not None:
            known = {"etag": validators.etag, "last_modified": validators.last_modified}
            connection.execute(_revalidated(), {"article": message.article_id, "stood": stood, **known})
        if newest == message.revision:
            connection.execute(_cleaned(), {"article": message.article_id, "revision": stood})

    def _note_edit(self, session: Session, message: DocumentFetched, done: Done) -> None:
        if done.change is None:
            return
        connection = session.connection()
        given = {"article": message.article_id, "revision": message.revision}
        row = {
            "article_id": message.article_id,
            "revision": message.revision,
            "before": done.stood,
            "at": connection.execute(_fetched_at(), given).scalar_one(),
            "title_before": done.change.title_before,
            "title": done.change.title,
            "diff": [list(line) for line in done.change.diff],
            "added": done.change.added,
            "removed": done.change.removed,
        }
        connection.execute(_edited(connection.dialect.name), row)


def _values(done: Cleaned, outlet: str) -> dict[str, Any]:
    """The article's columns as cleaning has them."""
    if outlet.startswith(FILE_OUTLET):
        outlet = publisher(done) or outlet.removeprefix(FILE_OUTLET)
    return {name: getattr(done, name) for name in _SAME} | {
        "outlet": outlet,
        "authors": list(done.authors),
        "published_at": done.published,
        "published_provenance": done.provenance.get("published"),
        "modified_at": done.modified,
        "captions": list(done.captions),
        "provenance": dict(done.provenance),
        "details": details(done),
        "context": to_json(done)["context"] if done.context is not None else None,
    }


def details(done: Cleaned) -> dict[str, Any]:
    """What of an article is only shown, as one value (Article.details): a column each would cost every delivery more than it is worth."""
    known = {name: getattr(done, name) for name in _DETAILS} | {"keywords": list(done.keywords), "paywalled": done.paywalled}
    sure = done.confidence if done.text_confidence is None else {**done.confidence, "text": done.text_confidence}
    return {name: value for name, value in (known | {"confidence": sure}).items() if value}


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
        *(col(Article.cleaned_revision), col(Article.title), col(Article.standfirst), col(Article.text)),
    )
    found = select(*columns).join(Document, col(Document.article_id) == col(Article.id))
    return found.where(col(Article.id) == bindparam("article"), col(Document.revision) == bindparam("revision"))


@cache
def _held() -> Executable:
    claimant = select(col(Alias.article_id)).where(col(Alias.url_key) == col(Article.url_key)).scalar_subquery().label("claimant")
    columns: Sequence[Any] = (
        *(col(Article.cleaned_revision), col(Article.revision), col(Article.outlet)),
        *(col(Article.url), col(Article.url_key), col(Article.sample), claimant),
    )
    return select(*columns).where(col(Article.id) == bindparam("article")).with_for_update(of=Article)


@cache
def _cleaned() -> Executable:
    return update(Article).where(col(Article.id) == bindparam("article"))


@cache
def _standing(names: Sequence[str]) -> Executable:
    return select(*(col(getattr(Article, name)) for name in names)).where(col(Article.id) == bindparam("article"))


def _of_revision() -> Any:
    return (col(Document.article_id) == bindparam("article")) & (col(Document.revision) == bindparam("revision"))


@cache
def _validators() -> Executable:
    return select(col(Document.etag), col(Document.last_modified)).where(_of_revision())


@cache
def _fetched_at() -> Executable:
    return select(col(Document.fetched_at)).where(_of_revision())


@cache
def _dropped() -> Executable:
    return delete(Document).where(_of_revision())


@cache
def _revalidated() -> Executable:
    return update(Document).where(col(Document.article_id) == bindparam("article"), col(Document.revision) == bindparam("stood"))


@cache
def _edited(dialect: str) -> Executable:
    insert = (sqlite if dialect == "sqlite" else postgresql).insert(Revision)
    return insert.on_conflict_do_nothing(index_elements=["article_id", "revision"])
