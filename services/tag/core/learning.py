"""What event pages' links and the articles' own names teach: surfaces for concepts, as long as several independent pages agree on them.

A link `[[target|surface]]` names a concept by its target; its surface is taken over where two pages at least call the target so and hardly
any calls something else so (the commonness of Milne and Witten, "Learning to link with Wikipedia", 2008). A surface must be a proper name:
`[[Vladimir Putin|the president]]` teaches nothing. A name that the texts themselves brought is a concept for everybody once several
outlets use it: then it is found where capitals tell nothing, too.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from services.tag.core.lexicon import lexicon
from services.tag.core.matching import Concept, Gazetteer
from services.tag.core.sources import clean_text, is_telling
from services.tag.core.stated import concept_of
from services.tag.core.tokens import words_of

MIN_PAGES = 2
MIN_OUTLETS = 3
MIN_SHARE = 0.8  # of the links with this surface lead to this target
MAX_LINKS = 5_000_000  # different pairs


class Links:
    """Counts how pages call their links' targets."""

    def __init__(self) -> None:
        self._pages: dict[str, Counter[str]] = defaultdict(Counter)  # surface: targets
        self._targets: Counter[str] = Counter()
        self._pairs = 0

    def add(self, stated: Iterable[tuple[str, str]]) -> None:
        """One page's links as (target, surface); each pair counts once a page."""
        pairs = {(target, clean_text(surface)) for target, surface in stated}
        for target, surface in pairs:
            if surface and self._pairs < MAX_LINKS:
                self._pairs += target not in self._pages[surface]
                self._pages[surface][target] += 1
        self._targets.update({target for target, _ in pairs})

    def rows(self, known: Gazetteer) -> Iterator[tuple[Concept, list[str]]]:
        """The concepts that enough pages name, with the surfaces that the tables do not know yet, in the order of the targets."""
        called: dict[str, list[str]] = defaultdict(list)
        for surface in sorted(self._pages):
            target, count = self._pages[surface].most_common(1)[0]
            if count >= MIN_PAGES and count >= MIN_SHARE * self._pages[surface].total():
                called[target].append(surface)
        for target in sorted(called):
            concept = concept_of(target, known)
            if concept is None:
                continue
            surfaces = [one for one in dict.fromkeys((concept.name, *called[target])) if _teaches(one, concept, known)]
            if surfaces:
                yield concept, surfaces


class Names:
    """Counts which outlets use a name that stands in no table."""

    def __init__(self) -> None:
        self._outlets: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        self._surfaces: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))

    def add(self, concept: Concept, surfaces: Iterable[str], outlet: str) -> None:
        """A name as an article of this outlet has it."""
        self._outlets[concept.id, concept.kind, concept.name].add(outlet)
        for surface in surfaces:
            self._surfaces[concept.id][surface].add(outlet)

    def rows(self, known: Gazetteer) -> Iterator[tuple[Concept, list[str]]]:
        """The names of two words and more that enough outlets use, under what most of them call it, in the order of their ids."""
        ways: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        outlets: dict[str, set[str]] = defaultdict(set)
        for (concept_id, kind, name), users in self._outlets.items():
            ways[concept_id].append((len(users), name, kind))
            outlets[concept_id] |= users
        for concept_id in sorted(ways):
            if len(outlets[concept_id]) < MIN_OUTLETS or concept_id in known.concepts:
                continue
            _, name, kind = max(ways[concept_id])
            concept = Concept(concept_id, kind, name)
            used = self._surfaces[concept_id]
            surfaces = [one for one in sorted(used) if len(used[one]) >= MIN_PAGES and _teaches(one, concept, known)]
            if surfaces:
                yield concept, surfaces


def _teaches(surface: str, concept: Concept, known: Gazetteer) -> bool:
    """Whether a surface is new, a proper name, and no title with somebody's name."""
    keys = words_of(surface)[1]
    if not is_telling(surface) or keys[0] in lexicon().titles or known.candidates(keys):
        return False
    return concept.kind != "person" or len(keys) > 1
