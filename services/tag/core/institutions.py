"""Institutions that every country has, found by pattern: an adjective or name of a country beside the institution's noun."""

from collections.abc import Sequence

from services.tag.core.gazetteer import Concept, Mention
from services.tag.core.tokens import Tokens

# (id's ending, name after the adjective, noun phrases by which an adjective is followed, as keys).
_NOUNS = (
    (
        "armed-forces",
        "Armed Forces",
        "army|armed forces|arab army|military|military forces|troops|soldiers|forces|government forces|government troops",
    ),
    (
        "armed-forces",
        "Armed Forces",
        "regime forces|army units|army unit|army soldiers|ground forces|special forces|security forces|armee|truppen|soldaten|streitkrafte"
        "|regierungstruppen",
    ),
    ("air-force", "Air Force", "air force|air forces|airforce|aerospace forces|luftwaffe"),
    ("navy", "Navy", "navy|naval forces|marine"),
    ("police", "police", "police|national police|federal police|polizei|police officers|policemen|riot police"),
    (
        "defence-ministry",
        "Defence Ministry",
        "defence ministry|defense ministry|ministry of defence|ministry of defense|verteidigungsministerium",
    ),
    ("foreign-ministry", "Foreign Ministry", "foreign ministry|ministry of foreign affairs|foreign affairs ministry|aussenministerium"),
    ("interior-ministry", "Interior Ministry", "interior ministry|ministry of interior|ministry of the interior|innenministerium"),
    ("health-ministry", "Health Ministry", "health ministry|ministry of health|gesundheitsministerium"),
    ("congress", "Congress", "congress|congress of deputies"),
    ("senate", "Senate", "senate"),
    ("constituent-assembly", "Constituent Assembly", "constituent assembly"),
    ("house", "House of Representatives", "house of representatives"),
    ("parliament", "Parliament", "parliament|national assembly|parlament"),
    ("coast-guard", "Coast Guard", "coast guard|coastguard"),
    ("supreme-court", "Supreme Court", "supreme court"),
    ("constitutional-court", "Constitutional Court", "constitutional court"),
    ("finance-ministry", "Finance Ministry", "finance ministry|ministry of finance"),
    ("justice-ministry", "Justice Ministry", "justice ministry|ministry of justice"),
    ("embassy", "embassy", "embassy|consulate"),
    ("central-bank", "Central Bank", "central bank"),
    ("government", "Government", "government|regime|regierung"),
)
_PHRASES = {phrase: (ending, name) for ending, name, phrases in _NOUNS for phrase in phrases.split("|")}
_STARTS = frozenset(phrase.split()[0] for phrase in _PHRASES)
_MINISTRIES = frozenset(phrase for phrase, (ending, _) in _PHRASES.items() if ending.endswith("ministry"))
# Without a country beside them these mean the army of the country whose war the article is about.
_ALONE = frozenset({"government forces", "government troops", "regime forces", "regierungstruppen"})
# Chambers that many countries have: without a country beside them those of the country that the article is about.
CHAMBERS = frozenset({"congress", "senate", "house of representatives", "national assembly"})
_ALONE_STARTS = frozenset(phrase.split()[0] for phrase in _ALONE | _MINISTRIES | CHAMBERS)
_LONGEST = 4


def find_institutions(tokens: Tokens, mentions: Sequence[Mention]) -> list[Mention]:
    """`Syrian army`, `Russian Defence Ministry`, `Ministry of Defence of Russia`: mentions that span country and noun."""
    found: list[Mention] = []
    for mention in mentions:
        found += _administration(tokens, mention)
        country = next((one for one in mention.concepts if one.kind == "country"), None)
        if country is None or len(mention.concepts) > 1:
            continue
        at, phrase = mention.end, ""
        if at < len(tokens) and tokens.keys[at] in _STARTS and tokens.gap(at) in (" ", "-", "\n"):
            phrase = _phrase_at(tokens, at)
        if phrase:
            found.append(Mention(mention.start, at + len(phrase.split()), (institution(country, phrase),)))
        elif mention.start >= 4 and tokens.keys[mention.start - 1] == "of":
            before = " ".join(tokens.keys[mention.start - 4 : mention.start - 1])
            if before in _MINISTRIES:
                found.append(Mention(mention.start - 4, mention.end, (institution(country, before),)))
    return found


def _administration(tokens: Tokens, mention: Mention) -> list[Mention]:
    """`Obama administration`: a head of state's name before the noun."""
    head = mention.concepts[0]
    if (
        head.kind != "person"
        or mention.end >= len(tokens)
        or tokens.keys[mention.end] != "administration"
        or tokens.gap(mention.end) != " "
    ):
        return []
    surname = tokens.span(mention.end - 1, mention.end)
    concept = Concept(f"org:{tokens.keys[mention.end - 1]}-administration", "organisation", f"{surname} administration", head.parent)
    return [Mention(mention.start, mention.end + 1, (concept,))]


def find_alone(tokens: Tokens, army: Concept | None, ministry: Concept | None, chamber: Concept | None) -> list[Mention]:
    """Government forces, ministries and chambers named without their country: those of the country given for each, where there is one."""
    found: list[Mention] = []
    if (army is None and ministry is None and chamber is None) or _ALONE_STARTS.isdisjoint(tokens.keys):
        return found
    end = 0
    for at, key in enumerate(tokens.keys):
        if key not in _ALONE_STARTS or at < end:
            continue
        phrase = _phrase_at(tokens, at)
        country = army if phrase in _ALONE else ministry if phrase in _MINISTRIES else None
        if phrase in CHAMBERS and tokens.caps[at]:
            country = chamber
        if country is not None:
            end = at + len(phrase.split())
            found.append(Mention(at, end, (institution(country, phrase),)))
    return found


def phrases(ending: str) -> list[str]:
    """The noun phrases that stand after a country's adjective for the institution with this ending of ids."""
    return [phrase for phrase, (its, _) in _PHRASES.items() if its == ending]


def is_institution(keys: tuple[str, ...]) -> bool:
    """Whether a name is only an institution's noun, of whatever country."""
    return " ".join(keys) in _PHRASES


def institution(country: Concept, phrase: str) -> Concept:
    """The concept that `phrase` names in this country."""
    ending, name = _PHRASES[phrase]
    if (country.id, phrase) == ("country:IN", "congress"):
        return Concept("org:inc", "organisation", "Indian National Congress", country.id)
    code = country.id.partition(":")[2].lower()
    return Concept(f"org:{code}-{ending}", "organisation", f"{country.adjective} {name}", country.id, "n" if ending == "government" else "")


def _phrase_at(tokens: Tokens, at: int) -> str:
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        phrase = " ".join(tokens.keys[at : at + length])
        if phrase in _PHRASES:
            return phrase
    return ""
