"""From an article to its tags: the tables' concepts, what they imply, and the names the text teaches, weighed and bounded."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from services.tag.core.events import find_events
from services.tag.core.gazetteer import Concept, Gazetteer, Mention, built_in
from services.tag.core.infer import country_of, inferred
from services.tag.core.institutions import find_alone, find_institutions
from services.tag.core.lexicon import Lexicon, lexicon
from services.tag.core.meaning import decide
from services.tag.core.names import Name, find_names
from services.tag.core.resolve import Persons, acronyms, is_plain_word, merge_acronym
from services.tag.core.tokens import Tokens, is_capital, is_caseless, is_shouted, is_title_case, tokenise
from services.tag.core.weigh import Evidence, weight

# Goes up whenever the tables or the rules change what comes out.
SNAPSHOT = "1"

MAX_TITLE_CHARS = 1_000
MAX_TEXT_CHARS = 60_000  # some 10,000 words; what follows names nothing new that matters
MAX_TAGS = 24
MAX_SURFACES = 8
MAX_NAMES = 2_000  # a list of ten thousand names is no article about them
LEAD_TOKENS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """A concept that an article names or is about. `surfaces`: the forms found, none where it was inferred; `weight`: 0 to 1."""

    id: str
    name: str
    kind: str
    surfaces: tuple[str, ...]
    count: int
    weight: float


@dataclass(slots=True)
class _Field:
    """The title or the text on its way through the rules."""

    tokens: Tokens
    is_title: bool
    shouted: bool
    title_case: bool
    mentions: list[Mention] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)


def tag_article(title: str | None, text: str | None, language: str | None = None, gazetteer: Gazetteer | None = None) -> tuple[Tag, ...]:
    """The tags of an article, heaviest first, at most `MAX_TAGS`. A pure function of its arguments and of `SNAPSHOT`."""
    table = gazetteer or built_in()
    words = lexicon()
    fields = [_field((title or "")[:MAX_TITLE_CHARS], is_title=True), _field((text or "")[:MAX_TEXT_CHARS], is_title=False)]
    code = (language or "").replace("_", "-").split("-")[0].lower() or None
    found = [table.find(one.tokens, code, words.common, shouted=one.shouted) for one in fields]
    decided = decide([(one.tokens, mentions) for one, mentions in zip(fields, found, strict=True)], table.concepts)
    for one, mentions in zip(fields, decided, strict=True):
        strict = _capitalises_nouns(one.tokens, words)
        kept = find_names(one.tokens, mentions, words, title_case=one.title_case or one.shouted, strict=strict)
        one.mentions, one.names = kept.mentions, kept.names[:MAX_NAMES]
    return _weighed(_gather(fields, table, words), fields, table)


def _field(text: str, *, is_title: bool) -> _Field:
    tokens = tokenise(text)
    shouted = is_shouted(tokens)
    return _Field(tokens, is_title, shouted, shouted or (is_title and is_title_case(tokens)))


def _capitalises_nouns(tokens: Tokens, words: Lexicon) -> bool:
    """Whether ordinary nouns bear capitals, as in German: a capital alone then makes no name."""
    inner = [at for at in range(1, min(len(tokens), 400)) if len(tokens.raw[at]) > 3 and tokens.raw[at][0].isalpha() and not tokens.opens(at)]
    german = sum(key in _GERMAN for key in tokens.keys[:400])
    return german >= 2 and german > 0.05 * min(len(tokens), 400) and bool(inner)


_GERMAN = frozenset("der die das und den dem des ein eine einen nicht mit von ist im fur auf sich auch wird bei nach".split())


def _gather(fields: Sequence[_Field], table: Gazetteer, words: Lexicon) -> dict[str, Evidence]:
    """Every concept with where it stands."""
    evidence: dict[str, Evidence] = {}

    def note(one: _Field, concept: Concept, start: int, end: int) -> None:
        entry = evidence.setdefault(concept.id, Evidence(concept))
        entry.add(one.tokens.span(start, end), in_title=one.is_title, at=start, size=len(one.tokens), lead=LEAD_TOKENS)

    persons = Persons(table, [name for one in fields for name in one.names], [mention for one in fields for mention in one.mentions])
    short: dict[str, Concept] = {}
    for one in fields:
        short |= acronyms(one.tokens, one.names, one.mentions)
    for one in fields:
        for mention in one.mentions:
            note(one, persons.of_mention(mention, one.tokens.keys[mention.start : mention.end]), mention.start, mention.end)
        for mention in (*find_institutions(one.tokens, one.mentions), *find_events(one.tokens, one.mentions, words)):
            note(one, table.concepts.get(mention.concepts[0].id, mention.concepts[0]), mention.start, mention.end)
    lower = frozenset(key for one in fields for raw, key in zip(one.tokens.raw, one.tokens.keys, strict=True) if raw[0].islower())
    _note_names(fields, persons, short, lower, words, note)
    _note_implied(fields, evidence, table, words, note)
    return evidence


def _note_names(fields: Sequence[_Field], persons: Persons, short: dict[str, Concept], lower: frozenset[str], words: Lexicon, note: "_Note") -> None:
    sure = {name.keys for one in fields for name in one.names if name.sure}
    for one in fields:
        for name in one.names:
            concept = merge_acronym(name, short) or persons.short(name)
            if concept is None and name.kind == "person":
                concept = persons.full(name)
            elif concept is None:
                plain = name.keys not in sure or is_plain_word(name, lower, words) or persons.is_undecided(name)
                concept = None if plain else persons.full(name)
            if concept is not None:
                note(one, concept, name.start, name.end)


def _note_implied(fields: Sequence[_Field], evidence: dict[str, Evidence], table: Gazetteer, words: Lexicon, note: "_Note") -> None:
    war = sum(key in words.war for one in fields for key in one.tokens.keys)
    for concept in inferred(list(evidence), war, table):
        evidence.setdefault(concept.id, Evidence(concept, is_inferred=True))
    leader = _leading_country(evidence, table)
    for one in fields:
        covered = {at for mention in find_institutions(one.tokens, one.mentions) for at in range(mention.start, mention.end)}
        for mention in find_alone(one.tokens, leader):
            if mention.start not in covered:
                note(one, mention.concepts[0], mention.start, mention.end)
    for entry in list(evidence.values()):
        home = country_of(entry.concept, table.concepts)
        if home is not None and entry.concept.kind in ("place", "armed_group", "organisation", "event", "disaster", "topic"):
            evidence.setdefault(home.id, Evidence(home, is_inferred=True)).implied_by += entry.count


def _leading_country(evidence: dict[str, Evidence], table: Gazetteer) -> Concept | None:
    """The country whose army `government forces` means: of the war inferred, else the one named twice as often as any other."""
    wars = [entry.concept.parent for entry in evidence.values() if entry.is_inferred and entry.concept.kind == "event"]
    if len(set(wars)) == 1 and wars[0] in table.concepts:
        return table.concepts[wars[0]]
    counts = Counter({entry.concept.id: entry.count for entry in evidence.values() if entry.concept.kind == "country"}).most_common(2)
    if counts and (len(counts) == 1 or counts[0][1] >= 2 * counts[1][1]):
        return table.concepts.get(counts[0][0])
    return None


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
    ]
    return tuple(sorted(tags, key=lambda tag: (-tag.weight, tag.id))[:MAX_TAGS])


class _Note:
    """The type of `note` in `_gather`."""

    def __call__(self, one: _Field, concept: Concept, start: int, end: int) -> None: ...


def tag_line(record: dict[str, object]) -> dict[str, object]:
    """One line of `dateline stage tag`: {id, title, text, language} to {id, tags}. Fields that are no text count as absent."""
    given = {name: value if isinstance(value := record.get(name), str) else None for name in ("title", "text", "language")}
    tags: Iterable[Tag] = tag_article(given["title"], given["text"], given["language"])
    return {
        "id": record.get("id"),
        "tags": [
            {"id": tag.id, "name": tag.name, "kind": tag.kind, "surfaces": list(tag.surfaces), "count": tag.count, "weight": tag.weight} for tag in tags
        ],
    }


__all__ = ["MAX_TAGS", "SNAPSHOT", "Tag", "is_capital", "is_caseless", "tag_article", "tag_line"]
