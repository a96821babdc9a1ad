"""The lead image: its address, its size where the page states it, and whose it is."""

import re
from collections.abc import Iterable
from typing import Any

from services.clean.core import jsonld
from services.clean.core.page import Page

MAX_CREDIT = 200  # characters
_ADDRESS = ("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src")
_MARK = (
    r"(?:photo(?:graph)?s?(?: credit)?|image(?: credit)?|picture|credit|fotos?|bild(?:quelle|er)?|quelle|crédit(?: photo)?|imagen|"
    r"imagem|immagine|kuva|ljósmynd|fotograf|фото|写真|撮影|图|사진)"
)
_CREDIT = re.compile(rf"(?:^|[.!?)\]»”\"\s(\[]){_MARK}\s*(?:[:：/]|by\b|von\b|av\b|af\b)\s*([^()\[\]]{{2,60}}?)[\s.)\]]*$", re.I)
_RIGHT = re.compile(r"(?:©|\(c\)|copyright)\s*(?:\d{4}\s*)?([^©()\[\]]{2,100}?)[\s.)\]]*$", re.I)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{2,60}(?:/|via |Getty|AP\b|AFP|Reuters|EPA|dpa)[^()\[\]]{0,60})[)\]]\s*$")


def address(page: Page) -> tuple[str | None, str | None]:
    """The address of the lead image as it is written, and where."""
    for name in _ADDRESS:
        for url in page.meta.get(name, ()):
            if url and not url.startswith("data:"):
                return url, "meta"
    if stated := jsonld.url_of(page.article.get("image")) or jsonld.url_of(page.article.get("thumbnailUrl")):
        return stated, "jsonld"
    spare = page.links.get("image_src") or page.first("thumbnail", "thumbnailurl")
    return spare, "meta" if spare else None


def size(page: Page) -> tuple[int | None, int | None]:
    """Width and height in pixels, where the page states both."""
    node = _node(page)
    for width, height in (
        (page.first("og:image:width"), page.first("og:image:height")),
        (page.first("twitter:image:width"), page.first("twitter:image:height")),
        (node.get("width"), node.get("height")),
    ):
        found = _pixels(width), _pixels(height)
        if all(found):
            return found
    return None, None


def credit(page: Page, captions: Iterable[str]) -> tuple[str | None, str | None]:
    """Whose the lead image is: as JSON-LD says, else as the first caption does, and where that was found."""
    node = _node(page)
    for name in ("creditText", "copyrightNotice", "creator", "author", "copyrightHolder", "credit"):
        text = jsonld.text_of(node.get(name))
        if text and 2 <= len(text) <= MAX_CREDIT and "://" not in text:
            return text.lstrip("© ").strip() or None, "jsonld"
    first = next(iter(captions), "")[-400:]
    for pattern in (_CREDIT, _RIGHT, _BRACKETS):
        if match := pattern.search(first):
            return match[1].strip(), "text"
    return None, None


def _node(page: Page) -> dict[str, Any]:
    """The JSON-LD object of the article's image, the first where there are several; references followed."""
    value = page.article.get("image")
    value = jsonld.resolve(value[:1] if isinstance(value, list) else value, page.nodes)
    value = value[0] if isinstance(value, list) and value else value
    if isinstance(value, dict) and set(value) <= {"@id", "@type"}:
        value = next((n for n in page.nodes if n.get("@id") == value.get("@id") and len(n) > 2), value)
    return value if isinstance(value, dict) else {}


def _pixels(value: Any) -> int | None:
    """A number of pixels: 1200, "1200", "1200px", {"value": 1200}."""
    if isinstance(value, dict):
        value = value.get("value")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    match = re.match(r"\s*(\d{1,5})\s*(?:px)?\s*$", str(value)) if isinstance(value, int | str) and not isinstance(value, bool) else None
    return int(match[1]) or None if match else None
