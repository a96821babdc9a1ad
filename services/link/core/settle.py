"""Which event id each new group of articles gets: an id is for ever, so the largest overlap keeps it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of the events that a new partition touches.

    `ids`: for each new group its event's id, None where a new event is needed. `merged`: an old id to the place of the group that took it
    in. `split`: an old id to the places of the groups that hold its articles now, where it went into several and kept none of them.
    `gone`: old ids without articles.
    """

    ids: tuple[int | None, ...]
    merged: dict[int, int]
    split: dict[int, tuple[int, ...]]
    gone: tuple[int, ...]


def settle(old: Mapping[int, Collection[int]], new: Sequence[Collection[int]], preferred: Sequence[int] = ()) -> Plan:
    """Match the old events (id to articles) with the new groups. Pure; articles in no old event are new ones.

    Events that people named to go on (`preferred`, in this order) come first. The pair with the largest overlap is matched first; of
    equal ones the older event (the smaller id), then the group with the smallest article.
    """
    place = {article: at for at, group in enumerate(new) for article in group}
    overlaps: dict[tuple[int, int], int] = {}
    for event, articles in old.items():
        for article in articles:
            if article in place:
                pair = (event, place[article])
                overlaps[pair] = overlaps.get(pair, 0) + 1
    ids: list[int | None] = [None] * len(new)
    kept: set[int] = set()
    first = {event: rank for rank, event in enumerate(preferred)}

    def rank(pair: tuple[int, int]) -> tuple[int, int, int, int]:
        return first.get(pair[0], len(first)), -overlaps[pair], pair[0], min(new[pair[1]])

    for event, at in sorted(overlaps, key=rank):
        if event not in kept and ids[at] is None:
            ids[at] = event
            kept.add(event)
    merged: dict[int, int] = {}
    split: dict[int, tuple[int, ...]] = {}
    gone: list[int] = []
    for event in sorted(old.keys() - kept):
        places = sorted({at for held, at in overlaps if held == event})
        if not places:
            gone.append(event)
        elif len(places) == 1:
            merged[event] = places[0]
        else:
            split[event] = tuple(places)
    return Plan(ids=tuple(ids), merged=merged, split=split, gone=tuple(gone))
