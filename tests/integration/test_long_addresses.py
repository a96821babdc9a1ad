"""Addresses of any length that is accepted can be kept, on both databases: PostgreSQL's indexes take 2,700 bytes."""

from datetime import UTC, datetime
from random import Random

from sqlalchemy import Engine
from sqlmodel import select

from shared import urls
from shared.db import writing
from shared.intake import add_article
from shared.models import Article

LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789é"


def test_the_longest_addresses_become_articles_of_their_own(engine: Engine) -> None:
    noise = "".join(Random(7).choices(LETTERS, k=urls.MAX_LENGTH - 60))  # which nothing can compress
    addresses = [f"https://www.daily.test/{noise}?page={page}" for page in ("one", "two")]
    with writing(engine) as session:
        for url in (*addresses, addresses[0]):
            add_article(session, key=urls.key(url), url=urls.canonical(url), outlet="Daily", at=datetime.now(UTC))
    with writing(engine) as session:
        assert [row.url for row in session.exec(select(Article).order_by(Article.id))] == [urls.canonical(url) for url in addresses]
