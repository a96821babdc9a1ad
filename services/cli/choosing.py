"""Which articles `dateline rebuild` takes up, from which stage on, and the fact that makes each of them new work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from services.clean.core.document import RULES as CLEAN_RULES
from services.link.core.score import RULES as LINK_RULES
from services.tag.shelf import Shelf
from services.tag.snapshots import MadeBy, made_by, tables_of
from shared.messages import REBUILT, ArticleCleaned, ArticleTagged, DocumentFetched, Rebuildable
from shared.models import Article, Document, IndexEntry, Moment, Work
from shared.overview import OPEN
from shared.pipeline import PIPELINE
from shared.settings import Settings

STEPS = ("clean", "tag", "link", "publish")
# Through which a rebuild's work on an article may go: those and whatever stands between them.
ARTICLE_STAGES = tuple(spec.name for spec in PIPELINE.stages if issubclass(spec.consumes, Rebuildable))
# Rows that are read, and whose work is written, at a time: no transaction may hold others up.
PORTION = 500
NOT_FILED = "not filed yet, or fallen out on the way (dateline dead list)"
NO_BYTES = "whose bytes are not kept any more"
UNDER_WAY = "that an earlier rebuild is at"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody asked for. `first` None: each article from the first stage that would treat it differently. Days are inclusive."""

    first: str | None = None
    stale: bool = True
    since: date | None = None
    until: date | None = None
    outlet: str | None = None
    articles: Sequence[int] | None = None

    def where(self) -> list[ColumnElement[bool]]:
        """The articles in question. The day is that of publication, of an undated one that of its announcement (UTC)."""
        day: ColumnElement[datetime] = func.coalesce(col(Article.published_at), col(Article.announced_at), type_=Moment())
        wanted: list[ColumnElement[bool]] = [col(Article.cleaned_revision) > 0]
        if self.since is not None:
            wanted.append(day >= datetime.combine(self.since, time(), UTC))
        if self.until is not None:
            wanted.append(day <= datetime.combine(self.until, time.max, UTC))  # the last day that there is has none after it
        if self.outlet is not None:
            wanted.append(col(Article.outlet) == self.outlet)
        if self.articles is not None:
            wanted.append(col(Article.id).in_(self.articles))
        return wanted


@dataclass(frozen=True, kw_only=True)
class Present:
    """The rules and tables of now: what made otherwise is stale."""

    clean: int
    tables: str
    link: str


@dataclass(frozen=True, kw_only=True)
class Stands:
    """How an article stands: its cleaned revision with its document, and the features in the index with all that they were made by."""

    id: int
    revision: int
    sha256: str | None  # None: its bytes are gone
    indexed: int | None  # the revision in the index
    snapshot: str
    made_by: MadeBy
    linked_by: str | None
    event: int | None
    day: date | None  # in the index


@dataclass(frozen=True, kw_only=True)
class Portion:
    """Articles that are taken up: their first stages' messages, beside how they stand; and how many were left out, by reason."""

    facts: Sequence[tuple[Rebuildable, Stands]] = ()
    publish: Sequence[Stands] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)


def present(settings: Settings) -> Present:
    """What stages of this place would work with now."""
    gazetteer = Shelf(settings.concepts_folder).current()
    return Present(clean=CLEAN_RULES, tables=tables_of(gazetteer.digest), link=LINK_RULES)


def first_step(stands: Stands, wanted: Wanted, now: Present) -> str | None:
    """The stage from which the article is made again; None where nothing asks for it."""
    stale = {
        "clean": stands.made_by.rules != now.clean,
        "tag": stands.made_by.tables != now.tables,
        "link": stands.linked_by != now.link,
    }
    if wanted.first is None:
        return next((step for step, is_stale in stale.items() if is_stale), None)
    return wanted.first if not wanted.stale or stale[wanted.first] else None


def fact_of(stands: Stands, step: str, token: str, now: Present) -> Rebuildable:
    """The fact that the stage consumes, of the revision that stands, as a rebuild states it."""
    given: dict[str, Any] = {"article_id": stands.id, "revision": stands.revision, "rebuild": token, "same": stands.linked_by == now.link}
    if step == "clean":
        return DocumentFetched(**given, sha256=stands.sha256)
    if step == "tag":
        return ArticleCleaned(**given, rules=stands.made_by.rules)
    return ArticleTagged(**given, snapshot=stands.snapshot)


def choose(session: Session, wanted: Wanted, now: Present, token: str, busy: set[int], after: int) -> tuple[Portion, int | None]:
    """The next portion of articles with ids above `after`, and the last id looked at; None where there are no more.

    `busy`: articles that a rebuild has work on: asked for what is stale, they are left to it.
    """
    rows = session.execute(_rows().where(*wanted.where(), col(Article.id) > after).limit(PORTION)).all()
    facts: list[tuple[Rebuildable, Stands]] = []
    pages: list[Stands] = []
    left: dict[str, int] = {}
    for row in rows:
        stands = _stands(row)
        step = first_step(stands, wanted, now) if wanted.first != "publish" else "publish"
        if step is None:
            continue
        why = _left_out(stands, step, wanted.stale and stands.id in busy)
        if why is not None:
            left[why] = left.get(why, 0) + 1
        elif step == "publish":
            pages.append(stands)
        else:
            facts.append((fact_of(stands, step, token, now), stands))
    return Portion(facts=facts, publish=pages, left_out=left), rows[-1].id if rows else None


def portions(session: Session, wanted: Wanted, now: Present, token: str) -> Iterator[Portion]:
    """All portions. Each is one read, so that what is written between two of them does no harm."""
    busy = under_way(session)
    last: int | None = 0
    while last is not None:
        portion, last = choose(session, wanted, now, token, busy, last)
        session.rollback()
        yield portion


def under_way(session: Session) -> set[int]:
    """The articles that a rebuild has open work on."""
    return set(session.execute(select_columns(col(Work.subject_id)).where(OPEN, *rebuilding())).scalars())


def rebuilding() -> list[ColumnElement[bool]]:
    """What tells a rebuild's work on articles from other work."""
    return [col(Work.stage).in_(ARTICLE_STAGES), col(Work.priority) >= REBUILT]


def count(session: Session, wanted: Wanted) -> int:
    """How many articles are in question."""
    return int(session.execute(select_columns(func.count()).select_from(Article).where(*wanted.where())).scalar_one())


def step_of(fact: Rebuildable) -> str:
    """The stage from which it makes an article again."""
    return "clean" if isinstance(fact, DocumentFetched) else "tag" if isinstance(fact, ArticleCleaned) else "link"


def _left_out(stands: Stands, step: str, is_busy: bool) -> str | None:
    if is_busy:
        return UNDER_WAY
    if step == "publish":
        return None if stands.event is not None else NOT_FILED
    if stands.indexed != stands.revision:  # its way goes on, or ended: then `dead replay` brings it back
        return NOT_FILED
    return NO_BYTES if step == "clean" and stands.sha256 is None else None


def _rows() -> Any:
    document = and_(col(Document.article_id) == col(Article.id), col(Document.revision) == col(Article.cleaned_revision))
    columns: list[Any] = [
        *(col(Article.id), col(Article.cleaned_revision), col(Article.linked_rules), col(Article.event_id)),
        *(col(IndexEntry.revision).label("indexed"), col(IndexEntry.snapshot), col(IndexEntry.checked), col(IndexEntry.day)),
        *(col(Document.sha256), col(Document.raw_removed_at)),
    ]
    found = select_columns(*columns).select_from(Article).outerjoin(IndexEntry, col(IndexEntry.article_id) == col(Article.id))
    return found.outerjoin(Document, document).order_by(col(Article.id))


def _stands(row: Any) -> Stands:
    return Stands(
        id=row.id,
        revision=row.cleaned_revision,
        sha256=row.sha256 if row.raw_removed_at is None else None,
        indexed=row.indexed,
        snapshot=row.snapshot or "",
        made_by=made_by(row.checked or row.snapshot or ""),
        linked_by=row.linked_rules,
        event=row.event_id,
        day=row.day,
    )
