"""A page's metadata out of its own statements; each value with where it was found."""

import re
from typing import Any
from urllib.parse import urljoin

from services.clean.core import authors, copies, image, jsonld, kind, published, title, topics
from services.clean.core.document import Document
from services.clean.core.page import Page
from services.clean.core.trim import words_of

_SITE_META = ("og:site_name", "application-name", "apple-mobile-web-app-title", "al:android:app_name", "publisher", "dc.publisher")


def site_names(page: Page, document: Document) -> frozenset[str]:
    """Every way in which the site calls itself, as joined lower-case words: `newyorktimes`, `nytimescom`, `nytimes`."""
    found = [*(page.first(name) for name in _SITE_META), document.outlet]
    found.append(jsonld.text_of(jsonld.resolve(page.article.get("publisher"), page.nodes)))
    for node in page.nodes[:60]:
        if jsonld.types(node) & {"WebSite", "NewsMediaOrganization", "Organization"}:
            found.append(jsonld.text_of(node.get("name")))
    names = {"".join(words_of(part)) for name in found if name and len(name) < 60 for part in (name, name.partition(" (")[0])}
    names |= {n.removesuffix("com").removesuffix("org").removesuffix("de") for n in names if "." in n}
    for url in (document.url, page.links.get("canonical"), page.first("og:url")):
        parts = copies.urlsplit_or_none(url or "")
        if parts is not None and parts.hostname:
            labels = parts.hostname.lower().split(".")
            labels = labels[1:] if labels[0] in ("www", "m", "amp", "edition", "mobile") else labels
            names.add("".join(re.findall(r"\w+", "".join(labels))))
            main = labels[-3] if len(labels) > 2 and len(labels[-2]) <= 3 else labels[-2] if len(labels) > 1 else labels[0]
            names.add("".join(re.findall(r"\w+", main)))
    names.discard("")
    return frozenset(names)


def read(page: Page, document: Document) -> dict[str, Any]:
    """Fields of `Cleaned` that need no text, and `provenance`."""
    names = page.site_names = site_names(page, document)
    found: dict[str, Any] = {}
    provenance: dict[str, str] = {}

    def put(name: str, value: Any, where: str | None) -> None:
        if value:
            found[name] = value
            if where:
                provenance[name] = where

    put("title", *title.choose(page, document.feed_title, names))
    put("published", *published.published(page, document.feed_published, document.fetched_at))
    put("modified", *published.modified(page, found.get("published"), document.fetched_at))
    people, where, agency = authors.find(page, names, document.feed_authors)
    put("authors", people, where)
    put("agency", agency, where if agency else None)
    put("site_name", *_site_name(page, document))
    put("canonical_url", *_canonical(page, document))
    lead, where = image.address(page)
    put("image", absolute(lead, document.url), where)
    if found.get("image"):
        found["image_width"], found["image_height"] = image.size(page)
    put("section", *topics.section(page))
    put("keywords", *topics.keywords(page))
    found["kind"], found["paywalled"] = (
        kind.kind(page, document.url or found.get("canonical_url"), found.get("section")),
        kind.is_paywalled(page),
    )
    if document.url and found.get("canonical_url") and copies.other_host(document.url, found["canonical_url"]):
        put("copy_of_url", found["canonical_url"], provenance.get("canonical_url"))
    found["provenance"] = provenance
    return found


def absolute(url: str | None, base: str | None) -> str | None:
    """An http(s) address made absolute; None where it is none."""
    if not url:
        return None
    url = url.strip()
    try:
        joined = urljoin(base, url) if base and not url.startswith(("https://", "http://")) else url
    except ValueError:
        return None
    parts = copies.urlsplit_or_none(joined)
    return joined if parts is not None and parts.scheme in ("http", "https") and parts.hostname and len(joined) < 4_000 else None


def _site_name(page: Page, document: Document) -> tuple[str | None, str | None]:
    if name := jsonld.plain((page.first("og:site_name", "application-name") or "")[:1_000]):
        return name[:200], "meta"
    if name := jsonld.text_of(jsonld.resolve(page.article.get("publisher"), page.nodes)):
        return name[:200], "jsonld"
    return (document.outlet, "feed") if document.outlet else (None, None)


def _canonical(page: Page, document: Document) -> tuple[str | None, str | None]:
    for value in (page.links.get("canonical"), page.first("og:url")):
        url = absolute(value, document.url)
        if url is None:
            continue
        parts = copies.urlsplit_or_none(url)
        own = copies.urlsplit_or_none(document.url or "")
        # A canonical link to the front page, to a machine without a name or to what a program found undefined is a template's mistake.
        if "." not in parts.hostname or parts.path.rpartition("/")[2] in ("undefined", "null", "None"):
            continue
        if parts.path in ("", "/") and not parts.query and own is not None and own.path not in ("", "/"):
            continue
        return url if parts.fragment.startswith("!") else url.partition("#")[0], "meta"
    return None, None
