"""What an address is, and where the feeds and sitemaps of its site may be.

Places are looked for as readers' programs do: `<link rel="alternate">` (RSS autodiscovery, the Atom and JSON Feed specifications), links
that look like feeds, the `Sitemap` lines of robots.txt (sitemaps.org), and where the usual software puts them. Run `look_at` where it
can be killed: it reads strangers' pages.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypedDict
from urllib.parse import urlsplit

from lxml import etree, html

from services.fetch.core.addresslist import looks_like_addresses
from services.fetch.core.entries import MAX_ENTRIES, Listing, link, plain
from services.fetch.core.jsonfeed import looks_like_json
from services.fetch.core.sitemap import looks_like_sitemap
from services.fetch.core.source import read_source, unpacked
from shared import urls
from shared.stage import Reject

MAX_PLACES = 40  # of one page
_MAX_LINKS, _MAX_SITEMAPS = 15, 10
_MAX_TITLE = 200
_START = 4096
_FEED_ROOT = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:rss|feed|RDF)[\s>]")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_FEED_TYPES = frozenset(("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "text/rss+xml"))
_MAYBE_TYPES = frozenset(("application/json", "application/xml", "text/xml"))
_FEED_PATH = re.compile(r"(?:^|[/._?=&-])(?:rss[0-9]?|feeds?|atom|rdf|jsonfeed)(?:$|[/._?=&-])|\.(?:rss|atom|rdf|xml)$", re.IGNORECASE)
_SITEMAP_LINE = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)

# Most sites; WordPress without readable addresses; Blogger; Arc; Ghost, Drupal and Hugo are among the first.
FEED_PLACES = (
    "feed",
    "rss",
    "rss.xml",
    "feed.xml",
    "atom.xml",
    "index.xml",
    "feed.json",
    "?feed=rss2",
    "feeds/posts/default",
    "arc/outboundfeeds/rss/?outputType=xml",
)
# Most sites; Yoast and WordPress; Arc.
SITEMAP_PLACES = (
    "news-sitemap.xml",
    "sitemap-news.xml",
    "sitemap_news.xml",
    "sitemap_index.xml",
    "sitemap.xml",
    "wp-sitemap.xml",
    "arc/outboundfeeds/news-sitemap/?outputType=xml",
    "arc/outboundfeeds/sitemap-index/?outputType=xml",
)
PORTAL = re.compile(r"https?://[a-z-]+(?:\.m)?\.wikipedia\.org/.*Portal:Current[_ ]events(?:$|[/?#_ ]).*", re.IGNORECASE)

Why = Literal["given", "alternate", "link", "robots", "usual place"]


class Place(TypedDict):
    """Where a source may be, and why that is thought."""

    url: str
    why: Why
    title: str | None


class Look(TypedDict):
    """What a document is: `kind` is feed, sitemap, list, page, or none with its error class and what is wrong.

    Of a source its `listing`, of a page its `title`, `language` and `places`. `texts` says that entries come with their whole texts.
    """

    kind: str
    listing: Listing | None
    title: str | None
    language: str | None
    places: list[Place]
    texts: bool
    error_class: str | None
    error: str | None


def look_at(body: bytes, *, content_type: str | None, url: str, limit: int = MAX_ENTRIES) -> Look:
    """What a document is. Raises Reject: too_large or bad_encoding of a compressed file, parse_limit."""
    body = unpacked(body)
    kind = _kind(body, content_type)
    if kind == "page":
        return _page(body, content_type, url)
    try:
        listing = read_source(kind, body, content_type, url, limit=limit)
    except Reject as problem:
        if problem.error_class != "feed_malformed":
            raise
        return _look("none", error_class=problem.error_class, error=problem.detail)
    return _look(kind, listing=listing, title=listing["title"], language=listing["language"], texts=_holds_texts(body, listing))


def is_portal(url: str) -> bool:
    """Whether an address is Wikipedia's portal of current events."""
    return PORTAL.fullmatch(url.strip()) is not None


def sitemaps_of(robots: str, base: str) -> list[Place]:
    """The sitemaps that a robots.txt names."""
    found = (link(base, named) for named in _SITEMAP_LINE.findall(robots))
    return _distinct((Place(url=url, why="robots", title=None) for url in found if url), _MAX_SITEMAPS)


def usual_places(url: str, names: Iterable[str]) -> list[Place]:
    """Where these would be: at the site's root, and below the page's own folder if it has one."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    folder = parts.path.strip("/")
    bases = [root] if not folder or "." in folder.rpartition("/")[2] else [root, f"{root}{folder}/"]
    return _distinct((Place(url=base + name, why="usual place", title=None) for base in bases for name in names), MAX_PLACES)


def distinct(places: Iterable[Place], known: Iterable[str] = (), limit: int = MAX_PLACES) -> list[Place]:
    """Each address once, and none that is known; in their order."""
    return _distinct(places, limit, known)


def _kind(body: bytes, content_type: str | None) -> str:
    start = body[:_START]
    if looks_like_sitemap(body):
        return "sitemap"
    if _FEED_ROOT.search(start):
        return "feed"
    media = (content_type or "").partition(";")[0].strip().lower()
    if _HTML.search(start) or (media in ("text/html", "application/xhtml+xml") and not looks_like_json(body)):
        return "page"
    return "list" if looks_like_addresses(body) else "feed"


def _look(
    kind: str,
    *,
    listing: Listing | None = None,
    title: str | None = None,
    language: str | None = None,
    places: Iterable[Place] = (),
    texts: bool = False,
    error_class: str | None = None,
    error: str | None = None,
) -> Look:
    return Look(
        kind=kind,
        listing=listing,
        title=plain(title, _MAX_TITLE),
        language=language,
        places=list(places),
        texts=texts,
        error_class=error_class,
        error=error,
    )


def _holds_texts(body: bytes, listing: Listing) -> bool:
    """Whether the document brings the articles' texts, not only what stands above them: by its elements for them, and its size."""
    marked = b"<content:encoded" in body or b"<content" in body or b'"content_html"' in body or b'"content_text"' in body
    return marked and len(body) > 2500 * max(len(listing["entries"]), 1)


def _page(body: bytes, content_type: str | None, url: str) -> Look:
    charset = re.search(r"charset\s*=\s*[\"']?([\w-]+)", content_type or "", re.IGNORECASE)
    try:
        parser = html.HTMLParser(encoding=charset[1] if charset else None, no_network=True, huge_tree=False)
    except LookupError:
        parser = html.HTMLParser(no_network=True, huge_tree=False)
    try:
        root = html.document_fromstring(body, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as problem:
        return _look("none", error_class="empty_document", error=str(problem))
    base = next((found for one in root.iter("base") if (found := link(url, one.get("href")))), url)
    places = _distinct((*_alternates(root, base), *_links(root, base, url)), MAX_PLACES)
    title = next((one.text_content() for one in root.iter("title")), None)
    language = (root.get("lang") or "").strip().lower().replace("_", "-")
    return _look("page", title=title, language=language if re.fullmatch(r"[a-z]{2,3}(-[a-z0-9]+)*", language) else None, places=places)


def _alternates(root: Any, base: str) -> Iterator[Place]:
    for one in root.iter("link"):
        relations = (one.get("rel") or "").lower().split()
        media = (one.get("type") or "").partition(";")[0].strip().lower()
        target = link(base, one.get("href"))
        if target is None or not {"alternate", "feed"}.intersection(relations) or "stylesheet" in relations:
            continue
        if media in _FEED_TYPES or "feed" in relations or (media in _MAYBE_TYPES and _FEED_PATH.search(target)):
            yield Place(url=target, why="alternate", title=plain(one.get("title"), _MAX_TITLE))


def _links(root: Any, base: str, url: str) -> Iterator[Place]:
    """Links of the same site that look like feeds, and those of any site that say it with their type."""
    site = urls.site(urlsplit(url).hostname or "")
    found = 0
    for one in root.iter("a", "area"):
        if found >= _MAX_LINKS:
            return
        target = link(base, one.get("href"))
        if target is None:
            continue
        parts = urlsplit(target)
        named = (one.get("type") or "").lower() in _FEED_TYPES
        mine = urls.site(parts.hostname or "") == site
        if named or (mine and (_FEED_PATH.search(f"{parts.path}?{parts.query}") or (parts.hostname or "").startswith(("feeds.", "rss.")))):
            found += 1
            yield Place(url=target, why="link", title=plain(one.text_content(), _MAX_TITLE) or plain(one.get("title"), _MAX_TITLE))


def _distinct(places: Iterable[Place], limit: int, known: Iterable[str] = ()) -> list[Place]:
    seen = set(known)
    kept: list[Place] = []
    for place in places:
        try:
            name = urls.sendable(place["url"])
        except Reject:
            continue
        if name not in seen and len(kept) < limit:
            seen.add(name)
            kept.append(place)
    return kept
