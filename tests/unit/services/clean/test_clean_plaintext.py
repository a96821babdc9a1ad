"""Plain text and Markdown as people save them."""

from datetime import UTC, datetime

import pytest

from services.clean.core import Document, clean
from shared.stage import Reject

FIRST = "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said in the rain."
SECOND = "Some four thousand people walked across it in the first hour, according to the town's own count."
THIRD = "The old ferry will run until the end of the month, the harbour office said in a statement."


def test_a_headline_above_the_story_is_the_title_and_phrases_go() -> None:
    story = f"{FIRST}\n\nAdvertisement\n\n{SECOND}\n\n{THIRD}"
    text = f"Share\n\nBridge Over The Alder Opens At Last\n\n{story}\n\nFerry to stay, says harbour office"
    cleaned = clean(Document(text=text))
    assert cleaned.title == "Bridge Over The Alder Opens At Last"
    assert cleaned.provenance["title"] == "text"
    assert cleaned.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"
    assert cleaned.published is None


def test_markdown_with_date_credit_and_original() -> None:
    text = (
        f"# Bridge *opens*\n\nMarch 04, 2021\n\nAlder Pictures / AP\n\n{FIRST}\n\n«*{SECOND}*» he said.\n\n"
        "Original url:\n\n<https://originalpaper.test/2021/03/04/bridge-opens-a17>"
    )
    cleaned = clean(Document(text=text))
    assert cleaned.title == "Bridge opens"
    assert cleaned.provenance["title"] == "heading"
    assert cleaned.published == datetime(2021, 3, 4, tzinfo=UTC)
    assert cleaned.captions == ("Alder Pictures / AP",)
    assert cleaned.agency is None
    assert cleaned.copy_of_url == cleaned.canonical_url == "https://originalpaper.test/2021/03/04/bridge-opens-a17"
    assert cleaned.text == f"{FIRST}\n\n«{SECOND}» he said."


def test_without_a_headline_the_first_sentence_serves_and_stays() -> None:
    cleaned = clean(Document(text=f"{FIRST}\n{SECOND}\n{THIRD}\nNo comments:\nPost a Comment"))
    assert cleaned.title == FIRST.rstrip(".")
    assert cleaned.provenance["title"] == "derived"
    assert cleaned.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


def test_lines_broken_by_a_margin_are_joined_and_hyphens_undone() -> None:
    wrapped = (
        "The new bridge over the Alder was opened on Tues-\n"
        "day after nine years of work, the mayor said while it\nrained on the four thousand people who had come."
    )
    cleaned = clean(Document(text=f"Bridge Over The Alder Opened\n\n{wrapped}\n\n{SECOND}"))
    assert cleaned.text.startswith(
        "The new bridge over the Alder was opened on Tuesday after nine years of work, the mayor said while it rained on"
    )


def test_repeated_paragraphs_are_kept_once_in_their_first_place() -> None:
    cleaned = clean(
        Document(text=f"{FIRST}\n{SECOND}\n{THIRD}\n{SECOND}\n{FIRST}\nThe band played until the evening, and then it went home. |")
    )
    assert cleaned.text == f"{FIRST}\n\n{SECOND}\n\n{THIRD}\n\nThe band played until the evening, and then it went home."


def test_a_reprint_below_another_masthead() -> None:
    text = (
        "# نشریه آزاد\n\nAA-AA\n\n[www.reprint.test](http://www.reprint.test)\n\n[mail@reprint.test](mailto:mail@reprint.test)\n\n"
        "<http://www.originalpaper.test/news/2016/08/01/bridge-opened.html>\n\n## Bridge Over the Alder Opened\n\n"
        f"PETER MILLER  \n8/1/2016\n\n{FIRST}\n\n{SECOND}"
    )
    cleaned = clean(Document(text=text))
    assert cleaned.title == "Bridge Over the Alder Opened"
    assert cleaned.authors == ("Peter Miller",)
    assert cleaned.published == datetime(2016, 8, 1, tzinfo=UTC)
    assert cleaned.copy_of_url == "http://www.originalpaper.test/news/2016/08/01/bridge-opened.html"
    assert cleaned.text == f"{FIRST}\n\n{SECOND}"


def test_cleaning_its_own_output_changes_nothing() -> None:
    once = clean(Document(text=f"Bridge Over The Alder Opened\n\n{FIRST}\n\n{SECOND}\n\n{THIRD}"))
    again = clean(Document(text=f"{once.title}\n\n{once.text}"))
    assert (again.title, again.text) == (once.title, once.text)


def test_a_text_without_a_sentence_is_refused() -> None:
    with pytest.raises(Reject, match="empty_document"):
        clean(Document(text="Share\n\nAdvertisement\n\n---"))
