"""Addresses in a plain text, one a line: sources of the kind `list`, and sitemaps in their text form (sitemaps.org)."""

import re
from collections.abc import Iterator

from services.fetch.core.entries import MAX_ENTRIES, MAX_TITLE, Entry, Junk, Listing, entry, listing, plain
from shared import urls
from shared.stage import Reject

MAX_LINES = 100_000  # of one list
_MAX_JUNK = 100  # lines that are told one by one
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_SHOWN = 200  # characters of a line that is none
_TELLING = 65_536  # bytes by which a text is known for a list


def looks_like_addresses(body: bytes) -> bool:
    """Whether the first line that says something is an http(s) address and nothing else."""
    return any(_ADDRESS.fullmatch(line) for line in _first_line(body))


def read_addresses(body: bytes, *, limit: int = MAX_ENTRIES, start: int = 0) -> Listing:
    """The addresses of a list in their order, each once: at most `limit` from the `start`-th on, `cut` where there are more.

    Blank lines and those that begin with `#` say nothing; what stands behind ` #` is a comment too. A line that is no address is `junk`,
    at most 100 of them one by one, the others in one sum. Raises `Reject("feed_malformed")` where there is no address at all.
    """
    found: dict[str, Entry] = {}
    junk: list[Junk] = []
    wrong = 0
    for number, line in _lines(body):
        try:
            url = urls.canonical(line)
        except Reject as problem:
            wrong += 1
            if len(junk) < _MAX_JUNK:
                shown = plain(line, _SHOWN) or ""
                junk.append(Junk(reason=problem.error_class, detail=f"line {number}: {shown}", text=plain(line, MAX_TITLE) or ""))
            continue
        found.setdefault(url, entry(url=url, guid=url))
    if not found:
        raise Reject("feed_malformed", f"a list without an address, {wrong} lines that are none")
    if wrong > len(junk):
        junk.append(Junk(reason="url_malformed", detail=f"{wrong - len(junk)} more lines that are no address", text=""))
    entries = list(found.values())
    return listing(entries[start : start + limit], form="list", junk=junk if start == 0 else (), cut=len(entries) > start + limit)


def _lines(body: bytes) -> Iterator[tuple[int, str]]:
    """Number and text of each line that says something."""
    for number, line in enumerate(_text(body).splitlines()[:MAX_LINES], start=1):
        said = line.strip().lstrip("\ufeff")
        if said and not said.startswith("#"):
            yield number, said.partition(" #")[0].partition("\t#")[0].rstrip()


def _first_line(body: bytes) -> Iterator[str]:
    for _, line in _lines(body[:_TELLING]):
        yield line
        return


def _text(body: bytes) -> str:
    """The text, in the encoding that its mark names; without a mark in UTF-8."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    return body.decode("utf-8-sig", "replace")
