"""PDF files: the story out of placed lines, what the file says of itself, and what cannot be read."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta, timezone

import pytest
from pdf_samples import column, pdf

from services.clean.core import Cleaned, Document, clean, clean_line
from services.clean.core.pdf import moment_of
from shared.stage import Reject

FIRST = [
    "The new bridge over the Alder was opened on Tues-",
    "day after nine years of work, the mayor said in the",
    "rain before four thousand people.",
]
SECOND = ["The old ferry will run until the end of the month,", "the harbour office said in a statement on Monday."]
THIRD = ["A band played until the evening, and then it went", "home with everybody else across the new bridge."]
PARAGRAPHS = [
    "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said in the rain before four thousand people.",
    " ".join(SECOND),
    " ".join(THIRD),
]
HEAD = [(72.0, 760.0, 24.0, "Bridge Over the Alder"), (72.0, 732.0, 24.0, "Opens at Last")]


def read(body: bytes, **known: object) -> Cleaned:
    return clean(Document(body=body, **known))  # type: ignore[arg-type]


def test_lines_become_paragraphs_by_the_gaps_between_them() -> None:
    cleaned = read(pdf([[*HEAD, *column([*FIRST, "", *SECOND, "", *THIRD])]]), content_type="application/pdf")
    assert cleaned.title == "Bridge Over the Alder Opens at Last"
    assert cleaned.provenance["title"] == "heading"
    assert cleaned.text == "\n\n".join(PARAGRAPHS)
    assert cleaned.language == "en"


def test_lines_become_paragraphs_by_the_indents_of_first_lines() -> None:
    lines = column([*FIRST, *SECOND, *THIRD], left=60)
    first = {FIRST[0], SECOND[0], THIRD[0]}
    placed = [(x + 14 if text in first else x, y, size, text) for x, y, size, text in lines]
    assert read(pdf([[*HEAD, *placed]])).text == "\n\n".join(PARAGRAPHS)


def test_a_story_goes_on_over_columns_and_pages_without_heads_feet_and_page_numbers() -> None:
    def page(number: int, left: list[str], right: list[str]) -> list[tuple[float, float, float, str]]:
        furniture = [(72.0, 810.0, 9.0, f"The Alder Gazette, Wednesday, page {number}"), (290.0, 30.0, 9.0, str(number))]
        return [furniture[0], *column(left, size=9), *column(right, left=320, size=9), furniture[1]]

    body = pdf([[*HEAD, *page(1, FIRST[:2], [FIRST[2], "", SECOND[0]])], page(2, SECOND[1:], THIRD)])
    cleaned = read(body)
    assert cleaned.text == "\n\n".join(PARAGRAPHS)
    assert "Gazette" not in cleaned.text


def test_a_file_says_who_and_when_where_the_text_does_not() -> None:
    info = {"Title": "Microsoft Word - Alder bridge opened", "Author": "Mary Miller", "CreationDate": "D:20210304101500+01'00'"}
    cleaned = read(pdf([column([*FIRST, "", *SECOND])], info))
    assert (cleaned.title, cleaned.provenance["title"]) == ("Alder bridge opened", "pdf")
    assert (cleaned.authors, cleaned.provenance["authors"]) == (("Mary Miller",), "pdf")
    assert cleaned.published == datetime(2021, 3, 4, 10, 15, tzinfo=timezone(timedelta(hours=1)))
    assert cleaned.provenance["published"] == "pdf"


def test_what_the_text_says_goes_before_what_the_file_says() -> None:
    info = {"Title": "layout3.indd", "Author": "prepress", "CreationDate": "D:20210309"}
    head = [*HEAD, (72.0, 714.0, 9.0, "By Peter Holm"), (300.0, 714.0, 9.0, "March 4, 2021")]
    cleaned = read(pdf([[*head, *column([*FIRST, "", *SECOND], top=680)]], info))
    assert cleaned.title == "Bridge Over the Alder Opens at Last"
    assert cleaned.published == datetime(2021, 3, 4, tzinfo=UTC)
    assert cleaned.provenance["published"] == "text"
    assert cleaned.authors != ("prepress",)


def test_a_newspapers_name_in_the_largest_letters_is_not_the_headline() -> None:
    head = [(72.0, 790.0, 40.0, "Alder Gazette"), (72.0, 740.0, 20.0, "Bridge over the Alder opens")]
    assert read(pdf([[*head, *column([*FIRST, "", *SECOND])]])).title == "Bridge over the Alder opens"


def test_a_pdf_file_is_one_whatever_it_is_called() -> None:
    body = pdf([[*HEAD, *column([*FIRST, "", *SECOND])]])
    assert read(b"\r\n" + body, content_type="text/html").title == "Bridge Over the Alder Opens at Last"


def test_a_line_of_json_may_hold_a_pdf_file() -> None:
    body = b64encode(pdf([[*HEAD, *column([*FIRST, "", *SECOND])]])).decode()
    answer = clean_line({"id": 7, "url": "http://a.test/x.pdf", "content_type": "application/pdf", "body_b64": body})
    assert (answer["id"], answer["title"], answer["title_provenance"]) == (7, "Bridge Over the Alder Opens at Last", "heading")
    assert answer["text"] == "\n\n".join(PARAGRAPHS[:2])


@pytest.mark.parametrize(
    ("body", "error_class", "said"),
    [
        (b"%PDF-1.4 and nothing that follows", "pdf_unreadable", "format"),
        (pdf([column(FIRST)])[:300], "pdf_unreadable", "format"),
        (pdf([column(FIRST)], encrypted=True), "pdf_unreadable", "password"),
        (pdf([[], []]), "empty_document", "2 pages without text"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(body: bytes, error_class: str, said: str) -> None:
    with pytest.raises(Reject, match=said) as refusal:
        read(body)
    assert refusal.value.error_class == error_class


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("D:20210304101500+01'00'", datetime(2021, 3, 4, 9, 15, tzinfo=UTC)),
        ("D:20210304101500-0530", datetime(2021, 3, 4, 15, 45, tzinfo=UTC)),
        ("D:20210304101500Z00'00'", datetime(2021, 3, 4, 10, 15, tzinfo=UTC)),
        ("20210304", datetime(2021, 3, 4, tzinfo=UTC)),
        ("D:2021", datetime(2021, 1, 1, tzinfo=UTC)),
        ("D:20211399", None),
        ("D:00000000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_as_pdf_writes_them(text: str, moment: datetime | None) -> None:
    assert moment_of(text) == moment
