"""Prints the linker's quality on closed sets without dates whose events come in pairs that look alike.

    python tests/benchmarks/lookalikes.py ../shared/bench/link

The open stream has neither large events nor kinds of news far apart, so these sets are put together: events of it that three outlets
tell, each with the event most like it; the same with articles cut short; events of eleven or twelve articles, put together from the
sentences of two or three with the words thinned out; and happenings of forty kinds, two of each that differ in places, persons and figures
only, written by `lookalikes.txt`. "tuning" is what constants were chosen on (the stream's first half, some seeds), "checking" the other.
"""

import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from link_quality import read, scores

from services.link.core import rarity
from services.link.core.closedset import link
from services.link.core.score import Profile, cosine, vector
from shared.features import Features, make_features
from shared.words import idf

HALVES = ("tuning", "checking")
PAIRS = 40  # of events that look alike, in a set of threes
LARGE_PAIRS = 20
SENTENCES = 33  # that an event must have to be told by eleven articles
THINNED = 0.35  # the share of words left out of a sentence
_END = re.compile(r"(?<=[.!?”\"])\s+")


@dataclass(frozen=True)
class Article:
    """An article of a set: its event and what it says."""

    event: str
    title: str
    text: str


def sentences(text: str) -> list[str]:
    """A text's sentences, roughly."""
    return [part for part in _END.split(text.replace("Advertisement", "")) if len(part) > 20]


def cut(articles: Sequence[Article], kept: int) -> list[Article]:
    """Articles cut to their first sentences."""
    return [Article(one.event, one.title, " ".join(sentences(one.text)[:kept])) for one in articles]


def untitled(articles: Sequence[Article]) -> list[Article]:
    """Articles whose title is the text's first line, as plain texts have it."""
    return [Article(one.event, "", f"{one.title}.\n{one.text}") for one in articles]


def twosome(events: dict[str, list[Article]], most: int) -> list[str]:
    """Events in pairs that look alike: the pair of the highest mean likeness first, each event once."""
    made = {name: [features_of(one) for one in held] for name, held in events.items()}
    weigh = rarity.of_set([one for held in made.values() for one in held])
    middle = {}
    for name, held in made.items():
        total: Counter[str] = Counter()
        for one in held:
            text = Profile(features=one, rarity=weigh).text
            total.update({term: weight / text.length for term, weight in text.weights.items()})
        middle[name] = vector(dict(total.most_common(150)))
    names = sorted(middle)
    likeness = sorted(((cosine(middle[a], middle[b]), a, b) for at, a in enumerate(names) for b in names[:at]), reverse=True)
    chosen: list[str] = []
    for _, a, b in likeness:
        if a not in chosen and b not in chosen and len(chosen) < 2 * most:
            chosen += [a, b]
    return chosen


def put_together(held: Sequence[Article], size: int, chance: random.Random) -> list[Article]:
    """An event of `size` articles: each has the title of one of those held, a first sentence and others of any, all of them thinned.

    Parts of one article alone would make groups within the event, by the outlet.
    """
    parts = [sentences(one.text) for one in held]
    body = [sentence for part in parts for sentence in part[:20]]
    first = [sentence for part in parts for sentence in part[:2]]
    made = []
    for _ in range(size):
        said = [chance.choice(first), *chance.sample(body, min(len(body), chance.randint(5, 14)))]
        title = thin(chance.choice(held).title, 0.4, chance)
        made.append(Article(held[0].event, title, " ".join(thin(one, THINNED, chance) for one in said)))
    return made


def thin(text: str, share: float, chance: random.Random) -> str:
    """A text without this share of its words, and the rest in another order, so that no run of words is repeated."""
    words = [word for word in text.split() if chance.random() >= share]
    chance.shuffle(words)
    return " ".join(words) + "."


class Teller:
    """Tells happenings by templates. What an event is in one article, it is in all; what is seen beside it differs."""

    def __init__(self, path: Path, seed: int, own: tuple[int, int]) -> None:
        self.extra = own
        blocks = [block.strip().splitlines() for block in path.read_text(encoding="utf-8").split("\n\n")]
        self.kinds = {block[0]: block[1:] for block in blocks if not block[0].startswith("#")}
        self.frames = self.kinds.pop("own")
        self.named = {line.split()[0]: line.split()[1:] for line in self.kinds.pop("names")}
        self.chance = random.Random(seed)
        table = {word for block in self.kinds.values() for line in block for word in re.findall(r"\b[a-z]{5,}\b", line)}
        self.words = sorted(word for word in table if idf(word) > 3)

    def name(self) -> str:
        """A person."""
        return f"{self.chance.choice(self.named['first'])} {self.chance.choice(self.named['last'])}"

    def facts(self) -> dict[str, str]:
        """Who, where and when."""
        slots = {"C": "towns", "R": "lands", "O": "bodies", "d": "days", "D": "months"}
        found = {slot: self.chance.choice(self.named[kind]) for slot, kind in slots.items()}
        return found | {"P": self.name(), "Q": self.name(), "D": f"{found['D']} {self.chance.randint(1, 28)}"}

    def number(self, kind: str) -> str:
        """A figure."""
        if kind == "k":
            return f"{self.chance.randint(1, 9)}.{self.chance.randint(1, 9)}"
        return str(self.chance.randint(2, 60) if kind == "n" else self.chance.randint(10, 95) * 10)

    def choose(self, line: str) -> str:
        """Take one of each [a|b], the innermost first."""
        while (found := re.search(r"\[([^\[\]]*)\]", line)) is not None:
            line = line[: found.start()] + self.chance.choice(found.group(1).split("|")) + line[found.end() :]
        return re.sub(r" +([,.])", r"\1", re.sub(r"\s+", " ", line)).strip(" ,")

    def own(self) -> str:
        """A sentence that no other article has."""
        line = self.choose(self.chance.choice(self.frames).replace("[P]", self.name()).replace("[n]", self.number("n")))
        return re.sub(r"\b[A-E]\b", lambda _: self.chance.choice(self.words), line)

    def event(self, kind: str, facts: dict[str, str], name: str, size: int) -> Iterator[Article]:
        """A happening as so many outlets tell it."""
        title, *rest = self.kinds[kind]
        leads = [line[2:] for line in rest if line.startswith(">")]
        details = [line for line in rest if not line.startswith(">")]
        details = self.chance.sample(details, self.chance.randint(4, len(details)))
        known = [self.own() for _ in range(self.chance.randint(1, 4))]
        numbers: dict[tuple[str, int], str] = {}

        def filled(line: str) -> str:
            count: Counter[str] = Counter()

            def put(found: re.Match[str]) -> str:
                slot = found.group(1)
                if slot in "nmk":
                    count[slot] += 1
                    key = (line + slot, count[slot])
                    numbers.setdefault(key, self.number(slot))
                    return numbers[key] if self.chance.random() < 0.8 else self.number(slot)
                if slot in "pq":
                    return facts[slot.upper()].split()[-1]
                return facts[slot]

            return self.choose(re.sub(r"\{(\w)\}", put, line))

        for _ in range(size):
            told = [filled(line) for line in self.chance.sample(details, self.chance.randint(1, len(details)))]
            told += self.chance.sample(known, self.chance.randint(0, len(known)))
            told += [self.own() for _ in range(self.chance.randint(*self.extra))]
            self.chance.shuffle(told)
            said = leads if self.chance.random() < 0.3 else [self.chance.choice(leads)]
            yield Article(name, filled(title), " ".join([filled(line) for line in said] + told))


def told(path: Path, seed: int, size: tuple[int, int], alone: float = 0.0, own: tuple[int, int] = (1, 5)) -> list[Article]:
    """Two happenings of each kind; half of the second ones at the same place, or with the same person or firm. Some kinds have but one.

    `own` is how many sentences an article has to itself.
    """
    teller = Teller(path, seed, own)
    made: list[Article] = []
    for kind in sorted(teller.kinds):
        first = teller.facts()
        second = teller.facts() | {slot: first[slot] for slot in teller.chance.choice(("", "", "CR", "R", "P", "O"))}
        for at, facts in enumerate((first, second)):
            if at == 0 or teller.chance.random() >= alone:
                made += teller.event(kind, facts, f"{kind} {at}", teller.chance.randint(*size))
    return made


def features_of(one: Article) -> Features:
    """Its features, without a date."""
    return make_features(title=one.title, text=one.text)


def sets(folder: Path) -> Iterator[tuple[str, str, list[Article]]]:
    """Name, half and articles."""
    truth: dict[str, Any] = {line["id"]: line for line in read(folder / "dev_gold.jsonl.gz")}
    records = sorted(read(folder / "dev_stream.jsonl.gz"), key=lambda record: record["date"])
    templates = Path(__file__).with_suffix(".txt")
    for half, name in enumerate(HALVES):
        held: defaultdict[str, list[Article]] = defaultdict(list)
        middle = len(records) // 2
        for record in records[middle:] if half else records[:middle]:
            if truth[record["id"]]["copy_of"] is None:
                held[truth[record["id"]]["event"]].append(Article(truth[record["id"]]["event"], record["title"], record["text"]))
        threes = {event: articles for event, articles in held.items() if len(articles) == 3}
        three = [one for event in twosome(threes, PAIRS) for one in threes[event]]
        yield "threes", name, three
        for kept in (4, 8, 15):
            yield f"threes, {kept} sentences", name, cut(three, kept)
        long = {event: articles for event, articles in held.items() if sum(len(sentences(one.text)) for one in articles) >= SENTENCES}
        chance = random.Random(half)
        eleven = [one for event in twosome(long, LARGE_PAIRS) for one in put_together(long[event], 11, chance)]
        yield "elevens", name, eleven
        for kept in (4, 8):
            yield f"elevens, {kept} sentences", name, cut(eleven, kept)
        yield "elevens, no titles", name, untitled(eleven)
        even = [one for event in twosome(long, LARGE_PAIRS) for one in put_together(long[event], chance.choice((8, 12, 16)), chance)]
        yield "eights and more", name, even
        yield "told, tens", name, told(templates, half, (10, 10))
        yield "told, no titles", name, untitled(told(templates, half + 2, (8, 14)))
        yield "told, with much else", name, told(templates, half + 10, (8, 14), own=(4, 12))
        yield "told, 4 sentences", name, cut(told(templates, half + 4, (10, 10)), 4)
        yield "told, 2 to 20, some alone", name, told(templates, half + 6, (2, 20), alone=0.5)
        yield "told, ones and twos", name, told(templates, half + 8, (1, 2))


def main(folder: str) -> None:
    """Print a table: set, half, the scores."""
    for name, half, articles in sets(Path(folder)):
        linked = link([features_of(one) for one in articles])
        label = {article: at for at, group in enumerate(linked.groups) for article in group}
        found = scores([one.event for one in articles], [label[at] for at in range(len(articles))])
        shown = "  ".join(f"{key} {value:.3f}" for key, value in found.items())
        events = len({one.event for one in articles})
        print(f"{name:26} {half:9} {len(articles):4} articles {events:3} events, found {len(linked.groups):3}  {shown}", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
