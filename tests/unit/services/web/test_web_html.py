"""The HTML that readers get: complete, accessible, and safe whatever stands in a record."""

from collections.abc import Iterator
from datetime import date
from itertools import pairwise

import pytest
from lxml import html
from web_samples import ARTICLES, DAY, EVENT, FRONT, GONE, ISSUED, MERGED, PAGES, SPLIT, STORY

from services.web.core.html import render_notice, render_status_html
from services.web.core.rendering import render
from services.web.core.site import Site, address
from shared.figures import StageFigures
from shared.records import Article, Citation, EventPage, Image, Page, Reason, Related, Sourced, Tag

SITE = Site(name="Dateline", contact="desk@example.org")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7*7 }}\'" \u202egnp.exe\u202c \x00\x1b[31m </style></title>'


def tree(text: str) -> html.HtmlElement:
    return html.document_fromstring(text)


def words_of(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.page}{getattr(page, 'id', '')}")
class TestEveryPage:
    def test_has_one_heading_a_title_a_language_and_landmarks(self, page: Page) -> None:
        root = tree(render(page, "html", SITE))
        assert len(root.xpath("//h1")) == 1
        assert root.get("lang") == "en"
        assert root.findtext("head/title")
        assert [len(root.xpath(f"//body/{name}")) for name in ("header", "main", "footer")] == [1, 1, 1]
        skip = root.xpath("//body/a")[0]
        assert root.get_element_by_id(skip.get("href")[1:]).tag == "main"

    def test_loads_nothing_from_elsewhere_and_runs_nothing(self, page: Page) -> None:
        root = tree(render(page, "html", SITE))
        assert not root.xpath("//script | //img | //iframe | //object | //embed | //form | //*[@style] | //style")
        assert not [name for element in root.iter() if isinstance(element.tag, str) for name in element.keys() if name.startswith("on")]  # noqa: SIM118
        for link in root.xpath("//head/link"):
            assert link.get("href").startswith("/")

    def test_links_to_itself_root_relative_and_to_others_with_manners(self, page: Page) -> None:
        for link in tree(render(page, "html", SITE)).xpath("//body//a"):
            href = link.get("href")
            if href.startswith(("https://", "http://")):
                assert link.get("rel") == "noopener nofollow external"
            else:
                assert href.startswith(("/", "#", "mailto:"))
                assert not href.startswith("//")

    def test_ids_are_unique_and_headings_skip_no_level(self, page: Page) -> None:
        root = tree(render(page, "html", SITE))
        ids = root.xpath("//@id")
        assert len(ids) == len(set(ids))
        levels = [int(element.tag[1]) for element in root.xpath("//h1 | //h2 | //h3 | //h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))

    def test_offers_the_other_formats_of_itself(self, page: Page) -> None:
        root = tree(render(page, "html", SITE))
        offered = {link.get("type"): link.get("href") for link in root.xpath("//footer//a[@type]")}
        assert offered == {"text/markdown": f"{page.path}.md", "application/json": f"{page.path}.json"}


def test_an_event_shows_every_article_with_outlet_language_time_and_where_the_time_is_from() -> None:
    root = tree(render(EVENT, "html", SITE))
    for article in ARTICLES:
        item = words_of(root.get_element_by_id(f"article-{article.id}"))
        assert article.title in item
        assert article.outlet in item
    assert "07:30 UTC (feed)" in words_of(root.get_element_by_id("article-102"))
    assert "13 May 2031, 22:50 UTC (date from the address; not confirmed)" in words_of(root.get_element_by_id("article-104"))
    assert "German" in words_of(root.get_element_by_id("article-106"))
    assert "no date stated" in words_of(root.get_element_by_id("article-107"))


def test_copies_stand_under_their_origin() -> None:
    root = tree(render(EVENT, "html", SITE))
    origin = root.get_element_by_id("article-102")
    assert [copy.get("id") for copy in origin.xpath(".//li[@id]")] == ["article-103", "article-104"]
    assert "2 articles with the same text as Northwire" in words_of(origin)
    assert "7 outlets, 5 independent" in words_of(root.xpath("//main//header")[0])


def test_no_article_drops_out_when_copies_point_in_a_ring_or_out_of_the_event() -> None:
    copies = {1: 3, 2: 1, 3: 2, 4: 99, 5: 5, 6: 2}
    ring = tuple(Article(id=n, title=f"T{n}", url=None, outlet="O", copy_of=copy_of) for n, copy_of in copies.items())
    root = tree(render(EVENT.model_copy(update={"articles": ring}), "html", SITE))
    assert sorted(root.xpath("//li[starts-with(@id, 'article-')]/@id")) == [f"article-{n}" for n in range(1, 7)]


def test_why_an_article_is_linked_can_be_opened_without_a_script() -> None:
    details = tree(render(EVENT, "html", SITE)).xpath("//*[@id='article-106']//details")[0]
    assert "Velda Bridge" in words_of(details)
    assert "58 %" in words_of(details)
    assert details.xpath(".//a/@href") == ["#article-101"]


def test_a_reason_against_the_link_is_shown_as_such() -> None:
    article = ARTICLES[1].model_copy(update={"why": (Reason(name="places differ", detail="", weight=-1.0),)})
    details = tree(render(EVENT.model_copy(update={"articles": (article,)}), "html", SITE)).xpath("//details//li")
    assert [words_of(item) for item in details] == ["places differ against"]


def test_a_story_is_a_timeline_in_which_the_event_stands() -> None:
    root = tree(render(EVENT.model_copy(update={"storyline": STORY}), "html", SITE))
    steps = [words_of(step) for step in root.xpath("//section[@aria-labelledby='storyline']//li")]
    assert steps[0] == "12 May 2031 The Tessel rises above the mark of 1987"
    assert steps[1] == "14 May 2031 This event"
    assert "Ferry starts" in steps[2]
    assert not tree(render(EVENT, "html", SITE)).xpath("//section[@aria-labelledby='storyline']")


def test_an_event_says_where_it_happened() -> None:
    placed = EVENT.model_copy(update={"place": Tag(id="place:velda", name="Velda", kind="place")})
    assert "Place: Velda" in words_of(tree(render(placed, "html", SITE)).xpath("//article//p[@class='facts']")[0])


def test_related_events_stand_as_earlier_and_later_with_context_and_strength() -> None:
    root = tree(render(EVENT, "html", SITE))
    before, after = (words_of(root.xpath(f"//section[@aria-labelledby='{name}']")[0]) for name in ("earlier", "later"))
    assert "The Tessel rises above the mark of 1987" in before
    assert "Context: 2031 Tessel floods, River Authority" in before
    assert "Strength 81 %" in before
    assert "Ferry starts" in after
    assert "Ferry starts" not in before


def test_the_headline_the_description_the_image_and_the_citations_are_credited() -> None:
    root = tree(render(EVENT, "html", SITE))
    assert "Headline: Orsanne Courier" in words_of(root.xpath("//main//header")[0])
    assert words_of(root.xpath("//figure/figcaption")[0]) == "Northwire"
    assert root.xpath("//a[text()='Cover image']/@href") == [EVENT.image.url if EVENT.image else None]
    assert "Tessel Radio cited by Current Events portal, 14 May 2031" in words_of(root.xpath("//main")[0])
    assert "Velda Bridge closed to lorries" in words_of(root.xpath("//main")[0])


def test_a_date_says_where_it_was_found_and_how_sure_it_is() -> None:
    root = tree(render(EVENT, "html", SITE))
    sure, unsure, old = (words_of(root.xpath(f"//li[@id='article-{id_}']//p[@class='facts']")[0]) for id_ in (101, 104, 105))
    assert "(JSON-LD, confirmed)" in sure
    assert "(date from the address; not confirmed)" in unsure
    assert "(time element)" in old  # a record that is older than confidences


def test_a_paywall_is_marked_beside_the_link_whatever_else_the_article_is() -> None:
    root = tree(render(EVENT, "html", SITE))
    walled = root.xpath("//p[@class='title'][span[text()='Paywall']]/a/@href")
    assert walled == ["https://the-inland-mirror.test/n/bridge-shut", "https://abendblatt-am-fluss.test/velda-bruecke-gesperrt"]
    assert root.xpath("//li[@id='article-106']//span[@class='badge']/text()") == ["Paywall", "live"]


def test_a_picture_has_its_credit_and_an_article_its_section() -> None:
    said = words_of(tree(render(EVENT, "html", SITE)).xpath("//main")[0])
    assert "Photo: Jonas Reet/River Pictures, 1200 × 800" in said
    assert "section: Roads & Rivers" in said


def test_foreign_titles_have_their_direction_and_language() -> None:
    root = tree(render(EVENT, "html", SITE))
    title = root.xpath("//*[@id='article-105']//p[contains(@class, 'title')]")[0]
    assert (title.get("dir"), title.get("lang")) == ("auto", "ar")
    assert root.xpath("//*[@id='article-105']/div/@dir") == ["rtl"]
    assert root.xpath("//h1/@lang") == ["en"]


def test_a_sample_says_so_and_real_news_does_not() -> None:
    assert "never happened" in render(EVENT, "html", SITE)
    assert "never happened" not in render(EVENT.model_copy(update={"sample": False}), "html", SITE)
    assert len(tree(render(DAY, "html", SITE)).xpath("//li[.//span[text()='Sample']]")) == 1


def test_a_day_lists_its_events_and_leads_to_its_neighbours() -> None:
    root = tree(render(DAY, "html", SITE))
    assert words_of(root.xpath("//h1")[0]) == "Wednesday, 14 May 2031"
    assert [words_of(found) for found in root.xpath("//h2")] == [event.headline for event in DAY.events]
    assert set(root.xpath("//a[@rel='prev']/@href")) == {"/news/2031/05/12/"}
    assert set(root.xpath("//a[@rel='next']/@href")) == {"/news/2031/05/16/"}
    assert "Context: Tessel, 2031 Tessel floods, Ilse Maran" in words_of(root)  # the event without a description


def test_the_front_page_shows_its_days_and_says_when_there_are_none() -> None:
    root = tree(render(FRONT, "html", SITE))
    assert root.xpath("//h2/a/@href") == ["/news/2031/05/14/", "/news/2031/05/12/"]
    assert "No events yet" in render(FRONT.model_copy(update={"days": ()}), "html", SITE)


def test_what_moved_says_where_it_went() -> None:
    assert [link.get("href") for link in tree(render(SPLIT, "html", SITE)).xpath("//main//a")] == [item.path for item in SPLIT.to]
    assert f"url={EVENT.path}.html" in render(MERGED, "html", Site(ending=".html"))
    assert "taken down" in render(GONE, "html", SITE)


def hostile_pages() -> Iterator[EventPage]:
    """The event with something hostile in one field after the other, and in all of them."""
    sourced = Sourced(text=HOSTILE, outlet=HOSTILE, url="javascript:alert(3)")
    tag = Tag(id=HOSTILE, name=HOSTILE, kind=HOSTILE)
    related = Related(id=1, path="//evil.test/x", headline=HOSTILE, date=date(2031, 1, 1), tags=(tag,), strength=9e99, before=True)
    article = Article(
        id=1,
        title=HOSTILE,
        url="JaVaScRiPt:alert(4)//https://a.test",
        outlet=HOSTILE,
        language='en" onload="x',
        authors=(HOSTILE,),
        agency=HOSTILE,
        published_at=ISSUED,
        published_provenance=HOSTILE,
        copy_of_url="data:text/html,<script>",
        kind=HOSTILE,
        section=HOSTILE[:30],
        keywords=(HOSTILE,),
        published_confidence=9e99,
        why=(Reason(name=HOSTILE, detail=HOSTILE, weight=-3.0),),
        linked_to=1,
    )
    fields = {
        "headline": HOSTILE,
        "headline_from": sourced,
        "path": "/news/2031/05/14/../../../etc/passwd-17",
        "date_provenance": HOSTILE,
        "description": sourced,
        "image": Image(text=HOSTILE, outlet=HOSTILE, url="javascript:alert(6)", credit=HOSTILE, width=1, height=1),
        "articles": (article,),
        "citations": (Citation(outlet=HOSTILE, url="vbscript:x", cited_by=HOSTILE),),
        "tags": (tag,),
        "related": (related,),
        "storyline": (related,),
        "place": tag,
        "changes": (HOSTILE,),
    }
    for name, value in fields.items():
        yield EVENT.model_copy(update={name: value})
    yield EVENT.model_copy(update=fields)


@pytest.mark.parametrize("page", list(hostile_pages()), ids=lambda page: "page")
def test_hostile_text_stays_text(page: EventPage) -> None:
    text = render(page, "html", Site(name=HOSTILE, contact=HOSTILE, base_url="javascript:alert(5)"))
    root = tree(text)
    assert not root.xpath("//script | //img | //style")
    assert not [name for element in root.iter() if isinstance(element.tag, str) for name in element.keys() if name.startswith("on")]  # noqa: SIM118
    assert not {link for link in root.xpath("//@href | //@src | //@cite") if not link.startswith(("/", "#", "https://"))}
    assert not [link for link in root.xpath("//@href") if link.startswith("//") or ".." in link]
    assert "{{ 7*7 }}" in text
    assert not set("\x00\x1b\u202e\u202c") & set(text)


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "https://user:pass@bank.test/",
        "https://bank.test\\@evil.test/",
        "https://a.test/ x",
        "java\tscript:alert(1)",
        "https://[half/",
        "ftp://a.test/",
        "https:///nohost",
        "//a.test/x",
        "https://a.test/\u202etxt.exe",
        "",
    ],
)
def test_nobody_is_sent_to_a_doubtful_address(url: str) -> None:
    page = EVENT.model_copy(update={"citations": (Citation(outlet="Doubtful Times", url=url, cited_by="x"),)})
    root = tree(render(page, "html", SITE))
    assert not root.xpath("//a[text()='Doubtful Times']")
    assert "Doubtful Times" in words_of(root)


def test_links_end_as_the_site_says() -> None:
    assert address(EVENT.path, Site()) == EVENT.path
    assert address("/news/2031/05/14/index", Site()) == "/news/2031/05/14/"
    assert address("/news/2031/05/14/index", Site(ending=".html")) == "/news/2031/05/14/index.html"
    assert address("/index", Site()) == "/"
    assert address("/index", Site(ending=".html")) == "/index.html"
    assert address("/index", Site(), "json") == "/index.json"
    saved = tree(render(EVENT, "html", Site(ending=".html")))
    assert all(link.endswith((".html", ".md", ".json")) for link in saved.xpath("//body//a[starts-with(@href, '/')]/@href"))


def test_the_canonical_address_appears_only_where_the_site_knows_its_name() -> None:
    assert "canonical" not in render(EVENT, "html", SITE)
    root = tree(render(EVENT, "html", Site(base_url="https://news.example.org/")))
    assert root.xpath("//link[@rel='canonical']/@href") == [f"https://news.example.org{EVENT.path}"]


def test_a_notice_escapes_what_it_says() -> None:
    assert "<script>" not in render_notice("<script>", "<script>", SITE)


def test_the_status_page_explains_what_fell_out() -> None:
    status = {
        "at": ISSUED,
        "stages": [StageFigures(stage="fetch", ready=1200, leased=3, dead=4, oldest_ready_age_s=90.0).model_dump()],
        "sources": [],
        "articles": 1234567,
        "events": 5,
        "copies": None,
        "pages": 6,
        "refused": {"http_gone": 3, "<b>unheard_of": 1},
        "quarantined": {},
    }
    root = tree(render_status_html(status, {"ok": False, "broker": "away"}, [], SITE))
    shown = words_of(root)
    assert "Not well" in shown
    assert "1,234,567" in shown
    assert "1,200" in shown
    assert "1 min" in shown
    assert "The server says that the document does not exist" in shown
    assert "<b>unheard_of" in shown


def test_the_topic_is_shown_where_an_event_has_one() -> None:
    shown = tree(render(EVENT.model_copy(update={"topic": "Disasters <b>"}), "html", SITE))
    assert [words_of(element) for element in shown.find_class("topic")] == ["Disasters <b>"]
    assert tree(render(EVENT, "html", SITE)).find_class("topic") == []


def test_edits_and_gone_pages_are_told_and_an_edits_paragraphs_can_be_opened() -> None:
    item = tree(render(EVENT, "html", SITE)).get_element_by_id("article-102")
    shown = words_of(item)
    assert "no longer at its address (410, since 14 May 2031, 16:02 UTC)" in shown
    assert "Edited 3 h later: +3 −1 words" in shown
    assert "Edited 15 min later: +12 −0 words" in shown
    assert [words_of(one) for one in item.xpath(".//details//del")] == ["The detour is 40 km long."]
    assert [words_of(one) for one in item.xpath(".//details//ins")] == ["The detour is 60 km long, <i>not</i> 40."]
