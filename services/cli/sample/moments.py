"""Dates of the sample content: written relative to the first start (the epoch), shown as each outlet's language writes them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_OFFSET = re.compile(r"([+-])(\d+)(d|h|m|s)(?: ([01]\d|2[0-3]):([0-5]\d))?")
_PLACEHOLDER = re.compile(r"\{\{(\w+) ([^{}]+)\}\}")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}

_WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
    "de": "Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    # Russian states the day with its preposition and in the accusative.
    "ru": "в_понедельник во_вторник в_среду в_четверг в_пятницу в_субботу в_воскресенье",
    "ar": "الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد",
    "zh": "星期一 星期二 星期三 星期四 星期五 星期六 星期日",
}
_MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "zh": "1月 2月 3月 4月 5月 6月 7月 8月 9月 10月 11月 12月",
}


@dataclass(frozen=True, kw_only=True)
class Offset:
    """A moment relative to the epoch: some time before or after it, or a time of day (UTC) on a day before or after its UTC day."""

    delta: timedelta
    time_of_day: timedelta | None = None

    def at(self, epoch: datetime) -> datetime:
        """The moment itself, aware and in UTC."""
        epoch = epoch.astimezone(UTC)
        if self.time_of_day is None:
            return epoch + self.delta
        midnight = epoch.replace(hour=0, minute=0, second=0, microsecond=0)
        return midnight + self.delta + self.time_of_day


def parse_offset(text: str) -> Offset:
    """Read `-26h`, `-90m`, `+40s`, `-5d` (noon of the fifth UTC day before) or `-5d 14:02`; ValueError where it is none of these."""
    match = _OFFSET.fullmatch(text)
    if match is None or (match[4] and match[3] != "d"):
        raise ValueError(f"not a relative date: {text!r} (write -26h, -90m, +40s, -5d or '-5d 14:02')")
    sign, number, unit, hour, minute = match.groups()
    delta = timedelta(**{_UNITS[unit]: int(sign + number)})
    if unit != "d":
        return Offset(delta=delta)
    return Offset(delta=delta, time_of_day=timedelta(hours=int(hour or 12), minutes=int(minute or 0)))


def weekday(moment: datetime, language: str) -> str:
    """The day's name as it stands inside a sentence of that language."""
    return _WEEKDAYS[language].split()[moment.weekday()].replace("_", " ")


def day(moment: datetime, language: str) -> str:
    """Day and month: `4 November`, `4. November`, `11月4日`."""
    month = _MONTHS[language].split()[moment.month - 1]
    if language == "zh":
        return f"{month}{moment.day}日"
    return f"{moment.day}{'.' if language == 'de' else ' de' if language == 'es' else ''} {month}"


def long_date(moment: datetime, language: str) -> str:
    """Day, month and year: `4 November 2025`, `4 de noviembre de 2025`, `2025年11月4日`."""
    if language == "zh":
        return f"{moment.year}年{day(moment, language)}"
    return f"{day(moment, language)}{' de' if language == 'es' else ''} {moment.year}"


def _capitalised_weekday(moment: datetime, language: str) -> str:
    name = weekday(moment, language)
    return name[:1].upper() + name[1:]


_FORMS: dict[str, Callable[[datetime, str], str]] = {
    "weekday": weekday,
    "Weekday": _capitalised_weekday,
    "day": day,
    "long": long_date,
    "date": lambda moment, _language: moment.date().isoformat(),
    "iso": lambda moment, _language: moment.isoformat(timespec="seconds"),
    "rfc822": lambda moment, _language: format_datetime(moment),
    "path": lambda moment, _language: f"{moment:%Y/%m/%d}",
}


def fill_dates(text: str, epoch: datetime, language: str) -> str:
    """Replace each `{{form offset}}` in an article's text; days are UTC days. ValueError where form or offset is unknown."""

    def form(match: re.Match[str]) -> str:
        if match[1] not in _FORMS:
            raise ValueError(f"unknown form of a date: {match[0]}")
        return _FORMS[match[1]](parse_offset(match[2].strip()).at(epoch), language)

    return _PLACEHOLDER.sub(form, text)
