"""Who wrote it, out of pages of our own: what they state, what they show, and what is nobody."""

import json

import pytest

from services.clean.core import Cleaned, Document, clean
from services.clean.core.authors import split
from services.clean.core.byline import is_person, people

TEXT = "".join(
    f"<p>The council met on the bridge for the {place} time and spoke of the river for an hour, as the minutes tell.</p>"
    for place in ("first", "second", "third", "fourth", "fifth")
)


def read(head: str = "", byline: str = "", after: str = "", **facts: object) -> Cleaned:
    head = f'<title>Bridge opened</title><meta property="og:site_name" content="The Alder Post">{head}'
    story = f"<article><h1>Bridge opened</h1>{byline}<div class=text>{TEXT}</div>{after}</article>"
    html = f"<html lang=en><head>{head}</head><body>{story}</body></html>"
    return clean(Document(text=html, content_type="text/html", url="https://alderpost.test/town/bridge-4711", **facts))  # type: ignore[arg-type]


def json_ld(author: object, *others: object) -> str:
    graph = [{"@type": "NewsArticle", "headline": "Bridge opened", "author": author}, *others]
    return f'<script type="application/ld+json">{json.dumps({"@context": "https://schema.org", "@graph": graph})}</script>'


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("Ann Archer", ("Ann Archer",)),
        ("By Ann Archer and Ben Baker", ("Ann Archer", "Ben Baker")),
        (["Ann Archer", {"@type": "Person", "name": "Ben Baker"}], ("Ann Archer", "Ben Baker")),
        ({"@type": "Person", "givenName": "Ann", "familyName": "Archer"}, ("Ann Archer",)),
        ({"@list": [{"name": "Ann Archer"}, {"name": "Ben Baker"}]}, ("Ann Archer", "Ben Baker")),
        ({"@id": "#ann"}, ("Ann Archer",)),
        ([{"name": "Ann Archer"}, {"name": "The Alder Post"}], ("Ann Archer",)),
        ([{"name": "Ann Archer"}, {"name": "Town Desk"}], ("Ann Archer",)),
        ({"name": "Ann Archer - The Alder Post"}, ("Ann Archer",)),
        ("Ann Archer <ann@alderpost.test>", ("Ann Archer",)),
        ("Ann Archer, Political Correspondent", ("Ann Archer",)),
        ("Ann Archer, a professor of bridges and of the history of rivers at the college of Alderton", ("Ann Archer",)),
        ("srf/hosb;kesm", ("srf/hosb", "kesm")),
        ("https://alderpost.test/authors/ann", ("Ann Archer",)),
    ],
)
def test_json_ld_states_authors_in_many_ways(author: object, expected: tuple[str, ...]) -> None:
    assert read(json_ld(author, {"@type": "Person", "@id": "#ann", "name": "Ann Archer"})).authors == expected


@pytest.mark.parametrize("name", ["author", "article:author", "parsely-author", "sailthru.author", "dc.creator", "byl"])
def test_meta_elements_state_authors(name: str) -> None:
    assert read(f'<meta name="{name}" content="By Ann Archer and Ben Baker">').authors == ("Ann Archer", "Ben Baker")


def test_whose_application_it_is_says_nothing() -> None:
    assert read('<meta name="smartbanner:author" content="Alder Digital Media">').authors == ()


@pytest.mark.parametrize(
    ("byline", "expected"),
    [
        ("<div>By <a href='/a/1'>Ann Archer</a> and <a href='/a/2'>Ben Baker</a></div>", ("Ann Archer", "Ben Baker")),
        ("<div><span>Von</span> <span>Anna Müller</span>, <span>Otto Kuhn</span></div>", ("Anna Müller", "Otto Kuhn")),
        ("<p class='article-byline'>Ann Archer<span>Business reporter</span></p>", ("Ann Archer",)),
        (
            "<div class=byline><span class=n>Ann Archer</span><span class=n>Ben Baker</span><span>Alder Falls</span></div>",
            ("Ann Archer", "Ben Baker"),
        ),
        ("<div class='meta'><a href='/author/ann-archer'>Ann Archer</a> · 4 March 2021</div>", ("Ann Archer",)),
        ("<div><span>ANN ARCHER</span><span>4 March 2021</span></div>", ("Ann Archer",)),
        ("<div><span>4 March 2021, 10:05</span><span>Ann Archer</span></div>", ("Ann Archer",)),
        ("<div><span>Ann Archer</span><span>The Alder Post</span></div>", ("Ann Archer",)),
        ("<p>A line that stands below the headline and sums it all up.</p><div>By</div><div>Ann Archer</div>", ("Ann Archer",)),
        ("<span itemprop=author><meta itemprop=name content='Ann Archer'></span>", ("Ann Archer",)),
        ("<div class=byline>Photo: Ann Archer</div>", ()),
        ("<figure><img><figcaption class=author>Ann Archer</figcaption></figure>", ()),
        ("<div class='related-stories'><span class=author>Ann Archer</span></div>", ()),
        ("<div><span>Breaking News</span><span>4 March 2021</span></div>", ()),
        ("<div><a href='/middle-east'>Middle East</a><span>4 March 2021</span></div>", ()),
    ],
)
def test_bylines_are_read_as_readers_do(byline: str, expected: tuple[str, ...]) -> None:
    assert read(byline=byline).authors == expected


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("<ul><li><b>Date</b> 4 March 2021<li><b>Author</b> Ann Archer</ul>", ("Ann Archer",)),
        ("<div>（责编：王小明、李大文）</div>", ("王小明", "李大文")),
        ("<div class='author-box'><h4>Ann Archer</h4></div>", ("Ann Archer",)),
    ],
)
def test_labels_below_the_story_are_the_last_resort(after: str, expected: tuple[str, ...]) -> None:
    assert read(after=after).authors == expected
    assert read(json_ld("Ben Baker"), after=after).authors == ("Ben Baker",)


def test_a_person_who_is_shown_wins_over_an_outlet_that_is_stated() -> None:
    cleaned = read(json_ld({"@type": "Organization", "name": "The Alder Post"}), "<div>By</div><a href='/x'>Ann Archer</a>")
    assert (cleaned.authors, cleaned.provenance["authors"]) == (("Ann Archer",), "text")
    assert read(json_ld({"@type": "Organization", "name": "The Alder Post"})).authors == ("The Alder Post",)


def test_an_agency_below_the_headline_is_the_agency_and_no_author() -> None:
    cleaned = read(json_ld("The Alder Post"), "<div><span>von</span><span>APA</span></div>")
    assert (cleaned.authors, cleaned.agency) == (("The Alder Post",), "APA")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("By Ann Archer and Ben Baker, Alderton | 4 March", ["Ann Archer", "Ben Baker"]),
        ("Von Anna Müller, Berlin", ["Anna Müller"]),
        ("Par Jean-Luc d’Arc avec AFP", ["Jean-Luc d’Arc"]),
        ("Por María José Fernández y Luis Gómez", ["María José Fernández", "Luis Gómez"]),
        ("Text und Fotos: Max Mustermann", ["Max Mustermann"]),
        ("Written by Ann Archer Edited by Ben Baker", ["Ann Archer"]),
        ("Ann Archer @annarcher 4 min read", ["Ann Archer"]),
        ("By Ann Archer March 4, 2021", ["Ann Archer"]),
        ("Автор: Иван Петров", ["Иван Петров"]),
        ("記者王小明／台北報導", ["王小明"]),
        ("取材・文＝山田太郎", ["山田太郎"]),
        ("홍길동 기자", ["홍길동"]),
        ("بقلم: أحمد علي", ["أحمد علي"]),
        ("โดย สมชาย ใจดี", ["สมชาย ใจดี"]),
        ("By Friday the bridge", []),
        ("Share This Article", []),
        ("Prime Minister", []),
    ],
)
def test_lines_name_persons(line: str, expected: list[str]) -> None:
    assert people(line) == expected


def test_a_mark_makes_names_of_words_that_are_none_elsewhere() -> None:
    assert is_person("Susan Page", marked=True)
    assert not is_person("Susan Page")
    assert not is_person("Web Desk", marked=True)


def test_a_family_name_of_two_parts_is_no_list() -> None:
    assert split("Ann Archer, Jr.") == ["Ann Archer, Jr"]
    assert split("") == []


@pytest.mark.parametrize("text", ["By " * 60, "(" * 190, "A " * 95, "記者" * 90, "/ " * 90, "&" * 199])
def test_hostile_bylines_end(text: str) -> None:
    assert isinstance(people(text, marked=True), list)
    assert isinstance(split(text * 5_000), list)


@pytest.mark.parametrize("text", ["x" * 1_000_000, "x/" * 500_000, "a@" * 500_000, "(" * 1_000_000, "By " * 300_000, "é. " * 300_000])
def test_hostile_statements_end(text: str) -> None:
    node = json.dumps({"@type": "NewsArticle", "headline": "x", "author": text, "keywords": text, "image": {"creditText": text}})
    read(
        f'<script type="application/ld+json">{node}</script><meta name="author" content="{text[:20_000]}">',
        f"<div class=byline>{text[:5_000]}</div>",
    )
