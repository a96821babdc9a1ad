"""Kinds of pages, lead images, keywords and languages, out of pages of our own."""

import json

import pytest

from services.clean.core import Cleaned, Document, clean
from services.clean.core.lines import from_json, to_json

TEXT = "".join(
    f"<p>The council met on the bridge for the {place} time and spoke of the river for an hour, as the minutes tell.</p>"
    for place in ("first", "second", "third", "fourth", "fifth")
)


def read(head: str = "", path: str = "/town/bridge-4711", above: str = "", lang: str = "en", **node: object) -> Cleaned:
    told = json.dumps({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Bridge opened", **node})
    head = f'<title>Bridge opened</title><script type="application/ld+json">{told}</script>{head}'
    story = f"<article><h1>Bridge opened</h1>{above}<div class=text>{TEXT}</div></article>"
    html = f"<html lang={lang}><head>{head}</head><body>{story}</body></html>"
    return clean(Document(text=html, content_type="text/html", url=f"https://alderpost.test{path}"))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/town/bridge-4711", "article"),
        ("/live/bridge-opening", "live"),
        ("/town/bridge-opening-live", "live"),
        ("/town/bridge-live-updates-4711", "live"),
        ("/town/ferry-deals-are-live-including-day-tickets", "article"),
        ("/town/livestock-on-the-bridge", "article"),
        ("/meinung/die-bruecke", "opinion"),
        ("/blog/what-i-cooked-on-the-bridge", "article"),
        ("/fotostrecken/die-bruecke", "gallery"),
        ("/in-pictures/the-bridge", "gallery"),
    ],
)
def test_an_address_tells_the_kind(path: str, kind: str) -> None:
    assert read(path=path).kind == kind


def test_a_wall_is_a_kind_of_its_own_and_is_told_beside_others() -> None:
    for free in (False, "False", "false"):
        assert read(isAccessibleForFree=free).kind == "paywalled"
    assert read(hasPart={"@type": "WebPageElement", "isAccessibleForFree": False}).paywalled
    assert read('<meta property="article:content_tier" content="locked">').paywalled
    opinion = read(isAccessibleForFree=False, articleSection="Opinion")
    assert (opinion.kind, opinion.paywalled) == ("opinion", True)
    assert not read(isAccessibleForFree=True).paywalled


def test_the_lead_image_has_its_size_and_its_owner() -> None:
    head = '<meta property="og:image" content="/b.jpg"><meta property="og:image:width" content="1200">'
    head += '<meta property="og:image:height" content="675">'
    cleaned = read(head, image={"@type": "ImageObject", "url": "/b.jpg", "creditText": "© Ann Archer/AP"})
    assert (cleaned.image, cleaned.image_width, cleaned.image_height) == ("https://alderpost.test/b.jpg", 1200, 675)
    assert (cleaned.image_credit, cleaned.provenance["image_credit"]) == ("Ann Archer/AP", "jsonld")
    sized = read(image=[{"@type": "ImageObject", "url": "/b.jpg", "width": {"value": "800px"}, "height": 600}])
    assert (sized.image_width, sized.image_height) == (800, 600)
    half = read('<meta property="og:image" content="/b.jpg"><meta property="og:image:width" content="1200">')
    assert (half.image_width, half.image_height) == (None, None)


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("The bridge at noon. Photo: Ann Archer", "Ann Archer"),
        ("Die Brücke (Foto: Anna Müller/dpa)", "Anna Müller/dpa"),
        ("The bridge at noon © 2021 Ann Archer", "Ann Archer"),
        ("The bridge at noon (Ann Archer/AFP)", "Ann Archer/AFP"),
        ("The bridge at noon, seen from the east (the town is behind it)", None),
    ],
)
def test_a_caption_tells_whose_the_image_is(caption: str, credit: str | None) -> None:
    figure = f"<figure><img src=/b.jpg><figcaption>{caption}</figcaption></figure>"
    assert read('<meta property="og:image" content="/b.jpg">', above=figure).image_credit == credit


def test_keywords_come_from_the_article_before_the_site() -> None:
    site = '<meta name="keywords" content="news, alder, post">'
    assert read(site).keywords == ("news", "alder", "post")
    assert read(site + '<meta property="article:tag" content="Bridges"><meta property="article:tag" content="Alder">').keywords == (
        "Bridges",
        "Alder",
    )
    stated = read(site, keywords=["Bridges", {"@type": "DefinedTerm", "name": "Alder"}, "bridges", "section:town"])
    assert (stated.keywords, stated.provenance["keywords"]) == (("Bridges", "Alder"), "jsonld")
    assert read(keywords="Bridges, Alder").keywords == ("Bridges", "Alder")


def test_the_declared_language_is_kept_beside_the_one_that_is_heard() -> None:
    right = read(lang="en-GB")
    assert (right.language, right.language_declared, right.provenance["language"]) == ("en", "en", "meta")
    wrong = read(lang="fr")
    assert (wrong.language, wrong.language_declared, wrong.provenance["language"]) == ("en", "fr", "derived")


def test_all_of_it_goes_through_json() -> None:
    cleaned = read('<meta property="og:image" content="/b.jpg">', isAccessibleForFree=False, keywords="Bridges, Alder")
    assert from_json(json.loads(json.dumps(to_json(cleaned)))) == cleaned


@pytest.mark.parametrize("value", [{"@id": "#x"}, [[]], [None], 7, {"width": [1], "height": True, "url": {"a": 1}}, "x" * 9_000])
def test_senseless_values_are_passed_over(value: object) -> None:
    cleaned = read(image=value, keywords=value, isAccessibleForFree=value, hasPart=value, articleSection=value, author=value)
    assert cleaned.kind == "article"
    assert cleaned.image_width is None


def head_of(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


@pytest.mark.parametrize("address", ["/undefined", "https://localhost/town/bridge", "https://alderpost.test/null", "javascript:void(0)"])
def test_a_template_s_mistake_is_no_canonical_address(address: str) -> None:
    cleaned = read(f'<link rel="canonical" href="{address}">')
    assert cleaned.canonical_url is None
    assert cleaned.copy_of_url is None
    assert read('<link rel="canonical" href="/town/bridge#comments">').canonical_url == "https://alderpost.test/town/bridge"


@pytest.mark.parametrize(
    "head",
    [
        head_of("og:image", "data:image/png;base64,AAAA") + head_of("twitter:image", "/bridge.jpg"),
        '<link rel="image_src" href="/bridge.jpg">',
        '<meta name="thumbnail" content="/bridge.jpg">',
    ],
)
def test_a_lead_image_stands_in_rarer_places_too(head: str) -> None:
    assert read(head).image == "https://alderpost.test/bridge.jpg"
    assert read(thumbnailUrl="/bridge.jpg").image == "https://alderpost.test/bridge.jpg"


def test_a_section_is_stated_or_the_last_step_to_the_article() -> None:
    assert read(head_of("article:section", "Law &amp;amp; \u202aOrder\u202c")).section == "Law & Order"
    assert read(head_of("article:section", "Uncategorized")).section is None
    assert read(head_of("article:section", "https://alderpost.test/town/"), articleSection="Town").section == "Town"
    steps = [{"@type": "ListItem", "position": place, "name": name} for place, name in enumerate(("Home", "Town", "Bridge opened"), 1)]
    crumbs = {"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": steps}
    assert read(f'<script type="application/ld+json">{json.dumps(crumbs)}</script>').section == "Town"
    assert read(f'<script type="application/ld+json">{json.dumps({**crumbs, "itemListElement": steps[::2]})}</script>').section is None


def test_names_and_keywords_are_decoded_and_show_all_that_they_hold() -> None:
    assert read(head_of("og:site_name", "\u202aSmith &amp;amp; Sons\u202c")).site_name == "Smith & Sons"
    assert read(head_of("news_keywords", "Bridge &amp;amp; River,\u2066Alder\u2069")).keywords == ("Bridge & River", "Alder")
    plain = clean(Document(text="\u202aBridge opened\u202c in Alderton\n\nBy \u2066Ann Archer\u2069\n\n" + "The council met there. " * 20))
    assert plain.title == "Bridge opened in Alderton"
    assert plain.authors == ("Ann Archer",)
