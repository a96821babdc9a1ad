"""The facts that stages tell one another: small, frozen, versioned, in the past tense.

A message is the body of a row of Work. It carries ids, hashes and small facts, never a document and never a row of a table.
`subject_id` and `input_key` say which work it asks for: the same pair is the same work, done once.
"""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

# Of a rebuild's work: what is new goes first, and nobody rests because of it.
REBUILT = 2


class Message(BaseModel):
    """A fact. `subject` names the field that holds the subject's id; `key` covers the input and its generation."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    subject: ClassVar[str]

    @property
    def subject_id(self) -> int:
        """The row that the work is about."""
        return int(getattr(self, self.subject))

    @property
    def input_key(self) -> str:
        """What makes this work different from other work on the same subject."""
        raise NotImplementedError

    @property
    def not_before(self) -> datetime | None:
        """The moment before which the work must not start; None for at once."""
        return None

    @property
    def priority(self) -> int:
        """Of a stage's work that is ready the lower goes first."""
        return 0


class SourceDue(Message):
    """A source is to be looked at: its time came (`poll`), its hub brought what is new (`pushed`: the hash of its bytes in the raw store),
    entries may be missing (`backfill`), or its hub is to be asked for what is new from now on (`subscribe`)."""

    subject: ClassVar[str] = "source_id"
    source_id: int
    due_at: datetime
    mode: Literal["poll", "pushed", "backfill", "subscribe"] = "poll"
    pushed: str | None = None  # sha256
    pushed_type: str | None = None  # what the hub called it

    @property
    def input_key(self) -> str:
        return self.due_at.isoformat() + ("" if self.mode == "poll" else f" {self.mode}") + (f" {self.pushed[:16]}" if self.pushed else "")


class ArticleAnnounced(Message):
    """A source named an article, for the first time or with a new date or title, or it is time to look at it again.

    `generation` covers all of these; `again` counts the looks that no announcement asked for, the next at `due_at`, and `tries` how often
    that one failed.
    """

    subject: ClassVar[str] = "article_id"
    article_id: int
    generation: str
    again: int = 0
    tries: int = 0
    due_at: datetime | None = None

    @property
    def input_key(self) -> str:
        return self.generation

    @property
    def not_before(self) -> datetime | None:
        return self.due_at

    @property
    def priority(self) -> int:
        return 1 if self.again else 0  # what is new goes first


class Rebuildable(Message):
    """A fact that a rebuild may state again: `rebuild` is its token, which makes it new work, and which what follows from it bears too.

    `same`: so far nothing came out otherwise than it stands, and what follows from it stands by present rules.
    """

    rebuild: str = ""
    same: bool = False

    @property
    def generation(self) -> str:
        """What the input itself says of its generation."""
        raise NotImplementedError

    @property
    def input_key(self) -> str:
        return self.generation + (f"~{self.rebuild}" if self.rebuild else "")

    @property
    def priority(self) -> int:
        return REBUILT if self.rebuild else 0


class DocumentFetched(Rebuildable):
    """An article's document was kept in the raw store under `sha256`; `revision` counts the article's distinct documents from 1."""

    subject: ClassVar[str] = "article_id"
    article_id: int
    revision: int
    sha256: str

    @property
    def generation(self) -> str:
        return f"{self.revision}:{self.sha256[:16]}"


class ArticleCleaned(Rebuildable):
    """An article's text and metadata stand in the database."""

    subject: ClassVar[str] = "article_id"
    article_id: int
    revision: int
    rules: int  # the version of the cleaning rules that made it

    @property
    def generation(self) -> str:
        return f"{self.revision}.{self.rules}"


class ArticleTagged(Rebuildable):
    """An article's tags and its entry in the index stand in the database."""

    subject: ClassVar[str] = "article_id"
    article_id: int
    revision: int
    snapshot: str  # versions of all rules and tables that its features were made with
    corrected: str = ""  # by which correction, or by which change of another article, it is to be linked anew

    @property
    def generation(self) -> str:
        return f"{self.revision}.{self.snapshot}" + (f".{self.corrected}" if self.corrected else "")


class EventCorrected(Message):
    """A person decided something about events: who, when, why, and which articles stood there as the person saw them.

    `article_id` is the first article that it is about; `left` and `right` are the two sides (services/link/core/constraints.py).
    """

    subject: ClassVar[str] = "article_id"
    article_id: int
    token: str
    kind: Literal["merge", "split", "pin", "forbid", "undo"]
    at: datetime
    who: str
    why: str
    events: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    right: tuple[int, ...] = ()
    says: dict[str, int | str] = {}  # what a pin fixes
    correction: int | None = None  # the one that is undone

    @property
    def input_key(self) -> str:
        return self.token

    @property
    def priority(self) -> int:
        return -1  # somebody waits for it


class PageOutdated(Message):
    """What a page shows changed for the `wanted`-th time; the page is due at `due_at`."""

    subject: ClassVar[str] = "page_id"
    page_id: int
    wanted: int
    due_at: datetime

    @property
    def input_key(self) -> str:
        return str(self.wanted)

    @property
    def not_before(self) -> datetime | None:
        return self.due_at
