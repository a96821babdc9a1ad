"""`dateline rebuild` as somebody types it: with no stack, and beside one that runs."""

import json
import time
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from stack import dateline, running, wait_for
from test_events_command import SAID, page

from services.cli.main import main


def told(data: Path, *words: str) -> Any:
    """In this process: the stack does the work."""
    done = CliRunner().invoke(main, ["--data", str(data), *words, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_old_articles_take_up_new_concepts_from_the_kept_documents_on(tmp_path: Path) -> None:
    data, file, own = tmp_path / "data", tmp_path / "three.jsonl", tmp_path / "own.jsonl"
    lines = [{"url": f"http://outlet{at}.test/news/{at}", "html": page(title, text)} for at, (text, title) in enumerate(SAID)]
    file.write_text("\n".join(json.dumps(one) for one in lines))
    own.write_text('{"kind": "place", "name": "Covered Market", "surfaces": ["covered market"]}')
    deadline = time.monotonic() + 60
    while dateline(data, "add", str(file)).returncode:  # a busy machine may put one off
        assert time.monotonic() < deadline
    # In a process of its own, since parsers are started for it.
    dry = json.loads(dateline(data, "rebuild", "--from", "clean", "--dry-run", "--json").stdout)
    assert (dry["steps"], dry["would_change"], dry["refused"]) == ({"clean": 3}, {}, [])
    with running(data, "--no-sample") as stack:
        again = told(data, "rebuild", "--from", "clean")
        assert (again["steps"], again["changed"], again["refused"]) == ({"clean": 3}, 0, 0)
        assert told(data, "concepts", "import", "lines", str(own))["gazetteer"]
        taken = told(data, "rebuild")
        assert (taken["steps"], taken["changed"], taken["refused"]) == ({"tag": 3}, 2, 0)
        assert told(data, "rebuild")["steps"] == {}
        [quake] = [one["id"] for one in told(data, "events", "list") if one["articles"] == 2]
        wait_for(f"{stack['site'].rstrip('/')}/news/2031/03/04/{quake}", "Covered Market")
