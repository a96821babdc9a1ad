"""The tables. Times are aware and in UTC; rows are found by integer keys; nothing here does any work.

Grouped by who writes them: sources and articles (fetch), the cleaned article (clean), tags and the index (tag), edges and events
(link), pages (publish), and delivery (`shared/ledger.py`, which speaks SQL to its three tables).
"""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    SmallInteger,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: `timestamptz` on PostgreSQL, seconds since 1970 on SQLite, an aware `datetime` in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Float() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time was given to the database: {value!r}")
        return value.timestamp() if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromtimestamp(value, UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


# SQLite numbers rows by itself only in a column of type INTEGER.
BigId = BigInteger().with_variant(Integer, "sqlite")


def key_field() -> Any:
    """A table's own number."""
    return Field(default=None, primary_key=True, sa_type=BigId)


def zero_field() -> Any:
    """A small number that the ledger's SQL leaves out where it is 0."""
    return Field(default=0, sa_type=SmallInteger, sa_column_kwargs={"server_default": "0"})


def listed_field() -> Any:
    """A JSON list, empty in rows that are older than the column."""
    return Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})


# --------------------------------------------------------------------------- sources and articles: written by fetch


class Source(SQLModel, table=True):
    """What is polled: a feed, a sitemap, a list of addresses, Wikipedia's Current Events portal, a folder."""

    id: int | None = key_field()
    kind: str  # feed | sitemap | list | portal | folder | by_hand
    url: str = Field(sa_type=Text, unique=True)
    outlet: str
    language: str | None = None
    sample: bool = False
    paused: bool = False
    added_at: datetime = Field(sa_type=Moment)
    next_poll_at: datetime | None = Field(default=None, sa_type=Moment, index=True)
    interval_s: int = 900  # the present rhythm, in seconds
    etag: str | None = None
    last_modified: str | None = None
    last_polled_at: datetime | None = Field(default=None, sa_type=Moment)
    last_ok_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0  # in a row
    error_class: str | None = None
    error: str | None = Field(default=None, sa_type=Text)
    # Of the failures in a row, each weighed by its kind (services/fetch/core/rhythm.py).
    failure_weight: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})
    ttl_s: int | None = None  # how long its last answer wanted to be kept, in seconds
    unconditional_at: datetime | None = Field(default=None, sa_type=Moment)  # last asked without validators: some servers repeat them
    seen: list[str] = listed_field()  # what its last answer announced, as short hashes: do two polls overlap?
    rhythm: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # how often something new comes, by hour of the week
    last_new_at: datetime | None = Field(default=None, sa_type=Moment)
    silent_from: datetime | None = Field(default=None, sa_type=Moment)  # with nothing new until then it is silent against its rhythm
    rights: str = Field(default="honour", sa_column_kwargs={"server_default": "honour"})  # what publishers reserve: honour | ignore
    state: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # what only its kind of source needs to remember
    folder: list[str] = listed_field()  # of the list of subscriptions that it came from, from the outermost


class Poll(SQLModel, table=True):
    """What one poll of a source brought. Kept for some days; `SourceDay` keeps the sums."""

    __table_args__ = (UniqueConstraint("source_id", "due_at"),)
    id: int | None = key_field()
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE")
    due_at: datetime = Field(sa_type=Moment)
    polled_at: datetime = Field(sa_type=Moment)
    status: int | None = None  # of HTTP; None where there was no answer
    announced: int = 0
    new: int = 0
    refused: int = 0  # entries that were dropped, each for its reason (`Dropped`)
    error_class: str | None = None
    mode: str = Field(default="poll", sa_column_kwargs={"server_default": "poll"})  # poll | backfill | pushed
    gap: bool = Field(default=False, sa_column_kwargs={"server_default": false()})  # nothing of the last answer was in this one


class SourceDay(SQLModel, table=True):
    """The completeness ledger: what a source announced on a day (UTC), and what became of it."""

    __tablename__ = "source_day"
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE", primary_key=True)
    day: date = Field(primary_key=True, index=True)
    polls: int = 0
    unchanged: int = 0  # polls that were answered by 304, or by the same entries
    failures: int = 0
    gaps: int = 0
    announced: int = 0  # entries of all polls
    seen: int = 0  # of these, known already
    new: int = 0
    dropped: dict[str, int] = Field(default_factory=dict, sa_type=JSON)  # reason: entries


class Dropped(SQLModel, table=True):
    """An entry that a source announced and that became no article, and why."""

    __table_args__ = (UniqueConstraint("source_id", "key"),)
    id: int | None = key_field()
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE")
    key: str  # short hash of what the entry says of itself
    reason: str  # an error class
    detail: str | None = Field(default=None, sa_type=Text)
    url: str | None = Field(default=None, sa_type=Text)
    title: str | None = Field(default=None, sa_type=Text)
    first_at: datetime = Field(sa_type=Moment)
    last_at: datetime = Field(sa_type=Moment, index=True)


class SitemapFile(SQLModel, table=True):
    """A sitemap that an index named: what is known of it, so that a poll reads what changed, and forgets what is dead."""

    __tablename__ = "sitemap_file"
    __table_args__ = (UniqueConstraint("source_id", "url"),)
    id: int | None = key_field()
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE")
    url: str = Field(sa_type=Text)
    lastmod: datetime | None = Field(default=None, sa_type=Moment)  # as the index said when it was read
    etag: str | None = None
    last_modified: str | None = None
    read_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0  # in a row
    asleep_until: datetime | None = Field(default=None, sa_type=Moment)  # not asked before: it failed, or has been still for long


class SourcePage(SQLModel, table=True):
    """A page of a source itself out of which documents were read (a day of the portal), as it was received."""

    __tablename__ = "source_page"
    __table_args__ = (UniqueConstraint("source_id", "url", "version"),)
    id: int | None = key_field()
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE")
    url: str = Field(sa_type=Text)
    version: str  # as its server counts
    sha256: str = Field(index=True)
    content_type: str
    size: int
    fetched_at: datetime = Field(sa_type=Moment)


class Subscription(SQLModel, table=True):
    """A source whose hub tells us what is new (WebSub)."""

    id: int | None = key_field()
    source_id: int = Field(sa_type=BigId, foreign_key="source.id", ondelete="CASCADE", unique=True)
    hub: str = Field(sa_type=Text)
    topic: str = Field(sa_type=Text)
    token: str = Field(unique=True)  # the secret part of our callback's address
    secret: str  # for the hub's signature
    state: str = "asked"  # asked | active | failed | ended
    asked_at: datetime = Field(sa_type=Moment)
    until: datetime | None = Field(default=None, sa_type=Moment)  # the end of the lease
    pushed_at: datetime | None = Field(default=None, sa_type=Moment)  # the last content that came
    error: str | None = Field(default=None, sa_type=Text)


class Article(SQLModel, table=True):
    """One article of one outlet, whatever its revisions."""

    __table_args__ = (
        Index("article_event", "event_id"),
        Index("article_source", "source_id", "announced_at"),
        Index("article_guid", "guid_key", postgresql_where=text("guid_key IS NOT NULL"), sqlite_where=text("guid_key IS NOT NULL")),
        Index("article_copy", "copy_of_id", postgresql_where=text("copy_of_id IS NOT NULL"), sqlite_where=text("copy_of_id IS NOT NULL")),
    )
    id: int | None = key_field()
    url: str | None = Field(default=None, sa_type=Text)  # None: it came by hand and has no address
    url_key: str = Field(sa_type=Text, unique=True)  # shared/urls.py, or `sha256:…` of a document without an address
    source_id: int | None = Field(default=None, sa_type=BigId, foreign_key="source.id", ondelete="SET NULL")
    outlet: str
    sample: bool = False
    announced_at: datetime = Field(sa_type=Moment)
    announcement: str | None = None  # what its source last said of it (services/fetch/core/announce.py), and how often that changed:
    announcements: int = 0  # an edit that is taken back is new work too
    feed_title: str | None = Field(default=None, sa_type=Text)
    feed_published_at: datetime | None = Field(default=None, sa_type=Moment)
    guid_key: str | None = None  # short hash of its source and of the GUID that it had there
    revision: int = 0  # of the newest document kept; 0: none yet
    checked_at: datetime | None = Field(default=None, sa_type=Moment)  # when its address was last asked
    gone_at: datetime | None = Field(default=None, sa_type=Moment)  # when its page was first found gone
    gone_status: int | None = None  # 404, 410 or 451
    directives: list[str] = listed_field()  # what its publisher reserves and we honour (services/fetch/core/directives.py)
    # written by clean, of `cleaned_revision`
    cleaned_revision: int = 0
    title: str | None = Field(default=None, sa_type=Text)
    authors: list[str] = Field(default_factory=list, sa_type=JSON)
    agency: str | None = None
    published_at: datetime | None = Field(default=None, sa_type=Moment)
    published_provenance: str | None = None
    modified_at: datetime | None = Field(default=None, sa_type=Moment)
    language: str | None = None
    site_name: str | None = None
    canonical_url: str | None = Field(default=None, sa_type=Text)
    image: str | None = Field(default=None, sa_type=Text)
    section: str | None = None
    kind: str | None = None  # article, live, opinion, gallery, event_page, …
    standfirst: str | None = Field(default=None, sa_type=Text)
    text: str | None = Field(default=None, sa_type=Text)
    captions: list[str] = Field(default_factory=list, sa_type=JSON)
    copy_of_url: str | None = Field(default=None, sa_type=Text)
    provenance: dict[str, str] = Field(default_factory=dict, sa_type=JSON)  # NAME: where the value was found
    # What is only shown (services/clean/stage.py): `paywalled`, `keywords`, the image's credit and size, the declared language, and
    # `confidence` (NAME: 0 to 1); what is not known is absent.
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    context: dict[str, Any] | None = Field(default=None, sa_type=JSON)  # an imported event page: services/clean/core/contextpage.py
    # written by tag and by link
    tagged_revision: int = 0
    linked_revision: int = 0
    linked_rules: str | None = Field(default=None, sa_type=Text)  # the linker's rules that it was last linked by
    event_id: int | None = Field(default=None, sa_type=BigId, foreign_key="event.id", ondelete="SET NULL")
    copy_of_id: int | None = Field(default=None, sa_type=BigId)


class Alias(SQLModel, table=True):
    """Another address of an article: where a redirect or its canonical link led."""

    url_key: str = Field(sa_type=Text, primary_key=True)
    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", index=True)


class Document(SQLModel, table=True):
    """One revision of an article as it was received; the bytes stand in the raw store under `sha256`."""

    __table_args__ = (
        UniqueConstraint("article_id", "revision"),
        Index(
            "document_raw_until",
            "raw_until",
            postgresql_where=text("raw_until IS NOT NULL AND raw_removed_at IS NULL"),
            sqlite_where=text("raw_until IS NOT NULL AND raw_removed_at IS NULL"),
        ),
    )
    id: int | None = key_field()
    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE")
    revision: int
    sha256: str = Field(index=True)
    url: str | None = Field(default=None, sa_type=Text)  # where it was found in the end
    content_type: str | None = None
    status: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    size: int = 0
    fetched_at: datetime = Field(sa_type=Moment)
    headers: list[list[str]] | None = Field(default=None, sa_type=JSON)  # [name, value] as answered, within bounds
    directives: list[str] = listed_field()  # `noarchive`, …: of this revision, honoured or not
    raw_until: datetime | None = Field(default=None, sa_type=Moment)  # its bytes may be kept until then (noarchive); None: for good
    raw_removed_at: datetime | None = Field(default=None, sa_type=Moment)


class Revision(SQLModel, table=True):
    """What an edit changed in an article: its text and title before and after, as clean read them."""

    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True)
    revision: int = Field(primary_key=True, sa_type=Integer)  # the newer one
    before: int  # the older one
    at: datetime = Field(sa_type=Moment)  # when the newer one was fetched
    title_before: str | None = Field(default=None, sa_type=Text)
    title: str | None = Field(default=None, sa_type=Text)
    diff: list[list[str]] = Field(default_factory=list, sa_type=JSON)  # [sign, paragraph]: services/clean/core/revisions.py
    added: int = 0  # words
    removed: int = 0


# --------------------------------------------------------------------------- tags and the index: written by tag


class ArticleTag(SQLModel, table=True):
    """A concept that an article is about."""

    __tablename__ = "article_tag"
    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True)
    tag_id: str = Field(primary_key=True, index=True)
    name: str
    kind: str
    surfaces: list[str] = Field(default_factory=list, sa_type=JSON)
    count: int = 1
    weight: float = 0.0


class IndexEntry(SQLModel, table=True):
    """What the linker knows of an article: `features` is shared/features.py's JSON, `snapshot` says with which tables it was made.

    `checked`: with which newer ones a rebuild made the same of the article, so that nothing else changed; None where none did. `mark` is
    the features' own. `follows`: who says (nearly) the same and is compared in place of this article, whose postings are taken out.
    """

    __tablename__ = "index_entry"
    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True)
    revision: int
    day: date | None = Field(default=None, index=True)
    sample: bool = False
    snapshot: str
    features: str = Field(sa_type=Text)
    checked: str | None = Field(default=None, sa_type=Text)
    mark: int | None = Field(default=None, sa_type=BigInteger)
    follows: int | None = Field(default=None, sa_type=BigInteger)


class Posting(SQLModel, table=True):
    """The inverted index: which articles hold a telling term, in the order of their days (`posting_day` of `shared/features.py`)."""

    __table_args__ = {"sqlite_with_rowid": False}  # the key's range is read alone, without a look at a row for each entry
    key: int = Field(sa_type=BigInteger, primary_key=True)
    day: int = Field(primary_key=True)
    article_id: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True, index=True)
    weight: int


# --------------------------------------------------------------------------- edges and events: written by link


class Edge(SQLModel, table=True):
    """Two articles that may tell of one event, with the reasons. `a < b`."""

    a: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True)
    b: int = Field(sa_type=BigId, foreign_key="article.id", ondelete="CASCADE", primary_key=True, index=True)
    score: float
    copy_score: float = 0.0
    reasons: list[list[Any]] = Field(default_factory=list, sa_type=JSON)  # [name, detail, weight]
    rules: str


class Event(SQLModel, table=True):
    """One happening. Its id is for ever; what it says follows its articles."""

    __table_args__ = (Index("event_date", "date"), {"sqlite_autoincrement": True})  # an id is never given twice
    id: int | None = key_field()
    state: str = "live"  # live | merged | split | gone
    merged_into: int | None = Field(default=None, sa_type=BigId)
    parts: list[int] = Field(default_factory=list, sa_type=JSON)  # of a split event
    version: int = 1
    sample: bool = False
    date: date
    date_provenance: str
    date_confidence: str = "stated"  # stated | inferred | ingestion
    headline: str = Field(sa_type=Text)
    headline_article_id: int | None = Field(default=None, sa_type=BigId)
    description: str | None = Field(default=None, sa_type=Text)
    description_article_id: int | None = Field(default=None, sa_type=BigId)
    former_headlines: list[str] = Field(default_factory=list, sa_type=JSON)  # newest first
    image_article_id: int | None = Field(default=None, sa_type=BigId)  # whose picture an editor chose
    # What an editor fixed (headline, date, image), to the id of the correction.
    pinned: dict[str, int] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    created_at: datetime = Field(sa_type=Moment)
    changed_at: datetime = Field(sa_type=Moment)


class Correction(SQLModel, table=True):
    """What a person decided about events, for good: it is obeyed by every clustering from then on, until somebody undoes it."""

    id: int | None = key_field()
    token: str = Field(unique=True)  # of the command that asked for it: asked twice, it is there once
    kind: str  # merge | split | pin | forbid
    at: datetime = Field(sa_type=Moment)
    who: str
    why: str = Field(sa_type=Text)
    events: list[int] = Field(default_factory=list, sa_type=JSON)  # as they were named, the first kept by a merge
    keep_event: int | None = Field(default=None, sa_type=BigId)  # a merge: whose id goes on
    anchor: str = Field(sa_type=Text, index=True)  # the `url_key` of the article whose event `pinned` is about
    pinned: str | None = Field(default=None, sa_type=Text)  # JSON: what the event is to say (services/link/core/constraints.py)
    undone_at: datetime | None = Field(default=None, sa_type=Moment)
    undone_by: str | None = None
    undone_why: str | None = Field(default=None, sa_type=Text)


class CorrectedPair(SQLModel, table=True):
    """Two articles that a correction joins or parts, by `url_key`, which outlasts rows. `a < b`."""

    __tablename__ = "corrected_pair"
    correction_id: int = Field(sa_type=BigId, foreign_key="correction.id", ondelete="CASCADE", primary_key=True)
    a: str = Field(sa_type=Text, primary_key=True, index=True)
    b: str = Field(sa_type=Text, primary_key=True, index=True)
    together: bool


# --------------------------------------------------------------------------- pages: written by publish


class Page(SQLModel, table=True):
    """A page as issued. `wanted` counts the changes to what it shows, `version` is the count that the issued record shows."""

    __table_args__ = (UniqueConstraint("kind", "key"),)
    id: int | None = key_field()
    kind: str  # event | day | front
    key: str  # the event's id, the day, or `front`
    wanted: int = 0
    version: int = 0
    etag: str | None = None
    record: str | None = Field(default=None, sa_type=Text)  # shared/records.py, as JSON
    issued_at: datetime | None = Field(default=None, sa_type=Moment, index=True)


# --------------------------------------------------------------------------- delivery: written by shared/ledger.py alone


class Work(SQLModel, table=True):
    """A unit of work: outbox, inbox, retry clock and quarantine in one. The row is the truth, a Redis message is a hint."""

    __table_args__ = (
        UniqueConstraint("stage", "subject_id", "input_key"),
        # `id` stands last so that a top-up reads in order; SQLite has the row's number there anyway.
        Index("work_open", "stage", "priority", "id", postgresql_where=text("state < 2"), sqlite_where=text("state < 2")),
        Index("work_dead", "stage", "error_class", postgresql_where=text("state = 3"), sqlite_where=text("state = 3")),
        Index("work_superseded", "stage", postgresql_where=text("state = 4"), sqlite_where=text("state = 4")),
        Index(
            "work_page",
            "subject_id",
            unique=True,
            postgresql_where=text("stage = 'publish' AND state < 2"),
            sqlite_where=text("stage = 'publish' AND state < 2"),
        ),
    )
    id: int | None = key_field()
    stage: str = Field(sa_type=Text)
    subject_id: int = Field(sa_type=BigId)
    input_key: str = Field(sa_type=Text)
    body: str | None = Field(default=None, sa_type=Text)
    trace_id: str | None = Field(default=None, sa_type=Text)
    state: int = zero_field()  # ledger.State
    priority: int = zero_field()
    attempt: int = zero_field()
    kills: int = zero_field()  # workers that died while they held this row and no other
    alone: int = zero_field()  # 1: held by a worker that died, from then on hinted alone
    not_before: datetime = Field(sa_type=Moment)
    lease_id: str | None = Field(default=None, sa_type=Text)
    hinted_at: datetime | None = Field(default=None, sa_type=Moment)
    error_class: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    done_at: datetime | None = Field(default=None, sa_type=Moment)


class Lease(SQLModel, table=True):
    """One claimed batch: who holds which rows until when."""

    __table_args__ = (
        Index("lease_open", "until", postgresql_where=text("ended_at IS NULL"), sqlite_where=text("ended_at IS NULL")),
        {"sqlite_with_rowid": False},
    )
    id: str = Field(sa_type=Text, primary_key=True)
    stage: str = Field(sa_type=Text)
    worker: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=Moment)
    until: datetime = Field(sa_type=Moment)
    ended_at: datetime | None = Field(default=None, sa_type=Moment)
    ids: str = Field(sa_type=Text)  # a JSON list of Work ids


class Attempt(SQLModel, table=True):
    """An attempt that did not end well."""

    id: int | None = key_field()
    work_id: int = Field(sa_type=BigId, index=True)
    attempt: int = Field(sa_type=SmallInteger)
    lease_id: str | None = Field(default=None, sa_type=Text)
    started_at: datetime | None = Field(default=None, sa_type=Moment)
    ended_at: datetime = Field(sa_type=Moment)
    outcome: str = Field(sa_type=Text)  # retry | refused | dead | killed | timeout
    error_class: str | None = Field(default=None, sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)


class Heartbeat(SQLModel, table=True):
    """Who is alive; the scheduler's tells one-shot commands that a stack works here."""

    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=Moment)
