"""Sitemaps: plain ones, those for news, and indexes of them (sitemaps.org; Google's news and image extensions)."""

import re
from typing import Any

from lxml import etree

from services.fetch.core.entries import MAX_ENTRIES, Child, Entry, Listing, entry, link, listing, moment
from shared.stage import Reject

MAX_SEEN = 50_000  # entries of one sitemap, by its specification
# Possessive: a row of comments can be parted in more ways than there is time to try.
_ROOT = re.compile(rb"(?:\xef\xbb\xbf|\s|<\?[^>]*>|(?><!--.*?-->)|<!\w[^>]*>)*+<(?:[\w.-]+:)?(?:urlset|sitemapindex)[\s>/]", re.DOTALL)


def looks_like_sitemap(body: bytes) -> bool:
    """Whether its first element is a sitemap's."""
    return _ROOT.match(body, 0, 4096) is not None


def read_sitemap(body: bytes, url: str, *, limit: int = MAX_ENTRIES) -> Listing:
    """The newest `limit` entries of a sitemap, newest first; undated ones last, in their order. Of an index, its `children`.

    Raises `Reject("feed_malformed")` for what is no sitemap.
    """
    # No entities, no DTD, no network, the parser's own limits of depth and size left on. `recover` reads what a broken one has.
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False, recover=True, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise Reject("feed_malformed", f"XML: {problem}") from problem
    name = _name(root)
    broken = _flaw(parser)
    if name == "sitemapindex":
        children = _children(root, url)
        return listing([], form="index", children=children[:limit], cut=len(children) > limit or len(root) > MAX_SEEN, broken=broken)
    if name != "urlset":
        raise Reject("feed_malformed", "no sitemap" if root is None else f"a document of <{name[:40]}>")
    told = [_fields(one) for one in root[:MAX_SEEN] if _name(one) == "url"]
    entries = [_entry(fields, url) for fields in told]
    entries.sort(key=lambda one: one["published"] or one["updated"] or "", reverse=True)  # stable, and all in UTC
    return listing(
        entries[:limit],
        form="news_sitemap" if any("news.publication_date" in fields or "news.title" in fields for fields in told) else "sitemap",
        title=next((fields["news.name"] for fields in told if fields.get("news.name")), None),
        language=next((fields["news.language"] for fields in told if fields.get("news.language")), None),
        cut=len(entries) > limit or len(root) > MAX_SEEN,
        broken=broken,
    )


def _flaw(parser: Any) -> str | None:
    """The first thing that was wrong with the XML and that the parser got over."""
    first = next((one for one in parser.error_log if one.level >= etree.ErrorLevels.ERROR), None)
    return f"line {first.line}: {first.message}" if first is not None else None


def _children(root: Any, url: str) -> list[Child]:
    """The sitemaps that an index names, each once, newest first and undated ones last."""
    found: dict[str, Child] = {}
    for one in root[:MAX_SEEN]:
        fields = _fields(one)
        target = link(url, fields.get("loc"))
        if target is not None:
            found.setdefault(target, Child(url=target, lastmod=moment(fields.get("lastmod"))))
    return sorted(found.values(), key=lambda child: child["lastmod"] or "", reverse=True)


def _entry(fields: dict[str, str], url: str) -> Entry:
    return entry(
        url=link(url, fields.get("loc")),
        title=fields.get("news.title"),
        published=moment(fields.get("news.publication_date")),
        updated=moment(fields.get("lastmod")),
        guid=fields.get("loc"),
        image=link(url, fields.get("image.loc")),
    )


def _fields(element: Any) -> dict[str, str]:
    """The first text of each child; of the children of `news:news` and `image:image` as `news.title`, … Namespaces vary in the wild."""
    fields: dict[str, str] = {}
    for child in element:
        name = _name(child)
        if name in ("news", "image"):
            for inner in child:
                part = _name(inner)
                if part == "publication":  # of news: who publishes, and in which language
                    fields.update((f"news.{_name(one)}", one.text or "") for one in inner)
                fields.setdefault(f"{name}.{part}", inner.text or "")
        elif name:
            fields.setdefault(name, child.text or "")
    return fields


def _name(element: Any) -> str:
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""  # not a comment, an entity or an instruction
