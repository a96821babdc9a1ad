"""Decides between the meanings of a surface by what else the article names, and leaves out what cannot be decided."""

from collections import Counter
from collections.abc import Mapping, Sequence

from services.tag.core.gazetteer import Concept, Mention
from services.tag.core.infer import above, country_of
from services.tag.core.lexicon import lexicon
from services.tag.core.tokens import Tokens

# Provinces that tell places of one name apart, as the states of the United States do.
_REGIONS = frozenset(
    f"place:{name}"
    for name in (
        *("ontario", "quebec", "alberta", "british-columbia", "nova-scotia", "manitoba", "saskatchewan", "new-brunswick"),
        *("new-south-wales", "victoria", "queensland", "tasmania", "western-australia", "south-australia"),
    )
)
# Who speaks and where in a state of the United States, and in a country of the same name.
_OF_STATES = frozenset({"governor", "gubernatorial", "county", "counties", "sheriff", "statewide", "senator", "congressman"})
_OF_COUNTRIES = frozenset({"president", "minister", "ministry", "parliament", "ambassador", "association", "accession", "border"})
# Chambers called so in many countries, and whose they are where the article is about no country.
_CHAMBERS = {
    "congress": "country:US",
    "congressional": "country:US",
    "house of representatives": "country:US",
    "house of commons": "country:GB",
    "duma": "country:RU",
    "constituent assembly": "country:VE",
}
_STREETS = frozenset({"avenue", "ave", "street", "boulevard", "blvd", "road", "lane", "drive", "terrace"})
# Neighbours whose presence speaks for a country that shares its name with something else.
_NEAR = {"country:GE": frozenset({"country:RU", "country:AM", "country:AZ"})}


def decide(fields: Sequence[tuple[Tokens, list[Mention]]], concepts: Mapping[str, Concept]) -> list[list[Mention]]:
    """For each field its mentions, each with the one concept that is meant."""
    sure: Counter[str] = Counter()
    for _, mentions in fields:
        for mention in mentions:
            if len(mention.concepts) == 1 and not mention.concepts[0].is_weak:
                sure[mention.concepts[0].id] += 1
    homes: Counter[str] = Counter()
    for one in sure:
        home = country_of(concepts[one], concepts) if one in concepts else None
        homes[home.id if home else one] += 1
    decided: list[list[Mention]] = []
    for tokens, mentions in fields:
        placed = [_with_home(tokens, mentions, at, concepts) for at in range(len(mentions))]
        meant = [one for one in (_meant(tokens, mention, sure, homes, concepts) for mention in placed) if one]
        meant = [one for at, one in enumerate(meant) if not _is_elsewhere(tokens, meant, at, concepts)]
        meant = [one for one in meant if not (_is_foreign(tokens, one, sure, homes) or _is_street(tokens, one) or _is_figure(tokens, one))]
        decided.append([_as_government(tokens, one, concepts) for one in meant if not _is_bird(tokens, one)])
    return decided


def _with_home(tokens: Tokens, mentions: Sequence[Mention], at: int, concepts: Mapping[str, Concept]) -> Mention:
    """A mention with the one meaning that lies in the state or country named after a comma: `Portland, Maine`."""
    this = mentions[at]
    after = mentions[at + 1] if len(this.concepts) > 1 and at + 1 < len(mentions) else None
    if after is None or after.start != this.end or tokens.gap(after.start) != ", ":
        return this
    inside = [one for one in this.concepts if any(home in after.concepts for home in above(one, concepts))]
    return Mention(this.start, this.end, (inside[0],)) if len(inside) == 1 else this


def _is_elsewhere(tokens: Tokens, mentions: Sequence[Mention], at: int, concepts: Mapping[str, Concept]) -> bool:
    """Whether the state or province after a comma says that this is another place of that name: `Paris, Texas`."""
    this = mentions[at].concepts[0]
    after = mentions[at + 1] if at + 1 < len(mentions) else None
    if this.kind != "place" or after is None or after.start != mentions[at].end or tokens.gap(after.start) != ", ":
        return False
    home = after.concepts[0]
    is_region = home.kind == "place" and (home.id.endswith("-us") or home.id in _REGIONS)
    within = above(this, concepts)
    # The tables give no province to most towns.
    return is_region and home not in within and within[:1] != above(home, concepts)[:1]


def _as_government(tokens: Tokens, mention: Mention, concepts: Mapping[str, Concept]) -> Mention:
    """A capital that says, warns or accuses is its country's government."""
    capital = mention.concepts[0]
    if "k" not in capital.flags.split(";") or mention.end >= len(tokens) or tokens.gap(mention.end) != " ":
        return mention
    placed = mention.start > 0 and tokens.keys[mention.start - 1] in lexicon().places_after
    home = country_of(capital, concepts)
    return Mention(mention.start, mention.end, (home,)) if home and not placed and tokens.keys[mention.end] in lexicon().says else mention


def _is_foreign(tokens: Tokens, mention: Mention, sure: Counter[str], homes: Counter[str]) -> bool:
    """Whether a chamber named without its country is that of another one: Congress, in an article about Guatemala alone."""
    chamber = mention.concepts[0]
    home = _CHAMBERS.get(" ".join(tokens.keys[mention.start : mention.end]))
    if home is None or chamber.parent != home:
        return False
    countries = {one for one in homes if one.startswith("country:") and homes[one] > (sure[chamber.id] if one == home else 0)}
    return bool(countries) and home not in countries


def _is_street(tokens: Tokens, mention: Mention) -> bool:
    """Whether a street bears the name: `Pennsylvania Avenue`."""
    at = mention.end
    if mention.concepts[0].kind not in ("place", "country") or at >= len(tokens) or tokens.gap(at) != " " or not tokens.caps[at]:
        return False
    return tokens.keys[at] in _STREETS


def _is_figure(tokens: Tokens, mention: Mention) -> bool:
    """Whether a disaster is a figure of speech: `a flood of complaints`."""
    at = mention.end
    if mention.concepts[0].kind != "disaster" or at + 1 >= len(tokens) or tokens.keys[at] != "of" or tokens.caps[mention.start]:
        return False
    return not tokens.caps[at + 1] and tokens.keys[at + 1] not in ("the", "this") and not tokens.keys[at + 1].isdigit()


def _is_bird(tokens: Tokens, mention: Mention) -> bool:
    """Whether Turkey is the bird, in a text about food."""
    is_turkey = mention.concepts[0].id == "country:TR" and tokens.keys[mention.start] == "turkey"
    return is_turkey and not lexicon().kitchen.isdisjoint(tokens.keys)


def _meant(tokens: Tokens, mention: Mention, sure: Counter[str], homes: Counter[str], concepts: Mapping[str, Concept]) -> Mention | None:
    only = mention.concepts[0]
    if len(mention.concepts) == 1:
        if not only.is_weak or only.kind == "country" or _support(only, sure, homes, concepts) or _is_placed(tokens, mention):
            return mention
        return None
    if all(one.kind == "organisation" for one in mention.concepts):  # parties of one name: of the country spoken of, else the best known
        chosen = max(mention.concepts, key=lambda one: _support(one, sure, homes, concepts))
        is_elsewhere = not _support(chosen, sure, homes, concepts) and (chosen.is_weak or any(one.startswith("country:") for one in homes))
        return None if is_elsewhere else Mention(mention.start, mention.end, (chosen,))
    scored = sorted(((_support(one, sure, homes, concepts), not one.is_weak, -at) for at, one in enumerate(mention.concepts)), reverse=True)
    best, second = scored[0], scored[1]
    chosen = mention.concepts[-best[2]]
    other = mention.concepts[-second[2]]
    same = country_of(chosen, concepts) == other or country_of(other, concepts) == chosen
    # Gaza: the better known of two that lie in one country, of which neither needs its support.
    same = same or (not chosen.is_weak and not other.is_weak and country_of(chosen, concepts) == country_of(other, concepts) is not None)
    if best[0] > second[0] or same or (best[1] and not second[1] and chosen.kind != "country"):
        return Mention(mention.start, mention.end, (chosen,))
    if best[1] and not second[1] and best[0] == second[0] and not _rivals(tokens, mention):
        return Mention(mention.start, mention.end, (chosen,))
    state = next((one for one in mention.concepts if one.id.endswith("-us")), None)
    if state and chosen.kind == "country":  # Georgia: its officials tell which
        used = {*tokens.keys}
        meant = (state, chosen)[used.isdisjoint(_OF_STATES)] if used.isdisjoint(_OF_STATES) != used.isdisjoint(_OF_COUNTRIES) else None
        return Mention(mention.start, mention.end, (meant,)) if meant else None
    return None


def _rivals(tokens: Tokens, mention: Mention) -> bool:
    """Whether a country competes with a place of another one that is as well known, as Georgia does: there a tie stays undecided.

    A small town is no rival of a country that is called so in English: Liberia in Costa Rica.
    """
    if {one.kind for one in mention.concepts} != {"country", "place"}:
        return False
    country = next(one for one in mention.concepts if one.kind == "country")
    known = any(one.id.endswith("-us") for one in mention.concepts)
    return known or tokens.span(mention.start, mention.end) != country.name


def _support(concept: Concept, sure: Counter[str], homes: Counter[str], concepts: Mapping[str, Concept]) -> int:
    home = country_of(concept, concepts)
    support = 3 * sure[concept.id] + (homes[home.id] if home else homes[concept.id])
    return support + sum(min(sure[near], 1) for near in _NEAR.get(concept.id, ()))


def _is_placed(tokens: Tokens, mention: Mention) -> bool:
    return mention.concepts[0].kind == "place" and mention.start > 0 and tokens.keys[mention.start - 1] in lexicon().places_after
