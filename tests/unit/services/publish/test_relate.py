"""Related events: rare shared tags connect, generic ones alone do not, and near ones come first."""

from datetime import date

from services.publish.core.relate import MOST_RELATED, Other, Weighted, relations

DAY = date(2016, 7, 28)
TOTAL = 1000


def tag(name: str, kind: str = "place", *, weight: float = 0.8, frequency: int = 5) -> Weighted:
    return Weighted(id=name, name=name.title(), kind=kind, weight=weight, frequency=frequency)


def other(event_id: int, *tags: str, day: date = DAY) -> Other:
    return Other(id=event_id, day=day, headline=f"Event {event_id}", tags=dict.fromkeys(tags, 0.8))


def test_a_generic_tag_alone_relates_nothing() -> None:
    tags = [tag("russia", "country", frequency=300), tag("aleppo")]
    assert relations(DAY, tags, [other(2, "russia")], TOTAL) == ()


def test_a_frequent_tag_is_generic_whatever_its_kind() -> None:
    tags = [tag("election", "topic", frequency=200), tag("aleppo")]
    assert relations(DAY, tags, [other(2, "election")], TOTAL) == ()


def test_a_rare_shared_tag_relates_and_is_named_first() -> None:
    tags = [tag("russia", "country", frequency=300), tag("aleppo")]
    (found,) = relations(DAY, tags, [other(2, "russia", "aleppo")], TOTAL)
    assert [one.id for one in found.tags] == ["aleppo", "russia"]
    assert 0 < found.strength <= 1


def test_more_shared_tags_and_nearer_days_come_first() -> None:
    tags = [tag("aleppo"), tag("shoigu", "person")]
    found = relations(
        DAY,
        tags,
        [other(2, "aleppo"), other(3, "aleppo", "shoigu", day=date(2017, 9, 24)), other(4, "aleppo", "shoigu", day=date(2016, 7, 27))],
        TOTAL,
    )
    assert found[0].other.id == 4
    assert found[0].strength > found[-1].strength


def test_at_most_ten_and_always_the_same_ones() -> None:
    tags = [tag("aleppo")]
    many = [other(number, "aleppo") for number in range(2, 40)]
    found = relations(DAY, tags, many, TOTAL)
    assert len(found) == MOST_RELATED
    assert found == relations(DAY, tags, list(reversed(many)), TOTAL)
