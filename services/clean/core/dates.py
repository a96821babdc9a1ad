"""How moments are written on pages, and how to read them. Linear in the (bounded) input."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from services.clean.core import calendars
from services.clean.core.calendars import MONTHS

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)  # the web is no older
LATEST = datetime(2100, 1, 1, tzinfo=UTC)  # where nobody knows when the document was fetched
SLACK = timedelta(days=1)  # clocks differ, and a zone may be missing
# What programs write where they have no date.
_DEFAULTS = frozenset(((1999, 11, 30), (2000, 1, 1), (1999, 12, 31), (2001, 1, 1)))

_ISO = re.compile(
    r"((?:19|20)\d\d)-(\d\d?)-(\d\d?)(?:(?:T|\s+|\s*\|\s*)(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d\b)?)?",
    re.I,
)
_COMPACT = re.compile(r"^((?:19|20)\d\d)(\d\d)(\d\d)(?:T?(\d\d)(\d\d)(\d\d)?(Z|[+-]\d\d:?\d\d)?)?$")
_EPOCH = re.compile(r"^(?:/Date\()?(1\d{9})(?:\d{3})?(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?$")
_EXTENDED = re.compile(r"T(\d\d)(\d\d)(\d\d)?(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?")  # behind 2016-08-01
_CJK = re.compile(r"((?:19|20)\d\d)\s*[年년]\s*(\d\d?)\s*[月월]\s*(\d\d?)\s*[日일]")
_YMD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:/|\.\s?)(\d\d?)(?:/|\.\s?)(\d\d?)(?!\d)")
_DMY = re.compile(r"(?<!\d)(\d\d?)([./-])\s?(\d\d?)\2\s?((?:19|20)\d\d|\d\d)(?!\d)")
_DAY_MONTH = re.compile(
    r"(?<!\d)(\d\d?)(?:st|nd|rd|th|er|º|°|\.)?[\s/-]*(?:of\s+|de\s+|d['’]|di\s+)?([^\W\d_]{3,14})[.,\s/-]*"
    r"(?:de\s+|del\s+)?((?:19|20)\d\d)(?!\d)",
    re.I,
)
_MONTH_DAY = re.compile(
    r"\b([^\W\d_]{3,14})\.?[\s-]+(\d\d?)(?:st|nd|rd|th)?,?[\s-]+(?:\d\d:\d\d:\d\d\s+[A-Z+\d:-]{1,6}\s+)?((?:19|20)\d\d)(?!\d)", re.I
)
_TIME = re.compile(
    r"(?<![\d:+.-])([01]?\d|2[0-3])(?:[:h：]([0-5]\d)(?::[0-5]\d)?|[.h]([0-5]\d)(?=\s*(?:uhr|am|pm|a\.m|p\.m|wib|น)))\s*(am\b|pm\b|a\.m\.|p\.m\.)?",
    re.I,
)
_DOTTED = re.compile(r"(?<![\d.:+-])([01]?\d|2[0-3])\.([0-5]\d)(?!\d|\.\d)")  # behind a date it can be nothing else
_SPOKEN = re.compile(r"(?<!\d)([01]?\d|2[0-3])\s*[时時点點시]\s*(?:([0-5]?\d)\s*[分분])?")
_HOUR = re.compile(r"(?<![\d:.])(1[0-2]|0?[1-9])\s*(am\b|pm\b|a\.m\.|p\.m\.)", re.I)
_HALVES = re.compile(r"\s*(?::\d\d)?\s*([ap])\.?m\b", re.I)
_SECONDS = re.compile(r"\d:\d\d:\d\d\s*[ap]m\b", re.I)
_TWO_DIGITS = re.compile(r"\d.*\d")
_WORDS = re.compile(r"[^\W\d_]{3,}")
_HALF = re.compile(r"(?:오전|오후|上午|下午|午前|午後|晚上)\s*$")
_AFTERNOON = frozenset(("pm", "p.m.", "오후", "下午", "午後", "晚上"))
_ZONE = re.compile(r"(?<![\d:])(?:UTC|GMT)?([+-]\d\d):?(\d\d)\b|\b(?:UTC|GMT)\s?([+-]\d{1,2})(?![\d:])|\b([A-Z]{1,5})\b")
# Hours east of UTC.
_ZONES = {
    name: hours
    for hours, names in (
        (0, "UTC GMT Z WET"), (1, "BST CET MEZ WAT WEST"), (2, "CEST MESZ EET CAT SAST"), (3, "EEST MSK EAT TRT"), (4, "AMT GST"),
        (5, "PKT"), (5.5, "IST"), (7, "WIB ICT"), (8, "HKT SGT WITA PHT"), (9, "JST KST WIT"), (9.5, "ACST"), (10, "AEST"), (10.5, "ACDT"),
        (11, "AEDT"), (12, "NZST"), (13, "NZDT"),
        (-3, "BRT ART"), (-4, "EDT"), (-5, "EST CDT"), (-6, "CST MDT"), (-7, "MST PDT"), (-8, "PST"), (-10, "HST"),
    )
    for name in names.split()
}  # fmt: skip
_IN_URL = (
    re.compile(r"[/_-]((?:19|20)\d\d)[/_-](0?[1-9]|1[0-2])[/_-](0?[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
    re.compile(r"/((?:19|20)\d\d)/?(0[1-9]|1[0-2])/?(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
    re.compile(r"[/_-]((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)"),
)
_MONTH_ALONE = re.compile(r"/((?:19|20)\d\d)[/-]?(0[1-9]|1[0-2])/")
_MONTH_IN_URL = re.compile(r"/((?:19|20)\d\d)/([a-z]{3})/(0?[1-9]|[12]\d|3[01])/", re.I)


@dataclass(frozen=True)
class Hint:
    """What else is known when "8/1/2016" is to be read: the day that the address names, and whether the page is American."""

    day: datetime | None = None
    month_first: bool = False


def read(text: str | None, hint: Hint | datetime | None = None) -> datetime | None:
    """A moment out of a text that names one; without an offset it is UTC, without a time midnight. None where there is none.

    "8/1/2016" is read day first unless that is impossible, the text names the weekday, or `hint` (another date of the same document, as
    in its address, or its country) says otherwise; with dots it is always day first.
    """
    if not text:
        return None
    text = calendars.plain_digits(text[:200])
    if match := _ISO.search(text):
        y, mo, d, h, mi, s, zone = match.groups()
        if match.end() < len(text) and zone is None:
            return _iso_and_more(text, match)
        return _make(y, mo, d, h, mi, s, _offset(zone)) or _make(y, mo, d, 0, 0, 0, 0)
    if match := _COMPACT.match(text.strip()):
        y, mo, d, h, mi, s, zone = match.groups()
        return _make(y, mo, d, h, mi, s, _offset(zone))
    if match := _EPOCH.match(text.strip()):
        return datetime.fromtimestamp(int(match[1]), UTC)
    found = _words_date(text)
    if found is None:
        if match := _YMD.search(text):
            found = (match[1], match[2], match[3], match.end())
        elif match := _DMY.search(text):
            found = _day_or_month_first(match, text, hint if isinstance(hint, Hint) else Hint(hint))
        else:
            found = calendars.day_of(text)
    if found is None:
        return None
    year, month, day, end = found
    return _with_time(text, year, month, day, end)


def _iso_and_more(text: str, match: re.Match[str]) -> datetime | None:
    """A day written as ISO 8601 does, with a time behind it that is written otherwise: "2:05 PM", "오후 2:05", "T140500+0100"."""
    y, mo, d, h, mi, s, _ = match.groups()
    if h is None:
        if basic := _EXTENDED.match(text, match.end()):
            return _make(y, mo, d, basic[1], basic[2], basic[3], _offset(basic[4])) or _make(y, mo, d, 0, 0, 0, 0)
        return _with_time(text, y, mo, d, match.end()) or _make(y, mo, d, 0, 0, 0, 0)
    if int(h) <= 12 and (half := _HALVES.match(text, match.end())):
        h = int(h) % 12 + (12 if half[1] in "pP" else 0)
    return _make(y, mo, d, h, mi, s, 0) or _make(y, mo, d, 0, 0, 0, 0)


def is_date_line(text: str) -> bool:
    """Whether a line is there for the date that it names: hardly any other words."""
    return len(text) < 100 and _TWO_DIGITS.search(text) is not None and len(_WORDS.findall(text)) <= 5 and read(text) is not None


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


def month_in_url(url: str | None) -> datetime | None:
    """The end of the month that an address names: /2016/08/."""
    match = _MONTH_ALONE.search((url or "")[:2_000])
    first = _make(match[1], match[2], 1, 0, 0, 0, 0) if match else None
    return None if first is None else (first + timedelta(days=31)).replace(day=1) - timedelta(minutes=1)


def _with_time(text: str, year: Any, month: Any, day: Any, end: int) -> datetime | None:
    """A day with the time that stands behind or before it, and that time's zone."""
    rest = text[end:]
    before = text[: text.find(str(year))] if str(year) in text else ""
    time = _TIME.search(rest or text) or _TIME.search(before)
    if time is not None:
        hour, minute, half = int(time[1]), int(time[2] or time[3]), time[4]
    elif (time := _SPOKEN.search(rest) or _DOTTED.search(rest)) is not None:
        hour, minute, half = int(time[1]), int(time[2] or 0), None
    elif (time := _HOUR.search(rest)) is not None:
        hour, minute, half = int(time[1]), 0, time[2]
    else:
        return _make(year, month, day, 0, 0, 0, 0)
    half = half or _HALF.search(time.string[: time.start()])
    if half and hour <= 12:
        hour = hour % 12 + (12 if (half if isinstance(half, str) else half[0].strip()).lower() in _AFTERNOON else 0)
    moment = _make(year, month, day, hour, minute, 0, 0)
    for zone in _ZONE.finditer(time.string, time.end()):
        offset: float | None = _offset(f"{zone[1]}{zone[2]}") if zone[1] else 60 * int(zone[3]) if zone[3] else None
        if zone[4] and moment is not None:
            american = calendars.american_offset(zone[4], moment)
            offset = american if american is not None else 60 * _ZONES[zone[4]] if zone[4] in _ZONES else None
        if offset is not None:
            return _make(year, month, day, hour, minute, 0, int(offset))
    return moment


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


def _day_or_month_first(match: re.Match[str], text: str, hint: Hint) -> tuple[Any, Any, Any, int]:
    first, mark, second, year = match.groups()
    if len(year) == 2:
        year = f"20{year}"
    american = int(first) <= 12 and int(second) > 12
    if int(first) <= 12 and int(second) <= 12 and mark != ".":
        readings = [_make(year, second, first, 0, 0, 0, 0), _make(year, first, second, 0, 0, 0, 0)]
        named = calendars.weekday(text)
        fitting = [place for place, day in enumerate(readings) if day is not None and day.weekday() == named]
        if hint.day is not None:
            american = (hint.day.month, hint.day.day) == (int(first), int(second))
        else:
            # "3/4/2021 2:05:00 PM" is how programs write by American rules; others that write AM and PM write 03/04 or 3/04.
            american = fitting == [1] or (
                mark == "/" and fitting != [0] and (hint.month_first or (second[0] != "0" and _SECONDS.search(text) is not None))
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
