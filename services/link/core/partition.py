"""The partition of a component, with twins (`twins.py`) as one article, and with what people decided."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from services.link.core.cluster import Key, cluster
from services.link.core.constraints import Rule, constraints
from services.link.core.score import Profile
from services.link.core.twins import kinds


def partition(
    profiles: Mapping[int, Profile], keys: Mapping[int, Key], edges: Mapping[tuple[int, int], float], rules: Collection[Rule[int]] = ()
) -> list[frozenset[int]]:
    """`cluster` with twins as one article. Where people parted any articles, those that they named are clustered each for itself."""
    found = kinds(profiles)
    named = {name for rule in rules for name in (rule.a, rule.b)} if any(not rule.together for rule in rules) else set()
    nodes = _nodes(found.head, named)
    node_of = {article: node for held in nodes.values() for node, articles in held.items() for article in articles}
    between: dict[tuple[int, int], float] = {(head, head): score for head, score in found.own.items()}
    for (a, b), value in edges.items():
        one, other = sorted((found.head[a], found.head[b]))
        if one != other:
            between[one, other] = max(value, between.get((one, other), 0.0))
    pairs = {
        (min(a, b), max(a, b)): value for (one, other), value in between.items() for a in nodes[one] for b in nodes[other] if a != b
    }
    ruled = {Rule(node_of[one.a], node_of[one.b], one.together, one.correction) for one in rules}
    ruled = {rule for rule in ruled if rule.a != rule.b}
    members = {node: articles for held in nodes.values() for node, articles in held.items()}
    first = {node: min(keys[article] for article in articles) for node, articles in members.items()}
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
