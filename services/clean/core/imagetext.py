"""Captions that no element marks as such: told by a credit at their end, or by the image that they stand below."""

import re
from itertools import islice

from lxml import etree

from services.clean.core.blocks import Block

LINE = 220  # characters of a caption
_CREDIT = 130  # characters of a credit with what stands before it
_IMAGES = frozenset(("img", "picture", "amp-img"))
_BOXES = frozenset(("div", "span", "small", "em", "section"))
_CREDIT_END = re.compile(
    r"(?:©|\(c\))\s?[^.©]{2,60}$|(?:\b(?:photo(?:graph|grapher)?s?|foto(?:grafía|graf)?s?|image|picture|bild)(?: credit| by)?|写真|사진)\s?"
    r"[:：=＝]\s?[^.:]{2,60}\.?$|"
    r"\((?:[^()]{0,60}\b(?:photo|file photo|foto|handout|getty images)\b[^()]{0,60}|[A-Z]{2,5} ?/ ?[^()]{2,50})\)\W?$",
    re.I,
)


def taken_out(blocks: list[Block], captions: list[str]) -> list[Block]:
    """The blocks without captions, which go to `captions`."""
    kept = []
    for block in blocks:
        if block.kind == "caption" or (len(block.text) < LINE and block.kind in ("p", "item") and _is_caption(block)):
            captions.append(block.text)
        else:
            kept.append(block)
    return kept


def _is_caption(block: Block) -> bool:
    """Whether a short text ends with a credit, or stands below an image in the same box, set apart by its tag or its letters."""
    end = block.text[-_CREDIT:]
    signed = end[-1] in ")）" or ":" in end or "©" in end or "(c)" in end or "=" in end or "：" in end or "＝" in end
    if signed and _CREDIT_END.search(end):
        return True
    element = block.element
    if len(element) == 0 and element.tag == "p" and end[-1] not in ")）":
        return False
    box = element if _holds_image(element) else element.getparent()
    if box is element:
        return block.kind == "p" and block.is_set_in("em", "i", "small")
    if block.text.endswith((")", "）")) and element.tag == "p":
        before = element.getprevious()
        below = before is not None and _holds_image(before) and not "".join(before.itertext()).strip()
        return below and block.is_set_in("em", "i", "small")
    return element.tag in _BOXES and box is not None and _holds_image(box) and sum(map(len, islice(box.itertext(), 40))) < 1.5 * LINE


def _holds_image(element: etree._Element) -> bool:
    return any(child.tag in _IMAGES for child in islice(element, 8))
