"""A portal's day as the sandbox reads it: the wikitext and what was known of the day to its items, each with its id and its event page."""

from collections.abc import Mapping
from datetime import date
from typing import Any, TypedDict

from services.fetch.core.eventpage import event_page, headline, outlet_of
from services.fetch.core.mediawiki import Site
from services.fetch.core.portalitems import Seen, identify, remember


class Item(TypedDict):
    """An item: its id among the day's, its headline, its event page in Markdown, and [outlet, url] of each source."""

    id: str
    headline: str
    page: str
    sources: list[list[str]]


class Day(TypedDict):
    """A day's items, in the order of their ids, and what is to be known of them at the next reading."""

    items: list[Item]
    known: dict[str, Seen]


def read_portal_day(payload: Mapping[str, Any], *, day: str, site: list[str]) -> Day:
    """`{wikitext, known}` to the day's items. `day`: YYYY-MM-DD; `site`: the fields of a Site. Raises Reject as `read_day` does."""
    when, wiki, known = date.fromisoformat(day), Site(*site), payload["known"]
    # mwparserfromhell is for the process that parses: those who only name this module need not load it.
    from services.fetch.core.portal import read_day

    events = read_day(when, payload["wikitext"])
    ids = identify(known, events)
    items = [
        Item(
            id=name,
            headline=headline(event["headline"]),
            page=event_page(wiki, when, event),
            sources=[[source["outlet"] or outlet_of(source["url"]), source["url"]] for source in event["sources"]],
        )
        for name, event in sorted(zip(ids, events, strict=True), key=lambda one: one[0])
    ]
    return Day(items=items, known=remember(known, ids, events))
