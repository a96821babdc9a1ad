"""Moments that are told from now: "2 hours ago", "gestern, 14:05". They mean something only where it is known when "now" was."""

import re
from datetime import datetime, timedelta

from services.clean.core.calendars import MONTHS, WEEKDAYS, plain_digits
from services.clean.core.words import words

_UNITS = {
    name: length
    for length, names in (
        (
            timedelta(minutes=1),
            "min mins minute minutes minuten minuto minutos minuti minut minuter minutter minuut мин минут минуты минуту dakika menit",
        ),
        (
            timedelta(hours=1),
            "h hr hrs hour hours stunde stunden hora horas heure heures ora ore uur timmar timme time timer час часа часов saat jam",
        ),
        (
            timedelta(days=1),
            "day days tag tagen tage día días dia dias jour jours giorno giorni dag dagen dagar dage dager день дня дней gün hari",
        ),
        (
            timedelta(weeks=1),
            "week weeks woche wochen semana semanas semaine semaines settimana settimane weken vecka veckor uke uker uge неделю недели",
        ),
    )
    for name in names.split()
}
_AGO = re.compile(
    r"^(?:\W|(?:published|posted|updated|veröffentlicht|publicado|publié|pubblicato)\b)*(?:(?:vor|hace|há|il y a|för|for)\s+)?"
    r"(\d{1,3}|an?|one|einer|einem|una?|une)"
    r"\s*([^\W\d_]+)\.?(?:\s+(?:ago|atrás|fa|geleden|sedan|siden|назад|önce|lalu))?\W*$",
    re.I,
)
_SAYS_AGO = re.compile(r"\b(?:ago|vor|hace|há|il y a|atrás|fa|geleden|för|sedan|siden|назад|önce|lalu)\b", re.I)
_CJK = re.compile(r"^\W*(\d{1,3})\s*(分钟|分鐘|分|小时|小時|時間|天|日|분|시간|일)\s*(?:前|전)\W*$")
_CJK_UNITS = {"分": 1, "小": 60, "時": 60, "天": 1440, "日": 1440, "분": 1, "시": 60, "일": 1440}
_TODAY = words("today heute hoy hoje oggi vandaag idag сегодня bugün 今天 今日 오늘")
_YESTERDAY = words("yesterday gestern ayer ontem ieri gisteren igår вчера dün 昨天 昨日 어제 hier")
_DAY = re.compile(
    r"(?<![\d:.])(?:(\d{1,2})(?:st|nd|rd|th|er|º|\.)?\s*(?:of\s|de\s|d['’])?\s*([^\W\d_]{3,14})|"
    r"([^\W\d_]{3,14})\.?\s+(\d{1,2})(?:st|nd|rd|th)?)(?![\d:])"
)
_DAY_EAST = re.compile(r"(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
# What else a line says that is there for the day that it names.
_BESIDE = words(
    """
    on at the of last published posted am pm uhr um den vom veröffentlicht le à publié el a las de publicado il alle ore pubblicato
    às op om kl klo publisert publicerad в о gmt utc et est cet cest th st nd rd er h d
    """
)
_EAST = re.compile("[\u3040-\u9fff\uac00-\ud7a3]")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.]([0-5]\d)(?!\d)")


def read(text: str, now: datetime) -> datetime | None:
    """The moment that a short line tells from `now`, which is when the page was fetched; None where it tells none."""
    text = text.strip()
    if not 3 <= len(text) <= 60:
        return None
    if match := _CJK.match(text):
        return now - timedelta(minutes=int(match[1]) * _CJK_UNITS[match[2][0]])
    if _SAYS_AGO.search(text) and (match := _AGO.match(text)) and match[2].lower() in _UNITS:
        return now - (int(match[1]) if match[1].isdigit() else 1) * _UNITS[match[2].lower()]
    said = re.findall(r"[^\W\d_]+", text.lower())
    if not said or len(said) > 4 or (said[0] not in _TODAY and said[0] not in _YESTERDAY):
        return None
    day = now - timedelta(days=said[0] in _YESTERDAY)
    time = _TIME.search(text)
    hour, minute = (int(time[1]), int(time[2])) if time else (0, 0)
    return day.replace(hour=hour, minute=minute, second=0, microsecond=0)


def recent(text: str, latest: datetime) -> datetime | None:
    """The moment of a short line that names a weekday ("Thursday, 14:05") or a day without its year ("4 March"): the last one not after
    `latest`, a moment at which the page is known to have been there; None where it names neither."""
    text = plain_digits(text.strip().lower())
    said = re.findall(r"[^\W\d_]+(?:-feira)?", text) if 3 <= len(text) <= 60 else []
    others = (word for word in said if word not in WEEKDAYS and word not in MONTHS and word not in _BESIDE)
    if not said or re.search(r"\d{4}", text) or any(not _EAST.match(word) for word in others):
        return None
    time = _TIME.search(text)
    day = _yearless(text, latest) or (_weekday(said, latest) if len(re.findall(r"\d+", text)) == (2 if time else 0) else None)
    if day is None:
        return None
    hour, minute = (int(time[1]), int(time[2])) if time else (0, 0)
    moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return moment if moment <= latest + timedelta(days=1) else None


def _weekday(said: list[str], latest: datetime) -> datetime | None:
    named = next((WEEKDAYS[word] for word in said[:2] if word in WEEKDAYS), None)
    return None if named is None else latest - timedelta(days=(latest.weekday() - named) % 7)


def _yearless(text: str, latest: datetime) -> datetime | None:
    if match := _DAY_EAST.search(text):
        month, day = int(match[1]), int(match[2])
    else:
        found = ((m[2] or m[3], m[1] or m[4]) for m in _DAY.finditer(text))
        month, day = next(((MONTHS[name], int(number)) for name, number in found if name in MONTHS), (0, 0))
    for year in (latest.year, latest.year - 1):
        try:
            moment = latest.replace(year=year, month=month, day=day)
        except ValueError:
            continue
        if moment.date() <= latest.date():
            return moment
    return None
