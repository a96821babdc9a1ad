"""Every input is hostile: an article or a refusal, never anything else."""

import gc
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import HTMLParser, fromstring

from services.clean.core import Document, clean, near
from services.clean.core import page as told
from services.clean.core.dates import read
from services.clean.core.lines import to_json
from services.clean.core.tree import parse
from shared.stage import Reject

SENTENCE = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said. "
STORY = f"<h1>Bridge opened</h1><article>{''.join(f'<p>{i}. {SENTENCE}</p>' for i in range(8))}</article>"
JSON = '<script type="application/ld+json">{"@type":"NewsArticle","headline":"\\u0000x"}</script>'
MARKUP = "<p> </p> <a/href=x> <br> <table><tr><td> <h1> <script> </script> <!-- &#0; &#xd800; <svg> <li> <blockquote> </body> <html>"
FRAGMENTS = st.sampled_from([*MARKUP.split(), "<div class='", "'>", "\x00", SENTENCE, JSON, "<frameset>"])


def outcome(document: Document) -> str:
    """The error class of a refusal, else the article's text; whatever comes out can be stored."""
    try:
        cleaned = clean(document)
    except Reject as refusal:
        return refusal.error_class
    found = to_json(cleaned)
    json.dumps(found, ensure_ascii=False).encode()
    assert not any("\x00" in value for value in found.values() if isinstance(value, str))
    return cleaned.text


@settings(max_examples=150, deadline=None)
@given(
    body=st.binary(max_size=400), kind=st.sampled_from([None, "text/html", "text/plain", "text/html; charset=shift_jis", "application/pdf"])
)
def test_any_bytes_are_an_article_or_refused(body: bytes, kind: str | None) -> None:
    outcome(Document(body=body, content_type=kind, url="https://a.test/b"))


@settings(max_examples=150, deadline=None)
@given(parts=st.lists(FRAGMENTS | st.text(max_size=30), max_size=40))
def test_any_markup_is_an_article_or_refused(parts: list[str]) -> None:
    outcome(Document(text="".join(parts), content_type="text/html", url="https://a.test/b"))


@settings(max_examples=150, deadline=None)
@given(text=st.text(max_size=300), url=st.text(max_size=40), title=st.text(max_size=30))
def test_any_text_and_address_are_an_article_or_refused(text: str, url: str, title: str) -> None:
    outcome(Document(text=text, url=url, feed_title=title, content_type="text/plain"))
    outcome(Document(text=STORY + text, url=url, feed_title=title, content_type="text/html"))


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789-/.: TZ年月日marchJun+,", max_size=60))
def test_any_date_is_a_moment_or_none(text: str) -> None:
    moment = read(text)
    assert moment is None or moment.tzinfo is not None


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000 + STORY,
        "<b>" * 200_000 + STORY,
        "<p>a" * 1_000_000,
        f'<p title="{"x" * 11_000_000}">{SENTENCE}</p>',
        "<table><tr><td>" * 20_000 + STORY,
    ],
    ids=["nested", "unclosed", "million_paragraphs", "huge_attribute", "nested_tables"],
)
def test_bombs_end_in_parse_limit(page: str) -> None:
    assert outcome(Document(text=page, content_type="text/html")) == "parse_limit"


@pytest.mark.parametrize(
    "page",
    [
        f'<p title="{"x" * 5_000_000}"></p>' + STORY,
        "<div>" * 1_500 + STORY,
        STORY + "<p>" * 100_000,
        STORY + "<span>" * 1_000 + "deep" + "</span>" * 1_000,
        f'<script type="application/ld+json">{"[" * 100_000}</script>' + STORY,
        f'<meta name="author" content="{", ".join("Ann Archer" for _ in range(20_000))}">' + STORY,
        f'<meta name="date" content="{"1" * 100_000}">' + STORY,
        f'<div class="{"ad-" * 100_000}">x</div>' + STORY,
        f"<title>{'a | ' * 50_000}</title>" + STORY,
    ],
    ids=["attribute", "deep", "empty_paragraphs", "deep_inline", "json", "authors", "date", "class", "title"],
)
def test_hostile_pages_that_hold_a_story_give_it(page: str) -> None:
    text = outcome(Document(text=page, content_type="text/html"))
    assert text.count(SENTENCE.strip()) == 8


@pytest.mark.parametrize(
    "piece", ["<noscript><p>a</p></noscript># a\n", "<input>a | ", "<script>a</script>; "], ids=["noscript", "input", "script"]
)
def test_texts_that_what_is_no_text_parted_are_one_again(piece: str) -> None:
    """Left apart, each was looked for among all before it: a page of 10 MB took ten minutes."""
    root = fromstring(f"<html><body><h1>Bridge opened</h1><p>{piece * 3_000}</p></body></html>", HTMLParser())
    found = told.read(root)
    paragraph = next(one for one in found.elements if one.tag == "p")
    assert len(paragraph.xpath("text()")) == 1
    assert near.texts(root)[:1] == ["Bridge opened"]


def test_a_long_plain_text_is_read() -> None:
    lines = [f"{i}. {SENTENCE}" for i in range(20_000)]
    assert outcome(Document(text="\n".join(lines))).count("\n\n") == len(lines) - 1


def test_a_hundred_thousand_attributes_of_one_element_are_not_compared_with_one_another() -> None:
    many = " ".join(f"a{number}" for number in range(100_000))
    found = parse(f"<body><p {many}>The ferry sails.</p><img alt='{'a pier ' * 9_000}'><p id='x'>Again.</p></body>")
    assert [len(one.attrib) for one in found.iter("p", "img")] == [0, 1, 1]


def test_a_page_is_let_go_at_once() -> None:
    """Nothing of a page stands in a ring: a tree that waited for the collector would cost memory, and time in the middle of another."""
    page = f'<html><head><title>Bridge opened</title>{JSON}</head><body><div class="byline">By Ann Archer</div>{STORY}</body></html>'
    outcome(Document(text=page, content_type="text/html", url="https://a.test/b"))
    gc.collect()
    gc.disable()
    try:
        outcome(Document(text=page, content_type="text/html", url="https://a.test/b"))
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_long_run_of_blanks_in_a_text_is_one_blank() -> None:
    """Each was looked at for a mark behind all the others: a text of half a megabyte took ten minutes."""
    blanks = "\u00a0" * 1_000_000
    found = outcome(Document(text=f"Bridge opened\n\n{SENTENCE}\n\n{SENTENCE}{blanks}He left.\n\n{SENTENCE}"))
    assert f"{SENTENCE}He left." in found
