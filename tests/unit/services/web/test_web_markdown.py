"""Markdown in the shape of the Context's pages, and foreign text that stays text in it."""

import html as entities
import re

import pytest
from web_samples import ARTICLES, DAY, EVENT, FRONT, MERGED, PAGES, STORY

from services.web.core.markdown import destination, link, text
from services.web.core.rendering import render
from services.web.core.site import Site
from shared.records import PAGE, Article, Page

SITE = Site(name="Dateline")


def unescaped(markdown: str) -> str:
    """What CommonMark shows for a line without markup."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", entities.unescape(re.sub(r"&(?!(lt|gt|amp);)", "&amp;", markdown)))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.page}{getattr(page, 'id', '')}")
def test_json_is_the_record_itself(page: Page) -> None:
    assert PAGE.validate_json(render(page, "json", SITE)) == page


def test_an_event_has_the_shape_of_the_context() -> None:
    lines = render(EVENT.model_copy(update={"sample": False}), "md", SITE).splitlines()
    assert lines[:4] == ["### [2031-05-14](/news/2031/05/14/index.md)", "", f"# {EVENT.headline}", ""]
    assert EVENT.description
    assert lines[4] == EVENT.description.text
    source = lines.index("### Source:")
    assert lines[source - 2 : source] == ["", ""]
    assert lines[source + 2].startswith("1. [Orsanne Courier](https://orsanne-courier.test/2031/05/14/velda-bridge-closed)")
    related = [line for line in lines[lines.index("### Related:") :] if re.match(r"\d+\. ", line)]
    assert [line.split(".")[0] for line in related] == ["1", "2", "3"]
    assert related[0].startswith(
        "1. [The Tessel rises above the mark of 1987](/news/2031/05/12/tessel-rises-above-the-mark-of-1987-11.md) "
        "_Context: 2031 Tessel floods, River Authority_"
    )


def test_every_article_is_in_it_with_its_facts() -> None:
    markdown = render(EVENT, "md", SITE)
    for article in ARTICLES:
        assert article.title in markdown
        assert article.url is None or article.url in markdown
    assert "published 2031-05-14T06:10:00Z (JSON-LD, confirmed)" in markdown
    assert "7 outlets, 5 independent" in markdown
    copy = next(line for line in markdown.splitlines() if "Harbour Post" in line)
    assert copy.startswith("   1. [Harbour Post](https://harbour-post.test/world/flood-damage-closes-key-bridge): Flood damage closes")
    assert copy.endswith("_same text as Northwire_")


def test_edits_and_gone_pages_are_facts_of_their_article() -> None:
    lines = render(EVENT, "md", SITE).splitlines()
    at = next(number for number, line in enumerate(lines) if line.endswith("since 14 May 2031, 16:02 UTC)"))
    assert [line.strip() for line in lines[at : at + 5]] == [
        "- no longer at its address (410, since 14 May 2031, 16:02 UTC)",
        "- Edited 3 h later: +3 −1 words; headline before: Engineers shut Velda Bridge; &lt;b&gt;detour&lt;/b&gt; of 40 km",
        "- removed: The detour is 40 km long.",
        "- added: The detour is 60 km long, &lt;i&gt;not&lt;/i&gt; 40.",
        "- Edited 15 min later: +12 −0 words",
    ]


def test_the_cover_image_is_no_numbered_source() -> None:
    markdown = render(EVENT, "md", SITE)
    assert "\n[Cover Image](https://orsanne-courier.test/i/9.jpg), Orsanne Courier" in markdown


def test_markdown_says_what_html_says_of_dates_walls_and_pictures() -> None:
    markdown = render(EVENT, "md", SITE)
    assert "(JSON-LD, confirmed), by Marta Quill, Jonas Reet, section: Roads & Rivers" in markdown
    assert "(date from the address; not confirmed)" in markdown
    assert markdown.count(" _paywall_") == 2
    assert "(Photo: Jonas Reet/River Pictures, 1200 × 800)" in markdown


def test_a_day_has_the_shape_of_the_context() -> None:
    lines = render(DAY, "md", SITE).splitlines()
    assert lines[0] == "## [2031-05-14](/news/2031/05/14/index.md)"
    assert f"### [{EVENT.headline}]({EVENT.path}.md)" in lines
    assert "_Context: Tessel, 2031 Tessel floods, Ilse Maran_" in lines
    assert "## [Previous Day...](/news/2031/05/12/index.md)" in lines


def test_front_and_moved_pages_lead_on() -> None:
    assert "## [2031-05-12](/news/2031/05/12/index.md)" in render(FRONT, "md", SITE)
    assert f"({EVENT.path}.md)" in render(MERGED, "md", SITE)


@pytest.mark.parametrize(
    "foreign",
    [
        "[click](javascript:alert(1))",
        "![x](https://a.test/p.png)",
        "<script>alert(1)</script>",
        "# not a heading",
        "1. not a list",
        "- nor this",
        "*bold* _it_ ~~gone~~ `code` \\",
        "AT&T &lt;b&gt; &#x41;",
        "C#",
        "> quoted",
    ],
)
def test_foreign_text_is_shown_as_it_is(foreign: str) -> None:
    markdown = text(foreign)
    assert unescaped(markdown) == foreign
    assert not re.search(r"(?<!\\)[\[\]`*_]|<", markdown)
    assert not re.match(r"[#>+-]|\d+[.)]", markdown)


def test_a_line_break_cannot_start_a_new_block() -> None:
    assert "\n" not in text("one\n\n# two\u2028three\r\n- four")
    hostile = EVENT.model_copy(update={"headline": "x\n\n### Source:\n\n1. [Evil](https://evil.test)"})
    assert render(hostile, "md", SITE).count("\n### Source:") == 1


def test_a_destination_cannot_end_early() -> None:
    assert destination("https://a.test/x)[evil](javascript:1") == "https://a.test/x%29%5Bevil%5D%28javascript:1"
    assert link("Evil", "javascript:alert(1)") == "Evil"


def test_more_than_nine_groups_stay_a_list() -> None:
    many = tuple(Article(id=n, title=f"T{n}", url=None, outlet=f"O{n}") for n in range(1, 12))
    many += (Article(id=99, title="Copy", url=None, outlet="Again", copy_of=10),)
    markdown = render(EVENT.model_copy(update={"articles": many}), "md", SITE)
    assert "\n10. O10: T10\n    1. Again: Copy _same text as O10_\n11. O11" in markdown


def test_the_topic_stands_above_the_headline_as_the_context_had_it() -> None:
    page = EVENT.model_copy(update={"sample": False, "topic": "Disasters *and* accidents"})
    lines = render(page, "md", SITE).splitlines()
    assert lines[2:5] == ["##### Disasters \\*and\\* accidents", "", f"# {EVENT.headline}"]


def test_a_story_is_a_list_in_the_order_of_time_with_the_event_in_it() -> None:
    told = EVENT.model_copy(update={"storyline": STORY, "place": EVENT.tags[0]})
    lines = render(told, "md", SITE).splitlines()
    at = lines.index("### Storyline:")
    assert [line[:12] for line in lines[at + 2 : at + 5]] == ["- 2031-05-12", "- 2031-05-14", "- 2031-05-16"]
    assert lines[at + 3] == f"- 2031-05-14 **{EVENT.headline}**"
    assert "_Context: 2031 Tessel floods, River Authority_ (strength 0.81)" in lines[at + 2]
    assert any(f"place: {EVENT.tags[0].name}" in line for line in lines)
