"""Institutions that every country has, found by pattern: an adjective or name of a country beside the institution's noun."""

from collections.abc import Sequence

from services.tag.core.gazetteer import Concept, Mention
from services.tag.core.tokens import Tokens

# Noun phrases as they follow an adjective, and the institution they name: (id's ending, name after the adjective).
_ARMY = ("armed-forces", "Armed Forces")
_PHRASES: dict[str, tuple[str, str]] = {
    **dict.fromkeys(
        (
            "army",
            "armed forces",
            "arab army",
            "military",
            "military forces",
            "troops",
            "soldiers",
            "forces",
            "government forces",
            "government troops",
            "regime forces",
            "army units",
            "army unit",
            "army soldiers",
            "armee",
            "truppen",
            "soldaten",
            "streitkrafte",
            "regierungstruppen",
        ),
        _ARMY,
    ),
    **dict.fromkeys(("air force", "air forces", "airforce", "aerospace forces", "luftwaffe"), ("air-force", "Air Force")),
    **dict.fromkeys(("navy", "naval forces", "marine"), ("navy", "Navy")),
    **dict.fromkeys(("police", "national police", "federal police", "polizei", "police officers"), ("police", "police")),
    **dict.fromkeys(
        ("defence ministry", "defense ministry", "ministry of defence", "ministry of defense", "verteidigungsministerium"), ("defence-ministry", "Defence Ministry")
    ),
    **dict.fromkeys(
        ("foreign ministry", "ministry of foreign affairs", "foreign affairs ministry", "aussenministerium"), ("foreign-ministry", "Foreign Ministry")
    ),
    **dict.fromkeys(("interior ministry", "ministry of interior", "ministry of the interior", "innenministerium"), ("interior-ministry", "Interior Ministry")),
    **dict.fromkeys(("health ministry", "ministry of health"), ("health-ministry", "Health Ministry")),
    **dict.fromkeys(("parliament", "national assembly", "parlament"), ("parliament", "Parliament")),
    **dict.fromkeys(("coast guard", "coastguard"), ("coast-guard", "Coast Guard")),
    **dict.fromkeys(("supreme court",), ("supreme-court", "Supreme Court")),
    **dict.fromkeys(("central bank",), ("central-bank", "Central Bank")),
    **dict.fromkeys(("government", "regime", "regierung"), ("government", "Government")),
}
_STARTS = frozenset(phrase.split()[0] for phrase in _PHRASES)
_MINISTRIES = frozenset(phrase for phrase, (ending, _) in _PHRASES.items() if ending.endswith("ministry"))
# Without a country beside them these mean the army of the country whose war the article is about.
_ALONE = frozenset({"government forces", "government troops", "regime forces", "regierungstruppen"})
_LONGEST = 4


def find_institutions(tokens: Tokens, mentions: Sequence[Mention]) -> list[Mention]:
    """`Syrian army`, `Russian Defence Ministry`, `Ministry of Defence of Russia`: mentions that span country and noun."""
    found: list[Mention] = []
    for mention in mentions:
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


def find_alone(tokens: Tokens, country: Concept | None) -> list[Mention]:
    """Ministries and government forces named without their country, where the article leaves no doubt which one is meant."""
    if country is None:
        return []
    found: list[Mention] = []
    at = 0
    while at < len(tokens):
        phrase = _phrase_at(tokens, at) if tokens.keys[at] in _STARTS or tokens.keys[at] == "ministry" else ""
        if phrase in _ALONE or phrase in _MINISTRIES:
            found.append(Mention(at, at + len(phrase.split()), (institution(country, phrase),)))
            at += len(phrase.split())
        else:
            at += 1
    return found


def institution(country: Concept, phrase: str) -> Concept:
    """The concept that `phrase` names in this country."""
    ending, name = _PHRASES[phrase]
    return Concept(f"org:{country.id.partition(':')[2].lower()}-{ending}", "organisation", f"{country.adjective} {name}", country.id, "n" if ending == "government" else "")


def _phrase_at(tokens: Tokens, at: int) -> str:
    for length in range(min(_LONGEST, len(tokens) - at), 0, -1):
        phrase = " ".join(tokens.keys[at : at + length])
        if phrase in _PHRASES:
            return phrase
    return ""
