"""MediaWiki's API (`action=query`, `formatversion=2`), by which the portal is read: a request's parameters, an answer's pages.

A cheap poll asks for the last days without their text, compares `revid` with what is kept, and asks for the text of what changed alone.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote, unquote, urlsplit

from services.fetch.core.portalpage import MONTHS
from shared.stage import Reject, Retry

PORTAL = "Portal:Current events"
MAX_TITLES = 50  # in one request, of a client without special rights
_MAX_LAG = "5"  # seconds that the wiki's replicas may be behind before it asks for patience; its own advice
_MAX_HOPS = 5  # from a title through its normal form and redirects to a page
_PATIENCE, _MAX_PATIENCE = timedelta(seconds=30), timedelta(hours=1)
_DAY_AT_END = re.compile(r"/\d{4}[ _][A-Z][a-z]+[ _]\d{1,2}/?$")
_BUSY = frozenset(("maxlag", "ratelimited", "readonly", "blocked-throttled", "too-many-requests"))


class Site(NamedTuple):
    """A wiki that has a portal. `portal`: the title above its days' pages; `pages`: what an article's address begins with."""

    api: str
    portal: str
    pages: str

    def address(self, title: str) -> str:
        """Where a page is read."""
        return self.pages + quote(title.replace(" ", "_"), safe="/:,;@!*~-._")

    def title(self, day: date) -> str:
        """The title of a day's page: English month, day without a leading zero, whatever the machine's language."""
        return f"{self.portal}/{day.year} {MONTHS[day.month - 1]} {day.day}"


class Page(NamedTuple):
    """A page as it stands. `wikitext` is None where it was not asked for, and where the wiki hides it."""

    revid: int
    wikitext: str | None


@dataclass(frozen=True)
class Answer:
    """`pages` by day, None for a page that does not exist; a day that is not in it is in a later part. `more`: what to ask for that."""

    pages: Mapping[date, Page | None]
    more: Mapping[str, str] | None


def site_of(url: str) -> Site:
    """The wiki of a portal's address: `…/wiki/Portal:Current_events` (its API at `/w/api.php`, as Wikimedia's wikis have it),
    `…/index.php?title=…` or `…/api.php?title=…` (beside one another). A day's page stands for its portal.

    Raises `Reject("url_malformed")` for any other form.
    """
    try:
        at = urlsplit(url)
    except ValueError as problem:
        raise Reject("url_malformed", f"{url[:200]}: {problem}") from problem
    host = f"{at.scheme}://{at.netloc}"
    folder, _, script = at.path.rpartition("/")
    if script in ("api.php", "index.php"):
        title = parse_qs(at.query).get("title", [""])[0]
        api, pages = f"{host}{folder}/api.php", f"{host}{folder}/index.php?title="
    else:
        before, found, title = at.path.partition("/wiki/")
        if not found:
            raise Reject("url_malformed", f"no page of a MediaWiki, as https://en.wikipedia.org/wiki/Portal:Current_events is: {url[:200]}")
        api, pages, title = f"{host}{before}/w/api.php", f"{host}{before}/wiki/", unquote(title)
    title = _DAY_AT_END.sub("", title).replace("_", " ").strip("/ ")
    return Site(api=api, portal=title or PORTAL, pages=pages)


def request(site: Site, days: Sequence[date], *, content: bool, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The parameters of one GET of `site.api` for the pages of at most `MAX_TITLES` days. `more` is an answer's, for its next part."""
    if not 0 < len(days) <= MAX_TITLES:
        raise ValueError(f"{len(days)} days: 1 to {MAX_TITLES} can be asked for at once")
    return {
        **(more or {}),
        "action": "query",
        "prop": "revisions",
        "titles": "|".join(site.title(day) for day in days),
        "rvprop": "ids|timestamp|sha1|content" if content else "ids|timestamp|sha1",
        "rvslots": "main",
        "redirects": "1",
        "format": "json",
        "formatversion": "2",
        "maxlag": _MAX_LAG,
    }


def read_answer(site: Site, body: bytes, days: Sequence[date], headers: Mapping[str, str] | None = None) -> Answer:
    """The answer to `request(site, days)`; `headers` are the answer's, names in lower case.

    Raises `Retry("http_busy")`, uncounted, where the wiki asks for patience (it says so with status 200), `Retry("http_failed")` for a
    failure of its own, `Reject("feed_malformed")` for what is no answer to this request.
    """
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as problem:
        raise Reject("feed_malformed", f"no JSON: {problem}") from problem
    if not isinstance(answer, dict):
        raise Reject("feed_malformed", "no object")
    _check(answer, headers or {})
    query = answer.get("query")
    more = answer.get("continue")
    if not isinstance(query, dict):
        if not isinstance(more, dict) and "batchcomplete" not in answer:
            raise Reject("feed_malformed", "an answer without pages")
        query = {}
    known = {page["title"]: page for page in _objects(query, "pages") if isinstance(page.get("title"), str)}
    moves = {move["from"]: move["to"] for name in ("normalized", "redirects") for move in _objects(query, name) if _is_move(move)}
    pages: dict[date, Page | None] = {}
    for day in days:
        page = known.get(_arrived(site.title(day), moves, known))
        if page is not None and (read := _page(page)) is not _LATER:
            pages[day] = read
    return Answer(pages, {str(name): str(value) for name, value in more.items()} if isinstance(more, dict) and more else None)


_LATER = Page(-1, None)  # known, but its revision comes in a later part


def _page(page: Mapping[str, Any]) -> Page | None:
    if page.get("missing") or page.get("invalid"):
        return None
    revisions = _objects(page, "revisions")
    if not revisions or not isinstance(revisions[0].get("revid"), int):
        return _LATER
    slots = revisions[0].get("slots")
    main = slots.get("main") if isinstance(slots, dict) else None
    content = main.get("content") if isinstance(main, dict) else None
    return Page(revisions[0]["revid"], content if isinstance(content, str) else None)


def _arrived(title: str, moves: Mapping[str, str], known: Mapping[str, Any]) -> str:
    for _ in range(_MAX_HOPS):
        if title in known or title not in moves:
            break
        title = moves[title]
    return title


def _is_move(move: Mapping[str, Any]) -> bool:
    return isinstance(move.get("from"), str) and isinstance(move.get("to"), str)


def _objects(holder: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = holder.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _check(answer: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    error = answer.get("error")
    if error is None and not (isinstance(answer.get("errors"), list) and answer["errors"]):
        return
    if error is None:  # errorformat other than bc
        error = answer["errors"][0]
    code = str(error.get("code", "")) if isinstance(error, dict) else str(error)
    said = str(error.get("info", error.get("text", ""))) if isinstance(error, dict) else ""
    detail = f"{code[:100]}: {said[:300]}"
    if code in _BUSY:
        raise Retry("http_busy", detail, after=_patience(headers.get("retry-after")), counted=False, status=200)
    if code.startswith("internal_api_error") or code in ("unknown_action_error", "internalerror"):
        raise Retry("http_failed", detail, after=_PATIENCE)
    raise Reject("feed_malformed", detail)


def _patience(retry_after: str | None) -> timedelta:
    """The wiki says it in seconds."""
    seconds = re.fullmatch(r"\s*([0-9]{1,6})\s*", retry_after or "")
    return min(timedelta(seconds=int(seconds[1])), _MAX_PATIENCE) if seconds else _PATIENCE
