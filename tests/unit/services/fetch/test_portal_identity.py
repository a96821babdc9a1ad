"""An item of the portal is the same item after an edit of its page, whatever became of its bullet. All sentences are invented."""

import random
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from portal_samples import read

from services.fetch.core.portal import PortalEvent
from services.fetch.core.portalitems import MAX_KNOWN, Seen, identify, remember

SOURCE = "[https://a.test/1 (Tessel Radio)]"
DAM = "* A dam breaks near [[Velda]], drowning nine people. [https://a.test/1 (Tessel Radio)]\n"
STRIKE = "* Bakers in [[Ostra]] end a strike of three weeks. [https://b.test/2 (The Baker)]\n"
FIRE = "* A fire destroys the old theatre of [[Lund Bay]].\n"
DAY = DAM + STRIKE + FIRE


def known_of(text: str, before: Mapping[str, Seen] | None = None) -> tuple[dict[str, str], dict[str, Seen]]:
    """(headline to id, what is known afterwards)."""
    events: list[PortalEvent] = read(text)
    ids = identify(before or {}, events)
    return {event["headline"]: name for name, event in zip(ids, events, strict=True)}, remember(before or {}, ids, events)


FIRST, KNOWN = known_of(DAY)
DAM_ID, STRIKE_ID, FIRE_ID = SAME = list(FIRST.values())


@pytest.mark.parametrize(
    ("edited", "ids"),
    [
        (FIRE + DAM + STRIKE, [FIRE_ID, DAM_ID, STRIKE_ID]),  # moved
        (DAY.replace("drowning nine people", "killing at least fourteen, as the rescue goes on"), SAME),
        (DAY.replace("* A dam breaks near [[Velda]], drowning nine people.", "* The death toll in Velda is now 14."), SAME),
        (DAY.replace(SOURCE, "[http://www.a.test/1?utm_source=x (T)] [https://c.test/3 (C)]"), SAME),
        (DAY.replace(SOURCE, "[https://c.test/3 (C)]"), SAME),  # another source
        (DAY.replace(SOURCE, ""), SAME),  # none any more
        (DAY.replace("theatre of [[Lund Bay]].", "theatre of [[Lund Bay]]. [https://d.test/4 (D)]"), SAME),
        (f"'''Disasters'''\n*[[2021 Velda flood]]\n*{DAM}'''Business'''\n{STRIKE}{FIRE}", SAME),  # put under topics
        (STRIKE + FIRE, [STRIKE_ID, FIRE_ID]),
    ],
)
def test_an_edited_item_keeps_its_id(edited: str, ids: list[str]) -> None:
    assert list(known_of(edited, KNOWN)[0].values()) == ids


@pytest.mark.parametrize(
    "other",
    [
        "* A bridge falls in [[Velda]]. [https://e.test/5 (E)]\n",
        "* A fire destroys the old mill of [[Ostra]], and a school beside it. [https://e.test/5 (E)]\n",
        "* Bakers in [[Tessel]] begin a strike. [https://e.test/5 (E)]\n",
        "* The parliament of [[Ostra]] elects a speaker. [https://b.test/2 (The Baker)]\n",  # a page cited for two matters
    ],
)
def test_another_item_gets_an_id_of_its_own(other: str) -> None:
    found, _ = known_of(DAY + other, KNOWN)
    assert list(found.values())[:3] == SAME
    assert len(set(found.values())) == 4


def test_what_is_removed_is_gone_and_comes_back_as_itself() -> None:
    _, without = known_of(DAM + FIRE, KNOWN)
    assert [name for name, one in without.items() if one.get("gone")] == [STRIKE_ID]
    again, restored = known_of(DAY, without)
    assert list(again.values()) == SAME
    assert not any(one.get("gone") for one in restored.values())


def test_two_bullets_that_say_the_same_are_two() -> None:
    found = identify({}, read(DAM + DAM))
    assert len(set(found)) == 2
    assert set(identify(remember({}, found, read(DAM + DAM)), read(DAM + DAM))) == set(found)


def test_an_item_that_takes_another_s_old_words_does_not_take_its_id() -> None:
    edited = DAM.replace("A dam breaks near", "Hundreds flee after a dam breaks near") + STRIKE
    _, reworded = known_of(edited, KNOWN)
    found, _ = known_of(edited + DAM.replace("a.test/1", "f.test/6"), reworded)
    assert len(set(found.values())) == 3


def test_a_portal_that_was_forgotten_gives_the_same_ids_again() -> None:
    assert known_of(FIRE + STRIKE + DAM)[0] == FIRST


def test_what_is_remembered_is_bounded() -> None:
    gone = {f"{number:05}": Seen(urls=[], said=f"word{number}", gone=True) for number in range(MAX_KNOWN + 10)}
    assert len(known_of(DAY, gone)[1]) == MAX_KNOWN


words = st.sampled_from(["dam", "bridge", "fire", "strike", "Velda", "Ostra", "nine", "people", "old", "of", "in", "the"])
bullets = st.lists(
    st.builds(
        lambda said, cited: f"* {' '.join(said)}. {' '.join(f'[https://{host}.test/{host} (X)]' for host in cited)}\n",
        st.lists(words, min_size=6, max_size=12),
        st.lists(st.sampled_from("abcdef"), max_size=3),
    ),
    max_size=8,
)


@given(before=bullets, after=bullets, seed=st.integers(0, 1000))
def test_ids_differ_and_do_not_depend_on_the_order_of_the_page(before: Sequence[str], after: Sequence[str], seed: int) -> None:
    _, known = known_of("".join(before))
    events: list[PortalEvent] = read("".join(after))
    ids = identify(known, events)
    assert len(set(ids)) == len(ids)
    assert len(remember(known, ids, events)) == len(set(known) | set(ids))
    places = list(range(len(events)))
    random.Random(seed).shuffle(places)
    shuffled = identify(dict(reversed(known.items())), [events[at] for at in places])
    said = [(event["headline"], str(sorted(source["url"] for source in event["sources"]))) for event in events]
    assert sorted((said[at], name) for at, name in zip(places, shuffled, strict=True)) == sorted(zip(said, ids, strict=True))


@given(before=bullets)
def test_an_unchanged_page_changes_nothing(before: Sequence[str]) -> None:
    events: list[PortalEvent] = read("".join(before))
    ids = identify({}, events)
    known = remember({}, ids, events)
    assert identify(known, events) == ids or sorted(identify(known, events)) == sorted(ids)
    assert remember(known, ids, events) == known
