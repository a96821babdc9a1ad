"""How rare a term is: the static table, or that table corrected by the articles of a closed set."""

import math
from collections import Counter
from collections.abc import Callable, Iterable

from shared.features import Features
from shared.words import idf

# A rarity is minus the logarithm of the share of articles that hold a term.
Rarity = Callable[[str], float]

# The table counts as much as so many articles.
PRIOR_ARTICLES = 1000
COMMONEST = 0.9
# So many articles with a term may be one event's own, which makes it no commoner.
OWN = 10


def static() -> Rarity:
    """The numbered table alone: what the running chronicle scores with."""
    return idf


def of_set(articles: Iterable[Features]) -> Rarity:
    """The table and the document frequencies of a closed set of articles: a function of the set, not of its order.

    A stream on one matter (a country's politics, say) makes that matter's words common, which the table cannot know.
    """
    found: Counter[str] = Counter()
    size = 0
    for article in articles:
        found.update(article.title.keys() | article.lead.keys() | article.body.keys())
        size += 1
    if size < 2:
        return idf
    cache: dict[str, float] = {}

    def rarity(term: str) -> float:
        value = cache.get(term)
        if value is None:
            share = (max(0, found[term] - OWN) + PRIOR_ARTICLES * math.exp(-idf(term))) / (size + PRIOR_ARTICLES)
            value = cache[term] = -math.log(min(COMMONEST, share))
        return value

    return rarity
