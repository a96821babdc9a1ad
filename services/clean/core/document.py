"""What clean takes and what it gives: plain values, no behaviour."""

from dataclasses import dataclass, field
from datetime import datetime

# The version of the cleaning rules. Raised with every change that alters what an article comes out as: it is a part of the key of
# the work that follows (`ArticleCleaned.rules`), so that a rebuild is new work.
RULES = 3


@dataclass(frozen=True, kw_only=True)
class Document:
    """One document as it was received, and what is known about it from elsewhere.

    Exactly one of `body` (bytes as they came) and `text` (decoded already: HTML, Markdown or plain text) is set. `content_type` is the
    header with its charset. The feed's facts are one more candidate for each value, never an order. `fetched_at` is the moment against
    which impossible dates are refused; None where nobody knows.
    """

    body: bytes | None = None
    text: str | None = None
    content_type: str | None = None
    url: str | None = None
    feed_title: str | None = None
    feed_published: datetime | None = None
    feed_authors: tuple[str, ...] = ()
    outlet: str | None = None
    fetched_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ContextSource:
    """An address that an event page of the Context cites."""

    outlet: str
    url: str


@dataclass(frozen=True, kw_only=True)
class ContextTag:
    """A wiki's article that an event page is tagged with, and how it is called there."""

    name: str
    surface: str


@dataclass(frozen=True, kw_only=True)
class ContextRelated:
    """An event that an event page of the Context names as related: `date` is YYYY-MM-DD, `path` its address on that site."""

    date: str | None
    title: str
    path: str
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ContextPage:
    """An imported event page of the Context or of the portal, as it stood there. `date` is YYYY-MM-DD; `changes` are former headlines."""

    headline: str
    date: str
    description: str | None = None
    topic: str | None = None
    sources: tuple[ContextSource, ...] = ()
    cover_image: str | None = None
    related: tuple[ContextRelated, ...] = ()
    changes: tuple[str, ...] = ()
    tags: tuple[ContextTag, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """An article's text and metadata.

    `text` holds the story's paragraphs parted by one blank line, without title, standfirst, byline and captions: a heading, an item of
    a list, a row of a table and a paragraph of a quote are one each. `markdown` is the same with marks of what is what. `published` and
    `modified` keep the offset that the document states; without one they are UTC. `kind` is event_page, or the first of live, gallery,
    opinion and paywalled that holds, or article; `paywalled` is said beside the others too. `language` is what the text is in,
    `language_declared` what the page says it is. The image's size is in pixels. `provenance` says for each value that was chosen among
    several where it was found: jsonld, meta, heading, time, url, text, feed or derived; reread is a text that only a second reading found.
    `text_confidence` is the share, 0 to 1, of the text in the story's place (its container, or below the head of a plain text) that the
    text holds: 0.95 and more is usual, below 0.8 half of the texts lack or hold a part that they should not; None where no place is
    known. `confidence` says for each value of `provenance` but the text how sure it is, 0 to 1, in the few levels of shared/confidence.py.
    `copy_of_url` is the address that the document names as its original.
    """

    title: str | None = None
    authors: tuple[str, ...] = ()
    agency: str | None = None
    published: datetime | None = None
    modified: datetime | None = None
    language: str | None = None
    language_declared: str | None = None
    site_name: str | None = None
    canonical_url: str | None = None
    image: str | None = None
    image_credit: str | None = None
    image_width: int | None = None
    image_height: int | None = None
    section: str | None = None
    keywords: tuple[str, ...] = ()
    kind: str = "article"
    paywalled: bool = False
    standfirst: str | None = None
    text: str = ""
    text_confidence: float | None = None
    markdown: str = ""
    captions: tuple[str, ...] = ()
    copy_of_url: str | None = None
    provenance: dict[str, str] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    context: ContextPage | None = None
