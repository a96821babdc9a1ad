"""Names learnt from the text itself: persons, organisations, places, events and craft that stand in no table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.tag.core.compounds import is_named_by_noun, is_part, is_surname, without_owner
from services.tag.core.dateline import in_small
from services.tag.core.debris import is_debris
from services.tag.core.gazetteer import Concept, Mention
from services.tag.core.lexicon import Lexicon
from services.tag.core.persons import name_id
from services.tag.core.runs import runs
from services.tag.core.tokens import Tokens, headlines

_MODIFIERS = frozenset({"country", "office"})
_OF_A_FIELD = frozenset({"minister", "secretary", "commissioner"})
_LONGEST_FIELD = 3  # words
_JOINTS = frozenset({"of", "for", "in", "the", "and", "de"})
_FORMS = frozenset({"inc", "corp", "co", "ltd", "llc", "plc", "ag", "sa"})  # of companies
_JUNIORS = frozenset({"jr", "sr"})


class Name(NamedTuple):
    """A name found at tokens `start` to `end`. `sure`: its capital is more than the beginning of a sentence."""

    start: int
    end: int
    kind: str
    keys: tuple[str, ...]
    shown: str
    sure: bool

    @property
    def id(self) -> str:
        """The id by which other articles name the same; names of one word keep to themselves."""
        return name_id(self.keys)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one field of an article names: the tables' mentions that stand, and the learnt names."""

    mentions: list[Mention]
    names: list[Name]


def find_names(
    tokens: Tokens, mentions: Iterable[Mention], words: Lexicon, *, title_case: bool, strict: bool, taken: frozenset[int] = frozenset()
) -> Found:
    """Names in `tokens` beside `mentions`. `title_case`: capitals tell nothing. `strict`: nouns are capitalised, as in German.
    `taken`: tokens that patterns have explained already.
    """
    lines = set() if title_case else headlines(tokens)
    kept = list(mentions)
    covered = {at: mention for mention in kept for at in range(mention.start, mention.end)}
    names: list[Name] = []
    dropped: set[int] = set()
    for start, end in runs(tokens, words):
        if title_case or start in lines:
            names += _in_title_case(tokens, start, end, covered, words)
            continue
        for name in _of_run(tokens, start, end, covered, words, strict=strict):
            if taken and all(at in taken for at in range(name.start, name.end)):
                continue
            names.append(name)
            for at in range(name.start, name.end):
                mention = covered.get(at)
                # A surname known to the tables or a place's name is part of a longer person's name: Elizabeth Trudeau, Michael Jordan.
                if mention and name.end - name.start > mention.end - mention.start and _is_swallowed(tokens, mention, name):
                    dropped.add(mention.start)
    return Found(mentions=[one for one in kept if one.start not in dropped], names=names)


def _is_swallowed(tokens: Tokens, mention: Mention, name: Name) -> bool:
    """Whether a mention is but a part of a longer name: Douglas in `Stoneman Douglas High School`, not Ohio in `Ohio State University`."""
    if name.kind == "person":
        return True
    inside = mention.start > name.start and mention.concepts[0].kind in ("place", "country", "person")
    return inside and name.kind == "organisation" and tokens.keys[mention.start - 1] not in _JOINTS


def _of_run(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon, *, strict: bool) -> list[Name]:
    keys = tokens.keys
    if is_debris(tokens, start, end, words):
        return []
    while start < end and (keys[start] == "the" or keys[start] in words.calendar or _opens_only(tokens, start, end, words)):
        start += 1
    while end > start and keys[end - 1] in words.calendar and end - start > 1:
        end -= 1
    if start >= end:
        return []
    if start in covered and all(at in covered for at in range(start, end)) and not is_named_by_noun(tokens, start, end, covered, words):
        return []
    if keys[end - 1] in _FORMS and start in covered and covered[start].end == end - 1:
        return []  # Facebook Inc
    end = without_owner(tokens, start, end, covered)
    whole = _by_noun(tokens, start, end, words)
    if whole:
        if end - start == 2 and keys[start] in words.orgs:
            return []  # School District
        return [] if strict and end - start < 2 else [_name(tokens, start, end, whole, words)]
    if is_part(tokens, start, end, covered):
        return [_name(tokens, start, end, "place", words)]
    first, honoured = _after_titles(tokens, start, end, covered, words)
    if first >= end:
        return []
    while end - first > 1 and len(keys[end - 1]) == 1:
        end -= 1  # Holm A, as courts abridge it
    if end - first > 2:
        end = next((at for at in range(first + 2, end) if tokens.raw[at].endswith(("n't", "n’t"))), end)  # Ida Holm Isn't Leaving
    while end - first > 2 and keys[first] in words.given and _is_trailing(keys[end - 1], words) and end - 1 not in covered:
        end -= 1  # Ida Holm Read more
    if end - first == 3 and tokens.opens(first) and is_surname(covered.get(end - 1), end) and not covered.keys() & {first, first + 1}:
        first, honoured = first + 1, True  # Toolmaker Rosamund Clegg
    if _is_person(tokens, first, end, covered, words, honoured=honoured):
        return [_name(tokens, first, end, "person", words)]
    return _others(tokens, first, end, covered, words, strict=strict)


def _is_trailing(key: str, words: Lexicon) -> bool:
    return key in words.common and key not in _JUNIORS


def _opens_only(tokens: Tokens, start: int, end: int, words: Lexicon) -> bool:
    """Whether a word has its capital from the sentence that it opens; `Air` before another name is an airline's."""
    key = tokens.keys[start]
    return key in words.opening and tokens.opens(start) and not (key == "air" and end - start > 1)


def _others(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon, *, strict: bool) -> list[Name]:
    """What the tables leave of a run, each stretch a name of its own."""
    found: list[Name] = []
    at = start
    while at < end:
        if at in covered:
            at = covered[at].end
            continue
        stop = at
        while stop < end and stop not in covered:
            stop += 1
        if strict:  # Bürgermeisterin Sabine Althoff: only a given name tells where the name begins
            at = next((here for here in range(at, stop) if tokens.keys[here] in words.given), stop)
        given = next((here for here in range(at, stop) if tokens.keys[here] in words.given), at)
        if all(_is_noun(key, words) or key in _JOINTS for key in tokens.keys[at:given]):
            at = given  # Chief of Staff Ida Holm
        while at < stop and not tokens.caps[at]:
            at += 1
        keys = tokens.keys[at:stop]
        if len(keys) == 1 and _is_fragment(at, stop, start, end, covered):
            at = stop
            continue
        last = stop
        while last > at and tokens.keys[last - 1] in words.particles and not tokens.caps[last - 1]:
            last -= 1  # Bourse de, where the tables know Paris
        keys = tokens.keys[at:last]
        is_person = last - at > 1 and keys[0] in words.given
        if is_person or (keys and not strict and _may_name(keys, words)):
            found.append(_name(tokens, at, last, "person" if is_person else "name", words))
        at = stop
    return found


def _is_fragment(at: int, stop: int, start: int, end: int, covered: dict[int, Mention]) -> bool:
    """Whether a single word is but what the tables leave of a longer name: Walt before Disney World."""
    beside = [covered[one] for one in (at - 1, stop) if start <= one < end and one in covered]
    return any(one.concepts[0].kind in ("person", "organisation") for one in beside)


def _may_name(keys: Sequence[str], words: Lexicon) -> bool:
    """Whether capitalised words that no table knows may be a name: not all plain words, not a given name alone."""
    if all(_is_noun(key, words) or key in words.particles or key.isdigit() for key in keys):
        return False
    return len(keys) > 1 or (len(keys[0]) > 2 and keys[0] not in words.given)


def _after_titles(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon) -> tuple[int, bool]:
    """Where a person's name begins after offices, countries and honorifics, and whether one of these was there."""
    at, honoured = start, False
    for title in range(start + 1, min(start + _LONGEST_FIELD + 1, end - 1)):  # Water Minister, Deputy Infrastructure Secretary
        if tokens.keys[title] in _OF_A_FIELD and not any(tokens.keys[one] in words.given or one in covered for one in range(start, title)):
            at, honoured = title + 1, True
    while at < end:
        mention = covered.get(at)
        follows = at + 1 < end and at + 1 not in covered and not _is_noun(tokens.keys[at + 1], words)
        if mention and follows and tokens.keys[at] in words.given:
            break  # Chad Smith
        if mention and mention.start == at and mention.end < end and tokens.keys[mention.end] in words.titles:
            at = mention.end  # Texas Governor
            continue
        if mention and mention.start == at and mention.concepts[0].kind in _MODIFIERS and mention.end < end:
            honoured = honoured or mention.concepts[0].kind == "office"
            at = mention.end
        elif tokens.keys[at] in words.titles and not (mention and mention.concepts[0].kind == "person"):
            honoured = honoured or tokens.keys[at] in words.honorifics
            at += 1
        else:
            break
    if at > start or start == 0:
        return at, honoured
    before = tokens.keys[start - 1]  # the office in lower case: "spokeswoman Elizabeth Trudeau"
    return at, before in words.honorifics and tokens.gap(start) in (" ", ". ")


def _is_person(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon, *, honoured: bool) -> bool:
    size = end - start
    if size > 5 or (size == 1 and start in covered):
        return False
    last = covered.get(end - 1)
    if _spans(covered, start, end) or (size > 1 and last and last.start < end - 1):
        return False
    rest = tokens.keys[start + 1 : end]
    if any(key in words.orgs or key in words.places or key in words.events for key in rest):
        return False
    uncovered = [at for at in range(start, end) if at not in covered]
    if tokens.keys[start] in words.given and size > 1:
        return bool(uncovered) and not all(key in words.common for key in rest)
    if honoured:
        return bool(uncovered) and tokens.keys[start] not in words.common
    # An unknown given name before a surname of the tables: another person of that surname.
    if size != 2 or uncovered != [start] or last is None or tokens.opens(start):
        return False
    return last.concepts[0].kind == "person" and tokens.keys[start] not in words.common


def _by_noun(tokens: Tokens, start: int, end: int, words: Lexicon) -> str:
    """The kind that a run's own noun gives it: University, River, Earthquake, Hurricane, USS; "" for none."""
    keys = tokens.keys[start:end]
    if len(keys) < 2:
        return ""
    if tokens.raw[start].isupper() and keys[0] in words.craft:
        return "craft"
    if keys[0] in words.heads and keys[0] not in words.craft:
        return "disaster" if keys[0] in ("hurricane", "typhoon", "cyclone", "storm", "tropical") else "event"
    if "flight" in keys[1:] and keys[-1].isdigit():
        return "craft"
    if "v" in keys[1:-1]:
        return "event"  # Obergefell v. Hodges
    head = keys[-1]
    for joint in ("of", "for"):
        if joint in keys[1:]:
            head = keys[keys.index(joint) - 1]
    if head in words.orgs:
        return "organisation"
    if head in words.places:
        return "" if keys[0] in words.honorifics else "place"  # President Park
    return "event" if head in words.events and len(keys) > 2 else ""


def _in_title_case(tokens: Tokens, start: int, end: int, covered: dict[int, Mention], words: Lexicon) -> list[Name]:
    """Where every word has a capital only a given name before a word that is nothing else makes a name."""
    found: list[Name] = []
    for at in range(start, end - 1):
        keys = tokens.keys[at : at + 2]
        unknown = keys[1] not in words.common and keys[1] not in words.titles and len(keys[1]) > 2
        if keys[0] in words.given and keys[0] not in words.common and unknown and at not in covered and at + 1 not in covered:
            found.append(_name(tokens, at, at + 2, "person", words))
    return found


def _name(tokens: Tokens, start: int, end: int, kind: str, words: Lexicon) -> Name:
    sure = end - start > 1 or not tokens.opens(start)
    shown = tokens.span(start, end)
    if tokens.keys[end - 1] in _JUNIORS and tokens.follows(end - 1).startswith("."):
        shown += "."
    return Name(start, end, kind, tuple(tokens.keys[start:end]), in_small(tokens, start, shown), sure)


def _is_noun(key: str, words: Lexicon) -> bool:
    """Whether a capitalised word is a noun that names something else than a person."""
    return key in words.common or key in words.titles or key in words.orgs or key in words.places or key in words.events


def _spans(covered: dict[int, Mention], start: int, end: int) -> bool:
    """Whether one mention of the tables covers the whole."""
    mention = covered.get(start)
    return mention is not None and mention.start <= start and mention.end >= end


def concept_of(name: Name) -> Concept:
    """A learnt name as a concept."""
    return Concept(name.id, name.kind, name.shown)
