"""The five reference documents, as `clean` and `tag` give them: two events, in any order."""

from itertools import permutations
from pathlib import Path

import pytest

from services.clean.core import Document, clean
from services.link.core import rarity
from services.link.core.closedset import link
from services.tag.core import tag_article
from shared.features import Features, make_features

SEEDS = Path(__file__).resolve().parents[4].parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the reference documents are not there: {SEEDS}")


def features(number: str) -> Features:
    path = next(SEEDS.glob(f"{number}_*.txt"))
    cleaned = clean(Document(body=path.read_bytes(), content_type="text/plain"))
    # An event page's description is no evidence: it may concern another matter.
    text = "" if cleaned.kind == "event_page" else cleaned.text
    tags = [(tag.id, tag.weight, tag.kind) for tag in tag_article(cleaned.title, text, cleaned.language)]
    return make_features(title=cleaned.title, text=text, tags=tags, published=cleaned.published, language=cleaned.language)


@pytest.mark.parametrize("weighed_by", ["table", "table and set"])
def test_two_events_in_any_order(weighed_by: str) -> None:
    made = {number: features(number) for number in ("000", "001", "002", "003", "004")}
    for order in permutations(made):
        found = link([made[number] for number in order], rarity_of=rarity.static() if weighed_by == "table" else None)
        assert {frozenset(order[at] for at in group) for group in found.groups} == {
            frozenset({"000", "001", "003", "004"}),
            frozenset({"002"}),
        }
