"""A MediaWiki of the test's own: its API answers for the pages of a portal, in parts, moved, or busy, as a test wants."""

import asyncio
import json
from datetime import date
from typing import Any
from urllib.parse import parse_qs, urlsplit

from hostile import Web, answer

from services.fetch.core.mediawiki import site_of

HOST = "wiki.test"
PORTAL = f"http://{HOST}/wiki/Portal:Current_events"
SITE = site_of(PORTAL)


class Wiki(Web):
    """`days` maps a date to (revision, wikitext); a day that is not there is a missing page. Other hosts are as in `Web`."""

    def __init__(self) -> None:
        super().__init__()
        self.days: dict[date, tuple[int, str]] = {}
        self.moved: dict[str, str] = {}  # a title to the one that it redirects to
        self.busy: list[bytes] = []  # answers to give first
        self.in_parts = False  # one page's text in an answer
        self.queries: list[dict[str, str]] = []

    def edit(self, day: date, text: str) -> None:
        """Give a day's page another revision."""
        self.days[day] = (max((revid for revid, _ in self.days.values()), default=100) + 1, text)

    def asked_for_text(self) -> list[str]:
        """The titles whose text was asked for, request by request."""
        return [query["titles"] for query in self.queries if "content" in query["rvprop"].split("|")]

    async def _script(self, path: str, headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        if headers["host"].partition(":")[0] != HOST or urlsplit(path).path != "/w/api.php":
            await super()._script(path, headers, writer)
            return
        self.asked.append((headers["host"] + path, headers))
        query = {name: values[0] for name, values in parse_qs(urlsplit(path).query).items()}
        self.queries.append(query)
        if self.busy:
            writer.write(self.busy.pop(0))
        else:
            writer.write(answer(json.dumps(self._answer(query)).encode(), Content_Type="application/json; charset=utf-8"))

    def _answer(self, query: dict[str, str]) -> dict[str, Any]:
        titles = [self.moved.get(title, title) for title in query["titles"].split("|")]
        content = "content" in query["rvprop"].split("|")
        first = int(query.get("rvcontinue", "0"))
        pages = [self._page(title, content and (not self.in_parts or at == first)) for at, title in enumerate(titles)]
        moves = [{"from": old, "to": new} for old, new in self.moved.items() if old in query["titles"].split("|")]
        found: dict[str, Any] = {"query": {"pages": pages[::-1], "redirects": moves}}
        if content and self.in_parts:
            for at, page in enumerate(pages):
                if at != first:
                    page.pop("revisions", None)
            if first + 1 < len(pages):
                found["continue"] = {"rvcontinue": str(first + 1), "continue": "||"}
        return found if "continue" in found else found | {"batchcomplete": True}

    def _page(self, title: str, content: bool) -> dict[str, Any]:
        days = {self.moved.get(SITE.title(day), SITE.title(day)): known for day, known in self.days.items()}
        if title not in days:
            return {"ns": 100, "title": title, "missing": True}
        revid, text = days[title]
        main = {"contentmodel": "wikitext", "content": text} if content else {}
        return {"pageid": revid, "ns": 100, "title": title, "revisions": [{"revid": revid, "slots": {"main": main}}]}
