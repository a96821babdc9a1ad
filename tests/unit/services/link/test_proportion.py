"""Large groups without dates: joined and parted by proportion, whatever the order."""

import random

from services.link.core.closedset import link
from services.link.core.proportion import regroup
from services.link.core.score import Vector, vector
from shared.features import make_features


def text(chance: random.Random, matter: str, size: int) -> Vector:
    """Words of the matter, words that all news has, and some of its own."""
    words = [f"{matter}{number}" for number in chance.sample(range(20), size)]
    words += [f"news{number}" for number in chance.sample(range(10), 4)] + [f"own{chance.random()}" for _ in range(size)]
    return vector(dict.fromkeys(words, 1.0))


def found(groups: list[list[int]]) -> set[frozenset[int]]:
    return set(map(frozenset, groups))


def test_a_group_that_holds_two_matters_is_parted_and_one_that_holds_one_is_not() -> None:
    chance = random.Random(3)
    texts = {at: text(chance, "a" if at < 12 else "b", 9) for at in range(22)}
    assert found(regroup([list(range(22))], texts, {})) == {frozenset(range(12)), frozenset(range(12, 22))}
    assert found(regroup([list(range(12))], texts, {})) == {frozenset(range(12))}


def test_pieces_of_one_matter_are_joined_however_few_words_they_share_and_two_matters_are_not() -> None:
    chance = random.Random(4)
    texts = {at: text(chance, "a" if at < 12 else "b", 6) for at in range(24)}
    weak = {(a, b): 0.1 for a in range(24) for b in range(a + 1, 24)}
    pieces = [list(range(at, at + 4)) for at in range(0, 24, 4)]
    assert found(regroup(pieces, texts, weak)) == {frozenset(range(12)), frozenset(range(12, 24))}


def test_small_groups_are_left_as_they_are() -> None:
    chance = random.Random(5)
    texts = {at: text(chance, "a", 9) for at in range(6)}
    pairs = {(a, b): 0.9 for a in range(6) for b in range(a + 1, 6)}
    assert found(regroup([[0, 1, 2], [3, 4, 5]], texts, pairs)) == {frozenset({0, 1, 2}), frozenset({3, 4, 5})}


def test_two_landslides_without_titles_and_dates_are_two_events_in_any_order() -> None:
    told = {
        "north": ("A landslide buried the village of Tarnow", "twelve farmers", "Mayor Henrik Olsen", "rain from the Baltic"),
        "south": ("A landslide buried the village of Medina", "four pilgrims", "Governor Lucia Ferrer", "a broken reservoir"),
    }
    articles = []
    for event, (first, dead, who, why) in sorted(told.items()):
        for outlet in range(8):
            said = [f"It killed {dead}.", f"{who} blamed {why}.", f"{who} asked for help.", f"Rescuers looked for {dead} in the mud."]
            rest = random.Random(f"{event}{outlet}").sample(said, 3)
            articles.append((event, f"{first} {('on Friday', 'at dawn')[outlet % 2]}. {' '.join(rest)} Outlet{outlet} saw it."))
    partitions = []
    for seed in range(3):
        order = random.Random(seed).sample(range(len(articles)), len(articles))
        groups = link([make_features(title=None, text=articles[at][1]) for at in order]).groups
        partitions.append({frozenset(order[at] for at in group) for group in groups})
    assert partitions[0] == {frozenset(range(8)), frozenset(range(8, 16))}
    assert partitions[1:] == partitions[:1] * 2
