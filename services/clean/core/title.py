"""The headline: always among meta, JSON-LD, headings and the title element; the choice is the work.

What the page tells others (og:title) and what it tells machines (headline) and readers (h1) mostly agree. Where two agree they win;
where none does, og:title does unless it carries the site's name or merely enlarges the headline, as search titles do.
"""

import re

from services.clean.core.jsonld import text_of
from services.clean.core.page import Page
from services.clean.core.trim import alike, words_of

MAX = 400  # characters; a headline is shorter
_PREFIX = re.compile(r"^([^:|]{2,40})[:|]\s+")
_DATE = re.compile(r"^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\s*$")
_PARTS = re.compile(r"(?=[\s|｜：,-])(?:\s+[|–—·•»:-]+\s+|\s*[|｜]\s*|\s*：\s*(?=[^：]*$)|,\s+(?=[A-ZÄÖÜ])|\s*--\s*|\s+/\s+)")


def choose(page: Page, feed_title: str | None = None, site_names: frozenset[str] = frozenset()) -> tuple[str | None, str | None]:
    """The title without the site's name, and where it was found: meta, jsonld, heading, feed or text (the title element)."""
    og_raw = _tidy(page.first("og:title", "twitter:title"))
    json = _tidy(text_of(page.article.get("headline")))
    h1 = [t for t in (_tidy(text) for element, text in page.headings if element.tag == "h1") if t]
    og = without_site(og_raw, site_names)
    title = without_site(_tidy(page.title_tag), site_names)
    json = without_site(json, site_names) if json else None
    heading = _heading(h1, [t for t in (og, json, title, _tidy(feed_title)) if t])
    if og and json and same(og, json):
        return (json if og != og_raw else og), "jsonld" if og != og_raw else "meta"
    if og and heading and same(og, heading):
        return heading, "heading"
    if og and json and heading and same(json, heading) and (og != og_raw or _enlarges(og, json) or _has_kicker(json, og)):
        return json, "jsonld"
    if og and heading and not json and (_has_suffix(og, heading) or (title and same(title, heading) and _enlarges(og, heading))):
        return heading, "heading"
    for value, provenance in ((og, "meta"), (json, "jsonld"), (heading, "heading"), (_tidy(feed_title), "feed"), (title, "text")):
        if value and not _generic(value, site_names):
            return value, provenance
    return None, None


def same(a: str, b: str) -> bool:
    return words_of(a) == words_of(b)


def without_site(text: str | None, site_names: frozenset[str]) -> str | None:
    """A title without the site's name at its end or beginning, and without a rubric and date that stand between."""
    if not text:
        return text
    for match in reversed(list(_PARTS.finditer(text))):
        if _is_site(text[match.end() :], site_names) and match.start() >= 8:
            return without_site(text[: match.start()].strip(), site_names)
    first = _PREFIX.match(text) or _PARTS.search(text)
    if first and _is_site(first[1] if first.re is _PREFIX else text[: first.start()], site_names) and len(text) - first.end() >= 8:
        return text[first.end() :].strip()
    return text


def _is_site(text: str, site_names: frozenset[str]) -> bool:
    name = "".join(words_of(text))
    if not name:
        return False
    if name in site_names or _DATE.match(text) or any(w in site_names for w in (words_of(text)[0], words_of(text)[-1])):
        return True
    return any(len(s) >= 4 and (name.startswith(s) or name.endswith(s)) and len(name) < len(s) + 14 for s in site_names)


def _heading(found: list[str], others: list[str]) -> str | None:
    """The h1 that the other candidates speak of, else the first that is long enough to be a headline."""
    for text in found:
        if any(same(text, other) for other in others):
            return text
    for text in found:
        if any(alike(text, other) for other in others):
            return text
    return next((t for t in found if len(t) >= 12), None) or next((t for t in found if len(t) >= 4), None)


def _enlarges(longer: str, shorter: str) -> bool:
    """Whether one title is the other with more before or after it."""
    x, y = " ".join(words_of(longer)), " ".join(words_of(shorter))
    return len(x) > len(y) and (x.endswith(y) or x.startswith(y))


def _has_kicker(longer: str, shorter: str) -> bool:
    """Whether a title is another one with a rubric before it."""
    x, y = " ".join(words_of(longer)), " ".join(words_of(shorter))
    return len(x) > len(y) and x.endswith(y)


def _has_suffix(longer: str, shorter: str) -> bool:
    """Whether a title is a heading with something behind a mark: a site that goes by a name nobody else knows."""
    return longer.startswith(shorter) and _PARTS.match(longer, len(shorter)) is not None


def _generic(text: str, site_names: frozenset[str]) -> bool:
    return (len(text) < 4 and not re.search(r"[\u3040-\u9fff\uac00-\ud7a3]", text)) or "".join(words_of(text)) in site_names


def _tidy(text: str | None) -> str | None:
    if not text:
        return None
    text = " ".join(text.replace("\u00ad", "").replace("\u200b", "").split())
    return text if 0 < len(text) <= MAX else None
