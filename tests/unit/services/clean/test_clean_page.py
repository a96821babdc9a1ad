"""Whole pages of our own, each with the furniture and the failings of real ones."""

import json

import pytest

from services.clean.core import Cleaned, Document, clean
from shared.stage import Reject

ENGLISH = [
    "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said.",
    "Some four thousand people walked across it in the first hour, according to the town's count.",
    "“We waited long enough,” said Ann Archer, who lives on the eastern bank and works on the western one.",
    "The old ferry will run until the end of the month, the harbour office said in a statement.",
]
FURNITURE = """
  <nav><ul><li><a href="/">Home</a></li><li><a href="/world">World</a></li></ul></nav>
  <div class="share-bar"><a href="#">Share</a> <a href="#">Tweet</a></div>
  <div class="newsletter-signup"><p>Sign up for our newsletter and never miss the stories that matter to you, every morning.</p></div>
  <aside class="related-articles"><h3>Related</h3><p><a href="/2">A second story that is about something else entirely</a></p></aside>
"""
COMMENTS = """
  <div id="comments"><h3>Comments</h3>
    <p>I was there and it was raining all day, but the sausages were good and the band played on.</p>
    <p>Why did it take nine years? My grandfather built a boat in two weeks and it floated for decades.</p>
  </div>
  <footer><p>© The Alder Post. All rights reserved. No part of this page may be reproduced without permission.</p></footer>
"""


def paragraphs(texts: list[str]) -> str:
    return "".join(f"<p>{text}</p>\n" for text in texts)


def html(body: str, head: str = "", lang: str = "en") -> str:
    return f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def read(page: str, url: str = "https://alderpost.test/news/bridge-opened-4711") -> Cleaned:
    return clean(Document(text=page, content_type="text/html", url=url))


def test_the_story_stays_and_the_furniture_goes() -> None:
    story = f"<article><h1>Bridge over the Alder opened</h1>{FURNITURE}<div class='article-body'>{paragraphs(ENGLISH)}</div></article>"
    cleaned = read(html(FURNITURE + story + COMMENTS))
    assert cleaned.text == "\n\n".join(ENGLISH)
    assert cleaned.title == "Bridge over the Alder opened"
    assert cleaned.language == "en"
    assert cleaned.kind == "article"


def test_a_container_with_a_name_of_furniture_is_rescued() -> None:
    cleaned = read(html(f'<h1>Bridge opened</h1><div class="widget sidebar promo">{paragraphs(ENGLISH)}</div>'))
    assert cleaned.text == "\n\n".join(ENGLISH)


def test_paragraphs_made_of_breaks_are_paragraphs() -> None:
    cleaned = read(html(f"<h1>Bridge opened</h1><div>{'<br><br>'.join(ENGLISH)}</div>"))
    assert cleaned.text == "\n\n".join(ENGLISH)


def test_captions_credits_and_bylines_stand_apart() -> None:
    figure = "<figure><img src='b.jpg'><figcaption>The bridge at noon. Photo: Ann Archer</figcaption></figure>"
    byline = "<div class='byline'>By <a rel='author' href='/a'>Ben Baker</a></div>"
    cleaned = read(html(f"<h1>Bridge opened</h1>{byline}<article>{figure}{paragraphs(ENGLISH)}</article>"))
    assert cleaned.text == "\n\n".join(ENGLISH)
    assert cleaned.captions == ("The bridge at noon. Photo: Ann Archer",)
    assert cleaned.authors == ("Ben Baker",)


def test_subheadings_and_lists_of_the_story_are_kept_in_order() -> None:
    listed = "<h2>What changes now</h2><ul><li>Buses cross the river from May on.</li><li>The toll is two crowns for cars.</li></ul>"
    cleaned = read(html(f"<article><h1>Bridge opened</h1>{paragraphs(ENGLISH[:2])}{listed}{paragraphs(ENGLISH[2:])}</article>"))
    assert "\n\nWhat changes now\n\nBuses cross the river from May on.\n\nThe toll is two crowns for cars.\n\n" in cleaned.text


def test_pointers_to_other_stories_are_no_paragraphs() -> None:
    pointer = '<p>Read more: <a href="/3">How the ferry was saved</a></p><p><a href="/4">The ten longest bridges of the country</a></p>'
    cleaned = read(html(f"<article><h1>Bridge opened</h1>{paragraphs(ENGLISH[:2])}{pointer}{paragraphs(ENGLISH[2:])}</article>"))
    assert cleaned.text == "\n\n".join(ENGLISH)


def test_json_ld_tells_title_authors_and_date() -> None:
    node = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "@id": "#post", "name": "The Alder Post"},
            {
                "@type": "NewsArticle",
                "headline": "Bridge opened &amp; crossed",
                "datePublished": "2021-03-04T05:06:07+01:00",
                "dateModified": "2021-03-05T05:06:07+01:00",
                "author": [{"@type": "Person", "name": "Ben Baker"}, {"@type": "Person", "name": "Reuters"}, {"@id": "#post"}],
                "publisher": {"@id": "#post"},
                "image": {"url": "/bridge.jpg"},
                "articleSection": "Town",
            },
        ],
    }
    cleaned = read(
        html(
            f"<h1>Bridge opened &amp; crossed</h1>{paragraphs(ENGLISH)}", f'<script type="application/ld+json">{json.dumps(node)}</script>'
        )
    )
    assert cleaned.title == "Bridge opened & crossed"
    assert cleaned.authors == ("Ben Baker", "Reuters")
    assert cleaned.agency == "Reuters"
    assert cleaned.published is not None
    assert cleaned.published.isoformat() == "2021-03-04T05:06:07+01:00"
    assert cleaned.modified is not None
    assert cleaned.image == "https://alderpost.test/bridge.jpg"
    assert cleaned.section == "Town"
    assert cleaned.provenance["published"] == "jsonld"
    assert cleaned.provenance["authors"] == "jsonld"


@pytest.mark.parametrize(
    "title",
    [
        "Bridge over the Alder opened | The Alder Post",
        "Bridge over the Alder opened - The Alder Post",
        "The Alder Post: Bridge over the Alder opened",
    ],
)
def test_the_site_is_no_part_of_the_title(title: str) -> None:
    head = f'<title>{title}</title><meta property="og:site_name" content="The Alder Post"><meta property="og:title" content="{title}">'
    assert read(html(paragraphs(ENGLISH), head)).title == "Bridge over the Alder opened"


def test_a_german_page_with_a_standfirst() -> None:
    texts = [
        "Die neue Brücke über die Erle ist nach neun Jahren Bauzeit eröffnet worden, wie die Stadt am Dienstag mitteilte.",
        "Rund viertausend Menschen gingen in der ersten Stunde hinüber, so die Zählung der Verwaltung.",
        "Die Fähre fährt noch bis zum Ende des Monats, dann ist nach achtzig Jahren Schluss.",
    ]
    lead = "Neun Jahre nach dem ersten Spatenstich können Fußgänger und Busse den Fluss überqueren."
    cleaned = read(
        html(
            f"<article><h1>Brücke eröffnet</h1><p class='vorspann'>{lead}</p><div class='text-body'>{paragraphs(texts)}</div></article>",
            lang="de-AT",
        )
    )
    assert cleaned.standfirst == lead
    assert cleaned.text == "\n\n".join(texts)
    assert cleaned.language == "de"


def test_a_russian_page_in_windows_1251() -> None:
    texts = [
        "Новый мост через реку открыли во вторник после девяти лет строительства, сообщила мэрия города.",
        "За первый час по нему прошли около четырёх тысяч человек, следует из подсчётов администрации.",
        "Паром будет ходить до конца месяца, говорится в сообщении речного порта.",
    ]
    page = html(f"<h1>Мост открыт</h1><div>{paragraphs(texts)}</div>", lang="ru").replace("utf-8", "windows-1251")
    cleaned = clean(Document(body=page.encode("cp1251"), content_type="text/html"))
    assert cleaned.text == "\n\n".join(texts)
    assert cleaned.title == "Мост открыт"
    assert cleaned.language == "ru"


def test_a_chinese_page() -> None:
    texts = [
        "经过九年的建设，横跨大河的新桥于星期二正式通车，市长在仪式上表示。" * 2,
        "据市政府统计，第一个小时内约有四千人步行过桥，许多人从清晨就开始排队等候。" * 2,
    ]
    cleaned = read(html(f"<h1>新桥正式通车</h1><div>{paragraphs(texts)}</div>", lang="zh-CN"))
    assert cleaned.text == "\n\n".join(texts)
    assert cleaned.title == "新桥正式通车"
    assert cleaned.language == "zh"


def test_a_declared_language_that_the_text_refutes_is_not_believed() -> None:
    texts = ["Новый мост через реку открыли во вторник после девяти лет строительства, сообщила мэрия города."] * 3
    cleaned = read(html(f"<h1>Мост открыт</h1>{paragraphs([t + str(i) for i, t in enumerate(texts)])}", lang="en"))
    assert cleaned.language == "ru"
    assert cleaned.provenance["language"] == "derived"


def test_a_story_in_scripts_only_is_found() -> None:
    row = json.dumps(["$", "div", None, {"children": [["$", "p", None, {"children": text}] for text in ENGLISH]}])
    pushed = json.dumps(f"5:{row}\n")
    page = html(f"<div id='root'></div><script>self.__next_f.push([1,{pushed}])</script>", "<title>Bridge opened</title>")
    cleaned = read(page)
    assert cleaned.text == "\n\n".join(ENGLISH)
    assert cleaned.provenance["text"] == "derived"


def test_article_body_of_json_ld_serves_an_empty_tree() -> None:
    node = {"@type": "NewsArticle", "headline": "Bridge opened", "articleBody": "\n\n".join(ENGLISH)}
    cleaned = read(html("<div id='app'></div>", f'<script type="application/ld+json">{json.dumps(node)}</script>'))
    assert cleaned.text == "\n\n".join(ENGLISH)


def test_a_canonical_link_to_another_site_marks_a_copy() -> None:
    head = '<link rel="canonical" href="https://originalpaper.test/news/bridge-opened">'
    assert (
        read(html(f"<h1>Bridge opened</h1>{paragraphs(ENGLISH)}", head), "https://copycat.test/x/1").copy_of_url
        == "https://originalpaper.test/news/bridge-opened"
    )
    assert read(html(f"<h1>Bridge opened</h1>{paragraphs(ENGLISH)}", head), "https://m.originalpaper.test/x/1").copy_of_url is None


def test_a_dateline_names_the_agency() -> None:
    texts = ["ALDERTOWN, Elmland (AP) — " + ENGLISH[0], *ENGLISH[1:]]
    assert read(html(f"<h1>Bridge opened</h1>{paragraphs(texts)}")).agency == "AP"


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://a.test/opinion/bridges-are-good", "opinion"),
        ("https://a.test/news/live-blog/bridge-opening", "live"),
        ("https://a.test/gallery/bridge-opening", "gallery"),
        ("https://a.test/news/livestock-prices-fall", "article"),
    ],
)
def test_kinds_of_pages(url: str, kind: str) -> None:
    assert read(html(f"<h1>Bridge opened</h1>{paragraphs(ENGLISH)}"), url).kind == kind


def refusal(document: Document) -> str:
    with pytest.raises(Reject) as caught:
        clean(document)
    return caught.value.error_class


def test_what_is_no_article_is_refused() -> None:
    card = "<div class='card'><h3><a href='/{0}'>Story number {0} of the day and its subject</a></h3>"
    card += "<p>A line that tells a little of story {0}.</p></div>"
    teasers = "".join(card.format(number) for number in range(40))
    front = html(f"<main>{teasers}</main>", "<title>The Alder Post</title>")
    assert refusal(Document(text=front, content_type="text/html", url="https://alderpost.test/")) == "not_an_article"
    gone = "<h1>404 Page not found</h1><p>We looked everywhere, but this page is not here any more. Try the search.</p>"
    missing = html(gone, "<title>404 Page not found</title>")
    assert refusal(Document(text=missing, content_type="text/html", url="https://alderpost.test/x")) == "not_an_article"


def test_documents_without_text_are_refused() -> None:
    assert refusal(Document(body=b"", content_type="text/html")) == "empty_document"
    assert refusal(Document(text="<html><body><div id='root'></div></body></html>", content_type="text/html")) == "empty_document"
    assert refusal(Document(body=b"\x89PNG\r\n", content_type="image/png")) == "unsupported_type"
