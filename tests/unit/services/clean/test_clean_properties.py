"""What holds for every story, page and text, and not only for those that somebody thought of."""

import html
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.clean.core import Cleaned, Document, clean
from shared.stage import Reject

FUZZ = Path(__file__).resolve().parents[3] / "fuzz"
TITLE = "Ferry to Skarholm sails again"
LATIN = (
    "The ferry between Skarholm and the mainland will sail again from Monday, the harbour office said on Thursday.",
    "It had been tied up since February, when divers found a crack as long as an oar in its rudder stock.",
    "“I have rowed to work for six weeks and my arms have never been better,” said Inger Holm, a teacher.",
    "Die Reparatur kostete 1,4 Millionen Kronen, von denen der Kreis zwei Drittel trägt und die Insel den Rest.",
    "Un second navire, promis en 2019, est toujours examiné par une commission qui s’est réunie à l’automne.",
    "Was it worth it? The harbourmaster says: * perhaps *, and points at the [old] pier_of_stone & its 3 < 4 lamps.",
)
OTHERS = (
    "Новый мост через Ольху открыли во вторник утром после девяти лет работы, сообщила мэрия города.",
    "Η νέα πεζογέφυρα πάνω από τον ποταμό άνοιξε το πρωί της Τρίτης έπειτα από εννέα χρόνια εργασιών.",
    "افتتح جسر المشاة الجديد فوق النهر صباح الثلاثاء بعد تسع سنوات من العمل، بحسب ما أعلنت البلدية.",
    "经过九年的施工，横跨清河的步行桥于星期二上午正式开放，市政府在现场宣布，约有四千人走过新桥。",
    "9년간의 공사 끝에 맑은강을 가로지르는 새 보행교가 화요일 오전 개통됐다고 시가 밝혔고 많은 시민이 건넜다.",
)
STORIES = st.lists(st.sampled_from(LATIN + OTHERS), min_size=3, max_size=8, unique=True)
WRAPPED = st.lists(st.sampled_from(LATIN[:5] + OTHERS[:3]), min_size=3, max_size=8, unique=True)
HEADINGS = st.sampled_from(("What the divers saw", "Die Kosten", "A boat of oak and tar", "Запасной паром"))
LINES = st.sampled_from(("Rope, forty fathoms", "Two oars & a bailer", "Ein Eimer Teer", "Sails at 6:30", "Three lamps* of brass"))
CELLS = st.sampled_from(("Monday", "12 boats", "Holm", "3.5", "tar & oakum"))
BLOCKS = st.one_of(
    st.tuples(st.just("heading"), HEADINGS),
    st.tuples(st.just("list"), LINES, LINES),
    st.tuples(st.just("numbers"), LINES, LINES, LINES),
    st.tuples(st.just("row"), CELLS, CELLS),
    st.tuples(st.just("quote"), st.sampled_from(LATIN[2:])),
)
BUILT = {
    "heading": lambda text: f"<h2>{html.escape(text)}</h2><p>Of that ({html.escape(text)}) the harbour office keeps a book.</p>",
    "list": lambda *texts: f"<ul>{''.join(f'<li>{html.escape(text)}</li>' for text in texts)}</ul>",
    "numbers": lambda *texts: f"<ol>{''.join(f'<li>{html.escape(text)}</li>' for text in texts)}</ol>",
    "row": lambda *cells: f"<table><tr><th>Day<th>Sea</tr><tr>{''.join(f'<td>{html.escape(t)}</td>' for t in cells)}</table>",
    "quote": lambda text: f"<blockquote><p>{html.escape(text)}</p></blockquote>",
}
CODECS = {"utf-8": "utf-8", "utf-16": "utf-16", "windows-1252": "cp1252", "iso-8859-1": "cp1252", "gb18030": "gb18030"}
CODECS["macintosh"] = "mac_roman"
NAVIGATION = "<nav><a href='/'>Home</a></nav>"


def page(paragraphs: list[str], charset: str = "utf-8") -> str:
    told = "".join(f"<p>{html.escape(text)}</p>\n" for text in paragraphs)
    head = f'<meta charset="{charset}"><title>{TITLE}</title>'
    return f"<!doctype html><html><head>{head}</head><body>{NAVIGATION}<article><h1>{TITLE}</h1>{told}</article></body></html>"


def of_page(paragraphs: list[str]) -> Cleaned:
    return clean(Document(text=page(paragraphs), content_type="text/html", url="https://tornbyblad.test/news/ferry-sails-again-1041"))


def outcome(source: str) -> tuple[str, str | None]:
    """The text of a page, or why it was refused."""
    try:
        return clean(Document(text=source, content_type="text/html")).text, None
    except Reject as refusal:
        return "", refusal.error_class


@settings(max_examples=100, deadline=None)
@given(paragraphs=STORIES)
def test_cleaning_its_own_output_changes_nothing(paragraphs: list[str]) -> None:
    once = of_page(paragraphs)
    assert once.text.split("\n\n") == paragraphs
    for again in (clean(Document(text=once.text, content_type="text/plain")), clean(Document(text=f"{once.title}\n\n{once.text}"))):
        assert again.text == once.text
        assert clean(Document(text=again.text, content_type="text/plain")).text == once.text


@settings(max_examples=100, deadline=None)
@given(paragraphs=STORIES)
def test_its_markdown_says_the_same_as_its_text(paragraphs: list[str]) -> None:
    once = of_page(paragraphs)
    again = clean(Document(text=f"# {TITLE}\n\n{once.markdown}", content_type="text/markdown"))
    assert (again.title, again.text, again.markdown) == (TITLE, once.text, once.markdown)


@settings(max_examples=100, deadline=None)
@given(told=st.lists(BLOCKS, min_size=2, max_size=7, unique=True), first=st.sampled_from(LATIN[:2] + OTHERS))
def test_headings_lists_tables_and_quotes_come_back_as_they_went_out(told: list[tuple[str, ...]], first: str) -> None:
    inside = "".join(BUILT[kind](*texts) for kind, *texts in told)
    last = "<p>All this was told at the quay on Thursday, and nobody denied it.</p>"
    source = page([first]).replace("</article>", f"{inside}{last}</article>")
    once = clean(Document(text=source, content_type="text/html", url="https://tornbyblad.test/news/ferry-sails-again-1041"))
    assert all(text in once.text for _, *texts in told for text in texts)
    marked = clean(Document(text=f"# {once.title}\n\n{once.markdown}", content_type="text/markdown"))
    assert (marked.title, marked.text, marked.markdown) == (once.title, once.text, once.markdown)
    plain = clean(Document(text=f"{once.title}\n\n{once.text}", content_type="text/plain"))
    assert (plain.title, plain.text) == (once.title, once.text)


@settings(max_examples=100, deadline=None)
@given(paragraphs=WRAPPED, width=st.integers(50, 110), end=st.sampled_from(["\n", "\r\n"]))
def test_a_margin_makes_no_difference(paragraphs: list[str], width: int, end: str) -> None:
    wrapped = "\n\n".join(textwrap.fill(text, width, break_on_hyphens=False) for text in paragraphs)
    assert clean(Document(text=f"{TITLE}\n\n{wrapped}".replace("\n", end))).text.split("\n\n") == paragraphs


@settings(max_examples=60, deadline=None)
@given(paragraphs=st.lists(st.sampled_from(LATIN), min_size=3, unique=True), charset=st.sampled_from(sorted(CODECS)))
def test_an_encoding_makes_no_difference(paragraphs: list[str], charset: str) -> None:
    body = page(paragraphs, charset).encode(CODECS[charset])
    assert clean(Document(body=body, content_type="text/html")).text.split("\n\n") == paragraphs


@settings(max_examples=100, deadline=None)
@given(paragraphs=STORIES, share=st.floats(0, 1))
def test_a_page_cut_off_anywhere_gives_what_was_sent_or_is_refused(paragraphs: list[str], share: float) -> None:
    whole = page(paragraphs)
    text, refused = outcome(whole[: int(share * len(whole))])
    assert refused in (None, "empty_document", "not_an_article")
    assert "\n\n".join(paragraphs).startswith(text[:-8])


def test_a_few_runs_of_the_fuzzer_find_nothing() -> None:
    sys.path.insert(0, str(FUZZ))
    try:
        import clean as fuzzer  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(FUZZ))
    _, failures = fuzzer.fuzz(seed=20, runs=range(150), corpus=fuzzer.own_corpus(), limit=60)
    assert [(one.run, one.why) for one in failures] == []


@pytest.mark.parametrize("lone", ["\ud800", "\x00", "\ufffe", "\x0b"], ids=["surrogate", "nul", "noncharacter", "control"])
def test_characters_that_nothing_stores_are_dropped(lone: str) -> None:
    for given_ in (
        Document(text=page([text.replace(" ", f" {lone}", 1) for text in LATIN[:3]]), content_type="text/html"),
        Document(text="\n\n".join(text.replace(" ", f" {lone}", 1) for text in LATIN[:3])),
    ):
        assert clean(given_).text.split("\n\n") == list(LATIN[:3])


@pytest.mark.parametrize(
    "date",
    [
        *("9" * 100_000, "1." * 50_000, "12 " * 40_000, "2021-" * 30_000, "Mai " * 30_000),
        *("12:" * 40_000, "+99:99" * 20_000, "年月日" * 30_000),
        *("9999-12-31T23:59:59-99:99", "0000-00-00T00:00:00Z", "2021-02-30", "1/1/1/1/1", "12 Foo 2021 " * 10_000, " " * 200_000 + "2021"),
    ],
    ids=lambda date: date.strip()[:12],
)
def test_dates_that_are_none_cost_nothing_and_hide_no_story(date: str) -> None:
    head = f'<meta property="article:published_time" content="{date}"><meta name="date" content="{date}">'
    source = page(list(LATIN)).replace("</head>", f"{head}</head>").replace("</h1>", f"</h1><time datetime='{date}'>{date}</time>")
    cleaned = clean(Document(text=source, content_type="text/html"))
    assert all(text in cleaned.text for text in LATIN)


@pytest.mark.parametrize(
    "inside",
    [
        "<table><tr><td>x</td><td>" * 300,
        "<a href=x>" + "<div></div>" * 60_000,
        "<ul><li>" * 400,
        "<blockquote>" * 400,
        "<ol><li value=99999999999999>" * 100,
        "<table><tr>" + "<td>cell</td>" * 50_000,
        '<script>self.__next_f.push([1,"' + "[" * 100_000 + '"])</script>',
        '<script type="application/json">' + '{"a":' * 900 + "1" + "}" * 900 + "</script>",
        '<script type="application/json">' + '{"children":[' * 450 + '"x"' + "]}" * 450 + "</script>",
        "<p>Original url: <a href='http://['>http://[</a></p>" * 2_000,
    ],
    ids=["tables", "link", "lists", "quotes", "numbers", "cells", "flight", "deep", "deeper", "addresses"],
)
def test_what_is_nested_or_endless_beside_a_story_is_bounded(inside: str) -> None:
    text, refused = outcome(page(list(LATIN)).replace("</article>", f"</article>{inside}"))
    assert refused in (None, "parse_limit")
    assert refused or all(one in text for one in LATIN)
