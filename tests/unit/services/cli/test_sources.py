"""`dateline sources`: what is added, listed, imported and exported, without a network."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlmodel import col, select

from services.cli.main import main
from services.cli.place import Place
from services.cli.sourceshow import heat_map
from shared.clock import now
from shared.db import make_engine, reading, writing
from shared.models import Dropped, Poll, Source, SourceDay, Work

OPML = """<opml version="2.0"><body><outline text="News">
<outline type="rss" text="The Daily" xmlUrl="https://daily.test/feed" language="en"/>
<outline text="Nobody" type="rss"/><outline text="Folder" category="folder" xmlUrl="file:///home"/></outline></body></opml>"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder."""
    return tmp_path / "data"


def dateline(data: Path, *words: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, ["--data", str(data), "sources", *words], input=given, catch_exceptions=False)


def rows(data: Path) -> list[Source]:
    with reading(Place({"data": data}).engine) as session:
        return list(session.exec(select(Source).order_by(col(Source.id))).all())


def told(data: Path) -> list[tuple[str, str, str, str | None]]:
    return [(one.kind, one.url, one.outlet, one.language) for one in rows(data)]


def test_every_kind_is_added_by_hand(data: Path, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for words in (
        ["--kind", "feed", "http://daily.test/feed", "--outlet", "The Daily", "--rights", "ignore"],
        ["--kind", "sitemap", "http://daily.test/news.xml"],
        ["--kind", "list", "http://daily.test/list.txt"],
        ["portal"],
        [str(tmp_path / "inbox"), "--language", "de"],
    ):
        assert dateline(data, "add", "--no-wait", *words).exit_code == 0
    assert told(data) == [
        ("feed", "http://daily.test/feed", "The Daily", None),
        ("sitemap", "http://daily.test/news.xml", "daily.test", None),
        ("list", "http://daily.test/list.txt", "daily.test", None),
        ("portal", "https://en.wikipedia.org/wiki/Portal:Current_events", "Wikipedia: Current events", "en"),
        ("folder", (tmp_path / "inbox").as_uri(), "file:inbox", "de"),
    ]
    assert [one.rights for one in rows(data)][:2] == ["ignore", "honour"]


def test_the_same_address_is_one_source_and_takes_what_is_said_anew(data: Path) -> None:
    dateline(data, "add", "--no-wait", "--kind", "feed", "HTTP://Daily.test", "--outlet", "Daily", "--language", "en")
    dateline(data, "add", "--no-wait", "--kind", "sitemap", "http://daily.test/", "http://daily.test:80")
    assert told(data) == [("sitemap", "HTTP://Daily.test", "Daily", "en")]
    dateline(data, "add", "--no-wait", "--kind", "sitemap", "http://daily.test/", "--outlet", "The Daily", "--rights", "ignore")
    assert told(data) == [("sitemap", "HTTP://Daily.test", "The Daily", "en")]
    assert rows(data)[0].rights == "ignore"
    dateline(data, "add", "--no-wait", "--kind", "feed", "http://daily.test/?feed_name=a", "http://daily.test/?feed_name=b")
    assert len(told(data)) == 3  # what tracks a reader of an article may name a feed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ftp://daily.test/"], "cannot be polled"),
        (["--kind", "folder", "/nowhere/at/all"], "no folder"),
        (["--kind", "folder", "http://daily.test/"], "no folder"),
        (["--kind", "feed", "file:///etc"], "cannot be polled"),
        (["words"], "cannot be polled"),
    ],
)
def test_what_cannot_be_polled_is_misuse(data: Path, words: list[str], said: str) -> None:
    done = dateline(data, "add", *words)
    assert done.exit_code == 2
    assert said in done.output


def test_a_list_of_subscriptions_is_imported_once(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(OPML)
    for added in (1, 0):
        done = dateline(data, "import", "--no-wait", str(path))
        assert done.exit_code == 1
        assert f"{added} added" in done.output
        assert "Nobody" in done.output
        assert "of no use: 2; read: 1" in done.output
    assert told(data) == [("feed", "https://daily.test/feed", "The Daily", "en")]
    with reading(Place({"data": data}).engine) as session:
        assert len(session.exec(select(Work)).all()) == 1


def test_standard_input_may_be_any_of_the_forms(data: Path) -> None:
    toml = '[[source]]\nurl = "https://a.test/feed"\noutlet = "A"\nkind = "list"\n[[source]]\nurl = 5\noutlet = "B"\n'
    assert dateline(data, "import", "--no-wait", "-", given=toml).exit_code == 1
    assert dateline(data, "import", "--no-wait", "-", given='[{"url": "https://b.test/", "outlet": "B"}]').exit_code == 0
    assert dateline(data, "import", "--no-wait", "-", given="\ufeff" + OPML.replace("Nobody", "x")).exit_code == 1
    assert [one[0] for one in told(data)] == ["list", "feed", "feed"]
    for nonsense in ("words", "<html/>", "[1", "{}", "[[source]]\nkind = 'folder'\nurl = 'file:///'\noutlet = 'x'\n"):
        assert dateline(data, "import", "--no-wait", "-", given=nonsense).exit_code == 1
    assert len(told(data)) == 3


@pytest.mark.parametrize("form", ["opml", "toml", "json"])
def test_what_is_exported_is_imported_as_it_was(data: Path, tmp_path: Path, form: str) -> None:
    dateline(data, "add", "--no-wait", "--kind", "feed", "https://a.test/feed?x=1&y=%C3%A9", "--outlet", 'Die "Zeitung" \\ Söhne & Co')
    dateline(data, "add", "--no-wait", "--kind", "sitemap", "https://b.test/news.xml", "--language", "de")
    dateline(data, "add", "--no-wait", "portal", str(tmp_path))
    path = tmp_path / f"sources.{form}"
    assert dateline(data, "export", str(path)).exit_code == 0
    assert dateline(tmp_path / "other", "import", "--no-wait", str(path)).exit_code == 0
    assert told(tmp_path / "other") == [one for one in told(data) if one[0] != "folder"]
    assert dateline(data, "export", f"--{form}").output == path.read_text() or form == "opml"  # which tells its time


@pytest.mark.parametrize("form", ["opml", "toml", "json"])
def test_the_folders_of_a_list_are_kept(data: Path, tmp_path: Path, form: str) -> None:
    inner = '<outline text="World"><outline text="A" xmlUrl="http://a.test/"/></outline><outline text="B" xmlUrl="http://b.test/"/>'
    (tmp_path / "given.opml").write_text(f'<opml version="2.0"><body><outline text="News">{inner}</outline></body></opml>')
    assert dateline(data, "import", "--no-wait", str(tmp_path / "given.opml")).exit_code == 0
    written = dateline(data, "export", f"--{form}").output
    assert dateline(tmp_path / "other", "import", "--no-wait", "-", given=written).exit_code == 0
    assert folders(data) == folders(tmp_path / "other") == {"http://a.test/": ["News", "World"], "http://b.test/": ["News"]}
    moved = '<opml version="2.0"><body><outline text="Local"><outline text="B" xmlUrl="http://b.test/"/></outline></body></opml>'
    assert dateline(data, "import", "--no-wait", "-", given=moved).exit_code == 0
    assert folders(data)["http://b.test/"] == ["Local"]
    flat = '<opml version="2.0"><body><outline text="B" xmlUrl="http://b.test/"/></body></opml>'
    assert dateline(data, "import", "--no-wait", "-", given=flat).exit_code == 0
    assert folders(data)["http://b.test/"] == ["Local"]  # a list without folders says nothing of them


def folders(data: Path) -> dict[str, list[str]]:
    engine = make_engine(f"sqlite:///{data / 'dateline.db'}")
    with reading(engine) as session:
        found = {one.url: one.folder for one in session.exec(select(Source))}
    engine.dispose()
    return found


def test_ten_thousand_sources_are_imported_and_imported_again(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.opml"
    many = "".join(f'<outline text="S{n}" xmlUrl="http://s{n}.test/feed"/>' for n in range(10_000))
    path.write_text(f"<opml version='1.0'><body>{many}</body></opml>")
    assert "10000 added" in dateline(data, "import", "--no-wait", str(path)).output
    assert "0 added, 10000 known" in dateline(data, "import", "--no-wait", str(path)).output


def test_the_bundled_sources_are_a_list_of_every_kind() -> None:
    bundled = tomllib.loads((Path(__file__).parents[4] / "deploy/sources.toml").read_text())
    assert {"feed", "portal"} <= {one.get("kind", "feed") for one in bundled["source"]}


def test_a_source_is_shown_whole(data: Path) -> None:
    dateline(data, "add", "--no-wait", "--kind", "feed", "http://daily.test/feed")
    at = now()
    counts = [0.0] * 168
    counts[4 * 24 + 9] = 3.0  # Monday, nine o'clock
    with writing(Place({"data": data}).engine) as session:
        source = session.get_one(Source, 1)
        source.rhythm = {"counts": counts}
        session.add(source)
        session.add(Poll(source_id=1, due_at=at, polled_at=at, status=200, announced=7, new=2))
        session.add(SourceDay(source_id=1, day=at.date(), polls=1, dropped={"too_old": 5}))
        session.add(Dropped(source_id=1, key="x", reason="url_malformed", title="Bad one", first_at=at, last_at=at))
    done = dateline(data, "show", "http://DAILY.test/feed")
    assert done.exit_code == 0
    for words in ("http://daily.test/feed", "Mon           █", "5 too_old", "Bad one", "200"):
        assert words in done.output
    shown: dict[str, Any] = json.loads(dateline(data, "show", "1", "--json").output)
    assert (shown["polls"][0]["new"], shown["days"][0]["dropped"], shown["dropped"][0]["reason"]) == (2, {"too_old": 5}, "url_malformed")
    assert dateline(data, "show", "2").exit_code == 1


def test_a_heat_map_needs_data() -> None:
    assert heat_map(None) == []
    assert heat_map({"counts": [0.0] * 168}) == []
    assert heat_map({"counts": [1.0]}) == []


def test_paused_and_resumed(data: Path) -> None:
    dateline(data, "add", "--no-wait", "--kind", "feed", "http://daily.test/feed")
    dateline(data, "pause", "1")
    assert rows(data)[0].paused
    dateline(data, "resume", "http://Daily.test/feed")
    assert not rows(data)[0].paused
    assert dateline(data, "remove", "1").exit_code == 0
    assert rows(data) == []
