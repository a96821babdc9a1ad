"""What is cut out of a page before it is parsed, and what never is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.clean.core import Document, clean
from services.clean.core.markup import cut

SENTENCE = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said."
STORY = f"<h1>Bridge opened</h1><article>{''.join(f'<p>{i}. {SENTENCE}</p>' for i in range(8))}</article>"
LINKS = "".join(f'<li><a href="/section/{i}">Section number {i}</a></li>' for i in range(60))


@pytest.mark.parametrize(
    "piece",
    [
        "<script>if (a < b) { document.write('<p>no</p>') }</script>",
        '<script type="text/javascript" src="a.js"></script>',
        "<style>p > a { color: red }</style>",
        "<!-- <p>no</p> -->",
        "<!-->",
        "<!-- <script> -->",
        '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>',
        f"<nav><ul>{LINKS}</ul></nav>",
        f'<ul class="menu">{LINKS}</ul>',
        '<ul>\n<li class="a"><a href="/b"><span>B</span><img src="c.png" alt=""></a></li>' + "<li><a href='/d'>D</a></li>" * 4 + "</ul>",
        f'<footer class="site"><p>The Alder Post</p><ul>{LINKS}</ul></footer>',
    ],
)
def test_what_is_never_a_storys_text_is_cut(piece: str) -> None:
    assert cut(f"<body>{piece}{STORY}</body>")[0].decode() == f"<body>{STORY}</body>"


@pytest.mark.parametrize(
    "piece",
    [
        "<nav><a href='/'>Home</a></nav>",
        f"<nav><h1>Bridge opened</h1>{LINKS}</nav>",
        f"<footer><time datetime='2024-05-06'>6 May</time>{LINKS}</footer>",
        f"<footer>{LINKS}<a href='/ann' rel='author'>Ann Archer</a></footer>",
        f"<footer>{LINKS}{STORY}</footer>",
        "<svg/><p>kept</p><svg><path/></svg>",
        "<ul>" + "<li><a href='/d'>D</a></li>" * 4 + "</ul>",
        "<ul>" + "<li><a href='/d'>D</a> told more</li>" * 9 + "</ul>",
        "<ul>" + "<li><a href='/author/d'>D</a></li>" * 9 + "</ul>",
        "<ul>" + "<li><a href='/d'><h3>D</h3></a></li>" * 9 + "</ul>",
        "<nav-bar>kept</nav-bar>",
        "<SCRIPT>left to the parser</SCRIPT>",
    ],
)
def test_what_may_tell_of_the_article_is_left(piece: str) -> None:
    rest = cut(f"<body>{piece}</body>")[0].decode()
    assert all(part in rest for part in piece.split(LINKS) if "<path/>" not in part)


@pytest.mark.parametrize(
    "piece",
    [
        "<script>var a = '<script>';",
        "<script>broken</script",
        "<script>a()</SCRIPT><p>between</p><script>b()</script>",
        "<script>a()</script ><p>between</p><script>b()</script>",
        "<script><!-- document.write('<script>c()</script>') --></script>",
        "<!-- never closed",
        "<style>never closed",
        f"<nav>never closed {LINKS}",
        f"<nav>{LINKS}<nav>{LINKS}</nav>",
        "<svg>never closed",
    ],
)
def test_a_broken_piece_swallows_no_more_than_the_parser_gives_it(piece: str) -> None:
    assert clean(Document(text=f"<body>{STORY}{piece}{STORY}", content_type="text/html")).text.count(SENTENCE) >= 8
    if "between" in piece:
        assert b"<p>between</p>" in cut(piece)[0]


def test_scripts_come_with_what_their_tags_say() -> None:
    page = '<script type="application/ld+json">{"a": 1}</script><p>b</p><!-- <script>no</script> --><script>c()</script>'
    rest, scripts = cut(page)
    assert rest == b"<p>b</p>"
    assert [(script.opening.strip(" >"), script.text) for script in scripts] == [('type="application/ld+json"', '{"a": 1}'), ("", "c()")]


def test_a_storys_facts_are_found_in_scripts_that_were_cut_and_in_those_that_were_not() -> None:
    data = '{"@type": "NewsArticle", "headline": "Bridge opened", "datePublished": "2024-05-06T10:00:00Z"}'
    for opening, closing in (("<script", "</script>"), ("<SCRIPT", "</SCRIPT>")):
        page = f'<head>{opening} type="application/ld+json">{data}{closing}</head><body>{STORY}</body>'
        assert clean(Document(text=page, content_type="text/html")).provenance["published"] == "jsonld"


TAGS = ("script", "svg", "nav", "footer", "ul")
PIECES = [*(f"<{tag}>" for tag in TAGS), *(f"</{tag}>" for tag in TAGS), "<!--", "-->", "<", ">", "'", "a", LINKS]


@settings(max_examples=200, deadline=None)
@given(parts=st.lists(st.sampled_from(PIECES)))
def test_cutting_ends_and_adds_nothing(parts: list[str]) -> None:
    page = "".join(parts)
    rest, scripts = cut(page)
    assert len(rest) + sum(len(script.text) for script in scripts) <= len(page)


@pytest.mark.parametrize("piece", ["<nav>", "<svg ", "<ul>", "<ul><li>", "<script>", "<!--", "<script></script", "<style></style>"])
def test_a_hundred_thousand_pieces_are_no_hundred_thousand_searches(piece: str) -> None:
    rest, _ = cut(piece * 100_000 + STORY)
    assert STORY.encode() in rest
