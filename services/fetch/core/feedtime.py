"""Times as feeds write them beside ISO 8601: RFC 822 and its neighbours, in several languages, with the zones' names."""

import re
from datetime import UTC, datetime, timedelta, timezone

_LONGEST = 80  # characters that are looked at
# The names of months by their first letters: English, German, Dutch, French, Spanish, Portuguese, Italian.
_MONTHS = (
    *("jan ene gen", "feb fev fév", "mar mär maa mrt", "apr avr abr", "may mai mei mag", "jun giu juin"),
    *("jul lug juil", "aug aou aoû ago", "sep set", "oct okt ott out", "nov", "dec dez dic déc"),
)
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONES = {  # hours east of Greenwich
    name: hours
    for hours, names in (
        *((-10, "hst"), (-9, "akst"), (-8, "pst"), (-7, "pdt mst"), (-6, "mdt cst"), (-5, "cdt est"), (-4, "edt"), (0, "wet")),
        *((1, "west bst cet mez met"), (2, "cest mesz mest eet sast"), (3, "eest msk"), (5.5, "ist"), (8, "hkt sgt"), (9, "jst kst")),
        *((10, "aest"), (11, "aedt"), (12, "nzst"), (13, "nzdt")),
    )
    for name in names.split()
}
_CLOCK = (
    r"(?:[\s,T-]|at|um)*(?:(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?(?:[.,]\d+)?\s*(?P<half>[ap]\.?m\b\.?)?)?"
    r"\s*(?:(?P<zone>[a-z]{1,5})?\s*(?P<offset>[+-]\d{1,2}:?(?:\d\d)?)?)(?:\s*\(.*\))?\s*"
)
_WEEKDAY = r"\s*(?:[^\W\d]{2,12}\.?(?:,\s*|\s+))?"
_FORMS = [
    re.compile(form + _CLOCK, re.IGNORECASE)
    for form in (
        _WEEKDAY + r"(?P<day>\d{1,2})(?:st|nd|rd|th|\.)?(?:[\s-]|de\b)+(?P<month>[^\W\d]{3,10})\.?,?(?:[\s-]|de\b)+(?P<year>\d{4}|\d\d)\b",
        _WEEKDAY + r"(?P<month>[^\W\d]{3,10})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})\b",
        r"\s*(?P<year>\d{4})([/.-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)",
        r"\s*(?P<year>\d{4})\s*年\s*(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日",
        r"\s*(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})\b",
    )
]
_SECONDS = re.compile(r"\s*(1\d{9})(?:\d{3})?\s*")  # since 1970, until 2033
# Years before the first, days by number alone, zones that are nowhere: where these are not read here, they are no time.
_NO_TIME = re.compile(
    r"\s*(?:-|\d{4}-\d\d-\d\d(?:[T\s]+\d|\s*\Z)|\d{4}年)|.*(?<![+-])\b0000\b|.*[+-](?:1[5-9]|[2-9]\d):?\d\d\s*\Z", re.DOTALL
)


def written(text: str) -> datetime | None:
    """A time that is written in words or with an order of its own; UTC where no zone is given. None for what may mean two days."""
    text = text[:_LONGEST]
    seconds = _SECONDS.fullmatch(text)
    if seconds is not None:
        return datetime.fromtimestamp(int(seconds[1]), UTC)
    found = next((found for form in _FORMS if (found := form.fullmatch(text)) is not None), None)
    if found is None:
        return None
    month = _month(found["month"].lower())
    year = int(found["year"])
    if len(found["year"]) == 2:
        year += 1900 if year > 68 else 2000
    hour = int(found["hour"] or 0)
    if found["half"]:
        hour = hour % 12 + (12 if found["half"].lower().startswith("p") else 0)
    minute, second = int(found["minute"] or 0), min(int(found["second"] or 0), 59)
    if hour > 24:
        return None
    try:
        zone = timezone(_east(found["zone"], found["offset"]))
        day = datetime(year, month, int(found["day"]), hour % 24, minute, second, tzinfo=zone)
        return day + timedelta(days=hour // 24)  # 24:00 is the next day's first moment
    except (ValueError, OverflowError):
        return None


def is_misread(text: str) -> bool:
    """Whether feedparser takes what `written` cannot read for some time: zones that it does not know are Greenwich to it, it guesses
    at slashes, makes 2000 of the year 0 and of what stands before it, and March of the 30th of February."""
    text = text[:_LONGEST]
    zone = re.search(r"\d\s*([a-z]{3,4})\s*$", text, re.IGNORECASE)
    return "/" in text[:8] or _NO_TIME.match(text) is not None or (zone is not None and zone[1].lower() in _ZONES)


def _month(name: str) -> int:
    return int(name) if name.isdigit() else _MONTH.get(name[:4]) or _MONTH.get(name[:3], 0)


def _east(zone: str | None, offset: str | None) -> timedelta:
    if offset:
        digits = offset[1:].replace(":", "")
        hours, minutes = (int(digits), 0) if len(digits) < 3 else (int(digits[:-2]), int(digits[-2:]))
        return timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
    return timedelta(hours=_ZONES.get((zone or "").lower(), 0))
