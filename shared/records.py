"""The page records: the contract between the chronicle and whoever reads it.

A page is one of these models, stored as JSON and rendered by `services/web` into every format. Fields are added, never renamed
or retyped; a breaking change is a new `version`. `python -m shared.records` prints the JSON Schema.
Texts in a record are plain text: a renderer escapes them. Paths are root-relative and carry no ending.
"""

import datetime as dt
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class Record(BaseModel):
    """Frozen, and deaf to fields that a later version may have added."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Sourced(Record):
    """A text that an outlet wrote, with the article it was taken from."""

    text: str
    outlet: str
    url: str | None = None


class Image(Sourced):
    """A picture: `text` is its description, `url` its own address."""

    credit: str | None = None  # whose it is, as its page says
    width: int | None = None  # pixels, as its page says
    height: int | None = None


class Tag(Record):
    """A concept as shown: its id, its canonical name, its kind (place, country, person, organisation, topic, …)."""

    id: str
    name: str
    kind: str


class Reason(Record):
    """One piece of evidence for a link, in words (`shared tags: Aleppo, Shoigu`), and its share in the score (0 to 1)."""

    name: str
    detail: str
    weight: float


class Edit(Record):
    """What an outlet changed in an article after its first publication, as far as we saw it."""

    at: dt.datetime  # when the change was seen
    title_before: str | None = None  # the headline until then, where it changed
    added: int = 0  # words
    removed: int = 0
    diff: tuple[tuple[str, str], ...] = ()  # (`+`, `-` or a space, paragraph or its beginning); a lone ellipsis: what is left out


class Article(Record):
    """One article of an event."""

    id: int
    title: str
    title_derived: bool = False
    url: str | None
    outlet: str
    language: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    published_at: dt.datetime | None = None
    published_provenance: str | None = None
    published_confidence: float | None = None  # 0 to 1, in the levels of shared/confidence.py; None: not known
    title_confidence: float | None = None
    authors_confidence: float | None = None
    paywalled: bool = False  # its page says that not everybody may read it
    section: str | None = None  # of its outlet
    keywords: tuple[str, ...] = ()  # of its outlet, the first of them
    revision: int = 1
    copy_of: int | None = None  # the id of the article whose text this one repeats, within this event
    copy_of_url: str | None = None  # the origin it names itself, wherever that is
    kind: str = "article"
    why: tuple[Reason, ...] = ()  # why it stands in this event: its strongest edge
    linked_to: int | None = None  # the article at the other end of that edge
    edited: tuple[Edit, ...] = ()  # newest first
    gone_at: dt.datetime | None = None  # since when its page is not at its address any more
    gone_status: int | None = None  # what is answered there: 404, 410, or 451 (may not be shown); None: it leads elsewhere


class Citation(Record):
    """An address that a page of the Context or of the portal cites for this event."""

    outlet: str
    url: str
    cited_by: str


class Related(Record):
    """Another event, with what connects it to this one."""

    id: int
    path: str
    headline: str
    date: dt.date
    tags: tuple[Tag, ...]
    strength: float
    before: bool  # it came before this event: on an earlier day, or first reported earlier on the same one


class Decision(Record):
    """What a person decided about articles of this event: they belong together, apart from others, or the event says this."""

    kind: Literal["merge", "split", "pin", "forbid"]
    at: dt.datetime
    why: str
    articles: tuple[int, ...] = ()  # of this event
    fixes: tuple[str, ...] = ()  # headline, date, image


class EventPage(Record):
    """One event: what happened, who reported it, what it is connected with."""

    version: Literal[1] = 1
    page: Literal["event"] = "event"
    id: int
    path: str  # /news/2016/07/28/russia-and-syria-open-corridors-17
    headline: str
    headline_from: Sourced | None = None
    date: dt.date
    date_provenance: str
    date_confidence: Literal["stated", "inferred", "ingestion"]
    description: Sourced | None = None
    image: Image | None = None
    articles: tuple[Article, ...]
    outlets: int
    independent: int  # groups of articles that do not repeat one another's text
    topic: str | None = None  # the heading under which the Context or the portal has it: `Disasters and accidents`
    citations: tuple[Citation, ...] = ()
    tags: tuple[Tag, ...] = ()
    place: Tag | None = None  # where it happened, as far as its articles agree
    related: tuple[Related, ...] = ()  # the strongest first
    storyline: tuple[Related, ...] = ()  # the other steps of the story that it is one of, in the order of time
    sample: bool = False
    issued_at: dt.datetime
    changes: tuple[str, ...] = ()  # former headlines, newest first
    decisions: tuple[Decision, ...] = ()  # of people, oldest first


class EventLine(Record):
    """An event as a day's list shows it."""

    id: int
    path: str
    headline: str
    description: str | None = None
    outlets: int
    independent: int
    tags: tuple[Tag, ...] = ()
    sample: bool = False


class DayPage(Record):
    """All events of one day."""

    version: Literal[1] = 1
    page: Literal["day"] = "day"
    path: str  # /news/2016/07/28/index
    date: dt.date
    events: tuple[EventLine, ...]
    previous: dt.date | None = None  # the nearest day before that has events
    next: dt.date | None = None
    issued_at: dt.datetime


class DayOfFront(Record):
    """One day on the front page."""

    date: dt.date
    path: str
    events: tuple[EventLine, ...]


class FrontPage(Record):
    """The last three days that have events."""

    version: Literal[1] = 1
    page: Literal["front"] = "front"
    path: str = "/index"
    days: tuple[DayOfFront, ...]
    issued_at: dt.datetime


class MovedPage(Record):
    """What stands at the id of an event that went into another one, or was taken apart."""

    version: Literal[1] = 1
    page: Literal["moved"] = "moved"
    id: int
    path: str
    to: tuple[Related, ...] = ()  # one: a merge, redirect to it; several: the parts of a split; none: gone
    issued_at: dt.datetime


Page = Annotated[EventPage | DayPage | FrontPage | MovedPage, Field(discriminator="page")]
PAGE: TypeAdapter[Page] = TypeAdapter(Page)


if __name__ == "__main__":
    print(json.dumps(PAGE.json_schema(), indent=2))
