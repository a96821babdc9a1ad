"""The page of one source: its rhythm, its ledger day by day, and what was dropped, read from the database."""

from datetime import UTC, datetime

from sqlalchemy import Engine
from web_client import Client

from services.web.app import make_app
from services.web.core.rhythm import cells
from services.web.core.site import Site
from services.web.live import Figures
from services.web.sources import source_view
from services.web.store import DatabaseStore
from shared.db import reading, writing
from shared.models import Article, Dropped, Source, SourceDay

NOW = datetime(2031, 5, 14, 12, tzinfo=UTC)  # a Wednesday


def rhythm(hour: int) -> dict[str, object]:
    return {"counts": [3.0 if place == hour else 0.0 for place in range(168)]}


def put(engine: Engine) -> int:
    with writing(engine) as session:
        source = Source(kind="feed", url="https://lantern.test/feed", outlet="The Lantern", added_at=NOW, rhythm=rhythm(0), last_ok_at=NOW)
        session.add(source)
        session.flush()
        number = source.id or 0
        dropped = {"url_malformed": 2}
        session.add(SourceDay(source_id=number, day=NOW.date(), polls=4, announced=40, seen=35, new=3, dropped=dropped))
        drop = {"source_id": number, "key": "k", "reason": "url_malformed", "title": "Print <edition>", "first_at": NOW, "last_at": NOW}
        session.add(Dropped(**drop))
        for name in ("a", "b"):
            article = {"url_key": f"//lantern.test/{name}", "outlet": "The Lantern", "source_id": number, "announced_at": NOW}
            session.add(Article(**article, revision=1))
    return number


def client(engine: Engine) -> Client:
    def source(number: int) -> dict[str, object] | None:
        with reading(engine) as session:
            return source_view(session, number, NOW)

    figures = Figures(health=lambda: {"ok": True}, status=dict, source=source)
    return Client(make_app(DatabaseStore(engine), Site(), figures, clock=lambda: NOW))


def test_a_source_tells_its_ledger_and_what_was_dropped(engine: Engine) -> None:
    number, site = put(engine), client(engine)
    page = site.get(f"/sources/{number}").text
    assert "The Lantern" in page
    assert "2 <code>url_malformed</code>" in page
    assert "Print &lt;edition&gt;" in page
    told = site.get(f"/sources/{number}.json").json()
    assert told["days"][0]["announced"]["seen"] == 35
    assert told["days"][0]["became"]["fetched"] == 2
    assert told["source"]["state"] == "well"


def test_a_source_that_is_not_there_is_a_404(engine: Engine) -> None:
    assert client(engine).get("/sources/7").status_code == 404
    assert client(engine).get(f"/sources/{10**30}").status_code == 404


def test_hours_of_the_week_count_from_a_thursday() -> None:
    found = cells(rhythm(6 * 24 + 9))  # six days after Thursday: Wednesday, nine o'clock
    fullest = max(found, key=lambda cell: cell.share)
    assert (fullest.day, fullest.hour, fullest.share) == (2, 9, 1.0)
    assert datetime.fromtimestamp((6 * 24 + 9) * 3600, UTC).weekday() == 2
    assert fullest.told == "Wed 09:00, 3.0 entries"


def test_a_source_without_history_has_no_chart() -> None:
    assert cells(None) == ()
    assert cells({"counts": [0.0] * 168}) == ()
