"""Articles that say the same at the same hour ("twins"): one thing to compare, so that a thousand of them cost no million comparisons.

Nothing that is scored tells twins apart, so an edge with one is an edge with each, and only one needs to be stored. Which one is not
told: any edge between two kinds of twins is read as theirs. They hang together by one edge each, with the first of them, and stand in
one event as one article would; people alone can part them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from services.link.core.score import Edge, Profile, score

SURE = 0.5  # what twins' own edge must say: two bare titles "Live updates" are no event, nor are a thousand


def own_edge(profile: Profile) -> Edge | None:
    """The edge of an article with any twin; None where it says too little to be of one event with the like."""
    edge = score(profile, profile)
    return edge if edge is not None and edge.score >= SURE else None


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which articles are twins: `head` has each article's first twin, often itself; `own` the score within those that have several."""

    head: Mapping[int, int]
    own: Mapping[int, float] = field(default_factory=dict)


def kinds(profiles: Mapping[int, Profile]) -> Kinds:
    """Find the twins among these articles."""
    by_mark: defaultdict[int, list[int]] = defaultdict(list)
    for article, one in profiles.items():
        by_mark[one.features.mark].append(article)
    head: dict[int, int] = {}
    own: dict[int, float] = {}
    for articles in (part for held in by_mark.values() for part in _parts(held, profiles)):
        edge = own_edge(profiles[articles[0]]) if len(articles) > 1 else None
        first = min(articles)
        head |= {article: first if edge is not None else article for article in articles}
        if edge is not None:
            own[first] = edge.score
    return Kinds(head, own)


def _parts(articles: list[int], profiles: Mapping[int, Profile]) -> Collection[list[int]]:
    """Articles that say the same, by all that makes them twins: seldom more than one, so that nobody needs to look."""
    if len(articles) == 1:
        return [articles]
    by_key: defaultdict[int, list[int]] = defaultdict(list)
    for article in articles:
        by_key[profiles[article].twin].append(article)
    return by_key.values()
