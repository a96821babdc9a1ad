"""One tokenisation of a text: words with their folded keys and their places, made once and read by every rule.

A key is what two writings of a word have in common: lower case, no diacritics, no possessive, no elided article, no dots of an
abbreviation, no Arabic article. Scripts written without spaces give one token a character, so that a table's surface is found in them too.
"""

import re
import unicodedata
from dataclasses import dataclass
from itertools import accumulate, compress

from shared.remembered import Remembered

_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
FIRST_UNSPACED = "\u3040"
_LETTER = rf"[^\W_{_UNSPACED}]"
_JOINED = f"['’ʼ`]{_LETTER}+(?:['’ʼ`]{_LETTER}+)*"
# Begins with one class of characters, so that re skips what is none of them at once, and repeats no group without need; most words are done
# by the first branch, whose class re looks up in a table: two fifths of the time.
_TOKEN = re.compile(
    rf"([^\W_](?:(?<=[A-Za-z])[a-z]++(?=[ ,.\n])|(?<={_LETTER})(?:"  # a token of an unspaced script ends here
    rf"{_LETTER}+(?:{_JOINED}|)"
    r"|\.(?<=[^\W\d_]\.)(?<![^\W_][^\W\d_]\.)(?:[^\W\d_]\.)+(?:[^\W\d_](?![^\W_]))?"  # U.S. D.R.
    rf"|{_JOINED}|)|))"
)
_TOKEN_UNSPACED = re.compile(f"[{_UNSPACED}]")
_POSSESSIVE = re.compile(r"'s$")
_ELISION = re.compile(r"^(?:[cdjlmnst]|qu|dell|all|nell|sull|dall|un)'(?=\w{2})")
_ARABIC = re.compile("[\u0600-\u06ff]")
_ARABIC_MARKS = re.compile("[\u064b-\u065f\u0670\u0640]")
_ARABIC_ARTICLE = re.compile("^(?:[وفبك]?ال|لل)(?=.{3})")
_ARABIC_LETTERS = str.maketrans("أإآىة", "ااايه")
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "ı": "i", "ß": "ss", "đ": "d", "æ": "ae", "œ": "oe", "ё": "е", "ə": "e", "ð": "d", "þ": "th"})
_SAMPLE = 200  # tokens that tell how a text is written
_SENTENCE_END = frozenset('.!?…:;\n\r|•—–"“„«»‘()[]')


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text's tokens as parallel lists: `raw` as written, `keys` folded, `caps` for a capital, `gaps`: what stands before each, at most
    four characters of it, a line's end before the first. `parts`: all of the text, what is no token and what is one by turns.
    """

    text: str
    parts: list[str]
    raw: list[str]
    keys: list[str]
    caps: list[bool]
    gaps: list[str]

    def __len__(self) -> int:
        return len(self.raw)

    @property
    def starts(self) -> list[int]:
        """Where each token begins, in characters. Counted when asked for: most texts are tagged without."""
        return list(accumulate(map(len, self.parts)))[:-1:2]

    @property
    def ends(self) -> list[int]:
        """Where each token ends, in characters."""
        return list(accumulate(map(len, self.parts)))[1::2]

    def follows(self, at: int) -> str:
        """What stands between token `at` and the next one, or the end of the text: all of it."""
        return self.parts[2 * at + 2]

    def gap(self, at: int) -> str:
        """What stands between token `at - 1` and token `at`, at most a few characters of it."""
        return self.gaps[at]

    def opens(self, at: int) -> bool:
        """Whether a sentence, a line, a quotation or a bracket may begin with token `at`."""
        gap = self.gaps[at]
        return at == 0 or (gap != " " and gap != "-" and not _SENTENCE_END.isdisjoint(gap) and not self.is_initial(at - 1))

    def is_initial(self, at: int) -> bool:
        """Whether token `at` is the one capital letter of a name, as in `Donald J. Trump`."""
        return len(self.raw[at]) == 1 and self.raw[at].isupper()

    def words_start(self) -> list[int]:
        """The places of the tokens that begin with a capital."""
        return list(compress(range(len(self.caps)), self.caps))

    def span(self, start: int, end: int) -> str:
        """Tokens `start` to `end` (exclusive) as written, blanks made single, possessive left off."""
        found = self.raw[start] if end - start == 1 else " ".join("".join(self.parts[2 * start + 1 : 2 * end]).split())
        return found[:-2] if found.endswith(("'s", "’s")) else found


def tokenise(text: str) -> Tokens:
    """All words and numbers of a text, in one pass."""
    parts = _TOKEN.split(text)  # what stands between, a token, what stands between, …
    raw = parts[1::2]
    gaps = [gap[:4] for gap in parts[:-1:2]]
    if gaps:
        gaps[0] = "\n"
    return Tokens(text, parts, raw, list(map(KEYS.__getitem__, raw)), list(map(CAPITALS.__getitem__, raw)), gaps)


def words_of(text: str) -> tuple[list[str], list[str]]:
    """The words of a short text as written, and their keys: `tokenise` without the places."""
    raw = text.split(" ")
    if max(text, default="") >= FIRST_UNSPACED or not all(map(str.isalpha, raw)):
        raw = _TOKEN.findall(text)
    return raw, list(map(key_of, raw))  # not remembered: tables and dumps would drive the words of articles out


def key_of(word: str) -> str:
    """The key of one token; never empty."""
    if word.isascii() and word.isalnum():
        return word.lower()
    key = word.lower().replace("’", "'").replace("ʼ", "'").replace("`", "'")
    if _ARABIC.match(key):
        key = _ARABIC_MARKS.sub("", key).translate(_ARABIC_LETTERS)
        return _ARABIC_ARTICLE.sub("", key) or word
    key = _ELISION.sub("", _POSSESSIVE.sub("", key)).replace("'", "").replace(".", "")
    if not key.isascii():
        key = key.translate(_LETTERS)
        if "\u00c0" <= key[0] < "\u0250" or key[0].isascii() or "\u1e00" <= key[0] < "\u2000":
            key = "".join(c for c in unicodedata.normalize("NFKD", key) if not unicodedata.combining(c))
    return key or word


def is_capital(word: str) -> bool:
    """Whether a token begins with a capital letter (`d'Ivoire`, `l'Allemagne` count by the letter after the apostrophe)."""
    if word[0].isupper():
        return True
    return len(word) > 3 and word[1] in "'’" and word[2].isupper()


KEYS, CAPITALS = Remembered(key_of), Remembered(is_capital)


def is_caseless(word: str) -> bool:
    """Whether a token is of a script without capitals."""
    return word[0].isalpha() and word[0].lower() == word[0].upper()


def is_unspaced(key: str) -> bool:
    """Whether a token is a character of a script that is written without blanks."""
    return FIRST_UNSPACED <= key <= "\ud7af" and _TOKEN_UNSPACED.match(key) is not None


def is_shouted(tokens: Tokens) -> bool:
    """Whether a text is written in capitals throughout."""
    sample = tokens.raw[:_SAMPLE]
    small = sum(map(str.islower, sample))
    doubt = 0.7 * (small - sample.count("a"))
    if len(sample) - small <= doubt or sum(map(str.isupper, sample)) <= doubt:
        return False  # most texts: asked of each word below only where this leaves a doubt
    words = [word for word in sample if len(word) > 1 and word[0].isalpha() and not is_caseless(word)]
    return len(words) >= 3 and sum(word.isupper() for word in words) > 0.7 * len(words)


# Words that English titles write small, and how many longer words make one slip more likely than a sentence.
_SMALL_IN_TITLES = frozenset(
    {"about", "after", "against", "amid", "among", "before", "between", "during", "from", "into", "like", "near", "onto", "over", "than"}
    | {"through", "toward", "under", "upon", "with", "a", "an", "and", "as", "at", "but", "by", "for", "if", "in", "is", "nor", "of"}
    | {"off", "on", "or", "out", "per", "so", "the", "to", "up", "via", "vs", "yet", "de", "del", "der", "di", "du", "la", "le", "van"}
    | {"von", "al"}
)
_LONG_TITLE = 9


def is_title_case(tokens: Tokens, start: int = 0, end: int | None = None) -> bool:
    """Whether a text, or its tokens `start` to `end`, capitalises (nearly) every longer word, so that capitals tell nothing.

    A sentence of many names has one word more in small letters: `wins` in `Rosa Lindqvist wins the Norrland Trophy`.
    """
    if sum(tokens.caps[start:end]) < 3:
        return False  # most lines
    words = [word for word in tokens.raw[start:end] if word[0].isalpha() and not is_caseless(word)]
    longer = [word for word in words if len(word) > 3]
    if len(longer) < 3 or sum(map(is_capital, longer)) < 0.8 * len(longer):
        return False
    may_slip = len(longer) > _LONG_TITLE and not tokens.text.endswith(".")
    return may_slip or all(is_capital(word) or word in _SMALL_IN_TITLES for word in words)


def headlines(tokens: Tokens) -> set[int]:
    """The tokens of lines in title case: headings inside a text, where capitals tell nothing."""
    found: set[int] = set()
    start = 0
    breaks = [at for at, gap in enumerate(tokens.gaps) if "\n" in gap and at]
    for at in (*breaks, len(tokens)):
        full_stop = at > 0 and tokens.follows(at - 1).startswith(".")
        if 5 <= at - start <= 30 and not full_stop and is_title_case(tokens, start, at):
            found.update(range(start, at))
        start = at
    return found
