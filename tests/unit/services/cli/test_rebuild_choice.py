"""Which articles a rebuild takes up, from which stage on, and that each of them is new work."""

from datetime import date, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.choosing import Portion, Present, Stands, Wanted, fact_of, first_step, portions
from services.cli.main import main
from services.cli.place import Place
from services.tag.snapshots import MARK, made_by, snapshot_of, tables_of
from shared.db import reading, writing
from shared.messages import ArticleCleaned, ArticleTagged, DocumentFetched
from shared.models import Article, Document, IndexEntry, Work

NOW = Present(clean=4, tables=tables_of("abc"), link="3")
FRESH = snapshot_of(4, "abc")
OLD = "clean4-tag1-features1"


def stands(snapshot: str = FRESH, linked_by: str | None = "3", indexed: int | None = 2) -> Stands:
    made = {"snapshot": snapshot, "made_by": made_by(snapshot), "linked_by": linked_by, "indexed": indexed}
    return Stands(id=1, revision=2, sha256="ab" * 32, event=1, day=None, **made)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("snapshot", "linked_by", "step"),
    [
        (FRESH, "3", None),
        (f"{FRESH}{MARK}r1", "3", None),
        (FRESH.replace("clean4", "clean3"), "3", "clean"),
        (OLD, "3", "tag"),
        (OLD.replace("clean4", "clean3"), "2", "clean"),
        (FRESH, "2", "link"),
        (FRESH, None, "link"),
        ("made by nobody", "3", "clean"),
    ],
)
def test_an_article_begins_with_the_first_stage_that_is_stale(snapshot: str, linked_by: str | None, step: str | None) -> None:
    assert first_step(stands(snapshot, linked_by), Wanted(), NOW) == step


def test_a_stage_that_is_named_takes_all_or_what_is_stale_for_it() -> None:
    assert first_step(stands(), Wanted(first="tag", stale=False), NOW) == "tag"
    assert first_step(stands(), Wanted(first="tag"), NOW) is None
    assert first_step(stands(OLD), Wanted(first="clean"), NOW) is None
    assert first_step(stands(OLD), Wanted(first="tag"), NOW) == "tag"


def test_each_rebuild_is_new_work_on_the_revision_that_stands() -> None:
    facts = [fact_of(stands(OLD), step, token, NOW) for step in ("clean", "tag", "link") for token in ("r1", "r2")]
    assert [type(fact) for fact in facts[::2]] == [DocumentFetched, ArticleCleaned, ArticleTagged]
    assert len({fact.input_key for fact in facts}) == 6
    assert {fact.revision for fact in facts} == {2}  # type: ignore[attr-defined]
    assert all(fact.same for fact in facts), "what comes out as it stands needs no more"
    assert not fact_of(stands(OLD, linked_by="2"), "tag", "r1", NOW).same, "this is linked anew whatever its tags"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Six articles: old and of yesterday's tables, three of today's rules, one that is not tagged, one whose bytes are gone."""
    made = Place({"data": tmp_path / "data"})
    with writing(made.engine) as session:
        for at, snapshot in enumerate([OLD, FRESH, FRESH, FRESH, None, OLD.replace("clean4", "clean1")], start=1):
            noon = datetime.fromisoformat(f"2031-03-0{at}T12:00:00+00:00")
            article = Article(id=at, url_key=f"a.test/{at}", outlet="A" if at % 2 else "B", announced_at=noon, revision=1)
            article.cleaned_revision, article.linked_rules = 1, "3"
            session.add(article)
            session.flush()
            session.add(Document(article_id=at, revision=1, sha256=f"{at:064}", fetched_at=noon, raw_removed_at=noon if at == 6 else None))
            if snapshot is not None:
                session.add(IndexEntry(article_id=at, revision=1, snapshot=snapshot, features="{}", day=noon.date()))
    return made


def chosen(place: Place, wanted: Wanted) -> tuple[list[int], dict[str, int]]:
    with reading(place.engine) as session:
        found: list[Portion] = list(portions(session, wanted, NOW, "r1"))
    left = {why: number for portion in found for why, number in portion.left_out.items()}
    return [fact.subject_id for portion in found for fact, _ in portion.facts], left


def test_outlets_days_and_articles_narrow_it_down(place: Place) -> None:
    everything = {"first": "link", "stale": False}
    assert chosen(place, Wanted(**everything))[0] == [1, 2, 3, 4, 6]  # type: ignore[arg-type]
    assert chosen(place, Wanted(outlet="B", **everything))[0] == [2, 4, 6]  # type: ignore[arg-type]
    assert chosen(place, Wanted(since=date(2031, 3, 2), until=date(2031, 3, 3), **everything))[0] == [2, 3]  # type: ignore[arg-type]
    assert chosen(place, Wanted(since=date(2031, 3, 4), until=date.max, **everything))[0] == [4, 6]  # type: ignore[arg-type]
    assert chosen(place, Wanted(articles=[3], **everything))[0] == [3]  # type: ignore[arg-type]


def test_what_cannot_be_made_again_is_counted_and_left(place: Place) -> None:
    ids, left = chosen(place, Wanted(first="clean", stale=False))
    assert ids == [1, 2, 3, 4]
    assert sorted(left.values()) == [1, 1], "one is on its way, of one the bytes are gone"


def test_what_a_rebuild_is_at_is_left_to_it(place: Place) -> None:
    assert chosen(place, Wanted())[0] == [1]
    done = CliRunner().invoke(main, ["--data", str(place.settings.data), "rebuild", "--from", "tag", "--all", "--no-wait", "--json"])
    assert done.exit_code == 0, done.output
    ids, left = chosen(place, Wanted())
    assert ids == []
    assert "that an earlier rebuild is at" in left


def test_a_command_that_makes_no_sense_is_refused(place: Place) -> None:
    for words in (["--from", "publish", "--stale"], ["--all"], ["--article", "http://nowhere.test/1"]):
        done = CliRunner().invoke(main, ["--data", str(place.settings.data), "rebuild", *words])
        assert done.exit_code in (1, 2)
        with reading(place.engine) as session:
            assert session.get(Work, 1) is None


def test_an_outlet_that_nobody_knows_is_not_told_to_be_up_to_date(place: Place) -> None:
    done = CliRunner().invoke(main, ["--data", str(place.settings.data), "rebuild", "--outlet", "The Beacn"])
    assert done.exit_code == 0
    assert done.stdout.strip() == "nothing to do: no article that was read is of this outlet and these days"
