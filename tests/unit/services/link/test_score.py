"""The edge between two articles: symmetric, explained, and blind to everything but the two."""

import json
from dataclasses import replace
from itertools import permutations

import pytest
from link_samples import ALL, FERRY, features

from services.link.core import rarity
from services.link.core.closedset import link
from services.link.core.cluster import NEAR, SCALE
from services.link.core.score import FLOOR, Edge, Profile, score, with_citation
from shared.features import Features, make_features

STRONG = NEAR / SCALE


def edge(one: Features, other: Features) -> Edge | None:
    return score(Profile(features=one, rarity=rarity.static()), Profile(features=other, rarity=rarity.static()))


@pytest.mark.parametrize(("one", "other"), list(permutations(ALL, 2)))
def test_an_edge_is_the_same_from_both_ends(one: str, other: str) -> None:
    assert edge(features(one), features(other)) == edge(features(other), features(one))


def test_other_words_for_the_same_happening_join() -> None:
    found = edge(features("ferry_wire"), features("ferry_paper"))
    assert found is not None
    assert found.score > STRONG
    assert found.copy < 0.5


@pytest.mark.parametrize("other", ["other_ferry", "bridge", "vote"])
@pytest.mark.parametrize("dated", [True, False])
def test_look_alikes_do_not_join(other: str, dated: bool) -> None:
    for name in FERRY:
        found = edge(features(name, dated=dated), features(other, dated=dated))
        assert found is None or found.score < STRONG


def test_an_undated_article_needs_more_agreement_than_one_of_the_same_hour() -> None:
    dated, undated = (edge(features("ferry_wire", dated=d), features("ferry_paper", dated=d)) for d in (True, False))
    assert dated is not None
    assert undated is not None
    assert STRONG < undated.score < dated.score


def test_the_same_words_a_year_later_are_another_event() -> None:
    assert edge(features("ferry_wire"), features("ferry_paper", days=365)) is None


def test_sample_news_and_real_news_have_no_edge() -> None:
    assert edge(features("ferry_wire"), features("ferry_copy", sample=True)) is None


def test_every_edge_says_why_and_can_be_stored() -> None:
    found = edge(features("ferry_wire"), features("ferry_copy"))
    assert found is not None
    names = {name for name, _, _ in found.reasons}
    assert {"rare terms", "text alike", "text repeated", "time"} <= names
    assert json.loads(json.dumps(found.reasons))


@pytest.mark.parametrize(("title", "text"), [("", ""), ("…", "?!"), ("Ferry", "")])
def test_articles_that_say_nothing_join_nothing(title: str, text: str) -> None:
    empty = make_features(title=title, text=text)
    for other in (empty, features("ferry_wire")):
        found = edge(empty, other)
        assert found is None or found.score < STRONG


def test_a_citation_adds_to_other_evidence_and_says_so() -> None:
    article = replace(features("ferry_wire"), addresses=(7,))
    page = features("ferry_paper")
    without, cited = edge(article, page), edge(article, replace(page, cites=(5, 7)))
    assert without is not None
    assert cited is not None
    assert cited.score > without.score
    assert cited.reasons[0][0] == "cited"
    assert cited == edge(replace(page, cites=(5, 7)), article)


def test_a_citation_alone_makes_no_event() -> None:
    article, page = replace(features("vote"), addresses=(7,)), replace(features("bridge"), cites=(7,))
    found = edge(article, page)
    assert found is not None
    assert found.reasons[0][0] == "cited"
    assert found.score == 0.0
    assert with_citation(FLOOR) * SCALE < NEAR, "where other evidence is as weak as can be"
    assert len(link([article, page], rarity_of=rarity.static()).groups) == 2
