"""The Current Events portal's pages: wrappers, headings and bullets, by the points of what such pages are known to hold (1 to 19)."""

from datetime import date

import pytest
from portal_samples import ABOVE, BELOW, ITEM, ITEMS, headlines, names, only, read

from services.fetch.core.portal import portal_line
from shared.stage import Reject


def test_a_line_is_answered_with_topic_headline_tags_and_sources() -> None:
    said = portal_line({"id": 5, "date": "2021-09-04", "wikitext": ITEMS})
    assert said == {
        "id": 5,
        "events": [
            {
                "topic": "Disasters and accidents",
                "topics": ["2021 Velda flood"],
                "headline": "A dam breaks near Velda.",
                "tags": [{"name": "Velda", "surface": "Velda"}, {"name": "2021 Velda flood", "surface": "2021 Velda flood"}],
                "sources": [{"outlet": "Tessel Radio", "url": "https://a.test/1"}],
            }
        ],
    }


@pytest.mark.parametrize("record", [{"date": "2021-13-04", "wikitext": ""}, {"date": 4, "wikitext": ""}, {"date": None, "wikitext": 4}])
def test_a_line_without_a_day_or_a_text_is_refused(record: dict[str, object]) -> None:
    with pytest.raises(Reject, match="line_malformed"):
        portal_line(record)


WRAPPED = {
    "01 markers outside": f"{BELOW}{{{{Current events header|2021|09|04}}}}\n\n{ITEMS}{ABOVE}{{{{Current events footer}}}}",
    "01 header and footer alone": f"{{{{Current events header|2021|9|04}}}}\n{ITEMS}{{{{Current events footer}}}}\n[[Category:Days]]",
    "02 ending in a table's end": f"{{{{Current events header|2021|09|04}}}}\n{BELOW}\n{ITEMS}{ABOVE}|}}",
    "02 a table's end without a marker": f"{{{{Current events header|2021|09|04}}}}\n{ITEMS}|}}",
    "03 a parameter": f"{{{{Current events|year=2021|month=09|day=4|content=\n{BELOW}\n{ITEMS}{ABOVE}}}}}",
    "03 a parameter, spaced and mixed": (
        f"{{{{ Current_Events | year = 2021 | month = September | day = 04 | Content = \n{ITEMS}\n}}}}\n* Outside it all. [//x.test (X)]"
    ),
    "04 sandwich": (
        f"{{{{Current events|year=2021|month=09|day=4|top=yes}}}}\n{BELOW}\n{ITEMS}{ABOVE}\n"
        "{{Current events|year=2021|month=09|day=4|bottom=yes}}"
    ),
    "04 sandwich without an end": f"{{{{Current events|year=2021|month=09|day=4|top=yes}}}}\n{BELOW}\n{ITEMS}",
    "05 no start marker": f"{{{{Current events|year=2021|month=09|day=4|content=\n{ITEMS}{ABOVE}}}}}",
    "05 no end marker": f"{{{{Current events|year=2021|month=09|day=4|content={BELOW}\n{ITEMS}}}}}",
    "05 a pipe before the braces": f"{{{{Current events|year=2021|month=09|day=4|content=\n{BELOW}\n{ITEMS}|}}}}",
    "05 glued to the last item": f"{{{{Current events|year=2021|month=09|day=4|content=\n{ITEMS.rstrip()}|}}}}",
    "05 never closed": f"{{{{Current events|year=2021|month=09|day=4|content=\n{ITEMS}",
    "05 no wrapper": f"{BELOW}\n{ITEMS}{ABOVE}\n* Below the line. [//x.test (X)]",
    "05 bare": ITEMS,
    "05 arguments without a name for the list": f"{{{{Current events|2021|09|04|\n{ITEMS}}}}}",
    "07 another date on the only list": f"{{{{Current events|year=2021|month=9|day=3|content=\n{ITEMS}}}}}",
    "09 windows line ends": ITEMS.replace("\n", "\r\n"),
}


@pytest.mark.parametrize("page", WRAPPED.values(), ids=WRAPPED.keys())
def test_01_to_05_every_wrapper_gives_the_same_events(page: str) -> None:
    assert read(page) == read(ITEMS)
    assert len(read(page)) == 1


def test_03_nested_templates_do_not_end_the_list() -> None:
    begin = "{{Current events|year=2021|month=09|day=4|content=\n"
    first = "* It sank at {{convert|10|km|mi}}. {{cite news|url=https://a.test/|work={{nowrap|B}}}}\n"
    second = "* Later, {{nowrap|two more}} came. [//b.test (B)]\n"
    assert headlines(begin + first + second + "}}\n* No. [//c.test (C)]") == ["It sank at 10 km.", "Later, two more came."]
    for torn in ("{{nowrap|two more", "{{nowrap|two more}}}}"):
        assert len(headlines(begin + second.replace("{{nowrap|two more}}", torn) + first + ABOVE + "}}")) == 2


@pytest.mark.parametrize(
    "shape",
    [
        "{{{{Current events|year=2021|month={m}|day={d}|content=\n* News of {d}, no more. [//a.test (A)]\n}}}}\n",
        "{{{{Current events|year=2021|month={m}|day={d}|content=\n* News of {d}, no more. [//a.test (A)]\n",
        "{{{{Current events header|2021|{m}|{d}}}}}\n* News of {d}, no more. [//a.test (A)]\n{{{{Current events footer}}}}\n",
        "{{{{Current events|year=2021|month={m}|day={d}|top=yes}}}}\n* News of {d}, no more. [//a.test (A)]\n"
        "{{{{Current events|year=2021|month={m}|day={d}|bottom=yes}}}}\n",
    ],
)
def test_06_07_of_several_days_on_a_page_the_one_asked_for_is_read(shape: str) -> None:
    page = shape.format(m="09", d=3) + shape.format(m="9", d="04") + shape.format(m="09", d=5)
    assert headlines(page) == ["News of 04, no more."]
    assert headlines(page, date(2021, 9, 5)) == ["News of 5, no more."]
    assert headlines(page, date(2021, 9, 6)) == []
    assert len(headlines(page, None)) == 3


@pytest.mark.parametrize(
    "page",
    ["", " \n", "* ", "*", f"{{{{Current events|year=2021|month=09|day=4|content=\n{BELOW}\n*\n{ABOVE}}}}}", "'''Sports'''\n", "no list"],
)
def test_08_an_empty_day_is_no_error(page: str) -> None:
    assert read(page) == []
    assert portal_line({"id": 1, "date": "2021-09-04", "wikitext": None}) == {"id": 1, "events": []}


def test_09_a_page_that_only_redirects_has_no_events() -> None:
    assert read("#REDIRECT [[Portal:Current events/2021 September 5]]") == []


def test_what_is_no_wikitext_is_refused() -> None:
    with pytest.raises(Reject, match="feed_malformed"):
        read("\n<!DOCTYPE html><html><body><ul><li>A</li></ul></body></html>")


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        (";Law and crime", "Law and crime"),
        ("; [[Law]] and crime:", "Law and crime"),
        (";'''Law and crime'''", "Law and crime"),
        ("'''Law and crime'''", "Law and crime"),
        ("  '''Law and crime'''<!-- new -->", "Law and crime"),
        ("'''Law and crime:'''", "Law and crime"),
        ("'''''Law and crime'''''", "Law and crime"),
        ("'''Law and crime", "Law and crime"),
        ("<b>Law and crime</b>", "Law and crime"),
        ("==Law and crime==", "Law and crime"),
        ("=== Law &amp; crime === ", "Law & crime"),
        ('<div class="current-events-content-heading" role="heading">Law and crime</div>', "Law and crime"),
        ('<div class="current-events-content-heading" role="heading">Law and crime', "Law and crime"),
        ("* '''Law and crime'''", "Law and crime"),
        ("'''Goings-on of no known kind'''", "Goings-on of no known kind"),
    ],
)
def test_10_to_15_headings_of_every_kind(line: str, topic: str) -> None:
    events = read(f"'''Sports'''\n* {ITEM}\n{line}\n* {ITEM}\n* {ITEM}\n")
    assert [event["topic"] for event in events] == ["Sports", topic, topic]


def test_10_a_semicolon_heading_with_a_colon_is_a_term_and_what_it_holds() -> None:
    first, second, third = read(f";Law: {ITEM}\n*{ITEM}\n;Politics: [[Velda election]]\n*{ITEM}\n")
    assert [event["topic"] for event in (first, second, third)] == ["Law", "Law", "Politics"]
    assert (first["headline"], first["topics"], third["topics"]) == ("A dam breaks near Velda.", [], ["Velda election"])
    assert names(third) == ["Velda", "Velda election"]


def test_11_bold_within_an_item_is_no_heading() -> None:
    events = read(f"'''Sports'''\n* '''Breaking''': {ITEM}\n* {ITEM} '''Again'''\n'''Update''': {ITEM}\n* {ITEM}\n")
    assert [event["topic"] for event in events] == ["Sports"] * 4
    assert events[0]["headline"] == "Breaking: A dam breaks near Velda."


def test_12_both_styles_on_one_page() -> None:
    assert [event["topic"] for event in read(f";Law\n* {ITEM}\n'''Sports'''\n* {ITEM}\n;Art\n* {ITEM}\n")] == ["Law", "Sports", "Art"]


def test_13_a_day_without_headings() -> None:
    assert [event["topic"] for event in read(f"* {ITEM}\n* {ITEM}")] == [None, None]


def test_14_repeated_and_empty_headings_keep_their_own_news() -> None:
    events = read(f"'''Law'''\n'''Sports'''\n* {ITEM}\n'''Law'''\n;\n''''''\n* {ITEM}\n'''Sports'''\n* {ITEM}\n'''Science'''\n")
    assert [event["topic"] for event in events] == ["Sports", "Law", "Sports"]


def test_15_headings_need_no_blank_line_and_end_the_topics_above() -> None:
    events = read(f"'''Law'''\n*[[Trial A]]\n**{ITEM}\n :'''Sports'''\n**{ITEM}")
    assert [(event["topic"], event["topics"]) for event in events] == [("Law", ["Trial A"]), ("Sports", [])]


def test_16_five_levels_and_jumps() -> None:
    page = f"*[[A1]]\n**[[A2]]\n***[[A3]]\n****[[A4]]\n***** {ITEM}\n**{ITEM}\n***** {ITEM}\n"
    assert [event["topics"] for event in read(page)] == [["A1", "A2", "A3", "A4"], ["A1"], ["A1"]]
    assert [event["topics"] for event in read(f"**{ITEM}\n*[[B]]\n***{ITEM}\n**{ITEM}")] == [[], ["B"], ["B"]]
    assert names(read(page)[0]) == ["Velda", "A4", "A3", "A2", "A1"]


@pytest.mark.parametrize(
    ("line", "text", "tags"),
    [
        ("*[[War A]]", "War A", ["War A"]),
        ("*[[War A]]:", "War A", ["War A"]),
        ("* [[War A]], [[Crisis B]]", "War A, Crisis B", ["War A", "Crisis B"]),
        ("*[[War A]]; [[Crisis B|the crisis]]", "War A; the crisis", ["War A", "Crisis B"]),
        ("*Aftermath of the [[War A]]", "Aftermath of the War A", ["War A"]),
        ("*[[War A]]<!-- keep -->", "War A", ["War A"]),
        ("*'''[[War A]]'''", "War A", ["War A"]),
        ("*War A of two thousand and more words", "War A of two thousand and more words", []),
    ],
)
def test_17_topics_of_every_form(line: str, text: str, tags: list[str]) -> None:
    event = only(f"{line}\n**{ITEM}\n")
    assert event["topics"] == [text]
    assert names(event) == ["Velda", *tags]


def test_17_an_old_inline_topic_is_an_item_and_the_topic_of_what_follows() -> None:
    first, second = read(f"* [[War A]]: Both sides meet in [[Ostra]]. [//a.test (A)]\n** {ITEM}")
    assert (first["headline"], names(first)) == ("War A: Both sides meet in Ostra.", ["War A", "Ostra"])
    assert (names(second), second["topics"]) == (["Velda", "War A"], [])


def test_18_a_bullet_that_holds_only_names_and_nothing_below_is_no_event() -> None:
    page = f"*[[War A]]\n*[[War B]], [[War C]]\n*[[War D]]:\n*Aftermath of the [[War E]]\n*{ITEM}"
    assert headlines(page) == ["A dam breaks near Velda."]


def test_19_uncited_leaves_and_cited_parents_are_events() -> None:
    uncited = "*[[War A]]\n**The town of [[Ostra]] is taken.\n**The rebels hold [[Velda]] without any help\n"
    events = read(uncited + "**Talks begin. [//a.test (A)]\n***They end. [//b.test (B)]\n")
    said = ["The town of Ostra is taken.", "The rebels hold Velda without any help", "Talks begin.", "They end."]
    assert [event["headline"] for event in events] == said
    assert [len(event["sources"]) for event in events] == [0, 0, 1, 1]
    assert [event["topics"] for event in events] == [["War A"]] * 4
