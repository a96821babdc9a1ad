"""What no newsroom would send, and some do: each is tagged and linked, lands in an event that makes sense, and costs what it should."""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, func, select

sys.path.append(str(Path(__file__).parents[1] / "storm"))

from news import Told
from orders import Chronicled, chronicle, put, work_through

from services.link.stage import Link
from services.tag.core import MAX_TAGS
from services.tag.stage import TagArticle
from shared import ledger
from shared.db import reading, writing
from shared.features import KEYS
from shared.ledger import State
from shared.messages import ArticleCleaned
from shared.models import Article, ArticleTag, Edge, IndexEntry, Posting, Work
from shared.pipeline import PIPELINE
from shared.runner import Runner

NOON = datetime(2031, 3, 4, 12, tzinfo=UTC)
LEAD = "The cable car to Mount Averell stopped at noon with forty riders after a storm snapped its rope, operator Sigrun Talheim said."
TEXT = (
    f"{LEAD} Mountain guides from Lower Kessin let down the riders one by one until dusk. Nobody was hurt. The cable car of 1974 was to be "
    "replaced next spring, and will not run again before that, Talheim said."
)
OTHER = (
    "Mountain guides from Lower Kessin rescued forty riders from the cable car to Mount Averell, whose hauling rope a storm had snapped. "
    "Operator Sigrun Talheim thanked the guides. The last rider touched ground at dusk; nobody was hurt."
)
ONE = Told(key="one.test/1", title="Storm snaps rope of Mount Averell cable car", text=TEXT, published=NOON)
TWO = Told(key="two.test/2", title="Forty rescued from cable car at Mount Averell", text=OTHER, published=NOON + timedelta(hours=5))


def events(engine: Engine, *articles: Told) -> list[Chronicled]:
    """The events of these articles."""
    dice = random.Random(5)
    work_through(engine, dice, put(engine, articles, dice))
    return chronicle(engine)


def together(found: Sequence[Chronicled]) -> set[tuple[str, ...]]:
    """Which articles stand together."""
    return {event.articles for event in found}


def test_an_article_without_a_text_joins_by_its_title(engine: Engine) -> None:
    bare = Told(key="bare.test/3", title="Mount Averell cable car: storm snaps rope, forty riders rescued", text=None, published=NOON)
    assert together(events(engine, ONE, TWO, bare)) == {("bare.test/3", "one.test/1", "two.test/2")}


def test_an_article_without_a_title_joins_by_its_text_and_heads_nothing(engine: Engine) -> None:
    found = events(engine, ONE, TWO, replace(ONE, key="untitled.test/3", title=None, text=OTHER, published=NOON - timedelta(hours=1)))
    assert together(found) == {("one.test/1", "two.test/2", "untitled.test/3")}
    assert found[0].headline in (ONE.title, TWO.title)


def test_an_article_without_title_and_text_stands_by_itself(engine: Engine) -> None:
    empty = [Told(key=f"empty.test/{number}", title=None, text=None, published=NOON) for number in range(3)]
    found = events(engine, ONE, *empty)
    assert together(found) == {("one.test/1",), *((one.key,) for one in empty)}
    assert {event.headline for event in found} == {ONE.title, "Untitled"}


def test_an_article_without_a_date_joins_and_dates_nothing(engine: Engine) -> None:
    found = events(engine, ONE, replace(TWO, published=None))
    assert together(found) == {("one.test/1", "two.test/2")}
    assert found[0].date == "2031-03-04"


@pytest.mark.parametrize(
    ("title", "one", "two"),
    [
        (
            "عاصفة تقطع حبل التلفريك في جبل أفيريل",
            "توقف التلفريك في جبل أفيريل ظهر الثلاثاء وعلى متنه أربعون راكبا بعد أن قطعت عاصفة حبل الجر كما قالت المشغلة سيغرون تالهايم.",
            "أنقذ مرشدو الجبال أربعين راكبا من التلفريك في جبل أفيريل بعد أن قطعت عاصفة حبل الجر، وشكرت المشغلة سيغرون تالهايم المرشدين.",
        ),
        (
            "Буря оборвала трос канатной дороги на горе Аверелл",
            "Канатная дорога на гору Аверелл остановилась с сорока пассажирами: буря оборвала тяговый трос, сказала Сигрун Тальхайм.",
            "Горные проводники сняли сорок пассажиров с горы Аверелл, где буря оборвала тяговый трос, сказала Сигрун Тальхайм.",
        ),
        (
            "暴风雨扯断阿弗雷尔山缆车钢索",
            "阿弗雷尔山缆车周二中午因暴风雨扯断牵引钢索而停运，四十名乘客被困，运营商西格伦·塔尔海姆说。",
            "山地向导从阿弗雷尔山缆车上救下四十名乘客，暴风雨此前扯断了牵引钢索，西格伦·塔尔海姆向向导致谢。",
        ),
    ],
)
def test_articles_in_another_script_join_one_another(engine: Engine, title: str, one: str, two: str) -> None:
    first = Told(key="a.test/1", title=title, text=one, published=NOON, language=None)
    second = Told(key="b.test/2", title=title, text=two, published=NOON + timedelta(hours=2), language=None)
    assert together(events(engine, first, second, ONE)) == {("a.test/1", "b.test/2"), ("one.test/1",)}


@pytest.mark.parametrize(
    ("one", "two", "other"),
    [
        (
            "กระเช้าไฟฟ้าขึ้นเขาเอเวอเรลล์หยุดเมื่อเที่ยงวันโดยมีผู้โดยสารสี่สิบคนหลังพายุทำให้สลิงขาด ซีกรุน ทัลไฮม์ ผู้ดำเนินการกล่าว",
            "มัคคุเทศก์ภูเขาช่วยผู้โดยสารสี่สิบคนจากกระเช้าไฟฟ้าเขาเอเวอเรลล์หลังพายุทำให้สลิงขาด ซีกรุน ทัลไฮม์ ขอบคุณมัคคุเทศก์",
            "ทีมเรือใบเพเรกรินชนะการแข่งขันที่ซานต์เอลโมด้วยเวลาห่างกันเก้าวินาที กัปตันดาริโอ คอนติ กล่าวว่าลมเปลี่ยนทิศในนาทีสุดท้าย",
        ),
        (
            "माउंट एवेरेल जाने वाली केबल कार चालीस यात्रियों के साथ रुक गई, क्योंकि तूफान ने उसकी रस्सी तोड़ दी, संचालक सिग्रुन तालहाइम ने कहा।",
            "पर्वतीय गाइडों ने माउंट एवेरेल की केबल कार से चालीस यात्रियों को बचाया, जिसकी रस्सी तूफान ने तोड़ दी थी। सिग्रुन तालहाइम ने धन्यवाद दिया।",
            "नौका पेरेग्रीन ने सांत एल्मो की दौड़ नौ सेकंड से जीती, जब कप्तान दारियो कोंती ने घाट के पास जोखिम भरा रास्ता चुना। हवा बदल गई थी।",
        ),
    ],
)
def test_articles_in_a_script_with_marks_join_their_like_alone(engine: Engine, one: str, two: str, other: str) -> None:
    texts = enumerate((one, two, other))
    said = [Told(key=f"{at}.test/1", title=text[:45], text=text, published=NOON, language=None) for at, text in texts]
    assert together(events(engine, *said)) == {("0.test/1", "1.test/1"), ("2.test/1",)}


@pytest.mark.parametrize("said", ["🚡⛈️🆘", "\u200b\u202e\u2066\ufeff\u00ad\u200d", "…", "।"])
def test_articles_without_a_letter_stand_by_themselves(engine: Engine, said: str) -> None:
    same = [Told(key=f"{at}.test/1", title=said, text=said * 100, published=NOON, language=None) for at in range(4)]
    assert together(events(engine, ONE, *same)) == {("one.test/1",), *((one.key,) for one in same)}
    assert costs(engine) == (0, 0)


def test_marks_of_direction_and_of_no_width_between_words_change_nothing(engine: Engine) -> None:
    hidden = ONE.text.replace(" ", " \u200b\u202e") if ONE.text else ""
    assert len(events(engine, TWO, replace(ONE, key="hidden.test/3", title=f"\u2066{ONE.title}\u2069", text=hidden))) == 1


@pytest.mark.parametrize("tail", ["Averell" * 14_500, "word of mouth " * 7_200, "الف " * 25_000])
def test_a_title_of_100_000_characters_joins_by_how_it_begins(engine: Engine, tail: str) -> None:
    assert len(events(engine, ONE, TWO, replace(ONE, key="long.test/3", title=f"{ONE.title} {tail}"))) == 1
    assert costs(engine)[0] <= 2


def test_articles_of_5_000_numbers_are_no_event(engine: Engine) -> None:
    dice = random.Random(5)
    drawn = [str(number) for number in dice.sample(range(1_000, 9_999_999), 5_000)]
    lists = [Told(key=f"{at}.test/1", title=f"Draw {at}", text=" ".join(dice.sample(drawn, 5_000)), published=NOON) for at in range(4)]
    assert together(events(engine, ONE, TWO, *lists)) == {("one.test/1", "two.test/2"), *((one.key,) for one in lists)}
    assert costs(engine)[0] <= 6


def test_one_rare_word_10_000_times_is_no_event_with_those_who_name_it_once(engine: Engine) -> None:
    again = [Told(key=f"{at}.test/1", title="Talheim", text="Talheim " * (10_000 + at), published=NOON) for at in range(3)]
    found = together(events(engine, ONE, TWO, *again))
    assert ("one.test/1", "two.test/2") in found
    assert costs(engine)[0] <= 3


def test_an_article_of_200_000_words_joins_by_how_it_begins(engine: Engine) -> None:
    dice = random.Random(5)
    tail = " ".join("".join(dice.choices("aeioubdgklmnrst", k=6)) for _ in range(200_000))
    found = events(engine, ONE, TWO, replace(ONE, key="long.test/3", text=f"{TEXT}\n\n{tail}"))
    assert together(found) == {("long.test/3", "one.test/1", "two.test/2")}


def test_an_article_of_10_000_names_pulls_nothing_together(engine: Engine) -> None:
    dice = random.Random(5)
    names = [" ".join("".join(dice.choices("aeioubdgklmnrst", k=6)).capitalize() for _ in range(2)) for _ in range(10_000)]
    roll = f"The roll of honour: {', '.join(names)}. Also Sigrun Talheim of Mount Averell."
    found = events(engine, ONE, TWO, Told(key="names.test/3", title="Roll of honour", text=roll, published=NOON))
    assert together(found) == {("names.test/3",), ("one.test/1", "two.test/2")}


def costs(engine: Engine) -> tuple[int, int]:
    """The edges between others than the two of the cable car, and tags of those; what the index and the tags may hold of any is bounded."""
    with reading(engine) as session:
        plain = set(session.exec(select(Article.id).where(col(Article.url_key).in_([ONE.key, TWO.key]))))
        edges = [edge for edge in session.exec(select(Edge)) if not {edge.a, edge.b} <= plain]
        tags = Counter(session.exec(select(ArticleTag.article_id)))
        assert max(Counter(session.exec(select(Posting.article_id))).values(), default=0) <= KEYS
    assert max(tags.values(), default=0) <= MAX_TAGS
    return len(edges), sum(number for article, number in tags.items() if article not in plain)


@pytest.mark.parametrize("text", [TEXT, None])
def test_many_identical_articles_at_once_are_compared_as_one(engine: Engine, text: str | None) -> None:
    title = "Storm snaps hauling rope of Mount Averell cable car, Sigrun Talheim says"
    same = [Told(key=f"o{at}.test/1", title=title, text=text, published=NOON + timedelta(minutes=at % 50)) for at in range(100)]
    found = events(engine, *same, TWO)
    assert together(found) == {tuple(sorted(one.key for one in (*same, TWO)))}
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(Edge)).one() < 2 * len(same)  # not one for each pair


def test_many_identical_titles_that_say_nothing_are_no_event(engine: Engine) -> None:
    same = [Told(key=f"o{at}.test/1", title="Fire", text=None, published=NOON) for at in range(20)]
    assert together(events(engine, *same)) == {(one.key,) for one in same}


def test_clocks_that_disagree_by_days_part_nothing(engine: Engine) -> None:
    early, late = replace(TWO, key="early.test/3", published=NOON - timedelta(days=2)), replace(TWO, published=NOON + timedelta(days=2))
    assert together(events(engine, ONE, early, late)) == {("early.test/3", "one.test/1", "two.test/2")}


def test_outlets_whose_clocks_are_three_days_wrong_join_and_do_not_move_the_day_alone(engine: Engine) -> None:
    """Within five days what is told the same joins, a reprint included; an event is as old as its first report says it is."""
    late = replace(TWO, key="late.test/3", published=NOON + timedelta(days=3))
    early = replace(ONE, key="early.test/4", published=NOON - timedelta(days=3))
    found = events(engine, ONE, TWO, late)
    assert [(event.articles, event.date) for event in found] == [(("late.test/3", "one.test/1", "two.test/2"), "2031-03-04")]
    [all_] = events(engine, early)
    assert all_.articles == ("early.test/4", "late.test/3", "one.test/1", "two.test/2")
    assert "2031-03-01" <= all_.date <= "2031-03-04"


def test_a_clock_that_is_wrong_by_years_harms_only_its_own_article(engine: Engine) -> None:
    wrong = [replace(TWO, key=f"wrong.test/{year}", published=NOON.replace(year=year)) for year in (1, 1970, 2199, 9999)]
    found = events(engine, ONE, TWO, *wrong)
    assert together(found) == {("one.test/1", "two.test/2"), *((one.key,) for one in wrong)}
    assert [event.date for event in found if event.articles == ("one.test/1", "two.test/2")] == ["2031-03-04"]


@pytest.mark.parametrize("damage", ["", "{", "{}", "[]", "null", '{"title": {"1": "storm"', "\\u0000", "[" * 100_000])
def test_a_damaged_entry_is_dead_work_of_its_own_and_stands_in_nobodys_way(engine: Engine, damage: str) -> None:
    runner = Runner(engine=engine, pipeline=PIPELINE, stages={"tag": TagArticle(), "link": Link()})
    works = put(engine, [replace(ONE, key="damaged.test/3"), ONE, TWO], random.Random(5))
    tagged = [runner.deliver("tag", [work]).emitted[0][0] for work in works]
    with writing(engine) as session:
        hurt = session.exec(select(Article).where(Article.url_key == "damaged.test/3")).one().id
        session.exec(select(IndexEntry).where(IndexEntry.article_id == hurt)).one().features = damage
    assert [runner.deliver("link", [work]).done for work in tagged].count(0) == 1
    with reading(engine) as session:
        [fallen] = session.exec(select(Work).where(Work.state == State.DEAD)).all()
        assert (fallen.stage, fallen.subject_id, fallen.error_class) == ("link", hurt, "entry_damaged")
        events_of = {one.url_key: one.event_id for one in session.exec(select(Article))}
    assert events_of["one.test/1"] == events_of["two.test/2"] is not None
    assert events_of["damaged.test/3"] is None
    with writing(engine) as session:  # what `dateline rebuild --from tag` writes
        fact = ArticleCleaned(article_id=hurt or 0, revision=1, rules=1, rebuild="again", same=True)
        [again] = ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], datetime.now(UTC))
    assert [runner.deliver("link", [work]).done for work, stage in runner.deliver("tag", [again.id]).emitted if stage == "link"] == [1]
    runner.close()
    with reading(engine) as session:
        assert len(set(session.exec(select(Article.event_id)))) == 1


@pytest.mark.parametrize("key", ["one.test/1", "two.test/2"])
def test_an_article_whose_entry_is_damaged_later_stays_in_its_event(engine: Engine, key: str) -> None:
    events(engine, ONE, TWO)
    with writing(engine) as session:
        hurt = session.exec(select(Article).where(Article.url_key == key)).one().id
        session.exec(select(IndexEntry).where(IndexEntry.article_id == hurt)).one().features = "{"
    same = replace(ONE, key="same.test/3")
    assert together(events(engine, same, replace(TWO, key="late.test/4", published=NOON + timedelta(hours=9)))) == {
        ("late.test/4", "one.test/1", "same.test/3", "two.test/2")
    }
