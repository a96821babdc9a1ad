"""When a document was published, and how to read the ways in which that is written. Linear in the (bounded) input."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from services.clean.core.jsonld import Node, text_of
from services.clean.core.page import Page
from services.clean.core.tree import text_content

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web is no older
LATEST = datetime(2100, 1, 1, tzinfo=UTC)  # where nobody knows when the document was fetched
SLACK = timedelta(days=1)  # clocks differ, and a zone may be missing
# What programs write where they have no date.
_DEFAULTS = frozenset(((1999, 11, 30), (2000, 1, 1), (1999, 12, 31), (2001, 1, 1)))

_MONTH_NAMES = (
    "january jan januar jänner janvier janv enero ene janeiro gennaio gen januari január janúar styczeń stycznia ocak "
    "января январь янв січня tammikuuta ianuarie sausio",
    "february feb februar février févr fev fevrier febrero fevereiro febbraio febbr februari febrúar luty lutego şubat "
    "февраля февраль фев лютого helmikuuta februarie vasario",
    "march mar märz mars mär marzo março marco maart maret marec marca marzec mart марта март мар березня maaliskuuta martie kovo",
    "april apr avril avr abril abr aprile april kwiecień kwietnia nisan апреля апрель апр квітня huhtikuuta aprilie balandžio apríl",
    "may mai mayo maio maggio mag mei maj maja mayıs мая май травня toukokuuta gegužės maí",
    "june jun juni juin junio junho giugno giu juni czerwiec czerwca haziran июня июнь июн червня kesäkuuta iunie birželio júní",
    "july jul juli juillet juil julio julho luglio lug lipiec lipca temmuz июля июль июл липня heinäkuuta iulie liepos júlí",
    "august aug août aout agosto ago augustus agustus sierpień sierpnia ağustos августа август авг серпня elokuuta rugpjūčio ágúst augusti",
    "september sep sept septembre septiembre setiembre setembro settembre set sett wrzesień września eylül сентября "
    "сентябрь сен сент вересня syyskuuta septembrie rugsėjo",
    "october oct oktober okt octobre octubre outubro out ottobre ott październik października ekim октября октябрь окт "
    "жовтня lokakuuta octombrie spalio október",
    "november nov novembre noviembre novembro listopad listopada kasım ноября ноябрь ноя нояб листопада marraskuuta "
    "noiembrie lapkričio nóvember",
    "december dec dezember dez décembre déc decembre diciembre dic dezembro dicembre desember des grudzień grudnia aralık "
    "декабря декабрь дек грудня joulukuuta decembrie gruodžio",
)
MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}

_ISO = re.compile(
    r"((?:19|20)\d\d)-(\d\d?)-(\d\d?)(?:(?:T|\s+|\s*\|\s*)(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d\b)?)?",
    re.I,
)
_COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z)?)?$")
_CJK = re.compile(r"((?:19|20)\d\d)\s*[年년]\s*(\d\d?)\s*[月월]\s*(\d\d?)\s*[日일]")
_YMD = re.compile(r"\b((?:19|20)\d\d)[/.](\d\d?)[/.](\d\d?)\b")
_DMY = re.compile(r"(?<!\d)(\d\d?)([./-])(\d\d?)\2((?:19|20)\d\d|\d\d)(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d\d?)(?:st|nd|rd|th|er|º|°|\.)?\s*(?:of\s+|de\s+|di\s+)?([^\W\d_]{3,12})\.?,?\s*"
    r"(?:de\s+|del\s+)?((?:19|20)\d\d)(?!\d)",
    re.I,
)
_MONTH_DAY = re.compile(r"\b([^\W\d_]{3,12})\.?\s+(\d\d?)(?:st|nd|rd|th)?,?\s+((?:19|20)\d\d)(?!\d)", re.I)
_TIME = re.compile(
    r"(?<![\d:+.-])([01]?\d|2[0-3])(?:[:h]([0-5]\d)(?::[0-5]\d)?|\.([0-5]\d)(?=\s*(?:uhr|am|pm|a\.m|p\.m)))\s*(am\b|pm\b|a\.m\.|p\.m\.)?",
    re.I,
)
_ZONE = re.compile(r"\b(UTC|GMT|Z|BST|CET|CEST|EST|EDT|CST|CDT|MST|MDT|PST|PDT|MSK)\b|([+-]\d\d):?(\d\d)")
_ZONES = {"UTC": 0, "GMT": 0, "Z": 0, "BST": 1, "CET": 1, "CEST": 2, "MSK": 3}  # hours
_ZONES.update({"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7})
_IN_URL = (
    re.compile(r"[/_-]((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)/?(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
    re.compile(r"[/_-]((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"),
)
_MONTH_IN_URL = re.compile(r"/((?:19|20)\d\d)/([a-z]{3})/(0?[1-9]|[12]\d|3[01])/", re.I)

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "article:published", "og:published_time",
    "lp.article:published_time", "publishdate", "publish-date", "publish_date", "published", "published_time", "publication_date",
    "publicationdate", "pubdate", "article.published", "dcterms.created", "dc.date.created", "dc.date.issued", "dcterms.issued",
    "dcterms.date", "dc.date", "date.available", "date.created", "date", "sailthru.date", "parsely-pub-date",
    "article_date_original", "originalpublicationdate", "rnews:datepublished", "cxenseparse:publishtime",
    "cxenseparse:recs:publishtime", "cxenseparse:recs:published_time", "publisheddate", "article:post_date", "uploaddate",
    "creation_date", "datecreated",
)  # fmt: skip
_MODIFIED = (
    "article:modified_time", "og:updated_time", "datemodified", "article:updated_time", "og:modified_time", "dcterms.modified",
    "dc.date.modified", "date.updated", "date.modified", "lastmod", "last-modified", "modified", "article:modified", "revised",
)  # fmt: skip


def read(text: str | None, hint: datetime | None = None) -> datetime | None:
    """A moment out of a text that names one; without an offset it is UTC, without a time midnight. None where there is none.

    "8/1/2016" is read day first unless that is impossible or `hint` (another date of the same document, as in its address) says
    otherwise; with dots it is always day first.
    """
    if not text:
        return None
    text = text[:200]
    if match := _ISO.search(text):
        y, mo, d, h, mi, s, zone = match.groups()
        return _make(y, mo, d, h, mi, s, _offset(zone))
    if match := _COMPACT.match(text.strip()):
        y, mo, d, h, mi, s, zone = match.groups()
        return _make(y, mo, d, h, mi, s, 0)
    found = _words_date(text)
    if found is None:
        if match := _YMD.search(text):
            found = (match[1], match[2], match[3], match.end())
        elif match := _DMY.search(text):
            found = _day_or_month_first(match, hint)
    if found is None:
        return None
    year, month, day, end = found
    rest = text[end:] or text
    time = _TIME.search(rest) or _TIME.search(text[: text.find(str(year))] if str(year) in text else "")
    hour, minute = (int(time[1]), int(time[2] or time[3])) if time else (0, 0)
    if time and time[4] and hour <= 12:
        hour = hour % 12 + (12 if time[4].lower().startswith("p") else 0)
    zone = _ZONE.search(rest, time.end() if time and time.string is rest else 0) if time else None
    hours = 0 if zone is None else _ZONES[zone[1]] * 60 if zone[1] else _offset(zone[0])
    return _make(year, month, day, hour, minute, 0, hours)


def plausible(moment: datetime | None, fetched_at: datetime | None = None) -> datetime | None:
    """The moment itself, or None where it cannot be one of publication: before 1990, in the future, or a program's default."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    limit = min(fetched_at, LATEST) + SLACK if fetched_at is not None else LATEST
    if not EARLIEST <= moment <= limit or ((moment.year, moment.month, moment.day) in _DEFAULTS and moment.hour == moment.minute == 0):
        return None
    return moment


def from_url(url: str | None) -> datetime | None:
    """The day that an address names: /2016/08/01/, /2016/aug/01/, /20160801-."""
    if not url:
        return None
    url = url[:2_000]
    for pattern in _IN_URL:
        if match := pattern.search(url):
            return _make(match[1], match[2], match[3], 0, 0, 0, 0)
    if (match := _MONTH_IN_URL.search(url)) and match[2].lower() in MONTHS:
        return _make(match[1], MONTHS[match[2].lower()], match[3], 0, 0, 0, 0)
    return None


def published(page: Page, feed: datetime | None, fetched_at: datetime | None) -> tuple[datetime | None, str | None]:
    """When a page was published and where that was found: JSON-LD, meta, `<time>`, the feed, the address, texts named as dates."""
    url = from_url(page.url)
    candidates: Iterator[tuple[Any, str]] = _candidates(page, feed, url)
    for value, provenance in candidates:
        moment = value if isinstance(value, datetime) else read(value, url)
        moment = plausible(moment, fetched_at)
        if moment is not None:
            return moment, provenance
    return None, None


def modified(page: Page, after: datetime | None, fetched_at: datetime | None) -> tuple[datetime | None, str | None]:
    """When it was last changed; nothing where that would be before its publication."""
    for value, provenance in (*_json(page, ("dateModified",)), *((v, "meta") for v in _metas(page, _MODIFIED))):
        moment = plausible(read(value), fetched_at)
        if moment is not None and (after is None or moment >= after):
            return moment, provenance
    return None, None


def _candidates(page: Page, feed: datetime | None, url: datetime | None) -> Iterator[tuple[Any, str]]:
    yield from _json(page, ("datePublished",))
    for value in _metas(page, _PUBLISHED):
        yield value, "meta"
    yield from _json(page, ("dateCreated", "uploadDate"))
    yield from ((value, "time") for value in _times(page))
    if feed is not None:
        yield feed, "feed"
    if url is not None:
        yield url, "url"
    yield from ((value, "text") for value in _visible(page))


def _json(page: Page, names: Iterable[str]) -> list[tuple[str, str]]:
    nodes: list[Node] = [page.article, *page.nodes[:50]] if page.article else page.nodes[:50]
    return [(text, "jsonld") for node in nodes for name in names if (text := text_of(node.get(name)))]


def _metas(page: Page, names: Iterable[str]) -> list[str]:
    return [value for name in names for value in page.meta.get(name, ()) if value]


def _times(page: Page) -> list[str]:
    """`<time>` elements: those that say that they tell of publication first, then in their order."""
    sure: list[str] = []
    rest: list[str] = []
    for count, element in enumerate(page.root.iter("time")):
        if count >= 40:
            break
        value = element.get("datetime") or text_content(element)
        name = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
        if "modif" in name or "updat" in name:
            continue
        (sure if "publi" in name or element.get("pubdate") is not None else rest).append(value)
    return sure + rest


def _visible(page: Page) -> list[str]:
    """Short texts of elements whose class or id speaks of a date, near the top of the page."""
    found = []
    for element in page.dated()[:30]:
        text = text_content(element)
        if 5 < len(text) < 160:
            found.append(text)
    return found


def _words_date(text: str) -> tuple[Any, Any, Any, int] | None:
    lowered = text.lower()
    if match := _CJK.search(lowered):
        return match[1], match[2], match[3], match.end()
    for match in _DAY_MONTH.finditer(lowered):
        if match[2] in MONTHS:
            return match[3], MONTHS[match[2]], match[1], match.end()
    for match in _MONTH_DAY.finditer(lowered):
        if match[1] in MONTHS:
            return match[3], MONTHS[match[1]], match[2], match.end()
    return None


def _day_or_month_first(match: re.Match[str], hint: datetime | None) -> tuple[Any, Any, Any, int]:
    first, mark, second, year = match.groups()
    if len(year) == 2:
        year = f"20{year}"
    american = int(first) <= 12 and (
        int(second) > 12 or (mark == "/" and hint is not None and (hint.month, hint.day) == (int(first), int(second)))
    )
    return (year, first, second, match.end()) if american else (year, second, first, match.end())


def _offset(zone: str | None) -> int:
    """Minutes east of UTC."""
    if not zone or zone.upper() in ("Z", "UTC", "GMT"):
        return 0
    digits = zone[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:4])
    return -minutes if zone[0] == "-" else minutes


def _make(year: Any, month: Any, day: Any, hour: Any, minute: Any, second: Any, offset: int) -> datetime | None:
    try:
        zone = UTC if offset == 0 else timezone(timedelta(minutes=offset))
        return datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=zone)
    except ValueError:
        return None
