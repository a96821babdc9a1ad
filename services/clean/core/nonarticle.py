"""Whether a page holds an article at all. What it is instead goes into the refusal: `empty_document` or `not_an_article`.

Three witnesses, the strongest first: what the page declares (JSON-LD's type with a date, og:type), how it speaks (`walls.py`), how
it is built (`listing.py`). An article that declares itself and its date is believed unless its own heading says otherwise.
"""

import re
from itertools import islice
from typing import Any
from urllib.parse import parse_qsl

from services.clean.core import copies, jsonld, listing, walls
from services.clean.core.blocks import Block
from services.clean.core.body import Body
from services.clean.core.page import Page
from services.clean.core.tree import text_content
from shared.stage import Reject

SHORT = 120  # characters below which a page must say itself that it is an article
FEW = 600  # characters below which a heading alone tells, whatever date the page bears
LONG = 1_500  # characters that are an article, though the page says that it is a list, where it shows none
WALL = 2_500  # characters above which a text is no wall's, whatever its heading
LISTED = 0.2  # share of the page's text below which the story may be a list's
OWN = 400  # characters of one paragraph that make an article above a list; half of it where there are more
_ROWS = 3  # of a table that is all there is
_TABLE = 0.75  # share of the text that stands in rows
_MOST_SHOWN = 20  # paragraphs of a wall
_A_FEW_WORDS = 8  # characters of a line that is no paragraph: a year, a name
_THINGS = frozenset(("Product", "JobPosting", "PodcastEpisode", "RadioEpisode", "TVEpisode", "VideoObject"))
_GRAPH_THINGS = frozenset(("product", "music", "video", "profile"))
_FRONT = re.compile(r"/?(?:(?:index|home|default)(?:\.\w{2,5})?/?)?|/[a-z]{2}(?:[-_][a-z]{2})?/?", re.I)
_SEARCH_PATH = re.compile(r"/(?:search|suche|recherche|buscar|busca|ricerca|zoeken|sok|søk|szukaj|arama|poisk)(?:[/.].*)?", re.I)
_SEARCH_KEYS = frozenset(("q", "s", "query", "search", "keyword", "keywords", "suchbegriff"))


def check(paragraphs: list[str], told: Page, found: dict[str, Any], read: Body, url: str | None) -> None:
    """Raise Reject for a page without text and for one that is no article."""
    story = "\n\n".join(paragraphs)
    if not story:
        raise _without_story(told, found, read)
    typed = bool(jsonld.types(told.article) & jsonld.ARTICLE_TYPES)
    lists = listing.says_list(told, url)
    dated = found["provenance"].get("published") in ("jsonld", "meta")
    weight = len(story) if len(story) > 1_000 else sum(2 if c > "\u2e80" else 1 for c in story)
    if typed and dated and not lists:
        if weight < FEW and (what := walls.text(paragraphs)):
            raise Reject("not_an_article", what)
        return
    if what := _wall(paragraphs, weight, told, found, url, dated=dated):
        raise Reject("not_an_article", what)
    cards, own = listing.own_text(read.blocks)
    if lists and (cards or len(story) < LONG):
        raise Reject("not_an_article", "the page says that it is a list")
    declared = typed or "article" in (told.first("og:type") or "").lower()
    if not typed and not dated and weight < LONG and (what := _thing(told, declared=declared)):
        raise Reject("not_an_article", f"the page says that it is a {what}")
    if not dated and not declared and _is_front(url):
        raise Reject("not_an_article", "the address is a front page's")
    if cards and not _stands_alone(own):
        raise Reject("not_an_article", f"the page is a list of {cards} stories")
    if declared:
        return
    if _is_table(read.blocks):
        raise Reject("not_an_article", "the page is a table")
    if weight < SHORT:
        raise Reject("not_an_article", "there is hardly any text")
    if len(story) < LISTED * read.total and not found.get("published") and not _stands_alone(paragraphs):
        raise Reject("not_an_article", "the page is a list")


def _without_story(told: Page, found: dict[str, Any], read: Body) -> Reject:
    """What a page is that holds no story: a wall of few words, a list, a table, or nothing."""
    what = next((what for one in _headings(told, found) if (what := walls.heading(one))), None)
    shown = (text_content(element) for element in told.elements if element.tag == "p")
    what = what or walls.text([one for one in islice(shown, _MOST_SHOWN) if len(one) > _A_FEW_WORDS])
    if what is None and listing.linked_headings(told.elements) >= listing.FEWEST:
        what = "the page is a list"
    if what is None and sum(element.tag == "tr" for element in told.elements) >= _ROWS:
        what = "the page is a table"
    if what is None and read.total < SHORT:
        return Reject("empty_document")
    return Reject("not_an_article", what or "there is text on the page, but no story")


def _thing(told: Page, *, declared: bool) -> str | None:
    """The thing that a page describes by its own word, where that is no text: goods, a place to work, a recording."""
    of_type = (told.first("og:type") or "").lower().partition(".")[0]
    kinds = {kind for node in told.nodes for kind in jsonld.types(node)}
    if of_type in _GRAPH_THINGS:
        return of_type
    return None if declared else next(iter(sorted(kinds & _THINGS)), None)


def _is_table(blocks: list[Block]) -> bool:
    """Whether nearly all text stands in rows of tables, and what stands beside them makes no article."""
    rows = sum(len(block.text) for block in blocks if block.kind == "row")
    others = [block.text for block in blocks if block.kind not in ("row", "heading")]
    return rows > _TABLE * (rows + sum(map(len, others))) and not _stands_alone(others)


def _wall(paragraphs: list[str], weight: int, told: Page, found: dict[str, Any], url: str | None, *, dated: bool) -> str | None:
    """What the page is by its words."""
    for heading in _headings(told, found):
        what = walls.heading(heading)
        if what is None:
            continue
        if weight < FEW:
            return what
        if not dated and ("service" in what or (weight < WALL and "consent" not in what) or walls.text(paragraphs) == what):
            return what
    if dated:
        return None
    if _is_search(url) and weight < WALL:
        return "the results of a search"
    return walls.text(paragraphs)


def _headings(told: Page, found: dict[str, Any]) -> list[str]:
    shown = (text for element, text in told.headings[:3] if element.tag == "h1")
    return [one for one in dict.fromkeys((found.get("title"), *shown, told.title_tag)) if one]


def _stands_alone(paragraphs: list[str]) -> bool:
    """Whether there is enough beside a list to be an article, and not only the list's introduction."""
    length = sum(map(len, paragraphs))
    return length >= OWN or (len(paragraphs) > 1 and length >= OWN / 2)


def _is_front(url: str | None) -> bool:
    parts = copies.urlsplit_or_none(url or "")
    return parts is not None and bool(parts.hostname) and not parts.query and _FRONT.fullmatch(parts.path) is not None


def _is_search(url: str | None) -> bool:
    parts = copies.urlsplit_or_none(url or "")
    if parts is None or not parts.hostname:
        return False
    asked = any(key.lower() in _SEARCH_KEYS for key, _ in parse_qsl(parts.query[:2_000], max_num_fields=None))
    return asked and (_SEARCH_PATH.fullmatch(parts.path) is not None or _FRONT.fullmatch(parts.path) is not None)
