"""`dateline sources add`: sources by hand, of every kind."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
from sqlmodel import Session, select

from services.cli.intake import KINDS, RIGHTS, Wanted, identity, put_sources
from services.cli.looking import Looker, look_around
from services.cli.oneshot import see_through
from services.cli.own import Own, fallen
from services.cli.place import Place
from services.cli.sourcefiles import unusable
from services.fetch.core.assess import Finding
from services.fetch.core.discover import Look, is_portal
from services.fetch.core.discover import Place as Spot
from shared import ledger
from shared.clock import now
from shared.db import reading, writing
from shared.intake import FILE_OUTLET
from shared.messages import SourceDue
from shared.models import Source
from shared.pipeline import PIPELINE

PORTAL = Wanted(
    kind="portal", url="https://en.wikipedia.org/wiki/Portal:Current_events", outlet="Wikipedia: Current events", language="en"
)
LOOKS = 16  # at once
MAX_OUTLET = 100  # characters of a feed's title that are taken for its outlet's name


@click.command()
@click.argument("what", nargs=-1, required=True, metavar="URL|FOLDER|portal…")
@click.option("--outlet", help="Who publishes.  [the feed's title, or the address's host]")
@click.option(
    "--kind",
    type=click.Choice(["auto", *KINDS]),
    default="auto",
    show_default=True,
    help="How it is read; auto looks at what stands there.",
)
@click.option("--language", help="Language of its articles, such as en.")
@click.option("--rights", type=click.Choice(RIGHTS), help="What publishers reserve (noarchive, text and data mining).  [honour]")
@click.option("--no-wait", is_flag=True, help="Do not wait until its articles are read.")
@click.pass_obj
def add(
    place: Place, what: tuple[str, ...], outlet: str | None, kind: str, language: str | None, rights: str | None, no_wait: bool
) -> None:
    """Add sources, and read them at once: feeds, sitemaps, lists of addresses, a folder of this machine, Wikipedia's Current Events
    portal.

    `dateline sources check URL` finds the sources of a site.
    """
    place.configure_logs(quiet=True)
    given = [_given(name, kind, outlet, language, rights) for name in what]
    open_questions = [one for one in given if one.kind == "auto"]
    known = _known(place, open_questions)
    looks = look_around(place, lambda looker: _look_at_all(looker, [one.url for one in open_questions if one.url not in known]))
    pages = [one for one in open_questions if _is_page(looks.get(one.url))]
    for one in pages:
        click.echo(f"refused  {one.url} {_advice(one.url, looks[one.url][1])}")
    wanted = [_settled(one, known, looks) if one.kind == "auto" else one for one in given if one not in pages]
    good = start(place, wanted, wait=not no_wait) if wanted else True
    if pages or not good:
        sys.exit(1)


def start(place: Place, wanted: Sequence[Wanted], *, wait: bool, again: bool = True) -> bool:
    """Put sources into the table and have them polled at once; without `again`, the new ones only. True where nothing was refused."""
    at = now()
    with writing(place.engine) as session:
        before = set() if again else set(session.exec(select(Source.id)).all())
        ids, new = put_sources(session, wanted, at)
        own = Own(sources=[one for one in ids if one not in before])
        due = [(SourceDue(source_id=one, due_at=at), None, -1) for one in own.sources]
        ledger.emit(session.connection(), PIPELINE, due, at)
        known = fallen(session, own)
    click.echo(f"{new} added, {len(ids) - new} known already; `dateline sources list` shows how they fare")
    return see_through(place, own, wait=wait and bool(own.sources), known=known)


def known_sources(session: Session) -> dict[str, Source]:
    """The sources by what their addresses are known by."""
    return {identity(one.url): one for one in session.exec(select(Source))}


def outlet_of(found: Finding) -> str:
    """A name for the publisher: what the source calls itself, or its host."""
    title = (found.title or "").strip()[:MAX_OUTLET]
    return title or urlsplit(found.ends_at or found.url).hostname or found.url


def _given(name: str, kind: str, outlet: str | None, language: str | None, rights: str | None) -> Wanted:
    """What an argument names, as far as it can be told without a look at it."""
    if name == "portal" or (kind in ("auto", "portal") and is_portal(name)):
        url = PORTAL.url if name == "portal" else name
        return Wanted(kind="portal", url=url, outlet=outlet or PORTAL.outlet, language=language or PORTAL.language, rights=rights)
    path = Path(name.removeprefix("file://"))
    if kind == "folder" or (kind == "auto" and "://" not in name.removeprefix("file://") and path.is_dir()):
        if not path.is_dir():
            raise click.UsageError(f"{name!r} is no folder of this machine")
        folder = path.resolve()
        return Wanted(kind="folder", url=folder.as_uri(), outlet=outlet or FILE_OUTLET + folder.name, language=language, rights=rights)
    problem = unusable(name)
    if problem is not None:
        raise click.UsageError(problem)
    return Wanted(kind=kind, url=name, outlet=outlet, language=language, rights=rights)


def _known(place: Place, wanted: Sequence[Wanted]) -> dict[str, str]:
    """The kinds of those addresses that are sources already."""
    if not wanted:
        return {}
    with reading(place.engine) as session:
        standing = known_sources(session)
    return {one.url: standing[identity(one.url)].kind for one in wanted if identity(one.url) in standing}


async def _look_at_all(looker: Looker, addresses: Sequence[str]) -> dict[str, tuple[Finding, Look | None]]:
    at_once = asyncio.Semaphore(LOOKS)  # a dead host takes its whole deadline

    async def look(url: str) -> tuple[Finding, Look | None]:
        async with at_once:
            return await looker.look(Spot(url=url, why="given", title=None))

    return dict(zip(addresses, await asyncio.gather(*map(look, addresses)), strict=True))


def _is_page(seen: tuple[Finding, Look | None] | None) -> bool:
    return seen is not None and seen[0].kind == "page" and seen[1] is not None


def _advice(url: str, look: Look | None) -> str:
    """What to do about an address where a web page stands."""
    named = "".join(f"\n  {spot['url']}" for spot in (look["places"] if look is not None else []) if spot["why"] == "alternate")
    advice = f"It names:{named}" if named else f"`dateline sources check {url}` looks for the sources of its site."
    return f"is a web page, not a source (feed_malformed). {advice}"


def _settled(one: Wanted, known: dict[str, str], looks: dict[str, tuple[Finding, Look | None]]) -> Wanted:
    """The source as a look at it tells. What cannot be looked at now is taken for a feed: its polls say what is wrong, and go on."""
    if one.url in known:
        return Wanted(kind=known[one.url], url=one.url, outlet=one.outlet, language=one.language, rights=one.rights)
    found, _ = looks[one.url]
    kind = found.kind if found.kind in KINDS else "feed"
    language = one.language or (found.language or "").partition("-")[0] or None
    return Wanted(kind=kind, url=one.url, outlet=one.outlet or outlet_of(found), language=language, rights=one.rights)
