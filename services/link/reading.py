"""What the index holds of an article, as the stage compares it; an entry that cannot be read costs nobody else anything."""

from dataclasses import replace

from services.link.core import rarity
from services.link.core.score import Profile
from shared.features import from_json, make_features


def profile(line: str) -> Profile | None:
    """The features of an entry (JSON, as `tag` wrote it), to be compared; None where they are damaged."""
    try:
        return Profile(features=from_json(line), rarity=rarity.static())
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # cut off, of other types, parts missing, nested without end
        return None


def blank(article: int) -> Profile:
    """An article whose entry is damaged, for others: it says nothing, so that no new edge leads to it, and keeps the edges that it has."""
    return Profile(features=replace(make_features(title=None, text=None), mark=article), rarity=rarity.static())
