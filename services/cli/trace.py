"""`dateline trace`: the whole way of an article."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import click
from sqlmodel import Session, col, select

from services.cli import show
from services.cli.own import ARTICLE_STAGES, subject
from services.cli.place import LARGEST_ID, Place
from shared.clock import now
from shared.db import reading
from shared.errors import CLASSES
from shared.ledger import State
from shared.models import Alias, Article, Attempt, Document, Event, Lease, Page, Revision, Source, Work
from shared.records import PAGE
from shared.stage import Reject
from shared.urls import key

STATE_WORDS = {
    State.READY: "ready",
    State.LEASED: "in work",
    State.DONE: "done",
    State.DEAD: "dead",
    State.SUPERSEDED: "superseded",
}
VALUE_COLUMNS = {"name": "value", "where": "found in", "sure": "sure", "value": "as"}
COLUMNS = {"at": "when", "what": "what", "detail": "detail"}


@click.command()
@click.argument("what", metavar="URL|ID")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.pass_obj
def trace(place: Place, what: str, json_: bool) -> None:
    """Tell an article's whole way: each stage, attempt, decision and page.

    It is named by its URL, its id (as event pages' JSON tells it), `work:ID` (a task's id in Flower; a source's poll and a page's issue
    have one, too), or the start of its content's hash.
    """
    place.configure_logs(quiet=True)
    with reading(place.engine) as session:
        found = find(session, what)
        if found is None:
            raise click.ClickException(f"no article {what!r} is known here; `dateline status` shows whether its source is read at all")
        story = tell(session, found) if isinstance(found, Article) else tell_work(session, found)
    if json_:
        show.as_json(story)
        return
    click.secho(f"{story['title'] or '(no title yet)'}", bold=True)
    if isinstance(found, Article):
        click.echo(f"article {story['id']} of {story['outlet']}, {story['url'] or 'without an address'}; {story['standing']}\n")
    show.table(story["steps"], COLUMNS, most=300)
    if story.get("values"):
        click.echo()
        shown = [{**one, "sure": None if one["sure"] is None else f"{one['sure']:.2f}"} for one in story["values"]]
        show.table(shown, VALUE_COLUMNS, most=200)
    for step in story["steps"]:
        if step.get("diff"):
            click.echo(f"\n{step['what']}, {show.cell(step['at'])} UTC")
            for sign, text in step["diff"]:
                click.secho(f"{sign} {show.cell(text)}", fg={"+": "green", "-": "red"}.get(sign))


def find(session: Session, what: str) -> Article | Work | None:
    """The article that somebody means, or work that is about none."""
    if match := re.fullmatch(r"(work:)?([0-9]+)", what):
        number = int(match[2])
        if number > LARGEST_ID:
            return None
        return (None if match[1] else session.get(Article, number)) or _of_work(session, number)
    if match := re.fullmatch(r"(?:sha256:)?([0-9a-f]{8,64})", what):
        # A range, since LIKE finds nothing through the index; g follows the hexadecimal digits.
        start = col(Document.sha256) >= match[1], col(Document.sha256) < match[1] + "g"
        return session.exec(select(Article).join(Document, col(Document.article_id) == col(Article.id)).where(*start)).first()
    try:
        wanted = key(what)
    except Reject:
        return session.exec(select(Article).where(Article.url == what)).first()
    found = session.exec(select(Article).where(Article.url_key == wanted)).first()
    if found is None and (alias := session.get(Alias, wanted)):
        found = session.get(Article, alias.article_id)
    # An item of the portal is known by another key than its page's address.
    return found or session.exec(select(Article).where(Article.url == what)).first()


def _of_work(session: Session, work_id: int) -> Article | Work | None:
    work = session.get(Work, work_id)
    return (session.get(Article, work.subject_id) or work) if work and work.stage in ARTICLE_STAGES else work


def tell(session: Session, article: Article) -> dict[str, Any]:
    """The article's story as plain values: who it is, how it stands, and its steps in order."""
    work = session.exec(
        select(Work).where(col(Work.stage).in_(ARTICLE_STAGES), Work.subject_id == article.id).order_by(col(Work.id))
    ).all()
    steps = [_announced(session, article)]
    for document in session.exec(select(Document).where(Document.article_id == article.id).order_by(col(Document.revision))).all():
        detail = f"{document.size} bytes, {document.content_type or 'no type'}, sha256 {document.sha256[:16]}…"
        detail += f", from {document.url or 'a file'}{_reserved(document, article)}"
        steps.append(_step(document.fetched_at, f"revision {document.revision} kept", detail))
    steps += _edits(session, article)
    if article.gone_at is not None:
        there = str(article.gone_status) if article.gone_status else "it leads elsewhere"
        steps.append(_step(article.gone_at, "gone from its address", there))
    for row in work:
        steps += _work_steps(session, row)
    steps += _decisions(session, article)
    known = [step for step in steps if step["at"] is not None]
    return {
        "id": article.id,
        "title": article.title or article.feed_title,
        "outlet": article.outlet,
        "url": article.url,
        "event": article.event_id,
        "standing": standing(session, work, article),
        "values": values(article),
        "steps": sorted(known, key=lambda step: step["at"]) + [step for step in steps if step["at"] is None],
    }


def values(article: Article) -> list[dict[str, Any]]:
    """Each value that clean chose: where it was found, how sure it is (0 to 1; None: cleaned before that was said), and what it is."""
    details = article.details or {}
    sure = details.get("confidence", {})
    columns = {"published": article.published_at, "modified": article.modified_at}
    found = []
    for name, where in sorted(article.provenance.items()):
        value = columns.get(name, details.get(name, getattr(article, name, None)))
        short = f"{len(value)} characters" if name == "text" and isinstance(value, str) else value
        told = ", ".join(short) if isinstance(short, list) else short
        found.append({"name": name, "where": where, "sure": sure.get(name), "value": told})
    return found


def tell_work(session: Session, row: Work) -> dict[str, Any]:
    """The story of work that is about no article: a poll of a source, the issue of a page."""
    return {"id": row.id, "title": f"{row.stage} of {subject(session, row)}", "stage": row.stage, "steps": _work_steps(session, row)}


def standing(session: Session, work: Sequence[Work], article: Article) -> str:
    """How the article stands, in one sentence. Of each stage the newest work counts: what fell out before it was made good."""
    filed = f"filed under event {article.event_id}" if article.event_id else ""
    for row in reversed(work):
        if row.state == State.LEASED or (row.state == State.READY and not _is_for_later(row)):
            return f"{STATE_WORDS[State(row.state)]} in {row.stage}"
    newest = {row.stage: row for row in work}
    for row in sorted(newest.values(), key=lambda row: row.id or 0, reverse=True):
        if row.state == State.DEAD:
            meaning = CLASSES[row.error_class].meaning if row.error_class in CLASSES else ""
            last = session.exec(select(Attempt.outcome).where(Attempt.work_id == row.id).order_by(col(Attempt.id).desc())).first()
            word = ("its newest revision was " if filed else "") + ("refused" if last == "refused" else "quarantined")
            why = f"{word} by {row.stage}: {row.error_class}. {meaning} (work {row.id}; dateline dead replay {row.id})"
            return f"{filed}; {why}" if filed else why
    return filed or "known"


def _is_for_later(row: Work) -> bool:
    """Whether work is meant for later, as another look at a page is, and was not put off."""
    return row.error_class is None and row.not_before > now()


def _step(at: datetime | None, what: str, detail: str = "", **more: Any) -> dict[str, Any]:
    return {"at": at, "what": what, "detail": detail, **more}


def _reserved(document: Document, article: Article) -> str:
    """What its publisher reserves of a document, and what became of its bytes for that."""
    if not document.directives:
        return ""
    said = f"; its publisher reserves {', '.join(document.directives)}"
    if not article.directives:
        return f"{said}, which its source's rights let us ignore"
    if document.raw_removed_at is not None:
        return f"{said}: the bytes were removed at {show.cell(document.raw_removed_at)} UTC"
    return f"{said}: the bytes are kept until {show.cell(document.raw_until)} UTC" if document.raw_until else said


def _edits(session: Session, article: Article) -> list[dict[str, Any]]:
    steps = []
    for one in session.exec(select(Revision).where(Revision.article_id == article.id).order_by(col(Revision.revision))).all():
        detail = f"revision {one.revision} for {one.before}: +{one.added} -{one.removed} words"
        if one.title_before != one.title:
            detail += f"; its headline was {one.title_before!r}"
        steps.append(_step(one.at, "edited", detail, diff=one.diff))
    return steps


def _announced(session: Session, article: Article) -> dict[str, Any]:
    source = session.get(Source, article.source_id) if article.source_id else None
    return _step(article.announced_at, "announced", f"by {source.url}" if source else "by hand")


def _work_steps(session: Session, row: Work) -> list[dict[str, Any]]:
    steps = [_step(row.created_at, f"{row.stage}: work {row.id}", f"for {row.input_key}")]
    for attempt in session.exec(select(Attempt).where(Attempt.work_id == row.id).order_by(col(Attempt.id))).all():
        why = show.why(attempt.error_class, attempt.error)
        steps.append(_step(attempt.ended_at, f"{row.stage}: {attempt.outcome}", f"attempt {attempt.attempt}, {why}"))
    if row.state in (State.DONE, State.SUPERSEDED):
        lease = session.get(Lease, row.lease_id) if row.lease_id else None
        by = f"by {lease.worker}, attempt {row.attempt}" if lease else f"attempt {row.attempt}"
        steps.append(_step(row.done_at, f"{row.stage}: {STATE_WORDS[State(row.state)]}", by))
    elif row.state == State.READY:
        steps.append(_step(row.not_before, f"{row.stage}: due", f"after {row.attempt} attempts" if row.attempt else ""))
    return steps


def _decisions(session: Session, article: Article) -> list[dict[str, Any]]:
    steps = []
    if article.cleaned_revision:
        steps.append(_step(None, "read as", f"{article.kind} in {article.language or 'an unknown language'}"))
    if article.published_at:
        steps.append(_step(None, "dated", f"{article.published_at.isoformat()} from {article.published_provenance}"))
    if article.copy_of_id:
        steps.append(_step(None, "copy of", f"article {article.copy_of_id}"))
    event = session.get(Event, article.event_id) if article.event_id else None
    if event is not None:
        steps.append(_step(None, "event", f"{event.id}, {event.date}: {event.headline}"))
        page = session.exec(select(Page).where(Page.kind == "event", Page.key == str(event.id))).first()
        if page and page.record:
            steps.append(_step(page.issued_at, "on its page", f"{PAGE.validate_json(page.record).path} (version {page.version})"))
    return steps
