"""`dateline rebuild --dry-run`: the rebuild done on a copy by the stages themselves, and how the copy differs then."""

import sys
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select

from services.cli import choosing, show
from services.cli.choosing import ARTICLE_STAGES, Present, Stands, Wanted, step_of
from services.cli.place import Place
from services.cli.scratch import concerned, copied
from services.publish.stage import Publish, etag_of
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.messages import PageOutdated, Rebuildable
from shared.models import Article, ArticleTag, Event, Page, Work
from shared.overview import OPEN
from shared.pipeline import PIPELINE
from shared.runner import Runner, work_off

TOKEN = "rehearsed"
# What clean writes of an article.
READ = (
    *("title", "authors", "agency", "published_at", "published_provenance", "modified_at", "language", "site_name", "canonical_url"),
    *("image", "section", "kind", "standfirst", "text", "captions", "copy_of_url", "provenance", "details", "context", "outlet"),
)
TOLD = {"date": "date", "headline": "headline", "description": "description", "image_article_id": "image"}
COLUMNS = {"what": "what", "id": "id", "name": "name", "detail": "would change"}


@dataclass(kw_only=True)
class _Found:
    """What would differ."""

    steps: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    differences: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    put_off: list[dict[str, Any]] = field(default_factory=list)  # so that nobody knows

    def note(self, kind: str, id: int | None, name: str | None, detail: str) -> None:
        """One difference."""
        self.differences.append({"what": kind, "id": id, "name": name, "detail": detail})


def rehearse(place: Place, wanted: Wanted, present: Present, *, most: int, json_: bool) -> None:
    """Work out what a rebuild would change, and print it. Nothing is written."""
    found = _Found()
    facts: list[tuple[Rebuildable, Stands]] = []
    events: set[int] = set()
    with reading(place.engine) as session:
        for portion in choosing.portions(session, wanted, present, TOKEN):
            found.left_out.update(portion.left_out)
            facts += portion.facts
            events |= {one.event for one in portion.publish if one.event is not None}
    found.steps.update(step_of(fact) for fact, _ in facts)
    if facts:
        with reading(place.engine) as session:
            there = concerned(session, [one.id for _, one in facts], [one.day for _, one in facts])
        with copied(place.engine, there) as (stood, scratch):
            _do(place, scratch, [fact for fact, _ in facts])
            _compare(stood, scratch, [one.id for _, one in facts], sorted(there), found)
    if events:
        _compare_pages(place, sorted(events), found)
    _print(found, most=most, json_=json_)


class Unissued:
    """In the place of `publish`: no page of a copy is issued."""

    def load(self, _session: Session, _message: PageOutdated) -> None:
        """Nothing."""

    def run(self, _given: None) -> None:
        """Nothing."""

    def save(self, _session: Session, _message: PageOutdated, _done: None) -> Sequence[PageOutdated]:
        """Nothing."""
        return ()


def _do(place: Place, scratch: Engine, facts: Sequence[Rebuildable]) -> None:
    """The rebuild itself, on the copy."""
    with writing(scratch) as session:
        ledger.emit(session.connection(), PIPELINE, [(fact, None, fact.priority) for fact in facts], now())
    stages = place.stages(ARTICLE_STAGES) | {"publish": Unissued()}
    runner = Runner(engine=scratch, pipeline=PIPELINE, stages=stages, limits=place.limits, worker="dry-run")
    with click.progressbar(length=len(facts), label="trying", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:

        def moved() -> bool:
            with reading(scratch) as session:
                left = session.exec(select(Work.id).where(OPEN, col(Work.stage).in_(ARTICLE_STAGES))).all()
            bar.update(max(0, len(facts) - len(left) - bar.pos))
            return False

        try:
            work_off(runner, until=moved)
        finally:
            runner.close()


def _compare(stood: Engine, scratch: Engine, chosen: Sequence[int], there: Sequence[int], found: _Found) -> None:
    for ids in _portions(chosen):
        with reading(stood) as before, reading(scratch) as after:
            _compare_articles(before, after, ids, found)
    with reading(stood) as before, reading(scratch) as after:
        _compare_events(before, after, there, found)
        for work in after.exec(select(Work).where(col(Work.stage).in_(ARTICLE_STAGES), Work.state != State.DONE).order_by(col(Work.id))):
            if work.state != State.SUPERSEDED:
                fell = {"article": work.subject_id, "stage": work.stage, "why": show.why(work.error_class, work.error)}
                (found.refused if work.state == State.DEAD else found.put_off).append(fell)


def _compare_articles(before: Session, after: Session, ids: Sequence[int], found: _Found) -> None:
    """Text and metadata, and tags."""
    rows = [_read(session, ids) for session in (before, after)]
    tags = [_tags(session, ids) for session in (before, after)]
    for one in ids:
        if one not in rows[0]:
            continue
        old, new = rows[0][one], rows[1].get(one, {})
        changed = [name for name in READ if old.get(name) != new.get(name)]
        if changed:
            found.counts["articles read otherwise"] += 1
            found.note("article", one, old["title"], f"{', '.join(changed)}")
        had, has = tags[0].get(one, set()), tags[1].get(one, set())
        if had != has:
            found.counts["articles with other tags"] += 1
            more, fewer = [f"+{tag}" for tag in sorted(has - had)], [f"-{tag}" for tag in sorted(had - has)]
            found.note("tags", one, old["title"], " ".join(more + fewer))


def _read(session: Session, ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    columns = [col(getattr(Article, name)) for name in ("id", *READ)]
    rows = session.execute(select_columns(*columns).where(col(Article.id).in_(ids))).mappings()
    return {row["id"]: dict(row) for row in rows}


def _tags(session: Session, ids: Sequence[int]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for article, tag in session.execute(
        select_columns(col(ArticleTag.article_id), col(ArticleTag.tag_id)).where(col(ArticleTag.article_id).in_(ids))
    ):
        found.setdefault(article, set()).add(tag)
    return found


def _compare_events(before: Session, after: Session, there: Sequence[int], found: _Found) -> None:
    """The partition, and what events say."""
    old, new = _members(before, there), _members(after, there)
    moved = 0
    for id in sorted(old.keys() | new.keys()):
        had, has = old.get(id, set()), new.get(id, set())
        was, now_ = before.get(Event, id) if had else None, after.get(Event, id)
        name = was.headline if was is not None else now_.headline if now_ is not None else None
        if had != has:
            found.counts["events with other articles"] += 1
            moved += len(has - had)
            found.note("event", id, name, _told(had, has, now_))
        elif was is not None and now_ is not None:
            others = [told for column, told in TOLD.items() if getattr(was, column) != getattr(now_, column)]
            if others:
                found.counts["events that say something else"] += 1
                found.note("event", id, name, ", ".join(others))
    if moved:
        found.counts["articles that change their event"] = moved


def _told(had: set[int], has: set[int], event: Event | None) -> str:
    if not had:
        return f"new, with {_named(has)}"
    if not has:
        if event is not None and event.merged_into is not None:
            return f"merged into {event.merged_into}"
        return f"split into {_named(event.parts)}" if event is not None and event.parts else "gone"
    return "; ".join([f"gains {_named(has - had)}"] * bool(has - had) + [f"loses {_named(had - has)}"] * bool(had - has))


def _named(ids: Collection[int]) -> str:
    some = sorted(ids)
    return ", ".join(map(str, some[:10])) + (f" and {len(some) - 10} more" if len(some) > 10 else "")


def _members(session: Session, ids: Sequence[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for some in _portions(ids):
        wanted = select_columns(col(Article.id), col(Article.event_id)).where(col(Article.id).in_(some), col(Article.event_id).is_not(None))
        for article, event in session.execute(wanted):
            found.setdefault(event, set()).add(article)
    return found


def _compare_pages(place: Place, events: Sequence[int], found: _Found) -> None:
    """The pages of these events, made anew beside those that were issued."""
    stage = Publish(clock=now)
    for some in _portions(events):
        with reading(place.engine) as session:
            pages = session.execute(
                select_columns(col(Page.id), col(Page.key), col(Page.wanted), col(Page.etag)).where(
                    col(Page.kind) == "event", col(Page.key).in_([str(one) for one in some])
                )
            ).all()
            for page in pages:
                found.steps["publish"] += 1
                given = stage.load(session, PageOutdated(page_id=page.id, wanted=page.wanted, due_at=now()))
                record = stage.run(given).record
                if etag_of(record) != page.etag:
                    found.counts["pages"] += 1
                    found.note("page", int(page.key), getattr(record, "headline", None), "what it shows")


def _print(found: _Found, *, most: int, json_: bool) -> None:
    if json_:
        show.as_json(
            {
                "dry_run": True,
                "steps": dict(found.steps),
                "left_out": dict(found.left_out),
                "would_change": dict(found.counts),
                "differences": found.differences[:most],
                "refused": found.refused[:most],
                "would_be_refused": len(found.refused),
                "put_off": found.put_off[:most],
                "would_be_put_off": len(found.put_off),
            }
        )
        return
    from services.cli.rebuild import in_words

    click.echo(f"would make again: {in_words(found.steps)}")
    for why, number in found.left_out.items():
        click.echo(f"left out {number} {why}", err=True)
    for what, number in found.counts.items():
        click.echo(f"{number:,} {what}")
    if not found.counts:
        click.echo("nothing would differ")
    if found.differences[:most]:
        click.echo()
        show.table(found.differences[:most], COLUMNS)
        if len(found.differences) > most:
            click.echo(f"and {len(found.differences) - most} more (--most)")
    for word, fell in (("refused", found.refused), ("put off", found.put_off)):
        for one in fell[:most]:
            click.echo(f"would be {word}  article {one['article']} by {one['stage']}: {one['why']}", err=True)
        if len(fell) > most:
            click.echo(f"would be {word}  {len(fell) - most} more", err=True)


def _portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + choosing.PORTION] for at in range(0, len(ids), choosing.PORTION))


