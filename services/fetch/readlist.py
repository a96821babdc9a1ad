"""Lists of addresses: a text over HTTP, one address a line. A long one is read in parts, one a poll, and then from its start again."""

from services.fetch.core.source import read_source_json
from services.fetch.reading import Due, Reading, Refusal, Tools

_NAME = f"{read_source_json.__module__}:{read_source_json.__name__}"


async def read(due: Due, tools: Tools) -> Reading:
    """The next part of a list. The validators are kept with its last part alone: kept sooner, the rest would hide behind a 304."""
    answer = await tools.get(due)
    if answer.status == 304:
        return Reading(at=tools.clock(), status=304, etag=due.etag, last_modified=due.last_modified)
    start = _start(due)
    headers = answer.headers
    given = {"kind": "list", "content_type": headers.get("content-type"), "url": answer.url, "limit": tools.max_entries, "start": start}
    found = await tools.sandbox.async_call(_NAME, answer.body, timeout=tools.parse_limit, whose=answer.url, **given)
    more = found["cut"]
    return Reading(
        at=tools.clock(),
        status=answer.status,
        entries=found["entries"],
        refusals=[Refusal(reason=one["reason"], detail=one["detail"], title=one["text"] or None) for one in found["junk"]],
        whole=start == 0 and not more,
        etag=None if more else headers.get("etag"),
        last_modified=None if more else headers.get("last-modified"),
        state={"start": start + tools.max_entries if more else 0},
    )


def _start(due: Due) -> int:
    start = (due.state or {}).get("start", 0)
    return start if isinstance(start, int) and start > 0 else 0
