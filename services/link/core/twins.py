"""Articles that say the same, or nearly: one thing to compare, so that a thousand reprints cost no million comparisons.

*Twins* say the same at the same hour: nothing that is scored tells them apart. *Reprints* say nearly the same on the same day: most of
their text, word for word. Of either, one leads and the others follow it: they hang on it by one edge, are compared with nothing else, and
stand in one event as one article would; people alone can part them.

Who leads is a function of the set: in the order of `rank`, which depends on what the articles say and not on when they came, each follows
the first leader before it that it repeats, or else leads itself (the greedy maximal independent set; its expected depth in a random order
is logarithmic: Blelloch et al., 2012). A mark is a hash, so that no order of arrival makes each newcomer lead in place of the last.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.link.core.copies import containment
from services.link.core.score import THIN, Edge, Profile, cosine, score
from shared.features import COPY_SHINGLES

SURE = 0.5  # what twins' own edge must say: two bare titles "Live updates" are no event, nor are a thousand
# Reprints: so much of the longer text stands in the shorter one; title and text together are so much alike, which a notice "subscribe to
# read on" below two titles is not. Of 398 such pairs in the open stream none tells of two events, and the lowest score is .9996.
REPRINT, ALIKE = 0.7, 0.7
FEWEST_SHINGLES = 20

Rank = tuple[int, int, int, int]


def rank(profile: Profile, article: int) -> Rank:
    """Who leads of articles that repeat one another: the smallest. The id decides between twins alone, which nothing else tells apart."""
    features = profile.features
    return (features.mark, -1 if features.hour is None else features.hour, profile.twin, article)


def own_edge(profile: Profile) -> Edge | None:
    """The edge of an article with any twin; None where it says too little to be of one event with the like."""
    edge = score(profile, profile)
    return edge if edge is not None and edge.score >= SURE else None


def repeats(one: Profile, other: Profile) -> bool:
    """Whether these are twins or reprints of one another: symmetric, and known from the two alone."""
    if one.twin == other.twin:
        return own_edge(one) is not None
    a, b = one.features, other.features
    if (a.day, a.language, a.sample) != (b.day, b.language, b.sample) or a.cites or b.cites:
        return False
    if set(a.sketch[:COPY_SHINGLES]).isdisjoint(b.sketch[:COPY_SHINGLES]):  # what the index finds them by
        return False
    says_enough = min(a.shingles, b.shingles) >= FEWEST_SHINGLES and min(one.rarities, other.rarities) >= 2 * THIN
    return says_enough and containment(a, b)[1] >= REPRINT and cosine(one.text, other.text) >= ALIKE


@dataclass(frozen=True, slots=True)
class Kinds:
    """Which articles repeat one another: `head` has each article's leader, often itself; `own` the score within those that have several."""

    head: Mapping[int, int]
    own: Mapping[int, float] = field(default_factory=dict)

    @property
    def follows(self) -> dict[int, int]:
        """The articles that follow another one, to that one."""
        return {article: head for article, head in self.head.items() if article != head}


def kinds(profiles: Mapping[int, Profile]) -> Kinds:
    """Find who leads and who follows among these articles."""
    head: dict[int, int] = {}
    by_twin: dict[int, int] = {}  # to the first of each kind of twins that are one thing
    by_shingle: defaultdict[int, list[int]] = defaultdict(list)
    for article in sorted(profiles, key=lambda article: rank(profiles[article], article)):
        one = profiles[article]
        if (twin := by_twin.get(one.twin)) is not None and own_edge(profiles[twin]) is not None:
            head[article] = head[twin]
            continue
        near = {leader for shingle in one.features.sketch[:COPY_SHINGLES] for leader in by_shingle[shingle]}
        before = sorted(near, key=lambda leader: rank(profiles[leader], leader))
        head[article] = next((leader for leader in before if repeats(profiles[leader], one)), article)
        by_twin[one.twin] = article
        if head[article] == article:
            for shingle in one.features.sketch[:COPY_SHINGLES]:
                by_shingle[shingle].append(article)
    several = {leader for article, leader in head.items() if article != leader}
    own = {leader: edge.score if (edge := own_edge(profiles[leader])) else SURE for leader in several}
    return Kinds(head, own)


def first_twins(profiles: Mapping[int, Profile]) -> set[int]:
    """One of each kind of twins, and all that have none."""
    first: dict[int, int] = {}
    found = set()
    for article in sorted(profiles, key=lambda article: rank(profiles[article], article)):
        one = profiles[article]
        if first.setdefault(one.twin, article) == article or own_edge(one) is None:
            found.add(article)
    return found


def speaking(profiles: Mapping[int, Profile], found: Kinds) -> set[int]:
    """The articles whose edges count: those that lead, and their twins, whose edges are the same."""
    return {article for article, head in found.head.items() if article == head or profiles[article].twin == profiles[head].twin}


def leader(article: int, own: Profile, others: Mapping[int, Profile]) -> int | None:
    """Which of these leaders the article follows; None where it leads itself."""
    mine = rank(own, article)
    before = sorted((rank(other, name), name) for name, other in others.items())
    return next((name for at, name in before if at < mine and repeats(own, others[name])), None)


def hour_key(profile: Profile, key: tuple[int, int]) -> tuple[int, int]:
    """The key of an article as that of all its twins: its minute tells nothing."""
    return key if profile.features.hour is None else (profile.features.hour * 60, key[1])


def one_voice(ordered: Iterable[int], head: Mapping[int, int], origins: Iterable[int]) -> list[int]:
    """Of each kind one article speaks for the event: the first of the `origins` in it, else its leader. In the order given."""
    first_of = set(origins)
    voice: dict[int, int] = {}
    for article in ordered:
        if article in first_of:
            voice.setdefault(head[article], article)
    spoken = set(voice.values()) | {leader for leader in head.values() if leader not in voice}
    return [article for article in ordered if article in spoken]
