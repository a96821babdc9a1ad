"""What hostile pages say goes through clean, tag, link and publish on both databases, or is refused with a named class; never a bug."""

import json
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from services.clean.stage import Clean
from services.link.stage import Link
from services.publish.stage import Publish
from services.tag.stage import TagArticle
from shared import ledger
from shared.clock import Clock
from shared.db import writing
from shared.messages import DocumentFetched
from shared.models import Article, Document, Page, Work
from shared.pipeline import PIPELINE
from shared.runner import Runner, work_off

NUL, HALF = "\\u0000", "\\ud83d"  # as JSON spells them
STORY = "".join(f"<p>The harbour of Nordhavn was closed on Monday for the {n}. time, said Karin Lund.</p>" for n in range(9))
FACTS = ("headline", "author", "articleSection", "image", "url", "inLanguage", "description", "dateModified", "publisher", "name")


def page(linked: str, *, title: str = "Harbour of Nordhavn closed", body: str = STORY, head: str = "") -> bytes:
    data = f'<script type="application/ld+json">{linked}</script>'
    html = f"<html><head><title>{title}</title>{head}{data}</head><body><article><h1>{title}</h1>{body}</article></body></html>"
    return html.encode("utf-8", "surrogatepass")


def said(value: str) -> str:
    """JSON-LD that says the same of everything; `value` is JSON."""
    return '{"@type": "NewsArticle", "datePublished": "2031-03-04T10:00:00Z", ' + ", ".join(f'"{name}": {value}' for name in FACTS) + "}"


LONG = json.dumps("A harbour of " + "wörds " * 40_000)
PAGES = {
    "zero bytes": page(said(f'"A{NUL}b{NUL}"'), title="A\x00b&#0;c", body=STORY.replace("Karin", "Ka\x00rin&#0;")),
    "half of a pair": page(said(f'"A{HALF} b"'), title="A\ud83d b", body=STORY.replace("Karin", "Karin&#xD83D;")),
    "in lists": page(said(f'["{NUL}", {{"name": "{HALF}{NUL}x", "url": "http://a.test/{NUL}{HALF}"}}, 7, null]')),
    "numbers": page(said("12345678901234567890123")),
    "truth": page(said("true")),
    "objects in objects": page(said('{"name": {"name": {"name": [[[{}]]]}}, "@id": {"url": []}}')),
    "very long": page(said(LONG), head=f'<meta name="author" content={LONG}><meta property="og:title" content={LONG}>'),
    "a very long title": page("{}", title="Harbour " * 5_000),
    "no title": page("{}", title=""),
    "a story of figures": page("{}", title="1", body="<p>" + "1 2 3 4,5 6.7 " * 100 + "</p>"),
    "signs without words": page(said('"…"'), title="?!", body="<p>" + "— … ! ? « » " * 100 + "</p>"),
    "nothing": page("{}", title="", body=""),
    "not even that": b"\x00\x00\x00",
    "impossible dates": page('{"@type": "NewsArticle", "datePublished": "0001-01-01", "dateModified": "9999-12-31T23:59:59-23:59"}'),
    "words of one letter": page("{}", body="<p>" + "a b c d e f g h " * 200 + "</p>"),
    "directions": page(said('"\u202e\u2066\u0000\ufeff"'.replace("\u0000", "")), title="\u202edesolc"),
    "an event page": b"### [2031-03-04](/x)\n\n# Harbour\x00 closed\n\nText\x00.\n\n### Source:\n\n1. [A\x00](http://a.test/\x00)\n",
}


class Kept:
    """Documents by name."""

    def get(self, name: str) -> bytes:
        return PAGES[name]


class Here:
    """Parses in this process."""

    def call(self, function: str, payload: Any, *, timeout: timedelta, **arguments: Any) -> Any:
        module, _, name = function.partition(":")
        return json.loads(json.dumps(getattr(import_module(module), name)(payload, **arguments)))


@pytest.mark.parametrize("kind", PAGES)
def test_a_hostile_page_is_published_or_refused(engine: Engine, clock: Clock, kind: str) -> None:
    with writing(engine) as session:
        article = Article(url="https://daily.test/a", url_key="//daily.test/a", outlet="Daily", announced_at=clock(), revision=1)
        session.add(article)
        session.flush()
        content = "text/markdown" if kind == "an event page" else "text/html; charset=utf-8"
        session.add(Document(article_id=article.id or 0, revision=1, sha256=kind, content_type=content, fetched_at=clock()))
        fact = DocumentFetched(article_id=article.id or 0, revision=1, sha256=kind)
        ledger.emit(session.connection(), PIPELINE, [(fact, None, 0)], clock())
    stages: dict[str, Any] = {
        "clean": Clean(raw=Kept(), parser=Here(), limit=timedelta(seconds=30)),
        "tag": TagArticle(),
        "link": Link(clock),
        "publish": Publish(clock=clock),
    }
    work_off(Runner(engine=engine, pipeline=PIPELINE, stages=stages, clock=clock))
    with writing(engine) as session:
        work = session.exec(select(Work)).all()
        assert [(one.stage, one.error_class, one.error) for one in work if one.error_class in ("bug", "database_away")] == []
        refused = [one for one in work if one.error_class]
        pages = session.exec(select(Page).where(Page.kind == "event", Page.version > 0)).all()
        assert len(refused) + len(pages) == 1
