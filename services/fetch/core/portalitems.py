"""Which item of a portal's day is which after an edit: bullets have no ids, are reworded, moved, put under other topics, given sources.

An item is known again by the addresses that it cites and by its words, never by its place. Its id is a hash of what it said when it was
first seen, so that a portal that was forgotten and is read again gives the same ids.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, NotRequired, TypedDict

from shared import urls
from shared.stage import Reject

if TYPE_CHECKING:
    from services.fetch.core.portal import PortalEvent

MAX_KNOWN = 2000  # items of a day, those that are gone too
_MAX_SAID = 400  # characters
# How much of two items' words must be the same (Dice's coefficient): a little where they cite the same page, since reports are cited by
# several items; more where nothing is cited; most where different pages are.
_WITH_SOURCE, _WITHOUT, _AGAINST = 0.2, 0.6, 0.75
_WORD = re.compile(r"\w+")


class Seen(TypedDict):
    """An item as it was seen last: short hashes of what it cites, what it said, and whether it is gone from the page."""

    urls: list[str]
    said: str
    gone: NotRequired[bool]


class _Match(NamedTuple):
    """Sorts by likeness, then by what the items say. `number` tells bullets apart that say the same."""

    unlike: float
    gone: bool
    known: str
    mark: str
    number: int


def seen(event: "PortalEvent") -> Seen:
    """What an item is known by later."""
    return Seen(urls=sorted({_short(source["url"]) for source in event["sources"]}), said=event["headline"][:_MAX_SAID])


def identify(known: Mapping[str, Seen], events: "Sequence[PortalEvent]") -> list[str]:
    """The id of each event, all different: that of the item of `known` (by id) which it continues, or a new one.

    The likest pair is joined first. The answer depends on what items say, not on their order.
    """
    fresh = [seen(event) for event in events]
    marks = [_mark(event) for event in events]
    ids: list[str] = [""] * len(events)
    taken = _unchanged(known, fresh, marks, ids)
    edited = [number for number, name in enumerate(ids) if not name]
    rest = {name: one for name, one in known.items() if name not in taken}
    for match in sorted(_matches(rest, fresh, marks, edited)):
        if not ids[match.number] and match.known not in taken:
            ids[match.number] = match.known
            taken.add(match.known)
    used = set(known) | taken
    for number in sorted(range(len(events)), key=lambda number: (marks[number], number)):
        if not ids[number]:
            ids[number] = _new(fresh[number], used)
            used.add(ids[number])
    return ids


def remember(known: Mapping[str, Seen], ids: Sequence[str], events: "Sequence[PortalEvent]") -> dict[str, Seen]:
    """What is known of the day afterwards. Items that are gone stay known, in case that they come back."""
    present = {name: seen(event) for name, event in zip(ids, events, strict=True)}
    gone = {name: Seen(urls=one["urls"], said=one["said"], gone=True) for name, one in sorted(known.items()) if name not in present}
    room = max(0, MAX_KNOWN - len(present))
    return present | dict(list(gone.items())[:room])


def _unchanged(known: Mapping[str, Seen], fresh: Sequence[Seen], marks: Sequence[str], ids: list[str]) -> set[str]:
    """Fill in the ids of items that say and cite what they did; returns these. They are most of a page, and cost nothing so."""
    standing: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, one in sorted(known.items(), key=lambda pair: (pair[1].get("gone", False), pair[0]), reverse=True):
        standing[one["said"], *one["urls"]].append(name)  # the last is taken first: who is there, then by id
    taken = set()
    for number in sorted(range(len(fresh)), key=lambda number: (marks[number], number)):
        names = standing[fresh[number]["said"], *fresh[number]["urls"]]
        if names:
            ids[number] = names.pop()
            taken.add(ids[number])
    return taken


def _matches(known: Mapping[str, Seen], fresh: Sequence[Seen], marks: Sequence[str], numbers: Iterable[int]) -> Iterable[_Match]:
    """All pairs that may be one item. Asked through the words and addresses that they share, not pair by pair."""
    words = {name: _words(one["said"]) for name, one in known.items()}
    by_word: defaultdict[str, list[str]] = defaultdict(list)
    by_url: defaultdict[str, list[str]] = defaultdict(list)
    for name, one in known.items():
        for word in words[name]:
            by_word[word].append(name)
        for url in set(one["urls"]):
            by_url[url].append(name)
    for number in numbers:
        one = fresh[number]
        own, cited = _words(one["said"]), set(one["urls"])
        common = Counter(name for word in own for name in by_word.get(word, ()))
        sources = Counter(name for url in cited for name in by_url.get(url, ()))
        for name in common.keys() | sources.keys():
            theirs = set(known[name]["urls"])
            alike = 2 * common[name] / (len(own) + len(words[name])) if own or words[name] else 0.0
            if alike >= _wanted(cited, theirs):
                shared = sources[name] / len(cited | theirs) if cited or theirs else 0.0
                yield _Match(-round(alike + shared, 6), known[name].get("gone", False), name, marks[number], number)


def _wanted(cited: set[str], theirs: set[str]) -> float:
    if cited and cited == theirs:
        return 0.0
    if cited & theirs:
        return _WITH_SOURCE
    return _AGAINST if cited and theirs else _WITHOUT


def _new(one: Seen, used: set[str]) -> str:
    name = _hash("\n".join((one["said"], *one["urls"])), 6)
    number, found = 1, name
    while found in used:
        number += 1
        found = f"{name}-{number}"
    return found


def _mark(event: "PortalEvent") -> str:
    """Orders items by what they say, under which topics too."""
    told = (event["headline"], *sorted(_short(source["url"]) for source in event["sources"]), event["topic"] or "", *event["topics"])
    return _hash("\n".join(told), 8)


def _words(said: str) -> set[str]:
    return set(_WORD.findall(said.casefold()))


def _short(url: str) -> str:
    with suppress(Reject):  # an address that nobody can open still names the item
        url = urls.key(url)
    return _hash(url, 5)


def _hash(text: str, size: int) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
