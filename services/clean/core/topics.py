"""What a page says it is about: its section and its keywords."""

import re
from typing import Any

from services.clean.core import jsonld
from services.clean.core.page import Page
from services.clean.core.trim import alike
from services.clean.core.words import words

MAX_KEYWORDS = 30
MAX_KEYWORD = 80  # characters
MAX_CRUMB = 40  # characters; a longer step is the article
_NO_SECTION = words("uncategorized uncategorised undefined null none home default")
_SECTION = ("article:section", "section", "og:article:section", "parsely-section", "cxenseparse:section", "sailthru.section")
_KEYWORDS = ("news_keywords", "parsely-tags", "sailthru.tags", "cxenseparse:keywords", "keywords")


def section(page: Page) -> tuple[str | None, str | None]:
    """The section, and where it was found: as it is stated, else the last step of the way that leads to the article."""
    for name in _SECTION:
        for stated in page.meta.get(name, ()):
            if value := _section_name(jsonld.plain(stated[:1_000])):
                return value, "meta"
    if value := _section_name(jsonld.text_of(page.article.get("articleSection"))) or _section_name(_crumb(page)):
        return value, "jsonld"
    return None, None


def _section_name(value: str | None) -> str | None:
    """A section's name without a program's marks around it; None for an address and for a name of none."""
    value = value.strip(' []"') if value else None
    if not value or "://" in value or value.casefold() in _NO_SECTION:
        return None
    return value.partition('","')[0][:200]


def _crumb(page: Page) -> str | None:
    """The last step of a BreadcrumbList before the article itself."""
    crumbs = next((node.get("itemListElement") for node in page.nodes[:60] if "BreadcrumbList" in jsonld.types(node)), None)
    steps = [one for one in crumbs[:20] if isinstance(one, dict)] if isinstance(crumbs, list) else []
    names = [jsonld.text_of(one.get("name") or one.get("item")) for one in steps]
    told = page.article.get("headline"), page.first("og:title"), *(text for _, text in page.headings[:3])
    if names and names[-1] and (len(names[-1]) > MAX_CRUMB or any(alike(names[-1], one) for one in told if isinstance(one, str))):
        names.pop()
    return names[-1] if len(names) > 1 and names[-1] and len(names[-1]) <= MAX_CRUMB else None


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
    return [" ".join(part.split()) for part in re.split(r"[,;|，、；]", jsonld.plain(text[:5_000]) or "")]


def _unique(parts: Any) -> tuple[str, ...]:
    seen: dict[str, str] = {}
    for part in parts:
        if 1 < len(part) <= MAX_KEYWORD and ":" not in part.partition(" ")[0]:  # "author:ann" and the like are for machines
            seen.setdefault(part.casefold(), part)
    return tuple(seen.values())[:MAX_KEYWORDS]
