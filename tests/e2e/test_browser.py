"""What a person sees: the front page, an event's page, and Flower with workers, queues and tasks by their ids."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import browser
import pytest
from stack import running, wait_for

pytestmark = pytest.mark.browser
PICTURES = Path(__file__).parents[2] / "build" / "pictures"

if browser.program() is None:
    pytest.skip("needs a browser: Chromium is not on PATH", allow_module_level=True)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """A stack on the sample whose first pages are issued."""
    data = tmp_path_factory.mktemp("browser") / "data"
    with running(data, "--sources", str(_no_sources(data))) as found:
        wait_for(found["site"], '"/news/')
        yield found | {"data": data}


def _no_sources(data: Path) -> Path:
    """A file with one source that nobody serves, so that no real one is asked."""
    data.parent.mkdir(parents=True, exist_ok=True)
    path = data.parent / "sources.toml"
    path.write_text('[[source]]\nurl = "http://nobody.invalid/feed"\noutlet = "Nobody"\n')
    return path


def test_the_front_page_and_an_event_page_are_readable_without_scripts(stack: dict[str, Any]) -> None:
    front = browser.dom(stack["site"])
    assert len(re.findall(r"<h1", front)) == 1
    assert "<script" not in front
    link = next(one for one in re.findall(r'href="(/news/[^"]+)"', front) if re.search(r"-\d+$", one))
    event = browser.dom(stack["site"].rstrip("/") + link)
    assert len(re.findall(r"<h1", event)) == 1
    assert "independent" in event
    shots = (("front", stack["site"], 1200), ("event", stack["site"].rstrip("/") + link, 1200), ("phone", stack["site"], 390))
    for name, url, width in shots:
        assert browser.picture(url, PICTURES / f"{name}.png", width=width).stat().st_size > 10_000


def test_flower_shows_workers_queues_and_tasks_by_id(stack: dict[str, Any]) -> None:
    wait_for(stack["flower"], "<html", 60)
    workers = browser.dom(stack["flower"] + "workers", 8000)
    for stage in ("poll", "fetch", "clean", "tag", "link", "publish"):
        assert f"{stage}@" in workers, workers[:2000]
    for stage in ("fetch", "publish"):  # Flower asks the workers once, and waits for those that are busy with their first batches
        wait_for(stack["flower"] + "broker", f'<tr id="{stage}">', 30)
    with sqlite3.connect(stack["data"] / "dateline.db") as connection:
        done = {str(row[0]) for row in connection.execute("SELECT id FROM work WHERE state = 2")}
    connection.close()
    tasks = browser.dom(stack["flower"] + "tasks", 8000)
    shown = set(re.findall(r'href="/task/(\d+)"', tasks))
    assert shown, tasks[:2000]
    assert shown & done
    for name in ("workers", "broker", "tasks"):
        browser.picture(stack["flower"] + name, PICTURES / f"flower-{name}.png", wait_ms=8000)
