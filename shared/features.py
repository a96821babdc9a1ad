"""What the linker knows of an article: a compact, bounded value made once by `tag`, stored as JSON, compared many times by `link`.

`make_features` depends on the article alone, `index_keys` on the article and the numbered table of word rarity (`shared/words.py`), so
neither depends on what else arrived, or when. Nor does it whether two articles are candidates for one another (`ENOUGH`).
"""

import base64
import json
import re
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import blake2b
from itertools import filterfalse
from math import fsum, sqrt
from operator import mul
from typing import Any
from zlib import crc32

from shared.remembered import Remembered
from shared.words import guess_language, idf, stem, stop_words, tokens

# Goes up whenever this module, shared/words.py or shared/data change what comes out.
SNAPSHOT = "4"

MAX_CHARS = 40_000  # of a text; what follows says nothing new
MAX_TITLE_CHARS = 400
LEAD_TOKENS = 80
BODY_TERMS = 160
TITLE_TERMS = 40
NUMBERS = 40
TAGS = 40
SKETCH = 256  # smallest shingle hashes kept: the estimate of a containment errs by about 1/sqrt(256)
SHINGLE = 4  # words
KEYS = 48  # the first is of what says the same in the same hour
TAG_KEYS = 8
COPY_SHINGLES = 4  # the smallest ones are keys, by which copies are found
CITED = 12  # addresses that an event page names; it is found by them, and they find it
LONGEST_ACRONYM = 5
INDEXED_IDF = 3.0  # a term in more than about 5 % of all articles finds too much to be worth asking for
# A key weighs up to `WHOLE`: its part of the article's vector of terms, of length `WHOLE`. What two articles' keys in common weigh,
# multiplied and added up, must reach `ENOUGH`, some .04 of a whole, for anybody to compare them: whole keys do by themselves.
WHOLE = 1_000
ENOUGH = 40_000
ENGLISH_SIDE, OTHER_SIDE = "#en#", "#"  # before the keys of tags (`asked_keys`)
# The day of the index for what has none: before any that a date can hold.
UNDATED_DAY = -1_000_000
COUNTED = ("title", "lead", "body")  # what holds terms with their counts
# Kinds of tags that stand in every tenth article.
GENERIC_KINDS = frozenset({"country", "topic", "office"})
_CODE = re.compile("[a-z]{2,3}")  # ISO 639
_EPOCH = date(1970, 1, 1)
_THOUSANDS = re.compile(r",(?=\d{3}(?:\D|$))")
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """An article's evidence. Terms are stems without stop words; `minute` counts from 1970 to the publication, None if unknown."""

    title: dict[str, int]
    lead: dict[str, int]  # the first `LEAD_TOKENS` tokens of the text
    body: dict[str, int]  # the whole text, its `BODY_TERMS` most telling terms
    numbers: tuple[str, ...]  # of title and text, without separators of thousands
    tags: dict[str, float]  # id to weight, 0 to 1
    kinds: dict[str, str]  # tag id to kind
    minute: int | None
    language: str
    sample: bool
    words: int  # tokens of the text
    shingles: int  # distinct 4-word shingles of the text
    sketch: tuple[int, ...]  # the smallest of their 32-bit hashes, ascending
    mark: int  # of title and text: orders articles without regard to ids
    addresses: tuple[int, ...] = ()  # hashes of its own addresses' keys (`shared/urls.py`)
    cites: tuple[int, ...] = ()  # and of those that it names as its sources, where it is an event page

    @property
    def is_dated(self) -> bool:
        """Whether a publication date is known."""
        return self.minute is not None

    @property
    def day(self) -> date | None:
        """The UTC day of publication."""
        return None if self.minute is None else datetime.fromtimestamp(self.minute * 60, UTC).date()

    @property
    def hour(self) -> int | None:
        """The UTC hour of publication, counted from 1970: how exactly times are compared."""
        return None if self.minute is None else self.minute // 60

    def to_json(self) -> str:
        """One line of JSON."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values |= {name: _grouped(values[name]) for name in COUNTED}
        values["sketch"] = ":" + base64.b64encode(array("I", self.sketch).tobytes()).decode("ascii")
        return _as_json(values)


def from_json(line: str) -> Features:
    """The inverse of `Features.to_json`."""
    values = json.loads(line)
    sketch, told = array("I"), values["sketch"]
    # Up to snapshot 3 it was written in base 85, which takes Python thirty times as long to read.
    sketch.frombytes(base64.b64decode(told[1:]) if told[:1] == ":" else base64.b85decode(told))
    lists = {name: tuple(values.get(name, ())) for name in ("numbers", "addresses", "cites")}
    counted = {name: _counted(values[name]) for name in COUNTED}
    values |= {"sketch": tuple(sketch), **lists, **counted}
    return Features(**values)


def _grouped(counts: Mapping[str, int]) -> dict[str, str]:
    """A count to the terms that have it, parted by spaces: a third of the time to read, and shorter."""
    groups: dict[str, list[str]] = {}
    for term, count in counts.items():
        groups.setdefault(str(count), []).append(term)
    return {count: " ".join(terms) for count, terms in groups.items()}


def _counted(told: Mapping[str, Any]) -> dict[str, int]:
    """The inverse of `_grouped`; up to snapshot 3, each term stood beside its count."""
    counts: dict[str, int] = {}
    for name, value in told.items():
        if isinstance(value, int):
            counts[name] = value
        else:
            counts |= dict.fromkeys(value.split(" "), int(name))
    return counts


def make_features(
    *,
    title: str | None,
    text: str | None,
    tags: Iterable[tuple[str, float, str]] = (),
    published: datetime | None = None,
    language: str | None = None,
    sample: bool = False,
    addresses: Iterable[str] = (),
    cited: Iterable[str] = (),
) -> Features:
    """The features of an article. `tags`: (id, weight, kind). `published`: aware, or None where it is not known.

    `addresses` and `cited` are keys of `shared/urls.py`: the article's own, and those that an event page names as sources.
    """
    title, text = (title or "")[:MAX_TITLE_CHARS], (text or "")[:MAX_CHARS]
    title_tokens, text_tokens = tokens(title), tokens(text)
    code = (language or "").split("-")[0].split("_")[0].lower()
    # A stated language counts though its stop words are not known: it decides with which weights two articles are compared.
    code = code if _CODE.fullmatch(code) else guess_language(title_tokens + text_tokens[:200])
    stops = stop_words().get(code, frozenset())
    best = sorted(tags, key=lambda tag: (-tag[1], tag[0]))[:TAGS]
    hashes = shingle_hashes(text_tokens)
    return Features(
        title=dict(_terms(title_tokens, stops).most_common(TITLE_TERMS)),
        lead=dict(_terms(text_tokens[:LEAD_TOKENS], stops)),
        body=_most_telling(_terms(text_tokens, stops), BODY_TERMS),
        numbers=_numbers(title_tokens + text_tokens),
        tags={tag_id: round(weight, 4) for tag_id, weight, _ in best},
        kinds={tag_id: kind for tag_id, _, kind in best},
        minute=int(published.timestamp() // 60) if published else None,
        language=code,
        sample=sample,
        words=len(text_tokens),
        shingles=len(hashes),
        sketch=tuple(sorted(hashes)[:SKETCH]),  # heapq.nsmallest takes six times as long for some hundreds
        mark=_hash(f"{title}\n{text}"),
        addresses=tuple(sorted({_hash(f"@{key}") for key in addresses})),
        cites=tuple({_hash(f"@{key}"): None for key in cited})[:CITED],
    )


def shingle_hashes(words: Sequence[str]) -> set[int]:
    """32-bit hashes of all runs of `SHINGLE` tokens; of the whole where there are fewer (Broder, 1997)."""
    if len(words) <= SHINGLE:
        return {crc32(" ".join(words).encode("utf-8", "surrogatepass"))} if words else set()
    runs = zip(*(words[at:] for at in range(SHINGLE)), strict=False)
    return set(map(crc32, map(str.encode, map(" ".join, runs))))  # words hold no surrogates


def twin_key(features: Features) -> int:
    """The same for articles that say the same at the same hour: then nothing that is compared tells them apart.

    Times are compared by the hour for this reason: what a thousand outlets reprint at once is one thing to compare, not a thousand.
    """
    said = (features.mark, features.hour, features.language, features.sample, sorted(features.tags.items()))
    return _hash(repr(said))


def index_keys(features: Features, most: int = KEYS) -> dict[int, int]:
    """Signed 64-bit keys of the at most `most` most telling terms, tags and shingles, and of the addresses, with their weights.

    The weights are whole numbers, so that what two articles share adds up to the same in any order.
    """
    weights = {term: _telling(term, count) for term, count in features.body.items()}
    for term, count in features.lead.items():
        weights[term] = max(weights.get(term, 0.0), _telling(term, count)) * 1.3
    for term in features.title:
        weights[term] = weights.get(term, 0.0) + 1.5 * idf(term)
    least = INDEXED_IDF if features.words else 0.0  # a bare title has too few words to do without the common ones
    rare = sorted(term for term in weights if idf(term) >= least)
    best = sorted(rare, key=weights.__getitem__, reverse=True)  # of equals the first by alphabet
    keys: dict[str, int] = {}
    if features.sketch or best:
        keys = {f"={twin_key(features)}": WHOLE} | {f"~{number}": WHOLE for number in features.sketch[:COPY_SHINGLES]}
    side = _side(features)
    keys |= {side + tag: weight for tag, weight in _named(features).items()}
    unit = WHOLE / (sqrt(fsum(map(mul, weights.values(), weights.values()))) or 1.0)
    keys |= {term: round(unit * weights[term]) for term in best[: most - len(keys)]}
    prefix = _prefix(features)
    return {key_of(prefix + key): weight for key, weight in keys.items()} | dict.fromkeys((*features.addresses, *features.cites), WHOLE)


def asked_keys(features: Features) -> tuple[dict[int, int], list[int]]:
    """What an article asks the index for besides its own keys, and which of its own it does not ask for: tags, across languages.

    Two texts in one language have words in common; where half the news is of one matter, its persons' tags would only lead to all of it.
    Tags are told apart by two sides, English and the rest: an article in English asks the other side, any other both.
    """
    prefix, named, is_english = _prefix(features), _named(features), _side(features) == ENGLISH_SIDE
    theirs = OTHER_SIDE if is_english else ENGLISH_SIDE
    unasked = [key_of(prefix + ENGLISH_SIDE + tag) for tag in named] if is_english else []
    return {key_of(prefix + theirs + tag): weight for tag, weight in named.items()}, unasked


def _named(features: Features) -> dict[str, int]:
    """The tags that lead to few articles, with the weights of their keys."""
    tags = [tag for tag in features.tags if features.kinds[tag] not in GENERIC_KINDS and _is_rare(tag)]
    unit = WHOLE / (sqrt(fsum(weight * weight for weight in features.tags.values())) or 1.0)
    return {tag: round(unit * features.tags[tag]) for tag in tags[:TAG_KEYS]}


def _side(features: Features) -> str:
    return ENGLISH_SIDE if features.language == "en" else OTHER_SIDE


def posting_day(day: date | None) -> int:
    """A day as the index counts it, from 1970; `UNDATED_DAY` for none."""
    return UNDATED_DAY if day is None else (day - _EPOCH).days


def twin_posting(features: Features) -> int:
    """The one of `index_keys` that only its twins share."""
    return key_of(f"{_prefix(features)}={twin_key(features)}")


def copy_postings(features: Features) -> tuple[int, ...]:
    """Those of `index_keys` that articles with (nearly) the same text share: the one of its twins, and those of its smallest shingles."""
    copies = (key_of(f"{_prefix(features)}~{number}") for number in features.sketch[:COPY_SHINGLES])
    return (twin_posting(features), *copies)


def _prefix(features: Features) -> str:
    return "s" if features.sample else "r"  # sample news never meets real news


@lru_cache(maxsize=100_000)
def key_of(term: str) -> int:
    """A term's key in the index."""
    return _hash(term)


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)


def _term(word: str) -> str:
    """What a word is counted as; "" for a single letter or digit, and for what has no letters."""
    return stem(word) if len(word) > 1 or not word.isascii() else ""


_TERMS = Remembered(_term)  # asked once a word, not once for each place where it stands


def _terms(words: Sequence[str], stops: frozenset[str]) -> Counter[str]:
    return Counter(filter(None, map(_TERMS.__getitem__, filterfalse(stops.__contains__, words))))


@lru_cache(maxsize=100_000)
def _is_rare(tag: str) -> bool:
    """Whether a tag finds little: a person who stands in every third article finds a third of all articles.

    Told by the words of its id; of an acronym these tell nothing (`org:who`).
    """
    kind, _, name = tag.partition(":")
    if kind == "org" and name.isalpha() and len(name) <= LONGEST_ACRONYM:
        return True
    return any(idf(stem(word)) >= INDEXED_IDF for word in name.split("-") if word)


def _telling(term: str, count: int) -> float:
    return idf(term) if count == 1 else idf(term) * (1.0 + 0.7 * min(count - 1, 4))


def _most_telling(terms: Counter[str], size: int) -> dict[str, int]:
    if len(terms) <= size:
        return dict(terms)
    telling = {term: _telling(term, terms[term]) for term in sorted(terms)}
    best = sorted(telling, key=telling.__getitem__, reverse=True)  # of equals the first by alphabet
    return {term: terms[term] for term in best[:size]}


def _numbers(words: Sequence[str]) -> tuple[str, ...]:
    """Figures in one notation: without commas between thousands, with a point where other languages have a decimal comma."""
    figures = [word for word in words if word[0].isdigit()]
    return tuple(dict.fromkeys([_THOUSANDS.sub("", word).replace(",", ".") if "," in word else word for word in figures]))[:NUMBERS]
