"""When a page was published and last changed: chosen among what it states, shows and is called."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

from lxml import etree

from services.clean.core.dates import Hint, from_url, plausible, read
from services.clean.core.jsonld import text_of
from services.clean.core.near import around, holders, is_elsewhere, is_within
from services.clean.core.page import Page
from services.clean.core.tree import text_content

_AMERICAN = re.compile(r"^https?://[^/]+\.(?:com|org|net|us|gov|edu|tv|news)(?:[:/]|$)", re.I)
_LABELS = (
    r"(?:first |date |originally )?(?:published|posted|publi(?:é|ée|cado|cata|shed)|veröffentlicht|erstellt|erschienen|datum|date|data|"
    r"fecha|pubblicato|publicerad|publisert|publiceret|julkaistu|opublikowano|опубликовано|дата|gepubliceerd|yayınlanma|diterbitkan|"
    r"发布时间|發布時間|公開|入力|등록)"
)
_LABEL = re.compile(rf"^{_LABELS}(?: (?:on|am|le|el|il|den|date|tarihi))?\s*[:：]?$", re.I)
_UPDATED = re.compile(
    r"^\W*(?:(?:last|zuletzt|dernière|última|ultimo|sist|senast) )?(?:updated?|modified|edited|aktualisiert|geändert|stand\b|mise? à jour|"
    r"actualizad|atualizad|aggiornat|bijgewerkt|güncelle|oppdatert|uppdatera|opdatere|päivite|aktualizov|aktualizacja|обновлен|изменен|"
    r"оновлен|diperbarui|更新|수정|最終更新)",
    re.I,
)
_LATER_PUBLISHED = re.compile(
    r"\b(?:published|posted|veröffentlicht|publi(?:é|ée|cado|cata|sert|cerad|ceret)|pubblicat[oa]|опубликован|opublikowano|gepubliceerd|giriş|"
    r"公開|発表|입력)",
    re.I,
)
_LABELLED = re.compile(rf"^{_LABELS}\b.{{0,12}}?\d", re.I)


def _ranked(*names: str) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


_PUBLISHED = _ranked(
    "article:published_time", "og:article:published_time", "datepublished", "article:published", "og:published_time",
    "lp.article:published_time", "publishdate", "publish-date", "publish_date", "published", "published_time", "publication_date",
    "publicationdate", "pubdate", "article.published", "dcterms.created", "dc.date.created", "dc.date.issued", "dcterms.issued",
    "dcterms.date", "dc.date", "date.available", "date.created", "date", "sailthru.date", "parsely-pub-date",
    "article_date_original", "originalpublicationdate", "rnews:datepublished", "cxenseparse:publishtime",
    "cxenseparse:recs:publishtime", "cxenseparse:recs:published_time", "publisheddate", "article:post_date", "uploaddate",
    "creation_date", "datecreated", "citation_publication_date", "citation_date", "og:pubdate", "og:release_date", "publish_time",
    "published_at", "pub_date", "post_date", "article:create_at", "weibo:article:create_at", "bt:pubdate", "gsa:date",
)  # fmt: skip
_MODIFIED = _ranked(
    "article:modified_time", "og:updated_time", "datemodified", "article:updated_time", "og:modified_time", "dcterms.modified",
    "dc.date.modified", "date.updated", "date.modified", "lastmod", "last-modified", "modified", "article:modified", "revised",
)  # fmt: skip


def published(page: Page, feed: datetime | None, fetched_at: datetime | None) -> tuple[datetime | None, str | None]:
    """When a page was published and where that was found: JSON-LD, meta, `<time>`, the feed, the address, texts named as dates."""
    hint = hint_of(page)
    spare: tuple[datetime | None, str | None] = (None, None)
    candidates: Iterator[tuple[Any, str]] = _candidates(page, feed, hint.day)
    for value, provenance in candidates:
        moment = value if isinstance(value, datetime) else read(value, hint)
        if moment is not None and plausible(moment, fetched_at) is None and not isinstance(value, datetime):
            moment = read(value, Hint(None, not hint.month_first))  # the eighth of January, where the first of August has not come yet
        moment = plausible(moment, fetched_at)
        if moment is None:
            continue
        if (moment.month, moment.day, moment.hour, moment.minute, moment.second) != (1, 1, 0, 0, 0):
            return moment, provenance
        spare = spare if spare[0] is not None else (moment, provenance)  # New Year at midnight: what programs make of a mere year
    return spare


def hint_of(page: Page) -> Hint:
    """What a page says of how its dates are to be read. Templates say en-US all over the world: the address must not speak against it."""
    said = (page.lang or page.first("og:locale") or "").lower().replace("_", "-")
    return Hint(from_url(page.url), said == "en-us" and _AMERICAN.search(page.url or "") is not None)


def labelled(lines: Iterable[str], hint: Hint, fetched_at: datetime | None) -> datetime | None:
    """The date behind a label such as "Published:" or "Datum" anywhere on a page."""
    label = False
    for line in lines:
        if (label or _LABELLED.match(line)) and (moment := plausible(read(line, hint), fetched_at)) is not None:
            return moment
        label = len(line) <= 40 and _LABEL.match(line) is not None
    return None


def modified(page: Page, after: datetime | None, fetched_at: datetime | None) -> tuple[datetime | None, str | None]:
    """When it was last changed; nothing where that would be before its publication."""
    for value, provenance in chain(_json(page, ("dateModified",)), ((v, "meta") for v in _metas(page, _MODIFIED))):
        moment = plausible(read(value), fetched_at)
        if moment is not None and (after is None or moment >= after):
            return moment, provenance
    return None, None


def _candidates(page: Page, feed: datetime | None, url: datetime | None) -> Iterator[tuple[Any, str]]:
    yield from _json(page, ("datePublished",))
    for value in _metas(page, _PUBLISHED):
        yield value, "meta"
    yield from _json(page, ("dateCreated", "uploadDate"))
    yield from ((value, "meta") for element in page.published_marks[:5] if (value := _attribute(element) or text_content(element, 200)))
    yield from ((value, "time") for value in _times(page))
    if feed is not None:
        yield feed, "feed"
    if url is not None:
        yield url, "url"
    yield from ((value, "text") for value in _visible(page))


def stated(page: Page) -> tuple[tuple[str, list[str]], ...]:
    """What a page tells machines of its publication, by provenance."""
    return ("jsonld", [text for text, _ in _json(page, ("datePublished",))]), ("meta", _metas(page, _PUBLISHED))


def _json(page: Page, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    for node in chain((page.article,), page.nodes[:50]):
        for name in names:
            value = node.get(name)
            if value is not None and (text := str(value) if isinstance(value, int | float) else text_of(value)):
                yield text, "jsonld"


def _metas(page: Page, names: Mapping[str, int]) -> list[str]:
    """The contents of the page's meta elements of these names, in the order of the names."""
    known = sorted(page.meta.keys() & names.keys(), key=names.__getitem__)
    return [value for name in known for value in page.meta[name] if value]


def _times(page: Page) -> list[str]:
    """`<time>` elements: those that say that they tell of publication first, then those beside the headline, then in their order."""
    sure: list[str] = []
    beside: list[str] = []
    rest: list[str] = []
    places, above = around(page.headings), holders(page.headings)
    for count, element in enumerate(page.root.iter("time")):
        if count >= 40:
            break
        value = element.get("datetime") or text_content(element)
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        if "modif" in name or "updat" in name or is_elsewhere(element, above) or _UPDATED.match(_before(element)):
            continue
        (sure if "publi" in name or element.get("pubdate") is not None else beside if is_within(element, places) else rest).append(value)
    return sure + beside + rest


def _attribute(element: etree._Element) -> str | None:
    """The moment that an element states for machines beside the text that it shows."""
    values = (element.get(name) for name in ("content", "datetime", "title"))
    return next((value for value in values if value and value[:2] in ("19", "20") and value[4:5] == "-"), None)


def _before(element: etree._Element) -> str:
    """The text right before an element, its own at the beginning."""
    previous, parent = element.getprevious(), element.getparent()
    before = previous.tail if previous is not None else parent.text if parent is not None else None
    return f"{(before or '')[-40:]}{element.text or ''}".strip()


def _visible(page: Page) -> list[str]:
    """Short texts of elements whose class or id speaks of a date: beside the headline first, none of what belongs to other stories."""
    beside: list[str] = []
    rest: list[str] = []
    places, above = around(page.headings), holders(page.headings)
    for element in page.dated()[:30]:
        text = _attribute(element) or text_content(element)
        if 5 < len(text) < 160 and not is_elsewhere(element, above):
            (beside if is_within(element, places) else rest).append(text)
    return updates_last(beside + rest)


def updates_last(texts: Iterable[str]) -> list[str]:
    """Short texts with dates, those last that tell of an update or stand behind the word for it; of "Updated 5 May, published 4 May" the
    latter half."""
    first: list[str] = []
    last: list[str] = []
    label = False
    for text in texts:
        if not label and not _UPDATED.match(text):
            first.append(text)
        elif later := _LATER_PUBLISHED.search(text):
            first.append(text[later.start() :])
            label = False
        else:
            last.append(text)
            label = not label and not any(map(str.isdigit, text))
    return first + last
