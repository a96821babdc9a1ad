"""`dateline rebuild`: articles again from a stage on, out of what is kept."""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import uuid4

import click
from sqlalchemy import func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col

from services.cli import choosing, eventnames, show
from services.cli.choosing import STEPS, Present, Wanted, step_of
from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import Place
from services.tag.snapshots import MARK
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.ledger import State
from shared.models import Event, IndexEntry, Work
from shared.overview import OPEN
from shared.pages import outdate
from shared.pipeline import PIPELINE

DAY = click.DateTime(["%Y-%m-%d"])
MOST_PAGES = 500  # of a rebuild that wait to be issued: the page of something new must not wait behind them for long
PAGES_AT_ONCE = 100
LOOK_S = 0.2


@click.command()
@click.option("--from", "first", type=click.Choice(STEPS), help="The stage to begin with.  [each article's first stale one]")
@click.option("--stale/--all", default=None, help="Only what would be treated otherwise now, or all.  [--stale without --from, or for tag]")
@click.option("--since", type=DAY, metavar="DATE", help="Only what was published on this day (UTC) or later.")
@click.option("--until", type=DAY, metavar="DATE", help="Only what was published on this day (UTC) or before.")
@click.option("--outlet", help="Only the articles of this outlet.")
@click.option("--article", "articles", multiple=True, metavar="URL|ID", help="Only this article, stale or not; may be given several times.")
@click.option("--dry-run", is_flag=True, help="Work it out and say what would differ; nothing is written.")
@click.option("--most", type=click.IntRange(0), default=20, show_default=True, help="Differences that a dry run names one by one.")
@click.option("--json", "json_", is_flag=True, help="Print JSON.")
@click.option("--no-wait", is_flag=True, help="Do not wait until it is done.")
@click.pass_obj
def rebuild(
    place: Place,
    first: str | None,
    stale: bool | None,
    since: datetime | None,
    until: datetime | None,
    outlet: str | None,
    articles: tuple[str, ...],
    dry_run: bool,
    most: int,
    json_: bool,
    no_wait: bool,
) -> None:
    """Make articles again from a stage on, out of what is kept: after an update of Dateline, or with new concepts.

    \b
    dateline rebuild                            what newer rules, tables or concepts may treat otherwise, and no more
    dateline rebuild --dry-run                  what that would change
    dateline rebuild --from clean --outlet X    all articles of an outlet, from the kept raw documents on
    dateline rebuild --from link --since DATE   events anew
    dateline rebuild --from publish             pages anew

    What comes out as it stands changes nothing: neither events nor pages. Event ids last, and what people decided about events holds. News
    goes first: a rebuild's work waits behind it, and a newer revision of an article overtakes it. What was refused earlier is
    not taken up: `dateline dead replay` brings it back.
    """
    place.configure_logs(quiet=True)
    if stale is None:
        stale = first in (None, "tag") and not articles
    if stale and first == "publish":
        raise click.UsageError("no rules stand on pages: name articles by date, outlet or address, or leave out --stale")
    with reading(place.engine) as session:
        named = eventnames.ids([eventnames.article(session, one) for one in articles]) if articles else None
    if named and first is None and not stale:
        first = "clean"
    if first is None and not stale:
        raise click.UsageError("--all needs a stage to begin with: --from clean, tag, link or publish")
    wanted = Wanted(first=first, stale=stale, since=_day(since), until=_day(until), outlet=outlet, articles=named)
    present = choosing.present(place.settings)
    if dry_run:
        from services.cli.rehearsal import rehearse

        rehearse(place, wanted, present, most=most, json_=json_)
        return
    asked = _Asked(token=uuid4().hex[:10])
    _ask(place, wanted, present, asked)
    good = see_through(place, asked.own, wait=not no_wait, known=asked.known, many=asked, size=asked.total) if asked.total else True
    _tell(place, asked, json_=json_, waited=not no_wait)
    if not good:
        sys.exit(1)


@dataclass(kw_only=True)
class _Asked:
    """What was asked for; its work is known by the token."""

    token: str
    looked_at: int = 0
    steps: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    articles: list[int] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    known: set[int] = field(default_factory=set)  # dead before

    @property
    def total(self) -> int:
        """Articles, or pages."""
        return self.steps.total()

    @property
    def own(self) -> Own:
        return Own(articles=self.articles, pages=self.pages)

    def is_open(self, session: Session) -> bool:
        """Whether a rebuild has anything to do now; another one's work is waited for, too."""
        return session.execute(_open().limit(1)).first() is not None

    def left(self, session: Session) -> int:
        """How much that is."""
        return int(session.execute(select_columns(func.count()).select_from(_open().subquery())).scalar_one())


def _open() -> Any:
    due = or_(col(Work.state) == State.LEASED, col(Work.not_before) <= now())
    return select_columns(col(Work.id)).where(OPEN, *choosing.rebuilding(), due)


def _ask(place: Place, wanted: Wanted, present: Present, asked: _Asked) -> None:
    """Write the work of all articles that are taken up, portion by portion."""
    stood: set[int] = set()
    with reading(place.engine) as session:
        asked.looked_at = size = choosing.count(session, wanted)
        with click.progressbar(length=size, label="looking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
            for portion in choosing.portions(session, wanted, present, asked.token):
                asked.left_out.update(portion.left_out)
                stood |= {one.event for one in portion.publish if one.event is not None}
                bar.update(min(choosing.PORTION, size - bar.pos))
                if not portion.facts:
                    continue
                ids = [fact.subject_id for fact, _ in portion.facts]
                with writing(place.engine) as writer:
                    asked.known |= fallen(writer, Own(articles=ids)).keys()
                    messages = [(fact, None, fact.priority) for fact, _ in portion.facts]
                    ledger.emit(writer.connection(), PIPELINE, messages, now())
                asked.articles += ids
                asked.steps.update(step_of(fact) for fact, _ in portion.facts)
    if wanted.first == "publish":
        _outdate(place, sorted(stood), asked)


def _outdate(place: Place, events: Sequence[int], asked: _Asked) -> None:
    """Have the pages of these events issued again, with those of their days and the front page."""
    pages = list(_pages(place, events))
    with click.progressbar(length=len(pages), label="asking", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        for at in range(0, len(pages), PAGES_AT_ONCE):
            _wait_for_room(place)
            some = sorted(pages[at : at + PAGES_AT_ONCE])
            with writing(place.engine) as session:
                facts = [outdate(session, kind, key, now()) for kind, key in some]
                ids = [fact.page_id for fact in facts]
                asked.known |= fallen(session, Own(pages=ids)).keys()
                ledger.emit(session.connection(), PIPELINE, [(fact, None, fact.priority) for fact in facts], now())
            asked.pages += ids
            bar.update(len(some))
    asked.steps["publish"] = len(asked.pages)


def _pages(place: Place, events: Sequence[int]) -> Iterator[tuple[str, str]]:
    days: set[date] = set()
    for at in range(0, len(events), choosing.PORTION):
        some = events[at : at + choosing.PORTION]
        with reading(place.engine) as session:
            days |= set(session.execute(select_columns(col(Event.date)).where(col(Event.id).in_(some))).scalars())
        yield from (("event", str(one)) for one in some)
    yield from (("day", day.isoformat()) for day in sorted(days))
    if events:
        yield "front", "front"


def _wait_for_room(place: Place) -> None:
    """Pages have one open row each, which a later change joins: so they do not go last, and are asked for little by little."""
    while place.is_worked_on():
        with reading(place.engine) as session:
            if ledger.backlog(session.connection(), ("publish",), MOST_PAGES, now()) < MOST_PAGES:
                return
        time.sleep(LOOK_S)


def _tell(place: Place, asked: _Asked, *, json_: bool, waited: bool) -> None:
    with reading(place.engine) as session:
        refused = [one for one in fallen(session, asked.own) if one not in asked.known] if waited and asked.total else []
        changed = _changed(session, asked)
    if json_:
        counts = {"steps": dict(asked.steps), "left_out": dict(asked.left_out)}
        show.as_json({"rebuild": asked.token, **counts, "done": waited, "changed": changed, "refused": len(refused)})
        return
    if not asked.looked_at:
        click.echo("nothing to do: no article that was read is of this outlet and these days")
    elif not asked.total:
        click.echo("nothing to do" if asked.left_out else "nothing to do: all of it stands by the present rules and tables")
    else:
        came = f"; {changed:,} of them came out otherwise" if waited and asked.steps["clean"] + asked.steps["tag"] else ""
        click.echo(in_words(asked.steps) + came)
    for why, number in asked.left_out.items():
        click.echo(f"left out {number} {why}", err=True)


def _changed(session: Session, asked: _Asked) -> int:
    """How many articles have other features in the index than before."""
    made = col(IndexEntry.snapshot).like(f"%{MARK}{asked.token}")
    counted = select_columns(func.count()).select_from(IndexEntry).where(made)
    parts = (col(IndexEntry.article_id).in_(part.articles) for part in asked.own.portions())
    return sum(int(session.execute(counted.where(part)).scalar_one()) for part in parts)


def in_words(steps: Counter[str]) -> str:
    """`12 articles from clean, 3 from link`."""
    told = [f"{steps[step]:,} {'pages' if step == 'publish' else 'articles'} from {step}" for step in STEPS if steps[step]]
    return ", ".join(told) or "nothing"


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None
