"""Happenings and articles on them, made up: words drawn by how rare the numbered table says that they are, names of syllables.

The index leads from such an article to strangers about as often as news would, and the same seed gives the same news.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate, chain
from math import exp
from pathlib import Path

from shared.words import idf, stop_words

ROOT = Path(__file__).resolve().parents[2]
SENTENCE = 20  # words: half of them carry nothing, a fifth is the happening's
_SMALL, _OTHER, _OWN = 10, 6, 4
_SYLLABLES = [first + last for first in "bdfgklmnprstvz" for last in ("a", "e", "i", "o", "u", "an", "er", "or")]


@dataclass(frozen=True)
class Happening:
    """What an event's articles share: names, and words that are not in every article."""

    names: tuple[str, ...]
    words: tuple[str, ...]
    at: datetime


class News:
    """Makes up happenings and articles on them, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        listed = (ROOT / "shared/data/idf.txt").read_text(encoding="utf-8").split()
        known = [word for word in listed if word.isascii() and word.isalpha() and len(word) > 2]
        self.words = known
        self.rare = [word for word in known if 4.5 <= idf(word) <= 7.5]
        self.shares = list(accumulate(exp(-idf(word)) for word in known))
        self.small = sorted(stop_words()["en"])

    def happening(self, start: datetime, days: int) -> Happening:
        """One, at some time of so many days."""
        names = tuple("".join(self.random.choices(_SYLLABLES, k=3)).capitalize() for _ in range(4))
        minutes = self.random.randrange(days * 1440)
        return Happening(names, tuple(self.random.sample(self.rare, 10)), start + timedelta(minutes=minutes))

    def title(self, told: Happening) -> str:
        """Two names and four words of it, two others."""
        parts = [*self.random.sample(told.names, 2), *self.random.sample(told.words, 4), *self._others(2)]
        return " ".join(parts).capitalize()

    def text(self, told: Happening, words: int) -> str:
        """Sentences in which small words, the happening's and others take turns."""
        number = words // SENTENCE
        small = self.random.choices(self.small, k=_SMALL * number)
        telling = [
            *zip(*[iter(self._others(_OTHER * number))] * _OTHER, strict=True),
            *zip(*[iter(self.random.choices((*told.names, *told.words), k=_OWN * number))] * _OWN, strict=True),
        ]
        sentences = []
        for at in range(number):
            said = chain.from_iterable(zip(small[_SMALL * at : _SMALL * (at + 1)], telling[at] + telling[number + at], strict=True))
            sentences.append(" ".join(said).capitalize() + ".")
        return "\n\n".join(sentences)

    def _others(self, number: int) -> Sequence[str]:
        return self.random.choices(self.words, cum_weights=self.shares, k=number)
