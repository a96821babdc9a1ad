"""A feed with a hub: asked for, verified, fed by it, renewed; and everything that is not our hub turned away."""

import asyncio
import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import Engine
from sqlmodel import select
from werkzeug import Request, Response

from services.fetch.core.pace import Manners
from services.fetch.hosts import Hosts
from services.fetch.politeness import Robots
from services.fetch.reading import Tools
from services.fetch.stage import Poll
from services.web import websub
from services.web.app import make_app
from services.web.core.site import Site
from services.web.live import Figures
from services.web.store import DatabaseStore
from shared import ledger
from shared.db import reading, writing
from shared.http import Fetcher
from shared.messages import SourceDue
from shared.models import Article, Source, Subscription
from shared.pipeline import PIPELINE
from shared.raw import RawStore
from shared.runner import Runner
from shared.sandbox import Sandbox

SITE = "https://chronicle.test"
ITEM = "<item><title>{0}</title><link>https://daily.test/{0}</link></item>"


def rss(*names: str, head: str = "") -> str:
    return f'<rss version="2.0"><channel><title>D</title>{head}{"".join(ITEM.format(name) for name in names)}</channel></rss>'


class World:
    """A feed, its hub, our poll and our site, at a clock that the test moves."""

    def __init__(self, engine: Engine, folder: Path, server: HTTPServer) -> None:
        self.engine, self.server = engine, server
        self.at = datetime(2026, 1, 5, 12, tzinfo=UTC)
        self.asked: list[dict[str, list[str]]] = []
        self.sandbox = Sandbox()
        raw = RawStore(folder / "raw")
        self.fetcher = Fetcher(
            user_agent="Dateline/test",
            max_bytes=100_000,
            deadline=timedelta(seconds=5),
            allowed=frozenset({f"{server.host}:{server.port}"}),
            clock=lambda: self.at,
        )
        tools = Tools(
            fetcher=self.fetcher,
            hosts=Hosts(self.fetcher, Robots(self.fetcher, lambda: self.at), manners=Manners(apart_s=0.0)),
            sandbox=self.sandbox,
            raw=raw,
            clock=lambda: self.at,
            parse_limit=timedelta(seconds=30),
            callback_base=SITE,
        )
        poll = Poll(tools=tools, floor=timedelta(minutes=5), ceiling=timedelta(days=1))
        self.runner = Runner(engine=engine, pipeline=PIPELINE, stages={"poll": poll}, clock=lambda: self.at)
        callbacks = websub.Callbacks(engine, raw, max_bytes=50_000, clock=lambda: self.at)
        app = make_app(DatabaseStore(engine), Site(), Figures(health=dict, status=dict), more=websub.routes(callbacks))
        self._site = httpx.ASGITransport(app)
        server.expect_request("/hub", method="POST").respond_with_handler(self._hub)
        self.say_feed("one")
        with writing(engine) as session:
            row = Source(kind="feed", url=server.url_for("/feed"), outlet="The Daily", added_at=self.at)
            session.add(row)
            session.flush()
            self.source = row.id or 0

    def _hub(self, request: Request) -> Response:
        self.asked.append(parse_qs(request.get_data(as_text=True)))
        return Response(status=202)

    def say_feed(self, *names: str) -> None:
        links = f'<{self.server.url_for("/hub")}>; rel="hub", <{self.server.url_for("/feed")}>; rel="self"'
        self.server.expect_request("/feed", method="GET").respond_with_data(
            rss(*names), content_type="application/rss+xml", headers={"Link": links}
        )

    def call(self, method: str, path: str, **given: Any) -> httpx.Response:
        """A request to our site."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=self._site, base_url=SITE) as client:
                return await client.request(method, path, **given)

        return asyncio.run(send())

    def poll(self) -> None:
        """Poll the feed, and do what comes of it."""
        self.at += timedelta(minutes=1)
        with writing(self.engine) as session:
            ledger.emit(session.connection(), PIPELINE, [(SourceDue(source_id=self.source, due_at=self.at), None, 0)], self.at)
        self.work()

    def work(self) -> None:
        for _ in range(3):
            with reading(self.engine) as session:
                ids = [row.id for row in ledger.ready(session.connection(), "poll", 100, self.at)]
            if ids:
                self.runner.deliver("poll", ids)

    def subscription(self) -> Subscription:
        with reading(self.engine) as session:
            return session.exec(select(Subscription)).one()

    def titles(self) -> set[str | None]:
        with reading(self.engine) as session:
            return {one.feed_title for one in session.exec(select(Article))}

    def verify(self, **changed: str) -> tuple[int, str]:
        """The hub's call after a request."""
        asked = self.asked[-1]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": asked["hub.topic"][0],
            "hub.challenge": "c-4711",
            "hub.lease_seconds": "864000",
        } | {f"hub.{name}": value for name, value in changed.items()}
        answer = self.call("GET", urlsplit(asked["hub.callback"][0]).path, params=query)
        return answer.status_code, answer.text

    def push(self, body: str, *, secret: str | None = None, method: str = "sha256") -> int:
        asked = self.asked[-1]
        key = (secret or asked["hub.secret"][0]).encode()
        made = hmac.new(key, body.encode(), getattr(hashlib, method)).hexdigest()
        headers = {"content-type": "application/rss+xml", "x-hub-signature": f"{method}={made}"}
        return self.call("POST", urlsplit(asked["hub.callback"][0]).path, content=body.encode(), headers=headers).status_code

    def close(self) -> None:
        self.runner.loop().run(self.fetcher.close())
        self.runner.close()
        self.sandbox.close()


@pytest.fixture
def world(engine: Engine, tmp_path: Path, httpserver: HTTPServer) -> Iterator[World]:
    made = World(engine, tmp_path, httpserver)
    yield made
    made.close()


def test_a_hub_is_asked_verified_and_brings_what_is_new(world: World) -> None:
    world.poll()
    asked = world.asked[0]
    assert asked["hub.mode"] == ["subscribe"]
    assert asked["hub.topic"] == [world.server.url_for("/feed")]
    assert asked["hub.callback"][0].startswith(f"{SITE}/websub/")
    assert world.subscription().state == "asked"
    assert world.verify() == (200, "c-4711")
    assert world.subscription().state == "active"
    assert world.subscription().until == world.at + timedelta(days=10)
    assert world.push(rss("one", "two")) == 202
    world.work()
    assert world.titles() == {"one", "two"}
    world.poll()
    assert len(world.asked) == 1  # an active subscription is left alone


@pytest.mark.parametrize("method", ["sha1", "sha384", "sha512"])
def test_hubs_sign_in_several_ways(world: World, method: str) -> None:
    world.poll()
    world.verify()
    assert world.push(rss("two"), method=method) == 202
    world.work()
    assert "two" in world.titles()


def test_content_without_our_signature_is_ignored(world: World) -> None:
    world.poll()
    world.verify()
    assert world.push(rss("forged"), secret="another") == 202  # section 7.1: answered as if it were taken
    path = urlsplit(world.asked[-1]["hub.callback"][0]).path
    assert world.call("POST", path, content=rss("unsigned")).status_code == 202
    assert world.call("POST", path, content=rss("odd"), headers={"x-hub-signature": "md5=00"}).status_code == 202
    world.work()
    assert world.titles() == {"one"}


def test_only_what_was_asked_for_is_confirmed(world: World) -> None:
    world.poll()
    assert world.verify(topic="https://other.test/feed")[0] == 404
    assert world.verify(mode="unsubscribe")[0] == 404
    assert world.verify(challenge="")[0] == 404
    assert world.subscription().state == "asked"
    assert world.call("GET", "/websub/nobody", params={"hub.mode": "subscribe", "hub.topic": "x", "hub.challenge": "y"}).status_code == 404


def test_a_removed_source_ends_its_subscription(world: World) -> None:
    world.poll()
    world.verify()
    with writing(world.engine) as session:
        session.delete(session.get(Source, world.source))
    assert world.push(rss("two")) == 410


def test_too_large_a_push_is_turned_away(world: World) -> None:
    world.poll()
    world.verify()
    assert world.push(rss("x" * 60_000)) == 413


def test_a_denial_is_noted_and_the_hub_asked_again_a_day_later(world: World) -> None:
    world.poll()
    assert world.verify(mode="denied", reason="unknown topic")[0] == 200
    assert world.subscription().state == "failed"
    assert "unknown topic" in str(world.subscription().error)
    world.at += timedelta(hours=2)
    world.poll()
    assert len(world.asked) == 1
    world.at += timedelta(hours=23)
    world.poll()
    assert len(world.asked) == 2


def test_a_lease_is_renewed_before_it_ends(world: World) -> None:
    world.poll()
    world.verify()
    first = world.subscription()
    world.at += timedelta(days=9)
    world.poll()
    assert len(world.asked) == 2
    assert world.subscription().state == "active"  # the old lease holds until the hub has called back
    assert world.subscription().token == first.token
    world.verify()
    assert world.subscription().until == world.at + timedelta(days=10)
