"""An edge between two articles in words: what speaks for one event, what against, and what they were compared by."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Literal

import click
from sqlmodel import Session, col, select

from services.cli import show
from services.link.core.score import ENOUGH_TAGS, TAGS_EXPECTED
from shared.models import Article, ArticleTag, Edge, IndexEntry
from shared.words import stem, tokens

READ = 3_000  # characters of a text in which the shown terms are looked for: they stand among its first words
FAR_HOURS = 12  # what was published so much later may be the next step of a matter
SHARE_OF_COPY = 1.2  # a copy score of .5 says that .6 of the shorter text is repeated (services/link/core/copies.py)
MOST_APART = 50
SURE, LIKELY, DOUBTFUL = 0.9, 0.6, 0.3
_WORD = re.compile(r"\w(?:[\w.,'’-]*\w)?")

Side = Literal["for", "against", "beside"]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What the words about an edge need of an article. `words`: a stem to the word as it stands there; `tags`: an id to its name."""

    id: int
    outlet: str | None = None
    title: str | None = None
    event: int | None = None
    language: str | None = None
    copy_of: int | None = None
    follows: int | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)


def known(session: Session, ids: Iterable[int]) -> dict[int, Known]:
    """What is to be known of these articles, by their ids."""
    wanted = list(ids)
    names: dict[int, dict[str, str]] = {}
    tags = select(ArticleTag.article_id, ArticleTag.tag_id, ArticleTag.name).where(col(ArticleTag.article_id).in_(wanted))
    for row in session.execute(tags):
        names.setdefault(row[0], {})[row[1]] = row[2]
    entries = select(IndexEntry.article_id, IndexEntry.follows).where(col(IndexEntry.article_id).in_(wanted))
    follows = {row[0]: row[1] for row in session.execute(entries)}
    return {
        one.id or 0: Known(
            id=one.id or 0,
            outlet=one.outlet,
            title=one.title or one.feed_title,
            event=one.event_id,
            language=one.language,
            copy_of=one.copy_of_id,
            follows=follows.get(one.id or 0),
            words=as_written(f"{one.title or ''}\n{(one.text or one.standfirst or '')[:READ]}"),
            tags=names.get(one.id or 0, {}),
        )
        for one in session.exec(select(Article).where(col(Article.id).in_(wanted)))
    }


def as_written(text: str) -> dict[str, str]:
    """The stems of a text's words, each with the first word that has it: people read `percentage`, not `percentag`."""
    found: dict[str, str] = {}
    for word in _WORD.findall(text):
        parts = tokens(word)
        if len(parts) == 1:
            key = stem(parts[0])
            found[key] = _plainer(found.get(key, word), word)
    return found


def sure(score: float) -> str:
    """A score in a word."""
    if score >= SURE:
        return "nearly certain"
    if score >= LIKELY:
        return "likely"
    return "doubtful" if score >= DOUBTFUL else "hardly"


def repeats(a: Known, b: Known) -> str | None:
    """Which of the two repeats which, or both a third."""
    for one, other in ((a, b), (b, a)):
        if one.copy_of == other.id:
            return f"{one.id} is a copy of {other.id}"
    if a.copy_of is not None and a.copy_of == b.copy_of:
        return f"both are copies of {a.copy_of}"
    for one, other in ((a, b), (b, a)):
        if one.follows == other.id:
            return f"{one.id} says nearly the same as {other.id}"
    return None


def in_words(reasons: Sequence[Mapping[str, Any]], a: Known, b: Known) -> dict[Side, list[str]]:
    """The reasons of an edge (name, detail, weight), told as what speaks for one event, against it, and what says neither."""
    found: dict[Side, list[str]] = {"for": [], "against": [], "beside": []}
    for one in reasons:
        side, said = _said(str(one["name"]), str(one["detail"]), float(one["weight"]), a, b)
        found[side].append(said)
    names = {one["name"] for one in reasons}
    if _across(a, b):
        found["beside"].append(f"in two languages ({a.language}, {b.language}): names, tags and figures count, other words hardly")
    elif names - {"cited"} and "title alike" not in names and a.title and b.title:
        found["against"].append("the titles have hardly a word in common")
    return found


def told(edge: Edge, members: Set[int], known: Mapping[int, Known]) -> dict[str, Any]:
    """An edge as plain values. `members`: the articles of the event that is shown."""
    reasons = [{"name": name, "detail": detail, "weight": weight} for name, detail, weight in edge.reasons]
    a, b = known[edge.a], known[edge.b]
    return {
        "a": edge.a,
        "b": edge.b,
        "outlets": [a.outlet, b.outlet],
        "within": {edge.a, edge.b} <= members,
        "score": edge.score,
        "copy": edge.copy_score or 0.0,
        "rules": edge.rules or None,
        "reasons": reasons,
        "said": in_words(reasons, a, b),
        "repeats": repeats(a, b),
        "outside": [{"id": one.id, "event": one.event, "title": one.title} for one in (a, b) if one.id not in members],
        "decided": {},
    }


def apart(ids: Sequence[int], joined: Collection[tuple[int, int]], known: Mapping[int, Known]) -> list[tuple[int, int]]:
    """The pairs of an event's articles without an edge. Of what just follows another article none is looked for."""
    alone = sorted(one for one in ids if known[one].follows is None)
    return [pair for pair in combinations(alone, 2) if pair not in joined]


def show_all(story: Mapping[str, Any], *, outside: bool) -> None:
    """Print the edges of an event as `dateline events show` has them, then the pairs without one."""
    if not story["edges"]:
        hint = "no article of another event comes near" if outside else "--outside shows what comes near in other events"
        click.echo(f"\nThere are no edges between its articles; {hint}.")
        return
    click.echo("\nHow likely two articles tell of one event (0 to 1), what speaks for it (+) and against it (-), the surest first:")
    for one in story["edges"]:
        _show(one)
    if story["follows"]:
        click.echo()
    for follower, first in story["follows"].items():
        click.echo(f"{follower} says nearly the same as {first}, which is compared with others for both.")
    pairs = story["apart"]
    if pairs:
        named = ", ".join(f"{a} and {b}" for a, b in pairs[:MOST_APART]) + (", …" if len(pairs) > MOST_APART else "")
        click.echo(f"\nWithout an edge, since too little speaks for one event by itself ({len(pairs)}): {named}")


def _show(one: Mapping[str, Any]) -> None:
    people = ", ".join(f"{kind} {number}" for number, kind in one["decided"].items())
    score = f"{one['score']:.2f}, {sure(one['score'])}" if one["rules"] else None
    notes = [score, one["repeats"], f"decided: {people}" if people else None]
    a, b = (f"{number} {outlet or ''}".rstrip() for number, outlet in zip((one["a"], one["b"]), one["outlets"], strict=True))
    click.secho(f"\n{a} – {b}: {'; '.join(filter(None, notes))}", bold=True)
    for other in one["outside"]:
        click.echo(f"    {other['id']} stands in event {other['event']}: {show.cell(other['title'])}")
    for side, mark in (("for", "+"), ("against", "-"), ("beside", " ")):
        for said in one["said"][side]:
            click.echo(f"  {mark} {said}")


def _said(name: str, detail: str, weight: float, a: Known, b: Known) -> tuple[Side, str]:
    """One reason: on which side it counts, and in words."""
    alike: Side = "beside" if _across(a, b) else "for"
    match name:
        case "rare terms":
            return alike, f"titles and first words are {weight:.0%} alike; the rarest words in both: {_words(detail, a, b)}"
        case "title alike":
            return alike, f"the titles are {weight:.0%} alike"
        case "text alike":
            return alike, f"the texts are {weight:.0%} alike"
        case "shared figures":
            return "for", f"both give the figures {detail}"
        case "shared tags":
            return _tags(detail, weight, a, b)
        case "text repeated":
            return "for", f"at least {min(1.0, SHARE_OF_COPY * weight):.0%} of the shorter text stands word for word in the longer one"
        case "other weekday":
            return "against", f"they begin with different days: {detail}"
        case "time":
            return ("against" if -24 * weight >= FAR_HOURS else "beside"), _time(detail)
        case "cited":
            return "for", detail
    return ("for" if weight >= 0 else "against"), f"{name}: {detail}"


def _words(detail: str, a: Known, b: Known) -> str:
    return ", ".join(_plainer(a.words.get(term, b.words.get(term, term)), b.words.get(term, term)) for term in detail.split(", "))


def _tags(detail: str, weight: float, a: Known, b: Known) -> tuple[Side, str]:
    named = ", ".join(a.tags.get(tag) or b.tags.get(tag) or tag for tag in detail.split(", "))
    if _across(a, b) or weight >= TAGS_EXPECTED:
        return "for", f"both are about {named} (tags {weight:.0%} alike)"
    if min(len(a.tags), len(b.tags)) < ENOUGH_TAGS:
        return "beside", f"both are about {named}, with too few tags to tell more"
    return "against", f"most of what they are about differs, both only {named} (tags {weight:.0%} alike)"


def _across(a: Known, b: Known) -> bool:
    """Whether they are known to be in two languages."""
    one, other = ((known.language or "").split("-")[0].split("_")[0].lower() for known in (a, b))
    return bool(one and other and one != other)


def _plainer(one: str, other: str) -> str:
    """Of two ways to write a word the first, unless it alone is a possessive or in capitals."""
    return min(one, other, key=lambda word: ("'" in word or "’" in word, word.isupper()))


def _time(detail: str) -> str:
    if not detail[0].isdigit():
        return "at least one has no date, so that more must agree"
    hours = float(detail.split()[0])
    return "published in the same hour" if hours == 0 else f"published {hours:g} hour{'s' * (hours != 1)} apart"
