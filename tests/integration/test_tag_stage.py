"""The stage `tag` on both databases: what one save leaves, and what an overtaken one does not."""

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from services.tag.stage import TagArticle
from shared.clock import Clock
from shared.db import reading, writing
from shared.features import from_json, index_keys
from shared.messages import ArticleCleaned, ArticleTagged
from shared.models import Article, ArticleTag, IndexEntry, Posting
from shared.stage import Conflict, Superseded

STAGE = TagArticle()


@pytest.fixture
def article_id(engine: Engine, clock: Clock) -> int:
    """An article as `clean` leaves it."""
    with writing(engine) as session:
        article = Article(
            url_key="a.test/1",
            outlet="a.test",
            announced_at=clock(),
            revision=1,
            cleaned_revision=1,
            title="Lighthouse on Madeira burns",
            text="Firemen in Funchal fought a blaze at a lighthouse. Inspector Rui Tavares was at the scene.",
            language="en",
            published_at=clock(),
        )
        session.add(article)
        session.flush()
        assert article.id is not None
        return article.id


def cleaned(article_id: int, revision: int = 1, rules: int = 1) -> ArticleCleaned:
    return ArticleCleaned(article_id=article_id, revision=revision, rules=rules)


def tag(engine: Engine, message: ArticleCleaned) -> list[ArticleTagged]:
    with reading(engine) as session:
        given = STAGE.load(session, message)
    done = STAGE.run(given)
    with writing(engine) as session:
        return STAGE.save(session, message, done)


def stored(session: Session) -> tuple[set[str], list[IndexEntry], set[int]]:
    found = {one.tag_id for one in session.exec(select(ArticleTag)).all()}
    return found, list(session.exec(select(IndexEntry)).all()), {one.key for one in session.exec(select(Posting)).all()}


def test_tags_entry_and_postings_stand_together_and_only_once(engine: Engine, article_id: int) -> None:
    facts = tag(engine, cleaned(article_id))
    assert tag(engine, cleaned(article_id)) == facts
    with reading(engine) as session:
        found, entries, keys = stored(session)
    assert {"place:madeira", "place:funchal", "name:rui-tavares", "country:PT"} <= found
    assert [(one.article_id, one.snapshot) for one in entries] == [(article_id, facts[0].snapshot)]
    features = from_json(entries[0].features)
    assert set(features.tags) <= found
    assert set(index_keys(features)) == keys


def test_a_new_revision_replaces_the_old_ones_tags(engine: Engine, article_id: int) -> None:
    tag(engine, cleaned(article_id))
    with writing(engine) as session:
        article = session.exec(select(Article).where(col(Article.id) == article_id)).one()
        article.cleaned_revision, article.title, article.text = 2, "Lighthouse in Iceland burns", "Firemen in Akureyri fought a blaze."
        session.add(article)
    tag(engine, cleaned(article_id, revision=2))
    with reading(engine) as session:
        found, entries, _ = stored(session)
        assert session.get_one(Article, article_id).tagged_revision == 2
    assert "country:IS" in found
    assert "place:madeira" not in found
    assert [one.revision for one in entries] == [2]


def test_an_overtaken_revision_writes_nothing(engine: Engine, article_id: int) -> None:
    with reading(engine) as session:
        done = STAGE.run(STAGE.load(session, cleaned(article_id)))
    with writing(engine) as session:
        session.get_one(Article, article_id).cleaned_revision = 2
    with pytest.raises(Superseded), writing(engine) as session:
        STAGE.save(session, cleaned(article_id), done)
    with pytest.raises(Superseded), reading(engine) as session:
        STAGE.load(session, cleaned(article_id))
    with reading(engine) as session:
        assert stored(session) == (set(), [], set())


def test_an_article_cleaned_anew_meanwhile_is_tagged_again(engine: Engine, article_id: int) -> None:
    with reading(engine) as session:
        done = STAGE.run(STAGE.load(session, cleaned(article_id)))
    with writing(engine) as session:
        session.get_one(Article, article_id).text = "Another text."
    with pytest.raises(Conflict), writing(engine) as session:
        STAGE.save(session, cleaned(article_id), done)


def test_new_rules_of_cleaning_are_new_work_for_the_next_stage(engine: Engine, article_id: int) -> None:
    first, second = tag(engine, cleaned(article_id)), tag(engine, cleaned(article_id, rules=2))
    assert first[0].input_key != second[0].input_key


def test_an_article_without_anything_is_filed(engine: Engine, article_id: int) -> None:
    with writing(engine) as session:
        article = session.get_one(Article, article_id)
        article.title = article.text = article.language = article.published_at = None
    assert tag(engine, cleaned(article_id))
    with reading(engine) as session:
        found, entries, _ = stored(session)
    assert found == set()
    assert entries[0].day is None
