"""The pure middle of the stage: the component that an article touches, clustered anew, and what follows for its events."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.link.core.choice import Member
from services.link.core.constraints import Pin, Rule, apply, preferred
from services.link.core.event import Told, tell
from services.link.core.partition import partition
from services.link.core.score import Edge
from services.link.core.settle import settle
from services.link.core.twins import kinds


@dataclass(frozen=True, kw_only=True)
class Component:
    """What stands in the database around an article: its component's members, their edges, and which event each is in.

    `edges` hold (a, b), a < b, to (score, copy); `events` an article to its event, None where it is in none yet; `copies` an article to
    the one that it repeats, None where it repeats none. `follows` has those that are compared with nothing but the one that they follow
    (`twins.py`). `rules` and `pins` are what people decided about these articles.
    """

    edges: Mapping[tuple[int, int], tuple[float, float]]
    events: Mapping[int, int | None]
    copies: Mapping[int, int | None]
    follows: Mapping[int, int] = field(default_factory=dict)
    rules: tuple[Rule[int], ...] = ()
    pins: tuple[Pin, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Group:
    """One event as it is to stand: `event` None where it is a new one, `told` None where nothing about it changed."""

    event: int | None
    articles: frozenset[int]
    told: Told | None


@dataclass(frozen=True, kw_only=True)
class Relinked:
    """The new partition of a component. `merged` and `split` point to places in `groups`; `follows` is as a `Component` has it."""

    groups: tuple[Group, ...]
    merged: dict[int, int]
    split: dict[int, tuple[int, ...]]
    gone: tuple[int, ...]
    follows: Mapping[int, int]


def relink(article: int, component: Component, new_edges: Mapping[int, Edge], members: Mapping[int, Member]) -> Relinked:
    """Cluster the component with the article's edges (`new_edges`, by the other article) in place of those it had."""
    edges = {pair: edge for pair, edge in component.edges.items() if article not in pair}
    edges |= {pair_of(article, other): (edge.score, edge.copy) for other, edge in new_edges.items() if other in members}
    keys = {name: member.key for name, member in members.items()}
    profiles = {name: member.profile for name, member in members.items()}
    found = kinds(profiles)
    groups = partition(profiles, keys, {pair: score for pair, (score, _) in edges.items()}, found, component.rules)
    old: dict[int, set[int]] = {}
    for name, event in component.events.items():
        if event is not None:
            old.setdefault(event, set()).add(name)
    plan = settle(old, groups, preferred(component.rules))
    copies = {pair: copy for pair, (_, copy) in edges.items()}
    made = []
    for event, group in zip(plan.ids, groups, strict=True):
        same = event is not None and old[event] == group and article not in group
        told = None if same else _told(group, members, copies, found.head, component.pins)
        made.append(Group(event=event, articles=group, told=told))
    # One that does not hang on its leader yet stays to be found by it.
    follows = {name: head for name, head in found.follows.items() if pair_of(name, head) in edges or name in component.follows}
    return Relinked(groups=tuple(made), merged=plan.merged, split=plan.split, gone=plan.gone, follows=follows)


def _told(
    group: frozenset[int],
    members: Mapping[int, Member],
    copies: Mapping[tuple[int, int], float],
    head: Mapping[int, int],
    pins: tuple[Pin, ...],
) -> Told:
    told = tell([members[name] for name in sorted(group)], copies, head)
    own = [pin for pin in pins if pin.article in group]
    return apply(told, own, {name: members[name].title for name in group}) if own else told


def pair_of(one: int, other: int) -> tuple[int, int]:
    """An edge's key: the smaller id first."""
    return (one, other) if one < other else (other, one)
