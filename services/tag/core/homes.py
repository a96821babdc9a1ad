"""Which country an article speaks of: for what it names without its country, as `Defence Ministry` or `Congress`."""

from collections import Counter

from services.tag.core.infer import country_of
from services.tag.core.matching import Concept, Gazetteer
from services.tag.core.weigh import Evidence


def belligerent(evidence: dict[str, Evidence], table: Gazetteer) -> Concept | None:
    """The country of the one standing war that the article belongs to."""
    wars = (entry.concept for entry in evidence.values() if entry.is_inferred and entry.concept.kind == "event")
    homes = {home for home in (country_of(war, table.concepts) for war in wars) if home}
    return homes.pop() if len(homes) == 1 else None


def leading_country(evidence: dict[str, Evidence], table: Gazetteer) -> Concept | None:
    """The country that the article names at least twice as often as any other."""
    counts = Counter({entry.concept.id: entry.count for entry in evidence.values() if entry.concept.kind == "country"}).most_common(2)
    if counts and (len(counts) == 1 or counts[0][1] >= 2 * counts[1][1]):
        return table.concepts.get(counts[0][0])
    return None


def only_country(evidence: dict[str, Evidence], table: Gazetteer) -> Concept | None:
    """The one country to which all that the article names belongs."""
    homes = {country_of(entry.concept, table.concepts) or entry.concept for entry in evidence.values()}
    countries = [home for home in homes if home.kind == "country"]
    return countries[0] if len(countries) == 1 else None
