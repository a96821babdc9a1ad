"""Date and byline as readers see them, around the story, where the page states none that will do."""

from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

from lxml import etree

from services.clean.core import authors, dates, near, published, relative, trim
from services.clean.core.blocks import Block
from services.clean.core.document import Document
from services.clean.core.page import Page


def around(page: Page, found: dict[str, Any], document: Document, headings: list[tuple[etree._Element, str]], blocks: list[Block]) -> None:
    """Put `published`, `authors` and `agency` into `found`, with their provenance.

    A date that only a class name told gives way to the one below the headline, an outlet or an agency to a person who signs.
    """
    unsigned = authors.unsigned(found.get("authors", ()), page.site_names)
    undated = found["provenance"].get("published") in (None, "text")
    if not unsigned and not undated:
        return
    first = [b.element for b in blocks[:6] if trim.is_sentence(b)][:2]
    lines = near.lines(near.heading(headings, found.get("title")), first) if blocks else []
    texts = cache(lambda: near.texts(page.root))
    if undated:
        hint = published.hint_of(page)
        dated = published.updates_last(line.text for line in lines)
        moments = (dates.plausible(dates.read(text, hint), document.fetched_at) for text in dated if dates.is_date_line(text))
        moment = next((m for m in moments if m is not None), None) or published.labelled(texts(), hint, document.fetched_at)
        if moment is None and not found.get("published"):
            latest = found.get("modified") or document.fetched_at or dates.month_in_url(document.url)
            moment = _told_from(lines, document.fetched_at, latest)
        _put(found, "published", moment, "text")
    if unsigned:
        last = blocks[-1].text if blocks else ""
        people, where, agency = authors.shown(page, lines, texts, last, stated=bool(found.get("authors")))
        if people and where and (not found.get("authors") or not authors.unsigned(people, page.site_names)):
            _put(found, "authors", people, where)
        if not found.get("agency"):
            _put(found, "agency", agency, where or "text")


def _told_from(lines: list[near.Line], now: datetime | None, latest: datetime | None) -> datetime | None:
    """The first moment that a line tells from `now` ("2 hours ago"), else by a weekday or a day without its year, before `latest`."""
    told_from_now = (relative.read(line.text, now) for line in lines) if now is not None else ()
    told_alone = (relative.recent(line.text, latest) for line in lines) if latest is not None else ()
    return next((moment for moment in chain(told_from_now, told_alone) if moment is not None), None)


def _put(found: dict[str, Any], name: str, value: Any, where: str) -> None:
    if value:
        found[name], found["provenance"][name] = value, where
