"""What people decided about articles, as hard constraints of the clustering: together, or never in one event.

Must-link and cannot-link pairs as in Wagstaff et al. (2001), "Constrained K-means Clustering with Background Knowledge". A correction
becomes as few pairs as say it: articles that are to stay together hang on one of them (a star), since they are joined before anything else.
"""

from collections import defaultdict, deque
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeVar

from services.link.core.cluster import Constraint
from services.link.core.event import Told

K = TypeVar("K", bound=Hashable)

MOST_PAIRS = 5_000  # of one correction


@dataclass(frozen=True, slots=True, order=True)
class Rule(Generic[K]):
    """One pair of a correction that holds. `keep`: the event whose id the correction wants to go on (a merge), 0 for none."""

    a: K
    b: K
    together: bool
    correction: int
    keep: int = 0


@dataclass(frozen=True, slots=True)
class Pin:
    """What the event of `article` is to say: `headline`, `date` (ISO), `headline_article`, `description_article`, `image_article`."""

    article: int
    correction: int
    says: tuple[tuple[str, Any], ...]


def pairs(kind: str, left: Sequence[K], right: Sequence[K]) -> list[tuple[K, K, bool]]:
    """(a, b, together) of a correction. Raises ValueError where it says nothing, or something of an article and itself.

    merge, pin: all of them together. split: `left` together, and none of it with any of `right`. forbid: none of `left` with any of
    `right`, which says nothing about each side by itself.
    """
    if not left or (kind in ("merge", "split", "forbid") and not right):
        raise ValueError("it needs articles on both sides")
    if set(left) & set(right):
        raise ValueError("an article stands on both sides")
    anchor, *others = left
    match kind:
        case "split":
            found = [(anchor, other, True) for other in others] + [(anchor, other, False) for other in right]
        case "merge" | "pin":
            found = [(anchor, other, True) for other in (*others, *right)]  # none where it only fixes what the event says
        case "forbid":
            found = [(one, other, False) for one in left for other in right]
        case _:
            raise ValueError(f"no correction is called {kind!r}")
    if len(found) > MOST_PAIRS:
        raise ValueError(f"it would be {len(found)} pairs of articles, more than {MOST_PAIRS}")
    return found


def contradicted(standing: Sequence[Rule[K]], new: Sequence[Rule[K]]) -> Rule[K] | None:
    """A rule that cannot hold together with the others, the latest of those that stand already if there is one; None: all can hold."""
    rules = [*standing, *new]
    fresh = {rule.correction for rule in new}
    neighbours: dict[K, list[tuple[K, Rule[K]]]] = defaultdict(list)
    for rule in rules:
        if rule.together:
            neighbours[rule.a].append((rule.b, rule))
            neighbours[rule.b].append((rule.a, rule))
    for rule in rules:
        if not rule.together and (way := _way(neighbours, rule.a, rule.b)) is not None:
            older = [one for one in (rule, *way) if one.correction not in fresh]
            return max(older or [rule], key=lambda one: one.correction)
    return None


def _way(neighbours: Mapping[K, Sequence[tuple[K, Rule[K]]]], start: K, end: K) -> list[Rule[K]] | None:
    """The shortest chain of rules that holds these two together."""
    came: dict[K, tuple[K, Rule[K]] | None] = {start: None}
    todo = deque([start])
    while todo and end not in came:
        here = todo.popleft()
        for there, rule in neighbours.get(here, ()):
            if there not in came:
                came[there] = here, rule
                todo.append(there)
    if end not in came:
        return None
    way = []
    while (step := came[end]) is not None:
        end, rule = step
        way.append(rule)
    return way


def constraints(rules: Iterable[Rule[int]]) -> list[Constraint]:
    """The rules as the clustering takes them, in an order that does not depend on theirs."""
    found = {(min(rule.a, rule.b), max(rule.a, rule.b), rule.together) for rule in rules}
    return [Constraint(a, b, together=together) for a, b, together in sorted(found)]


def preferred(rules: Iterable[Rule[int]]) -> tuple[int, ...]:
    """The events whose ids merges want to go on, the latest decision first."""
    return tuple(dict.fromkeys(rule.keep for rule in sorted(rules, key=lambda rule: -rule.correction) if rule.keep))


def apply(told: Told, pins: Iterable[Pin], titles: Mapping[int, str | None]) -> Told:
    """What an event says where people pinned some of it; of two decisions on one thing the later holds.

    `titles`: of the event's articles, by id; an article that is elsewhere now decides nothing.
    """
    said: dict[str, Any] = {}
    by: dict[str, int] = {}
    for pin in sorted(pins, key=lambda one: one.correction):
        for name, value in pin.says:
            if not name.endswith("_article") or value in titles:
                thing = name.removesuffix("_article")
                said.pop("headline" if name == "headline_article" else "headline_article" if name == "headline" else name, None)
                said[name], by[thing] = value, pin.correction
    changes: dict[str, Any] = {}
    if "date" in said:
        changes |= {"date": date.fromisoformat(said["date"]), "date_provenance": "editor", "date_confidence": "stated"}
    if "headline" in said:
        changes |= {"headline": said["headline"], "headline_article": None}
    if (article := said.get("headline_article")) is not None and titles[article]:
        changes |= {"headline": titles[article], "headline_article": article}
    if "image_article" in said:
        changes["image_article"] = said["image_article"]
    return replace(told, pinned=by, **changes)
