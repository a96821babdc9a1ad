"""The topology."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from shared.messages import REBUILT, ArticleAnnounced, ArticleCleaned, ArticleTagged, DocumentFetched, Message, PageOutdated, SourceDue
from shared.pipeline import PIPELINE, Pipeline, StageSpec

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_every_fact_that_is_produced_is_consumed() -> None:
    consumed = {spec.consumes for spec in PIPELINE.stages}
    assert {kind for spec in PIPELINE.stages for kind in spec.produces} <= consumed
    assert len(consumed) == len(PIPELINE.stages), "a fact has one consumer"


def test_an_article_goes_from_its_announcement_to_the_pages() -> None:
    assert PIPELINE.names == ("poll", "fetch", "clean", "tag", "link", "publish", "edit")
    assert set(PIPELINE.after("fetch")) == {"clean", "tag", "link", "publish"}
    assert PIPELINE.after("publish") == (), "a stage does not hold itself up"


def test_a_new_stage_is_one_line() -> None:
    class ArticleTranslated(Message):
        subject = "article_id"
        article_id: int

    stages = [spec for spec in PIPELINE.stages if spec.name not in ("clean", "tag")]
    stages += [
        StageSpec(name="clean", consumes=DocumentFetched, produces=(ArticleCleaned,)),
        StageSpec(name="translate", consumes=ArticleCleaned, produces=(ArticleTranslated,)),
        StageSpec(name="tag", consumes=ArticleTranslated, produces=(ArticleTagged,)),
    ]
    pipeline = Pipeline(tuple(stages))
    assert pipeline.after("clean") == ("translate", "tag", "link", "publish")
    assert pipeline.consumer(ArticleTranslated(article_id=1)).name == "tag"
    assert "translate" in pipeline
    assert "translate" not in PIPELINE


@pytest.mark.parametrize(
    ("message", "key"),
    [
        (SourceDue(source_id=3, due_at=NOON), "2026-01-05T12:00:00+00:00"),
        (ArticleAnnounced(article_id=3, generation="g"), "g"),
        (DocumentFetched(article_id=3, revision=2, sha256="ab" * 32), "2:abababababababab"),
        (ArticleCleaned(article_id=3, revision=2, rules=7), "2.7"),
        (ArticleTagged(article_id=3, revision=2, snapshot="s1"), "2.s1"),
        (DocumentFetched(article_id=3, revision=2, sha256="ab" * 32, rebuild="r1"), "2:abababababababab~r1"),
        (ArticleCleaned(article_id=3, revision=2, rules=7, rebuild="r1"), "2.7~r1"),
        (ArticleTagged(article_id=3, revision=2, snapshot="s1", corrected="c", rebuild="r1"), "2.s1.c~r1"),
        (PageOutdated(page_id=3, wanted=9, due_at=NOON), "9"),
    ],
)
def test_a_message_survives_the_database_and_names_its_work(message: Message, key: str) -> None:
    assert type(message).model_validate_json(message.model_dump_json()) == message
    assert (message.subject_id, message.input_key) == (3, key)
    assert PIPELINE.consumer(message).consumes is type(message)
    with pytest.raises((FrozenInstanceError, ValueError)):
        message.subject_id = 4  # type: ignore[misc]


def test_a_field_of_a_later_version_is_overlooked() -> None:
    assert ArticleAnnounced.model_validate_json('{"article_id": 1, "generation": "g", "mood": "new"}').article_id == 1


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (DocumentFetched, '{"article_id": 3, "revision": 2, "sha256": "ab"}'),
        (ArticleCleaned, '{"article_id": 3, "revision": 2, "rules": 7}'),
        (ArticleTagged, '{"article_id": 3, "revision": 2, "snapshot": "s1", "corrected": "c"}'),
    ],
)
def test_work_that_was_asked_for_before_there_were_rebuilds_is_read_as_it_was_meant(kind: type[Message], body: str) -> None:
    message = kind.model_validate_json(body)
    assert "~" not in message.input_key
    assert message.priority == 0
    assert message.model_copy(update={"rebuild": "r1"}).priority == REBUILT, "and a rebuild's goes after it"
