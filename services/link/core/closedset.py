"""A closed set of articles linked in memory: what `dateline stage link`, the benchmarks and the tests call."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest

from services.link.core import rarity
from services.link.core.cluster import NEAR, Key, Usual, cluster, components
from services.link.core.copies import groups as copies_of
from services.link.core.proportion import regroup
from services.link.core.score import COPY, Edge, Profile, comparable, score
from services.link.core.twins import hour_key, kinds
from shared.features import Features, asked_keys, index_keys

UNDATED_MINUTE = 1 << 40  # undated articles come last
SURE = 0.5
# In a set of at least so many articles most of which have a sure mate, one without a sure mate likely goes with its likeliest.
DENSE_SIZE, DENSE_SHARE = 100, 0.55
DENSE_NEAR = 1_000
# So many of the voices of such a set stand in events that are no larger than usual; an article and its copies are one voice.
USUAL_SHARE = 0.8
# Where so many articles stand in groups of so many, groups without dates are weighed by proportion (`proportion.py`). The share is below
# .2 in sets of threes and in the open stream, and above .45 in all that were made of larger events.
LARGE_EVENT, LARGE_SHARE = 5, 1 / 3
# A set fits into memory, so that more may be asked for than the index keeps: of 2,158 articles that finds all that comparing each with
# each does. Beyond so many for one article those that share most go first.
KEYS, MAX_CANDIDATES = 80, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """The partition of a set of articles, by their places in the input, and the edges it follows from."""

    groups: list[frozenset[int]]
    edges: dict[tuple[int, int], Edge]
    largest_component: int
    _inside: dict[int, list[tuple[int, int]]]  # article to its pairs within its group

    def pairs_in(self, group: frozenset[int]) -> list[tuple[int, int]]:
        """The pairs of a group that have an edge."""
        return sorted({pair for article in group for pair in self._inside.get(article, ())})

    def strongest(self, article: int) -> tuple[int, int] | None:
        """The article's pair with the highest score within its group."""
        return max(self._inside.get(article, ()), key=lambda pair: (self.edges[pair].score, pair), default=None)


def order_key(features: Features) -> Key:
    """What orders articles without regard to ids."""
    return (UNDATED_MINUTE if features.minute is None else features.minute, features.mark)


def candidates(articles: Sequence[Features]) -> list[tuple[int, int]]:
    """Pairs that share a key and may share an event: of each article the `MAX_CANDIDATES` that share most keys with it."""
    postings: defaultdict[int, list[int]] = defaultdict(list)
    keys = [index_keys(features, KEYS) for features in articles]
    for at, own in enumerate(keys):
        for key in own:
            postings[key].append(at)
    pairs: set[tuple[int, int]] = set()
    for at, own in enumerate(keys):
        shared: Counter[int] = Counter()
        across, unasked = asked_keys(articles[at])
        for key in (own.keys() | across.keys()).difference(unasked):
            shared.update(postings.get(key, ()))
        near = [other for other in shared if other != at and comparable(articles[other], articles[at])]
        if len(near) > MAX_CANDIDATES:
            near = nlargest(MAX_CANDIDATES, near, key=lambda other: (shared[other], articles[other].mark))
        pairs |= {(min(at, other), max(at, other)) for other in near}
    return sorted(pairs)


def link(articles: Sequence[Features], *, rarity_of: rarity.Rarity | None = None) -> Linked:
    """The events of a set. `rarity_of` defaults to the table corrected by the set."""
    weigh = rarity_of or rarity.of_set(articles)
    profiles: list[Profile] = [Profile(features=features, rarity=weigh) for features in articles]
    head = kinds(dict(enumerate(profiles))).head
    firsts = sorted(at for at in head if head[at] == at)
    asked = [(firsts[a], firsts[b]) for a, b in candidates([articles[at] for at in firsts])]
    edges = {}
    for a, b in [*asked, *((min(at, first), max(at, first)) for at, first in head.items() if at != first)]:
        edge = score(profiles[a], profiles[b])
        if edge is not None:
            edges[a, b] = edge
    scores = {pair: edge.score for pair, edge in edges.items()}
    near = NEAR if rarity_of else near_of_set(len(articles), scores)
    parts = components(range(len(articles)), scores, near)
    part_of = {article: at for at, part in enumerate(parts) for article in part}
    inside: list[dict[tuple[int, int], float]] = [{} for _ in parts]
    for (a, b), value in scores.items():
        if part_of[a] == part_of[b] and head[a] != head[b]:
            inside[part_of[a]][a, b] = value
    twins: defaultdict[int, list[int]] = defaultdict(list)
    for article in sorted(head):
        twins[head[article]].append(article)
    key = {first: hour_key(profiles[first], order_key(articles[first])) for first in twins}
    keyed = [{article: key[article] for article in part if article in key} for part in parts]
    usual = None
    if rarity_of is None and any(features.is_dated for features in articles):
        first_look = [group for held, within in zip(keyed, inside, strict=True) for group in cluster(held, within, near=near)]
        usual = usual_of_set(first_look, key, [pair for pair, edge in edges.items() if edge.copy >= COPY])
    made = [cluster(held, within, near=near, usual=usual) for held, within in zip(keyed, inside, strict=True)]
    if rarity_of is None and tells_large_events([len(group) for found in made for group in found]):
        for at, part in enumerate(parts):
            if not any(articles[article].is_dated for article in part):
                made[at] = _by_proportion(made[at], key, profiles, inside[at])
    groups = [frozenset(article for first in group for article in twins[first]) for found in made for group in found]
    within_group: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    group_of = {article: at for at, group in enumerate(groups) for article in group}
    for a, b in edges:
        if group_of[a] == group_of[b]:
            within_group[a].append((a, b))
            within_group[b].append((a, b))
    return Linked(
        groups=sorted(groups, key=min), edges=edges, largest_component=max(map(len, parts), default=0), _inside=dict(within_group)
    )


def tells_large_events(sizes: Sequence[int]) -> bool:
    """Whether a set of groups of these sizes tells large events: where most are small, a large group's proportions mislead."""
    return sum(size for size in sizes if size >= LARGE_EVENT) >= LARGE_SHARE * sum(sizes)


def _by_proportion(
    found: list[frozenset[int]], key: Mapping[int, Key], profiles: Sequence[Profile], scores: Mapping[tuple[int, int], float]
) -> list[frozenset[int]]:
    """The groups of a component without dates, large ones joined and parted; in an order that does not come from the input's."""
    ordered = sorted((sorted(group, key=key.__getitem__) for group in found), key=lambda group: key[group[0]])
    texts = {article: profiles[article].text for group in ordered for article in group}
    return [frozenset(group) for group in regroup(ordered, texts, scores)]


def usual_of_set(groups: Collection[frozenset[int]], keys: Mapping[int, Key], copied: Iterable[tuple[int, int]]) -> Usual | None:
    """How many articles tell of one event as a rule, by a first partition of a set; None where it is too small to tell."""
    if len(keys) < DENSE_SIZE:
        return None
    voice = copies_of(sorted(keys, key=lambda article: (keys[article], article)), list(copied))
    sizes = sorted(len({voice[article] for article in group}) for group in groups)
    most, wanted = 0, USUAL_SHARE * sum(sizes)
    for size in sizes:
        if wanted > 0:
            most, wanted = size, wanted - size
    return Usual(voice, most)


def near_of_set(size: int, scores: Mapping[tuple[int, int], float]) -> int:
    """From which score on articles of a closed set hang together: less where most of them have others that tell of their event."""
    mated = {article for pair, score in scores.items() if score >= SURE for article in pair}
    return DENSE_NEAR if size >= DENSE_SIZE and len(mated) >= DENSE_SHARE * size else NEAR
