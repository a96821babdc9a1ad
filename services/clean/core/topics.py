"""What a page says it is about: its section and its keywords."""

import re
from typing import Any

from services.clean.core import jsonld
from services.clean.core.page import Page

MAX_KEYWORDS = 30
MAX_KEYWORD = 80  # characters
_SECTION = ("article:section", "section", "og:article:section", "parsely-section", "cxenseparse:section", "sailthru.section")
_KEYWORDS = ("news_keywords", "parsely-tags", "sailthru.tags", "cxenseparse:keywords", "keywords")


def section(page: Page) -> tuple[str | None, str | None]:
    """The section, and where it was found."""
    if value := page.first(*_SECTION):
        return value[:200], "meta"
    if value := jsonld.text_of(page.article.get("articleSection")):
        return value[:200], "jsonld"
    return None, None


def keywords(page: Page) -> tuple[tuple[str, ...], str | None]:
    """Keywords in the page's own order, each once, and where they were found; a site's standing ones come last of all sources."""
    found = _unique(_of_json(page.article.get("keywords")))
    if found:
        return found, "jsonld"
    found = _unique(part for value in page.meta.get("article:tag", ())[:MAX_KEYWORDS] for part in _parts(value))
    for name in _KEYWORDS:
        found = found or _unique(part for value in page.meta.get(name, ())[:5] for part in _parts(value))
    return found, "meta" if found else None


def _of_json(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [part for item in items[: 2 * MAX_KEYWORDS] for part in _parts(jsonld.text_of(item) or "")]


def _parts(text: str) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"[,;|，、；]", text[:5_000])]


def _unique(parts: Any) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for part in parts:
        if 1 < len(part) <= MAX_KEYWORD and ":" not in part.partition(" ")[0]:  # "author:ann" and the like are for machines
            seen.setdefault(part.casefold(), part)
    return tuple(seen.values())[:MAX_KEYWORDS]
