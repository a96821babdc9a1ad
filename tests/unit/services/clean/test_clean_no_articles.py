"""What stands in an article's place, in thirteen languages, and articles about the same matters: `no_articles/LANGUAGE.txt`.

A file holds pages, each begun by a line `== KIND | TITLE`; the first line below is the heading, the others are paragraphs. A line with bars
is a row of a table, one with `::` a card (a linked headline and a teaser). KIND `lists` stands for five pages of the same cards: its line
names the site, a section, a tag, an author and the heading of a search; its first line is what is said of the author. Kinds that begin with
`article` are to be kept, all others to be refused.
"""

import html
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.clean.core import Document, clean
from shared.stage import Reject

FOLDER = Path(__file__).parent / "no_articles"
SITE = "https://harbourmail.test"
NAVIGATION = "".join(f'<li><a href="/{n}">{word}</a></li>' for n, word in enumerate(("A", "B", "C", "D", "E", "F")))
DECLARED = {"video": "VideoObject", "podcast": "PodcastEpisode", "product": "Product", "job": "JobPosting"}


def page(title: str, main: str, language: str, head: str = "") -> str:
    """A page around a content."""
    direction = ' dir="rtl"' if language == "ar" else ""
    top = f'<header><a href="/">·</a></header><nav><ul>{NAVIGATION}</ul></nav>'
    below = '<footer><p>© 2031</p><ul><li><a href="/imprint">i</a></li></ul></footer>'
    return (
        f'<!doctype html><html lang="{language}"{direction}><head><meta charset="utf-8"><title>{html.escape(title)}</title>{head}</head>'
        f"<body>{top}<main>{main}</main>{below}</body></html>"
    )


def card(number: int, line: str) -> str:
    """A linked headline with a teaser."""
    headline, _, teaser = line.partition(" :: ")
    return (
        f'<div class="item"><a href="/{number}/x"><img src="/{number}.jpg" alt=""></a>'
        f'<h3><a href="/{number}/x">{html.escape(headline)}</a></h3><p>{html.escape(teaser)}</p></div>'
    )


def content(lines: list[str]) -> str:
    """The heading, then paragraphs, rows and cards."""
    parts = [f"<h1>{html.escape(lines[0])}</h1>"]
    rows = [line for line in lines[1:] if " | " in line]
    for number, line in enumerate(lines[1:]):
        if " :: " in line:
            parts.append(card(number, line))
        elif line not in rows:
            parts.append(f"<p>{html.escape(line)}</p>")
    if rows:
        cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row.split(" | ")) for row in rows)
        parts.append(f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>")
    return "".join(parts)


def pages(language: str) -> Iterator[tuple[str, str, str]]:
    """Kind, address and markup of every page of a language."""
    for part in (FOLDER / f"{language}.txt").read_text(encoding="utf-8").split("== ")[1:]:
        head, *lines = part.strip().split("\n")
        kind, _, title = head.partition(" | ")
        if kind == "lists":
            yield from lists(language, title.split(" | "), lines)
            continue
        if kind not in DECLARED:
            yield kind, f"{SITE}/2031/03/{kind}-x-17", page(title, content(lines), language)
        else:
            told = json.dumps({"@context": "https://schema.org", "@type": DECLARED[kind], "name": lines[0]}, ensure_ascii=False)
            script = f'<script type="application/ld+json">{told}</script>'
            yield kind, f"{SITE}/{kind}/17", page(title, content(lines), language, script)


def lists(language: str, names: list[str], lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The five pages of the same cards."""
    site, section, tag, author, search = names
    about, *cards = lines
    yield "front", f"{SITE}/", page(site, content([site, *cards]), language)
    yield "section", f"{SITE}/a/islands", page(f"{section} – {site}", content([section, *cards]), language)
    yield "tag", f"{SITE}/tag/bees/", page(f"{tag} – {site}", content([tag, *cards]), language)
    yield "author", f"{SITE}/by/inger-holm", page(f"{author} – {site}", content([author, about, *cards]), language)
    yield "search", f"{SITE}/search?q=x", page(f"{search} – {site}", content([search, *cards]), language)


def end(address: str, markup: str) -> str:
    """The text, or the class of the refusal."""
    try:
        return clean(Document(text=markup, content_type="text/html", url=address)).text
    except Reject as refusal:
        return refusal.error_class


LANGUAGES = sorted(path.stem for path in FOLDER.glob("*.txt"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_no_article_is_refused_and_articles_on_it_are_kept(language: str) -> None:
    ends = [(kind, address, end(address, markup)) for kind, address, markup in pages(language)]
    kept = [(kind, text) for kind, _, text in ends if kind.startswith("article")]
    assert len(kept) == 5
    assert [kind for kind, text in kept if len(text.split("\n\n")) != 2] == []
    assert [one for one in ends if not one[0].startswith("article") and one[2] != "not_an_article"] == []


def as_article(title: str, paragraphs: list[str]) -> str:
    """A page that declares itself a dated article."""
    told = {"@type": "NewsArticle", "headline": title, "datePublished": "2031-03-04T10:00:00Z", "isAccessibleForFree": False}
    head = f'<script type="application/ld+json">{json.dumps(told)}</script>'
    return page(title, content([title, *paragraphs]), "en", head)


WALL = ("To continue reading this article, choose your subscription.", "Already a subscriber? Log in. Cancel at any time.")
TEASER = (
    "The ferry to Skarholm sails again after six weeks, and the teachers who had rowed to school may take the deck chairs again.",
    "A crack as long as an oar had been found in its rudder stock in February, and the part had to be cast anew in another country.",
)


def test_a_wall_alone_is_no_article_though_the_page_declares_one() -> None:
    assert end(f"{SITE}/news/ferry-17", as_article("Ferry sails again", list(WALL))) == "not_an_article"


def test_what_stands_above_a_wall_is_kept() -> None:
    assert end(f"{SITE}/news/ferry-17", as_article("Ferry sails again", [*TEASER, *WALL])).startswith(TEASER[0])


def test_a_table_is_no_article_but_an_article_may_hold_one() -> None:
    rows = [f"Harbour works of Tornby, shares of class {n} | {n}.40 | {n}.10 | +{n} %" for n in range(1, 40)]
    assert end(f"{SITE}/stocks", page("Stocks", content(["Stocks", *rows]), "en")) == "not_an_article"
    assert end(f"{SITE}/stocks", page("Stocks rise", content(["Stocks rise", *TEASER, *rows]), "en")).startswith(TEASER[0])


def test_a_recording_with_a_transcript_is_kept() -> None:
    told = json.dumps({"@type": "PodcastEpisode", "name": "Episode 41"})
    lines = [f"{n}. {text}" for n in range(8) for text in TEASER]
    markup = page("Episode 41", content(["Episode 41", *lines]), "en", f'<script type="application/ld+json">{told}</script>')
    assert end(f"{SITE}/podcast/41", markup).count("\n\n") == len(lines) - 1
