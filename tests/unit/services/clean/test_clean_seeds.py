"""The five reference documents, read beside the repository; skipped where they are absent."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.clean.core import Cleaned, Document, clean

SEEDS = Path(__file__).resolve().parents[4].parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason=f"the reference documents are not there: {SEEDS}")


def seed(number: str) -> Cleaned:
    path = next(SEEDS.glob(f"{number}_*.txt"))
    return clean(Document(body=path.read_bytes(), content_type="text/plain"))


def source(number: str) -> str:
    return next(SEEDS.glob(f"{number}_*.txt")).read_text(encoding="utf-8")


def count(cleaned: Cleaned) -> int:
    return len(cleaned.text.split("\n\n"))


def test_000_is_an_event_page() -> None:
    cleaned = seed("000")
    assert cleaned.kind == "event_page"
    assert cleaned.published == datetime(2016, 7, 28, tzinfo=UTC)
    page = cleaned.context
    assert page is not None
    assert cleaned.title == page.headline == page.headline.strip()
    assert len(page.sources) == 3
    assert page.cover_image is not None
    assert "&amp;" not in page.cover_image
    assert len(page.related) == 10
    assert all(one.date and one.title and one.tags for one in page.related)


def test_001_loses_its_furniture_and_no_paragraph() -> None:
    cleaned = seed("001")
    assert count(cleaned) == 19
    assert cleaned.published is None
    assert not {"Share", "Advertisement"} & set(cleaned.text.split("\n\n"))
    lines = [line.strip() for line in source("001").splitlines() if line.strip()]
    assert lines[-1] not in cleaned.text
    assert cleaned.copy_of_url is None
    assert cleaned.title is not None
    assert cleaned.title.endswith("Aleppo")


def test_002_is_a_dated_copy() -> None:
    cleaned = seed("002")
    assert count(cleaned) == 8
    assert cleaned.published == datetime(2016, 11, 2, tzinfo=UTC)
    assert cleaned.agency is None
    assert len(cleaned.captions) == 1
    assert cleaned.captions[0] not in cleaned.text
    assert cleaned.text.count("“") == source("002").count("“")
    assert cleaned.text.count("”") == source("002").count("”")
    assert cleaned.copy_of_url == cleaned.canonical_url
    assert cleaned.copy_of_url is not None
    assert "/2016/11/02/" in cleaned.copy_of_url


def test_003_derives_its_title_and_drops_repeats() -> None:
    cleaned = seed("003")
    assert cleaned.provenance["title"] == "derived"
    assert cleaned.title is not None
    assert cleaned.text.startswith(cleaned.title)
    assert count(cleaned) == 14
    assert len(set(cleaned.text.split("\n\n"))) == 14
    assert not {"No comments:", "Post a Comment"} & set(cleaned.text.split("\n\n"))
    assert "|" not in cleaned.text
    assert cleaned.published is None


def test_004_is_freed_from_the_masthead() -> None:
    cleaned = seed("004")
    assert count(cleaned) == 15
    assert cleaned.published == datetime(2016, 8, 1, tzinfo=UTC)
    assert len(cleaned.authors) == 1
    assert cleaned.authors[0].istitle()
    assert cleaned.authors[0].upper() in source("004")
    assert not any("\u0600" <= letter <= "\u06ff" for letter in f"{cleaned.title}{cleaned.text}")
    assert cleaned.copy_of_url == cleaned.canonical_url
    assert cleaned.copy_of_url is not None
    assert "*" not in cleaned.text
    assert "«" in cleaned.text


@pytest.mark.parametrize("number", ["001", "002", "003", "004"])
def test_cleaning_a_reference_document_twice_changes_nothing(number: str) -> None:
    once = seed(number)
    assert clean(Document(text=once.text, content_type="text/plain")).text == once.text
