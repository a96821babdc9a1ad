"""Which of the words about a source name its outlet, and which belong to the sentence.

In a flattened line the source of number n is the character U+E100 + n. Alone it stands for a source whose outlet is known or never named;
within U+E011 … U+E012 words follow that are its label: `[address Outlet]` after a sentence, `an [address interview] said` within one.
"""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from services.fetch.core.wikiinline import PortalSource

_LANGUAGES = (
    "Afrikaans|Albanian|Amharic|Arabic|Armenian|Azerbaijani|Azeri|Basque|Belarusian|Bengali|Bosnian|Bulgarian|Burmese|Cantonese|Catalan|Chinese|Croatian|Czech|"
    "Danish|Dari|Dutch|English|Estonian|Faroese|Farsi|Filipino|Finnish|Flemish|French|Galician|Georgian|German|Greek|Greenlandic|Gujarati|Hebrew|Hindi|"
    "Hungarian|Icelandic|Indonesian|Irish|Italian|Japanese|Kazakh|Khmer|Korean|Kurdish|Kyrgyz|Lao|Latvian|Lithuanian|Luxembourgish|Macedonian|Malay|"
    "Malayalam|Maltese|Mandarin|Marathi|Mongolian|Nepali|Norwegian|Pashto|Persian|Polish|Portuguese|Punjabi|Romanian|Russian|Serbian|Sinhala|Slovak|"
    "Slovene|Slovenian|Somali|Spanish|Swahili|Swedish|Tagalog|Tamil|Telugu|Thai|Tibetan|Turkish|Ukrainian|Urdu|Uzbek|Vietnamese|Welsh"
)
_NOTE_WORDS = rf"(?:(?:article |text |page |video )?in )?(?:{_LANGUAGES})(?:(?:,| and|/) ?(?:{_LANGUAGES}))?(?: language)?"
_OTHER_NOTES = (
    r"(?:subscription|registration|paywall|archived?|video|audio|pdf|live updates?|live|blog|opinion|dead link|press release)"
    r"\b[^()\ue000-\uf8ff]{0,30}"
)
_NOTE = re.compile(rf"{_NOTE_WORDS}|{_OTHER_NOTES}", re.IGNORECASE)
_LANGUAGE_AT_END = re.compile(rf"(?:[\s,;–-]{{0,5}}\((?:{_NOTE_WORDS})\)|[\s,;–-]{{1,5}}in (?:{_LANGUAGES}))(\)?)[\s,;.]{{0,5}}$")

_MARK = "[\ue100-\ue4ff]"
_LABELLED = re.compile(f"\ue011({_MARK})([^\ue011\ue012]*)\ue012")
_GROUP = re.compile(rf"\((?:[\s,;/&]|and|[Ss]ources?:|via|{_MARK}|\ue011{_MARK}[^\ue011\ue012()]*\ue012)+\)")
_NOTED = re.compile(rf"({_MARK})([\s,]{{0,5}})\(([^()\ue011\ue012\ue100-\ue4ff]{{1,60}})\)")
_SEPARATED = re.compile(rf"({_MARK})(?:[\s,;/&|]{{0,10}}(?:and\s{{1,3}})?(?={_MARK}))")
_TAIL = re.compile(r"\([^()]{0,60}\)")
_SENTENCE_END = tuple(".!?…\"'”’)]:")
_MAX_NAME_WORDS = 4  # `BBC News (UK)` is a name; more words before the parenthesis are a sentence


class Label(NamedTuple):
    """`rest`: what may name the outlet or be part of the sentence, None where that is settled; `after`: words of the sentence."""

    outlet: str | None
    rest: str | None = None
    after: str = ""


def outlet_of(label: str) -> Label:
    """A source's plain label: `(BBC)`, `(AP via The Times)`, `(El País) (in Spanish)`, `(BBC (UK))`, `BBC`, or a sentence `… (BBC)`."""
    label = label.strip(" |,;")
    while (found := _LANGUAGE_AT_END.search(label)) is not None:
        label = label[: found.start()] + found[1]
    if not label:
        return Label(None)
    opened = label.startswith("(")
    after = ""
    for _ in range(3):
        if not label.startswith("("):
            break
        end = _closing(label)
        inner, rest = label[1:end].strip(), label[end + 1 :].strip(" ,;")
        if rest.startswith("("):
            inner, rest = f"{inner}, {rest.strip('() ')}", ""
        label, after = inner, f" {rest}" if rest.strip(" .") else after
    if opened:
        return Label(_named(label), None, after)
    if label.endswith(")"):
        start = label.rfind("(")
        if start < 0:
            return Label(_named(label.rstrip(") ")))
        words = label[:start].strip()
        if len(words.split()) > _MAX_NAME_WORDS:
            return Label(_named(label[start + 1 : -1]), None, words)
    return Label(None, label)


def _closing(label: str) -> int:
    depth = 0
    for place, character in enumerate(label):
        depth += (character == "(") - (character == ")")
        if not depth:
            return place
    return len(label)


def _named(text: str) -> str | None:
    text = text.strip(" ,;|")
    return None if not text or _NOTE.fullmatch(text) else text


def settle_outlets(text: str, sources: "list[PortalSource]") -> str:
    """The line without its sources' marks and labels; outlets found on the way are set in `sources`."""
    text = _GROUP.sub(lambda group: _grouped(group[0], sources), text)
    text = _trailing(text, sources)
    text = _NOTED.sub(lambda found: _noted(found, sources), text)
    text = re.sub(rf"{_MARK}+", "\ue010", _SEPARATED.sub(r"\1", text))
    if "\ue010" not in text:
        return text
    text = re.sub(r"\s{0,20}\ue010\s{0,20}(?=[.,;:!?)]|$)", "", text)
    text = re.sub(r"\s{0,20}\ue010", "", text)
    text = re.sub(r"\s{0,5}\([\s,;]{0,10}\)", "", text).rstrip(" ,;|–-(")
    return re.sub(r"([.!?…])\s{0,3}[.,;]$", r"\1", text)


def _named_labels(text: str, sources: "list[PortalSource]") -> str:
    def take(found: re.Match[str]) -> str:
        name(found[1], found[2], sources)
        return found[1]

    return _LABELLED.sub(take, text)


def _grouped(group: str, sources: "list[PortalSource]") -> str:
    if not re.search(_MARK, group):
        return group
    return "".join(re.findall(_MARK, _named_labels(group, sources)))


def name(mark: str, label: str, sources: "list[PortalSource]") -> None:
    """Set the outlet of the source that the mark stands for, unless it has one."""
    source = sources[ord(mark) - 0xE100]
    source["outlet"] = source["outlet"] or _named(label)


def _trailing(text: str, sources: "list[PortalSource]") -> str:
    """Labels after the sentence name outlets; those within it are words of it."""
    labels = list(_LABELLED.finditer(text))
    pieces: list[str] = []
    end, within = len(text), False
    for number in range(len(labels) - 1, -1, -1):
        found = labels[number]
        tail = text[found.end() : end]
        within = within or bool(re.search(r"[^\W_]", re.sub(_MARK, "", _TAIL.sub("", tail))))
        before = text[labels[number - 1].end() if number else 0 : found.start()]
        before = re.sub(rf"{_MARK}|[\s,;(]", "", before[-200:])
        follows = before.endswith(_SENTENCE_END) or (not before and number > 0)
        if within or (not before and number == 0) or not (follows or (found[2][:1].isupper() and not tail.lstrip().startswith("."))):
            within = True
            pieces += (tail, found[2] + found[1])
        else:
            name(found[1], found[2], sources)
            pieces += (tail, found[1])
        end = found.start()
    pieces.append(text[:end])
    return "".join(reversed(pieces))


def _noted(found: re.Match[str], sources: "list[PortalSource]") -> str:
    """`[address] (Outlet)`, `[address (Outlet)] (in Spanish)`."""
    if not _NOTE.fullmatch(found[3].strip()):
        if sources[ord(found[1]) - 0xE100]["outlet"] is not None:
            return found[0]
        name(found[1], found[3], sources)
    return found[1]
