"""The day on which a report says that something happened: `on Thursday`, `am Donnerstag`, `yesterday`, `28 July`.

A weekday is the latest such day that is no later than the report, as in the temporal taggers (HeidelTime: Strötgen and Gertz, 2010, rule
"news"); one that lies ahead (`will meet on Thursday`, `until Friday`) says nothing, nor does one nearly a week back, which to a writer
east of Greenwich may be today. Only the first of an article's mentions counts: the beginning of a report is about what it reports.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache, lru_cache

LEAD_CHARS = 600
MOST_DAYS_BACK = 5
WORDS_BEFORE = 8  # among which a verb of the future turns a day into one ahead
OLDEST = date(1990, 1, 1)

# As they stand in a sentence, Monday first; forms of one day are parted by a bar. `_WEEKDAY_LANGUAGES` has the languages of each line.
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag|sonnabend sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miércoles jueves viernes sábado domingo",
    "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "mandag tirsdag onsdag torsdag fredag lørdag søndag",
    "måndag tisdag onsdag torsdag fredag lördag söndag",
    "poniedziałek wtorek środę|środa czwartek piątek sobotę|sobota niedzielę|niedziela",
    "понедельник вторник среду|среда четверг пятницу|пятница субботу|суббота воскресенье",
    "понеділок вівторок середу|середа четвер п'ятницю|п’ятницю суботу|субота неділю|неділя",
    "الاثنين|الإثنين الثلاثاء الأربعاء|الاربعاء الخميس الجمعة السبت الأحد|الاحد",
    "星期一|周一|月曜日 星期二|周二|火曜日 星期三|周三|水曜日 星期四|周四|木曜日 "
    "星期五|周五|金曜日 星期六|周六|土曜日 星期日|星期天|周日|日曜日",
)
_WEEKDAY_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "da no nb nn", "sv", "pl", "ru", "uk", "ar", "zh ja")
# In the form that stands beside the number of the day.
_MONTHS = (
    "january february march april may june july august september october november december",
    "januar|jänner februar märz april mai juni juli august september oktober november dezember",
    "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "januari februari maart april mei juni juli augustus september oktober november december",
    "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
)
_TODAY = {"en": "today", "de": "heute", "fr": "aujourd'hui", "es": "hoy", "it": "oggi", "pt": "hoje", "nl": "vandaag", "ru": "сегодня"}
_YESTERDAY = {"en": "yesterday", "de": "gestern", "fr": "hier", "es": "ayer", "it": "ieri", "pt": "ontem", "nl": "gisteren", "ru": "вчера"}
# Before a day, they make it another one, a span's end, or a name.
_NOT_ON = """
next coming this by until till before from since after every each black good bloody easter palm super cyber nächsten kommenden bis ab
seit vor nach jeden prochain avant depuis dès chaque jusqu'à après próximo hasta antes desde cada tras prossimo fino entro dopo ogni
dal até após volgende tot vanaf sinds elke następny od do przed до с со после каждый каждую следующий следующую до від після
"""
_LAST = "last past vergangenen letzten pasado passado scorso afgelopen ubiegły прошлый прошлую минулий минулу"
_AFTERWARDS = re.compile(r"\s+(?:times|mail|telegraph|express|next|prochain|próximo|prossimo|que viene)\b", re.I)
_AHEAD = """
will shall scheduled due expected plans planned upcoming wird werden soll sollen sera seront doit será serán sarà saranno zal zullen
będzie będą будет будут буде будуть пройдет пройдёт состоится
"""
_END = re.compile(r"(?<=[^\d\s][.!?。！？])\s|(?<=\d\d\d\d[.!?])\s")
_LETTERS = re.compile(r"[^\W\d_]+")
_UNSPACED_DAY = re.compile("[期周曜]")
_PARTS_OF_DAY = ("abend", "morgen", "nacht", "mittag", "nachmittag")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@lru_cache(maxsize=4_096)  # an event's articles are asked again with each that joins
def day_told(text: str, language: str, published: date | None) -> date | None:
    """The day that the first mention of one in a report's beginning means; None where none is clear. `published`: the report's own day,
    without which only a day with its year is clear."""
    beginning = text[:LEAD_CHARS]
    for sentence in _END.split(beginning) if _may_name_a_day(beginning) else ():
        found = sorted(_mentions(sentence, language, published))
        if found:
            return found[0][1]
    return None


def on_or_before(weekday: int, day: date) -> date | None:
    """The latest such weekday (Monday is 0) that is no later than `day`; None where that is nearly a week before."""
    back = (day.weekday() - weekday) % 7
    return day - timedelta(days=back) if back <= MOST_DAYS_BACK else None


def weekday_forms(language: str) -> dict[str, int]:
    """The names of weekdays in a language as they stand in a sentence, Monday's 0; none for a language that is not known."""
    return _numbers(tuple(line for line, codes in zip(_WEEKDAYS, _WEEKDAY_LANGUAGES, strict=True) if language in codes.split()))


def _mentions(sentence: str, language: str, published: date | None) -> Iterator[tuple[int, date]]:
    """(place in the sentence, day)."""
    for match in _written_date().finditer(sentence):
        if _is_past(sentence, match) and (day := _written(match, published)):
            yield match.start(), day
    if published is None:
        return
    for match in _weekday().finditer(sentence):
        if not _is_past(sentence, match):
            continue
        last = bool(set(_before(sentence, match)[-1:]) & _words(_LAST))
        weekday = _weekday_numbers()[match[0].casefold()]
        resolved = on_or_before(weekday, published - timedelta(days=1) if last else published)
        if resolved:
            yield match.start(), resolved
    for words, back in ((_TODAY, 0), (_YESTERDAY, 1)):
        word = words.get(language)
        if word and (said := re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", sentence.replace("’", "'"), re.I)):
            yield said.start(), published - timedelta(days=back)


def _is_past(sentence: str, match: re.Match[str]) -> bool:
    before = _before(sentence, match)
    return not (set(before[-1:]) & _words(_NOT_ON) or set(before) & _words(_AHEAD) or _AFTERWARDS.match(sentence, match.end()))


def _before(sentence: str, match: re.Match[str]) -> list[str]:
    return [word.casefold() for word in _WORD.findall(sentence[: match.start()])[-WORDS_BEFORE:]]


def _written(match: re.Match[str], published: date | None) -> date | None:
    """A day and a month, of the year that stands beside them, else the latest such day; refused where it is none, ahead or long ago."""
    number = int(match["day"] or match["day_after"])
    month = _month_numbers()[(match["month"] or match["month_before"]).casefold()]
    years = [int(match["year"])] if match["year"] else [published.year, published.year - 1] if published else []
    for year in years:
        try:
            day = date(year, month, number)
        except ValueError:
            continue
        if day >= OLDEST and (published is None or 0 <= (published - day).days <= MOST_DAYS_BACK):
            return day
    return None


@cache
def _hints() -> frozenset[str]:
    """The first letters in a row of all that may name a day."""
    named = [*_weekday_numbers(), *_month_numbers(), *_TODAY.values(), *_YESTERDAY.values()]
    weekdays = [name + part for name in _weekday_numbers() for part in _PARTS_OF_DAY]
    return frozenset(_LETTERS.match(name.casefold())[0] for name in [*named, *weekdays])  # type: ignore[index]


def _may_name_a_day(text: str) -> bool:
    """Whether it is worth reading sentence by sentence: most beginnings name no day, and this takes a tenth of the time."""
    return not _hints().isdisjoint(_LETTERS.findall(text.casefold())) or _UNSPACED_DAY.search(text) is not None


@cache
def _words(line: str) -> frozenset[str]:
    return frozenset(line.split())


def _numbers(lines: tuple[str, ...]) -> dict[str, int]:
    return {form: at for line in lines for at, forms in enumerate(line.split()) for form in forms.split("|")}


@cache
def _weekday_numbers() -> dict[str, int]:
    return _numbers(_WEEKDAYS)


@cache
def _month_numbers() -> dict[str, int]:
    return {form: at + 1 for form, at in _numbers(_MONTHS).items()}


@cache
def _weekday() -> re.Pattern[str]:
    names = sorted(_weekday_numbers(), key=len, reverse=True)
    spaced = "|".join(re.escape(name) for name in names if name.isascii() or name[0] < "⺀")
    unspaced = "|".join(re.escape(name) for name in names if name[0] >= "⺀")
    return re.compile(rf"(?<![\w-])(?:{spaced})(?=(?:{'|'.join(_PARTS_OF_DAY)})?(?!\w|-\w))|(?:{unspaced})", re.I)


@cache
def _written_date() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, _month_numbers()), key=len, reverse=True))
    return re.compile(
        rf"(?<![\w.:])(?:(?P<day>[0-3]?\d)(?:\.|er|st|nd|rd|th|º)?\s(?:de\s|of\s)?(?P<month>{months})"
        rf"|(?P<month_before>{months})\s(?P<day_after>[0-3]?\d)(?:st|nd|rd|th)?(?!\d))(?!\w)(?:,?\s(?:de\s)?(?P<year>(?:19|20)\d\d))?(?!\w)",
        re.I,
    )
