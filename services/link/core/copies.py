"""Which texts repeat one another: containment of word shingles (Broder, 1997), from the sketches or from the whole texts."""

from bisect import bisect_right
from collections.abc import Collection

from shared.features import MAX_CHARS, Features, shingle_hashes
from shared.words import tokens

COPY = 0.6  # the share of the shorter text that stands in the longer one, from which it counts as repeated
COPY_OF_LONGER = 0.2  # and the share of the longer one: a lead quoted whole within a long article is no copy of it
FEWEST_SHINGLES = 5
ALL = 1 << 32


def containment(a: Features, b: Features) -> tuple[float, float]:
    """Estimated share of the shorter and of the longer text's shingles that stand in the other (bottom-k sketches)."""
    limit = min(_limit(a), _limit(b))
    # What both sketches hold lies below both limits.
    common = len(set(a.sketch).intersection(b.sketch))
    return _shares(common, bisect_right(a.sketch, limit), bisect_right(b.sketch, limit))


def shared_shingles(a: Features, b: Features) -> float:
    """Estimated number of shingles that stand in both: a quotation of 20 words gives 17."""
    limit = min(_limit(a), _limit(b))
    common = len(set(a.sketch).intersection(b.sketch))
    return common * ALL / limit  # both sketches are complete up to `limit`, a share of all hashes


def _limit(features: Features) -> int:
    """Up to which hash a sketch is complete."""
    return features.sketch[-1] if features.shingles > len(features.sketch) else ALL


def _shares(common: int, one: int, other: int) -> tuple[float, float]:
    if min(one, other) == 0:
        return 0.0, 0.0
    return common / min(one, other), common / max(one, other)


def copy_score(shorter: float, longer: float, fewest: int) -> float:
    """How much the pair looks like a copy, 0 to 1; from .5 on it is one. `fewest`: shingles of the shorter text."""
    if fewest < FEWEST_SHINGLES:
        return 0.0
    return min(1.0, 0.5 * min(shorter / COPY, longer / COPY_OF_LONGER, 2.0))


def texts_copy_score(a: str, b: str) -> float:
    """`copy_score` of two whole texts."""
    one, other = shingle_hashes(tokens(a[:MAX_CHARS])), shingle_hashes(tokens(b[:MAX_CHARS]))
    shorter, longer = _shares(len(one & other), len(one), len(other))
    return copy_score(shorter, longer, min(len(one), len(other)))


def features_copy_score(a: Features, b: Features) -> float:
    """`copy_score` of two articles by their sketches."""
    return copy_score(*containment(a, b), min(a.shingles, b.shingles))


def groups(members: Collection[int], pairs: Collection[tuple[int, int]]) -> dict[int, int]:
    """Member to the representative of its group, where `pairs` are copies of one another. The representative is the first in `members`."""
    root = {member: member for member in members}
    rank = {member: at for at, member in enumerate(members)}

    def find(member: int) -> int:
        while root[member] != member:
            root[member] = root[root[member]]
            member = root[member]
        return member

    for a, b in pairs:
        if a in root and b in root:
            first, second = sorted((find(a), find(b)), key=rank.__getitem__)
            root[second] = first
    return {member: find(member) for member in members}
