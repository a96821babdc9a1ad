"""What a source is worth: how much and how often it brings, what is wrong with it and what to do, and which of several to take."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Any

from services.fetch.core.discover import Look, Place
from services.fetch.core.entries import Entry
from shared import urls
from shared.errors import CLASSES
from shared.stage import Reject

STILL = timedelta(days=30)
MAX_FEEDS = 3  # that are recommended of one site
_SAME = 0.6  # of the smaller one's entries: so many in common, and two sources are one
_COMMENTS = ("comments/feed", "/comments", "comments for", "comments on")

# What can be wrong with a source that can be read: its name, what it means, what to do.
REMARKS: Mapping[str, tuple[str, str]] = {
    "moved": ("it redirects to another address", "use the address where it ends"),
    "broken": ("its XML is broken, and was read as far as it could be", "tell the publisher; entries behind the fault may be missing"),
    "empty": ("it has no entries", "look at it again later, or take another"),
    "still": ("nothing new for more than a month", "take another, if there is one"),
    "undated": ("its entries have no dates", "nothing: articles are dated by their pages"),
    "unlinked": ("entries have no address, and cannot be fetched", "take another: these entries are refused"),
    "short": ("all its entries came within the shortest time between two polls", "add the site's news sitemap beside it"),
    "long": ("it has more entries than one poll reads", "nothing: the newest are read"),
    "archive": ("it names nothing recent", "add it only if articles appear in it later"),
    "unconditional": ("it sends neither ETag nor Last-Modified: each poll costs the whole document", "nothing: it is polled all the same"),
    "ignores_conditions": ("it sends validators and answers with the whole document all the same", "nothing: it is polled nevertheless"),
    "comments": ("its entries are readers' comments", "take another"),
    "junk": ("some lines are no address", "correct the list; these lines are refused at each poll"),
    "page": ("it is a web page, not a source", "add one of the addresses found on it"),
}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something that is wrong: a name of REMARKS or an error class, what it means, and what to do."""

    name: str
    meaning: str
    remedy: str
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A place that was looked at, and what stands there."""

    url: str
    why: str
    kind: str | None = None  # feed, sitemap, list, page, portal; None: it could not be read
    form: str | None = None
    title: str | None = None
    language: str | None = None
    entries: int = 0
    sitemaps: int = 0  # that an index names
    news: bool = False  # a sitemap with Google's extension for news, or an index of such
    newest: datetime | None = None
    every: timedelta | None = None  # between two entries, in the middle
    span: timedelta | None = None  # from its oldest to its newest entry
    hub: str | None = None
    ttl: timedelta | None = None
    texts: str | None = None  # full, teasers, titles
    conditional: bool | None = None  # whether it answered 304; None: not asked
    ends_at: str | None = None  # the address where it stands, if not this one
    problems: tuple[Problem, ...] = ()
    recommended: bool = False
    known: int | None = None  # the source's id, where it is one already
    keys: frozenset[str] = field(default=frozenset(), repr=False)

    def as_json(self) -> dict[str, Any]:
        """The same for `--json`: times in ISO 8601, durations in seconds."""
        told = {name: value for name, value in asdict(self).items() if name != "keys"}
        for name in ("every", "span", "ttl"):
            value = told.pop(name)
            told[f"{name}_s"] = value.total_seconds() if value is not None else None
        return told


def failure(place: Place, error_class: str, detail: str) -> Finding:
    """A place where nothing could be read."""
    return Finding(url=place["url"], why=place["why"], title=place["title"], problems=(problem_of(error_class, detail),))


def problem_of(error_class: str, detail: str = "") -> Problem:
    """One of the error classes as a problem."""
    told = CLASSES[error_class]
    return Problem(name=error_class, meaning=told.meaning, remedy=told.remedy, detail=detail)


def assess(
    place: Place, look: Look, *, now: datetime, ends_at: str, conditional: bool | None, validators: bool, floor: timedelta
) -> Finding:
    """What stands at a place. `floor` is the shortest time between two polls; `conditional` says whether a 304 was answered."""
    if look["kind"] == "none":
        return failure(place, look["error_class"] or "feed_malformed", look["error"] or "")
    moved = ends_at if urls.sendable(place["url"]) != urls.sendable(ends_at) else None
    found = Finding(
        url=place["url"],
        why=place["why"],
        kind=look["kind"],
        form="page",
        title=look["title"] or place["title"],
        language=look["language"],
        ends_at=moved,
        problems=(remark("page"),),
    )
    listing = look["listing"]
    if listing is None:
        return found
    entries, times = listing["entries"], _times(listing["entries"])
    found = replace(
        found,
        form=listing["form"],
        entries=len(entries),
        sitemaps=len(listing["children"]),
        news=listing["form"] == "news_sitemap",
        newest=times[0] if times else None,
        every=_every(times),
        span=times[0] - times[-1] if len(times) > 1 else None,
        hub=listing["hub"],
        ttl=timedelta(seconds=listing["ttl_s"]) if listing["ttl_s"] else None,
        texts=_texts(entries, look["texts"]) if look["kind"] == "feed" else None,
        conditional=conditional,
        keys=frozenset(_keys(entries)),
    )
    return replace(found, problems=tuple(_problems(found, look, entries, now=now, validators=validators, floor=floor)))


def remark(name: str, detail: str = "") -> Problem:
    """One of REMARKS."""
    meaning, remedy = REMARKS[name]
    return Problem(name=name, meaning=meaning, remedy=remedy, detail=detail)


def recommend(findings: Iterable[Finding]) -> list[Finding]:
    """The same, with those recommended that bring news and do not bring the same as another.

    At most three feeds and a sitemap for news; a site without feeds has its sitemap recommended.
    """
    several = list(findings)
    good = [one for one in several if one.kind in ("feed", "sitemap", "list") and one.known is None and not _hopeless(one)]
    feeds = [one for one in good if one.kind == "feed"]
    standing = [one for one in several if one.known is not None]
    chosen = _different(sorted(feeds, key=lambda one: one.texts != "full"), standing)[:MAX_FEEDS]
    sitemaps = sorted((one for one in good if one.kind == "sitemap"), key=lambda one: (not one.news, one.form != "index"))
    has_feed = bool(chosen) or any(one.kind == "feed" for one in standing)
    wanted = [one for one in sitemaps if one.news or not has_feed]
    if not any(one.kind == "sitemap" for one in standing):
        chosen += wanted[:1]
    chosen += [one for one in good if one.kind == "list" and one.why == "given"]
    urls_chosen = {one.url for one in chosen}
    return [replace(one, recommended=one.url in urls_chosen) for one in several]


def _hopeless(one: Finding) -> bool:
    names = {problem.name for problem in one.problems}
    return bool(names & {"comments", "unlinked", "still", "archive"}) or ("empty" in names and one.why != "given")


def _different(feeds: Sequence[Finding], standing: Sequence[Finding]) -> list[Finding]:
    chosen: list[Finding] = []
    for one in feeds:
        if not any(_same(one, other) for other in [*standing, *chosen]):
            chosen.append(one)
    return chosen


def _same(one: Finding, other: Finding) -> bool:
    if (one.ends_at or one.url) == (other.ends_at or other.url):
        return True
    smaller = min(len(one.keys), len(other.keys))
    return smaller > 0 and len(one.keys & other.keys) >= _SAME * smaller


def _problems(
    found: Finding, look: Look, entries: Sequence[Entry], *, now: datetime, validators: bool, floor: timedelta
) -> Iterator[Problem]:
    listing = look["listing"]
    if listing is None:
        return
    unlinked = sum(1 for one in entries if one["url"] is None)
    told = f"{found.title or ''} {found.url}".lower()
    checks = {
        "moved": (found.ends_at is not None, found.ends_at or ""),
        "broken": (listing["broken"] is not None, listing["broken"] or ""),
        "empty": (not entries and not found.sitemaps, ""),
        "still": (found.kind == "feed" and found.newest is not None and now - found.newest > STILL, ""),
        "archive": (found.kind == "sitemap" and bool(entries) and found.newest is not None and now - found.newest > STILL, ""),
        "undated": (bool(entries) and found.newest is None and found.kind != "list", ""),
        "unlinked": (unlinked > 0, f"{unlinked} of {len(entries)}"),
        "short": (found.span is not None and len(entries) > 4 and found.span < floor, ""),
        "long": (listing["cut"], ""),
        "comments": (any(word in told for word in _COMMENTS), ""),
        "junk": (bool(listing["junk"]), "; ".join(one["detail"] for one in listing["junk"][:3])),
        "unconditional": (not validators, ""),
        "ignores_conditions": (validators and found.conditional is False, ""),
    }
    for name, (holds, detail) in checks.items():
        if holds:
            yield remark(name, detail)


def _times(entries: Iterable[Entry]) -> list[datetime]:
    """Newest first."""
    told = (one["published"] or one["updated"] for one in entries)
    return sorted((datetime.fromisoformat(time) for time in told if time), reverse=True)


def _every(times: Sequence[datetime]) -> timedelta | None:
    gaps = [(newer - older).total_seconds() for newer, older in pairwise(times)]
    return timedelta(seconds=median(gaps)) if gaps else None


def _texts(entries: Sequence[Entry], full: bool) -> str | None:
    if not entries:
        return None
    if full:
        return "full"
    words = median(len((one["summary"] or "").split()) for one in entries)
    return "full" if words > 250 else "teasers" if words >= 5 else "titles"


def _keys(entries: Iterable[Entry]) -> Iterable[str]:
    for one in entries:
        try:
            yield urls.key(one["url"] or "")
        except Reject:
            continue
