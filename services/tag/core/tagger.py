"""From an article to its tags: the tables' concepts, what they imply, and the names the text teaches, weighed and bounded."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from itertools import chain
from typing import Protocol

from services.tag.core.dated import editions, find_votes, happenings, other_names, season
from services.tag.core.dateline import agency
from services.tag.core.events import find_events
from services.tag.core.gazetteer import Concept, Gazetteer, Mention, built_in
from services.tag.core.homes import belligerent, leading_country, only_country
from services.tag.core.infer import above, country_of, inferred, signs
from services.tag.core.institutions import find_alone, find_institutions, is_institution
from services.tag.core.known import known_as
from services.tag.core.lexicon import Lexicon, lexicon
from services.tag.core.matching import is_written_so
from services.tag.core.meaning import decide
from services.tag.core.names import Name, find_names
from services.tag.core.offices import find_offices, in_office, relations
from services.tag.core.resolve import Persons, acronyms, is_plain_word, merge_acronym
from services.tag.core.tokens import Tokens, is_shouted, is_title_case, tokenise
from services.tag.core.weigh import Evidence, weight

# Goes up whenever the tables or the rules change what comes out.
SNAPSHOT = "4"

MAX_TITLE_CHARS = 1_000
MAX_TEXT_CHARS = 60_000  # some 10,000 words; what follows names nothing new that matters
MAX_TAGS = 24
MAX_SURFACES = 8
MAX_KNOWN = 60  # of a tag in a line of `stage tag`
MAX_NAMES = 2_000  # a list of ten thousand names is no article about them
LEAD_TOKENS = 80
PROMINENT = 3  # mentions that make a concept count for inference wherever they stand
_PRESIDENCY = "topic:presidential-election"
_IMPLYING = frozenset({"place", "armed_group", "organisation", "event", "disaster", "election", "topic", "person"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A concept that an article names or is about. `surfaces`: the forms found, none where it was inferred; `weight`: 0 to 1."""

    id: str
    name: str
    kind: str
    surfaces: tuple[str, ...]
    count: int
    weight: float


class _Note(Protocol):
    """Notes that a field's tokens `start` to `end` name a concept."""

    def __call__(self, one: "_Field", concept: Concept, start: int, end: int) -> None: ...


@dataclass(slots=True)
class _Field:
    """The title or the text on its way through the rules."""

    tokens: Tokens
    is_title: bool
    shouted: bool
    title_case: bool
    mentions: list[Mention] = field(default_factory=list)  # of the tables' concepts
    patterns: list[Mention] = field(default_factory=list)  # institutions and events found by pattern
    names: list[Name] = field(default_factory=list)


def tag_article(
    title: str | None,
    text: str | None,
    language: str | None = None,
    gazetteer: Gazetteer | None = None,
    *,
    published: date | None = None,
) -> tuple[Tag, ...]:
    """The tags of an article, heaviest first, at most `MAX_TAGS`. A pure function of its arguments and of `SNAPSHOT`.

    `published`: the day of publication; without it no event of a few days or weeks is inferred.
    """
    table = gazetteer or built_in()
    words = lexicon()
    fields = [_field((title or "")[:MAX_TITLE_CHARS], is_title=True), _field((text or "")[:MAX_TEXT_CHARS], is_title=False)]
    code = (language or "").replace("_", "-").split("-")[0].lower() or None
    found = [table.find(one.tokens, code, words.common, shouted=one.shouted) for one in fields]
    decided = decide([(one.tokens, mentions) for one, mentions in zip(fields, found, strict=True)], table.concepts)
    strict = code == "de" or any(_capitalises_nouns(one.tokens, words) for one in fields)  # a title alone is too short to tell
    for one, mentions in zip(fields, decided, strict=True):
        votes = find_votes(one.tokens, mentions, published, table)
        offices = find_offices(one.tokens, mentions, table.concepts)
        one.patterns = [*find_institutions(one.tokens, mentions), *find_events(one.tokens, mentions, words), *votes, *offices]
        taken = frozenset(at for pattern in one.patterns for at in range(pattern.start, pattern.end)) | agency(one.tokens)
        kept = find_names(one.tokens, mentions, words, title_case=one.title_case, strict=strict, taken=taken)
        one.mentions, one.names = kept.mentions, kept.names[:MAX_NAMES]
    return _weighed(_gather(fields, table, words, published), fields, table)


def _field(text: str, *, is_title: bool) -> _Field:
    tokens = tokenise(text)
    shouted = is_shouted(tokens)
    return _Field(tokens, is_title, shouted, shouted or (is_title and is_title_case(tokens)))


def _capitalises_nouns(tokens: Tokens, words: Lexicon) -> bool:
    """Whether ordinary nouns bear capitals, as in German: a capital alone then makes no name."""
    german = sum(map(words.german.__contains__, tokens.keys[:400]))
    return german >= 2 and german > 0.05 * min(len(tokens), 400)


def _gather(fields: Sequence[_Field], table: Gazetteer, words: Lexicon, published: date | None) -> dict[str, Evidence]:
    """Every concept with where it stands."""
    evidence: dict[str, Evidence] = {}

    def note(one: _Field, concept: Concept, start: int, end: int) -> None:
        entry = evidence.get(concept.id)
        if entry is None:
            entry = evidence[concept.id] = Evidence(concept)
        entry.add(one.tokens.span(start, end), in_title=one.is_title, at=start, size=len(one.tokens), lead=LEAD_TOKENS)

    persons = Persons(table, [name for one in fields for name in one.names], [mention for one in fields for mention in one.mentions])
    short: dict[str, Concept] = {}
    for one in fields:
        short |= acronyms(one.tokens, one.names, one.mentions)
    for one in fields:
        for mention in one.mentions:
            note(one, persons.of_mention(mention, one.tokens.keys[mention.start : mention.end]), mention.start, mention.end)
            for country, at in _inside(mention, one.tokens, table, words):
                note(one, country, at, at + 1)
        for mention in one.patterns:
            note(one, _of_tables(mention.concepts[0], table), mention.start, mention.end)
    lower = frozenset().union(*(one.tokens.raw for one in fields))
    homes = {home.id for home in (country_of(one.concept, table.concepts) or one.concept for one in evidence.values())}
    surnames = frozenset(name.keys[-1] for one in fields for name in one.names if len(name.keys) > 1)
    holders = _Holders(published, homes, surnames, table)
    _note_names(fields, persons, short, lower, words, holders, note)
    _note_implied(fields, evidence, table, words, published, note)
    return evidence


@dataclass(frozen=True, slots=True)
class _Holders:
    """Who was in office on the article's day in the countries that it speaks of."""

    day: date | None
    homes: set[str]
    surnames: frozenset[str]  # of those whom the article names in full
    table: Gazetteer

    def of(self, name: Name) -> Concept | None:
        """The one holder of an office whom a bare surname means."""
        is_bare = len(name.keys) == 1 and name.keys[0] not in self.surnames
        found = in_office(name.keys, self.day, self.homes) if is_bare else ""
        return self.table.concepts.get(found) if found else None


def _inside(mention: Mention, tokens: Tokens, table: Gazetteer, words: Lexicon) -> list[tuple[Concept, int]]:
    """What a name speaks of beside what it names: Russia in `Russian meddling`, Aleppo in `Aleppo province`."""
    kind, size = mention.concepts[0].kind, mention.end - mention.start
    is_province = kind == "place" and tokens.keys[mention.end - 1] in words.places
    if size < 2 or not (kind in ("event", "organisation", "office") or is_province):
        return []
    found: list[tuple[Concept, int]] = []
    for at in range(mention.start, mention.end if kind == "event" else mention.start + 1):
        meant = [one for one in table.candidates(tokens.keys[at : at + 1]) if is_written_so(tokens, at, one)] if tokens.caps[at] else ()
        of_kind = {one.concept for one in meant if one.concept.kind == ("place" if is_province else "country")}
        if kind == "event" and not of_kind:
            of_kind = {one.concept for one in meant if one.concept.kind == "place" and not one.concept.is_weak}
        if len(of_kind) == 1 and mention.concepts[0] not in of_kind:
            found.append((of_kind.pop(), at))
    return found


def _of_tables(concept: Concept, table: Gazetteer) -> Concept:
    """The tables' own concept of what a pattern found: under its id, or as `Supreme Court of Pakistan`."""
    home = table.concepts.get(concept.parent)
    if concept.id in table.concepts or concept.kind != "organisation" or home is None or home.kind != "country":
        return table.concepts.get(concept.id, concept)
    called = concept.name.removeprefix(home.adjective).lower().split()
    meant = {one.concept.id: one.concept for one in table.candidates([*called, "of", *home.name.lower().split()])}
    return next(iter(meant.values())) if len(meant) == 1 else concept


def _note_names(
    fields: Sequence[_Field],
    persons: Persons,
    short: dict[str, Concept],
    lower: frozenset[str],
    words: Lexicon,
    holders: "_Holders",
    note: _Note,
) -> None:
    sure = {name.keys for one in fields for name in one.names if name.sure}
    for one in fields:
        for name in one.names:
            concept = merge_acronym(name, short) or persons.short(name) or (None if persons.is_undecided(name) else holders.of(name))
            if concept is None and name.kind == "person":
                concept = persons.full(name)
            elif concept is None:
                plain = name.keys not in sure or is_institution(name.keys) or is_plain_word(name, lower, words)
                plain = plain or persons.is_undecided(name)
                concept = None if plain else persons.full(name)
            if concept is not None and concept.id != "name:":
                note(one, concept, name.start, name.end)


def _note_implied(
    fields: Sequence[_Field], evidence: dict[str, Evidence], table: Gazetteer, words: Lexicon, published: date | None, note: _Note
) -> None:
    borne = signs(chain.from_iterable(one.tokens.keys for one in fields), evidence, words)
    prominent = {entry.concept.id for entry in evidence.values() if entry.in_lead or entry.count >= PROMINENT}
    for concept in inferred(prominent, evidence.keys(), borne, published, table):
        evidence.setdefault(concept.id, Evidence(concept, is_inferred=True))
    known = {one: entry.concept for one, entry in evidence.items()}
    named = {one: known[one] for one in sorted(prominent)}
    if "@elected" in borne and any(one.startswith("office:") and one.endswith("-president") for one in prominent):
        named[_PRESIDENCY] = table.concepts[_PRESIDENCY]  # `is elected the first president of Tanzania`
    supposed = happenings(named.values(), known, published, table) + editions(named.values(), published, table)
    opening = [key for one in fields for key in one.tokens.keys[:LEAD_TOKENS]]
    for concept in (*supposed, *season(named, opening, published, table)):
        evidence.setdefault(concept.id, Evidence(concept, is_supposed=True))
    army, ministry = belligerent(evidence, table), leading_country(evidence, table)
    chamber = ministry or only_country(evidence, table)
    for one in fields:
        alone = find_alone(one.tokens, army or ministry, ministry, chamber)
        covered = {at for found in (one.patterns, one.mentions) for its in found for at in range(its.start, its.end)} if alone else ()
        for mention in alone:
            if mention.start not in covered:
                note(one, table.concepts.get(mention.concepts[0].id, mention.concepts[0]), mention.start, mention.end)
    for entry in list(evidence.values()):
        if entry.concept.kind in _IMPLYING and not entry.is_supposed:
            for home in above(entry.concept, table.concepts):
                if home.kind == "country" or (home.kind == "place" and _is_in_city(entry.concept, home)):
                    evidence.setdefault(home.id, Evidence(home, is_inferred=True)).imply(entry)


def _is_in_city(concept: Concept, home: Concept) -> bool:
    """Whether an event happened in this place, or a landmark stands in it."""
    return concept.kind == "event" or (concept.parent == home.id and "c" in concept.flags.split(";"))


def _is_passing(entry: Evidence, *, has_title: bool) -> bool:
    """Whether an article brushes a common topic or a name of one word, once and late; quotes an outlet; calls somebody by an office."""
    concept = entry.concept
    if concept.kind == "topic":
        return entry.count == 1 and not entry.in_lead and concept.is_common
    if concept.kind == "name":
        return entry.count == 1 and not entry.in_lead and " " not in concept.name
    is_quoted = concept.is_medium and entry.count < PROMINENT
    is_title = concept.kind == "office" and not concept.parent
    return (is_quoted or is_title) and not (entry.in_title if has_title else entry.in_lead)


def _weighed(evidence: dict[str, Evidence], fields: Sequence[_Field], table: Gazetteer) -> tuple[Tag, ...]:
    has_title = len(fields[0].tokens) > 0
    tags = [
        Tag(
            id=entry.concept.id,
            name=entry.concept.name,
            kind=entry.concept.kind,
            surfaces=tuple(list(entry.surfaces)[:MAX_SURFACES]),
            count=entry.count,
            weight=weight(entry, has_title=has_title),
        )
        for entry in evidence.values()
        if not _is_passing(entry, has_title=has_title)
    ]
    return tuple(sorted(tags, key=lambda tag: (-tag.weight, tag.id))[:MAX_TAGS])


def tag_line(record: dict[str, object]) -> dict[str, object]:
    """One line of `dateline stage tag`: {id, title, text, language, date} to {id, tags}. Fields that are no text count as absent.

    A tag's `surfaces` are the forms found, then others under which the tables know the same concept; `relations` are pairs as
    `["in", "country:SY"]`, `["holds", "office:ru-defence-minister"]` (see `offices.relations`).
    """
    given = {name: value if isinstance(value := record.get(name), str) else None for name in ("title", "text", "language", "date")}
    day = _day(given["date"])
    tags = tag_article(given["title"], given["text"], given["language"], published=day)
    return {"id": record.get("id"), "tags": [_shown(tag, day) for tag in tags]}


def _shown(tag: Tag, day: date | None) -> dict[str, object]:
    concept = built_in().concepts.get(tag.id)
    surfaces = dict.fromkeys((*tag.surfaces, *known_as(tag.id), *other_names(tag.name)))
    return asdict(tag) | {"surfaces": list(surfaces)[:MAX_KNOWN], "relations": list(map(list, relations(concept, day))) if concept else []}


def _day(written: str | None) -> date | None:
    """The day of an ISO date, with or without a time; None for none."""
    try:
        return date.fromisoformat((written or "")[:10])
    except ValueError:
        return None


__all__ = ["MAX_TAGS", "SNAPSHOT", "Tag", "tag_article", "tag_line"]
