"""How sure each chosen value is: by where it was found, and whether independent candidates agree with it or contradict it.

A level (shared/confidence.py) begins with the value's provenance and moves with the other places that the page states the same kind of
value in. What they say is compared with what was chosen; nothing is chosen anew, no tree is walked and no text looked through: it costs
a hundredth of a page's time.

The levels were set by the open pages of the benchmark (`tests/benchmarks/clean_quality.py` prints the shares of right values per level,
tuning and checking half apart) and rounded to a few that hold for all fields:

- title: og:title, JSON-LD's headline, the h1 and the feed's title are independent statements. Three alike, or two that nothing
  contradicts, were never wrong (52 of 52); two against others, or one alone, 18 times right in 21; one against others 13 in 17.
- publication: JSON-LD, meta elements, the address and the feed, compared by day with what was chosen. Any two alike
  were never wrong (60 of 60), a statement to machines alone neither (22 of 22);
  a text that looks like a date and an address alone were right 5 times in 6.
- authors: JSON-LD and meta alike were never wrong (23 of 23); JSON-LD alone is right 26 times in 27, meta alone or a
  byline that is seen 17 in 18. Where the two name others it was 2 in 3, where an outlet or an agency stands in for people 14 in 18.
- language: the text's own words against what is declared.

Other fields bear their provenance's level: no truth is at hand to say more.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from services.clean.core import jsonld, published
from services.clean.core.authors import unsigned
from services.clean.core.dates import from_url
from services.clean.core.document import Cleaned, Document
from services.clean.core.page import Page
from shared.confidence import CONFIRMED, DOUBTFUL, GUESSED, LIKELY, OPEN, STATED

_BY_PROVENANCE = {
    "jsonld": STATED,
    "meta": STATED,
    "heading": LIKELY,
    "time": LIKELY,
    "feed": OPEN,
    "url": OPEN,
    "text": OPEN,
    "pdf": DOUBTFUL,
    "derived": GUESSED,
}
# Where a provenance says more or less of a field than of others. A feed's title is a headline that the outlet wrote.
_OF_FIELD = {
    ("title", "feed"): LIKELY,
    ("title", "text"): LIKELY,
    ("title", "pdf"): OPEN,
    ("language", "derived"): LIKELY,
    ("site_name", "feed"): LIKELY,
    ("agency", "text"): LIKELY,
    ("canonical_url", "text"): LIKELY,
    ("copy_of_url", "text"): LIKELY,
    ("copy_of_url", "meta"): LIKELY,
}
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def of_page(page: Page, document: Document, found: dict[str, Any], language: float | None) -> dict[str, float]:
    """The confidence of each value of `found` (fields of Cleaned) that has a provenance; `language` is as its choice told it."""
    provenance: dict[str, str] = found["provenance"]
    sure = {name: _of(name, where) for name, where in provenance.items() if name != "text"}
    if "title" in sure:
        sure["title"] = _title(page, document, found["title"], sure["title"])
    if "published" in sure:
        sure["published"] = _published(page, document, found["published"], provenance["published"])
    if "authors" in sure:
        sure["authors"] = _authors(page, found["authors"], provenance["authors"])
    if language is not None and "language" in sure:
        sure["language"] = language
    if page.links.get("canonical") and page.links["canonical"] == page.first("og:url") == found.get("canonical_url"):
        sure["canonical_url"] = CONFIRMED
    return sure


def of_text(cleaned: Cleaned, document: Document) -> dict[str, float]:
    """The same of a document that states nothing to machines: plain text, PDF, an event page of the Context."""
    sure = {name: _of(name, where) for name, where in cleaned.provenance.items() if name != "text"}
    if cleaned.context is not None:  # its form says where each value stands
        return sure | dict.fromkeys(("title", "published"), STATED)
    if cleaned.title and cleaned.provenance.get("title") != "feed" and _alike(_folded(cleaned.title), document.feed_title) == "same":
        sure["title"] = CONFIRMED
    if cleaned.published is not None:
        days = _days(cleaned.published)
        others = [document.feed_published] if cleaned.provenance.get("published") != "feed" else []
        others += [from_url(document.url)] if cleaned.provenance.get("published") != "url" else []
        sure["published"] = _weighed(sure["published"], [bool(_days(o) & days) for o in others if o is not None])
    return sure


def _of(name: str, where: str) -> float:
    return _OF_FIELD.get((name, where)) or _BY_PROVENANCE.get(where, DOUBTFUL)


def _weighed(alone: float, agreeing: Iterable[bool]) -> float:
    """The level of a value that some independent statements repeat and others contradict."""
    told = list(agreeing)
    pro, contra = told.count(True), told.count(False)
    if pro and not contra:
        return CONFIRMED
    if pro and pro >= contra:
        return LIKELY
    return min(alone, OPEN) if contra else alone


def _title(page: Page, document: Document, title: str, alone: float) -> float:
    """By the kinds of statements that are the title (or hold it, with a site's name behind), and those that are another one."""
    title = _folded(title)
    stated = [_alike(title, page.first("og:title", "twitter:title")), _alike(title, jsonld.text_of(page.article.get("headline")))]
    shown = [_alike(title, text) for element, text in page.headings if element.tag == "h1"]
    stated.append(next((kind for kind in ("same", "holds", "other") if kind in shown), None))
    stated.append("same" if _alike(title, document.feed_title) == "same" else None)
    pro, contra = stated.count("same"), stated.count("other")
    if pro >= 3 or (pro == 2 and not contra):
        return CONFIRMED
    if pro == 2 or not contra:
        return min(alone, LIKELY)
    return min(alone, OPEN)


def _alike(folded: str, other: str | None) -> str | None:
    if not other:
        return None
    other = _folded(other)
    return "same" if folded == other else "holds" if folded in other else "other"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _published(page: Page, document: Document, moment: datetime, where: str) -> float:
    days = _days(moment)
    told: list[bool] = []
    for kind, values in published.stated(page):
        if kind != where and (agreeing := _agree(days, values)) is not None:
            told.append(agreeing)
    if where != "feed" and document.feed_published is not None:
        told.append(bool(_days(document.feed_published) & days))
    if where != "url" and (day := from_url(document.url)) is not None:
        told.append(bool(_days(day) & days))
    return _weighed(_of("published", where), told)


def _agree(days: set[str], values: Iterable[str | None]) -> bool | None:
    """Whether one of these moments is of these days; None where none is written so that it can be told."""
    told = [value[:10] in days for value in values if value and _ISO_DAY.match(value)]
    return any(told) if told else None


def _days(moment: datetime) -> set[str]:
    """The day where it was written, and in UTC."""
    return {moment.date().isoformat(), moment.astimezone(UTC).date().isoformat()}


def _authors(page: Page, names: tuple[str, ...], where: str) -> float:
    """Statements to machines of the same people confirm one another; what is named where nobody signs is less sure."""
    if unsigned(names, page.site_names):
        return OPEN
    if where != "jsonld":
        return OPEN if where in ("feed", "pdf") else LIKELY
    named = [value.casefold() for name in ("author", "article:author", "parsely-author") for value in page.meta.get(name, ()) if value]
    named = [value for value in named if "://" not in value and "".join(value.split()) not in page.site_names]
    if not named:
        return STATED
    said = " ".join(named)
    return CONFIRMED if all(name.casefold() in said for name in names) else OPEN
