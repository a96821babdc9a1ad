"""The headline: always among meta, JSON-LD, headings and the title element; the choice is the work.

What the page tells others (og:title) and what it tells machines (headline) and readers (h1) mostly agree. Where two agree they win;
where none does, og:title does unless it carries the site's name or merely enlarges the headline, as search titles do. What a length
limit has cut off is taken from the candidate that has it whole.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from unicodedata import normalize

from services.clean.core.jsonld import plain, text_of
from services.clean.core.page import Page
from services.clean.core.trim import alike, words_of
from services.clean.core.words import words

MAX = 400  # characters; a headline is shorter
_PREFIX = re.compile(r"^([^:|]{2,40})[:|]\s+")
_DATE = re.compile(r"^\s*\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\s*$")
_EAST = r"\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3"
_PARTS = re.compile(
    r"(?=[\s|｜：,_－-])(?:\s+(?:[|–—·•»›<>~★*:-]+|::)\s+|\s*[|｜_－]\s*|\s*：\s*(?=[^：]*$)|:\s+(?=[^:]*$)|,\s+(?=[A-ZÄÖÜ])|\s*--\s*|\s+/\s+|"
    rf"\s+\((?=[^()]+\)$)|(?<=[{_EAST}])-(?=[{_EAST}]))"
)
_MARKS = ("|", "｜", "»", "<", "::", "_", "－", "：")  # what a site's template writes and headlines do not
_SLOGAN = re.compile(r"[:,–-]\s")  # "The Alder Post: news, sport and weather"
_TRAILING = re.compile(r"\s+[|–—·:-]+$")
_CUT = re.compile(r"\s*(?:…|\.{2,3})$")
_LIMIT = range(106, 112)  # characters: programs cut a headline at 110
_LONG = 60  # characters: below that only a mark shows that a headline was cut
_LATER = ("title", "headline", "dc.title", "dcterms.title", "parsely-title", "sailthru.title", "cxenseparse:title")
_NO_TITLE = words("home homepage startseite inicio início accueil news untitled null undefined none title article artikel index page")


def choose(page: Page, feed_title: str | None = None, site_names: frozenset[str] = frozenset()) -> tuple[str | None, str | None]:
    """The title without the site's name, and where it was found: meta, jsonld, heading, feed or text (the title element)."""
    og_raw = _tidy(page.first("og:title", "twitter:title"))
    json_raw = _tidy(text_of(page.article.get("headline")))
    rubrics = partial(_rubrics, page)
    og = without_site(og_raw, site_names, rubrics)
    json = og if json_raw == og_raw else without_site(json_raw, site_names, rubrics)
    if og and og == og_raw and json and len(og) < _LONG and same(og, json) and not _CUT.search(og):
        return og, "meta"  # half of all pages: nothing that the others say would change it
    h1 = [t for t in (_tidy(text) for element, text in page.headings if element.tag == "h1") if t]
    title = without_site(_tidy(page.title_tag), site_names, rubrics)
    if og and og_raw and og != og_raw and og_raw.endswith(og) and any(same(og_raw, text) for text in h1):
        og, json = og_raw, json_raw  # "Alderton: mayor resigns" in a paper of that name
    feed = _tidy(feed_title)
    heading = _heading(h1, [t for t in (og, json, title, feed) if t])
    chosen, provenance = _agreed(og, json, heading, title, og_raw)
    if chosen is None:
        stated = ((og, "meta"), (json, "jsonld"), (heading, "heading"), (feed, "feed"))
        everything = chain(stated, _spare(page), ((title, "text"),))
        chosen, provenance = next((one for one in everything if one[0] and not _generic(one[0], site_names)), (None, None))
        chosen = without_site(chosen, site_names, rubrics) if (chosen, provenance) not in stated else chosen
    return _whole(chosen, (heading, json, og, title)) if chosen else None, provenance


def _spare(page: Page) -> Iterator[tuple[str | None, str]]:
    """Titles of pages that have no better one; read only where they are asked for."""
    for name in _LATER:
        yield _tidy(page.first(name)), "meta"
    yield _tidy(text_of(page.article.get("name"))), "jsonld"


def _agreed(og: str | None, json: str | None, heading: str | None, title: str | None, og_raw: str | None) -> tuple[str | None, str | None]:
    """The title that two of the candidates speak for, if any."""
    if og and json and same(og, json):
        return (json if og != og_raw else og), "jsonld" if og != og_raw else "meta"
    if og and heading and same(og, heading):
        return heading, "heading"
    if og and json and heading and same(json, heading) and (og != og_raw or _enlarges(og, json) or _has_kicker(json, og)):
        return json, "jsonld"
    if og and json and len(json) >= 20 and _has_suffix(og, json):
        return json, "jsonld"
    if og and heading and not json and (_has_suffix(og, heading) or (title and same(title, heading) and _enlarges(og, heading))):
        return heading, "heading"
    if og and heading and og != og_raw and title and same(title, heading) and not alike(og, heading):
        return heading, "heading"  # what the site tells of itself everywhere
    if not og and not json and title and heading and len(words_of(title)) >= 4 and _has_kicker(heading, title):
        return title, "text"
    return None, None


def _whole(text: str, others: tuple[str | None, ...]) -> str:
    """A title as another candidate has it that goes on where this one was cut: at "…", or within a word or at the limit of programs."""
    start = _CUT.sub("", text)
    for other in others:
        if other and len(other) > len(start) >= 15 and other.startswith(start) and not _CUT.search(other):
            at = len(start)
            if start != text or at in _LIMIT or (at > _LONG and other[at - 1].isalnum() and other[at].isalnum()):
                return other
    return text


def _rubrics(page: Page) -> frozenset[str]:
    """What the page's section is called: by itself and in its address."""
    path = (page.url or "")[:500].partition("://")[2].split("/")[1:-1]
    stated = page.first("article:section"), text_of(page.article.get("articleSection"))
    return frozenset("".join(words_of(name)) for name in (*path, *stated) if name)


def same(a: str, b: str) -> bool:
    return words_of(a) == words_of(b)


def without_site(text: str | None, site_names: frozenset[str], rubrics: Callable[[], frozenset[str]] = frozenset) -> str | None:
    """A title without the site's name at its end or beginning, and without a rubric and date that stand between."""
    if not text:
        return text
    for match in reversed(list(_PARTS.finditer(text))):
        if _is_site(text[match.end() :], site_names) and match.start() >= (8 if text.isascii() else 4):
            return without_site(_without_rubric(text[: match.start()].strip(), match[0], rubrics), site_names, rubrics)
    first = _PREFIX.match(text) or _PARTS.search(text)
    if first and _is_site(first[1] if first.re is _PREFIX else text[: first.start()], site_names) and len(text) - first.end() >= 8:
        rest, sign = text[first.end() :].strip(), first[0].strip()[-1:]
        rubric, _, headline = rest.partition(sign) if sign in _MARKS else (rest, "", "")
        return headline.strip() if 0 < len(words_of(rubric)) <= 2 and len(words_of(headline)) >= 4 else rest
    return text


def _without_rubric(text: str, mark: str, rubrics: Callable[[], frozenset[str]]) -> str:
    """What stood before the site's name and its `mark`, without a short part behind the same mark, where that names the page's section
    or the mark is one that headlines have not."""
    sign = mark.strip()
    before, _, last = text.rpartition(sign) if sign else ("", "", "")
    said = words_of(last)
    if not 0 < len(said) <= 3 or len(last) > 30 or (len(words_of(before)) < 4 and len(before) < (16 if before.isascii() else 10)):
        return text
    return before.strip() if "".join(said) in rubrics() or (len(said) <= 2 and (sign in _MARKS or mark == "-")) else text


def _is_site(text: str, site_names: frozenset[str]) -> bool:
    name = "".join(words_of(text))
    if not name:
        return False
    if not name.isascii() and normalize("NFKD", name).encode("ascii", "ignore").decode() in site_names:
        return True  # a host has no accents
    told = words_of(text)
    if name in site_names or _DATE.match(text) or (len(told) <= 5 and (told[0] in site_names or told[-1] in site_names)):
        return True
    if (slogan := _SLOGAN.search(text)) and "".join(words_of(text[: slogan.start()])) in site_names:
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
    if len(text) < 4 and not re.search(r"[\u3040-\u9fff\uac00-\ud7a3]", text):
        return True
    joined = "".join(words_of(text))
    return joined in site_names or joined in _NO_TITLE


def _tidy(text: str | None) -> str | None:
    text = plain(text) if text else None
    if not text:
        return None
    return _TRAILING.sub("", text) if len(text) <= MAX else None
