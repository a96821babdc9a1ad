"""Every case of the hostile web, by the client and the parsers that the workers use: each ends with its class, several at a time."""

import asyncio
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from hostileweb.case import ARTICLE, Case
from hostileweb.server import HostileWeb, all_cases

from services.fetch.core.media import check_readable
from shared.http import FEED, Fetcher
from shared.sandbox import Sandbox
from shared.stage import Reject, Retry

AT_ONCE = 8
CASES = ("addresses", "feeds", "packed", "pages", "wire")


class Reading:
    """Reads feeds and pages as `poll`, `fetch` and `clean` do."""

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)
        self._sandbox = sandbox
        self._fetcher = Fetcher(
            user_agent="Dateline/test",
            max_bytes=2_000_000,
            deadline=timedelta(seconds=2),
            routes={"*.test": f"127.0.0.1:{port}"},
        )

    async def end(self, case: Case, what: str) -> str | int:
        """How a case ends: an error class, a number of entries, or an article."""
        async with self._room:
            try:
                return await (self._feed(case.feed_url) if what == "feed" else self._page(case.page_url))
            except (Reject, Retry) as problem:
                return problem.error_class

    async def _feed(self, url: str) -> int:
        answer = await self._fetcher.get(url, accept=FEED)
        given = {"kind": "feed", "content_type": answer.headers.get("content-type"), "url": answer.url, "limit": 1000}
        return len((await self._parse("services.fetch.core.source:read_source_json", answer.body, url, given))["entries"])

    async def _page(self, url: str) -> str:
        answer = await self._fetcher.get(url)
        content_type = answer.headers.get("content-type")
        check_readable(answer.body, content_type)
        given = {"content_type": content_type, "url": answer.url}
        found = await self._parse("services.clean.core.lines:clean_raw", answer.body, url, given)
        assert "pier" in found["text"]
        return str(found["kind"])

    async def _parse(self, function: str, body: bytes, whose: str, given: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self._sandbox.async_call(function, body, timeout=timedelta(seconds=20), whose=whose, **given)
        return found

    async def close(self) -> None:
        """Close the connections."""
        await self._fetcher.close()


@pytest.fixture(scope="module")
def ends() -> dict[str, str | int]:
    """How every case ends, by `name feed` or `name page`."""
    asked = [
        (f"{case.name} {what}", case, what)
        for case in all_cases().values()
        for what in ("feed", "page")
        if getattr(case, what) is not None and case.robots is None and not case.name.startswith("hog")
    ]

    async def read(port: int, sandbox: Sandbox) -> list[str | int]:
        reading = Reading(port, sandbox)
        found = await asyncio.gather(*(reading.end(case, what) for _, case, what in asked))
        await reading.close()
        return found

    with HostileWeb(all_cases().values()) as web, Sandbox() as sandbox:
        found = asyncio.run(read(web.port, sandbox))
    return dict(zip((name for name, _, _ in asked), found, strict=True))


@pytest.mark.parametrize("module", CASES)
def test_every_case_ends_as_it_should(module: str, ends: dict[str, str | int]) -> None:
    cases = {case.name: case for case in import_module(f"hostileweb.{module}").cases()}
    found = {name: end for name, end in ends.items() if name.partition(" ")[0] in cases}
    wanted = {name: getattr(cases[name.partition(" ")[0]], name.partition(" ")[2]) for name in found}
    assert found == wanted
    assert ARTICLE not in found.values() or module != "feeds"


def test_no_case_ends_with_a_mistake_of_ours(ends: dict[str, str | int]) -> None:
    assert set(ends.values()) & {"bug", "killed", "time_limit", "database_away"} == set()
