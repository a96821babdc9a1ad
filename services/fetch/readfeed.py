"""Sources that are one document over HTTP: feeds and lists of addresses."""

from datetime import timedelta

from services.fetch.reading import Due, Reading, Tools


async def read(due: Due, tools: Tools) -> Reading:
    """The entries of a feed or a list."""
    answer = await tools.get(due)
    if answer.status == 304:
        return Reading(at=tools.clock(), status=304, etag=due.etag, last_modified=due.last_modified)
    headers = answer.headers
    found = await tools.listing(due.kind, answer.body, headers.get("content-type"), answer.url)
    return Reading(
        at=tools.clock(),
        status=answer.status,
        entries=found["entries"],
        cut=found["cut"],
        etag=headers.get("etag"),
        last_modified=headers.get("last-modified"),
        ttl=timedelta(seconds=found["ttl_s"]) if found["ttl_s"] else None,
        hub=found["hub"],
        topic=found["self_url"],
    )
