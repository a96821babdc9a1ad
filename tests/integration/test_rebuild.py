"""`dateline rebuild` on both databases: what is stale and no more, nothing where nothing differs, decisions and ids kept, news first."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text
from sqlmodel import col, select, update
from test_link_stage import ALL, put

from services.clean.core.document import RULES
from services.cli.events import events
from services.cli.oneshot import work_everything_off
from services.cli.place import Place
from services.cli.rebuild import rebuild
from services.tag.concepts import Folder
from services.tag.core import Concept
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.messages import ArticleCleaned
from shared.models import Article, ArticleTag, Event, IndexEntry, Page, Work
from shared.pipeline import PIPELINE

MOLE = "place:sant-elmo-mole"
TABLES = ("article", "article_tag", "index_entry", "posting", "edge", "event", "page", "work", "attempt")


class Chronicle:
    """Five articles and their two events, in a place where no stack runs."""

    def __init__(self, database: str, folder: Path) -> None:
        self.place = Place({"data": folder, "database": database})
        self.ids = put(self.place.engine, now, ALL)
        self.tag(*self.ids)

    def tag(self, *articles: int, revision: int = 1) -> None:
        facts = [ArticleCleaned(article_id=one, revision=revision, rules=RULES) for one in articles]
        with writing(self.place.engine) as session:
            ledger.emit(session.connection(), PIPELINE, [(one, None, 0) for one in facts], now())
        work_everything_off(self.place)

    def rebuild(self, *words: str) -> Any:
        done = CliRunner().invoke(rebuild, [*words, "--json"], obj=self.place, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def decide(self, *words: str) -> None:
        done = CliRunner().invoke(events, [*words, "--why", "as we know", "--no-wait"], obj=self.place, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    def teach(self) -> None:
        """A concept that one of the articles names."""
        folder = Folder(self.place.settings.concepts_folder)
        folder.write("own", [(Concept(MOLE, "place", "Sant Elmo Mole"), ["line past the mole"])])
        folder.build()

    def rows(self) -> dict[str, list[Any]]:
        with reading(self.place.engine) as session:
            found = {table: session.execute(text(f"SELECT * FROM {table}")).all() for table in TABLES}
        return {table: sorted(map(repr, rows)) for table, rows in found.items()}

    def told(self) -> dict[int, tuple[int, str, str]]:
        """Each event's version, date and headline, by its id."""
        with reading(self.place.engine) as session:
            return {one.id or 0: (one.version, one.date.isoformat(), one.headline) for one in session.exec(select(Event))}

    def filed(self) -> dict[int, int | None]:
        with reading(self.place.engine) as session:
            return {one.id or 0: one.event_id for one in session.exec(select(Article))}


@pytest.fixture
def chronicle(database_url: str, tmp_path: Path) -> Iterator[Chronicle]:
    made = Chronicle(database_url, tmp_path / "data")
    yield made
    made.place.engine.dispose()


def test_new_concepts_touch_the_articles_that_name_them_and_no_other(chronicle: Chronicle) -> None:
    assert chronicle.rebuild()["steps"] == {}, "nothing is stale"
    stood = chronicle.rows()
    filed, told = chronicle.filed(), chronicle.told()
    chronicle.teach()

    dry = chronicle.rebuild("--dry-run")
    assert dry["steps"] == {"tag": 5}
    assert dry["would_change"] == {"articles with other tags": 1}
    assert [(one["what"], one["id"], one["detail"]) for one in dry["differences"]] == [("tags", chronicle.ids[3], f"+{MOLE}")]
    assert chronicle.rebuild("--article", str(chronicle.ids[3]), "--from", "tag", "--dry-run")["would_change"] == dry["would_change"]
    assert chronicle.rows() == stood, "a dry run writes nothing"

    done = chronicle.rebuild()
    assert (done["steps"], done["changed"], done["refused"]) == ({"tag": 5}, 1, 0)
    with reading(chronicle.place.engine) as session:
        assert session.exec(select(ArticleTag.article_id).where(col(ArticleTag.tag_id) == MOLE)).all() == [chronicle.ids[3]]
        linked = session.exec(select(Work.subject_id).where(col(Work.input_key).contains("~"), Work.stage == "link")).all()
    assert linked == [chronicle.ids[3]], "the others came out as they stand"
    assert chronicle.filed() == filed
    regatta = filed[chronicle.ids[3]]
    changed = {id: version for id, (version, *_) in chronicle.told().items() if version != told[id][0]}
    assert changed.keys() == {regatta}, "its page shows the new tag, the other's is as it was"
    assert chronicle.rebuild()["steps"] == {}, "nothing is stale any more"


def test_a_rebuild_of_what_stands_changes_no_event_and_no_page(chronicle: Chronicle) -> None:
    filed, told = chronicle.filed(), chronicle.told()
    with reading(chronicle.place.engine) as session:
        pages = {one.key: one.version for one in session.exec(select(Page))}
    for first in ("tag", "link"):
        done = chronicle.rebuild("--from", first, "--all")
        assert (done["steps"], done["refused"]) == ({first: 5}, 0)
    assert chronicle.filed() == filed
    assert chronicle.told() == told
    assert chronicle.rebuild("--from", "publish", "--dry-run")["would_change"] == {}
    with reading(chronicle.place.engine) as session:
        assert {one.key: one.version for one in session.exec(select(Page))} == pages
    issued = chronicle.rebuild("--from", "publish")["steps"]
    assert issued == {"publish": len(pages)}


def test_decisions_and_ids_last(chronicle: Chronicle) -> None:
    quake, regatta = (chronicle.filed()[chronicle.ids[at]] for at in (0, 3))
    chronicle.decide("split", str(quake), f"article:{chronicle.ids[1]}")
    chronicle.decide("pin", str(regatta), f"article:{chronicle.ids[4]}")
    chronicle.decide("pin", str(regatta), "--headline", "By hand")
    work_everything_off(chronicle.place)
    assert len(set(chronicle.filed().values())) == 2
    filed, told = chronicle.filed(), chronicle.told()
    chronicle.teach()
    with writing(chronicle.place.engine) as session:  # as older rules left it
        session.execute(update(Article).values(linked_rules="0"))
    assert chronicle.rebuild("--dry-run")["would_change"].keys() == {"articles with other tags"}
    assert chronicle.rebuild()["refused"] == 0
    assert chronicle.filed() == filed
    assert {id: said for id, (_, *said) in chronicle.told().items()} == {id: said for id, (_, *said) in told.items()}
    assert chronicle.told()[filed[chronicle.ids[3]] or 0][2] == "By hand"
    assert chronicle.rebuild()["steps"] == {}


def test_a_newer_revision_overtakes_the_rebuild(chronicle: Chronicle) -> None:
    chronicle.teach()
    assert chronicle.rebuild("--no-wait")["done"] is False
    one = chronicle.ids[3]
    with writing(chronicle.place.engine) as session:
        article = session.get_one(Article, one)
        article.revision = article.cleaned_revision = 2
        article.title, article.text = "Foghorn wins Sant Elmo regatta", "Peregrine broke its mast off the harbour of Sant Elmo."
    chronicle.tag(one, revision=2)
    with reading(chronicle.place.engine) as session:
        states = session.exec(select(Work.state).where(Work.subject_id == one, col(Work.input_key).contains("~"))).all()
        assert states == [State.SUPERSEDED]
        assert session.exec(select(IndexEntry.revision).where(IndexEntry.article_id == one)).one() == 2
        assert MOLE not in session.exec(select(ArticleTag.tag_id).where(ArticleTag.article_id == one)).all()
    assert chronicle.rebuild()["steps"] == {}


def test_a_rebuild_that_would_part_an_event_says_so_and_does_it(chronicle: Chronicle) -> None:
    one, event = chronicle.ids[3], chronicle.filed()[chronicle.ids[3]]
    with writing(chronicle.place.engine) as session:  # as if older rules had put it there
        session.execute(update(Article).where(col(Article.id) == one).values(event_id=chronicle.filed()[chronicle.ids[0]]))
        session.execute(update(Article).values(linked_rules="0"))
    dry = chronicle.rebuild("--dry-run")
    assert dry["steps"] == {"link": 5}
    assert dry["would_change"]["articles that change their event"] == 1
    assert [diff["detail"] for diff in dry["differences"] if diff["what"] == "event"] == [f"loses {one}", f"new, with {one}"]
    chronicle.rebuild()
    assert len(set(chronicle.filed().values())) == 2
    assert chronicle.filed()[one] not in (event, chronicle.filed()[chronicle.ids[0]])
