"""What of a site's sitemaps belongs into a hole: the site's own articles, dated within it."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from services.fetch.core.entries import Entry
from shared import urls
from shared.stage import Reject

_NEWS = re.compile(r"news|latest|recent", re.IGNORECASE)
_OTHERS = re.compile(r"video|image|photo|gallery|author|tag|topic|categor|section|page-?sitemap|product", re.IGNORECASE)
_EARLY = timedelta(minutes=10)


def likely(sitemaps: Iterable[str]) -> list[str]:
    """Sitemaps by their addresses: those for news first, those of pictures and sections last."""
    return sorted(dict.fromkeys(sitemaps), key=lambda url: (_NEWS.search(urlsplit(url).path) is None, _OTHERS.search(url) is not None))


def within(entries: Iterable[Entry], site: str, start: datetime, end: datetime) -> list[Entry]:
    """The entries of the site that are dated between the two moments, newest first, each address once. Undated ones are left out.

    The date is that of publication, else the day that stands in the address, else that of the last change: an old article that was changed
    lately says nothing about the hole.
    """
    host = site_key(site)
    dated: dict[str, tuple[str, Entry]] = {}
    for one in entries:
        url, moment = one["url"] or "", one["published"] or one["updated"]
        if moment is None or not start <= datetime.fromisoformat(moment) <= end + _EARLY or not urlsplit(url).path.strip("/"):
            continue
        day = None if one["published"] else urls.slug_date(url)
        if (day is None or day >= start.date()) and site_key(url) == host:
            dated.setdefault(url, (moment, one))
    return [one for _, one in sorted(dated.values(), key=lambda pair: pair[0], reverse=True)]


def site_key(url: str) -> str | None:
    """What two addresses of one site have in common; None for what is no address."""
    try:
        return urls.key(url).split("/")[2]
    except Reject:
        return None
