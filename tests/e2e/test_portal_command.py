"""A day of a portal, added by hand as a source, becomes event pages with topic, tags and sources. All sentences are invented."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from stack import dateline

from services.cli.sample.wiki import answer_wiki, load_days, standing

PORTAL = "/wiki/Portal:Current_events"
OUTLET = "The Village Wiki"
FLOOD = (
    "**The upper dam on the [[Tessel (river)|Tessel]] breaks after three weeks of rain, and drowns nine people in the town of [[Velda]] &"
    " its [[Lower Velda|lower quarter]]. [@{url paper.test/velda-dam} (''The Tessel Paper'')],"
    " [@{url paper.test/no-such-page} (Radio Ostra)]"
)
DAY = f"""+++
day = "-1d"
+++
{{{{Current events|year=@{{year}}|month=@{{month}}|day=@{{day}}|content=
<!-- All news items below this line -->
'''Disasters and accidents'''
*[[Velda floods]]
{FLOOD}
;Sports
*[[Ana Mirelli]] sails round [[Lund Bay]] in a bathtub, the first to do so in winter.
<!-- All news items above this line -->}}}}
"""
PARAGRAPH = (
    "The upper dam on the Tessel broke on the night after three weeks of rain, and nine people drowned in the lower quarter of Velda, the"
    " mayor of the town said. Boats from Ostra searched the streets until noon for those who had climbed on the roofs. The dam was built in"
    " 1911 of stones from the old wall, and the river authority had warned of its cracks each spring since."
)
HEADLINE = "Nine drown as dam breaks above Velda"
REPORT = f"<html lang=en><title>{HEADLINE}</title><h1>{HEADLINE}</h1><article><p>{PARAGRAPH}"


@contextmanager
def village(folder: Path) -> Iterator[int]:
    """A wiki and a paper on a free port of the loopback, by their hosts' names."""
    (folder / "day.txt").write_text(DAY)
    now = datetime.now(UTC)
    days = standing(load_days(folder), now, now)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if (self.headers["Host"] or "").startswith("wiki.test"):
                found = answer_wiki(self.path, days, PORTAL, lambda name: f"http://{name}")
            else:
                found = (200, "text/html; charset=utf-8", REPORT) if self.path == "/velda-dam" else None
            status, content_type, text = found or (404, "text/plain", "no")
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def test_a_day_of_a_portal_becomes_event_pages(tmp_path: Path) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    (tmp_path / "days").mkdir()
    with village(tmp_path / "days") as port:
        routes = json.dumps({"*.test": f"127.0.0.1:{port}"})
        words = ["sources", "add", f"http://wiki.test{PORTAL}", "--kind", "portal", "--outlet", OUTLET]
        added = dateline(data, *words, DATELINE_ROUTES=routes)
    assert added.returncode == 1  # one of the cited pages is gone, and that is said
    assert "http_gone" in added.stderr
    assert dateline(data, "publish", str(out)).returncode == 0
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    read = [(path, json.loads(path.read_text())) for path in out.rglob("*-[0-9]*.json")]
    pages = {page["topic"]: (path, page) for path, page in read if page["page"] == "event"}
    assert set(pages) == {"Disasters and accidents", "Sports"}

    path, flood = pages["Disasters and accidents"]
    assert (flood["headline"], flood["date"], flood["outlets"]) == (HEADLINE, yesterday, 1)
    assert flood["description"]["outlet"] == OUTLET
    assert flood["description"]["text"].startswith("The upper dam on the Tessel breaks")
    assert {article["kind"] for article in flood["articles"]} == {"article", "event_page"}
    assert {"Velda", "Velda floods", "Tessel", "Lower Velda"} <= {tag["name"] for tag in flood["tags"]}
    assert [(one["outlet"], one["url"]) for one in flood["citations"]] == [
        ("The Tessel Paper", "http://paper.test/velda-dam"),
        ("Radio Ostra", "http://paper.test/no-such-page"),
    ]
    html, markdown = path.with_suffix(".html").read_text(), path.with_suffix(".md").read_text()
    assert f"##### Disasters and accidents\n\n# {HEADLINE}" in markdown
    assert re.search(r"- .*: .*Velda floods", markdown)
    assert "2. [Radio Ostra](http://paper.test/no-such-page), cited by The Village Wiki" in markdown
    for said in ("Disasters and accidents", "Velda floods", "http://paper.test/no-such-page", "its lower quarter."):
        assert said in html

    _, sail = pages["Sports"]
    assert sail["headline"] == "Ana Mirelli sails round Lund Bay in a bathtub, the first to do so in winter"
    assert (sail["outlets"], sail["headline_from"]["outlet"]) == (0, OUTLET)
    told = dateline(data, "trace", sail["headline_from"]["url"])
    assert told.returncode == 0, told.stderr
    assert "on its page" in told.stdout
