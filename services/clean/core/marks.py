"""Why an element is furniture: its tag, its names, its attributes."""

import re

from lxml import etree

from services.clean.core import furniture
from services.clean.core.furniture import HEADINGS, JUNK_TAGS

NEVER_BY_NAME = frozenset(("body", "html", "main", "article"))
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
# Where class names are made by a machine, these say what an element is.
_DATA_NAMES = frozenset(("data-component", "data-testid", "data-test", "data-type", "data-module", "data-qa"))
_SAYING = _DATA_NAMES | {"style", "hidden", "aria-hidden", "role"}  # attributes other than class and id that tell of furniture
_ROLES = frozenset(("navigation", "complementary", "contentinfo", "banner", "search", "dialog", "alert", "menu", "toolbar"))


def of(element: etree._Element, *, names: bool = True) -> str:
    """Why an element is furniture: "tag", "name", "comment", "caption", "hidden" or "" for none; never "name" where `names` lie."""
    tag = element.tag
    if tag in JUNK_TAGS:
        return "caption" if tag == "figure" else "tag"
    if tag == "figcaption":
        return "caption"
    said = element.keys()
    if not said:
        return ""
    get = element.get
    if tag not in NEVER_BY_NAME:
        name = get("class") if "class" in said else None
        # The id of a heading is an anchor made of its text or its place.
        number = get("id") if "id" in said and tag not in HEADINGS else None
        if (name or number) and (verdict := furniture.junk_name(name, number)) and (names or verdict != "name"):
            return verdict
    if _SAYING.isdisjoint(said):
        return ""
    if names and not _DATA_NAMES.isdisjoint(said) and tag not in NEVER_BY_NAME:
        for key in said:
            if key in _DATA_NAMES and (verdict := furniture.junk_name(get(key), None)):
                return verdict
    if "hidden" in said or get("aria-hidden") == "true" or _HIDDEN.search(get("style") or ""):
        return "hidden"
    return "tag" if get("role") in _ROLES else ""
