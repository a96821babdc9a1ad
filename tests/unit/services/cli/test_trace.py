"""`dateline trace`: an article is found by whatever one has of it, and how it stands is told rightly."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlmodel import SQLModel

from services.cli.main import main
from services.cli.place import Place
from shared.clock import now
from shared.db import writing
from shared.ledger import State
from shared.models import Alias, Article, Attempt, Document, Page, Revision, Source, Work
from shared.urls import key

URL = "http://a.org/news/1"
DIGEST = "ab" * 32


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A data folder with one article, one source and one page."""
    made = Place({"data": tmp_path / "data"})
    put(
        made,
        Article(url=URL, url_key=key(URL), outlet="A", title="Bridge opens", announced_at=now()),
        Alias(url_key=key("http://a.org/short"), article_id=1),
        Document(article_id=1, revision=1, sha256=DIGEST, fetched_at=now(), url=URL),
        Source(kind="feed", url="http://a.org/feed", outlet="A", added_at=now()),
        Page(kind="front", key="front"),
    )
    return made


def put(place: Place, *rows: SQLModel) -> None:
    with writing(place.engine) as session:
        for row in rows:
            session.add(row)
            session.flush()


def work(number: int, stage: str, state: State, *outcomes: str, subject: int = 1, error_class: str | None = None) -> list[SQLModel]:
    """A row of work, and the attempts that did not end well."""
    given = {"id": number, "stage": stage, "subject_id": subject, "input_key": str(number), "state": int(state), "error_class": error_class}
    row = Work(**given, attempt=len(outcomes), not_before=now(), created_at=now(), done_at=now())
    ended = now() + timedelta(seconds=number)
    more = {"work_id": number, "ended_at": ended, "error_class": error_class, "error": f"{error_class}: 404"}
    return [row, *(Attempt(attempt=at, outcome=outcome, **more) for at, outcome in enumerate(outcomes, start=1))]


def trace(place: Place, what: str) -> dict[str, object]:
    done = CliRunner().invoke(main, ["--data", str(place.settings.data), "trace", what, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    told: dict[str, object] = json.loads(done.stdout)
    return told


@pytest.mark.parametrize(
    "what", [URL, "HTTP://A.org/news/1?utm_source=x", "http://a.org/short", "1", "work:11", DIGEST[:8], f"sha256:{DIGEST}"]
)
def test_an_article_is_found_by_whatever_one_has_of_it(place: Place, what: str) -> None:
    put(place, *work(11, "fetch", State.DONE))
    assert trace(place, what)["title"] == "Bridge opens"


@pytest.mark.parametrize(("stage", "title"), [("poll", "poll of http://a.org/feed"), ("publish", "publish of the front page")])
def test_work_that_is_about_no_article_is_told_too(place: Place, stage: str, title: str) -> None:
    put(place, *work(11, stage, State.DONE, "retry", error_class="bug"))
    told = trace(place, "work:11")
    assert told["title"] == title
    assert "bug: 404" in json.dumps(told["steps"])


def test_a_refusal_after_a_retry_is_a_refusal(place: Place) -> None:
    put(place, *work(11, "fetch", State.DEAD, "retry", "refused", error_class="http_gone"))
    assert str(trace(place, URL)["standing"]).startswith("refused by fetch: http_gone")


def test_giving_up_at_the_first_attempt_is_quarantine(place: Place) -> None:
    put(place, *work(11, "fetch", State.DEAD, "dead", error_class="http_failed"))
    assert str(trace(place, URL)["standing"]).startswith("quarantined by fetch: http_failed")


def test_what_was_made_good_later_stands_well(place: Place) -> None:
    put(place, *work(11, "fetch", State.DEAD, "refused", error_class="http_gone"), *work(12, "fetch", State.DONE))
    assert trace(place, URL)["standing"] == "known"


def test_an_error_class_is_said_once(place: Place) -> None:
    put(place, *work(11, "fetch", State.DEAD, "refused", error_class="http_gone"))
    steps = json.dumps(trace(place, URL)["steps"])
    assert "attempt 1, http_gone: 404" in steps


def test_edits_are_told_with_what_changed_and_a_look_to_come_is_no_standing(place: Place) -> None:
    put(
        place,
        *work(1, "publish", State.DONE),
        Work(stage="fetch", subject_id=1, input_key="again:1", created_at=now(), not_before=now() + timedelta(hours=1)),
        Revision(
            article_id=1,
            revision=2,
            before=1,
            at=now(),
            title_before="Bridge opened",
            title="Bridge opens",
            diff=[["-", "Nine cars crossed."], ["+", "Ten cars crossed."]],
            added=1,
            removed=1,
        ),
    )
    told = trace(place, URL)
    assert told["standing"] == "known"
    (edit,) = [step for step in told["steps"] if step["what"] == "edited"]  # type: ignore[attr-defined]
    assert edit["detail"] == "revision 2 for 1: +1 -1 words; its headline was 'Bridge opened'"
    assert edit["diff"] == [["-", "Nine cars crossed."], ["+", "Ten cars crossed."]]
    shown = CliRunner().invoke(main, ["--data", str(place.settings.data), "trace", URL], catch_exceptions=False).output
    assert "- Nine cars crossed.\n+ Ten cars crossed.\n" in shown


def test_a_gone_page_and_what_its_publisher_reserves_are_told(place: Place) -> None:
    with writing(place.engine) as session:
        article, document = session.get_one(Article, 1), session.get_one(Document, 1)
        article.gone_at, article.gone_status, article.directives = now(), 410, ["noarchive"]
        document.directives, document.raw_until = ["noarchive"], now()
    steps = {step["what"]: step["detail"] for step in trace(place, URL)["steps"]}  # type: ignore[attr-defined]
    assert steps["gone from its address"] == "410"
    assert "; its publisher reserves noarchive: the bytes are kept until " in steps["revision 1 kept"]


def test_it_says_where_each_value_was_found_and_how_sure_it_is(place: Place) -> None:
    found = {"title": "meta", "image_credit": "text"}
    besides = {"image_credit": "Ada Moss", "confidence": {"title": 0.99}}
    article = Article(url="http://a.org/2", url_key="a.org/2", outlet="A", announced_at=now(), provenance=found, details=besides)
    article.title = "Ferry sails"
    put(place, article)
    assert trace(place, "2")["values"] == [
        {"name": "image_credit", "where": "text", "sure": None, "value": "Ada Moss"},
        {"name": "title", "where": "meta", "sure": 0.99, "value": "Ferry sails"},
    ]
    shown = CliRunner().invoke(main, ["--data", str(place.settings.data), "trace", "2"], catch_exceptions=False)
    assert re.search(r"title +meta +0\.99 +Ferry sails", shown.output)
