"""The partition of a component, with twins and reprints (`twins.py`) as one article, and with what people decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from services.link.core.cluster import Key, cluster
from services.link.core.constraints import Rule, constraints
from services.link.core.score import Profile, is_cited
from services.link.core.twins import Kinds, hour_key, speaking


def partition(
    profiles: Mapping[int, Profile],
    keys: Mapping[int, Key],
    edges: Mapping[tuple[int, int], float],
    found: Kinds,
    rules: Collection[Rule[int]] = (),
) -> list[frozenset[int]]:
    """`cluster` with twins and reprints, as `found`, as one article. Where people parted any, those that they named stand each for itself.

    Only the edges of those that lead count, and citations: of those that follow there may be some from before.
    """
    named = {name for rule in rules for name in (rule.a, rule.b)} if any(not rule.together for rule in rules) else set()
    nodes = _nodes(found.head, named)
    node_of = {article: node for held in nodes.values() for node, articles in held.items() for article in articles}
    between: dict[tuple[int, int], float] = {(head, head): score for head, score in found.own.items()}
    heard = speaking(profiles, found)
    for (a, b), value in edges.items():
        one, other = sorted((found.head[a], found.head[b]))
        if one != other and ((a in heard and b in heard) or is_cited(profiles[a].features, profiles[b].features)):
            between[one, other] = max(value, between.get((one, other), 0.0))
    pairs = {
        (min(a, b), max(a, b)): value for (one, other), value in between.items() for a in nodes[one] for b in nodes[other] if a != b
    }
    ruled = {Rule(node_of[one.a], node_of[one.b], one.together, one.correction) for one in rules}
    ruled = {rule for rule in ruled if rule.a != rule.b}
    members = {node: articles for held in nodes.values() for node, articles in held.items()}
    spoken = {node: [article for article in articles if article in heard] or articles for node, articles in members.items()}
    first = {node: min(hour_key(profiles[article], keys[article]) for article in articles) for node, articles in spoken.items()}
    groups = cluster(first, pairs, constraints(ruled))
    return sorted((frozenset(article for node in group for article in members[node]) for group in groups), key=min)


def _nodes(head: Mapping[int, int], named: Iterable[int]) -> dict[int, dict[int, list[int]]]:
    """For each kind, what is clustered as one article: the named ones each for itself, the rest together; by their smallest ids."""
    apart = set(named)
    held: defaultdict[int, list[int]] = defaultdict(list)
    found: defaultdict[int, dict[int, list[int]]] = defaultdict(dict)
    for article in sorted(head):
        if article in apart:
            found[head[article]][article] = [article]
        else:
            held[head[article]].append(article)
    for kind, articles in held.items():
        found[kind][articles[0]] = articles
    return dict(found)
