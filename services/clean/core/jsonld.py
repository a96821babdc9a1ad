"""JSON-LD (https://json-ld.org, https://schema.org): the node that describes the article, out of whatever a page carries."""

import html
import json
import re
from collections.abc import Iterator
from typing import Any

from services.clean.core.markup import Script
from services.clean.core.words import UNSEEN, words

MAX_CHARS = 2_000_000
MAX_NODES = 5_000
ARTICLE_TYPES = words(
    """
    Article NewsArticle ReportageNewsArticle AnalysisNewsArticle AskPublicNewsArticle BackgroundNewsArticle OpinionNewsArticle
    ReviewNewsArticle BlogPosting LiveBlogPosting SocialMediaPosting TechArticle ScholarlyArticle Report Review ClaimReview
    AdvertiserContentArticle SatiricalArticle MedicalScholarlyArticle
    """
)
PAGE_TYPES = words(
    """
    WebPage ItemPage MediaGallery ImageGallery VideoObject Recipe PodcastEpisode
    """
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")
_CONTROL = re.compile(r"[\x00-\x1f]+")
_OPENING = re.compile(r"<!--|//<!\[CDATA\[|<!\[CDATA\[|/\*.{0,40}?\*/")
_CLOSINGS = ("-->", "//]]>", "]]>", ";")

Node = dict[str, Any]


def nodes(scripts: list[Script]) -> list[Node]:
    """Every object of those of a page's scripts that are JSON-LD, `@graph` and lists unfolded. Broken scripts are passed over."""
    found: list[Node] = []
    room = MAX_CHARS
    for script in scripts:
        if "ld+json" not in script.opening.lower():
            continue
        room -= script.end - script.start
        if room < 0:
            break
        found.extend(_flatten(_load(script.text)))
    return found


def article_node(found: list[Node], addresses: frozenset[str] = frozenset()) -> Node | None:
    """The node that tells of the article: one of an article's types with the most of what is wanted, before all one of its `addresses`."""
    best, best_score = None, 0
    for node in found:
        kinds = types(node)
        if kinds & ARTICLE_TYPES:
            score = 4
        elif kinds & PAGE_TYPES and ("headline" in node or "datePublished" in node):
            score = 1
        else:
            continue
        score += 2 * ("headline" in node) + 2 * ("datePublished" in node) + ("author" in node) + ("articleBody" in node)
        if addresses and any(url_of(node.get(name)) in addresses for name in ("url", "mainEntityOfPage", "@id")):
            score += 3
        if score > best_score:
            best, best_score = node, score
    return best


def types(node: Node) -> set[str]:
    """The local names of a node's types."""
    value = node.get("@type")
    names = value if isinstance(value, list) else [value]
    return {n.rsplit("/", 1)[-1].rsplit(":", 1)[-1] for n in names if isinstance(n, str)}


def text_of(value: Any) -> str | None:
    """A value as plain text: strings, `@value` and `name` of objects, the first of a list; entities decoded, white space collapsed."""
    if isinstance(value, list):
        value = next((v for v in value if v), None)
    if isinstance(value, dict):
        value = value.get("@value") or value.get("name")
    if isinstance(value, dict) and isinstance(value.get("@value"), str):
        value = value["@value"]
    if not isinstance(value, str):
        return None
    return plain(value)


def plain(text: str) -> str | None:
    """One line of text without entities (also those that were encoded twice), tags and what nobody sees; None where nothing is left."""
    for _ in range(3):
        if "&" not in text or ";" not in text or (decoded := html.unescape(text)) == text:
            break
        text = decoded
    if "<" in text and ">" in text:
        text = _TAG.sub("", text)
    if not text.isprintable():
        text = text.translate(UNSEEN)
    return " ".join(text.split()) or None


def url_of(value: Any) -> str | None:
    """The address that an image, a page or a plain string stands for."""
    if isinstance(value, list):
        value = next((v for v in value if v), None)
    if isinstance(value, dict):
        value = value.get("url") or value.get("contentUrl") or value.get("@id")
        if isinstance(value, (list, dict)):
            return url_of(value) if isinstance(value, list) else None
    return value.strip() if isinstance(value, str) and value.strip() else None


def resolve(value: Any, found: list[Node]) -> Any:
    """A mere reference (`{"@id": …}`, or its address alone) replaced by the node it names."""
    if isinstance(value, list):
        return [resolve(v, found) for v in value[:50]]
    named = value.get("@id") if isinstance(value, dict) and "name" not in value else value
    if isinstance(named, str) and named.startswith(("#", "http", "_:", "/")):
        for node in found:
            if node.get("@id") == named and "name" in node:
                return node
    return value


def _load(text: str) -> Any:
    text = _bare(text)
    for broken in range(3):  # made anew only where what was written cannot be read
        attempt = text if broken == 0 else _CONTROL.sub(" ", text if broken == 1 else html.unescape(text))
        try:
            return json.loads(attempt)
        except (ValueError, RecursionError):
            continue
    return None


def _bare(text: str) -> str:
    """A script's text without the comment or CDATA marks around it, looked for at both ends only: the text between is long."""
    text = text.strip()
    if match := _OPENING.match(text):
        text = text[match.end() :].lstrip()
    closing = next((mark for mark in _CLOSINGS if text.endswith(mark)), "")
    return text.removesuffix(closing).rstrip()


def _flatten(value: Any) -> Iterator[Node]:
    """Nodes at the top, in lists, under `@graph`, `mainEntity` and `mainEntityOfPage`; breadth and number bounded."""
    todo, seen = [value], 0
    while todo and seen < MAX_NODES:
        item = todo.pop(0)
        seen += 1
        if isinstance(item, list):
            todo = item[:MAX_NODES] + todo
        elif isinstance(item, dict):
            if "@type" in item or "@id" in item:
                yield item
            for key in ("@graph", "mainEntity", "mainEntityOfPage", "itemReviewed"):
                child = item.get(key)
                if isinstance(child, (dict, list)):
                    todo.append(child)
