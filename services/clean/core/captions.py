"""Captions of images that stand beside the story's container: the lead image above it, a gallery below its introduction."""

from collections.abc import Callable

from lxml import etree

from services.clean.core.tree import text_content

MAX = 100
LONGEST = 2_000  # characters of a caption
_UP = 3  # steps from the container to what holds the article, where nothing says so
_ARTICLE = frozenset(("article", "main"))


def beside(container: etree._Element | None, verdict: Callable[[etree._Element], str]) -> list[str]:
    """Captions around the container, in their order; those within it are known already. `verdict` says "drop" of furniture."""
    if container is None or container.tag in ("body", "html"):
        return []
    scope = _scope(container)
    if scope is container:
        return []
    found: list[str] = []
    for caption in scope.iter("figcaption"):
        if _is_apart(caption, scope, container, verdict):
            continue
        text = text_content(caption)
        if text and len(text) < LONGEST:
            found.append(text)
            if len(found) >= MAX:
                break
    return found


def _scope(container: etree._Element) -> etree._Element:
    """What holds the whole article: the nearest `article` or `main`, else a few steps up."""
    if container.tag == "article":
        return container
    for element in container.iterancestors():
        if element.tag in _ARTICLE:
            return element
    scope = container
    for _ in range(_UP):
        above = scope.getparent()
        if above is None or above.tag in ("body", "html"):
            break
        scope = above
    return scope


def _is_apart(
    caption: etree._Element, scope: etree._Element, container: etree._Element, verdict: Callable[[etree._Element], str]
) -> bool:
    """Whether a caption is the container's own, or stands in furniture or in another article."""
    for element in caption.iterancestors():
        if element is scope:
            return False
        if element is container or element.tag in ("article", "a"):
            return True
        if element.tag != "header" and verdict(element) == "drop":
            return True
    return True
