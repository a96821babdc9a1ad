"""Sources that are one document over HTTP: feeds and lists of addresses. A feed's hub may bring the document by itself."""

import asyncio
from datetime import timedelta

from services.fetch.core.entries import link
from services.fetch.core.weblinks import header_links
from services.fetch.reading import Due, Reading, Tools
from shared.raw import RawMissing


async def read(due: Due, tools: Tools) -> Reading:
    """The entries of a feed or a list."""
    if due.pushed is not None:
        pushed = await _read_pushed(due, due.pushed, tools)
        if pushed is not None:
            return pushed
    answer = await tools.get(due)
    if answer.status == 304:
        return Reading(at=tools.clock(), status=304, etag=due.etag, last_modified=due.last_modified)
    headers = answer.headers
    found = await tools.listing(due.kind, answer.body, headers.get("content-type"), answer.url)
    links = header_links(headers.get("link"))
    return Reading(
        at=tools.clock(),
        status=answer.status,
        entries=found["entries"],
        cut=found["cut"],
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        ttl=timedelta(seconds=found["ttl_s"]) if found["ttl_s"] else None,
        hub=link(answer.url, links.get("hub")) or found["hub"],  # WebSub, section 4: headers go before the document
        topic=link(answer.url, links.get("self")) or found["self_url"],
    )


async def _read_pushed(due: Due, sha256: str, tools: Tools) -> Reading | None:
    """What the hub brought; None where its bytes are gone, so that the feed itself is asked."""
    try:
        body = await asyncio.to_thread(tools.raw.get, sha256)
    except RawMissing:
        return None
    found = await tools.listing(due.kind, body, due.pushed_type, due.url)
    return Reading(at=tools.clock(), entries=found["entries"], cut=found["cut"])
