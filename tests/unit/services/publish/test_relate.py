"""Related events: rare shared tags connect, generic ones alone do not, near ones come first; a story is told from like events."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from services.publish.core.relate import MOST_RELATED, STORY_GAP_DAYS, Other, Relation, Weighted, relations, storyline

DAY = date(2016, 7, 28)
TOTAL = 1000


def tag(name: str, kind: str = "place", *, weight: float = 0.8, frequency: int = 5) -> Weighted:
    return Weighted(id=name, name=name.title(), kind=kind, weight=weight, frequency=frequency)


def other(event_id: int, *tags: str, day: date = DAY, headline: str | None = None, text: float = 0.0) -> Other:
    said = headline or f"Event {event_id}"
    return Other(id=event_id, day=day, headline=said, tags=dict.fromkeys(tags, 0.8), text=text)


OWN = other(1, headline="Lighthouse burns")


def related(tags: list[Weighted], others: list[Other], own: Other = OWN) -> tuple[Relation, ...]:
    return relations(own, tags, others, TOTAL)


def ids(found: tuple[Relation, ...]) -> list[int]:
    return [one.other.id for one in found]


def test_a_generic_tag_alone_relates_nothing() -> None:
    tags = [tag("russia", "country", frequency=300), tag("aleppo")]
    assert related(tags, [other(2, "russia")]) == ()


def test_a_frequent_tag_is_generic_whatever_its_kind() -> None:
    tags = [tag("election", "topic", frequency=200), tag("aleppo")]
    assert related(tags, [other(2, "election")]) == ()


def test_a_topic_and_a_place_of_the_world_are_generic_in_the_smallest_chronicle() -> None:
    tags = [tag("ferry", "topic", frequency=2), tag("paris", frequency=2), tag("europe", frequency=2)]
    assert related(tags, [other(2, "ferry", "paris", "europe")]) == ()


def test_a_tag_that_is_merely_mentioned_relates_nothing_by_itself() -> None:
    brushed = tag("marlock", weight=0.15)
    assert related([brushed], [other(2, "marlock")]) == ()
    assert ids(related([brushed, tag("brekke", "person", weight=0.2)], [other(2, "marlock", "brekke")])) == [2]


def test_a_rare_shared_tag_relates_and_is_named_first() -> None:
    tags = [tag("russia", "country", frequency=300), tag("aleppo")]
    (found,) = related(tags, [other(2, "russia", "aleppo")])
    assert [one.id for one in found.tags] == ["aleppo", "russia"]
    assert 0 < found.strength <= 1


def test_texts_that_are_alike_relate_through_a_generic_tag() -> None:
    tags = [tag("russia", "country", frequency=300)]
    assert ids(related(tags, [other(2, "russia", text=0.4), other(3, "russia")])) == [2]
    told_alike = other(4, "russia", headline="Keeper of the burnt lighthouse burns letters")
    assert ids(related(tags, [told_alike])) == [4]
    assert related(tags, [other(5, text=0.4)]) == (), "without a shared tag there is nothing to name"


def test_more_shared_tags_likeness_and_nearer_days_come_first() -> None:
    tags = [tag("aleppo"), tag("shoigu", "person")]
    far, near = date(2017, 9, 24), date(2016, 7, 27)
    both = "aleppo", "shoigu"
    found = related(tags, [other(2, "aleppo"), other(3, *both, day=far), other(4, *both, day=near), other(5, *both, day=near, text=0.3)])
    assert ids(found)[:2] == [5, 4]
    assert found[0].strength > found[-1].strength


def test_a_relation_is_as_strong_from_either_end() -> None:
    shared = tag("aleppo", weight=0.4), tag("shoigu", "person", weight=0.9)
    there = Other(id=2, day=DAY + timedelta(days=9), headline="Keeper of the lighthouse", tags={"aleppo": 0.7, "shoigu": 0.2})
    (found,) = related([*shared, tag("funchal", weight=0.9)], [there])
    back = replace(OWN, tags={one.id: one.weight for one in shared})
    (returned,) = related([replace(one, weight=there.tags[one.id]) for one in shared], [back], own=replace(there, tags={}))
    assert found.strength == returned.strength
    assert (found.before, returned.before) == (False, True)


def test_before_and_after_on_one_day_are_told_by_the_first_reports() -> None:
    at = datetime(2016, 7, 28, 12, tzinfo=UTC)
    earlier, later = (replace(other(number, "aleppo"), first=at + timedelta(hours=hours)) for number, hours in ((9, -3), (2, 3)))
    found = related([tag("aleppo")], [earlier, later], own=replace(OWN, first=at))
    assert {one.other.id: one.before for one in found} == {9: True, 2: False}


def test_at_most_ten_and_always_the_same_ones() -> None:
    tags = [tag("aleppo")]
    many = [other(number, "aleppo") for number in range(2, 40)]
    found = related(tags, many)
    assert len(found) == MOST_RELATED
    assert found == related(tags, list(reversed(many)))


def test_later_events_do_not_crowd_out_earlier_ones() -> None:
    tags = [tag("aleppo"), tag("shoigu", "person")]
    later = [other(number, "aleppo", "shoigu", day=DAY + timedelta(days=number)) for number in range(2, 30)]
    earlier = [other(number, "aleppo", day=DAY - timedelta(days=number)) for number in range(40, 47)]
    found = related(tags, later + earlier)
    assert [sum(one.before is side for one in found) for side in (True, False)] == [5, 5]
    assert len(related(tags, later + earlier[:2])) == MOST_RELATED


ELECTION = [tag("2031 Valdorian election", "election"), tag("kalnins", "person"), tag("valdoria", "country", frequency=300)]


def step(event_id: int, days: int, *tags: str) -> Other:
    return other(event_id, *tags, day=DAY + timedelta(days=days))


def test_an_election_its_result_and_the_protests_are_one_story_in_the_order_of_time() -> None:
    vote, kalnins = "2031 Valdorian election", "kalnins"
    steps = [step(4, 9, kalnins, vote), step(2, -12, vote, "valdoria"), step(3, 1, vote, kalnins)]
    elsewhere = [step(5, 2, "valdoria"), step(6, 3, vote)]
    found = storyline(OWN, ELECTION, steps + elsewhere, TOTAL)
    assert [(one.other.id, one.before) for one in found] == [(2, True), (3, False), (4, False)]
    assert found == storyline(OWN, ELECTION, [*elsewhere, *reversed(steps)], TOTAL)


def test_a_pause_ends_a_story_and_two_events_are_none() -> None:
    both = "2031 Valdorian election", "kalnins"
    near = [step(2, 3, *both), step(3, 8, *both)]
    assert ids(storyline(OWN, ELECTION, [*near, step(4, 9 + STORY_GAP_DAYS, *both)], TOTAL)) == [2, 3]
    assert storyline(OWN, ELECTION, near[:1], TOTAL) == ()
