"""`dateline concepts`: what is taken in, shown, learnt and removed. All names are invented."""

import json
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from services.cli.gazetteers import renew
from services.cli.main import main
from services.tag.concepts import Folder
from shared.clock import now
from shared.db import make_engine, writing
from shared.migrations import upgrade
from shared.models import Article, ArticleTag
from shared.replacing import replaced

TRUST = '{"kind": "organisation", "name": "Harbour Trust", "surfaces": ["HBTR"], "parent": "country:PT"}\n'
QUARRIN = {
    "type": "item",
    "id": "Q9001",
    "labels": {"en": {"value": "Olga Quarrin"}},
    "claims": {"P31": [{"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}]},
    "sitelinks": {"enwiki": {}, "dewiki": {}},
}


def concepts(data: Path, *words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "concepts", *words], input=stdin, catch_exceptions=False)


def as_json(data: Path, *words: str, stdin: str | None = None) -> Any:
    done = concepts(data, *words, "--json", stdin=stdin)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_whoever_brings_concepts_is_told_how_older_articles_take_them_up(tmp_path: Path) -> None:
    done = concepts(tmp_path, "import", "lines", "-", stdin=TRUST)
    assert done.exit_code == 0, done.output
    assert "dateline rebuild --stale" in done.output


def test_without_sources_the_packages_tables_serve(tmp_path: Path) -> None:
    assert "package's tables" in concepts(tmp_path, "list").stdout
    assert [row["id"] for row in as_json(tmp_path, "show", "Aleppo")] == ["place:aleppo"]


def test_lines_are_taken_in_shown_listed_and_removed(tmp_path: Path) -> None:
    (tmp_path / "newsroom.jsonl").write_text(TRUST)
    added = as_json(tmp_path, "import", "lines", str(tmp_path / "newsroom.jsonl"))
    assert (added["source"], added["concepts"], added["surfaces"]) == ("newsroom", 1, 2)
    assert [row["id"] for row in as_json(tmp_path, "show", "HBTR", "name:harbour-trust")] == ["name:harbour-trust"] * 2
    listed = as_json(tmp_path, "list")
    assert [row["source"] for row in listed["sources"]] == ["newsroom"]
    assert listed["gazetteer"]["digest"] == added["gazetteer"]["digest"]
    assert listed["gazetteer"]["troubles"] == []
    assert as_json(tmp_path, "remove", "newsroom") == {"gazetteer": None}
    assert concepts(tmp_path, "show", "HBTR").exit_code == 1


def test_nothing_is_taken_in_where_a_line_is_wrong(tmp_path: Path) -> None:
    done = concepts(tmp_path, "import", "lines", "-", stdin=TRUST + "{}\n")
    assert done.exit_code == 1
    assert "line 2" in done.output
    assert as_json(tmp_path, "list")["sources"] == []


@pytest.mark.parametrize("words", [["import", "lines", "-", "--name", "../x"], ["import", "lines", "absent.jsonl"], ["remove"]])
def test_misuse_is_told(tmp_path: Path, words: list[str]) -> None:
    assert concepts(tmp_path, *words, stdin=TRUST).exit_code == 2


def test_an_unknown_source_is_told_with_those_there_are(tmp_path: Path) -> None:
    done = concepts(tmp_path, "remove", "nothing")
    assert (done.exit_code, "no source nothing" in done.output) == (1, True)


def test_a_dump_is_taken_in(tmp_path: Path) -> None:
    (tmp_path / "dump.json").write_text(f"[\n{json.dumps(QUARRIN)}\n]\n")
    done = as_json(tmp_path, "import", "wikidata", str(tmp_path / "dump.json"), "--min-wikis", "2")
    assert (done["source"], done["concepts"]) == ("wikidata", 1)
    assert [row["kind"] for row in as_json(tmp_path, "show", "Olga Quarrin")] == ["person"]
    assert as_json(tmp_path, "import", "wikidata", str(tmp_path / "dump.json"))["concepts"] == 0, "20 wikis are asked for"


def test_patterns_are_taken_in(tmp_path: Path) -> None:
    (tmp_path / "patterns.jsonl").write_text('{"label": "ORG", "pattern": "Harbour Trust"}\n')
    assert as_json(tmp_path, "import", "spacy", str(tmp_path / "patterns.jsonl"))["concepts"] == 1
    (tmp_path / "patterns.jsonl").write_text("{")
    assert concepts(tmp_path, "import", "spacy", str(tmp_path / "patterns.jsonl")).exit_code == 1


def test_event_pages_and_several_outlets_teach_but_not_the_sample(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'dateline.db'}")
    upgrade(engine)
    page = {"tags": [{"name": "Lantern Guild", "surface": "Guild of Lanterns"}]}
    with writing(engine) as session:
        for number, outlet in enumerate(["a.test", "b.test", "c.test", "a.test"], start=1):
            article = Article(id=number, url_key=f"{outlet}/{number}", outlet=outlet, announced_at=now(), revision=1)
            article.context, article.sample = (page if number < 3 else None), number == 4
            session.add(article)
            session.flush()
            tag_id = "name:olga-quarrin" if number < 4 else "name:rui-zorro"
            session.add(ArticleTag(article_id=number, tag_id=tag_id, name="Olga Quarrin", kind="person", surfaces=["Olga Quarrin"]))
    engine.dispose()
    assert as_json(tmp_path, "learn")["concepts"] == 2
    shown = as_json(tmp_path, "show", "Guild of Lanterns", "Olga Quarrin")
    assert [row["id"] for row in shown] == ["name:lantern-guild", "name:olga-quarrin"]
    assert as_json(tmp_path, "learn")["concepts"] == 2, "what was learnt is learnt again"


@pytest.mark.skipif(find_spec("spacy") is None, reason="spaCy is not installed: it is optional")
def test_what_a_pipeline_recognises_in_three_outlets_is_learnt(tmp_path: Path) -> None:
    pipeline = import_module("spacy").blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Harbour Trust"}, {"label": "ORG", "pattern": "Odd Firm"}])
    pipeline.to_disk(tmp_path / "pipeline")
    engine = make_engine(f"sqlite:///{tmp_path / 'dateline.db'}")
    upgrade(engine)
    with writing(engine) as session:
        for number, outlet in enumerate(["a.test", "b.test", "c.test"], start=1):
            article = Article(id=number, url_key=f"{outlet}/{number}", outlet=outlet, announced_at=now(), revision=1)
            article.text = "the Harbour Trust paid." + (" Odd Firm did not." if number < 3 else "")
            session.add(article)
    engine.dispose()
    assert as_json(tmp_path, "learn", "--spacy", str(tmp_path / "pipeline"))["concepts"] == 1
    assert [row["id"] for row in as_json(tmp_path, "show", "Harbour Trust")] == ["name:harbour-trust"]


def test_a_damaged_or_outdated_gazetteer_is_told_and_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    as_json(tmp_path, "import", "lines", "-", stdin=TRUST)
    folder = Folder(tmp_path / "concepts")
    assert not renew(folder)
    with replaced(folder.gazetteer) as out:
        out.write(b"nothing that was compiled")
    done = concepts(tmp_path, "list")
    assert (done.exit_code, "dateline concepts build" in done.output) == (1, True)
    assert renew(folder)
    assert as_json(tmp_path, "show", "HBTR")
    monkeypatch.setattr("services.cli.concepts.tables_digest", lambda: "newer")
    assert as_json(tmp_path, "list")["gazetteer"]["troubles"] == ["the package's tables are newer than the gazetteer"]
    assert not renew(Folder(tmp_path / "elsewhere"))
