"""The chronicle as files: the same pages, whole at any moment."""

import re
from pathlib import Path

import pytest
from web_client import Client
from web_samples import DAY, EVENT, FRONT, ISSUED, PAGES, MemoryStore

from services.web.app import make_app
from services.web.core.site import Site
from services.web.live import Figures
from services.web.saved import save_pages
from shared.records import PAGE

SITE = Site(name="Dateline", contact="desk@example.org")


def test_every_page_becomes_three_files(tmp_path: Path) -> None:
    assert save_pages(PAGES, tmp_path, SITE) == len(PAGES)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    wanted = {f"{page.path[1:]}.{ending}" for page in PAGES for ending in ("html", "md", "json")}
    assert wanted < files
    assert all(name.startswith("static/") for name in files - wanted)
    assert "index.html" in files
    assert "news/2031/05/14/index.md" in files
    assert PAGE.validate_json((tmp_path / f"{EVENT.path[1:]}.json").read_bytes()) == EVENT


def test_a_saved_file_is_what_the_site_answers_but_for_the_ending_of_links(tmp_path: Path) -> None:
    save_pages([EVENT, DAY, FRONT], tmp_path, SITE)
    site = Client(make_app(MemoryStore(EVENT, DAY, FRONT), SITE, Figures(health=dict, status=dict)))

    def same(text: str) -> str:
        text = re.sub(r'((?:href="|]\()/[^")]*?)(?:index)?\.html(?=[")])', r"\1", text)
        return re.sub(r'<li><a href="/(?:sources|status)">\w+</a></li>\n', "", text)

    for page in (EVENT, DAY, FRONT):
        assert (tmp_path / f"{page.path[1:]}.json").read_text() == site.get(f"{page.path}.json").text
        for ending in ("html", "md"):
            assert same((tmp_path / f"{page.path[1:]}.{ending}").read_text()) == same(site.get(f"{page.path}.{ending}").text)


def test_links_of_saved_pages_lead_to_saved_pages(tmp_path: Path) -> None:
    save_pages([EVENT, DAY, FRONT], tmp_path, SITE)
    saved = {f"/{path.relative_to(tmp_path)}" for path in tmp_path.rglob("*")}
    elsewhere = {item.path for item in (*EVENT.related, *DAY.events)} | {"/news/2031/05/12/index", "/news/2031/05/16/index"}
    for page in (EVENT, DAY, FRONT):
        for link in re.findall(r'href="(/[^"]*)"', (tmp_path / f"{page.path[1:]}.html").read_text()):
            assert link in saved or link.removesuffix(".html") in elsewhere


def test_what_stands_already_is_left_alone_and_nothing_is_removed(tmp_path: Path) -> None:
    save_pages([EVENT], tmp_path, SITE)
    own = tmp_path / "news" / "notes.txt"
    own.write_text("mine")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    save_pages([EVENT], tmp_path, SITE)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    save_pages([EVENT.model_copy(update={"headline": "Reopened", "issued_at": ISSUED})], tmp_path, SITE)
    assert "Reopened" in (tmp_path / f"{EVENT.path[1:]}.md").read_text()
    assert own.read_text() == "mine"


def test_files_can_be_read_by_the_server_that_serves_them(tmp_path: Path) -> None:
    probe = tmp_path / "probe"
    probe.touch()
    save_pages([FRONT], tmp_path / "out", SITE)
    assert (tmp_path / "out" / "index.html").stat().st_mode == probe.stat().st_mode


def test_a_path_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inner = tmp_path / "out"
    for path in ("/news/2031/05/14/../../../../../outside-17", "/etc/passwd", "news/2031/05/14/x-17", "/news/2031/05/14/.htaccess"):
        with pytest.raises(ValueError, match="not an address of ours"):
            save_pages([EVENT.model_copy(update={"path": path})], inner, SITE)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_write_that_fails_leaves_the_old_file_and_no_debris(tmp_path: Path) -> None:
    save_pages([FRONT], tmp_path, SITE)
    blocked = tmp_path / "news"
    blocked.write_text("a file where a folder is needed")
    with pytest.raises(OSError, match="news"):
        save_pages([EVENT], tmp_path, SITE)
    assert blocked.read_text() == "a file where a folder is needed"
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_day_without_events_is_written_only_over_one_that_had_some(tmp_path: Path) -> None:
    empty = DAY.model_copy(update={"events": ()})
    assert save_pages([empty], tmp_path, Site()) == 0
    save_pages([DAY], tmp_path, Site())
    assert save_pages([empty], tmp_path, Site()) == 1
