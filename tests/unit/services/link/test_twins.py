"""Who leads and who follows among articles that say the same, or nearly: the same whatever the order, and nothing that only looks alike."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from services.link.core import rarity
from services.link.core.score import Profile
from services.link.core.twins import kinds, leader, one_voice, repeats
from shared.features import make_features

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
TITLE = "Storm snaps rope of Mount Averell cable car"
TEXT = (
    "The cable car to Mount Averell stopped at noon with forty riders after a storm snapped its rope, operator Sigrun Talheim said. "
    "Mountain guides from Lower Kessin let down the riders one by one until dusk. Nobody was hurt, and the car is to be replaced."
)
NOTICE = "This story is for subscribers only. Subscribe now to read on, or log in if you have an account with us already. " * 2


def profile(text: str | None = TEXT, title: str = TITLE, at: datetime | None = NOON, language: str = "en") -> Profile:
    return Profile(features=make_features(title=title, text=text, published=at, language=language), rarity=rarity.static())


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (profile(TEXT.replace("snapped", "broke")), True),
        (profile(TEXT, title="Forty rescued from cable car at Mount Averell"), True),
        (profile(f"{TEXT} More on this at the Kessin Herald.", at=NOON + timedelta(hours=9)), True),
        (profile(at=NOON + timedelta(days=1)), False),  # a kind of its own day: times tell articles apart
        (profile(at=None), False),
        (profile(language="de"), False),
        (profile(TEXT.split(". ")[0]), False),  # a lead quoted alone
        (profile(None), False),
    ],
)
def test_what_repeats_an_article(other: Profile, same: bool) -> None:
    assert repeats(profile(), other) is same
    assert repeats(other, profile()) is same


def test_a_notice_below_two_titles_repeats_nothing() -> None:
    assert not repeats(profile(NOTICE), profile(NOTICE, title="Court in Brenhold jails banker Ilse Marquand for fraud"))


def test_who_leads_does_not_depend_on_the_order() -> None:
    words = TEXT.split()
    made = [profile(" ".join([*words[:at], f"kessin{at}", *words[at + 1 :]]), at=NOON + timedelta(minutes=at)) for at in range(30)]
    first = kinds(dict(enumerate(made)))
    assert len(first.follows) >= 27
    assert all(first.head[head] == head for head in first.follows.values())
    shuffled = list(enumerate(made))
    random.Random(5).shuffle(shuffled)
    assert kinds(dict(shuffled)) == first
    alone = {name: made[name] for name, head in first.head.items() if name == head}
    for name, head in first.follows.items():
        assert leader(name, made[name], alone) == head


def test_one_of_a_kind_speaks_for_it_the_origin_before_the_leader() -> None:
    assert one_voice([1, 2, 3, 4], {1: 2, 2: 2, 3: 3, 4: 3}, [1]) == [1, 3]
