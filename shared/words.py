"""Words as the index and the linker see them: tokens, light stems, stop words, and how rare a word is in news.

Everything here is a pure function of the text and of the package data beside it (`shared/data/README.md` says how that was made).
"""

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources

_JOINED = r"(?:['’][^\W\d_]+(?:['’][^\W\d_]+)*|)\d*"
# Words (with an inner apostrophe), numbers with their separators: `\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*\d*`, so written that most
# words are done by the first branch, with a class that re looks up in a table: half the time.
_TOKEN = re.compile(rf"[^\W_](?:(?<=[a-z])[a-z]*+(?:(?=[ ,.\n])|[^\W\d_]*{_JOINED})|(?<=\d)\d*(?:[.,:]\d+)*|[^\W\d_]*{_JOINED})")
# Scripts that are written without spaces: Han, Kana, Thai, Lao, Khmer, Myanmar.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")
# Scripts whose vowels are marks, which `\w` leaves out: those of India and Tibet, and of the above Thai, Lao, Khmer, Myanmar.
_MARKED = re.compile("[\u0900-\u109f\u1780-\u17ff]")
_MARKED_RANGES = (range(0x0900, 0x10A0), range(0x1780, 0x1800))
_JOINERS = "\u200c\u200d"  # within a word of these scripts
# How many characters are taken together where there are no spaces. Two letters of an alphabet stand in any text; four or five do about as
# well as words (McNamee and Mayfield, 2004, "Character n-gram tokenization for European language text retrieval").
_TOGETHER, _TOGETHER_MARKED = 2, 5
_SCRIPTS = {
    code: re.compile(f"[{letters}]")
    for code, letters in (
        ("ja", "\u3040-\u30ff"),
        ("ko", "\u1100-\u11ff\uac00-\ud7af"),
        ("zh", "\u3400-\u4dbf\u4e00-\u9fff"),
        ("th", "\u0e00-\u0e7f"),
        ("he", "\u0590-\u05ff"),
        ("el", "\u0370-\u03ff"),
        ("hi", "\u0900-\u097f"),
        ("bn", "\u0980-\u09ff"),
        ("ta", "\u0b80-\u0bff"),
        ("ka", "\u10a0-\u10ff"),
        ("hy", "\u0530-\u058f"),
        ("ar", "\u0600-\u06ff"),
        ("ru", "\u0400-\u04ff"),
    )
}
_POSSESSIVE = re.compile(r"['’]s?$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|dell|all|nell|sull|dall|un)['’](?=\w{2})")

UNKNOWN_IDF = 8.5  # natural logarithm of one over the share of articles: a word that stands in no list
MAX_IDF = 9.0


def tokens(text: str) -> list[str]:
    """The words and numbers of a text in order, in lower case, as they are written; unspaced scripts as overlapping runs of characters:
    pairs of Han and Kana, fives of the others.
    """
    text = text.lower()
    found = _TOKEN.findall(text)
    if text.isascii() or not any(_UNSPACED.search(word) or _MARKED.search(word) for word in found if not word.isascii()):
        return found
    if _MARKED.search(text):
        found = _marked_token().findall(text)
    split: list[str] = []
    for word in found:
        split += _runs(word) if _UNSPACED.search(word) else [word]
    return split


@cache
def _marked_token() -> re.Pattern[str]:
    """`_TOKEN` for texts with `_MARKED`: marks are a part of the word."""
    marks = "".join(chr(at) for block in _MARKED_RANGES for at in block if unicodedata.category(chr(at)) in ("Mn", "Mc")) + _JOINERS
    word = rf"[^\W\d_](?:[^\W\d_]++|[{marks}]++)*+"
    return re.compile(rf"\d+(?:[.,:]\d+)*|{word}(?:['’]{word})*\d*")


def _runs(word: str) -> list[str]:
    """`東京都 2` gives `東京 京都`; letters of other scripts inside the run are kept as words."""
    found: list[str] = []
    at = 0
    for run in _UNSPACED.finditer(word):
        if run.start() > at:
            found.append(word[at : run.start()])
        chars = run.group()
        size = _TOGETHER_MARKED if _MARKED.match(chars) else _TOGETHER
        found += [chars[i : i + size] for i in range(len(chars) - size + 1)] or [chars]
        at = run.end()
    if at < len(word):
        found.append(word[at:])
    return found


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A light stem of a word in lower case: without possessive, elided article, diacritics, plural (Harman's S stemmer, 1991), -ed, -ing.
    Empty where nothing is left.

    Light on purpose: a stemmer that joins `universe` and `university` costs a linker more than it brings.
    """
    if word[0].isdigit():
        return word
    if "'" in word or "’" in word:
        word = _ELISION.sub("", _POSSESSIVE.sub("", word)).replace("’", "'")
    if not word.isascii():
        bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
        word = bare.replace(" ", "") or word  # one ligature of Arabic is four words with blanks between them
    size = len(word)
    if size < 4 or not word.isascii():
        return word
    if word.endswith("ies") and size > 4 and word[-4] not in "ae":
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes")):
        word = word[:-2]
    elif word.endswith("s") and word[-2] not in "us":
        word = word[:-1]
    for ending in ("ing", "ed"):
        if word.endswith(ending) and len(word) - len(ending) > 3:
            word = word[: -len(ending)]
            if word[-1] == word[-2] and word[-1] not in "ls":
                word = word[:-1]
            break
    return word[:-1] if len(word) > 4 and word[-1] == "e" else word


@cache
def stop_words() -> dict[str, frozenset[str]]:
    """Language code to the words that carry no matter in that language."""
    lines = resources.files("shared").joinpath("data", "stopwords.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {code: frozenset(words.split()) for code, words in pairs}


def guess_language(words: list[str]) -> str:
    """The language whose stop words are the most frequent among the first 200 tokens; where none is seen, by the script; else English."""
    sample = words[:200]
    best, most = "en", 0
    for code, stops in stop_words().items():
        hits = sum(1 for word in sample if word in stops)
        if hits > most or (hits == most and code == "en"):
            best, most = code, hits
    return best if most else _by_script("".join(sample))


def _by_script(letters: str) -> str:
    """The language of a script that is written in one language above all (Kana stands beside Han and decides); English for the rest."""
    found = next((code for code, script in _SCRIPTS.items() if 10 * len(script.findall(letters)) >= len(letters) > 0), None)
    return found or "en"


@cache
def _table() -> dict[str, float]:
    """Stem to idf."""
    lines = resources.files("shared").joinpath("data", "idf.txt").read_text(encoding="utf-8").splitlines()
    table: dict[str, float] = {}
    for line in lines:
        if line and not line.startswith("#"):
            value, words = line.split("\t")
            table.update(dict.fromkeys(words.split(), float(value)))
    return table


@lru_cache(maxsize=200_000)
def idf(word: str) -> float:
    """How rare a stem is in news: minus the logarithm of the estimated share of articles that hold it, 0 to `MAX_IDF`."""
    found = _table().get(word)
    if found is not None:
        return found
    if not word:
        return 0.0  # what `stem` leaves of `’s`
    if word[0].isdigit():
        # Figures of one or two digits stand anywhere; years too.
        return 3.0 if len(word) < 3 else 4.0 if len(word) == 4 and word[:2] in ("19", "20") else 6.5
    if "_" in word:
        left, right = word.split("_", 1)
        return min(MAX_IDF, max(idf(left), idf(right)) + 1.0)
    return 5.0 if len(word) < 3 else UNKNOWN_IDF
