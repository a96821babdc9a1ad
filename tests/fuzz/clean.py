"""Fuzz clean: pages and texts of our own, mutated at random, must be an article that can be stored or be refused, within a time.

    python tests/fuzz/clean.py [--runs 20000 | --seconds 600] [--seed 1] [--limit 5] [--out build/fuzz] [FILE …]      (= make fuzz)

A run is a page of `tests/unit/services/clean/pages` (or of the FILEs), mutated one to eight times: bytes flipped, pieces cut out, doubled,
moved or taken from another page, tokens put in that parsers stumble over, all of it nested. Run N of a seed is the same whatever ran
before, so `--seed S --first N --runs 1` repeats one. What fails is written to the folder `--out` with its facts beside it, and the exit
status is 1: any exception but Reject, more seconds of CPU than `--limit`, an answer that JSON or a database would not take, an article
without text.
"""

import argparse
import json
import random
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from services.clean.core import Document, clean  # noqa: E402
from services.clean.core.lines import to_json  # noqa: E402
from shared.stage import Reject  # noqa: E402

PAGES = ROOT / "tests" / "unit" / "services" / "clean" / "pages"
LARGEST = 3_000_000  # bytes of a mutated document
TYPES = (
    *(None, "text/html", "text/html; charset=shift_jis", "text/html; charset=utf-16"),
    *("text/plain", "text/markdown", "application/pdf", "x"),
)
TOKENS = (
    *(b"<div>", b"</div>", b"<p>", b"<a href='", b"<a href=x>", b"<table><tr><td>", b"<svg>", b"<math>", b"<template>", b"<plaintext>"),
    *(b"<frameset>", b"<base href='//'>"),
    *(b"<!--", b"-->", b"<![CDATA[", b"]]>", b"<?xml version='1.0' encoding='utf-7'?>", b"<script>", b"</script>"),
    *(b"<title>", b"<body>", b"</html>"),
    *(b'<script type="application/ld+json">', b'{"@type":"NewsArticle","articleBody":', b'{"@graph":[', b"[[[[[[[["),
    *(b'self.__next_f.push([1,"', b"\\ud800", b"\\u0000"),
    *(b"&#0;", b"&#xd800;", b"&#x110000;", b"&amp;amp;", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80"),
    *(b"\xc3", b"\xe2\x80\xae", b"\x0c", b"\r\n"),
    *(b"| --- | --- |", b"**", b"__", b"[a](b", b"```", b"> > > ", b"1. ", b"- ", b"---\n", b"# ", b"\\\\", b"-\n", b"%PDF-1.7\n1 0 obj"),
    *(b"9999-99-99T99:99:99+99:99", b"31.02.2021", b"0000-00-00", b"1/1/1/1/1/1", b"12 Mai 99999"),
    *(b"By By By ", b"Original url: http://[", b"http://a.test:99999/"),
)  # fmt: skip


@dataclass(frozen=True)
class Failure:
    """What went wrong with one document."""

    run: int
    why: str
    body: bytes
    facts: dict[str, Any]


def mutate(body: bytes, other: bytes, chance: random.Random) -> bytes:
    """The document, mutated one to eight times."""
    for _ in range(chance.randint(1, 8)):
        body = chance.choice(MUTATIONS)(body, other, chance)[:LARGEST]
    return body


def _cut(body: bytes, chance: random.Random, most: int = 2_000) -> tuple[int, int]:
    start = chance.randint(0, len(body))
    return start, min(len(body), start + chance.randint(0, most))


def _flip(body: bytes, other: bytes, chance: random.Random) -> bytes:
    changed = bytearray(body)
    for _ in range(chance.randint(1, 20) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _delete(body: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _cut(body, chance)
    return body[:start] + body[end:]


def _double(body: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _cut(body, chance, 200)
    return body[:start] + body[start:end] * chance.choice((2, 10, 1_000)) + body[end:]


def _splice(body: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _cut(other, chance)
    at = chance.randint(0, len(body))
    return body[:at] + other[start:end] + body[at:]


def _insert(body: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(body))
    return body[:at] + chance.choice(TOKENS) * chance.choice((1, 1, 1, 3, 300, 30_000)) + body[at:]


def _truncate(body: bytes, other: bytes, chance: random.Random) -> bytes:
    return body[: chance.randint(0, len(body))]


def _nest(body: bytes, other: bytes, chance: random.Random) -> bytes:
    return chance.choice((b"<div>", b"<b>", b"<ul><li>", b"<blockquote>", b"<table><tr><td>")) * chance.choice((10, 500, 3_000)) + body


def _reencode(body: bytes, other: bytes, chance: random.Random) -> bytes:
    return body.decode("utf-8", "replace").encode(chance.choice(("utf-16", "cp1251", "cp932", "utf-8", "utf-7")), "replace")


MUTATIONS: Sequence[Callable[[bytes, bytes, random.Random], bytes]] = (
    *(_flip, _delete, _double, _splice, _splice, _insert, _insert, _insert, _truncate, _nest, _reencode),
)


def examine(body: bytes, facts: dict[str, Any], limit: float) -> tuple[str, str | None]:
    """How a document ends (a refusal's class, or the kind of the article), and what is wrong with that, if anything."""
    started = time.process_time()
    wrong = None
    try:
        cleaned = clean(Document(body=body, **facts))
        end = cleaned.kind
        told = to_json(cleaned)
        json.dumps(told, ensure_ascii=False).encode()
        if not cleaned.text.strip() and cleaned.kind != "event_page":
            wrong = "an article without text"
        elif any("\x00" in value for value in told.values() if isinstance(value, str)):
            wrong = "a NUL character"
    except Reject as refusal:
        end = refusal.error_class
    except BaseException as problem:
        if isinstance(problem, KeyboardInterrupt):
            raise
        return type(problem).__name__, "".join(traceback.format_exception(problem))
    spent = time.process_time() - started
    return end, wrong or (f"{spent:.1f} s of CPU" if spent > limit else None)


def document(seed: int, run: int, corpus: Sequence[bytes]) -> tuple[bytes, dict[str, Any]]:
    """The document of a run and what is known of it."""
    chance = random.Random(f"{seed}/{run}")
    body = mutate(chance.choice(corpus), chance.choice(corpus), chance)
    url = chance.choice((None, "https://a.test/news/a-long-slug-of-words-17", "https://a.test/", "http://[", "x" * 3_000))
    return body, {"content_type": chance.choice(TYPES), "url": url}


def fuzz(
    seed: int, runs: Sequence[int], corpus: Sequence[bytes], limit: float, until: float = float("inf")
) -> tuple[Counter[str], list[Failure]]:
    """How all runs ended, and which failed; no run begins after `until` (of `time.monotonic`)."""
    ends: Counter[str] = Counter()
    failures = []
    for run in runs:
        if time.monotonic() > until:
            break
        body, facts = document(seed, run, corpus)
        end, wrong = examine(body, facts, limit)
        ends[end] += 1
        if wrong is not None:
            failures.append(Failure(run, wrong, body, facts))
    return ends, failures


def own_corpus() -> list[bytes]:
    """Our own pages, in a fixed order."""
    return [path.read_bytes() for path in sorted(PAGES.iterdir()) if path.suffix != ".json"]


def main() -> int:
    """Fuzz, say how it went, keep what failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="documents to mutate instead of our own pages")
    parser.add_argument("--seed", type=int, default=1, help="of the mutations  [%(default)s]")
    parser.add_argument("--first", type=int, default=0, help="number of the first run  [%(default)s]")
    parser.add_argument("--runs", type=int, help="how many runs")
    parser.add_argument("--seconds", type=float, default=60, help="how long, where --runs is not given  [%(default)s]")
    parser.add_argument("--limit", type=float, default=5, help="seconds of CPU for one document  [%(default)s]")
    parser.add_argument("--out", type=Path, default=ROOT / "build" / "fuzz", help="folder for what fails  [build/fuzz]")
    given = parser.parse_args()
    corpus = [path.read_bytes() for path in given.files] or own_corpus()
    runs = range(given.first, given.first + (given.runs if given.runs is not None else 1_000_000_000))
    until = float("inf") if given.runs is not None else time.monotonic() + given.seconds
    ends, failures = fuzz(given.seed, runs, corpus, given.limit, until)
    print(f"{sum(ends.values())} runs of seed {given.seed}: " + ", ".join(f"{count} {end}" for end, count in ends.most_common()))
    for one in failures:
        given.out.mkdir(parents=True, exist_ok=True)
        file = given.out / f"{given.seed}-{one.run}"
        file.write_bytes(one.body)
        file.with_suffix(".json").write_text(json.dumps({**one.facts, "why": one.why}, indent=1), encoding="utf-8")
        print(f"FAILED {file}: {one.why.strip().splitlines()[-1]}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
