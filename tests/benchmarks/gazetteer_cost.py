"""What a gazetteer of a million surfaces costs: to compile, to open, in an article, in memory.

    python tests/benchmarks/gazetteer_cost.py [--surfaces 1000000] [--json FILE]

Surfaces and articles are made up: names of syllables and of the commonest words of news, so that most words of a text begin some surface.
Matching is tokenising and looking up, CPU, on articles of 600 words; of each article the best of many passes is taken, since other
processes at work can only make one dearer. Memory is that of the mapped file in two processes that use it at once (Linux).
"""

import argparse
import gc
import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from services.tag.core import Concept, Gazetteer, built_in, tag_article  # noqa: E402
from services.tag.core.compiling import compile_gazetteer  # noqa: E402
from services.tag.core.gazetteer import table  # noqa: E402
from services.tag.core.lexicon import lexicon  # noqa: E402
from services.tag.core.tokens import tokenise  # noqa: E402
from services.tag.shelf import open_gazetteer  # noqa: E402
from shared.words import stop_words  # noqa: E402

MILLION = 1_000_000
WORDS, ARTICLES, PASSES = 600, 60, 25
MATCH_MS, OPEN_S = 1.0, 1.0  # the targets
_FIRST, _LAST = (*"bcdfghklmnprstvz", "sh", "ch", "br", "tr"), (*"aeiou", "an", "er", "or", "in", "al")
_SYLLABLES = [first + last for first in _FIRST for last in _LAST]


@dataclass(frozen=True, kw_only=True)
class GazetteerCost:
    """Times in ms but where the name says s; memory in MB, None where this system does not tell it."""

    surfaces: int
    compile_s: float
    file_mb: float
    open_ms: float
    match_ms: float  # of these, for an article: tokenise_ms
    tokenise_ms: float
    mentions: float  # in an article
    tables_match_ms: float  # with the package's tables alone
    tag_ms: float  # the whole of tagging with the large one
    tables_tag_ms: float
    mapped_mb: float | None  # resident of the file in each of two processes
    proportional_mb: float | None  # its proportional share


def measure(surfaces: int = MILLION) -> GazetteerCost:
    """Compile, open, match; some two minutes for a million."""
    words = sorted(lexicon().common | stop_words()["en"] | lexicon().orgs | lexicon().places | lexicon().events)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "gazetteer"
        began = time.process_time()
        gc.disable()  # millions of objects that stay would be looked through again and again
        with file.open("wb") as out:
            for chunk in compile_gazetteer(_rows(surfaces, words), {}):
                out.write(chunk)
        compile_s = time.process_time() - began
        gc.enable()
        gc.collect()
        began = time.perf_counter()
        large = open_gazetteer(file)
        open_ms = (time.perf_counter() - began) * 1000
        articles = _articles(words)
        mapped = _mapped(file)
        tokenise_ms, match_ms, mentions = _match(large, articles)
        return GazetteerCost(
            surfaces=large.facts["surfaces"],
            compile_s=compile_s,
            file_mb=file.stat().st_size / 1e6,
            open_ms=open_ms,
            match_ms=match_ms,
            tokenise_ms=tokenise_ms,
            mentions=mentions,
            tables_match_ms=_match(built_in(), articles)[1],
            tag_ms=_tag(large, articles),
            tables_tag_ms=_tag(built_in(), articles),
            mapped_mb=mapped[0] if mapped else None,
            proportional_mb=mapped[1] if mapped else None,
        )


def targets(cost: GazetteerCost) -> list[tuple[str, float, float, str]]:
    """(what, value, target, unit); met where the value is at most the target."""
    return [
        (f"matching {WORDS} words against {cost.surfaces:,} surfaces", cost.match_ms, MATCH_MS, "ms"),
        (f"opening {cost.surfaces:,} surfaces", cost.open_ms / 1000, OPEN_S, "s"),
    ]


def show(cost: GazetteerCost) -> str:
    """For people."""
    made = f"compiled in {cost.compile_s:.0f} s, opened in {cost.open_ms:.1f} ms"
    lines = [
        f"gazetteer: {cost.surfaces:,} surfaces, {cost.file_mb:.0f} MB, {made}",
        f"  an article of {WORDS} words: matched in {cost.match_ms:.2f} ms (of these {cost.tokenise_ms:.2f} for its tokens),"
        f" {cost.mentions:.0f} mentions; {cost.tables_match_ms:.2f} ms with the package's tables alone",
        f"  tagged in {cost.tag_ms:.2f} ms; {cost.tables_tag_ms:.2f} ms with the package's tables alone",
    ]
    if cost.mapped_mb is not None:
        lines.append(f"  two processes: {cost.mapped_mb:.1f} MB of the file resident in each, {cost.proportional_mb:.1f} MB as its share")
    return "\n".join(lines)


def _rows(surfaces: int, words: Sequence[str]) -> Iterator[tuple[Concept, list[str]]]:
    rng = random.Random(5)
    homes = [row[0] for row in table("countries.tsv")]
    for number in range(surfaces // 2):
        kind = rng.choice(("person", "place", "organisation", "organisation", "event"))
        names = [_surface(rng, words), _surface(rng, words)]
        yield Concept(f"name:made-{number}", kind, names[0], rng.choice(homes)), names


def _surface(rng: random.Random, words: Sequence[str]) -> str:
    size = rng.choice((1, 2, 2, 2, 3, 3, 4))
    if size == 1:
        return _name(rng) + rng.choice(_SYLLABLES)
    return " ".join(rng.choice(words).title() if rng.random() < 0.4 else _name(rng) for _ in range(size))


def _name(rng: random.Random) -> str:
    return "".join(rng.choice(_SYLLABLES) for _ in range(rng.randint(2, 3))).title()


def _articles(words: Sequence[str]) -> list[str]:
    """Texts of common words, one in eight of them with a capital, and of surfaces: each has some of its own words, as articles do."""
    rng = random.Random(7)
    frequent = rng.sample(words, 150)
    known = [names[0] for concept, names in _rows(4000, words)] + [concept.name for concept in built_in().concepts.values()]
    found = []
    for _ in range(ARTICLES):
        text: list[str] = []
        while len(text) < WORDS:
            if rng.random() < 0.06:
                text += rng.choice(known).split()
            else:
                word = rng.choice(frequent if rng.random() < 0.6 else words)
                text.append(word.title() if rng.random() < 0.12 else word)
            text[-1] += rng.choice(("", "", "", "", "", ",", "."))
        found.append(" ".join(text[:WORDS]))
    return found


def _match(gazetteer: Gazetteer, articles: Sequence[str]) -> tuple[float, float, float]:
    """(ms for the tokens, ms for all, mentions) of an article."""
    common, tokens = lexicon().common, list(map(tokenise, articles))
    mentions = sum(len(gazetteer.find(one, "en", common)) for one in tokens) / len(articles)
    tokenising = _best(tokenise, articles)
    return tokenising, tokenising + _best(lambda one: gazetteer.find(one, "en", common), tokens), mentions


def _tag(gazetteer: Gazetteer, articles: Sequence[str]) -> float:
    return _best(lambda text: tag_article(None, text, "en", gazetteer), articles)


def _best(work: Callable[[Any], object], things: Sequence[Any]) -> float:
    """ms of CPU that the work takes for one of the things: the mean of each one's best pass."""
    best = [float("inf")] * len(things)
    for _ in range(PASSES):
        for at, thing in enumerate(things):
            began = time.process_time()
            work(thing)
            best[at] = min(best[at], time.process_time() - began)
    return sum(best) * 1000 / len(things)


def _mapped(file: Path) -> tuple[float, float] | None:
    """(resident, proportional) MB of the mapped file in a process beside another one that uses it too."""
    if not Path("/proc/self/smaps").exists():
        return None
    command = [sys.executable, __file__, "--use", str(file)]
    both = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    try:
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n", "the process did not use the file"
        told = [one.communicate("\n", timeout=60)[0].split() for one in both]
    finally:
        for one in both:
            one.kill()
            one.wait()
    return sum(float(one[0]) for one in told) / 2, float(told[0][1])


def _use(file: Path) -> None:
    """Match some articles, then wait for a line and tell how much of the file is in memory."""
    large = open_gazetteer(file)
    words = sorted(lexicon().common)
    for text in _articles(words):
        large.find(tokenise(text), "en", frozenset())
    print("ready", flush=True)
    sys.stdin.readline()
    rss = pss = 0
    is_it = False
    for line in Path("/proc/self/smaps").read_text().splitlines():
        head, _, rest = line.partition(" ")
        if not head.endswith(":"):
            is_it = line.endswith(str(file))
        elif is_it and head in ("Rss:", "Pss:"):
            size = int(rest.split()[0])
            rss, pss = rss + size * (head == "Rss:"), pss + size * (head == "Pss:")
    print(rss / 1000, pss / 1000)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--surfaces", type=int, default=MILLION, help="how many  [%(default)s]")
    parser.add_argument("--json", type=Path, help="write the figures there")
    parser.add_argument("--use", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.use:
        _use(given.use)
        return 0
    cost = measure(given.surfaces)
    print(show(cost))
    if given.json:
        given.json.write_text(json.dumps(asdict(cost), indent=2), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
