"""What a request asks for, read off its address and headers."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from services.web.core.site import FORMATS, Format
from services.web.core.words import utc

_DATED = re.compile(r"/news/([0-9]{1,4})/([0-9]{1,2})/([0-9]{1,2})(?:/([^/]*)/?)?")
_NAME = re.compile(r"(.*?)(?:\.(html|md|json))?", re.DOTALL)
_EVENT = re.compile(r"(?:.*[^0-9])?([0-9]{1,18})", re.DOTALL)
_QUALITY = re.compile(r"q=([01](?:\.[0-9]{0,3})?)")
_TYPES: dict[str, Format] = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/*": "html",
    "*/*": "html",
    "text/markdown": "md",
    "text/x-markdown": "md",
    "application/json": "json",
    "application/*": "json",
}


@dataclass(frozen=True)
class Wanted:
    """A page by its key (an event's number, a day, None for the front page), and the ending it was asked for with, if any."""

    key: int | date | None
    ending: Format | None


def wanted(path: str) -> Wanted | None:
    """Read a decoded path; None where no page of ours can stand there. An event is known by its number alone."""
    if len(path) > 2048:
        return None
    if match := re.fullmatch(r"/(?:index)?(?:(?<=index)\.(html|md|json))?", path):
        return Wanted(None, _ending(match[1]))
    if not (match := _DATED.fullmatch(path)):
        return None
    named = _NAME.fullmatch(match[4] or "")
    name, ending = (named[1], _ending(named[2])) if named else ("", None)
    if name in ("", "index"):
        try:
            return Wanted(date(int(match[1]), int(match[2]), int(match[3])), ending)
        except ValueError:
            return None
    event = _EVENT.fullmatch(name)
    return Wanted(int(event[1]), ending) if event else None


def _ending(found: str | None) -> Format | None:
    return next((fmt for fmt in FORMATS if fmt == found), None)


def preferred(accept: str | None) -> Format:
    """The format that an Accept header likes best; HTML where it names none of ours, or several alike (RFC 9110, 12.5.1)."""
    best: dict[Format, float] = {}
    for part in (accept or "")[:4096].split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((float(match[1]) for one in parameters if (match := _QUALITY.fullmatch(one))), 1.0)
        if (fmt := _TYPES.get(kind)) and ("*" not in kind or fmt not in best):
            best[fmt] = max(quality, best.get(fmt, 0.0))
    found = max(FORMATS, key=lambda fmt: best.get(fmt, 0.0))  # the first of equals: HTML
    return found if best.get(found) else "html"


def unchanged(etag: str, issued_at: datetime, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the reader has this version already (RFC 9110, 13.1: the date counts only where no tag was sent)."""
    if if_none_match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
        return "*" in tags or etag in tags
    if if_modified_since is None:
        return False
    try:
        since = utc(parsedate_to_datetime(if_modified_since))
    except (ValueError, TypeError, OverflowError):
        return False
    return utc(issued_at).replace(microsecond=0) <= since
