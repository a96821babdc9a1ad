"""Names as they are written beside stories: parted, tidied, and told from the names of outlets and desks."""

import re
from collections.abc import Iterable

from services.clean.core import byline
from services.clean.core.agencies import agency
from services.clean.core.words import UNSEEN, phrases, words

MAX_WORDS = 6  # of a name
MAX_BYLINE = 2_000  # characters
_LEAD = re.compile(
    r"^\s*(?:(?:written|reported|posted|edited|published|compiled|text|words|story|exclusive|analysis|opinion|comment|interview|report|review|"
    r"special|artikel|ein artikel|eine? \w+) )?(?:by|von|par|por|di|af|av|door|oleh|od|autor(?:in)?|author|автор|текст|"
    r"作者|記者|记者|文)\s*[::：]?\s+(?=\S)|^\s*(?:作者|記者|记者|责编|責編)\s*[:：]\s*|^\s*(?:автор|autor|author|by)\s*[:：]\s*|"
    r"^\s*(?:yazan|yazı|haber|muhabir|tekst|text|texte?s?|texto|testo|penulis|editor|reporter|redaktor|redacción|forfatter|författare|journalist|"
    r"auteure?|autore|kirjoittaja|szerző|συντάκτης|اعداد|إعداد|بقلم|كتبت?|द्वारा|লেখক|เรื่อง|ผู้เขียน)\s*[:：]\s*|"
    r"^\s*(?:بقلم|كتبت?\s*[-–]|إعداد|द्वारा|โดย|γράφει(?: [οη])?|του|της|מאת)\s+(?=\S)",
    re.I,
)
_MARKS = re.compile(r"\s*(?:[;；|\n、，/／&]|\s[•·+]\s|,(?!\s*(?:jr|sr|ph\.?d|m\.?d)\b))\s*", re.I)
_AND = re.compile(
    r"\s+(?:and|und|et|og|och|en|и|with|mit|avec|con|com|ve|dan|ja|és|și|ir|та|και|(?:y|e|i)(?=\s+\S+\s+\S))\s+", re.I
)
# What is no author's: other work, and what the text was made from ("with inputs from agencies").
_OTHER_WORK = re.compile(
    r"^(?:(?:edited|photo\w*|pictures?|illustrat\w*|video|graphics?|translated|translation|fact.checked|updated|"
    r"additional reporting|research) by\b|"
    r"(?:fotos?|bilder|photos?|video|(?:info)?grafik|illustration(?:en)?|übersetzung|traducción|traduction|fotografie)\s*(?::|\b(?:von|di|de|by|av|af)\b))",
    re.I,
)
_MATERIAL = re.compile(
    r"^(?:agentur)?(?:material|informationen|inhalten|contributions?|additional reporting|(?:agency )?inputs?|files|reports)\b", re.I
)
_DEGREE = re.compile(r",\s*(?:ph\.?\s?d|m\.?d|mph|m\.?sc?|m\.?a|b\.?a|mba|j\.?d|d\.?o|r\.?n|llm)\.?(?=\s*(?:[,;&]|$))", re.I)
_WHEN = re.compile(
    r"\s+(?:last )?(?:updated|published|posted|aktualisiert|veröffentlicht|publié|publicado|pubblicato|mis à jour)\b.{0,200}$", re.I
)
_NOBODY = words("admin administrator webmaster null undefined none unknown anonymous author autor user test wordpress noreply root")
NOT_A_NAME = re.compile(r"https?:|www\.|\.(?:com|org|net)/|@|\d{3,}|[<>{}=\[\]]")
_SIGNATURE = re.compile(r"\s*[^\W\d_A-Z]{2,5}(?:/[^\W\d_A-Z]{2,5})+\s*")  # "srf/hosb": who signs and for whom, in one
_VOWEL = re.compile("[AEIOUYÀ-ÅÈ-ÏÒ-ØÙ-ÝÆŒĂĀĒĪŌŪĘĄАЕЁИІЇОУЫЭЮЯЄΑΕΗΙΟΥΩΆΈΉΊΌΎΏ]")
_GENERIC = words(
    """
    admin administrator staff editor editors editorial redaktion redaktionen redaccion redacción redação redazione rédaction la
    rédaction newsroom newsdesk webmaster online desk news team author guest contributor anonymous unknown undefined null none
    nachrichten redakcja редакция yayın agencies agenturen agencias agências agenzie agentur
    """
) | phrases(
    """
    staff writer | staff reporter | staff writers | web desk | news desk | online desk | editorial staff | editorial team
    editorial board | la redazione | die redaktion | guest author | la rédaction | with agencies
    """
)
_GENERIC_END = words("staff desk newsroom redaktion redaction redacción redazione rédaction редакция team bureau reporters editors")


def is_house(name: str, site_names: frozenset[str]) -> bool:
    """Whether a name is the outlet's own, or nobody's."""
    folded = name.casefold().strip()
    if folded in _GENERIC or folded.rpartition(" ")[2] in _GENERIC_END:
        return True
    joined = "".join(re.findall(r"\w+", folded))
    if joined in site_names:
        return True
    return any(len(s) >= 4 and (joined.startswith(s) or joined.endswith(s)) and len(joined) <= len(s) + 12 for s in site_names)


def split(text: str) -> list[str]:
    """Names out of a byline: "By A. One and B. Two, Berlin"."""
    if not text.isprintable():
        text = text.translate(UNSEEN)
    if east := byline.eastern(text[:200]):
        return east
    if text[:1] == "[" and text.endswith("]"):  # a program's list
        text = text[1:-1].replace('"', "").replace("'", "")
    text = _DEGREE.sub("", _WHEN.sub("", _LEAD.sub("", byline.bare(text[:MAX_BYLINE]))))
    names: list[str] = []
    for part in re.split(r"[;,]", text) if "/" in text else ():
        if _SIGNATURE.fullmatch(part) and not any(map(agency, part.strip().split("/"))):
            names.append(part.strip())
            text = text.replace(part, "", 1)
    for part in _MARKS.split(text):
        if names and _OTHER_WORK.match(part):
            continue
        found = [tidy(piece) for piece in _AND.split(part)]
        # A long part with an "and" is names only where each half looks like one: else it tells who somebody is.
        if len(part.split()) <= MAX_WORDS or all(piece and byline.is_person(piece, marked=True) for piece in found):
            names.extend(piece for piece in found if piece)
    return names


def tidy(name: str) -> str | None:
    """One name, or None where it cannot be one."""
    name = _LEAD.sub("", name).strip(" \t.,;:|-–—·•*\"'“”„()")
    parts = name.split()
    if not name or len(name) > 60 or len(parts) > MAX_WORDS or NOT_A_NAME.search(name) or not re.search(r"[^\W\d_]{2}", name):
        return None
    if len(parts) < 3:
        wire = agency(parts[0]) if parts[-1].casefold() in ("staff", "newsroom") else None
        return wire or (None if name.casefold() in _NOBODY else name)
    return None if _MATERIAL.match(name) else byline.without_job(name)


def undo_capitals(name: str) -> str:
    """PETER MCKAY-OLSEN as Peter Mckay-Olsen; other names as they are, and what has a word that nobody can pronounce, such as BBC NEWS."""
    if name.upper() != name or name.lower() == name or len(name) < 6:
        return name
    if any(len(word) > 1 and not _VOWEL.search(word) for word in re.findall(r"[^\W\d_]+", name)):
        return name
    return re.sub(r"[^\W\d_]+", lambda m: m[0].capitalize(), name)


def unique(names: Iterable[str]) -> list[str]:
    seen: dict[str, str] = {}
    for name in names:
        seen.setdefault(name.casefold(), name)
    return [undo_capitals(name) if " " in name else name for name in seen.values()]
