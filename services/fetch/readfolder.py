"""Watched folders: each poll reads the files that are new or changed since the last one, as `dateline add` reads them.

The folder is only read, never written. Its files are foreign: links are not followed, and no file is read that is none.
"""

import asyncio
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import PurePath
from urllib.parse import quote, unquote, urlsplit

from services.fetch.core.entries import MAX_ENTRIES, Entry, Listing, entry
from services.fetch.core.files import read_file
from services.fetch.core.folder import Seen, Stamp, due, from_state, is_readable, still_there, to_state
from services.fetch.core.given import Given, Item, LeftOut
from services.fetch.core.source import read_source_json
from services.fetch.folderfiles import list_files, open_file, stamp_of
from services.fetch.keeping import brought
from services.fetch.reading import Brought, Due, Reading, Refusal, Tools
from shared.intake import FILE_OUTLET
from shared.stage import Reject

MAX_ITEMS = 1000  # articles that one poll takes out
MAX_BYTES = 100_000_000  # of documents that one poll takes out
BUDGET = timedelta(seconds=10)  # for one poll; the rest is for the next one
SETTLED = timedelta(seconds=2)
LOOK = timedelta(seconds=60)
_LISTING = f"{read_source_json.__module__}:{read_source_json.__name__}"


async def read(due: Due, tools: Tools) -> Reading:
    """The articles of a folder's new and changed files, `cut` where there are more.

    Raises Reject: `url_malformed` where the source's address is no folder's, `file_unreadable` where the folder cannot be read.
    """
    return await asyncio.to_thread(_read, due, tools)


def path_of(url: str) -> str:
    """The path of a `file:///…` address. Raises `Reject("url_malformed")`."""
    at = urlsplit(url)
    path = unquote(at.path)
    if at.scheme != "file" or at.netloc not in ("", "localhost") or not path.startswith("/") or "\x00" in path:
        raise Reject("url_malformed", "a folder's address is file:// and its absolute path")
    return path


def _read(given: Due, tools: Tools) -> Reading:
    root = os.path.realpath(path_of(given.url))
    found, wrong = list_files(root)
    look = _Look(given, tools, root, still_there(from_state(given.state), found))
    now_ns = int(look.at.timestamp() * 1e9)
    for path in due(found, look.seen, now_ns=now_ns, settled_ns=int(SETTLED.total_seconds() * 1e9)):
        if look.is_full():
            look.cut = True
            break
        if path in wrong:
            look.refuse("file_unreadable", path, wrong[path])
            look.seen[path] = Seen(found[path])
        elif not is_readable(path):
            look.refuse("unsupported_type", path, "its name has none of the endings that are read")
            look.seen[path] = Seen(found[path])
        else:
            look.take(path, found[path])
    return look.reading()


@dataclass
class _Look:
    """One poll: what it has taken out of the folder so far."""

    given: Due
    tools: Tools
    root: str
    seen: dict[str, Seen]
    entries: list[Entry] = field(default_factory=list)
    documents: list[Brought] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    passed_over: dict[str, int] = field(default_factory=dict)
    cut: bool = False

    def __post_init__(self) -> None:
        self.at = self.tools.clock()

    def is_full(self) -> bool:
        """Whether the rest is for the next poll."""
        taken = len(self.entries) + len(self.documents) + len(self.refusals)
        size = sum(one.size for one in self.documents[-MAX_ITEMS:])
        return taken >= MAX_ITEMS or size >= MAX_BYTES or self.tools.clock() - self.at >= BUDGET

    def refuse(self, reason: str, path: str, detail: str) -> None:
        """Note what is of no use."""
        self.refusals.append(Refusal(reason=reason, detail=f"{path}: {detail}", title=path))

    def take(self, path: str, stamp: Stamp) -> None:
        """The articles of a file, from where the last poll stopped in it. One that changes meanwhile is left for the next poll."""
        before = len(self.entries), len(self.documents), len(self.refusals)
        try:
            with os.fdopen(open_file(self.root, path), "rb") as file:
                if stamp_of(os.fstat(file.fileno())) != stamp:
                    return
                taken = self._items(path, read_file(path, file, self._listing, most=self.tools.max_bytes), stamp)
                if stamp_of(os.fstat(file.fileno())) != stamp:
                    del self.entries[before[0] :], self.documents[before[1] :], self.refusals[before[2] :]
                    return
        except OSError as problem:
            self.refuse("file_unreadable", path, problem.strerror or str(problem))
            return
        self.cut = self.cut or taken is not None
        self.seen[path] = Seen(stamp, taken)

    def _items(self, path: str, items: Iterator[Item], stamp: Stamp) -> int | None:
        """Sort them; how many there were so far where there are more of them than one poll takes, else None."""
        known = self.seen.get(path)
        taken = (known.taken or 0) if known is not None and known.stamp == stamp else 0
        for one in islice(items, taken, None):
            if self.is_full():
                return taken
            taken += 1
            if isinstance(one, Given):
                self._article(path, one)
            elif isinstance(one, LeftOut):
                self.passed_over["not_an_article"] = self.passed_over.get("not_an_article", 0) + sum(one.reasons.values())
            else:
                self.refuse(one.error_class, one.label, one.detail)
        return None

    def _article(self, path: str, one: Given) -> None:
        said = self.given.outlet if not self.given.outlet.startswith(FILE_OUTLET) else None
        if one.body is None:
            self.entries.append(entry(url=one.url, title=one.title, published=one.published))
            return
        digest = self.tools.raw.put(one.body)
        # A file is one article whatever becomes of it; of several documents in one file, each is known by its bytes.
        own = f"{self.given.url.rstrip('/')}/{quote(path)}" if one.label == path else f"sha256:{digest}"
        outlet = said or one.outlet or FILE_OUTLET + (one.name or PurePath(path).name)
        self.documents.append(brought(one, one.body, sha256=digest, key=own, outlet=outlet))

    def _listing(self, body: bytes) -> Listing:
        facts = {"kind": "feed", "content_type": None, "url": "", "limit": MAX_ENTRIES}
        found: Listing = self.tools.sandbox.call(_LISTING, body, timeout=self.tools.parse_limit, whose=self.given.url, **facts)
        return found

    def reading(self) -> Reading:
        """What came of it. More is taken out at once, where there is more; otherwise the folder is looked at every minute."""
        state = to_state(self.seen)
        return Reading(
            at=self.at,
            entries=self.entries,
            documents=self.documents,
            refusals=self.refusals,
            passed_over=self.passed_over,
            cut=self.cut,
            whole=False,
            again=timedelta(0) if self.cut else LOOK,
            state=state if state != self.given.state else None,
        )
