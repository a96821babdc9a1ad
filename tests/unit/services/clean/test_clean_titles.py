"""The headline among what templates put around it, cut off it and encode in it; pages of our own."""

import json

import pytest

from services.clean.core import Cleaned, Document, clean

HEADLINE = "Harbour bridge opens after nine years of work"
LONG = f"{HEADLINE} and a ferry that sailed beside it all the while until the mayor called it home for good"
TEXT = "".join(
    f"<p>The council met on the bridge for the {place} time and spoke of the river for an hour, as the minutes tell.</p>"
    for place in ("first", "second", "third", "fourth", "fifth")
)


def read(tag: str = HEADLINE, head: str = "", h1: str = "", site: str = "The Alder Post") -> Cleaned:
    named = f'<meta property="og:site_name" content="{site}">' if site else ""
    heading = f"<h1>{h1}</h1>" if h1 else ""
    html = f"<html lang=en><head><title>{tag}</title>{named}{head}</head><body><article>{heading}<div>{TEXT}</div></article></body></html>"
    return clean(Document(text=html, content_type="text/html", url="https://alderpost.test/town/bridge-4711"))


def shared(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


def stated(**facts: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **facts})}</script>'


@pytest.mark.parametrize(
    "around",
    [
        "{} | Politics | The Alder Post",
        "{} - Town - The Alder Post",
        "{} &lt; Town &lt; The Alder Post",
        "{} » The Alder Post",
        "The Alder Post » Ferries » {}",
        "{} :: The Alder Post",
        "{} ~ The Alder Post",
        "{} ★ The Alder Post",
        "{}_The Alder Post",
        "{} (The Alder Post)",
        "{} - The Alder Post: news, sport and weather",
        "{} - alderpost.test",
        "{} |",
    ],
)
def test_what_a_template_puts_around_a_headline_is_no_part_of_it(around: str) -> None:
    assert read(around.format(HEADLINE)).title == HEADLINE
    assert read("x", shared(around.format(HEADLINE))).title == HEADLINE


@pytest.mark.parametrize("tail", ["_阿尔德邮报", "-时政-阿尔德邮报", "－阿尔德邮报", "：阿尔德邮报"])
def test_east_asian_templates_need_no_blanks(tail: str) -> None:
    assert read(f"大桥九年后终于开通市民欢庆{tail}", site="阿尔德邮报").title == "大桥九年后终于开通市民欢庆"


@pytest.mark.parametrize(
    "headline",
    ["Farewell: why so many readers still buy the Guardian", "Alder: mayor resigns after vote", "Alder - Bremen 2:1 after extra time"],
)
def test_a_site_named_within_a_headline_stays(headline: str) -> None:
    assert read("x", shared(headline), headline, site="Guardian" if "Guardian" in headline else "Alder").title == headline


@pytest.mark.parametrize(
    ("head", "h1"),
    [
        (stated(headline=LONG[:110]), LONG),
        (stated(headline=f"{LONG[:80]}..."), LONG),
        (shared(f"{LONG[:60]}…"), LONG),
        (shared(f"{LONG[:60]} ...") + stated(headline=LONG), ""),
    ],
)
def test_a_headline_that_was_cut_is_taken_where_it_is_whole(head: str, h1: str) -> None:
    assert read("x", head, h1).title == LONG


@pytest.mark.parametrize(
    "written", ["Smith &amp;amp; Sons win", "Smith &amp;amp;amp; Sons win", "Smith &lt;b&gt;&amp;amp;&lt;/b&gt; Sons win"]
)
def test_entities_and_tags_are_decoded_as_often_as_they_were_encoded(written: str) -> None:
    assert read("x", shared(written)).title == "Smith & Sons win"
    assert read("x", stated(headline=written)).title == "Smith & Sons win"


def test_marks_that_nobody_sees_do_not_survive() -> None:
    hidden = "\u202aHarbour\u202c \u2067bridge\u2069\u200f opens\u200b after\ufeff nine\u2060 years"
    cleaned = read("x", shared(hidden) + stated(headline=hidden, author="\u202aAnn\u200b Archer\u202c"))
    assert cleaned.title == "Harbour bridge opens after nine years"
    assert cleaned.authors == ("Ann Archer",)
    assert read("x", shared("خانه\u200cها در شهر باز می\u200cشوند")).title == "خانه\u200cها در شهر باز می\u200cشوند"


@pytest.mark.parametrize("title", ["Home", "The Alder Post", "The Alder Post - News from the valley", "Untitled"])
def test_what_a_site_says_on_every_page_is_no_headline(title: str) -> None:
    assert read(f"{HEADLINE} - The Alder Post", shared(title), HEADLINE).title == HEADLINE


def test_a_site_that_nobody_names_is_known_by_the_other_candidate() -> None:
    head = shared(f"{HEADLINE} | APO Online") + stated(headline=HEADLINE)
    assert read("x", head, site="").title == HEADLINE


def test_a_quotation_at_the_end_stays_whole() -> None:
    assert read("x", shared("Mayor speaks of « nine years of rain »")).title == "Mayor speaks of « nine years of rain »"


def test_a_kicker_in_the_heading_is_no_part_of_the_headline() -> None:
    assert read(f"{HEADLINE} - The Alder Post", h1=f"<span>Bridges</span> {HEADLINE}").title == HEADLINE


@pytest.mark.parametrize("name", ["title", "dc.title", "parsely-title"])
def test_rare_statements_serve_where_there_is_no_other(name: str) -> None:
    assert read("", f'<meta name="{name}" content="{HEADLINE}">').title == HEADLINE
    assert read("", stated(name=HEADLINE)).title == HEADLINE
