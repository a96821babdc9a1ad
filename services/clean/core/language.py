"""Which language a text is in: the declared one, unless the text itself speaks clearly against it.

The detection is tiny: scripts first, then the share of a language's commonest short words. It knows the languages that it was given
words of and stays silent on others.
"""

import re
from collections import Counter

from services.clean.core.words import words
from shared.confidence import CONFIRMED, LIKELY, OPEN, STATED

_CODE = re.compile(r"^\s*([a-zA-Z]{2,3})(?:[-_][\w-]+)?\s*$")
_STOP = {
    "en": "the of and to in that is was for it with as on by at from his her are have has not this be said will which",
    "de": "der die und das ist den von mit nicht sich des auf für ein eine dem im auch als wird haben sind aus nach bei",
    "fr": "le la les de des et est une un que dans pour qui sur pas plus par avec au ce sont il du cette été",
    "es": "el la de los que en y las del se por con una para es su un como más fue ha lo al pero sus",
    "it": "il di che la e per una un in del della con sono non è si dei le da al nel alla più anche gli",
    "pt": "o de que e do da em um para com não uma os no se na por mais as dos ao foi das à é",
    "nl": "de het een van en in is dat op te zijn met voor niet aan er die door ook naar bij maar was",
    "sv": "och att det som en på är av för med den till har inte om ett han de var men sig från så",
    "da": "og at det er en til af på i den for der med de ikke som har et om fra han var også",
    "no": "og det i på som er en til for av at med har ikke den de om et fra han var også seg",
    "fi": "ja on ei se että oli hän mutta kun ovat myös ole joka mukaan sen kuin vuoden tai",
    "is": "og að í á er sem til um við það ekki með en hann var fyrir af því frá ekki hefur",
    "pl": "i w na z do się nie że to jest o jak po od za przez ale dla co są był który",
    "cs": "a v se na je že s z do o k i by ale jsou jako pro které podle byl jeho",
    "hu": "a az és hogy nem is egy ez volt meg el de csak már szerint után még mint",
    "ro": "de și în a la cu pe nu că este o din care pentru mai au un fost sau dar",
    "tr": "ve bir bu için da de ile olarak daha çok olan ise kadar sonra göre gibi oldu en",
    "id": "yang dan di untuk dengan dari ini pada itu tidak dalam ke akan oleh juga karena ada kata telah",
    "lt": "ir kad į yra iš su tai bet kaip dėl nuo po jis buvo apie kurie taip",
    "hr": "i je u se na da za od su s koji ne će kako ali što bio prema",
    "vi": "và của là có không cho một được các trong với người này đã những",
    "ca": "el la de que i els per les amb una un en del és no com més",
    "ru": "во после через об при около и в на не что с по как из это к его для от за он было был также",
    "uk": "і в на не що з та до у за як про це від його для також які є був",
    "bg": "и на за да се от е в че са не по с като това ще при",
    "sr": "и у је да на се за од су са који ће не као што",
}
_IN_CYRILLIC = frozenset(("ru", "uk", "bg", "sr"))
_LANGUAGES_OF: dict[bool, dict[str, list[str]]] = {False: {}, True: {}}  # by whether the text is in Cyrillic
for _language, _text in _STOP.items():
    for _word in sorted(words(_text)):
        _LANGUAGES_OF[_language in _IN_CYRILLIC].setdefault(_word, []).append(_language)
_WRITTEN_IN_CYRILLIC = words("ru uk bg sr mk be kk ky tg mn tt ba ce cv os sah bs cnr")
SAMPLE = 800  # characters that are looked at
_ALIASES = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "eng": "en", "ger": "de", "deu": "de"}
_ALIASES.update({"fra": "fr", "spa": "es", "rus": "ru", "zho": "zh", "por": "pt", "ita": "it", "tur": "tr"})
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7a3]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("bn", re.compile(r"[\u0980-\u09ff]")),
    ("ta", re.compile(r"[\u0b80-\u0bff]")),
    ("ka", re.compile(r"[\u10a0-\u10ff]")),
    ("hy", re.compile(r"[\u0530-\u058f]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
)
# Every letter that a script of the table or Cyrillic is counted by; quotation marks and accents are none.
_BEYOND_LATIN = re.compile(r"[\u0370-\u1fff\u3040-\ud7a3]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
# Languages written in one script, whose declaration a script cannot refute.
_SHARED = {"ar": {"fa", "ur", "ps", "ckb", "ku", "ug", "sd"}, "hi": {"mr", "ne", "sa"}, "zh": {"yue", "wuu"}}


def detect(text: str) -> tuple[str | None, float]:
    """The language of a text and how sure that is, 0 to 1; (None, 0) where nothing speaks for any."""
    sample = text[:SAMPLE]
    # A mark at a word's end loses a vote or two: a pattern that parts them costs four times as much.
    told = sample.lower().replace("'", " ").replace("’", " ").split()
    letters = sum(map(len, told))
    if letters < 20:
        return None, 0.0
    cyrillic = False
    if not sample.isascii() and len(_BEYOND_LATIN.findall(sample)) > 0.08 * letters:
        for code, pattern in _SCRIPTS:
            share = len(pattern.findall(sample)) / letters
            if share > (0.08 if code == "ja" else 0.3):
                if code == "ar" and re.search("[\u067e\u0686\u06af\u06cc]", sample):
                    return "fa", 0.6
                return code, min(1.0, 0.5 + share)
        cyrillic = len(_CYRILLIC.findall(sample)) > 0.3 * letters
    if len(told) < 8:
        return None, 0.0
    known = _LANGUAGES_OF[cyrillic]
    votes = Counter([code for word in told if word in known for code in known[word]])
    ranked = [*votes.most_common(2), ("", 0), ("", 0)]
    (best, first), (_, second) = ranked[0], ranked[1]
    score = first / len(told)
    if score < 0.06:
        return (_by_letters(sample), 0.3) if cyrillic else (None, 0.0)
    return best, min(1.0, 2.5 * (first - second) / len(told) + score)


def _by_letters(sample: str) -> str:
    """A Cyrillic text's language by the letters that its neighbours have not."""
    for code, pattern in (("uk", "[іїєґІЇЄҐ]"), ("sr", "[јљњћђЈЉЊЋЂ]"), ("ru", "[ыэёЫЭЁ]"), ("bg", "[ъЪ]")):
        if re.search(pattern, sample):
            return code
    return "ru"


def declared(stated: list[str | None]) -> str | None:
    """The first code that is stated, in two letters where there is one."""
    return next((code for value in stated if (code := _code(value))), None)


def language(stated: list[str | None], text: str) -> tuple[str | None, str | None]:
    """A two-letter code and its provenance: meta where the declaration stands, derived where the text refutes it or none was made."""
    return judged(stated, text)[:2]


def judged(stated: list[str | None], text: str) -> tuple[str | None, str | None, float | None]:
    """The same, and how sure that is (shared/confidence.py): what is declared and what is read agree, or one speaks against the other."""
    code = declared(stated)
    found, sure = detect(text)
    if found is None:
        return (code, "meta", LIKELY) if code else (None, None, None)
    if code is None:
        return (found, "derived", STATED if sure > 0.25 else LIKELY) if sure > 0.1 else (None, None, None)
    if code == found or (found in _SHARED and code in _SHARED[found]):
        return code, "meta", CONFIRMED
    if (found in _IN_CYRILLIC) != (code in _WRITTEN_IN_CYRILLIC):
        return found, "derived", STATED
    # Near relatives are told apart by declaration rather than by a few words.
    refuted = sure > 0.25 and (code in _STOP or sure > 0.7)
    return (found, "derived", LIKELY) if refuted else (code, "meta", OPEN)


def _code(value: str | None) -> str | None:
    match = _CODE.match(value or "")
    if not match:
        return None
    code = match[1].lower()
    return None if code in ("utf", "iso", "und") else _ALIASES.get(code, code)  # an encoding is no language
