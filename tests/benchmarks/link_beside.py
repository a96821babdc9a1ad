"""Dateline's linker beside simpler ones on a labelled stream, in three views, and how well it tells copies from quotations.

    python tests/benchmarks/link_beside.py ../shared/bench

Every system links the whole stream; each half is scored by itself, and the whole. A baseline's threshold is chosen for each view on the
tuning half, which is in its favour: Dateline has one configuration for all. Copies are the pairs of `copy_of`; the other pairs of an event
that have no origin in common tell of one matter, often in the same quoted words, and are to be told apart from copies.
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks import link_baselines, link_figures  # noqa: E402
from benchmarks.link_figures import Copies, Quality  # noqa: E402
from benchmarks.link_quality import features_of, read, scores  # noqa: E402

from services.link.core import rarity  # noqa: E402
from services.link.core.closedset import link  # noqa: E402
from services.link.core.copies import COPY, features_copy_score, texts_copy_score  # noqa: E402
from services.link.core.score import COPY as COPY_SCORE  # noqa: E402
from shared.features import shingle_hashes  # noqa: E402
from shared.words import tokens  # noqa: E402

STREAM, GOLD = "dev_stream.jsonl.gz", "dev_gold.jsonl.gz"
VIEWS = {"stream": (True, True), "without dates": (True, False), "bare headlines": (False, True)}  # text, date

Records = list[dict[str, Any]]


def is_there(folder: Path) -> bool:
    """Whether the folder has a labelled stream."""
    return all((folder / "link" / name).exists() for name in (STREAM, GOLD))


def measure(folder: Path, say: Callable[[str], None]) -> tuple[list[Quality], list[Copies]]:
    """(quality of every system in every view and half, copies by each way to tell them); about a minute."""
    gold = {line["id"]: line for line in read(folder / "link" / GOLD)}
    records = sorted(read(folder / "link" / STREAM), key=lambda record: record["date"])
    events = [gold[record["id"]]["event"] for record in records]
    found = []
    for view, (text, dated) in VIEWS.items():
        say(f"link: {view}, Dateline and baselines")
        for system, threshold, groups in _partitions(records, events, text=text, dated=dated):
            found += _by_half(system, view, threshold, events, groups)
    say("link: copies and quotations")
    return found, copies(records, {name: line["copy_of"] for name, line in gold.items()}, {n: line["event"] for n, line in gold.items()})


def copies(records: Records, copy_of: dict[str, str | None], event_of: dict[str, str]) -> list[Copies]:
    """What whole texts, sketches, and plain containment take for copies."""
    own = {record["id"]: record for record in records}
    members = defaultdict(list)
    for name in own:
        members[event_of[name]].append(name)
    true = [(name, origin) for name, origin in copy_of.items() if origin]
    other = [
        pair for event in members.values() for pair in combinations(event, 2) if _origin(pair[0], copy_of) != _origin(pair[1], copy_of)
    ]
    text = {name: record["text"] or record["title"] for name, record in own.items()}
    features = {name: features_of(record) for name, record in own.items()}
    ways: dict[str, Callable[[str, str], bool]] = {
        link_figures.OURS: lambda a, b: texts_copy_score(text[a], text[b]) >= COPY_SCORE,
        link_figures.RUNNING: lambda a, b: features_copy_score(features[a], features[b]) >= COPY_SCORE,
        "plain containment": lambda a, b: _contained(text[a], text[b]) >= COPY,
    }
    return [
        Copies(system=name, copies=len(true), found=_count(is_copy, true), quotes=len(other), taken=_count(is_copy, other))
        for name, is_copy in ways.items()
    ]


def _partitions(records: Records, events: list[str], *, text: bool, dated: bool) -> Iterable[tuple[str, float | None, list[int]]]:
    """(system, threshold, group of each article)."""
    articles = [features_of(record, text=text, dated=dated) for record in records]
    for system, weigh in ((link_figures.OURS, None), (link_figures.RUNNING, rarity.static())):
        group_of = {article: at for at, group in enumerate(link(articles, rarity_of=weigh).groups) for article in group}
        yield system, None, [group_of[at] for at in range(len(articles))]
    minutes = [int(datetime.fromisoformat(record["date"]).replace(tzinfo=UTC).timestamp() // 60) for record in records]
    middle = len(events) // 2

    def quality(groups: list[int]) -> float:
        found = scores(events[:middle], groups[:middle])
        return found["bcubed_f1"] + found["pair_f1"]

    titles, texts = [record["title"] for record in records], [record["text"] if text else "" for record in records]
    for baseline in link_baselines.baselines(titles, texts, minutes if dated else None):
        yield baseline.name, *link_baselines.best_of(baseline, quality)


def _by_half(system: str, view: str, threshold: float | None, events: list[str], groups: list[int]) -> list[Quality]:
    middle = len(events) // 2
    parts = {link_figures.TUNING: slice(middle), link_figures.CHECKING: slice(middle, None), link_figures.WHOLE: slice(None)}
    found = []
    for half, part in parts.items():
        told = scores(events[part], groups[part])
        figures = {name: told[name] for name in ("bcubed_f1", "pair_f1", "bcubed_p", "bcubed_r", "pair_p", "pair_r")}
        found.append(Quality(system=system, view=view, half=half, threshold=threshold, largest=int(told["largest"]), **figures))
    return found


def _origin(name: str, copy_of: dict[str, str | None]) -> str:
    while above := copy_of.get(name):
        name = above
    return name


def _contained(a: str, b: str) -> float:
    one, other = shingle_hashes(tokens(a)), shingle_hashes(tokens(b))
    return len(one & other) / (min(len(one), len(other)) or 1)


def _count(is_copy: Callable[[str, str], bool], pairs: Iterable[tuple[str, str]]) -> int:
    return sum(is_copy(a, b) for a, b in pairs)


def main(folder: str) -> None:
    """Measure, print."""
    quality, copied = measure(Path(folder), say=lambda what: print(what, file=sys.stderr))
    print(link_figures.quality_table(quality), link_figures.copies_table(copied), sep="\n\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
