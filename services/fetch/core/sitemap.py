"""Sitemaps: plain ones, those for news, and indexes of them (sitemaps.org; Google's news and image extensions)."""

import re
from typing import Any

from lxml import etree

from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, entry, link, listing, moment
from shared.stage import Reject

_MAX_SEEN = 50_000  # entries of one sitemap, by its specification
_ROOT = re.compile(rb"<(?:[a-zA-Z0-9_]+:)?(?:urlset|sitemapindex)[\s>]")


def looks_like_sitemap(body: bytes) -> bool:
    """Whether a sitemap's root element stands near the start."""
    return _ROOT.search(body, 0, 4096) is not None


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
    if name == "sitemapindex":
        return listing([], children=_children(root, url, limit))
    if name != "urlset":
        raise Reject("feed_malformed", "no sitemap" if root is None else f"a document of <{name[:40]}>")
    entries = [_entry(one, url) for one in root[:_MAX_SEEN] if _name(one) == "url"]
    entries.sort(key=lambda one: one["published"] or one["updated"] or "", reverse=True)  # stable, and all in UTC
    return listing(entries[:limit], cut=len(entries) > limit or len(root) > _MAX_SEEN)


def _children(root: Any, url: str, limit: int) -> list[str]:
    dated = []
    for one in root[:_MAX_SEEN]:
        fields = _fields(one)
        target = link(url, fields.get("loc"))
        if target is not None:
            dated.append((moment(fields.get("lastmod")) or "", target))
    dated.sort(key=lambda pair: pair[0], reverse=True)
    return [target for _, target in dated[:limit]]


def _entry(element: Any, url: str) -> Entry:
    fields = _fields(element)
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
                fields.setdefault(f"{name}.{_name(inner)}", inner.text or "")
        elif name:
            fields.setdefault(name, child.text or "")
    return fields


def _name(element: Any) -> str:
    tag = getattr(element, "tag", None)
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""  # not a comment, an entity or an instruction
