"""What a publisher's directives allow us to show. `Article.directives` holds those that we honour (services/fetch/core/directives.py)."""

from collections.abc import Collection
from datetime import datetime

LEGAL = 451
# The text is not to be shown, or not to be used at all.
UNQUOTED = frozenset(("nosnippet", "max-snippet:0", "noindex", "none", "tdm-reservation"))
UNPICTURED = frozenset(("noimageindex", "max-image-preview:none"))
UNTIL = "unavailable_after:"


def may_quote(directives: Collection[str], gone_status: int | None, now: datetime) -> bool:
    """Whether sentences of an article may be shown: its description, the paragraphs that an edit changed."""
    return gone_status != LEGAL and not (directives and (not UNQUOTED.isdisjoint(directives) or is_over(directives, now)))


def may_picture(directives: Collection[str], gone_status: int | None, now: datetime) -> bool:
    """Whether an article's image may be shown."""
    return gone_status != LEGAL and not (directives and (not UNPICTURED.isdisjoint(directives) or is_over(directives, now)))


def is_over(directives: Collection[str], now: datetime) -> bool:
    """Whether the publisher wanted the page to be forgotten by now."""
    return any(datetime.fromisoformat(one.removeprefix(UNTIL)) <= now for one in directives if one.startswith(UNTIL))
