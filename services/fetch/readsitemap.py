"""Sitemaps, and indexes of them."""

from services.fetch.core.entries import Entry
from services.fetch.reading import Due, Reading, Tools
from shared.http import FEED
from shared.stage import Reject, Retry

MAX_CHILDREN = 3  # sitemaps of an index that one poll reads: the newest


async def read(due: Due, tools: Tools) -> Reading:
    """The entries of a sitemap, or of an index's newest ones."""
    answer = await tools.get(due)
    if answer.status == 304:
        return Reading(at=tools.clock(), status=304, etag=due.etag, last_modified=due.last_modified)
    headers = answer.headers
    found = await tools.listing("sitemap", answer.body, headers.get("content-type"), answer.url)
    if found["children"]:
        # An index does not change when its sitemaps do, so its validators are not kept.
        return Reading(at=tools.clock(), status=answer.status, entries=await _read_children([one["url"] for one in found["children"]], tools))
    return Reading(
        at=tools.clock(),
        status=answer.status,
        entries=found["entries"],
        cut=found["cut"],
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
    )


async def _read_children(addresses: list[str], tools: Tools) -> list[Entry]:
    """The entries of an index's newest sitemaps. Raises what the first one raised where none could be read."""
    entries: list[Entry] = []
    problem: Reject | Retry | None = None
    for url in addresses[:MAX_CHILDREN]:
        try:
            answer = await tools.fetcher.get(url, accept=FEED)
            entries += (await tools.listing("sitemap", answer.body, answer.headers.get("content-type"), answer.url))["entries"]
        except (Reject, Retry) as failure:
            problem = problem or failure
    if problem is not None and not entries:
        raise problem
    return entries[: tools.max_entries]
