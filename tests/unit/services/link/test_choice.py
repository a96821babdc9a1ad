"""What an event's page says at its top: the plain statement that most of its articles agree in."""

from datetime import timedelta

from link_samples import NOON

from services.link.core import rarity
from services.link.core.choice import Member
from services.link.core.event import Told, tell
from services.link.core.score import Profile
from shared.features import make_features

WIRE = (
    "Tram derails on Lindholm bridge, killing four",
    "LINDHOLM, Valdoria (Agency): A tram derailed on the old bridge of Lindholm on Tuesday and four passengers were killed, the fire "
    "brigade said. Eleven others were taken to hospital.",
)
PAPER = (
    "Four dead as tram jumps the rails in Lindholm",
    "Four people died when a tram of line 6 jumped the rails on the bridge over the Olsa in Lindholm on Tuesday. The fire brigade said "
    "that eleven passengers were injured.",
)
COLOUR = (
    "A shoe, a lunch box, a silence: Lindholm, the morning after",
    "The shoe was still there in the morning. Nobody in Lindholm had the heart to pick it up from the rails, and the fire brigade had "
    "other things to do on the bridge.",
)
FOLLOWING = (
    "Lindholm tram driver released after questioning over bridge crash",
    "The driver of the tram that derailed on the bridge of Lindholm on Tuesday, killing four passengers, was released by the police on "
    "Thursday. The fire brigade has cleared the rails.",
)


def member(number: int, said: tuple[str, str], *, hours: float = 0.0, kind: str = "article", language: str = "en") -> Member:
    title, text = said
    published = NOON + timedelta(hours=hours)
    features = make_features(title=title, text=text, published=published, language=language)
    told = Profile(features=features, rarity=rarity.static())
    return Member(id=number, profile=told, title=title, opening=text, kind=kind, published=published)


def told(*members: Member) -> Told:
    return tell(members, {})


def test_the_headline_is_the_plain_statement_and_not_the_colour_piece() -> None:
    assert told(member(1, COLOUR, hours=15), member(2, WIRE), member(3, PAPER, hours=1)).headline in (WIRE[0], PAPER[0])


def test_a_later_turn_does_not_take_the_headline_over() -> None:
    event = told(member(1, WIRE), member(2, FOLLOWING, hours=49), member(3, PAPER, hours=2))
    assert event.headline in (WIRE[0], PAPER[0])


def test_commentary_and_questions_yield_to_news() -> None:
    comment = ("Four dead on Lindholm bridge: the tram line should close", PAPER[1])
    question = ("Why did a tram jump the rails on Lindholm bridge, killing four?", WIRE[1])
    assert told(member(1, comment, kind="opinion"), member(2, question), member(3, WIRE, hours=3)).headline == WIRE[0]


def test_the_description_is_a_sentence_of_the_text_without_its_dateline() -> None:
    event = told(member(1, WIRE), member(2, PAPER, hours=1))
    assert event.description is not None
    assert event.description.startswith(("A tram derailed on the old bridge", "Four people died when a tram"))


def test_an_event_with_one_article_a_language_has_a_description_too() -> None:
    german = ("Straßenbahn entgleist in Lindholm", "Bei einem Unglück auf der alten Brücke von Lindholm starben am Dienstag vier Menschen.")
    event = told(member(1, WIRE), member(2, german, language="de", hours=1))
    assert event.headline == WIRE[0]
    assert event.description == WIRE[1].partition(": ")[2]


def test_headline_and_description_are_in_one_language() -> None:
    chinese = ("林德霍尔姆电车出轨致四人死亡", "周二，一辆有轨电车在林德霍尔姆的旧桥上脱轨，造成四人死亡，十一人受伤，消防部门说。")
    bare = member(1, (WIRE[0], ""))
    assert told(bare, member(2, chinese, language="zh", hours=1)).description is None


def test_a_long_opening_is_cut_after_a_sentence_and_not_after_a_title() -> None:
    long = "The mayor of Lindholm thanked Sen. Hanka Sikora. " + "The tram company promised to look at every bridge of the town again " * 6
    event = told(member(1, ("Mayor of Lindholm thanks senator", long)))
    assert event.description == "The mayor of Lindholm thanked Sen. Hanka Sikora."


def test_the_order_of_the_articles_does_not_matter() -> None:
    members = [member(1, WIRE), member(2, PAPER, hours=1), member(3, COLOUR, hours=15), member(4, FOLLOWING, hours=49)]
    assert told(*members) == told(*reversed(members))


def test_an_article_without_a_title_is_known_by_its_first_words() -> None:
    assert told(member(1, ("", PAPER[1]))).headline.startswith("Four people died when a tram of line 6")
    assert told(member(1, ("", ""))).headline == "Untitled"


ITEM = (
    "A tram derails on the old bridge of Lindholm, killing four passengers",
    "A tram derails on the old bridge of Lindholm, killing four passengers.",
)
ELSEWHERE = ("A mill burns down in Ostra", "A mill burns down in Ostra. Its owner had closed it in spring, after a flood of the river.")


def test_the_portal_s_sentence_heads_an_event_for_want_of_a_report_only() -> None:
    assert told(member(1, ITEM, kind="event_page")).headline == ITEM[0]
    assert told(member(1, ITEM, kind="event_page"), member(2, WIRE, hours=12)).headline == WIRE[0]
    assert told(member(1, ITEM, kind="event_page"), member(2, COLOUR, hours=12)).headline == COLOUR[0]


def test_the_portal_s_sentence_describes_an_event_where_a_report_says_the_same() -> None:
    both = told(member(1, ITEM, kind="event_page"), member(2, (WIRE[0], "Lindholm was in mourning."), hours=12))
    assert (both.description, both.description_article) == (ITEM[1], 1)
    strangers = told(member(1, ELSEWHERE, kind="event_page"), member(2, (WIRE[0], "Lindholm was in mourning."), hours=12))
    assert strangers.description_article != 1


def test_a_sentence_that_is_the_headline_is_not_said_twice() -> None:
    assert told(member(1, ITEM, kind="event_page")).description is None
    assert told(member(1, ELSEWHERE, kind="event_page")).description == ELSEWHERE[1]


def test_a_report_is_no_copy_of_the_portal_s_item_and_the_item_states_the_day() -> None:
    later = told(member(1, WIRE, hours=26), member(2, ITEM, kind="event_page"))
    assert later.date == NOON.date()
    assert later.date_provenance == "event_page"
    repeated = tell([member(1, WIRE, hours=2), member(2, ITEM, kind="event_page")], {(1, 2): 0.9})
    assert repeated.copy_of == {2: 1}
    assert repeated.date_provenance == "event_page"
