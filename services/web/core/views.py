"""A record rearranged for the reader: copies under their origin, relations before and after, tags by kind."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from shared.records import Article, EventPage, Related, Sourced, Tag

# What a reader looks for first.
_KIND_NAMES = {
    "topic": "Topics",
    "event": "Events",
    "conflict": "Conflicts",
    "place": "Places",
    "country": "Countries",
    "person": "People",
    "organisation": "Organisations",
    "armed_group": "Armed groups",
    "craft": "Ships and craft",
    "office": "Offices",
    "disaster": "Disasters",
    "election": "Elections",
    "name": "Other names",
}
_KINDS = tuple(_KIND_NAMES)


@dataclass(frozen=True)
class Group:
    """An article and those that repeat its text. `number` counts the groups of a page from 1."""

    number: int
    origin: Article
    copies: tuple[Article, ...]


def groups(articles: Iterable[Article]) -> tuple[Group, ...]:
    """Every article once, in the record's order: each original with its copies.

    A copy of a copy stands under the first of the chain. A copy whose origin is not of this event, or that leads back to
    itself, counts as an original: nothing may drop out of the page.
    """
    by_id = {article.id: article for article in articles}
    copies: dict[int, list[Article]] = defaultdict(list)
    origins: list[Article] = []
    for article in by_id.values():
        origin = _origin(article, by_id)
        if origin is article:
            origins.append(article)
        else:
            copies[origin.id].append(article)
    return tuple(Group(number, origin, tuple(copies[origin.id])) for number, origin in enumerate(origins, 1))


def _origin(article: Article, by_id: dict[int, Article]) -> Article:
    seen = [article.id]
    at = article
    while at.copy_of is not None and at.copy_of in by_id:
        at = by_id[at.copy_of]
        if at.id in seen:  # a ring: its smallest id stands for the origin
            return by_id[min(seen[seen.index(at.id) :])]
        seen.append(at.id)
    return at


def before_and_after(related: Iterable[Related]) -> tuple[tuple[Related, ...], tuple[Related, ...]]:
    """Related events that came before and after, each in the record's order."""
    items = tuple(related)
    return tuple(item for item in items if item.before), tuple(item for item in items if not item.before)


def timeline(page: EventPage) -> tuple[Related | None, ...]:
    """The steps of the page's story in the order of time; None stands for the page itself."""
    before, after = before_and_after(page.storyline)
    return (*before, None, *after)


def tags_by_kind(tags: Iterable[Tag]) -> tuple[tuple[str, tuple[Tag, ...]], ...]:
    """(kind in words, its tags), the kinds that say most first, tags in the record's order."""
    found: dict[str, list[Tag]] = defaultdict(list)
    for tag in tags:
        found[tag.kind].append(tag)
    order = sorted(found, key=lambda kind: (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind))
    return tuple((_KIND_NAMES.get(kind, kind.replace("_", " ").capitalize()), tuple(found[kind])) for kind in order)


def language_of(sourced: Sourced | None, page: EventPage) -> str | None:
    """The language of a text taken from one of the page's articles."""
    if sourced is None or sourced.url is None:
        return None
    return next((article.language for article in page.articles if article.url == sourced.url), None)
