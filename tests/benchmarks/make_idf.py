"""Makes shared/data/idf.txt out of word lists ordered by frequency; shared/data/README.md names those of snapshot 1.

    python tests/benchmarks/make_idf.py NEWS_CLASSES WEIGHT:LIST.json ... > shared/data/idf.txt

A list is a JSON array of words, the most frequent first. Zipf's law turns the rank into a word's share of the running text, a Poisson
model for articles of 400 words turns that into the share of articles that hold the word. NEWS_CLASSES (share, tab, words) is the
hand-made correction for what news speaks of more than an encyclopedia does.
"""

import json
import math
import sys
from collections import defaultdict
from pathlib import Path

from shared.words import MAX_IDF, stem, stop_words

ARTICLE_WORDS = 400
ZIPF_SHARE, ZIPF_SHIFT = 0.08, 8.0
LONGEST_LIST = 15_000
ARTEFACTS = {"doc", "http", "https", "id", "url", "curid", "org", "title", "wiki"}  # of the lists' making


def main(classes: str, *lists: str) -> None:
    """Print the table: idf, tab, the stems of that idf."""
    share: defaultdict[str, float] = defaultdict(float)
    for given in lists:
        weight, path = given.split(":", 1)
        words = json.loads(Path(path).read_text(encoding="utf-8"))
        for rank, word in enumerate(words[:LONGEST_LIST]):
            if not word.isalpha() or word in ARTEFACTS:
                continue
            found = 1 - math.exp(-ARTICLE_WORDS * ZIPF_SHARE / (rank + ZIPF_SHIFT))
            key = stem(word)
            share[key] = min(0.6, max(share[key], found * float(weight)))
    for line in Path(classes).read_text(encoding="utf-8").splitlines():
        value, words = line.split("\t")
        for key in {stem(word) for word in words.split()}:
            share[key] = max(share[key], float(value))
    for words in stop_words().values():
        for key in map(stem, words):
            share[key] = max(share[key], 0.3 if len(key) < 5 else 0.1)
    by_idf: defaultdict[float, list[str]] = defaultdict(list)
    for word, value in share.items():
        by_idf[round(4 * min(MAX_IDF, -math.log(value))) / 4].append(word)
    for value in sorted(by_idf):
        print(f"{value:g}\t{' '.join(sorted(by_idf[value]))}")


if __name__ == "__main__":
    main(*sys.argv[1:])
