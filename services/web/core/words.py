"""Foreign text made safe to show, and our own facts put into words."""

import re
from datetime import UTC, date, datetime
from unicodedata import bidirectional
from urllib.parse import urlsplit

from shared.confidence import in_words
from shared.records import Article, Decision, Edit, EventPage, Image, MovedPage, Reason
from shared.rights import LEGAL

# Controls of C0 and C1, noncharacters, and lone surrogates, which no encoding takes.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
# Embeddings, overrides and isolates turn the text around them; marks (LRM, RLM, ALM) and joiners are part of ordinary spelling.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_SPACE = re.compile(r"\s+")
_BAD_IN_URL = re.compile("[\\s\x00-\x20\x7f-\x9f\\\\\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w-]+(\.[\w-]+)+", re.ASCII)

_LANGUAGE_NAMES = """
af=Afrikaans am=Amharic ar=Arabic az=Azerbaijani be=Belarusian bg=Bulgarian bn=Bengali bs=Bosnian ca=Catalan cs=Czech cy=Welsh
da=Danish de=German el=Greek en=English eo=Esperanto es=Spanish et=Estonian eu=Basque fa=Persian fi=Finnish fr=French ga=Irish
gl=Galician gu=Gujarati ha=Hausa he=Hebrew hi=Hindi hr=Croatian hu=Hungarian hy=Armenian id=Indonesian is=Icelandic it=Italian
ja=Japanese ka=Georgian kk=Kazakh km=Khmer kn=Kannada ko=Korean ku=Kurdish ky=Kyrgyz lo=Lao lt=Lithuanian lv=Latvian
mk=Macedonian ml=Malayalam mn=Mongolian mr=Marathi ms=Malay mt=Maltese my=Burmese ne=Nepali nl=Dutch no=Norwegian nb=Norwegian
nn=Norwegian pa=Punjabi pl=Polish ps=Pashto pt=Portuguese ro=Romanian ru=Russian si=Sinhala sk=Slovak sl=Slovene so=Somali
sq=Albanian sr=Serbian sv=Swedish sw=Swahili ta=Tamil te=Telugu th=Thai tr=Turkish uk=Ukrainian ur=Urdu uz=Uzbek vi=Vietnamese
yi=Yiddish zh=Chinese zu=Zulu
"""
_LANGUAGES = dict(part.split("=") for part in _LANGUAGE_NAMES.split())
_PROVENANCES = {
    "editor": "an editor",
    "jsonld": "JSON-LD",
    "meta": "metadata",
    "time": "time element",
    "heading": "heading",
    "url": "address",
    "text": "text",
    "feed": "feed",
    "sitemap": "sitemap",
    "portal": "portal",
    "by_hand": "by hand",
    "header": "header",
    "ingestion": "time of reading",
    "told": "the day that its articles name",
    "event_page": "event page",
}
LONGEST_SECTION = 40  # characters
_MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]
_WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def plain(text: str) -> str:
    """`text` on one line, without controls and without characters that reorder what stands around it."""
    return _SPACE.sub(" ", _BIDI.sub("", _CONTROLS.sub("", text))).strip()


def web_address(url: str | None) -> str | None:
    """`url` where a reader may be sent there: http or https, a host, no credentials, nothing that a browser would drop or turn."""
    if not url or len(url) > 4096 or _BAD_IN_URL.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    return url


def contact_address(contact: str | None) -> str | None:
    """Where the contact leads: a web address or `mailto:`; None where it is just words."""
    if contact and _MAIL.fullmatch(contact):
        return f"mailto:{contact}"
    return web_address(contact)


def language_tag(language: str | None) -> str | None:
    """A language tag for `lang`, or None where the record has none that is well formed (BCP 47)."""
    return language if language and _LANGUAGE.fullmatch(language) else None


def language_name(language: str | None) -> str | None:
    """The language in English; its tag where we know no name."""
    tag = language_tag(language)
    return _LANGUAGES.get(tag.lower().split("-")[0], tag) if tag else None


def day_in_words(day: date) -> str:
    """`Thursday, 28 July 2016`."""
    return f"{weekday(day)}, {short_day(day)}"


def weekday(day: date) -> str:
    """`Thursday`."""
    return _WEEKDAYS[day.weekday()]


def short_day(day: date) -> str:
    """`28 July 2016`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def utc(moment: datetime) -> datetime:
    """`moment` in UTC; one without an offset is taken as UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def moment_in_words(moment: datetime, beside: date | None = None) -> str:
    """`28 July 2016, 09:14 UTC`; only `09:14 UTC` on the day `beside` that the reader knows anyway."""
    moment = utc(moment)
    clock = f"{moment.hour:02d}:{moment.minute:02d} UTC"
    return clock if moment.date() == beside else f"{short_day(moment.date())}, {clock}"


def machine_moment(moment: datetime) -> str:
    """`2016-07-28T09:14:00Z`, to the second."""
    return utc(moment).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def count(number: int, noun: str) -> str:
    """`1 outlet`, `14 outlets`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def coverage(outlets: int, independent: int) -> str:
    """`14 outlets, 3 independent`."""
    return f"{count(outlets, 'outlet')}, {independent} independent"


def provenance(name: str | None) -> str | None:
    """Where a value was found, in words (`JSON-LD`); a name that is not known stands as it is."""
    return _PROVENANCES.get(name, name.replace("_", " ")) if name else None


def found_in(name: str | None, confidence: float | None) -> str | None:
    """Where a date was found and how sure it is: `date from the address; not confirmed`, `JSON-LD, confirmed`; None: nobody knows."""
    where, sure = provenance(name), in_words(confidence)
    if where is None or sure is None:
        return where
    if sure == "confirmed":
        return f"{where}, confirmed"
    return f"date from the {where}; {sure}" if where[0].islower() else f"date from {where}; {sure}"


def picture_facts(image: Image) -> str | None:
    """Whose a picture is and how large: `Photo: A. Archer, 1200 × 800`; None where neither is known."""
    facts = [f"Photo: {plain(image.credit)}"] if image.credit else []
    if image.width and image.height:
        facts.append(f"{image.width} × {image.height}")
    return ", ".join(facts) or None


def date_note(page: EventPage) -> str:
    """How the event's date is known, as a half-sentence."""
    found = provenance(page.date_provenance)
    if page.date_confidence == "ingestion":
        return "no date stated: the day of first reading"
    verb = "date inferred" if page.date_confidence == "inferred" else "date stated"
    return f"{verb} ({found})" if found else verb


def direction(text: str) -> str:
    """`rtl` or `ltr`, by the first letter that has a direction, as `dir="auto"` takes it."""
    strong = next((kind for kind in map(bidirectional, text) if kind in ("L", "R", "AL")), "L")
    return "ltr" if strong == "L" else "rtl"


def percent(share: float) -> str:
    """`62 %`, for a share of 0 to 1; anything outside is cut to it."""
    return f"{round(100 * min(share, 1.0)) if share > 0 else 0} %"


def weight_in_words(weight: float) -> str:
    """How much a reason counts: `62 %`, or `against` where it speaks against the link."""
    return "against" if weight < 0 else percent(weight)


def decision(one: Decision) -> str:
    """What people decided about this event: `3 articles belong together`."""
    articles = count(len(one.articles), "article")
    match one.kind:
        case "merge":
            return f"events made one, {articles} kept together"
        case "split" | "forbid":
            return f"{articles} kept apart from articles of another event"
        case _:
            said = [f"{articles} kept here"] if len(one.articles) > 1 else []
            return " and ".join([*said, *(f"{name} chosen" for name in one.fixes)])


def reason_in_words(reason: Reason) -> str:
    """`shared tags: Aleppo, Shoigu`."""
    name, detail = plain(reason.name).replace("_", " "), plain(reason.detail)
    if not detail or detail.casefold().startswith(name.casefold()):
        return detail or name
    return f"{name}: {detail}"


def signature(article: Article) -> str | None:
    """Who signed an article: its authors and its agency."""
    names = [*article.authors, *([article.agency] if article.agency and article.agency not in article.authors else [])]
    return ", ".join(plain(name) for name in names) or None


def edit(edited: Edit, article: Article) -> str:
    """`Edited 3 h later: +12 −4 words`: after the publication, where that is known, else when."""
    at = utc(edited.at)
    if article.published_at and utc(article.published_at) < at:
        when = f"{span((at - utc(article.published_at)).total_seconds())} later"
    else:
        when = moment_in_words(at)
    return f"Edited {when}: +{edited.added:,} −{edited.removed:,} words"


def gone(article: Article) -> str | None:
    """That an article's page is not at its address any more; None where it is."""
    if article.gone_at is None:
        return None
    answered = f"{article.gone_status}, " if article.gone_status else ""
    what = "may no longer be shown at its address" if article.gone_status == LEGAL else "no longer at its address"
    return f"{what} ({answered}since {moment_in_words(article.gone_at)})"


def article_kind(article: Article) -> str | None:
    """What an article is where it is no plain report: `live`, `opinion`, `gallery`."""
    return None if article.kind in ("article", "paywalled") else article.kind.replace("_", " ")


def is_paywalled(article: Article) -> bool:
    """Whether not everybody may read an article, whatever else it is."""
    return article.paywalled or article.kind == "paywalled"


def section(article: Article) -> str | None:
    """The section of its outlet, where that is a word or a few; an event page's is the topic that stands above all."""
    said = plain(article.section or "") if article.kind != "event_page" else ""
    return f"section: {said}" if 0 < len(said) <= LONGEST_SECTION else None


def moved(page: MovedPage) -> tuple[str, str]:
    """The heading and the explanation of what stands at the address of an event that is no more."""
    if not page.to:
        return "This event was taken down", f"Event {page.id} stands here no more; its articles may stand in other events."
    if len(page.to) == 1:
        return "This event is part of another one", "Its articles turned out to tell of what another event tells, and stand there now."
    return "This event was taken apart", f"Its articles turned out to tell of {len(page.to)} happenings, and stand in these events now."


def span(seconds: float) -> str:
    """A duration at a glance, in its largest unit: `40 s`, `7 min`, `3 h`, `12 d`."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if abs(seconds) >= size:
            return f"{int(abs(seconds) // size)} {unit}"
    return f"{int(abs(seconds))} s"


def ago(at: datetime, now: datetime) -> str:
    """`7 min ago`, `in 3 h`, `now`."""
    seconds = (utc(now) - utc(at)).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"{span(seconds)} ago" if seconds > 0 else f"in {span(seconds)}"
